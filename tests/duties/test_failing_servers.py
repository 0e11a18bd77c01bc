"""Servers and databases that refuse or fall silent: said once, lost nothing, and once that all is well again."""

import os
import re
import stat
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import pytest

from mailbot.app import App
from mailbot.edge import smtp
from mailbot.edge.imap import login
from mailbot.errors import TransientError
from mailbot.fetch import fetch
from tests.conftest import Studio
from tests.duties.mails import mail
from tests.manager import Manager
from tests.servers import PASSWORD, ImapUser, Postgres, SmtpServer, dovecot_server, make_certificate, silent_server, until, wire

ANNA, BOSS = "anna@rose.example", "boss@studio.example"


def log_of(studio: Studio) -> str:
    return (studio.folder / "log").read_text()


def stop(process: subprocess.Popen[str]) -> int:
    process.terminate()
    return process.wait(timeout=20)


# A quota that is full

QUOTA = """
mail_plugins = quota
protocol imap {
  mail_plugins = quota imap_quota
  imap_capability = IMAP4rev1 IDLE UIDPLUS LITERAL+
}
plugin {
  quota = count:User quota
  quota_vsizes = yes
  quota_rule = *:messages=4
}
"""  # without MOVE, since Dovecot lets a message move within its quota


@pytest.fixture
def full() -> Iterator[ImapUser]:
    """A mailbox that takes one message more; three are in another folder."""
    with dovecot_server(more=QUOTA) as server:
        user = server.user("anna")
        user.append(mail("old 1"), mail("old 2"), mail("old 3"), folder="Archive")
        yield user


def force_in(user: ImapUser, octets: bytes) -> None:
    """Let a message arrive all the same, as servers allow the one that exceeds a quota."""
    path = user.server.folder / "mail" / user.name / "new" / f"{len(octets)}.forced.host"
    path.write_bytes(octets)
    path.chmod(0o666)


def make_room(user: ImapUser) -> None:
    with user.client("Archive") as client:
        client.delete_messages(client.search("ALL"))
        client.expunge()


def test_mail_comes_in_once_while_a_full_quota_refuses_to_move_it_and_is_moved_when_there_is_room(studio: Studio, full: ImapUser) -> None:
    full.append(mail(1))
    with wire(full.server.port) as line:
        studio.configure(mailbox=[full.settings(port=line.port, done="move:Handled")])
        app = studio.open()
        daemon = studio.start("run")
        until(lambda: "OVERQUOTA" in log_of(studio), "the refusal is told")
        force_in(full, mail(2, text="Another one"))
        until(lambda: len(studio.tickets(app)) == 2, "what comes later is taken in all the same")
        sessions = line.sessions
        until(lambda: line.sessions > sessions, "it tries again")
        make_room(full)
        until(lambda: "well again" in log_of(studio), "all is well again")
        assert stop(daemon) == 0
    assert (full.uids(), len(full.uids("Handled"))) == ([], 2)
    assert [row["outcome"] for row in studio.journal(app)] == ["ticket", "ticket"]
    assert len(studio.outbox(app, "acknowledgement")) == 2
    assert log_of(studio).count("event=waiting") == log_of(studio).count('event="well again"') == 1
    assert "Traceback" not in log_of(studio)


def test_a_quota_that_stays_full_is_an_alarm(studio: Studio, full: ImapUser) -> None:
    studio.clock.now = datetime(2026, 11, 18, 12, 0, tzinfo=UTC)
    studio.configure(mailbox=[full.settings(done="move:Handled")])
    app = studio.open()
    full.append(mail(1))
    assert not app.daemon().once()
    studio.clock.forward(minutes=16)
    assert not app.daemon().once()
    make_room(full)
    assert app.daemon().once()
    assert [one["subject"] for one in studio.outbox(app, "notice")] == ["Needs attention: mailbox support", "Well again: mailbox support"]
    assert len(studio.tickets(app)) == 1


# What is told of a trouble, and of its end


@dataclass(frozen=True)
class Trouble:
    """Something that happens to a mailbox while the daemon runs, how it is mended, and a word of what is told."""

    begin: Callable[[ImapUser], object]
    mend: Callable[[ImapUser], object]
    word: str
    settings: dict[str, object] = field(default_factory=dict)


def remove_folder(user: ImapUser) -> None:
    with user.client() as client:
        client.delete_folder("Support")


TROUBLES = {
    "the server goes away": Trouble(lambda user: user.server.stop(), lambda user: user.server.start(), "refused"),
    "the folder is gone": Trouble(remove_folder, lambda user: user.append(folder="Support"), "Support", {"folder": "Support"}),
    "the quota is full": Trouble(lambda user: user.append(mail(1)), make_room, "OVERQUOTA", {"done": "move:Handled"}),
}


@pytest.mark.parametrize("name", TROUBLES)
def test_a_trouble_is_told_in_log_status_and_check_and_is_over_when_it_is_mended(
    studio: Studio, full: ImapUser, manager: Callable[[str], Manager], tmp_path: Path, name: str
) -> None:
    trouble = TROUBLES[name]
    box: dict[str, object] = {"folder": "INBOX"} | trouble.settings
    full.append(folder=str(box["folder"]))
    studio.configure(mailbox=[full.settings(**box)])
    studio.open()
    heard = manager(str(tmp_path / "n"))
    daemon = studio.start("run", NOTIFY_SOCKET=heard.address)
    until(lambda: heard.heard("STATUS=looking after the mailbox"), "the daemon is well")
    trouble.begin(full)
    until(lambda: any(line.startswith("STATUS=mailbox") and trouble.word in line for line in list(heard.said)), "the status tells it")
    checked = studio.run("check")
    assert checked.returncode == 1
    assert re.search(rf"^WRONG trouble: mailbox support since .*{trouble.word}", checked.stdout, re.MULTILINE)
    trouble.mend(full)
    well = heard.heard("STATUS=looking after the mailbox")
    until(lambda: heard.heard("STATUS=looking after the mailbox") > well, "the status tells that it is over")
    full.append(mail(2), folder=str(box["folder"]))
    until(lambda: studio.outbox(studio.open(), "acknowledgement"), "mail comes in again")
    until(lambda: studio.run("check").returncode == 0, "and nothing is wrong any more")
    assert stop(daemon) == 0
    told = re.findall(r'event=waiting duty="fetch support" because="([^"]+)"', log_of(studio))
    assert len(told) == len(set(told)) <= 2  # a server that goes away says goodbye first
    assert log_of(studio).count("well again") == 1
    assert "Traceback" not in log_of(studio)


# A database that takes no writes


@contextmanager
def read_only_file(studio: Studio) -> Iterator[None]:
    """The SQLite file and its folder, as a file system that was mounted read-only after an error."""
    paths = [*studio.folder.glob("mailbot.db*"), studio.folder]
    modes = {path: stat.S_IMODE(path.stat().st_mode) for path in paths}
    for path in paths:
        path.chmod(modes[path] & 0o555)
    try:
        yield
    finally:
        for path in reversed(paths):
            path.chmod(modes[path])


def as_nobody_special(studio: Studio, *words: str) -> list[str]:
    """The command line, without root's right to write what may not be written."""
    drop = ["setpriv", "--bounding-set", "-dac_override,-dac_read_search", "--inh-caps", "-dac_override,-dac_read_search"]
    return [*(drop if os.geteuid() == 0 else []), *studio.command(*words)]


@pytest.mark.parametrize("first", [True, False], ids=["before it was ever used", "with work in it"])
def test_an_sqlite_file_that_is_read_only_is_told_in_a_line_and_nothing_is_lost(studio: Studio, first: bool) -> None:
    app = studio.open()
    if not first:
        studio.take_in(app, mail(0))
    app.desk.database.close()
    studio.arrive(mail(1))
    with read_only_file(studio):
        ended = subprocess.run(as_nobody_special(studio, "run", "--once"), capture_output=True, text=True, timeout=120, check=False)
    assert ended.returncode in (1, 2)
    assert "Traceback" not in ended.stderr
    assert "mailbot.db" in ended.stderr
    assert studio.run("run", "--once").returncode == 0
    assert [row["outcome"] for row in studio.journal(app)] == ["ticket"] * (1 if first else 2)
    assert len(studio.outbox(app, "acknowledgement")) == (1 if first else 2)


def test_a_postgresql_that_takes_no_writes_is_waited_for(studio: Studio, postgres: Postgres, postgres_url: str) -> None:
    studio.configure(database={"url": postgres_url})
    app = studio.open()
    daemon = studio.start("run")
    until(lambda: "event=started" in log_of(studio), "the daemon starts")
    postgres.read_only(postgres_url, True)
    studio.arrive(mail(1))
    until(lambda: re.search('duty="fetch support" .*read-only transaction', log_of(studio)), "the refusal is told")
    postgres.read_only(postgres_url, False)
    until(lambda: [one["state"] for one in studio.outbox(app)] == ["sent"] * 2, "the mail is taken in and answered")
    until(lambda: 'event="well again" duty="fetch support"' in log_of(studio), "it is told that all is well again")
    assert stop(daemon) == 0
    assert "Traceback" not in log_of(studio)
    assert [row["outcome"] for row in studio.journal(app)] == ["ticket"]


def test_a_message_is_not_set_aside_because_postgresql_takes_no_writes(studio: Studio, postgres: Postgres, postgres_url: str) -> None:
    studio.configure(database={"url": postgres_url})
    app = studio.open()
    studio.arrive(mail(1))
    fetch(app.desk, app.mailboxes()[0])
    postgres.read_only(postgres_url, True)
    for _ in range(5):
        ended = studio.run("run", "--once")
        assert ended.returncode == 1
        assert "Traceback" not in ended.stderr
    postgres.read_only(postgres_url, False)
    assert studio.run("run", "--once").returncode == 0
    assert [row["outcome"] for row in studio.journal(app)] == ["ticket"]


# No answer for ever

QUICK = 1.0  # seconds instead of the minute that a server is given


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(login, "CONNECT_SECONDS", QUICK)
    monkeypatch.setattr(login, "READ_SECONDS", QUICK)
    monkeypatch.setattr(smtp, "CONNECT_SECONDS", QUICK)
    monkeypatch.setattr(smtp, "DOT_SECONDS", QUICK)


def look(app: App) -> None:
    """Two looks, with the idling between them."""
    box = app.mailboxes()[0]
    for _ in range(2):
        fetch(app.desk, box)
        box.source.idle()  # type: ignore[union-attr]


@pytest.mark.parametrize(
    "word", ["CAPABILITY", "LOGIN", "SELECT", "SEARCH", "RFC822.SIZE", "BODY.PEEK", "LIST", "CREATE", "MOVE", "IDLE", "DONE"]
)
def test_an_imap_server_that_falls_silent_is_not_waited_for_for_ever(
    studio: Studio, imap_user: ImapUser, impatient: None, word: str
) -> None:
    imap_user.append(mail(1))
    with wire(imap_user.server.port) as line:
        line.mute = word.encode()
        studio.configure(mailbox=[imap_user.settings(port=line.port, done="move:Handled")])
        app = studio.open()
        with pytest.raises(TransientError, match=r"^mailbox [^\n]*: no answer; will try again$"):
            look(app)
        assert line.silent
        line.mute, line.silent = None, False
        line.cut()
        look(app)
    assert len(studio.journal(app)) == 1
    assert (imap_user.uids(), len(imap_user.uids("Handled"))) == ([], 1)


@pytest.mark.parametrize("security", ["none", "tls", "starttls"])
def test_a_server_that_says_nothing_at_all_is_not_waited_for_for_ever(studio: Studio, impatient: None, security: str) -> None:
    with silent_server() as server:
        one = {"host": "127.0.0.1", "port": server.port, "security": security, "username": "a", "password": "b"}
        studio.configure(mailbox=[one | {"name": "support"}], smtp=one)
        app = studio.open()
        with pytest.raises(TransientError, match=r"no answer|timed out"):
            fetch(app.desk, app.mailboxes()[0])
        assert app.transport().send("a@b.example", ANNA, b"a: b\r\n\r\n").ended == "unreachable"


@pytest.mark.parametrize(
    ("word", "state"),
    [
        ("ehlo", "due"),
        ("mail FROM", "due"),
        ("rcpt TO", "due"),
        ("DATA", "due"),
        ("the dot", "failed"),
        ("quit", "sent"),
        ("rset", "failed"),
    ],
)
def test_an_smtp_server_that_falls_silent_is_not_waited_for_for_ever(
    studio: Studio, smtp_server: SmtpServer, impatient: None, word: str, state: str
) -> None:
    if word == "rset":
        smtp_server.rcpt = {ANNA: "550 5.1.1 no such user"}
    if word == "the dot":
        smtp_server.stalls = {ANNA}
    with wire(smtp_server.port) as line:
        line.mute = word.encode()
        studio.configure(smtp=smtp_server.settings(port=line.port))
        app = studio.open()
        studio.take_in(app, mail(1))
        with suppress(TransientError):  # the other mail finds the server away
            studio.deliver(app)
        assert line.silent or smtp_server.sent_to(ANNA)
    smtp_server.stalls = set()
    assert studio.outbox(app, "acknowledgement")[0]["state"] == state
    assert len(smtp_server.sent_to(ANNA)) == (state == "sent" or word == "the dot")


# SMTP says no at each step


@pytest.mark.parametrize("reply", ["421 4.3.2 closing", "450 4.3.0 later", "550 5.7.1 not you"], ids=["421", "450", "550"])
@pytest.mark.parametrize("stage", ["ehlo", "auth"])
def test_a_server_that_refuses_the_desk_itself_leaves_all_mail_waiting(
    studio: Studio, smtp_server: SmtpServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, stage: str, reply: str
) -> None:
    studio.configure(smtp=smtp_server.settings())
    if stage == "auth":
        smtp_server.stop()
        smtp_server.certificate = make_certificate(tmp_path)
        smtp_server.start()
        monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "certificate.pem"))
        studio.configure(smtp=smtp_server.settings(host="localhost", security="starttls", username="desk", password=PASSWORD))
    app = studio.open()
    studio.take_in(app, mail(1))
    setattr(smtp_server, stage, reply)
    for _ in range(3):
        with pytest.raises(TransientError, match=reply[:3]) as raised:
            studio.deliver(app)
        assert ("mend username or password" in str(raised.value)) == (stage == "auth" and reply.startswith("5"))
        studio.clock.forward(minutes=5)
    assert [(row["state"], row["attempts"]) for row in studio.outbox(app)] == [("due", 0)] * 2
    setattr(smtp_server, stage, None)
    assert studio.deliver(app) == 2


@pytest.mark.parametrize("stage", ["mail", "rcpt", "data", "dot"])
def test_a_421_at_any_step_lets_the_mail_wait_and_the_next_one_gets_a_new_connection(
    studio: Studio, smtp_server: SmtpServer, stage: str
) -> None:
    studio.configure(smtp=smtp_server.settings())
    app = studio.open()
    studio.take_in(app, mail(1))
    reply = "421 4.3.2 closing"
    setattr(smtp_server, stage, {"": reply} if stage in ("rcpt", "dot") else reply)
    assert studio.deliver(app) == 0
    assert [(row["state"], row["attempts"]) for row in studio.outbox(app)] == [("due", 1)] * 2
    assert smtp_server.sessions == 2
    setattr(smtp_server, stage, {} if stage in ("rcpt", "dot") else None)
    studio.clock.forward(minutes=5)
    assert studio.deliver(app) == 2
    assert [len(smtp_server.sent_to(one)) for one in (ANNA, BOSS)] == [1, 1]
