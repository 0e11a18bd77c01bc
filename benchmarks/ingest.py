"""How fast mail becomes tickets: a folder of .eml through a real Dovecot, by the code of the daemon, beside the least that it can cost.

`python -m benchmarks.ingest --corpus DIR` starts a private Dovecot on a free loopback port, puts the corpus into a
mailbox of it, and gives every case a process of its own; CPU is that process's (user and system), the server's is not in it.
"""

import argparse
import cProfile
import imaplib
import json
import os
import platform
import pstats
import statistics
import subprocess
import sys
import time
from base64 import b64decode
from collections import defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from benchmarks.configuration import DESK

BATCH = 100
USER, PASSWORD = "bench", "pw"  # the private server's
CASES = {
    "imaplib": "fetch alone, imaplib, into memory",
    "imapclient": "fetch alone, IMAPClient, into memory",
    "mailparser": "fetch + mail-parser, IMAPClient, attachments decoded",
    "whole": "mailbot: fetch, journal, tickets, answers queued",
}
# Names of `mailbot.intake` whose time makes up a step. What is not in one is claiming, unpacking, committing and logging.
STEPS = {
    "parse": ("read",),
    "facts": ("client_id_of", "lock_parties", "case_of"),
    "decide": ("decide",),
    "apply": ("apply", "settle"),
    "render + queue": ("write_letters",),
}


# The cases, each in a child process


def fetch_with_imaplib(port: int) -> Iterator[list[bytes]]:
    """Every message in batches, with nothing but the standard library."""
    client = imaplib.IMAP4("127.0.0.1", port)
    client.login(USER, PASSWORD)
    client.select("INBOX", readonly=True)
    uids = client.uid("SEARCH", "ALL")[1][0].split()
    for start in range(0, len(uids), BATCH):
        answer = client.uid("FETCH", b",".join(uids[start : start + BATCH]).decode(), "(BODY.PEEK[])")[1]
        yield [one[1] for one in answer if isinstance(one, tuple)]
    client.logout()


def fetch_with_imapclient(port: int) -> Iterator[list[bytes]]:
    """Every message in batches, with IMAPClient as it comes."""
    from imapclient import IMAPClient

    with IMAPClient("127.0.0.1", port, ssl=False) as client:
        client.login(USER, PASSWORD)
        client.select_folder("INBOX", readonly=True)
        uids = client.search()
        for start in range(0, len(uids), BATCH):
            answer = client.fetch(uids[start : start + BATCH], ["BODY.PEEK[]"])
            yield [row[b"BODY[]"] for row in answer.values()]


def read_with_mailparser(octets: bytes) -> object:
    """What a ticket needs of a message; mail-parser hands base64 attachments over still encoded."""
    import mailparser

    mail = mailparser.parse_from_bytes(octets)
    sizes = [len(b64decode(one["payload"]) if one["binary"] else one["payload"].encode()) for one in mail.attachments]
    return mail.message_id, mail.subject, mail.from_, mail.body, sizes


def floor(case: str, port: int) -> dict[str, Any]:
    """Fetch, and parse if the case says so, and forget."""
    import imapclient  # noqa: F401 -- imported before the clock starts
    import mailparser  # noqa: F401

    messages = octets = 0
    clock = Clock()
    for batch in fetch_with_imaplib(port) if case == "imaplib" else fetch_with_imapclient(port):
        for one in batch:
            messages += 1
            octets += len(one)
            if case == "mailparser":
                read_with_mailparser(one)
    return {"messages": messages, "octets": octets, **clock.read()}


CONFIGURATION = (
    DESK
    + """\
[[mailbox]]
name = "support"
host = "127.0.0.1"
port = {port}
security = "none"
username = "{user}"
password = "{password}"
[smtp]
kind = "maildir"
path = "outgoing"
"""
)


def ingest(port: int, folder: Path, timed: bool, profiled: int) -> dict[str, Any]:
    """Bring the mailbox into tickets as the daemon does; `timed` puts clocks around the steps, `profiled` lists that many functions."""
    from mailbot import app, config, intake
    from mailbot.edge.db import journal, outbox
    from mailbot.fetch import fetch
    from mailbot.log import set_up_log

    set_up_log()  # the daemon's log lines are part of its work
    (folder / "mailbot.toml").write_text(CONFIGURATION.format(port=port, user=USER, password=PASSWORD))
    (folder / "secret").write_text("a secret of the benchmark")
    built = app.build(config.load(folder / "mailbot.toml"))
    app.prepare(built)
    built.daemon()  # as at the daemon's start: templates are compiled
    (mailbox,) = built.mailboxes()
    spent: dict[str, float] = defaultdict(float)
    take_in: Callable[..., object] = intake.take_in
    if timed:
        for step, names in STEPS.items():
            for name in names:
                setattr(intake, name, around(getattr(intake, name), step, spent))
        take_in = around(take_in, "take_in", spent)
    profile = cProfile.Profile()
    if profiled:
        profile.enable()

    def take() -> None:
        take_in(built.desk)

    clock = Clock()
    fetch(built.desk, mailbox, after_commit=take)
    take()
    found: dict[str, Any] = {**clock.read()}
    profile.disable()
    if profiled:
        pstats.Stats(profile, stream=sys.stdout).sort_stats("tottime").print_stats(profiled)
    with built.desk.database.reading() as transaction:
        outcomes = journal.outcomes(transaction)
        queued = len(outbox.listed(transaction))
    if timed:
        steps = {step: spent[step] for step in STEPS}
        steps = {"fetch + journal": found["cpu"] - spent["take_in"], **steps, "claim, commit, log": spent["take_in"] - sum(steps.values())}
        found["steps"] = steps
    return {"messages": sum(outcomes.values()), "outcomes": outcomes, "queued": queued, **found}


def around(work: Callable[..., Any], step: str, spent: dict[str, float]) -> Callable[..., Any]:
    """The same function with a CPU clock around it."""

    def clocked(*positional: Any, **named: Any) -> Any:
        begin = time.process_time()
        try:
            return work(*positional, **named)
        finally:
            spent[step] += time.process_time() - begin

    return clocked


class Clock:
    """Wall and CPU seconds of this process since it was made."""

    def __init__(self) -> None:
        self.wall, self.cpu = time.perf_counter(), time.process_time()

    def read(self) -> dict[str, float]:
        """Both, and the most memory (MiB) that this process ever held."""
        wall, cpu = time.perf_counter() - self.wall, time.process_time() - self.cpu
        held = next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM"))
        return {"wall": wall, "cpu": cpu, "rss": int(held.split()[1]) / 1024}


# The parent: server, corpus, medians


def load(corpus: Path, maildir: Path) -> int:
    """Put every .eml into the Maildir in the order of their names, owned as the server's mail is; returns how many."""
    owner = maildir.parent.stat()
    for folder in (maildir, *(maildir / part for part in ("tmp", "new", "cur"))):
        folder.mkdir()
        os.chown(folder, owner.st_uid, owner.st_gid)
    files = sorted(corpus.rglob("*.eml"))
    for number, file in enumerate(files):
        target = maildir / "new" / f"{1_700_000_000 + number}.M{number}.benchmark"
        target.write_bytes(file.read_bytes().replace(b"\r\n", b"\n"))
        os.chown(target, owner.st_uid, owner.st_gid)
    return len(files)


def child(case: str, port: int, *flags: str) -> dict[str, Any]:
    """Run a case in a process and a folder of its own."""
    with TemporaryDirectory(prefix="mailbot-bench-") as folder:
        command = [sys.executable, "-m", "benchmarks.ingest", "--case", case, "--port", str(port), "--folder", folder, *flags]
        run = subprocess.run(command, stdout=subprocess.PIPE, stderr=(Path(folder) / "log").open("wb"), check=False)
        if run.returncode:
            sys.exit(f"{case}: ended with {run.returncode}\n{(Path(folder) / 'log').read_text(errors='replace')[-3000:]}")
    *before, last = run.stdout.decode().splitlines()
    print(*before, sep="\n", end="\n" if before else "")
    return dict(json.loads(last))


def machine() -> str:
    """What it was measured on."""
    cpu = next((line.partition(":")[2].strip() for line in Path("/proc/cpuinfo").read_text().splitlines() if "model name" in line), "?")
    return f"{cpu}, {os.cpu_count()} cores, Python {platform.python_version()}, {platform.system()} {platform.release()}"


def measure(corpus: Path, runs: int, profiled: int) -> dict[str, Any]:
    """All cases, interleaved, `runs` times."""
    from tests.servers import PASSWORD as SERVER_PASSWORD
    from tests.servers import dovecot_server

    assert SERVER_PASSWORD == PASSWORD
    with dovecot_server() as server:
        count = load(corpus, server.folder / "mail" / USER)
        if not count:
            sys.exit(f"{corpus}: no .eml there")
        print(f"{count} messages from {corpus}\n{machine()}\n")
        child("imaplib", server.port)  # the server reads the mailbox and writes its indexes: not in the figures
        found: dict[str, list[dict[str, Any]]] = defaultdict(list)
        for _ in range(runs):
            for case in CASES:
                found[case].append(child(case, server.port))
            found["timed"].append(child("whole", server.port, "--timed"))
        if profiled:
            child("whole", server.port, "--profile", str(profiled))
    return {"machine": machine(), "corpus": str(corpus), "messages": count, "runs": runs, "cases": dict(found)}


def report(result: dict[str, Any]) -> None:
    """Print medians."""
    count = result["messages"]

    def median(case: str, key: str) -> float:
        return statistics.median(float(one[key]) for one in result["cases"][case])

    print(f"{'medians of ' + str(result['runs']) + ' runs':54} msg/s wall  msg/s CPU  ms CPU/msg  peak MiB")
    for case, words in CASES.items():
        wall, cpu = median(case, "wall"), median(case, "cpu")
        print(f"{words:54} {count / wall:10.0f} {count / cpu:10.0f} {cpu / count * 1000:11.3f} {median(case, 'rss'):9.0f}")
    last = result["cases"]["whole"][-1]
    print(
        f"\nmailbot's outcomes: {', '.join(f'{value} {name}' for name, value in last['outcomes'].items())}; {last['queued']} mails queued"
    )
    if last["messages"] != count:
        print(f"NOT ALL: {last['messages']} of {count} are in the journal")
    print("\nCPU milliseconds a message in each step (runs of their own, with clocks around the functions that intake calls):")
    for step in result["cases"]["timed"][0]["steps"]:
        spent = statistics.median(one["steps"][step] for one in result["cases"]["timed"])
        print(f"  {step:20} {spent / count * 1000:7.3f}")
    print(f"  {'all, with clocks':20} {median('timed', 'cpu') / count * 1000:7.3f}")


def main() -> None:
    """The command line; the options that are not in the help are for the child processes."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.ingest", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--corpus", type=Path, metavar="DIR", help="a folder of .eml")
    parser.add_argument("--runs", type=int, default=3, help="how often each case runs; medians are printed")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write every run's figures there")
    parser.add_argument("--profile", type=int, default=0, metavar="N", help="one run more under cProfile; print the N costliest functions")
    for hidden in ("--case", "--port", "--folder"):
        parser.add_argument(hidden, help=argparse.SUPPRESS)
    parser.add_argument("--timed", action="store_true", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.case:
        whole = given.case == "whole"
        port = int(given.port)
        print(json.dumps(ingest(port, Path(given.folder), given.timed, given.profile) if whole else floor(given.case, port)))
        return
    if given.corpus is None:
        parser.error("--corpus is needed")
    result = measure(given.corpus, given.runs, given.profile)
    report(result)
    if given.json:
        given.json.write_text(json.dumps(result, indent=2) + "\n")


if __name__ == "__main__":
    main()
