"""The daemon as a process: it stops when told, says how it is, and starts only on a database that it knows."""

import select
import signal
import sqlite3
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import text

from mailbot.app import App
from mailbot.core.report.week import owed
from mailbot.daemon import Daemon
from mailbot.edge import maildir
from mailbot.edge.db import alarms, tables
from mailbot.edge.db.settings import installed_at
from mailbot.edge.db.upgrade import head, upgrade
from mailbot.edge.imap import IDLE_FAILURES, IDLE_PAUSE, Imap
from mailbot.weekly import send_owed
from tests.conftest import Studio
from tests.duties.mails import mail
from tests.manager import Manager
from tests.servers import Dovecot, ImapUser, SmtpServer, dovecot_server, silent_server, until, wire

ANNA = "anna@rose.example"


def log_of(studio: Studio, name: str = "log") -> str:
    return (studio.folder / name).read_text()


def stop(process: subprocess.Popen[str]) -> int:
    """SIGTERM; the status it ends with. A call that is not broken off would hang for 15 seconds at least; five are promised on an idle machine."""
    process.send_signal(signal.SIGTERM)
    return process.wait(timeout=10)


# SIGTERM

IMAP = {"name": "support", "host": "127.0.0.1", "security": "none", "username": "a", "password": "b", "poll_seconds": 1}


def test_sigterm_ends_an_idle_daemon_with_status_0(any_studio: Studio) -> None:
    any_studio.open()
    daemon = any_studio.start("run")
    until(lambda: "event=started" in log_of(any_studio), "the daemon starts")
    assert stop(daemon) == 0
    assert "event=stopped" in log_of(any_studio)
    assert "Traceback" not in log_of(any_studio)


def test_sigterm_ends_a_daemon_whose_imap_server_never_answers(studio: Studio) -> None:
    with silent_server() as server:
        studio.configure(mailbox=[IMAP | {"port": server.port}])
        daemon = studio.start("run")
        until(lambda: server.sessions, "the daemon connects")
        assert stop(daemon) == 0
    assert "Traceback" not in log_of(studio)


def test_sigterm_ends_a_daemon_whose_imap_server_falls_silent_during_a_look(studio: Studio, imap_user: ImapUser) -> None:
    with wire(imap_user.server.port) as line:
        studio.configure(mailbox=[imap_user.settings(port=line.port)])
        daemon = studio.start("run")
        until(lambda: line.sent > 100, "the daemon looks into the mailbox")
        line.silent = True
        until(lambda: line.lost, "a question of the daemon or its answer gets lost")
        assert stop(daemon) == 0


def test_sigterm_ends_a_daemon_whose_imap_server_fell_silent_between_two_looks(studio: Studio, imap_user: ImapUser) -> None:
    app = studio.open()
    imap_user.append(mail(1))
    with wire(imap_user.server.port) as line:
        studio.configure(mailbox=[imap_user.settings(port=line.port, poll_seconds=3600)])
        daemon = studio.start("run")
        until(lambda: [one["state"] for one in studio.outbox(app)] == ["sent"] * 2, "the first look is over")
        line.silent = True
        assert stop(daemon) == 0


def test_sigterm_ends_a_daemon_whose_smtp_server_never_answers(studio: Studio) -> None:
    app = studio.open()
    studio.take_in(app, mail(1))
    with silent_server() as server:
        studio.configure(smtp={"host": "127.0.0.1", "port": server.port, "security": "none"})
        daemon = studio.start("run")
        until(lambda: server.sessions, "the daemon connects")
        assert stop(daemon) == 0


def test_sigterm_ends_a_daemon_whose_smtp_server_does_not_answer_the_final_dot(studio: Studio, smtp_server: SmtpServer) -> None:
    studio.configure(smtp=smtp_server.settings())
    app = studio.open()
    studio.take_in(app, mail(1))
    smtp_server.stalls = {ANNA}
    daemon = studio.start("run")
    until(lambda: smtp_server.sent_to(ANNA), "the mail is in the server's hands")
    assert stop(daemon) == 0
    smtp_server.stalls = set()
    studio.deliver(app)
    assert {one["to"]: one["state"] for one in studio.outbox(app)}[ANNA] == "failed"
    assert len(smtp_server.sent_to(ANNA)) == 1


def test_sigterm_ends_a_daemon_whose_database_is_locked(studio: Studio) -> None:
    studio.open()
    daemon = studio.start("run")
    until(lambda: "event=started" in log_of(studio), "the daemon starts")
    with closing(sqlite3.connect(studio.folder / "mailbot.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        studio.arrive(mail(1))
        # It cannot say that it waits for the lock: the file's time does, which it has read by now.
        until(lambda: _waits_for_lock(daemon.pid), "the daemon waits for the database")
        assert stop(daemon) == 0
        other.execute("ROLLBACK")
    again = studio.run("run", "--once")
    assert again.returncode == 0, again.stderr
    assert [row["outcome"] for row in studio.journal(studio.open())] == ["ticket"]


def _waits_for_lock(pid: int) -> bool:
    """Whether the process holds the mailbox's own lock: it does while it writes the journal."""
    return any("FLOCK" in line and f" {pid} " in line for line in Path("/proc/locks").read_text().splitlines())


def test_sigterm_in_a_backlog_leaves_every_message_whole_or_untouched(any_studio: Studio, imap_user: ImapUser) -> None:
    any_studio.configure(mailbox=[imap_user.settings()])
    app = any_studio.open()
    imap_user.append(*(mail(number) for number in range(300)))
    daemon = any_studio.start("run")
    until(lambda: any(row["outcome"] == "ticket" for row in any_studio.journal(app)), "some are decided")
    assert stop(daemon) == 0
    numbers = [one["number"] for one in any_studio.tickets(app)]
    assert 0 < len(numbers) < 300, "it was stopped too late to show anything"
    for kind in ("acknowledgement", "forward"):
        assert [one["ticket"] for one in any_studio.outbox(app, kind)] == numbers
    assert {one["state"] for one in any_studio.outbox(app)} <= {"due", "sent"}
    assert any_studio.run("run", "--once").returncode == 0
    assert len(any_studio.tickets(app)) == 300


# What it tells


@pytest.mark.parametrize("kind", ["a path", "an abstract address"])
def test_the_service_manager_hears_ready_status_and_watchdog(
    studio: Studio, manager: Callable[[str], Manager], kind: str, tmp_path: Path
) -> None:
    heard = manager(str(tmp_path / "n") if kind == "a path" else f"@mailbot-test-{tmp_path.name}-{tmp_path.parent.name}")
    daemon = studio.start("run", NOTIFY_SOCKET=heard.address)
    until(lambda: heard.heard("READY=1") and heard.heard("WATCHDOG=1") >= 8, "the daemon is ready and lives")
    assert heard.heard("STATUS=looking after the mailbox")
    assert heard.heard("READY=1") == 1
    assert stop(daemon) == 0
    until(lambda: heard.heard("STOPPING=1"), "the daemon says that it stops")


def test_the_status_names_what_is_wrong(studio: Studio, imap_user: ImapUser, manager: Callable[[str], Manager], tmp_path: Path) -> None:
    studio.configure(mailbox=[imap_user.settings(password="wrong")])
    heard = manager(str(tmp_path / "n"))
    studio.start("run", NOTIFY_SOCKET=heard.address)
    until(lambda: any("the server refuses the login" in line for line in heard.said if line.startswith("STATUS=")), "the status says it")


@pytest.fixture
def own_dovecot() -> Iterator[Dovecot]:
    """A Dovecot that the test may stop."""
    with dovecot_server() as server:
        yield server


def test_a_trouble_is_told_once_and_its_end_once(studio: Studio, own_dovecot: Dovecot) -> None:
    user = own_dovecot.user("anna")
    user.append(mail(1))
    own_dovecot.stop()
    with wire(own_dovecot.port) as line:
        studio.configure(mailbox=[user.settings(port=line.port)])
        app = studio.open()
        daemon = studio.start("run")
        until(lambda: line.sessions >= 2, "the daemon has tried twice")
        own_dovecot.start()
        until(lambda: "well again" in log_of(studio), "the daemon is well again")
        until(lambda: studio.tickets(app), "the mail is taken in")
        assert stop(daemon) == 0
    assert log_of(studio).count('duty="fetch support"') == 2
    assert log_of(studio).count("event=waiting") == log_of(studio).count('event="well again"') == 1
    assert "Traceback" not in log_of(studio)


def test_mail_that_arrives_while_it_runs_is_answered(any_studio: Studio, imap_user: ImapUser, smtp_server: SmtpServer) -> None:
    any_studio.configure(mailbox=[imap_user.settings()], smtp=smtp_server.settings())
    any_studio.open()
    daemon = any_studio.start("run")
    until(lambda: "event=started" in log_of(any_studio), "the daemon starts")
    for number in range(1, 3):
        imap_user.append(mail(number))
        until(lambda number=number: len(smtp_server.sent_to(ANNA)) == number, "the acknowledgement arrives")
    assert stop(daemon) == 0


# The weekly summary


def installed(studio: Studio, ago: timedelta) -> tuple[App, set[str]]:
    """A desk that was installed some time ago, and the weeks whose summaries it owes."""
    studio.clock.now = datetime.now(UTC) - ago
    app = studio.open()
    studio.clock.now = datetime.now(UTC)
    with app.desk.database.reading() as transaction:
        since = installed_at(transaction)
    assert since is not None
    return app, {str(week) for week, _ in owed(app.schedule, since, [], studio.clock())}


def sent_weeks(app: App) -> list[str]:
    with app.desk.database.reading() as transaction:
        return sorted(transaction.scalars(text("SELECT week FROM weekly")))


def test_two_daemons_send_each_weeks_summary_once(any_studio: Studio, manager: Callable[[str], Manager], tmp_path: Path) -> None:
    app, weeks = installed(any_studio, timedelta(days=23))
    assert len(weeks) >= 2
    managers = [manager(str(tmp_path / name)) for name in "ab"]
    daemons = [any_studio.start("run", log=f"log{number}", NOTIFY_SOCKET=one.address) for number, one in enumerate(managers)]
    until(lambda: all(one.heard("WATCHDOG=1") >= 8 for one in managers), "both have done each duty")
    until(lambda: {one["state"] for one in any_studio.outbox(app, "summary")} == {"sent"}, "the summaries are sent")
    assert [stop(daemon) for daemon in daemons] == [0, 0]
    assert sent_weeks(app) == sorted(weeks)
    assert len(any_studio.outbox(app)) == len(weeks)
    assert len(maildir.Maildir(any_studio.folder / "out").names()) == len(weeks)


def test_two_processes_at_once_queue_each_of_many_summaries_once(any_studio: Studio) -> None:
    app, weeks = installed(any_studio, timedelta(days=100))
    both = [any_studio.start("run", "--once", log=f"log{number}") for number in range(2)]
    assert [process.wait(timeout=120) for process in both] == [0, 0]
    assert sent_weeks(app) == sorted(weeks)
    assert len(any_studio.outbox(app, "summary")) == len(weeks) >= 13


def test_a_summary_is_not_owed_before_its_time_and_once_for_each_recipient_after_it(any_studio: Studio) -> None:
    any_studio.configure(summary={"recipients": ["boss@studio.example", "two@studio.example"], "day": "monday", "at": "09:00"})
    any_studio.clock.now = datetime(2026, 11, 18, 12, 0, tzinfo=UTC)
    app = any_studio.open()
    counts = []
    for moment in (datetime(2026, 11, 23, 8, 59, tzinfo=UTC), datetime(2026, 11, 23, 9, 0, tzinfo=UTC), datetime(2026, 12, 9, tzinfo=UTC)):
        any_studio.clock.now = moment
        counts.append(send_owed(app.desk, app.schedule))
    assert counts == [0, 2, 4]
    assert sent_weeks(app) == ["2026-W47", "2026-W47", "2026-W48", "2026-W48", "2026-W49", "2026-W49"]


# The schema


def one_line(ended: subprocess.CompletedProcess[str]) -> str:
    """What a command said that refused: one line."""
    (line,) = ended.stderr.splitlines()
    assert ended.stdout == ""
    return line


@pytest.mark.parametrize("words", [["run"], ["run", "--once"], ["tickets"], ["db", "upgrade"]], ids=" ".join)
def test_a_newer_schema_is_refused_with_status_2_and_one_line(any_studio: Studio, words: list[str]) -> None:
    app = any_studio.open()
    with app.desk.database.writing() as transaction:
        transaction.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    ended = any_studio.run(*words)
    assert ended.returncode == 2
    assert "schema 9999 is newer than this mailbot knows" in one_line(ended)
    assert "install a newer mailbot" in ended.stderr


def test_postgresql_is_migrated_by_a_person_only(studio: Studio, postgres_url: str) -> None:
    studio.configure(database={"url": postgres_url})
    refused = studio.run("run", "--once")
    assert refused.returncode == 2
    assert "schema missing" in one_line(refused)
    assert "run `mailbot db upgrade`" in refused.stderr
    for _ in range(2):  # the second time there is nothing to do
        assert studio.run("db", "upgrade").returncode == 0
    assert studio.run("run", "--once").returncode == 0


@contextmanager
def migrated(studio: Studio) -> Iterator[MigrationContext]:
    """The database as the migrations make it."""
    app = studio.open(prepared=False)
    assert upgrade(app.desk.database) == (None, head())
    with app.desk.database.reading() as connection:
        yield MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})


def test_the_migrations_make_exactly_the_tables_of_the_program(any_studio: Studio) -> None:
    with migrated(any_studio) as context:
        assert compare_metadata(context, tables.metadata) == []
        assert context.get_current_revision() == head() == tables.HEAD


def test_a_migration_that_is_run_twice_changes_nothing(any_studio: Studio) -> None:
    app = any_studio.open()
    any_studio.take_in(app, mail(1))
    assert upgrade(app.desk.database) == (tables.HEAD, tables.HEAD)
    assert len(any_studio.tickets(app)) == 1


# Mail that is pushed


def test_mail_comes_in_at_once_when_the_server_says_so(studio: Studio, imap_user: ImapUser) -> None:
    studio.configure(mailbox=[imap_user.settings(poll_seconds=3600)])
    app = studio.open()
    daemon = studio.start("run")
    until(lambda: "event=started" in log_of(studio), "the daemon starts")
    for number in range(1, 6):
        imap_user.append(mail(number))
        until(lambda number=number: len(studio.tickets(app)) == number, "the mail is taken in")
    assert stop(daemon) == 0
    assert "event=waiting" not in log_of(studio)


def test_mail_comes_in_at_once_over_tls(studio: Studio, dovecot: Dovecot, imap_user: ImapUser) -> None:
    studio.configure(mailbox=[imap_user.settings(poll_seconds=3600, port=dovecot.tls_port, security="tls")])
    app = studio.open()
    daemon = studio.start("run", SSL_CERT_FILE=str(dovecot.certificate))
    until(lambda: "event=started" in log_of(studio), "the daemon starts")
    for number in range(1, 4):
        imap_user.append(mail(number))
        until(lambda number=number: len(studio.tickets(app)) == number, "the mail is taken in")
    assert stop(daemon) == 0
    assert "event=waiting" not in log_of(studio)


def test_a_mailbox_that_is_not_to_idle_is_polled(studio: Studio, imap_user: ImapUser) -> None:
    studio.configure(mailbox=[imap_user.settings(poll_seconds=1, idle=False)])
    app = studio.open()
    daemon = studio.start("run")
    imap_user.append(mail(1))
    until(lambda: studio.tickets(app), "the mail is taken in")
    assert stop(daemon) == 0


def test_an_idle_connection_that_is_cut_is_made_again_before_the_next_poll(studio: Studio, dovecot: Dovecot, imap_user: ImapUser) -> None:
    with wire(dovecot.port) as line:
        studio.configure(mailbox=[imap_user.settings(poll_seconds=3600, port=line.port)])
        app = studio.open()
        daemon = studio.start("run")
        for number in range(1, 6):
            until(lambda number=number: line.sessions >= number and b"IDLE" in line.said, "the daemon waits for the server's word")
            imap_user.append(mail(number))
            until(lambda number=number: len(studio.tickets(app)) == number, "the mail is taken in")
            line.cut()
        assert stop(daemon) == 0
    assert "Traceback" not in log_of(studio)


def idling(studio: Studio, imap_user: ImapUser, **changes: object) -> tuple[App, Daemon, Imap]:
    """A daemon that has looked once into its mailbox and waits for the server's word."""
    studio.configure(mailbox=[imap_user.settings(poll_seconds=3600, **changes)])
    app = studio.open()
    daemon = app.daemon()
    (box,) = daemon.mailboxes
    assert isinstance(box.source, Imap)
    daemon._fetch(box)
    assert box.source.waits_at is not None
    return app, daemon, box.source


def test_a_server_that_breaks_off_when_it_is_to_tell_of_arrivals_is_polled_and_asked_again_an_hour_later(
    studio: Studio, imap_user: ImapUser
) -> None:
    with wire(imap_user.server.port) as line:
        app, daemon, source = idling(studio, imap_user, port=line.port)
        line.unwanted = b"IDLE"
        line.cut()
        for _ in range(IDLE_FAILURES):
            assert source.is_deaf or source.waits_at
            daemon._wait(0)
        sessions = line.sessions
        daemon._wait(0)
        assert (source.is_deaf, source.waits_at, line.sessions) == (False, None, sessions)
        line.unwanted = None
        imap_user.append(mail(1))
        daemon._fetch(daemon.mailboxes[0])  # as at every poll
        assert len(studio.tickets(app)) == 1
        assert source.waits_at is None
        source._polled_until -= IDLE_PAUSE  # an hour later
        daemon._wait(0)
        assert source.waits_at is not None
        daemon.close()


def test_what_arrives_while_another_daemon_reads_the_mailbox_is_not_asked_for_without_a_pause(studio: Studio, imap_user: ImapUser) -> None:
    app, daemon, source = idling(studio, imap_user)
    imap_user.append(mail(1))
    until(lambda: source.has_spoken() or select.select([source.waits_at], [], [], 0)[0], "the server speaks")
    with app.desk.database.lock("mailbox:support"):
        daemon._wait(0)
        assert source.waits_at is None and not source.has_spoken()
    assert studio.tickets(app) == []
    daemon._wait(0)
    assert len(studio.tickets(app)) == 1
    daemon.close()


def test_a_connection_that_breaks_before_the_server_has_said_what_it_can_stops_no_daemon(studio: Studio, imap_user: ImapUser) -> None:
    with wire(imap_user.server.port) as line:
        _, daemon, source = idling(studio, imap_user, port=line.port)
        source.select()  # as the audit does
        assert source._client is not None
        source._client._cached_capabilities = None  # a server that does not tell it with the login
        source._client._imap.untagged_responses.clear()
        line.cut()
        daemon._wait(0)
        studio.clock.forward(seconds=6)
        daemon._wait(0)
        assert source.waits_at is not None  # it was looked at again
        daemon.close()


@pytest.mark.parametrize("kind", ["imap", "maildir"])
def test_a_backlog_lets_other_mailboxes_and_duties_have_their_turn(
    studio: Studio, imap_user: ImapUser, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    monkeypatch.setattr("mailbot.daemon.TURN_SECONDS", 0)
    maildir.create(studio.folder / "other")
    for number in range(220):
        imap_user.append(mail(number)) if kind == "imap" else studio.arrive(mail(number))
    maildir.deliver(studio.folder / "other", mail(300))
    first = imap_user.settings() if kind == "imap" else {"name": "support", "kind": "maildir", "path": "in"}
    studio.configure(mailbox=[first, {"name": "other", "kind": "maildir", "path": "other"}])
    app = studio.open()
    daemon = app.daemon()

    def taken() -> list[int]:
        rows = studio.journal(app)
        return [sum(row["mailbox"] == name for row in rows) for name in ("support", "other")]

    daemon.timetable().run_all()
    assert taken() == [100, 1]
    studio.clock.forward(hours=2)
    daemon.duty("audit", daemon._audit)  # of a backlog it does not say that it is missing
    with app.desk.database.reading() as transaction:
        assert alarms.lasting(transaction) == []
    daemon._wait(60)
    assert taken() == [200, 1]
    daemon._wait(60)
    daemon._wait(60)
    assert taken() == [220, 1]
    assert daemon.unfinished <= {"support"}
    daemon.turn_seconds = 60
    daemon._take_in()
    assert {row["outcome"] for row in studio.journal(app)} == {"ticket"}
    daemon.close()


def test_a_backlog_that_fails_is_tried_after_its_pause_and_not_without_one(studio: Studio, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mailbot.daemon.TURN_SECONDS", 0)
    for number in range(150):
        studio.arrive(mail(number))
    app = studio.open()
    daemon = app.daemon()
    daemon.timetable().run_all()
    assert daemon.unfinished == {"support"}
    daemon.paused["fetch support"] = studio.clock() + timedelta(minutes=1)  # as when the database went away behind the look
    daemon._wait(0)
    assert len(studio.journal(app)) == 100
    begun = time.monotonic()
    daemon._wait(0.2)
    assert time.monotonic() - begun >= 0.19  # it sleeps meanwhile, however busy the machine is
    del daemon.paused["fetch support"]
    (studio.folder / "in" / "new").rename(studio.folder / "in" / "away")
    daemon._wait(0)
    assert daemon.unfinished == set()
    assert list(daemon.paused) == ["fetch support"]
    daemon.close()


def test_once_takes_in_a_backlog_whole(studio: Studio, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mailbot.daemon.TURN_SECONDS", 0)
    for number in range(150):
        studio.arrive(mail(number))
    app = studio.open()
    assert app.daemon().once()
    assert len(studio.journal(app)) == 150


def test_old_octets_go_in_turns(studio: Studio, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mailbot.daemon.TURN_SECONDS", 0)
    studio.configure(storage={"keep_octets_days": 30})
    app = studio.open()
    for number in range(3):
        app.desk.blobs.put(str(number) * 64, b"no row needs it")
    studio.clock.forward(days=31)
    daemon = app.daemon()

    def left() -> int:
        return len(list(app.desk.blobs.older_than(studio.clock())))

    daemon.duty("retention", daemon._drop_old)
    assert left() == 2
    assert daemon.once()
    assert left() == 0
