"""How much more several daemons on one PostgreSQL take in: `python -m benchmarks.workers`, with 1, 2 and 4 of them.

The same waiting messages are taken in by so many processes at once, each on a database of its own that is emptied of nobody else's
work; the wall clock counts from the moment at which all of them are ready. The server works on the same cores.
"""

import argparse
import json
import statistics
import subprocess
import sys
import time
from collections import defaultdict
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from sqlalchemy import text

from benchmarks.filling import letter, wordings
from benchmarks.ingest import machine
from benchmarks.scale import arrive, desk
from tests.servers import postgres_server


def work(folder: Path, url: str) -> dict[str, Any]:
    """One worker: say that it is ready, wait for the word, take in until nothing waits. Prints how many and when it ended."""
    from mailbot import intake
    from mailbot.log import set_up_log

    set_up_log()
    built = desk(folder, url)
    built.daemon()
    print("ready", flush=True)
    sys.stdin.readline()
    taken = intake.take_in(built.desk)
    return {"taken": taken, "ended": time.monotonic()}


def together(folder: Path, url: str, workers: int, messages: int) -> dict[str, Any]:
    """So many workers on so many waiting messages of one database."""
    from mailbot import app
    from mailbot.edge.db.upgrade import upgrade

    (folder / "secret").write_text("a secret of the benchmark")
    built = desk(folder, url)
    upgrade(built.desk.database)
    app.prepare(built)
    arrive(
        built,
        [
            letter(f"w{number}", f"client{number // 8}@shop{number // 8}.example", one.subject, one.text(number % 4))
            for number, one in enumerate(islice(wordings("workers"), messages))
        ],
    )
    command = [sys.executable, "-m", "benchmarks.workers", "--folder", str(folder), "--url", url]
    running = [
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=(folder / f"log{one}").open("w"), text=True)
        for one in range(workers)
    ]
    for one in running:
        assert one.stdout
        assert one.stdout.readline() == "ready\n", (folder / "log0").read_text()[-2000:]
    begun = time.monotonic()
    for one in running:
        assert one.stdin
        one.stdin.write("go\n")
        one.stdin.flush()
    done = [json.loads(one.communicate()[0]) for one in running]
    with built.desk.database.reading() as transaction:
        tickets = transaction.scalar(text("SELECT count(*) FROM ticket"))
        decided = transaction.scalar(text("SELECT count(*) FROM journal WHERE outcome <> 'pending'"))
    built.desk.database.close()
    assert decided == messages, f"{decided} of {messages} are taken in"
    return {"seconds": max(one["ended"] for one in done) - begun, "shares": sorted(one["taken"] for one in done), "tickets": tickets}


def main() -> None:
    """The command line; the options that are not in the help are for the child processes."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.workers", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--messages", type=int, default=2000)
    parser.add_argument("--workers", type=int, nargs="+", default=[1, 2, 4])
    parser.add_argument("--runs", type=int, default=3)
    for hidden in ("--folder", "--url"):
        parser.add_argument(hidden, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.url:
        print(json.dumps(work(Path(given.folder), given.url)))
        return
    print(machine())
    found: dict[int, list[dict[str, Any]]] = defaultdict(list)
    with postgres_server() as server:
        for _ in range(given.runs):
            for workers in given.workers:
                with TemporaryDirectory(prefix="mailbot-workers-") as folder, server.new() as url:
                    found[workers].append(together(Path(folder), url, workers, given.messages))
    first = statistics.median(one["seconds"] for one in found[given.workers[0]])
    for workers, runs in found.items():
        seconds = statistics.median(one["seconds"] for one in runs)
        print(
            f"{workers} workers: {given.messages / seconds:6.0f} messages a second, {first / seconds:.2f} times those of "
            f"{given.workers[0]}; each took {runs[-1]['shares']}, {runs[-1]['tickets']} tickets"
        )


if __name__ == "__main__":
    main()
