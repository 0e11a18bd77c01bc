"""What the weekly summary, a client's account and a quote cost among very many clients and tickets, each as a process of its own.

`python -m benchmarks.report` fills a database (an SQLite file, or the empty PostgreSQL one of --database) with 10,000 clients and 200,000
tickets with their answers, work, causes and offers, and runs the commands as a person does. Seconds are from start to exit; memory is the
process's peak, a PostgreSQL server's is not in it.
"""

import argparse
import os
import random
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from benchmarks.ingest import machine

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
WEEK = "2026-W47"
COMMANDS = {
    "summary": ("summary", "--week", WEEK),
    "summary of a client": ("summary", "--week", WEEK, "--client", "Client 2"),
    "client show": ("client", "show", "Client 2"),
    "quote": ("quote", "Client 2"),
}
CAUSES = ("fault", "content", "how-to", "access", "hosting", "change", "billing", "other")


def fill(folder: Path, url: str, tickets: int, clients: int) -> None:
    """Make the tables and fill them."""
    from benchmarks import filling
    from benchmarks.scale import CONFIGURATION
    from mailbot import app
    from mailbot.edge.db.upgrade import upgrade

    file = folder / "mailbot.toml"
    file.write_text(CONFIGURATION.format(url=url, suggest="false"))
    (folder / "secret").write_text("a secret of the benchmark")
    built = app.open_app(file, lambda: NOW)
    upgrade(built.desk.database)
    app.prepare(built)
    filling.CLIENTS, filling.BIGGEST = clients, tickets // 50
    filling.fill(built.desk.database, tickets, NOW)
    work_on(built.desk.database, tickets, clients)
    built.desk.database.close()


def work_on(database: Any, tickets: int, clients: int) -> None:
    """Contracts, first responses, causes, repeats, three months of work, and offers without an answer."""
    from sqlalchemy import text

    from benchmarks import filling

    chance, week = random.Random("work"), timedelta(days=7) // timedelta(microseconds=1)
    with database.writing() as transaction:

        def run(statement: str, **values: Any) -> None:
            transaction.execute(text(statement), values)

        run("UPDATE client SET contract = 'monthly', fee = '15000', included_minutes = 60 WHERE id % 3 = 0")
        run("UPDATE client SET contract = 'hourly' WHERE id % 3 = 1")
        run("UPDATE ticket SET verdict_due_at = opened_at + 28800000000, first_response_at = opened_at + (number % 40) * 1800000000")
        for number, name in enumerate(CAUSES):
            run("UPDATE ticket SET cause = :name WHERE number % 9 = :number", name=name, number=number)
        run("UPDATE ticket SET cause_by = 'operator' WHERE number % 4 > 0 AND cause IS NOT NULL")
        run("UPDATE ticket SET coverage = 'warranty' WHERE number % 10 = 0")
        run("UPDATE message SET kind = 'repeat' WHERE id % 8 = 0")
        owners = dict(transaction.execute(text("SELECT number, client_id FROM ticket")).all())
        moments = dict(transaction.execute(text("SELECT number, opened_at FROM ticket")).all())
    now = filling._stored(NOW)
    filling._insert(database, "work", "id ticket client_id minutes day who note entered_at", _work(owners, moments, chance))
    offers = (
        (number, "estimate", owners[number], number, f"a{number}@client.example", "en", "1", "{}", now - number % 20 * week, "open", 1)
        for number in range(1, tickets // 20)
    )
    filling._insert(database, "offer", "id kind client_id ticket to_addr language version detail sent_at state reminders", offers)
    print(f"{clients} clients, {tickets} tickets")


def _work(owners: dict[int, int], moments: dict[int, int], chance: random.Random) -> Iterator[tuple[Any, ...]]:
    for number, client in owners.items():
        day = datetime.fromtimestamp(moments[number] / 1_000_000, UTC).date()
        yield number, number, client, chance.choice((5, 15, 20, 40, 90)), day.isoformat(), "operator", "", moments[number]


def run(folder: Path, words: Sequence[str]) -> tuple[float, float, str]:
    """(seconds, peak MiB, what went wrong). A peak counts what the process was before it became this program: this one stays small."""
    begin = time.perf_counter()
    with (folder / "out").open("wb") as out:
        child = subprocess.Popen(
            [sys.executable, "-m", "mailbot", "--config", str(folder / "mailbot.toml"), *words], stdout=out, stderr=out
        )
        _, status, used = os.wait4(child.pid, 0)
    seconds = time.perf_counter() - begin
    child.returncode = os.waitstatus_to_exitcode(status)
    said = (folder / "out").read_text(errors="replace").strip().splitlines()
    return seconds, used.ru_maxrss / 1024, f"ended with {child.returncode}: {said[-1] if said else ''}" if child.returncode else ""


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.report", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--tickets", type=int, default=200_000)
    parser.add_argument("--clients", type=int, default=10_000)
    parser.add_argument("--runs", type=int, default=3, help="how often each command runs; medians are printed")
    parser.add_argument("--database", metavar="URL", help="an empty PostgreSQL database; without it an SQLite file is made")
    parser.add_argument("--fill", type=Path, metavar="FOLDER", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.fill:
        fill(given.fill, given.database or f"sqlite:///{given.fill / 'mailbot.db'}", given.tickets, given.clients)
        return
    print(machine())
    with TemporaryDirectory(prefix="mailbot-report-") as name:
        folder = Path(name)
        subprocess.run([sys.executable, "-m", "benchmarks.report", *sys.argv[1:], "--fill", name], check=True)
        print(f"\n{'':24} {'seconds':>8} {'peak MiB':>9}")
        for command, words in COMMANDS.items():
            runs = [run(folder, words) for _ in range(given.runs + 1)][1:]  # the first one warms the caches of the system
            seconds, peak = statistics.median(one[0] for one in runs), statistics.median(one[1] for one in runs)
            print(f"{command:24} {seconds:8.2f} {peak:9.0f}  {runs[-1][2]}")


if __name__ == "__main__":
    main()
