"""Delivery to a real SMTP server that misbehaves, and into a Maildir: every mail once, or it says why not."""

import os
import re
import sqlite3
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from mailbot import operate
from mailbot.app import App
from mailbot.edge import maildir
from mailbot.edge.smtp import CONNECT_SECONDS, DOT_SECONDS, Account, Smtp
from mailbot.errors import TransientError
from tests.conftest import Studio
from tests.duties.mails import mail, mail_with_file
from tests.servers import PASSWORD, SmtpServer, make_certificate, until

ANNA, BOSS = "anna@rose.example", "boss@studio.example"


@pytest.fixture
def sending(any_studio: Studio, smtp_server: SmtpServer) -> Studio:
    """A desk that sends to the SMTP server."""
    any_studio.configure(smtp=smtp_server.settings())
    return any_studio


def states(studio: Studio, app: App) -> dict[str, str]:
    return {row["to"]: row["state"] for row in studio.outbox(app)}


def row_to(studio: Studio, app: App, recipient: str) -> dict[str, Any]:
    (row,) = [one for one in studio.outbox(app) if one["to"] == recipient]
    return row


def parsed(octets: bytes) -> EmailMessage:
    return message_from_bytes(octets, policy=policy.default)


def message_ids(octets: list[bytes]) -> list[str]:
    return [str(parsed(one)["Message-ID"]).strip("<>") for one in octets]


# Yes and no


def test_an_accepted_mail_is_sent_once_from_the_support_address(sending: Studio, smtp_server: SmtpServer) -> None:
    app = sending.open()
    sending.take_in(app, mail(1))
    assert sending.deliver(app) == 2
    assert sending.deliver(app) == 0
    assert [(one.sender, one.recipients) for one in smtp_server.taken] == [
        ("support@studio.example", [ANNA]),
        ("support@studio.example", [BOSS]),
    ]
    rows = sending.outbox(app)
    assert [(row["state"], row["attempts"], row["error"], row["next_attempt_at"]) for row in rows] == [("sent", 1, None, None)] * 2
    assert message_ids([one.octets for one in smtp_server.taken]) == [row["message_id"] for row in rows]
    assert smtp_server.sessions == 1


STAGES = ["mail", "rcpt", "data", "dot"]


def refuse(server: SmtpServer, stage: str, reply: str | None) -> None:
    """Let the server reply to every mail at that stage; None: yes again."""
    match stage:
        case "mail":
            server.mail = reply
        case "data":
            server.data = reply
        case "rcpt":
            server.rcpt = {"": reply} if reply else {}
        case _:
            server.dot = {"": reply} if reply else {}


@pytest.mark.parametrize("stage", STAGES)
def test_a_4yz_is_tried_again_after_growing_pauses_until_it_is_accepted(studio: Studio, smtp_server: SmtpServer, stage: str) -> None:
    studio.configure(smtp=smtp_server.settings())
    app = studio.open()
    studio.take_in(app, mail(1))
    refuse(smtp_server, stage, "451 4.3.0 come back later")
    pauses = []
    for attempts in range(1, 5):
        assert studio.deliver(app) == 0
        row = row_to(studio, app, ANNA)
        assert (row["state"], row["attempts"], row["error"]) == ("due", attempts, "451 4.3.0 come back later")
        pauses.append(row["next_attempt_at"] - studio.clock())
        assert studio.deliver(app) == 0
        assert row_to(studio, app, ANNA)["attempts"] == attempts, "it is not tried before its time"
        studio.clock.forward(seconds=pauses[-1].total_seconds())
    assert pauses == [timedelta(minutes=minutes) for minutes in (1, 5, 15, 30)]
    refuse(smtp_server, stage, None)
    assert studio.deliver(app) == 2
    assert len(smtp_server.sent_to(ANNA)) == 1
    assert states(studio, app) == {ANNA: "sent", BOSS: "sent"}


@pytest.mark.parametrize("stage", STAGES)
def test_a_5yz_fails_with_its_reason_and_is_not_tried_again(studio: Studio, smtp_server: SmtpServer, stage: str) -> None:
    studio.configure(smtp=smtp_server.settings())
    app = studio.open()
    studio.take_in(app, mail(1))
    refuse(smtp_server, stage, "550 5.1.1 no such user")
    assert studio.deliver(app) == 0
    row = row_to(studio, app, ANNA)
    assert (row["state"], row["attempts"], row["error"]) == ("failed", 1, "550 5.1.1 no such user")
    refuse(smtp_server, stage, None)
    studio.clock.forward(days=2)
    assert studio.deliver(app) == 0
    assert smtp_server.taken == []


def test_an_operator_s_answer_that_is_refused_returns_to_the_operators_and_the_dead_address_is_left_alone(
    studio: Studio, smtp_server: SmtpServer
) -> None:
    studio.configure(smtp=smtp_server.settings())
    app = studio.open()
    studio.take_in(app, mail(1))
    studio.deliver(app)
    with app.desk.database.writing() as transaction:
        operate.answer(transaction, app.desk, 1, "It is done.", BOSS, studio.clock())
    refuse(smtp_server, "rcpt", "550 5.1.1 no such user")
    studio.deliver(app)
    refuse(smtp_server, "rcpt", None)
    (ticket,) = studio.tickets(app)
    assert ticket["status"] == "open"
    assert [(row["to"], row["ticket"]) for row in studio.outbox(app, "notice")] == [(BOSS, 1)]
    studio.take_in(app, mail(2))
    assert "does not deliver" in "; ".join(studio.journal(app)[1]["because"])


def test_a_mail_that_is_put_off_for_days_is_given_up_with_the_last_reason(studio: Studio, smtp_server: SmtpServer) -> None:
    studio.configure(smtp=smtp_server.settings())
    app = studio.open()
    studio.take_in(app, mail(1))
    refuse(smtp_server, "rcpt", "450 4.2.2 mailbox full")
    rounds = 0
    while row_to(studio, app, ANNA)["state"] == "due":
        studio.deliver(app)
        studio.clock.forward(hours=6)
        rounds += 1
        assert rounds < 50
    assert row_to(studio, app, ANNA)["error"] == "given up after 4 days: 450 4.2.2 mailbox full"


def test_a_421_closes_the_connection_and_the_next_mail_gets_a_new_one(studio: Studio, smtp_server: SmtpServer) -> None:
    studio.configure(smtp=smtp_server.settings())
    app = studio.open()
    studio.take_in(app, mail(1))
    smtp_server.rcpt = {ANNA: "421 4.3.2 shutting down"}
    assert studio.deliver(app) == 1
    assert states(studio, app) == {ANNA: "due", BOSS: "sent"}
    assert smtp_server.sessions == 2


def test_several_operators_each_get_their_mail_and_one_who_is_refused_holds_up_nobody(sending: Studio, smtp_server: SmtpServer) -> None:
    operators = ["first@studio.example", "gone@studio.example", "last@studio.example"]
    sending.configure(desk={"operators": operators})
    app = sending.open()
    sending.take_in(app, mail(1))
    smtp_server.rcpt = {"gone@studio.example": "550 5.1.1 gone"}
    assert sending.deliver(app) == 3
    assert states(sending, app) == {ANNA: "sent", operators[0]: "sent", operators[1]: "failed", operators[2]: "sent"}
    assert smtp_server.sessions == 1
    assert all(len(one.recipients) == 1 for one in smtp_server.taken), "nobody sees the others"


def test_an_address_beyond_ascii_fails_with_its_reason_and_holds_up_nobody(sending: Studio, smtp_server: SmtpServer) -> None:
    app = sending.open()
    sending.take_in(app, "From: Анна <анна@роза.рф>\r\nSubject: Привет\r\n\r\nНовый телефон на сайт".encode(), mail(1))
    sending.deliver(app)
    assert [row["state"] for row in sending.outbox(app, "forward")] == ["sent", "sent"]
    assert {row["to"]: row["state"] for row in sending.outbox(app, "acknowledgement")}[ANNA] == "sent"
    odd = [row for row in sending.outbox(app, "acknowledgement") if row["to"] != ANNA]
    assert [row["state"] for row in odd] == ["failed"] * len(odd)


# In doubt


def answer_anna(studio: Studio, app: App) -> None:
    """A person's mail to the requester, alone in the outbox."""
    studio.take_in(app, mail(1))
    studio.deliver(app)
    with app.desk.database.writing() as transaction:
        operate.answer(transaction, app.desk, 1, "It is done.", BOSS, studio.clock())


def test_an_automatic_answer_in_doubt_is_not_sent_twice(sending: Studio, smtp_server: SmtpServer) -> None:
    app = sending.open()
    sending.take_in(app, mail(1))
    smtp_server.hangs_up = {ANNA}
    sending.deliver(app)
    row = row_to(sending, app, ANNA)
    assert row["state"] == "failed"
    assert row["error"].startswith("in doubt whether the server accepted it: ")
    smtp_server.hangs_up = set()
    sending.clock.forward(days=1)
    sending.deliver(app)
    assert len(smtp_server.sent_to(ANNA)) == 1
    assert len(smtp_server.sent_to(BOSS)) == 1


def test_a_persons_mail_in_doubt_is_sent_once_more_under_the_same_message_id(sending: Studio, smtp_server: SmtpServer) -> None:
    app = sending.open()
    answer_anna(sending, app)
    smtp_server.hangs_up = {ANNA}
    assert sending.deliver(app) == 0
    (row,) = sending.outbox(app, "reply")
    assert row["state"] == "due"
    smtp_server.hangs_up = set()
    sending.clock.forward(minutes=2)
    assert sending.deliver(app) == 1
    assert message_ids(smtp_server.sent_to(ANNA)[1:]) == [row["message_id"]] * 2


def test_a_persons_mail_that_is_in_doubt_twice_fails(sending: Studio, smtp_server: SmtpServer) -> None:
    app = sending.open()
    answer_anna(sending, app)
    smtp_server.hangs_up = {ANNA}
    for _ in range(5):
        sending.deliver(app)
        sending.clock.forward(minutes=10)
    (row,) = sending.outbox(app, "reply")
    assert (row["state"], row["attempts"]) == ("failed", 2)
    assert len(smtp_server.sent_to(ANNA)) == 3  # the acknowledgement, and twice the reply


@pytest.mark.parametrize(("recipient", "state", "times"), [(ANNA, "failed", 1), (BOSS, "sent", 2)], ids=["automatic", "not automatic"])
def test_a_mail_in_flight_when_mailbot_is_killed_is_in_doubt(
    sending: Studio, smtp_server: SmtpServer, recipient: str, state: str, times: int
) -> None:
    app = sending.open()
    sending.take_in(app, mail(1))
    smtp_server.stalls = {recipient}
    killed = sending.start("run", "--once")
    until(lambda: smtp_server.sent_to(recipient), "the mail is in the server's hands")
    assert states(sending, app)[recipient] == "sending"
    killed.kill()
    killed.wait()
    smtp_server.stalls = set()
    for _ in range(3):
        sending.deliver(app)
        sending.clock.forward(minutes=2)
    assert row_to(sending, app, recipient)["state"] == state
    assert len(smtp_server.sent_to(recipient)) == times
    assert len(set(message_ids(smtp_server.sent_to(recipient)))) == 1
    other = BOSS if recipient == ANNA else ANNA
    assert (row_to(sending, app, other)["state"], len(smtp_server.sent_to(other))) == ("sent", 1)


# The server is away


def test_while_the_server_is_away_all_wait_and_no_attempt_is_counted(sending: Studio, smtp_server: SmtpServer) -> None:
    app = sending.open()
    sending.take_in(app, mail(1))
    smtp_server.stop()
    for _ in range(5):
        with pytest.raises(TransientError, match=r"127\.0\.0\.1"):
            sending.deliver(app)
        sending.clock.forward(minutes=1)
    assert [(row["state"], row["attempts"]) for row in sending.outbox(app)] == [("due", 0)] * 2
    assert "127.0.0.1" in (row_to(sending, app, ANNA)["error"] or "")
    smtp_server.start()
    assert sending.deliver(app) == 2
    assert [(row["state"], row["attempts"]) for row in sending.outbox(app)] == [("sent", 1)] * 2


def certified(server: SmtpServer, folder: Path) -> dict[str, object]:
    """Let the server demand STARTTLS and a login; returns the settings for it."""
    server.stop()
    server.certificate = make_certificate(folder)
    server.start()
    return server.settings(host="localhost", security="starttls", username="desk", password=PASSWORD)


def test_mail_goes_out_over_starttls_with_a_login(
    studio: Studio, smtp_server: SmtpServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    studio.configure(smtp=certified(smtp_server, tmp_path))
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "certificate.pem"))
    app = studio.open()
    studio.take_in(app, mail(1))
    assert studio.deliver(app) == 2


@pytest.mark.parametrize(
    ("trusted", "change", "says"),
    [(False, {}, "the certificate is not valid"), (True, {"password": "wrong"}, "the server refuses the login (535)")],
    ids=["a certificate that nobody vouches for", "a wrong password"],
)
def test_a_server_that_cannot_be_used_leaves_all_mail_waiting_with_the_reason(
    studio: Studio,
    smtp_server: SmtpServer,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    trusted: bool,
    change: Mapping[str, object],
    says: str,
) -> None:
    settings = certified(smtp_server, tmp_path)
    if trusted:
        monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "certificate.pem"))
    studio.configure(smtp=settings | change)
    app = studio.open()
    studio.take_in(app, mail(1))
    with pytest.raises(TransientError, match=re.escape(says)):
        studio.deliver(app)
    row = row_to(studio, app, ANNA)
    assert (row["state"], row["attempts"]) == ("due", 0)
    assert says in row["error"]


# What arrives


def test_the_files_of_a_request_reach_the_operators_octet_for_octet(sending: Studio, smtp_server: SmtpServer) -> None:
    app = sending.open()
    small, large = os.urandom(1_000), os.urandom(3_000_000)
    sending.take_in(app, mail_with_file(small, "план сайта.pdf", 1), mail_with_file(large, "site.zip", 2))
    sending.deliver(app)
    files = [
        (part.get_filename(), sha256(part.get_content()).hexdigest())
        for octets in smtp_server.sent_to(BOSS)
        for part in parsed(octets).iter_attachments()
    ]
    assert files == [("план сайта.pdf", sha256(small).hexdigest()), ("site.zip", sha256(large).hexdigest())]
    assert all(not list(parsed(octets).iter_attachments()) for octets in smtp_server.sent_to(ANNA)), "no answer carries a stranger's file"


def test_a_forward_whose_octets_are_gone_fails_with_its_reason_and_holds_up_nobody(sending: Studio, smtp_server: SmtpServer) -> None:
    app = sending.open()
    sending.take_in(app, mail_with_file(os.urandom(300_000), number=1))
    sending.take_in(app, mail(2))
    for path in (sending.folder / "blobs").rglob("*"):
        if path.is_file():
            path.unlink()
    sending.deliver(app)
    forwards = sending.outbox(app, "forward")
    assert [row["state"] for row in forwards] == ["failed", "sent"]
    assert "is missing; restore it from a backup" in forwards[0]["error"]


def test_lines_that_begin_with_a_dot_arrive_as_they_are(smtp_server: SmtpServer) -> None:
    transport = Smtp(Account("127.0.0.1", smtp_server.port, "none", None, None))
    octets = b"From: a@b.example\r\n\r\n.\r\n..two\r\n.one\r\nlast without a line break"
    assert transport.send("a@b.example", ANNA, octets).ended == "accepted"
    transport.close()
    assert smtp_server.sent_to(ANNA) == [octets + b"\r\n"]


def test_a_maildir_takes_what_goes_out_with_its_envelope(any_studio: Studio) -> None:
    app = any_studio.open()
    octets = os.urandom(5_000)
    any_studio.take_in(app, mail_with_file(octets))
    assert any_studio.deliver(app) == 2
    assert set(states(any_studio, app).values()) == {"sent"}
    out = maildir.Maildir(any_studio.folder / "out")
    sent = {str(one["Delivered-To"]): one for one in (parsed(Path(path).read_bytes()) for path in out.names().values())}
    assert set(sent) == {ANNA, BOSS}
    assert {str(one["Return-Path"]) for one in sent.values()} == {"<support@studio.example>"}
    assert [part.get_content() for part in sent[BOSS].iter_attachments()] == [octets]


def test_a_maildir_that_cannot_be_written_leaves_the_mail_waiting(studio: Studio) -> None:
    (studio.folder / "out").write_text("a file where the folder should be")
    app = studio.open()
    studio.take_in(app, mail(1))
    with pytest.raises(TransientError, match=r"^maildir [^\n]*: Not a directory$"):
        studio.deliver(app)
    assert [(row["state"], row["attempts"]) for row in studio.outbox(app)] == [("due", 0)] * 2
    (studio.folder / "out").unlink()
    studio.clock.forward(minutes=5)
    assert studio.deliver(app) == 2


# Several processes


def test_two_processes_at_once_send_every_mail_once(sending: Studio, smtp_server: SmtpServer) -> None:
    app = sending.open()
    sending.take_in(app, *(mail(number) for number in range(60)))
    both = [sending.start("run", "--once", log=f"log{number}") for number in range(2)]
    assert [process.wait(timeout=120) for process in both] == [0, 0]
    ids = message_ids([one.octets for one in smtp_server.taken])
    assert sorted(ids) == sorted(row["message_id"] for row in sending.outbox(app))
    assert len(set(ids)) == len(ids) == 120


def test_what_one_process_is_sending_another_leaves_alone(sending: Studio, smtp_server: SmtpServer) -> None:
    app = sending.open()
    sending.take_in(app, mail(1))
    smtp_server.stalls = {ANNA}
    first = sending.start("run", "--once")
    until(lambda: smtp_server.sent_to(ANNA), "the first has a mail in flight")
    assert sending.deliver(app) == 0
    assert states(sending, app) == {ANNA: "sending", BOSS: "due"}
    smtp_server.stalls = set()
    assert first.wait(timeout=60) == 0
    assert states(sending, app) == {ANNA: "sent", BOSS: "sent"}
    assert len(smtp_server.taken) == 2


def test_a_mail_that_was_accepted_and_could_not_be_written_down_is_in_doubt_not_sent_again(studio: Studio, smtp_server: SmtpServer) -> None:
    studio.configure(smtp=smtp_server.settings())
    app = studio.open()
    studio.take_in(app, mail(1))
    with sqlite3.connect(studio.folder / "mailbot.db") as other:
        other.execute("CREATE TRIGGER full BEFORE UPDATE ON outbox WHEN NEW.state = 'sent' BEGIN SELECT RAISE(ABORT, 'no room'); END")
    with pytest.raises(Exception, match="no room"):
        studio.deliver(app)
    with sqlite3.connect(studio.folder / "mailbot.db") as other:
        other.execute("DROP TRIGGER full")
    other.close()
    studio.deliver(app)
    assert states(studio, app) == {ANNA: "failed", BOSS: "sent"}
    assert (len(smtp_server.sent_to(ANNA)), len(smtp_server.sent_to(BOSS))) == (1, 1)


def test_a_mail_whose_files_cannot_be_read_just_now_waits_and_holds_up_no_other(any_studio: Studio) -> None:
    app = any_studio.open()
    any_studio.take_in(app, mail_with_file(b"\1" * 300_000), mail(2))
    blobs = any_studio.folder / "blobs"
    away = blobs.rename(any_studio.folder / "away")
    blobs.write_text("no folder")
    assert any_studio.deliver(app) == 3
    (waiting,) = (one for one in any_studio.outbox(app) if one["state"] != "sent")
    assert (waiting["kind"], waiting["state"]) == ("forward", "due")
    assert "blob store" in waiting["error"]
    blobs.unlink()
    away.rename(blobs)
    any_studio.clock.forward(minutes=2)
    assert any_studio.deliver(app) == 1
    assert {one["state"] for one in any_studio.outbox(app)} == {"sent"}


def test_any_yes_to_the_final_dot_is_one_and_no_reply_at_all_is_a_doubt(studio: Studio, smtp_server: SmtpServer) -> None:
    studio.configure(smtp=smtp_server.settings())
    app = studio.open()
    smtp_server.dot = {ANNA: "200 taken", "boris@rose.example": "taken, thanks"}
    studio.take_in(app, mail(1), mail(2, sender="Boris <boris@rose.example>"))
    studio.deliver(app)
    assert states(studio, app) == {ANNA: "sent", BOSS: "sent", "boris@rose.example": "failed"}
    assert "in doubt whether the server accepted it" in row_to(studio, app, "boris@rose.example")["error"]


def test_a_server_that_looks_long_at_a_mail_has_longer_than_for_other_commands(studio: Studio, smtp_server: SmtpServer) -> None:
    studio.configure(smtp=smtp_server.settings())
    transport = studio.open().transport()
    assert isinstance(transport, Smtp)
    smtp_server.stalls = {ANNA}
    with ThreadPoolExecutor(1) as pool:
        sending = pool.submit(transport.send, "support@studio.example", ANNA, mail(1))
        until(lambda: smtp_server.sent_to(ANNA), "the mail is in the server's hands")
        session = transport._session
        assert session is not None and session.sock is not None
        assert session.sock.gettimeout() == DOT_SECONDS
        smtp_server.stalls = set()
        assert sending.result().ended == "accepted"
    assert session.sock.gettimeout() == CONNECT_SECONDS
    transport.close()
