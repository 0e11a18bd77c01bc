"""Intake on SQLite and PostgreSQL: what becomes of a message, all of it or nothing, and no message in the way of another."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from decimal import Decimal
from hashlib import sha256
from typing import Any

import pytest
from sqlalchemy import event, text

from mailbot.app import App
from mailbot.core.mail.visible import MARKER
from mailbot.edge.db import clients, tickets
from mailbot.edge.db.clients import ClientRecord
from mailbot.edge.db.database import Database
from mailbot.edge.db.facts import lock_parties
from mailbot.errors import TransientError
from mailbot.intake import take_in
from tests.conftest import Studio
from tests.duties.mails import mail, mail_with_file
from tests.servers import postgres_server, until

Rows = list[dict[str, Any]]


@pytest.fixture
def app(any_studio: Studio) -> App:
    """The open desk of the test, on a Wednesday at noon."""
    opened = any_studio.open()
    any_studio.clock.now = datetime(2026, 11, 18, 12, 0, tzinfo=UTC)
    return opened


def outcomes(journal: Rows) -> list[str]:
    return [str(row["outcome"]) for row in journal]


def add_client(app: App, **values: Any) -> int:
    with app.desk.database.writing() as transaction:
        clients.save(transaction, ClientRecord(**({"name": "Rose Shop", "domains": ["rose.example"]} | values)), app.desk.clock())
        return clients.id_by_name(transaction, "Rose Shop") or 0


@contextmanager
def no_inserts(database: Database, table: str) -> Iterator[None]:
    """The database refuses new rows in a table."""
    if database.is_sqlite:
        made = [f"CREATE TRIGGER refuse BEFORE INSERT ON {table} BEGIN SELECT RAISE(ABORT, 'refused here'); END"]
        undone = ["DROP TRIGGER refuse"]
    else:
        made = [
            "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'refused here'; END $$",
            f"CREATE TRIGGER refuse BEFORE INSERT ON {table} EXECUTE FUNCTION refuse()",
        ]
        undone = [f"DROP TRIGGER refuse ON {table}", "DROP FUNCTION refuse"]
    for statements in (made, undone):
        with database.writing() as transaction:
            for statement in statements:
                transaction.execute(text(statement))
        if statements is made:
            yield


# All or nothing


def test_a_request_becomes_a_ticket_an_acknowledgement_and_a_forward(any_studio: Studio, app: App) -> None:
    (row,) = any_studio.take_in(app, mail(1))
    (ticket,) = any_studio.tickets(app)
    assert (row["outcome"], row["ticket"], ticket["status"], ticket["requester"]) == (
        "ticket",
        ticket["number"],
        "new",
        "anna@rose.example",
    )
    assert [(one["kind"], one["to"], one["state"]) for one in any_studio.outbox(app)] == [
        ("acknowledgement", "anna@rose.example", "due"),
        ("forward", "boss@studio.example", "due"),
    ]
    assert row["because"]


@pytest.mark.parametrize("table", ["ticket", "message", "participant", "outbox"])
def test_what_cannot_be_written_whole_is_not_written_at_all(any_studio: Studio, app: App, table: str) -> None:
    with no_inserts(app.desk.database, table):
        (row,) = any_studio.take_in(app, mail(1))
    assert row["outcome"] == "pending"
    assert "refused here" in row["because"][0]
    assert (any_studio.tickets(app), any_studio.outbox(app)) == ([], [])
    any_studio.clock.forward(minutes=1)
    assert outcomes(any_studio.take_in(app)) == ["ticket"]
    assert len(any_studio.outbox(app)) == 2


# The same again


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (mail(1), mail(1)),
        (mail(1), mail(1, text="Other words under the same Message-ID.", Received="from elsewhere")),
        (mail(1, Message_ID=None), mail(1, Message_ID=None)),
    ],
    ids=["the same octets", "the same Message-ID of the same originator", "the same octets without a Message-ID"],
)
def test_the_same_message_twice_is_one(any_studio: Studio, app: App, first: bytes, second: bytes) -> None:
    assert outcomes(any_studio.take_in(app, first, second)) == ["ticket", "duplicate"]
    assert len(any_studio.outbox(app)) == 2


def test_a_message_id_that_a_stranger_copies_hides_nothing(any_studio: Studio, app: App) -> None:
    assert outcomes(any_studio.take_in(app, mail(1), mail(1, sender="mallory@evil.example"))) == ["ticket", "ticket"]


def test_the_same_words_again_join_as_a_repeat_and_the_answer_says_where_the_first_stands(any_studio: Studio, app: App) -> None:
    any_studio.take_in(app, mail(1))
    any_studio.clock.forward(days=2)
    again = mail(1, Message_ID="<again@rose.example>", Subject="Re: request 1")
    assert outcomes(any_studio.take_in(app, again)) == ["ticket", "repeat"]
    (ticket,) = any_studio.tickets(app)
    assert ticket["repeats"] == 1
    (row,) = any_studio.outbox(app, "repeat")
    answer = any_studio.letter(app, row)
    assert f"[#{ticket['number']}]" in answer["Subject"]
    body = answer.get_body(("plain",))
    assert body is not None
    assert str(ticket["number"]) in body.get_content()
    assert "18 November" in body.get_content()


def test_a_colleague_at_the_same_client_repeats_and_a_stranger_does_not(any_studio: Studio, app: App) -> None:
    add_client(app)
    colleague = mail(1, sender="boris@rose.example", Message_ID="<b@rose.example>")
    stranger = mail(1, sender="eve@other.example", Message_ID="<e@other.example>")
    assert outcomes(any_studio.take_in(app, mail(1), colleague, stranger)) == ["ticket", "repeat", "ticket"]


# Follow-ups


def test_a_reply_to_the_acknowledgement_joins_by_its_signed_address_whoever_writes(any_studio: Studio, app: App) -> None:
    any_studio.take_in(app, mail(1))
    acknowledgement = any_studio.letter(app, any_studio.outbox(app, "acknowledgement")[0])
    reply = mail(2, sender="anna.private@gmail.com", To=acknowledgement["Reply-To"])
    rows = any_studio.take_in(app, reply)
    assert outcomes(rows) == ["ticket", "follow-up"]
    assert rows[0]["ticket"] == rows[1]["ticket"]
    assert len(any_studio.outbox(app, "acknowledgement")) == 1
    assert len(any_studio.outbox(app, "forward")) == 2


def test_a_reply_joins_by_our_signed_message_id_without_plus_addresses(any_studio: Studio) -> None:
    any_studio.configure(desk={"plus_addressing": False})
    app = any_studio.open()
    any_studio.take_in(app, mail(1))
    acknowledgement = any_studio.letter(app, any_studio.outbox(app, "acknowledgement")[0])
    assert acknowledgement["Reply-To"] == "support@studio.example"
    assert outcomes(any_studio.take_in(app, mail(2, sender="a@gmail.com", In_Reply_To=acknowledgement["Message-ID"]))) == [
        "ticket",
        "follow-up",
    ]


@pytest.mark.parametrize(
    "named", [{"References": "<request-1@rose.example>"}, {"Subject": "Re: Request 1 [#1]"}], ids=["reference", "subject tag"]
)
@pytest.mark.parametrize(
    ("sender", "outcome"),
    [
        ("anna@rose.example", "follow-up"),
        ("carol@partner.example", "follow-up"),
        ("dan@rose.example", "follow-up"),
        ("mallory@evil.example", "ticket"),
    ],
    ids=["the requester", "who stood in Cc", "a contact of the same client", "a stranger"],
)
def test_a_hint_joins_only_those_who_belong_to_the_ticket(
    any_studio: Studio, app: App, named: dict[str, str | None], sender: str, outcome: str
) -> None:
    add_client(app)
    any_studio.take_in(app, mail(1, Cc="Carol <carol@partner.example>"))
    rows = any_studio.take_in(app, mail(2, sender=sender, **named))
    assert outcomes(rows) == ["ticket", outcome]
    assert (rows[1]["ticket"] == rows[0]["ticket"]) == (outcome == "follow-up")
    if outcome == "ticket":
        assert any_studio.tickets(app)[1]["related_to"] == rows[0]["ticket"]


def test_a_guessed_signature_opens_no_door(any_studio: Studio, app: App) -> None:
    any_studio.take_in(app, mail(1))
    address = app.desk.policy.signer.reply_address("t", 1)
    guessed = address[: address.index("-") + 1] + "a" * 16 + address[address.index("@") :]
    assert outcomes(any_studio.take_in(app, mail(2, sender="mallory@evil.example", To=guessed))) == ["ticket", "ticket"]


# Operators


def operators_reply(any_studio: Studio, app: App, sender: str = "The Boss <boss@studio.example>") -> bytes:
    forward = any_studio.letter(app, any_studio.outbox(app, "forward")[0])
    quoted = forward.get_body(("plain",))
    assert quoted is not None
    lines = "".join(f"> {line}\n" for line in quoted.get_content().splitlines())
    words = (
        f"Done, please have a look.\n\n-- \nThe Boss\nboss@studio.example\n+7 900 000\n\nOn Wed, 18 Nov 2026 at 12:01, Anna wrote:\n{lines}"
    )
    return mail("reply", sender=sender, To=forward["Reply-To"], Subject=f"Re: {forward['Subject']}", text=words)


def test_an_operators_reply_goes_to_the_requester_and_is_the_first_response(any_studio: Studio, app: App) -> None:
    any_studio.take_in(app, mail(1))
    any_studio.clock.forward(minutes=30)
    assert outcomes(any_studio.take_in(app, operators_reply(any_studio, app))) == ["ticket", "operator"]
    (ticket,) = any_studio.tickets(app)
    assert (ticket["status"], ticket["first_response_at"]) == ("waiting", any_studio.clock())
    (row,) = any_studio.outbox(app, "reply")
    reply = any_studio.letter(app, row)
    assert (row["to"], reply["From"].addresses[0].addr_spec) == ("anna@rose.example", "support@studio.example")
    assert reply["In-Reply-To"] == "<request-1@rose.example>"
    shown = "".join(part.get_content() for part in reply.walk() if part.get_content_maintype() == "text")
    assert "Done, please have a look." in shown
    for secret in ("boss@studio.example", "The Boss", "+7 900", MARKER, "catalogue"):
        assert secret not in shown
        assert secret not in str(reply)


@pytest.mark.parametrize("above", ["", "From: Anna (Studio) <support@studio.example>\nSent: Wednesday\nTo: Boss\nSubject: [#1]\n\n"])
def test_an_operators_reply_without_words_of_his_own_goes_to_nobody_and_he_learns_it(any_studio: Studio, app: App, above: str) -> None:
    any_studio.take_in(app, mail(1))
    text = f"{above}{MARKER} Reply to this mail.\n\nTicket 1: the price of Anna's class\n\nThe answer stands below, where it is not looked for.\n"
    to = app.desk.policy.signer.reply_address("o", 1)
    assert outcomes(any_studio.take_in(app, mail("reply", sender="boss@studio.example", To=to, text=text))) == ["ticket", "operator"]
    assert any_studio.outbox(app, "reply") == []
    (notice,) = any_studio.outbox(app, "notice")
    assert notice["to"] == "boss@studio.example"
    ticket = any_studio.tickets(app)[0]
    assert ticket["first_response_at"] is None
    assert "where it is not looked for" in ticket["messages"][-1]["text"]


def test_the_key_for_operators_is_of_no_use_to_others(any_studio: Studio, app: App) -> None:
    any_studio.take_in(app, mail(1))
    rows = any_studio.take_in(app, operators_reply(any_studio, app, sender="mallory@evil.example"))
    assert outcomes(rows) == ["ticket", "ticket"]
    assert any_studio.outbox(app, "reply") == []
    assert any_studio.tickets(app)[0]["first_response_at"] is None


def test_the_second_reply_leaves_the_time_of_the_first_response(any_studio: Studio, app: App) -> None:
    any_studio.take_in(app, mail(1))
    any_studio.take_in(app, operators_reply(any_studio, app))
    first = any_studio.clock()
    any_studio.clock.forward(hours=1)
    second = mail("more", sender="boss@studio.example", To=app.desk.policy.signer.reply_address("o", 1), text="One thing more.")
    assert outcomes(any_studio.take_in(app, second)) == ["ticket", "operator", "operator"]
    assert any_studio.tickets(app)[0]["first_response_at"] == first


# Coverage

FAULT = "There is a typo in the headline of the contacts page."
URGENT = "Urgent: the catalogue page shows the wrong pictures."


@pytest.mark.parametrize(
    ("client", "words", "coverage"),
    [
        ({"contract": "monthly", "since": date(2026, 1, 1), "fee": Decimal(15000), "included_minutes": 300}, URGENT, "monthly"),
        ({"contract": "monthly", "since": date(2027, 1, 1), "fee": Decimal(15000)}, "A new phone number, please.", "none"),
        ({"contract": "hourly"}, URGENT, "hourly"),
        ({"contract": "monthly", "handed_over": date(2026, 11, 1)}, FAULT, "warranty"),
        ({"contract": "monthly", "handed_over": date(2026, 9, 1)}, FAULT, "monthly"),
        ({}, URGENT, "courtesy"),
        ({}, "A new phone number, please.", "none"),
    ],
    ids=["monthly", "a contract that begins later", "hourly", "warranty", "after the warranty", "courtesy", "none"],
)
def test_the_clients_contract_covers_the_ticket(any_studio: Studio, app: App, client: dict[str, Any], words: str, coverage: str) -> None:
    add_client(app, **client)
    any_studio.take_in(app, mail(1, text=words))
    assert [(one["client"], one["coverage"]) for one in any_studio.tickets(app)] == [("Rose Shop", coverage)]


def test_a_client_has_one_courtesy_ever(any_studio: Studio, app: App) -> None:
    add_client(app)
    any_studio.take_in(app, mail(1, text=URGENT))
    any_studio.clock.forward(days=200)
    any_studio.take_in(app, mail(2, sender="boris@rose.example", text="Urgent: the site is down."))
    assert [one["coverage"] for one in any_studio.tickets(app)] == ["courtesy", "none"]


def urgent_mails(count: int) -> list[bytes]:
    return [
        mail(number, sender=f"contact{number}@rose.example", text=f"Urgent: page {number} is broken on my phone.")
        for number in range(count)
    ]


def undecided(any_studio: Studio, app: App, *messages: bytes) -> None:
    """Let messages stand in the journal and wait."""
    with no_inserts(app.desk.database, "ticket"):
        any_studio.take_in(app, *messages)
    any_studio.clock.forward(minutes=1)


def one_courtesy(any_studio: Studio, app: App, count: int) -> None:
    tickets = any_studio.tickets(app)
    assert sorted(one["coverage"] for one in tickets) == ["courtesy"] + ["none"] * (count - 1)
    assert len({one["requester"] for one in tickets}) == count


def test_two_workers_on_a_hundred_urgent_mails_of_one_client_give_one_courtesy(any_studio: Studio, app: App) -> None:
    add_client(app)
    undecided(any_studio, app, *urgent_mails(100))
    both = [any_studio.start("run", "--once", log=f"log{number}") for number in range(2)]
    assert [process.wait(timeout=120) for process in both] == [0, 0]
    one_courtesy(any_studio, app, 100)


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_two_workers_that_hold_mails_of_one_client_at_the_same_moment_decide_one_after_the_other(any_studio: Studio, app: App) -> None:
    client_id = add_client(app)
    undecided(any_studio, app, *urgent_mails(100))
    waiting = text("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted")

    def blocked() -> bool:
        with app.desk.database.reading() as transaction:
            return transaction.scalar(waiting) == 2

    with app.desk.database.writing() as transaction:
        lock_parties(transaction, [f"c{client_id}"])
        both = [any_studio.start("run", "--once", log=f"log{number}") for number in range(2)]
        until(blocked, "both workers have claimed mails and wait for their turn")
    assert [process.wait(timeout=120) for process in both] == [0, 0]
    assert [(any_studio.folder / f"log{number}").read_text().count("event=ticket") for number in range(2)] == [50, 50]
    one_courtesy(any_studio, app, 100)


# A message that fails


def large(number: int) -> bytes:
    return mail_with_file(os.urandom(300_000), number=number)


def test_a_message_that_fails_three_times_is_quarantined_blocks_nobody_and_can_be_replayed(any_studio: Studio, app: App) -> None:
    bad = large(2)
    undecided(any_studio, app, mail(1), bad, mail(3))
    blob = any_studio.folder / "blobs" / sha256(bad).hexdigest()[:2] / sha256(bad).hexdigest()
    aside = blob.rename(any_studio.folder / "aside")
    assert outcomes(any_studio.take_in(app)) == ["ticket", "pending", "ticket"]
    assert outcomes(any_studio.take_in(app)) == ["ticket", "pending", "ticket"], "the next try comes later"
    any_studio.clock.forward(minutes=1)
    rows = any_studio.take_in(app, mail(4))
    assert outcomes(rows) == ["ticket", "quarantined", "ticket", "ticket"]
    assert "is missing; restore it from a backup" in rows[1]["because"][0]
    aside.rename(blob)
    replayed = any_studio.run("replay", str(rows[1]["id"]))
    assert replayed.returncode == 0, replayed.stderr
    any_studio.clock.forward(minutes=1)
    assert outcomes(any_studio.take_in(app)) == ["ticket"] * 4


def test_a_template_that_fails_for_one_subject_costs_that_client_the_answer_and_nobody_else_anything(any_studio: Studio) -> None:
    templates = any_studio.folder / "templates" / "en"
    templates.mkdir(parents=True)
    (templates / "acknowledgement.txt").write_text("Subject: hello\nTicket {{ ticket.number // (ticket.subject != 'Odd')|int }}\n")
    any_studio.configure(desk={"templates": "templates"})
    app = any_studio.open()
    rows = any_studio.take_in(app, mail(1), mail(2, Subject="Odd"), mail(3))
    assert outcomes(rows) == ["ticket"] * 3
    assert "no answer: template en/acknowledgement.txt, line 2: " in rows[1]["because"][-1]
    assert [one["ticket"] for one in any_studio.outbox(app, "acknowledgement")] == [1, 3]
    assert [one["ticket"] for one in any_studio.outbox(app, "forward")] == [1, 2, 3]


# A database that cannot


def impatient(app: App) -> App:
    """Wait a moment only for a locked SQLite file."""
    event.listen(app.desk.database.engine, "connect", lambda connection, _: connection.execute("PRAGMA busy_timeout = 1"))
    return app


def test_a_locked_database_is_waited_for_and_nothing_is_lost(studio: Studio) -> None:
    other, app = studio.open(), impatient(studio.open())
    app.desk.database.close()  # let go of the connection that waits patiently
    with other.desk.database.writing(), pytest.raises(TransientError, match=r"^database [^\n]*locked[^\n]*waiting for it$"):
        studio.take_in(app, mail(1))
    assert studio.journal(app) == []
    assert outcomes(studio.take_in(app)) == ["ticket"]
    undecided(studio, app, mail(2))
    with other.desk.database.writing(), pytest.raises(TransientError, match="locked"):
        take_in(app.desk)
    assert outcomes(studio.journal(app)) == ["ticket", "pending"]
    take_in(app.desk)
    assert outcomes(studio.journal(app)) == ["ticket", "ticket"]


def test_a_full_disk_is_waited_for_and_nothing_is_lost(studio: Studio) -> None:
    app = studio.open()
    mails = [mail(number, text=os.urandom(40_000).hex()) for number in range(20)]
    with app.desk.database.reading() as transaction:
        pages = transaction.scalar(text("PRAGMA page_count"))
    app.desk.database.close()
    full = studio.open()
    event.listen(full.desk.database.engine, "connect", lambda connection, _: connection.execute(f"PRAGMA max_page_count = {pages + 20}"))
    full.desk.database.close()
    with pytest.raises(TransientError, match=r"full[^\n]*waiting for it$"):
        studio.take_in(full, *mails)
    assert outcomes(studio.take_in(app)) == ["ticket"] * 20


def test_a_postgresql_server_that_goes_away_is_waited_for_and_nothing_is_lost(any_studio_on_own_server: tuple[Studio, Any]) -> None:
    studio, server = any_studio_on_own_server
    app = studio.open()
    assert outcomes(studio.take_in(app, mail(1))) == ["ticket"]
    server.stop()
    for _ in range(2):
        with pytest.raises(TransientError, match=r"^database [^\n]*waiting for it$"):
            studio.take_in(app, mail(2))
    server.start()
    assert outcomes(studio.take_in(app)) == ["ticket", "ticket", "duplicate"]


@pytest.fixture
def any_studio_on_own_server(studio: Studio) -> Iterator[tuple[Studio, Any]]:
    """A desk on a PostgreSQL server that the test may stop."""
    with postgres_server() as server, server.new() as url:
        studio.configure(database={"url": url})
        yield studio, server


# Octets of every kind

BARE = b"just words, no fields at all\r\n"


@pytest.mark.parametrize(
    ("octets", "answered"),
    [
        (mail(1, Message_ID=None), True),
        (mail(1, sender=None), False),
        (mail(1, Date=None), True),
        (mail(1, text=""), True),
        (mail(1, Subject=None, To=None, Date=None, Message_ID=None, text=""), True),
        (b"From: anna@rose.example\r\nSubject: cut off", True),
        (b"From: anna@rose.example\r\nContent-Type: text/plain; charset=x-unheard-of\r\n\r\n\xff\xfe\x80 words", True),
        (b"From: anna@rose.example\r\nContent-Type: multipart/mixed\r\n\r\nno boundary", True),
        ("From: Анна <анна@роза.рф>\r\nSubject: Привет\r\n\r\nСлова".encode(), None),
        (BARE, False),
        (b"\x00" * 1000, False),
        (b"", False),
    ],
    ids=[
        "no Message-ID",
        "no From",
        "no Date",
        "an empty body",
        "nearly nothing",
        "no body",
        "an unknown charset",
        "a multipart without a boundary",
        "raw UTF-8 in the fields",
        "no fields",
        "zeros",
        "no octets",
    ],
)
def test_odd_mail_becomes_a_ticket_that_the_operators_get(any_studio: Studio, app: App, octets: bytes, answered: bool | None) -> None:
    assert outcomes(any_studio.take_in(app, octets, mail("other"))) == ["ticket", "ticket"]
    acknowledged = [one for one in any_studio.outbox(app, "acknowledgement") if one["ticket"] == 1]
    assert answered is None or bool(acknowledged) == answered
    assert [one["ticket"] for one in any_studio.outbox(app, "forward")] == [1, 2]


def nested(depth: int) -> bytes:
    head = "".join(f'--b{level - 1}\r\nContent-Type: multipart/mixed; boundary="b{level}"\r\n\r\n' for level in range(1, depth))
    return b'From: anna@rose.example\r\nContent-Type: multipart/mixed; boundary="b0"\r\n\r\n' + head.encode() + b"--b0--\r\n"


def beside_each_other(count: int) -> bytes:
    parts = b"".join(b"--b\r\nContent-Type: text/plain\r\n\r\npart %d\r\n" % number for number in range(count))
    return b"From: anna@rose.example\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n" + parts + b"--b--\r\n"


# A process that `subprocess` starts has the memory of the whole test run in its ru_maxrss; VmHWM is its own.
TELLING_ITS_PEAK = """
import pathlib, runpy
try:
    runpy.run_module("mailbot", run_name="__main__", alter_sys=True)
finally:
    status = pathlib.Path("/proc/self/status").read_text()
    print(next(line for line in status.splitlines() if line.startswith("VmHWM")).split()[1])
"""


@pytest.mark.parametrize(
    "make",
    [
        lambda: mail_with_file(os.urandom(30 * 1024 * 1024), number="huge"),
        lambda: nested(5000),
        lambda: beside_each_other(5000),
        lambda: b"From: anna@rose.example\r\nX-Long: " + b"x" * 1024 * 1024 + b"\r\nSubject: long\r\n\r\nwords",
        lambda: b"From: anna@rose.example\r\n" + b"".join(b"X-%d: y\r\n" % number for number in range(100_000)) + b"\r\nwords",
    ],
    ids=["a 30 MB attachment", "5,000 parts in each other", "5,000 parts beside each other", "a field of 1 MB", "100,000 fields"],
)
def test_excessive_mail_is_handled_within_400_mib(studio: Studio, make: Callable[[], bytes]) -> None:
    app = studio.open()
    studio.arrive(make(), mail("after it"))
    command = [sys.executable, "-c", TELLING_ITS_PEAK, *studio.command("run", "--once")[3:]]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False, cwd=studio.folder)
    assert done.returncode == 0, done.stderr
    assert outcomes(studio.journal(app)) == ["ticket", "ticket"]
    assert int(done.stdout.splitlines()[-1]) < 400 * 1024  # KiB


def test_the_octets_of_every_message_are_kept_as_they_came(any_studio: Studio, app: App) -> None:
    came = [mail(1), BARE, large(3), b"\x00\xff" * 500, b""]
    rows = any_studio.take_in(app, *came)
    with app.desk.database.reading() as transaction:
        assert [app.desk.octets(transaction, row["id"]) for row in rows] == came


def test_attachments_are_listed_with_size_and_digest_of_their_octets(any_studio: Studio, app: App) -> None:
    octets = os.urandom(12_345)
    any_studio.take_in(app, mail_with_file(octets, "план.pdf"))
    (attachment,) = any_studio.tickets(app)[0]["messages"][0]["attachments"]
    assert (attachment["filename"], attachment["size"], attachment["sha256"]) == ("план.pdf", 12_345, sha256(octets).hexdigest())


def test_the_first_mail_of_a_ticket_is_kept_whole(any_studio: Studio, app: App) -> None:
    text = "See below.\n\n-- \nAnna\n\nOn 17 Nov 2026, Olga wrote:\n> The page is broken.\n"
    any_studio.take_in(app, mail(1, text=text))
    (ticket,) = any_studio.tickets(app)
    assert ticket["messages"][0]["visible"] == ticket["messages"][0]["text"] == text


# What comes back


def returned(sent: str, to: str, reason: str) -> bytes:
    """A bounce as qmail writes it: prose, and a copy of the mail."""
    text = (
        f"I wasn't able to deliver your message to the following addresses.\n\n<{to}>:\n{reason}\n\n"
        f"--- Below this line is a copy of the message.\n\nReturn-Path: <support@studio.example>\nMessage-ID: <{sent}>\n"
    )
    fields = {"Return_Path": "<>", "Subject": "failure notice", "Message_ID": f"<{reason[:3].strip()}.{to}>"}
    return mail(0, "MAILER-DAEMON@mx.rose.example", text, **fields)


def test_a_bounce_without_a_report_returns_the_ticket_and_silences_the_address_for_sixty_days(any_studio: Studio, app: App) -> None:
    any_studio.take_in(app, mail(1))
    with app.desk.database.writing() as transaction:
        tickets.respond(transaction, 1, any_studio.clock(), "boss@studio.example")
    (sent,) = any_studio.outbox(app, "acknowledgement")
    row = any_studio.take_in(app, returned(sent["message_id"], "anna@rose.example", "no such user (#5.1.1)"))[-1]
    assert (row["outcome"], row["ticket"]) == ("bounce", 1)
    assert any_studio.tickets(app)[0]["status"] == "open"
    assert "bounce" in [one["kind"] for one in any_studio.tickets(app)[0]["messages"]]
    assert len(any_studio.outbox(app, "forward")) == 2  # the request and the bounce, for the one operator
    silent = any_studio.take_in(app, mail(2))[-1]
    assert "no answer: anna@rose.example does not deliver" in silent["because"]
    any_studio.clock.forward(days=60, seconds=1)
    any_studio.take_in(app, mail(3))
    assert [one["ticket"] for one in any_studio.outbox(app, "acknowledgement")] == [1, 3]


def test_a_full_mailbox_returns_the_ticket_and_silences_nobody(any_studio: Studio, app: App) -> None:
    any_studio.take_in(app, mail(1))
    (sent,) = any_studio.outbox(app, "acknowledgement")
    assert any_studio.take_in(app, returned(sent["message_id"], "anna@rose.example", "the mailbox is full"))[-1]["ticket"] == 1
    any_studio.take_in(app, mail(2))
    assert len(any_studio.outbox(app, "acknowledgement")) == 2
