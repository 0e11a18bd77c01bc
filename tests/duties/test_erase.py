"""A person is erased: nothing of him is left in any column, file or freed page, and everything else still adds up."""

import json
from datetime import UTC, datetime
from email import message_from_bytes, policy
from pathlib import Path
from urllib.parse import quote

import pytest
from sqlalchemy import LargeBinary, insert, select, update

from mailbot import erase
from mailbot.app import App
from mailbot.audit import audit
from mailbot.core.desk.erasing import Needles
from mailbot.core.report.week import Week
from mailbot.edge.db import clients, journal, offers, tables, tickets
from mailbot.edge.db.clients import ClientRecord
from mailbot.errors import PermanentError, TransientError
from mailbot.promises import look_after
from mailbot.weekly import send
from tests.conftest import Studio
from tests.duties.mails import mail, mail_with_file
from tests.servers import until

ANNA, OTHER, BOSS = "anna@rose.example", "ivan@rose.example", "boss@studio.example"
NAME = "Anna Petrova"
FROM = f"{NAME} <Anna@Rose.example>"


def traces(app: App, folder: Path, *words: str) -> list[str]:
    """Where one of the words stands, whatever its case: any column of any table (octets unpacked and decoded), any blob."""
    found = []
    with app.desk.database.reading() as transaction:
        for table in tables.metadata.sorted_tables:
            for row in transaction.execute(select(table)).mappings():
                for name, value in row.items():
                    said = _spelled(value, isinstance(table.c[name].type, LargeBinary))
                    found += [f"{table.name}.{name}: {word}" for word in words if word.lower() in said.lower()]
    for path in folder.glob("blobs/**/*"):
        if path.is_file():
            said = _spelled(path.read_bytes(), True)
            found += [f"{path.name}: {word}" for word in words if word.lower() in said.lower()]
    return found


def _spelled(value: object, is_binary: bool) -> str:
    if not is_binary or not isinstance(value, bytes):
        return json.dumps(value, ensure_ascii=False, default=str)
    octets = journal.unpack(value) if value[:4] == b"\x28\xb5\x2f\xfd" else value  # RFC 8878 section 3.1.1: the magic number
    said = [octets.decode("utf-8", "replace")]
    parsed = message_from_bytes(octets, policy=policy.default)
    for part in parsed.walk():
        said += [str(one) for one in part.values()]
        if not part.is_multipart():
            said.append((part.get_payload(decode=True) or b"").decode("utf-8", "replace"))  # type: ignore[union-attr]
    return "\n".join(said)


def erased(app: App, addr: str = ANNA) -> str:
    return erase.erase(app.desk, erase.person_of(app.desk, addr))[1]


@pytest.fixture
def app(any_studio: Studio) -> App:
    return any_studio.open()


def test_nothing_of_a_person_is_left_and_everything_else_is(any_studio: Studio, app: App) -> None:
    with app.desk.database.writing() as transaction:
        record = ClientRecord("Rose Shop", domains=["rose.example"], contacts=[ANNA, OTHER], contract="hourly")
        clients.save(transaction, record, any_studio.clock())
    any_studio.take_in(
        app,
        mail(1, sender=FROM, Subject="The zephyr page", text="The zephyr banner is broken.\n\nAnna Petrova"),
        mail_with_file(b"\0\1" * 200_000, "zephyr.bin", 2, sender=FROM),
        mail(3, sender=f"Ivan <{OTHER}>", Cc=FROM, text="Something of my own, about pelicans."),
        mail(4, sender=f"Ivan <{OTHER}>", text="I asked anna@rose.example and Anna  Petrova; the walrus page is wrong."),
    )
    any_studio.deliver(app)
    forward = next(one for one in any_studio.outbox(app, "forward") if one["ticket"] == 1)
    reply = mail(
        5,
        sender=BOSS,
        In_Reply_To=forward["message_id"],
        text="It is the albatross, Anna.\n\nOn Monday Anna Petrova wrote:\n> The zephyr banner is broken.",
    )
    acknowledged = next(one for one in any_studio.outbox(app, "acknowledgement") if one["ticket"] == 1)
    colleague = mail(
        6,
        sender=f"Ivan <{OTHER}>",
        In_Reply_To=acknowledged["message_id"],
        text="Also the flamingo.\n\nOn Monday somebody wrote:\n> The zephyr banner is broken.",
    )
    any_studio.take_in(app, reply, colleague)
    any_studio.deliver(app)
    with app.desk.database.writing() as transaction:
        tickets.remember_dead(transaction, ANNA, any_studio.clock(), f"550 <{ANNA}> unknown")
        tickets.add_event(transaction, 3, any_studio.clock(), "note", "boss", f"call {NAME}")
        new = offers.NewOffer("terms", 1, "Anna@rose.example", "en", "1", {}, 1)
        at = any_studio.clock()
        offer = offers.make(transaction, new, at, app.desk.policy.offers)
        values = {
            "offer": offer,
            "verdict": "agreed",
            "who": ANNA,
            "at": at,
            "authenticated": "",
            "words": "We agree, zephyr",
            "sha256": "0" * 64,
        }
        transaction.execute(insert(tables.consent).values(values))
    before = any_studio.journal(app)
    assert len(traces(app, any_studio.folder, ANNA, NAME, "zephyr")) > 20
    assert any(one.is_file() for one in any_studio.folder.glob("blobs/**/*"))

    assert erased(app) == "erased-1@invalid"

    assert traces(app, any_studio.folder, ANNA, "anna petrova", "zephyr") == []
    after = any_studio.journal(app)
    same = ("id", "mailbox", "uid", "sha256", "size", "outcome", "ticket")
    assert [[one[key] for key in same] for one in after] == [[one[key] for key in same] for one in before]
    texts = {message["text"].strip() for ticket in any_studio.tickets(app) for message in ticket["messages"]}
    assert any("pelicans" in text for text in texts) and any("walrus" in text for text in texts)
    assert any("flamingo" in text for text in texts) and any("albatross" in text for text in texts)
    assert not any(one.is_file() for one in any_studio.folder.glob("blobs/**/*"))
    with app.desk.database.reading() as transaction:
        kept = transaction.execute(select(tables.consent.c.who, tables.consent.c.verdict, tables.consent.c.sha256)).one()
        assert tuple(kept) == ("erased-1@invalid", "agreed", "0" * 64)
        assert (
            transaction.execute(select(tables.offer.c.to_addr, tables.offer.c.state).where(tables.offer.c.id == offer)).one()[1]
            == "withdrawn"
        )


def test_nothing_of_a_person_is_left_in_the_files_of_sqlite(studio: Studio) -> None:
    app = studio.open()
    studio.take_in(app, *(mail(number, sender=FROM, text=f"The zephyr banner {number} is broken.") for number in range(20)))
    with app.desk.database.writing() as transaction:
        transaction.execute(update(tables.message).values(text="The zephyr banner is broken. " * 200))
    words = (b"zephyr", ANNA.encode(), NAME.encode())
    held = b"".join(one.read_bytes() for one in studio.folder.glob("mailbot.db*"))
    assert all(word in held for word in words)
    assert erase.erase(app.desk, erase.person_of(app.desk, ANNA))[2]
    held = b"".join(one.read_bytes() for one in studio.folder.glob("mailbot.db*"))
    assert not any(word in held for word in words)


def test_a_message_that_still_lies_in_the_mailbox_is_not_fetched_again(any_studio: Studio, app: App) -> None:
    octets = mail(1, sender=FROM)
    any_studio.take_in(app, octets)
    erased(app)
    assert len(any_studio.take_in(app)) == 1
    assert audit(app.desk, app.mailboxes()).complete
    again = any_studio.take_in(app, octets)  # the same message at another place
    assert [one["outcome"] for one in again] == ["ticket", "duplicate"]


def test_an_erased_person_who_writes_again_is_a_new_one(any_studio: Studio, app: App) -> None:
    any_studio.take_in(app, mail(1, sender=FROM))
    assert erased(app) == "erased-1@invalid"
    any_studio.take_in(app, mail(2, sender=FROM))
    assert [one["requester"] for one in any_studio.tickets(app)] == ["erased-1@invalid", ANNA]
    assert erased(app) == "erased-2@invalid"


def test_what_waits_to_go_to_the_person_is_withdrawn_and_what_waits_for_others_goes_out(any_studio: Studio, app: App) -> None:
    any_studio.take_in(app, mail(1, sender=FROM), mail(2, sender=f"Ivan <{OTHER}>"))
    erased(app)
    states = {(one["to"], one["ticket"]): (one["state"], one["error"]) for one in any_studio.outbox(app)}
    assert states[BOSS, 1] == ("failed", "withdrawn: erased")
    assert states[BOSS, 2] == states[OTHER, 2] == ("due", None)
    assert any_studio.deliver(app) == 2


def test_other_people_stay_as_they_are(any_studio: Studio, app: App) -> None:
    joanna = "Joanna <joanna@rose.example>"
    any_studio.take_in(app, mail(1, sender="Anna <anna@rose.example>"), mail(2, sender=joanna, text="Anna in our shop is ill."))
    any_studio.take_in(app, mail(3, sender="Anna <anna@tulip.example>"))
    untouched = [any_studio.tickets(app)[at] for at in (1, 2)]
    with app.desk.database.reading() as transaction:
        before = [journal.octets_of(transaction, entry) for entry in (2, 3)]
    erased(app)
    assert [any_studio.tickets(app)[at] for at in (1, 2)] == untouched
    with app.desk.database.reading() as transaction:
        assert [journal.octets_of(transaction, entry) for entry in (2, 3)] == before


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("to ANNA@rose.EXAMPLE, please", True),
        ("<mailto:anna@rose.example>", True),
        ("https://shop.example/?who=anna%40rose.example&x=1", True),
        ("bounces+anna=rose.example@list.example", True),
        ("anna@rose.example.", True),
        ("joanna@rose.example", False),
        ("m.anna@rose.example", False),
        ("anna@rose.example.org", False),
        ("anna@rose.examples", False),
        ("dear anna\npetrova!", True),
        ("Joanna Petrova", False),
        ("Anna Petrovasky", False),
    ],
    ids=lambda one: str(one)[:40],
)
def test_a_person_is_told_from_others(text: str, expected: bool) -> None:
    needles = Needles(ANNA, frozenset([NAME]))
    assert needles.found_in(text) == expected
    assert (needles.replaced_in({"x": [text]}, "T") == {"x": [text]}) != expected
    assert not expected or any(hint.lower() in text.lower() for hint in needles.hints())


def test_a_name_in_russian_is_found_in_every_spelling(any_studio: Studio, app: App) -> None:
    any_studio.take_in(app, mail(1, sender="Анна Петрова <anna@rose.example>", text="Здравствуйте! Баннер сломан."))
    any_studio.take_in(app, mail(2, sender=f"Ivan <{OTHER}>", text="Как говорила АННА ПЕТРОВА, сломано."))
    with app.desk.database.writing() as transaction:
        transaction.execute(update(tables.ticket).where(tables.ticket.c.number == 2).values(subject="от Анна Петрова"))
        transaction.execute(update(tables.journal).where(tables.journal.c.id == 2).values(because=["от Анна Петрова"]))
    erased(app)
    assert traces(app, any_studio.folder, "анна петрова", "баннер") == []


def test_what_a_message_is_that_waits_for_intake_is_not_known_yet(any_studio: Studio, app: App) -> None:
    from mailbot.fetch import fetch

    any_studio.arrive(mail(1, sender=FROM))
    fetch(app.desk, app.mailboxes()[0])
    with pytest.raises(TransientError, match="waits for intake"):
        erased(app)


def test_what_somebody_else_asked_and_nobody_has_handled_is_not_lost(any_studio: Studio, app: App) -> None:
    any_studio.take_in(app, mail(1, sender=FROM), mail(2, sender=f"Ivan <{OTHER}>", Cc=FROM))
    with app.desk.database.writing() as transaction:
        transaction.execute(update(tables.journal).where(tables.journal.c.id == 2).values(outcome="quarantined"))
    with pytest.raises(TransientError, match=r"journal entry 2 names anna@rose\.example and is not handled yet"):
        erased(app)
    assert len(traces(app, any_studio.folder, ANNA)) > 3


def test_a_name_of_one_letter_is_in_no_text(any_studio: Studio, app: App) -> None:
    any_studio.take_in(app, mail(1, sender="A <anna@rose.example>"))
    with app.desk.database.writing() as transaction:
        tickets.add_event(transaction, 1, any_studio.clock(), "note", "boss", "a call, then A banner")
    erased(app)
    assert [one["detail"] for one in any_studio.tickets(app)[0]["events"]][-1] == "a call, then A banner"
    assert any_studio.tickets(app)[0]["messages"][0]["from"] == {"name": "[erased]", "addr": "erased-1@invalid"}


def test_it_works_beside_a_daemon(studio: Studio) -> None:
    app = studio.open()
    studio.arrive(*(mail(number, sender=FROM, text=f"The zephyr banner {number} is broken.") for number in range(5)))
    studio.start("run")
    until(lambda: len(studio.outbox(app)) == 10 and {one["state"] for one in studio.outbox(app)} == {"sent"}, "all is handled")
    ran = studio.run("erase", ANNA, "--yes", "--json")
    assert (ran.returncode, ran.stderr) == (0, "")
    assert json.loads(ran.stdout)["clean"] is True
    held = b"".join(one.read_bytes() for one in studio.folder.glob("mailbot.db*"))
    assert b"zephyr" not in held and ANNA.encode() not in held


@pytest.mark.parametrize("addr", ["support@studio.example", BOSS])
def test_the_desk_itself_is_not_erased(studio: Studio, addr: str) -> None:
    with pytest.raises(PermanentError, match="of the desk itself or of an operator"):
        erase.person_of(studio.open().desk, addr)


def test_the_name_of_a_client_stays_his(any_studio: Studio, app: App) -> None:
    with app.desk.database.writing() as transaction:
        clients.save(transaction, ClientRecord("Anna Petrova", contacts=[ANNA]), any_studio.clock())
    any_studio.take_in(app, mail(1, sender=FROM))
    person = erase.person_of(app.desk, ANNA)
    assert (person.names, person.kept) == (frozenset(), {NAME})
    erased(app)
    assert traces(app, any_studio.folder, NAME) == ["client.name: Anna Petrova"]


def test_the_command_shows_asks_and_erases(studio: Studio) -> None:
    app = studio.open()
    studio.take_in(app, mail(1, sender=FROM))
    shown = studio.run("erase", ANNA)
    assert shown.returncode == 1
    assert "known as “Anna Petrova”" in shown.stdout
    assert "1  messages of this person" in shown.stdout
    assert "--yes" in shown.stdout
    assert len(traces(app, studio.folder, ANNA)) > 3
    done = studio.run("erase", ANNA, "--yes", "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["erased_as"] == "erased-1@invalid"
    assert json.loads(done.stdout)["clean"] is True
    assert traces(app, studio.folder, ANNA) == []


def test_commands_say_in_one_line_that_octets_are_gone(studio: Studio) -> None:
    app = studio.open()
    studio.take_in(app, mail(1, sender=FROM), mail(2, sender=FROM))
    erased(app)
    gone = "mailbot: journal entry 1: the octets are gone: they were erased, or are older than [storage] keep_octets_days\n"
    ran = studio.run("journal", "1")
    assert (ran.returncode, ran.stderr) == (1, gone)
    for words in (("show", "1"), ("show", "1", "--full"), ("repeat", "2", "1"), ("split", "2")):
        ran = studio.run(*words)
        assert (ran.returncode, ran.stderr) == (0, ""), words


CYRILLIC = "Анна Петрова"
SPELLINGS = {
    "references of HTML": (
        'Content-Type: text/html; charset="us-ascii"',
        "<p>Ask " + "".join(one if one == " " else f"&#{ord(one)};" for one in CYRILLIC) + " first</p>",
    ),
    "UTF-7": ('Content-Type: text/plain; charset="utf-7"', f"Ask {CYRILLIC.encode('utf-7').decode()} first"),
    "escape sequences": ('Content-Type: text/plain; charset="iso-2022-jp"', f"Ask {CYRILLIC.encode('iso-2022-jp').decode('ascii')} first"),
    "a file's name by RFC 2231": (
        f"Content-Type: text/plain; name*=utf-8''{quote(CYRILLIC)}\r\nContent-Disposition: attachment; filename*=utf-8''{quote(CYRILLIC)}.txt",
        "A file.",
    ),
}


@pytest.mark.parametrize(("fields", "body"), SPELLINGS.values(), ids=SPELLINGS)
def test_octets_that_spell_the_name_with_ascii_alone_are_not_left(any_studio: Studio, app: App, fields: str, body: str) -> None:
    of_ivan = (
        f"From: {OTHER}\r\nTo: support@studio.example\r\nMessage-ID: <ivan@rose.example>\r\nMIME-Version: 1.0\r\n{fields}\r\n\r\n{body}\r\n"
    )
    any_studio.take_in(app, mail(1, sender=f"{CYRILLIC} <{ANNA}>"), of_ivan.encode("ascii"), mail(3, sender=OTHER, text="Another & more."))
    erased(app)
    with app.desk.database.reading() as transaction:
        with pytest.raises(PermanentError, match="journal entry 2: the octets are gone"):
            app.desk.octets(transaction, 2)
        assert app.desk.octets(transaction, 3) is not None


def test_his_subject_is_left_in_no_mail_of_the_desk_about_several_tickets(any_studio: Studio, app: App) -> None:
    any_studio.clock.now = datetime(2026, 11, 18, 12, 0, tzinfo=UTC)
    with app.desk.database.writing() as transaction:
        clients.save(transaction, ClientRecord("Rose Shop", domains=["rose.example"]), any_studio.clock())
    any_studio.take_in(
        app, mail(1, sender=FROM, Subject="The zephyr page", text="It is broken."), mail(2, sender=OTHER, Subject="The walrus page")
    )
    any_studio.clock.now = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
    assert look_after(app.desk) == 2
    send(app.desk, Week(2026, 47), BOSS)
    with pytest.raises(
        TransientError, match=r"mail \d+ of the outbox lists a request of anna@rose\.example and waits to be sent; try again"
    ):
        erased(app)
    any_studio.deliver(app)
    several = [one["id"] for one in any_studio.outbox(app) if one["ticket"] is None]
    assert len(several) == 2
    for one in several:
        text = any_studio.letter(app, {"id": one}).get_body(("plain",)).get_content()  # type: ignore[union-attr]
        assert "The zephyr page" in text
    erased(app)
    assert traces(app, any_studio.folder, "zephyr") == []
    of_ivan = next(one for one in any_studio.outbox(app, "acknowledgement") if one["ticket"] == 2)
    assert "walrus" in str(any_studio.letter(app, of_ivan))
