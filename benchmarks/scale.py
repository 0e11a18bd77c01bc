"""What a message costs among very many tickets, above all the search for what it repeats.

`python -m benchmarks.scale --tickets 1000000` fills two databases (SQLite files, or PostgreSQL with --database), one with a thousand
tickets and one with as many as told, and lets intake take in the same mix of new mails in each: new requests, re-sent ones and
reminders, half of them of the client that has the most. Each run is a process of its own; CPU is that process's, a PostgreSQL
server's is not in it.
"""

import argparse
import json
import os
import random
import statistics
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from hashlib import sha256
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from sqlalchemy import create_engine, make_url, select, text

from benchmarks import filling
from benchmarks.configuration import DESK
from benchmarks.filling import Filled, letter, wordings
from benchmarks.ingest import Clock, around, machine

SMALL = 1000
CASES = {"base": "without the search for repeats", "joins": "repeats join, suggest = false", "suggests": "repeats join and are suggested"}
WARMING = 20  # mails that are taken in before the clock starts
KINDS = ("new", "new", "new", "re-sent", "reminder")
NOW = datetime.fromisoformat("2026-11-18T12:00:00+00:00")
JOINING = ("sketch", "candidates (SQL)", "nearest", "joining")  # what a message costs without suggestions, beside the base
CONFIGURATION = (
    DESK
    + """\
[[mailbox]]
name = "support"
kind = "maildir"
path = "incoming"
[smtp]
kind = "maildir"
path = "outgoing"
[database]
url = "{url}"
[repeats]
suggest = {suggest}
"""
)


# One run, in a child process


def desk(folder: Path, url: str, suggest: bool = True) -> Any:
    """The daemon's parts on this database, at the benchmark's own moment."""
    from mailbot import app

    file = folder / f"{os.getpid()}.toml"
    file.write_text(CONFIGURATION.format(url=url, suggest=str(suggest).lower()))
    (folder / "secret").write_text("a secret of the benchmark")
    return app.open_app(file, lambda: NOW + timedelta(minutes=1))


def fill(folder: Path, url: str, tickets: int) -> dict[str, Any]:
    """Make the tables and fill them."""
    from mailbot import app
    from mailbot.edge.db.upgrade import upgrade

    built = desk(folder, url)
    upgrade(built.desk.database)
    app.prepare(built)
    begin = time.perf_counter()
    filled = filling.fill(built.desk.database, tickets, NOW)
    return {"filled": filling.told(filled), "seconds": time.perf_counter() - begin}


def mails(database: Any, filled: Filled, count: int) -> Iterator[bytes]:
    """Half of the biggest client, half of others that have asked within the window; three in five are new, the others ask again."""
    from mailbot.edge.db.tables import message, ticket

    chance, fresh = random.Random("mails"), wordings("new")
    known = filling.stored(filled.tickets)
    with database.reading() as transaction:
        for number in range(count):
            of_biggest = bool(number % 2)
            while True:
                row = transaction.execute(
                    select(message.c.from_addr, ticket.c.client_id)
                    .join(ticket, ticket.c.number == message.c.ticket)
                    .where(message.c.id == (earlier := chance.randint(filled.first, filled.tickets)))
                ).one()
                if (row.client_id == 1) == of_biggest:
                    break
            kind = KINDS[number % len(KINDS)]
            one = next(fresh) if kind == "new" else known[(row.client_id * 613 + earlier) % len(known)]
            body = one.text(chance.randrange(4), reminds=kind == "reminder") if kind != "new" else one.text()
            yield letter(f"new-{number}", row.from_addr, one.subject, body)


def clocks(case: str) -> tuple[dict[str, float], list[int]]:
    """Put clocks around the functions that search for repeats; returns the seconds of each, and every number of candidates."""
    # By name: these modules have the functions from others.
    cases, decide, facts = map(import_module, ("mailbot.cases", "mailbot.core.desk.decide", "mailbot.edge.db.facts"))
    spent: dict[str, float] = defaultdict(float)
    compared: list[int] = []
    nearest = around(facts.nearest, "nearest", spent)

    def counted(new: bytes, earlier: Sequence[bytes]) -> Any:
        compared.append(len(earlier))
        return nearest(new, earlier)

    replaced: list[tuple[Any, str, Any]] = [
        (cases, "asked", around(cases.asked, "sketch", spent)),
        (cases, "sketch", around(cases.sketch, "sketch", spent)),
        (facts, "nearest", counted),
        (facts, "_earlier", around(facts._earlier, "earlier", spent)),
        (decide, "suggestions_for", around(decide.suggestions_for, "suggestions", spent)),
        (decide, "RULES", tuple(around(rule, rule.__name__, spent) for rule in decide.RULES)),
    ]
    if case == "base":  # without a sketch nothing is looked for
        replaced[:2] = [(cases, "asked", lambda _text: ""), (cases, "sketch", lambda _subject, _text: None)]
    for module, name, function in replaced:
        setattr(module, name, function)
    return spent, compared


def arrive(built: Any, octets: Sequence[bytes]) -> None:
    """Let messages stand in the journal and wait."""
    from mailbot.edge.db import journal

    arrivals = [journal.Arrival(0, sha256(one).hexdigest(), sha256(one).hexdigest(), len(one), NOW, one) for one in octets]
    with built.desk.database.writing() as transaction:
        journal.write(transaction, "new", arrivals, NOW)


def take(folder: Path, url: str, case: str, filled: Filled, count: int) -> dict[str, Any]:
    """Take in that many mails and leave the database as it was."""
    from mailbot import intake
    from mailbot.edge.db import journal
    from mailbot.log import set_up_log

    set_up_log()
    built = desk(folder, url, case != "joins")
    database = built.desk.database
    built.daemon()
    spent, compared = clocks(case)
    octets = list(mails(database, filled, WARMING + count))
    arrive(built, octets[:WARMING])
    intake.take_in(built.desk)  # a daemon has its dictionaries and its statements by then
    spent.clear()
    arrive(built, octets[WARMING:])
    clock = Clock()
    intake.take_in(built.desk)
    found: dict[str, Any] = dict(clock.read())
    with database.reading() as transaction:
        found["outcomes"] = journal.outcomes(transaction, since=NOW)
        found["suggested"] = transaction.scalar(text("SELECT count(DISTINCT ticket) FROM suggestion"))
    filling.undo(database, filled)
    database.close()
    found["parts"] = {
        "sketch": spent["sketch"],
        "candidates (SQL)": spent["earlier"] - spent["nearest"],
        "nearest": spent["nearest"],
        "joining": spent["near_repeat"],
        "suggestions": spent["suggestions"] + spent["proved_repeat"],
    }
    return {**found, "candidates": max(compared, default=0)}


# The parent


def child(folder: Path, url: str, *words: str) -> dict[str, Any]:
    """One step in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.scale", "--folder", str(folder), "--database", url, *words]
    run = subprocess.run(command, stdout=subprocess.PIPE, stderr=(folder / "log").open("wb"), check=False)
    if run.returncode:
        sys.exit(f"{' '.join(words)}: ended with {run.returncode}\n{(folder / 'log').read_text(errors='replace')[-3000:]}")
    return dict(json.loads(run.stdout))


@contextmanager
def databases(folder: Path, server: str | None) -> Iterator[Mapping[str, str]]:
    """The URLs of two empty databases: files of the folder, or beside the given one, dropped in the end."""
    if server is None:
        yield {which: f"sqlite:///{folder / which}.db" for which in ("small", "large")}
        return
    given = make_url(server)
    names = {which: f"{given.database}_{which}" for which in ("small", "large")}
    engine = create_engine(given, isolation_level="AUTOCOMMIT")
    try:
        with engine.connect() as connection:
            for name in names.values():
                connection.execute(text(f'CREATE DATABASE "{name}"'))
        yield {which: given.set(database=name).render_as_string(hide_password=False) for which, name in names.items()}
    finally:
        with engine.connect() as connection:
            for name in names.values():
                connection.execute(text(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)'))


def measure(folder: Path, urls: Mapping[str, str], given: argparse.Namespace) -> dict[str, Any]:
    """Fill both databases, then all cases at both sizes in turn."""
    found: dict[str, Any] = {}
    places = {}
    for which, tickets in (("small", min(SMALL, given.tickets)), ("large", given.tickets)):
        url = urls[which]
        filled = child(folder, url, "--fill", "--tickets", str(tickets))
        places[which] = (url, json.dumps(filled["filled"]))
        print(f"{which}: {filled['filled']}, filled in {filled['seconds']:.0f} s", flush=True)
        found[which] = defaultdict(list)
    for turn in range(given.runs + 1):
        for case in CASES:
            for which, (url, filled_as) in places.items():
                done = child(folder, url, "--case", case, "--filled", filled_as, "--messages", str(given.messages))
                if turn:  # the first one warms the caches of the system
                    found[which][case].append(done)
    return found


def report(found: dict[str, Any], count: int) -> None:
    """Print medians, the small database and the large one side by side."""

    def median(which: str, case: str, key: str, part: str = "") -> float:
        return float(statistics.median(one[key][part] if part else one[key] for one in found[which][case]))

    print(f"\n{'milliseconds of CPU a message':44} {'small':>8} {'large':>8} {'large / small':>14}")
    for case, words in CASES.items():
        small, large = (median(which, case, "cpu") / count * 1000 for which in ("small", "large"))
        print(f"{words:44} {small:8.2f} {large:8.2f} {large / small:14.2f}")
        if case == "base":
            continue
        parts = {f"  {part}": [part] for part in found["small"][case][0]["parts"]}
        for name, of in {**parts, "  all of these but suggestions": JOINING, "  all of these": [*JOINING, "suggestions"]}.items():
            small, large = (sum(median(which, case, "parts", one) for one in of) / count * 1000 for which in ("small", "large"))
            print(f"{name:44} {small:8.2f} {large:8.2f} {large / small if small else 1:14.2f}")
    print(f"\n{'messages a second of CPU':44}")
    for case, words in CASES.items():
        print(f"{words:44} {count / median('small', case, 'cpu'):8.0f} {count / median('large', case, 'cpu'):8.0f}")
    print(f"\n{'peak MiB':44}")
    for case, words in CASES.items():
        print(f"{words:44} {median('small', case, 'rss'):8.0f} {median('large', case, 'rss'):8.0f}")
    print()
    for which in ("small", "large"):
        for case, words in CASES.items():
            last = found[which][case][-1]
            told = ", ".join(f"{value} {name}" for name, value in sorted(last["outcomes"].items()))
            print(f"{which}, {words}: {told}; {last['suggested']} with suggestions; at most {last['candidates']} candidates")


def main() -> None:
    """The command line; the options that are not in the help are for the child processes."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.scale", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--tickets", type=int, default=1_000_000, help="how many the large database has")
    parser.add_argument("--messages", type=int, default=500, help="how many mails each run takes in")
    parser.add_argument("--runs", type=int, default=3, help="how often each case runs; medians are printed")
    parser.add_argument("--database", metavar="URL", help="a PostgreSQL database; two are made beside it, and dropped")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write every run's figures there")
    for hidden in ("--folder", "--case", "--filled"):
        parser.add_argument(hidden, help=argparse.SUPPRESS)
    parser.add_argument("--fill", action="store_true", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.fill:
        print(json.dumps(fill(Path(given.folder), given.database, given.tickets)))
        return
    if given.case:
        print(json.dumps(take(Path(given.folder), given.database, given.case, Filled(**json.loads(given.filled)), given.messages)))
        return
    print(machine())
    with TemporaryDirectory(prefix="mailbot-scale-") as folder, databases(Path(folder), given.database) as urls:
        found = measure(Path(folder), urls, given)
    report(found, given.messages)
    if given.json:
        given.json.write_text(json.dumps({"machine": machine(), **found}, indent=2) + "\n")


if __name__ == "__main__":
    main()
