"""Two daemons of one desk: the same request that reaches both at the same moment is one ticket and one repeat."""

import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import make_url, select, text

from mailbot.app import App
from mailbot.edge import maildir
from mailbot.edge.db import clients, tables
from mailbot.edge.db.clients import ClientRecord
from mailbot.edge.db.database import NOTICED, Database
from mailbot.edge.db.facts import lock_parties
from mailbot.fetch import fetch
from tests.conftest import Studio
from tests.duties.mails import mail
from tests.servers import Postgres, until

WORDS = "The order form on page {number} of our catalogue loses the second line of the delivery address, please repair it."
GREETINGS = (  # of the one contact and of the other; those of the first two pairs the digest leaves out, the others comparing
    ("Hello,", "Good morning!"),
    ("Добрый день!", "Hi all,"),
    ("Hello,", "Good day everybody,"),
    ("Здравствуйте!", "Уважаемые коллеги!"),
)


def pairs(app: App, count: int) -> tuple[list[bytes], list[bytes]]:
    """Of each of so many clients the same request of two contacts, each with a greeting of its own."""
    with app.desk.database.writing() as transaction:
        for number in range(count):
            clients.save(transaction, ClientRecord(name=f"Client {number}", domains=[f"client{number}.example"]), app.desk.clock())
    of_contacts = (
        [
            mail(
                f"{who}-{number}",
                f"{who.title()} <{who}@client{number}.example>",
                f"{GREETINGS[number % len(GREETINGS)][which]}\n\n{WORDS.format(number=number)}",
                Subject="The order form",
            )
            for number in range(count)
        ]
        for which, who in enumerate(("anna", "boris"))
    )
    first, second = of_contacts
    return first, second


def second_desk(studio: Studio) -> Studio:
    """The same desk with a mailbox of its own, as another machine has it. What is started there ends with the first one."""
    maildir.create(studio.folder / "in2")
    other = replace(studio, file="second.toml", sections=dict(studio.sections))
    other.configure(mailbox=[{"name": "second", "kind": "maildir", "path": "in2", "poll_seconds": 1}])
    return other


def arrive(studio: Studio, first: list[bytes], second: list[bytes]) -> None:
    """Let the mails of each pair arrive one right after the other, each in its mailbox."""
    for one, other in zip(first, second, strict=True):
        maildir.deliver(studio.folder / "in", one, studio.clock())
        maildir.deliver(studio.folder / "in2", other, studio.clock())


def one_ticket_and_one_repeat_each(studio: Studio, other: Studio, app: App, count: int) -> None:
    rows = studio.journal(app)
    assert Counter(row["mailbox"] for row in rows) == {"support": count, "second": count}
    with app.desk.database.reading() as transaction:
        tickets = transaction.execute(select(tables.ticket.c.number, tables.ticket.c.client_id, tables.ticket.c.repeats)).all()
    assert len({one.client_id for one in tickets}) == len(tickets) == count
    assert {one.repeats for one in tickets} == {1}
    numbers = {one.number for one in tickets}
    for outcome in ("ticket", "repeat"):
        assert Counter(row["ticket"] for row in rows if row["outcome"] == outcome) == Counter(numbers)
    answered: dict[int, list[str]] = {}
    for kind in ("acknowledgement", "repeat"):
        queued = studio.outbox(app, kind)
        assert Counter(one["ticket"] for one in queued) == Counter(numbers)
        for one in queued:
            answered.setdefault(one["ticket"], []).append(one["to"].partition("@")[0])
    assert {tuple(sorted(names)) for names in answered.values()} == {("anna", "boris")}
    for desk in (studio, other):
        audit = desk.run("audit")
        assert audit.returncode == 0, audit.stdout


def settled(studio: Studio, app: App, count: int) -> bool:
    rows = studio.journal(app)
    return len(rows) == count and all(row["outcome"] != "pending" for row in rows)


def holds_its_mailbox(pid: int) -> bool:
    """Whether the process holds a file lock: of its mailbox, while it looks there and writes the journal."""
    return any("FLOCK" in line and f" {pid} " in line for line in Path("/proc/locks").read_text().splitlines())


@contextmanager
def held_back(app: App, pids: list[int]) -> Iterator[None]:
    """Nobody decides anything until the block has ended and both daemons stand before it."""
    waiting = text("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted")

    def both_wait() -> bool:
        if app.desk.database.is_sqlite:
            return len(pids) == 2 and all(map(holds_its_mailbox, pids))
        with app.desk.database.reading() as other:
            return other.scalar(waiting) == 2

    with app.desk.database.writing() as transaction:
        if not app.desk.database.is_sqlite:
            lock_parties(transaction, [f"c{one}" for one in transaction.scalars(select(tables.client.c.id))])
        yield
        until(both_wait, "both daemons have mails and wait for their turn")


def test_both_mails_of_many_clients_wait_when_two_daemons_start(any_studio: Studio) -> None:
    count = 60  # more than a batch in each mailbox: neither daemon can take all
    app, other = any_studio.open(), second_desk(any_studio)
    arrive(any_studio, *pairs(app, count))
    pids: list[int] = []
    with held_back(app, pids):
        pids += [desk.start("run", log=desk.file + ".log").pid for desk in (any_studio, other)]
    until(lambda: settled(any_studio, app, 2 * count), "all is decided")
    one_ticket_and_one_repeat_each(any_studio, other, app, count)


def test_both_mails_of_a_client_arrive_at_the_same_moment_while_two_daemons_run(any_studio: Studio) -> None:
    count = 20
    app, other = any_studio.open(), second_desk(any_studio)
    first, second = pairs(app, count)
    logs = [any_studio.folder / f"{desk.file}.log" for desk in (any_studio, other)]
    for desk, log in zip((any_studio, other), logs, strict=True):
        desk.start("run", log=log.name)
    until(lambda: all("event=started" in log.read_text() for log in logs), "both run")
    arrive(any_studio, first, second)
    until(lambda: settled(any_studio, app, 2 * count), "all is decided")
    one_ticket_and_one_repeat_each(any_studio, other, app, count)


HOLDER = """
import sys
from pathlib import Path
from mailbot.app import open_app
with open_app(Path(sys.argv[1])).desk.database.lock("mailbox:support") as held:
    print(held, flush=True)
    sys.stdin.read()
"""


def test_a_mailbox_is_taken_over_when_its_holder_dies(any_studio: Studio) -> None:
    app = any_studio.open()
    maildir.deliver(any_studio.folder / "in", mail("one"), any_studio.clock())
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(any_studio.path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    any_studio.started.append(holder)
    assert holder.stdout
    assert holder.stdout.readline() == "True\n"
    (mailbox,) = app.mailboxes()
    assert fetch(app.desk, mailbox) is None
    holder.kill()
    holder.wait()
    until(lambda: fetch(app.desk, mailbox) == 1, "the mailbox is free", 60)  # PostgreSQL looks at its clients' connections by and by


def test_a_lock_that_was_let_go_can_be_had_at_once(any_studio: Studio) -> None:
    database = any_studio.open().desk.database
    for _ in range(50):
        with pytest.raises(ZeroDivisionError), database.lock("deliver") as held:
            with database.reading():
                assert held  # and a connection of the pool waits for the next lock
            raise ZeroDivisionError
        with database.lock("deliver") as held:
            assert held


def test_a_machine_that_is_gone_is_noticed_on_both_sides(postgres: Postgres) -> None:
    with postgres.new() as url:
        database = Database(make_url(url).update_query_dict({"host": "127.0.0.1"}).render_as_string(hide_password=False))
        with database.reading() as transaction:
            theirs = {name: transaction.scalar(text(f"SHOW {name}")) for _, name, _ in NOTICED}
            ours = transaction.connection.driver_connection.info.get_parameters()  # type: ignore[union-attr]
        database.close()
    assert theirs == {"tcp_keepalives_idle": "20", "tcp_keepalives_interval": "5", "tcp_keepalives_count": "4", "tcp_user_timeout": "40000"}
    assert {name: ours[name] for name, _, _ in NOTICED} == {name: str(amount) for name, _, amount in NOTICED}
