"""Fixtures: real servers, an SQLite file or a PostgreSQL database, and a desk to open on them."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from mailbot.app import App, open_app, prepare
from mailbot.deliver import deliver
from mailbot.edge import maildir
from mailbot.edge.db import journal, outbox, tables, views
from mailbot.edge.db.upgrade import upgrade
from mailbot.edge.imap import Imap
from mailbot.fetch import fetch
from mailbot.intake import take_in
from tests import servers
from tests.command import command
from tests.manager import Manager

SECRET = "a secret of the tests, long enough"


@pytest.fixture(scope="session")
def dovecot() -> Iterator[servers.Dovecot]:
    """This worker's Dovecot."""
    with servers.dovecot_server() as server:
        yield server


@pytest.fixture(scope="session")
def postgres() -> Iterator[servers.Postgres]:
    """This worker's PostgreSQL."""
    with servers.postgres_server() as server:
        yield server


@pytest.fixture
def imap_user(dovecot: servers.Dovecot, tmp_path: Path) -> servers.ImapUser:
    """A mailbox of this test's own on Dovecot."""
    return dovecot.user(f"{tmp_path.parent.name}-{tmp_path.name}".lower())


@pytest.fixture
def smtp_server() -> Iterator[servers.SmtpServer]:
    """An SMTP server of this test's own; it says yes until the test tells it otherwise."""
    server = servers.SmtpServer()
    server.start()
    yield server
    server.stop()


@pytest.fixture
def postgres_url(postgres: servers.Postgres) -> Iterator[str]:
    """An empty PostgreSQL database."""
    with postgres.new() as url:
        yield url


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest) -> str:
    """The URL of an empty database: the test runs on both kinds."""
    return "sqlite:///mailbot.db" if request.param == "sqlite" else str(request.getfixturevalue("postgres_url"))


@dataclass
class Clock:
    """A clock that the test moves. It begins now, so that a `mailbot` started as a process agrees with it."""

    now: datetime = field(default_factory=lambda: datetime.now(UTC))

    def __call__(self) -> datetime:
        return self.now

    def forward(self, **by: float) -> datetime:
        """Let time pass."""
        self.now += timedelta(**by)
        return self.now


def toml(values: Mapping[str, Any]) -> str:
    """A configuration as TOML: tables, arrays of tables, and plain values (for which JSON is TOML)."""
    lines = []
    for name, value in values.items():
        if isinstance(value, list):
            lines += [f"[[{name}]]\n{_pairs(one)}" for one in value]
        else:
            lines.append(f"[{name}]\n{_pairs(value)}")
    return "\n".join(lines)


def _pairs(table: Mapping[str, Any]) -> str:
    return "".join(f"{key} = {_value(value)}\n" for key, value in table.items())


def _value(value: Any) -> str:
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{key} = {_value(one)}" for key, one in value.items()) + " }"
    if isinstance(value, list):
        return f"[{', '.join(map(_value, value))}]"
    return json.dumps(value, ensure_ascii=False)


@dataclass
class Studio:
    """A desk in a folder: its configuration, and what a test does with it.

    Mail arrives in the Maildir `in` and goes out into the Maildir `out` until `configure` says otherwise.
    """

    folder: Path
    database: str
    clock: Clock
    sections: dict[str, Any] = field(default_factory=dict)
    file: str = "mailbot.toml"
    opened: list[App] = field(default_factory=list)
    started: list[subprocess.Popen[str]] = field(default_factory=list)

    @property
    def path(self) -> Path:
        """The configuration file."""
        return self.folder / self.file

    def configure(self, **sections: Any) -> None:
        """Write the configuration; a table's keys are added to the usual ones, `mailbox` and `smtp` replace them."""
        for name, value in sections.items():
            replaces = name in ("mailbox", "smtp") or name not in self.sections
            self.sections[name] = value if replaces else self.sections[name] | value
        self.path.write_text(toml(self.sections), "utf-8")

    def open(self, prepared: bool = True) -> App:
        """The desk, ready to work, with the test's clock. Each call opens another one, as another process would."""
        app = open_app(self.path, self.clock)
        self.opened.append(app)
        if prepared:
            if not app.desk.database.is_sqlite:
                upgrade(app.desk.database)
            prepare(app)
        return app

    def arrive(self, *messages: bytes) -> None:
        """Let messages arrive in the Maildir."""
        for octets in messages:
            maildir.deliver(self.folder / "in", octets, self.clock())

    def take_in(self, app: App, *messages: bytes) -> list[dict[str, Any]]:
        """Let messages arrive, fetch all mailboxes, take in what came; returns the journal."""
        self.arrive(*messages)
        for mailbox in app.mailboxes():
            fetch(app.desk, mailbox)
            if isinstance(mailbox.source, Imap):
                mailbox.source.close()
        take_in(app.desk)
        return self.journal(app)

    def deliver(self, app: App) -> int:
        """Send what is due; returns how many mails were accepted."""
        return deliver(app.desk, app.transport(), lambda: 0.0)

    def letter(self, app: App, row: Mapping[str, Any]) -> EmailMessage:
        """A mail of the outbox as the standard library reads it."""
        with app.desk.database.reading() as transaction:
            packed = transaction.scalar(select(tables.outbox.c.octets).where(tables.outbox.c.id == row["id"]))
        return message_from_bytes(journal.unpack(packed or b""), policy=policy.default)

    def journal(self, app: App) -> list[dict[str, Any]]:
        """All journal rows."""
        with app.desk.database.reading() as transaction:
            return journal.listed(transaction)

    def tickets(self, app: App) -> list[dict[str, Any]]:
        """All tickets, with their messages."""
        with app.desk.database.reading() as transaction:
            return [views.shown(transaction, one["number"]) or {} for one in views.listed(transaction)]

    def outbox(self, app: App, kind: str | None = None) -> list[dict[str, Any]]:
        """All rows of the outbox, or those of a kind."""
        with app.desk.database.reading() as transaction:
            return [one for one in outbox.listed(transaction) if kind in (None, one["kind"])]

    def command(self, *words: str) -> list[str]:
        """The command line of `mailbot WORDS` on this desk."""
        return [sys.executable, "-m", "mailbot", "--config", str(self.path), *words]

    def run(self, *words: str, **environment: str) -> subprocess.CompletedProcess[str]:
        """`mailbot WORDS` as a process of its own, to its end."""
        ended = command("--config", str(self.path), *words, cwd=self.folder, **environment)
        return subprocess.CompletedProcess(ended.args, ended.returncode, ended.stdout.decode(), ended.stderr.decode())

    def start(self, *words: str, log: str = "log", **environment: str) -> subprocess.Popen[str]:
        """`mailbot WORDS` as a process that goes on; what it says stands in the file `log` of the folder."""
        with (self.folder / log).open("w") as stderr:
            process = subprocess.Popen(
                self.command(*words), stdout=stderr, stderr=stderr, text=True, env=os.environ | environment, cwd=self.folder
            )
        self.started.append(process)
        return process

    def close(self) -> None:
        """Let go of everything."""
        for process in self.started:
            if process.poll() is None:
                process.kill()
            process.wait()
        for app in self.opened:
            app.desk.database.close()


def make_studio(folder: Path, url: str, clock: Clock) -> Studio:
    """A desk in a folder that mail arrives in and goes out from by Maildirs."""
    studio = Studio(folder, url, clock)
    (folder / "secret").write_text(SECRET)
    maildir.create(folder / "in")
    studio.configure(
        desk={
            "name": "Web Studio",
            "address": "support@studio.example",
            "language": "en",
            "timezone": "UTC",
            "operators": ["boss@studio.example"],
            "hours": "Mon-Fri 10:00-19:00",
        },
        mailbox=[{"name": "support", "kind": "maildir", "path": "in", "poll_seconds": 1}],
        smtp={"kind": "maildir", "path": "out"},
        database={"url": url},
        automatic={"per_address_per_hour": 1000, "per_ticket_per_day": 1000, "total_per_hour": 100_000},
    )
    return studio


@pytest.fixture
def studio(tmp_path: Path) -> Iterator[Studio]:
    """A desk on an SQLite file."""
    made = make_studio(tmp_path, "sqlite:///mailbot.db", Clock())
    yield made
    made.close()


@pytest.fixture
def any_studio(tmp_path: Path, database: str) -> Iterator[Studio]:
    """A desk on either kind of database."""
    made = make_studio(tmp_path, database, Clock())
    yield made
    made.close()


@pytest.fixture
def manager(tmp_path: Path) -> Iterator[Callable[[str], Manager]]:
    """Makes service managers that listen at an address."""
    made: list[Manager] = []

    def make(address: str) -> Manager:
        made.append(Manager(address))
        return made[-1]

    yield make
    for one in made:
        one.close()
