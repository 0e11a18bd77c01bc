"""Hours of mail and of trouble for one daemon: `python -m tests.soak --minutes 60 --rate 5`.

`mailbot run` works on Dovecot and an SMTP server while mail of every kind comes in, servers and wires fail every few seconds, and SIGKILL ends it
now and then. In the end the books must be right (as in tests/crashes, R1), and its memory and descriptors flat. Each check is
one line, "ok …" or "WRONG …"; the exit status tells whether all were ok.

The kills come in the first quarter, and one at the very end: a process that is never older than a few minutes cannot show that it grows.
"""

import itertools
import os
import random
import subprocess
import sys
import tempfile
import time
from argparse import ArgumentParser
from collections import Counter
from collections.abc import Generator
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from mailbot.app import open_app
from tests.conftest import Studio, make_studio
from tests.servers import SmtpServer, dovecot_server, until, wire
from tests.soak.books import Sample, books, growth, journalled, sample
from tests.soak.faults import FAULTS, World, fault
from tests.soak.writers import Writers

ROOT = Path(__file__).parents[2]
KILLS = 5  # in the first quarter
SAMPLE_SECONDS = 2
BACKLOG_SECONDS = 300  # the longest pause after failures


@dataclass
class Soak:
    """One run of so many seconds. `done`: how often each fault, and SIGKILL, came about."""

    studio: Studio
    world: World
    seconds: float
    rate: float
    samples: list[Sample] = field(default_factory=list)
    done: Counter[str] = field(default_factory=Counter)

    def run(self) -> None:
        """Mail, faults, kills and samples until the time is over."""
        began = time.monotonic()
        daemon = self.start()
        kills = [self.seconds / 4 * (number + 1) / KILLS for number in range(KILLS)]
        unsent: list[bytes] = []
        faults, next_sample = self.faults(), 0.0
        next(faults)
        while (at := time.monotonic() - began) < self.seconds:
            away = faults.send(at)
            self.world.writers.read(self.world.smtp)
            unsent += [self.world.writers.write() for _ in range(int(at * self.rate) - self.world.writers.written)]
            if unsent and not away:
                self.world.user.append(*unsent)
                unsent = []
            assert daemon.poll() is None, f"the daemon ended by itself, with status {daemon.poll()}"
            if kills and at >= kills[0]:
                kills.pop(0)
                daemon = self.again(daemon)
            if at >= next_sample:
                self.samples.append(sample(daemon.pid, at))
                next_sample = at + SAMPLE_SECONDS
            time.sleep(0.2)
        faults.close()
        self.world.user.append(*unsent)
        self.catch_up(self.again(daemon))

    def faults(self) -> Generator[bool, float, None]:
        """One fault after the other, with pauses. It is sent the seconds since the start; it yields whether Dovecot is away."""
        chance, at = self.world.chance, (yield False)
        for name in itertools.cycle(chance.sample(list(FAULTS), len(FAULTS))):
            begins = at + chance.uniform(4, 10)
            while at < begins:
                at = yield False
            self.done[name] += 1
            with fault(name, self.world):
                ends = at + chance.uniform(1, 6)
                while at < ends:
                    at = yield name == "Dovecot is away"

    def catch_up(self, daemon: subprocess.Popen[str]) -> None:
        """Without faults the daemon takes in what waits, and stops; what the outbox still has is sent as hours go by."""
        app = self.studio.open(prepared=False)
        everything = self.world.writers.written
        until(lambda: journalled(app) == everything, "everything is taken in", BACKLOG_SECONDS)
        daemon.terminate()
        daemon.wait(timeout=20)
        for hours in range(1, 24):
            later = open_app(self.studio.path, lambda hours=hours: datetime.now(UTC) + timedelta(hours=hours))  # type: ignore[misc]
            self.studio.opened.append(later)
            later.daemon().once()
            if not any(one["state"] in ("due", "sending") for one in self.studio.outbox(later)):
                break
        self.world.writers.read(self.world.smtp)

    def start(self) -> subprocess.Popen[str]:
        """The daemon."""
        return self.studio.start("run", log=f"log-{len(self.studio.started)}", PYTHONPATH=str(ROOT))

    def again(self, daemon: subprocess.Popen[str]) -> subprocess.Popen[str]:
        """SIGKILL, and another daemon."""
        daemon.kill()
        daemon.wait()
        self.done["SIGKILL"] += 1
        return self.start()


def told(counted: Counter[str]) -> str:
    """The most frequent first."""
    return ", ".join(f"{name} {times}" for name, times in counted.most_common())


def main() -> int:
    """The exit status."""
    parser = ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--rate", type=float, default=5, help="mails a second")
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    os.environ["PYTHONPATH"] = str(ROOT)  # the child that learns is a process in another folder, too
    wrong = 0
    chance = random.Random(asked.seed)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="mailbot-soak-")))
        server = stack.enter_context(dovecot_server())
        smtp = SmtpServer()
        smtp.start()
        stack.callback(smtp.stop)
        imap_wire, smtp_wire = stack.enter_context(wire(server.port)), stack.enter_context(wire(smtp.port))
        user, writers = server.user("soak"), Writers(chance)
        studio = make_studio(folder, "sqlite:///mailbot.db", datetime.now)
        stack.callback(studio.close)
        studio.configure(
            mailbox=[user.settings(port=imap_wire.port)],
            smtp=smtp.settings(port=smtp_wire.port),
            automatic=dict.fromkeys(("per_address_per_hour", "per_ticket_per_day", "total_per_hour"), 1_000_000),
        )
        soak = Soak(studio, World(user, smtp, imap_wire, smtp_wire, chance, writers), asked.minutes * 60, asked.rate)
        soak.run()
        kinds = Counter(itertools.chain.from_iterable(writers.outcomes.values()))
        print("mails: " + told(kinds), "faults: " + told(soak.done), sep="\n")
        for what, contradicting in [*books(studio, studio.opened[-1], writers), *growth(soak.samples, soak.seconds)]:
            print(f"{'WRONG' if contradicting else 'ok'} {what}", *(f"  {one}" for one in contradicting[:5]), sep="\n")
            wrong += bool(contradicting)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
