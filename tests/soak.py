"""Hours of mail and of trouble for one daemon: `python -m tests.soak --minutes 60 --rate 5`.

`mailbot run` works on Dovecot and an SMTP server while mail of every kind comes in, servers and wires fail every few seconds, and SIGKILL ends it
now and then. In the end the books must be right (as in tests/crashes, R1), and its memory and descriptors flat. Each check is
one line, "ok …" or "WRONG …"; the exit status tells whether all were ok.

The kills come in the first quarter, and one at the very end: a process that is never older than a few minutes cannot show that it grows.
"""

import os
import random
import subprocess
import sys
import tempfile
import time
from argparse import ArgumentParser
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from hashlib import sha256
from pathlib import Path
from statistics import median

from sqlalchemy import func, select

from mailbot.app import App, open_app
from mailbot.audit import audit
from mailbot.edge.db import tables
from tests.conftest import Studio, _studio
from tests.duties.mails import mail, mail_with_file
from tests.servers import ImapUser, SmtpServer, Wire, dovecot_server, until, wire

ROOT = Path(__file__).parent.parent
BOSS = "boss@studio.example"
KILLS = 5  # in the first quarter
SAMPLE_SECONDS = 2
GROWTH = 1.10  # of the last quarter over the second
BACKLOG_SECONDS = 300  # the longest pause after failures

_RETURNED = """\
From: Mail Delivery System <mailer-daemon@mx.example>
To: support@studio.example
Subject: Undelivered Mail Returned to Sender
Message-ID: <bounce-{number}@mx.example>
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="=-"

--=-

The mail could not be delivered.
--=-
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example

Final-Recipient: rfc822; {recipient}
Action: failed
Status: 5.1.1

--=-
Content-Type: text/rfc822-headers

Message-ID: {message_id}
From: support@studio.example
To: {recipient}

--=---
"""


def client(number: int) -> str:
    """Each request comes from another client."""
    return f"client{number}@shop{number}.example"


def words(number: int) -> str:
    """What that client asks for: nothing that another one asks for."""
    return f"Please change page {number * 7919} of catalogue {number}: the heading has to be {number * 104729}."


@dataclass
class Writers:
    """Everybody who writes to the desk. `outcomes`: what each mail must become, by its digest; `went`: how often the server took each Message-ID."""

    chance: random.Random
    outcomes: dict[str, list[str]] = field(default_factory=dict)
    written: int = 0
    requests: int = 0
    minutes: int = 0
    repeatable: list[int] = field(default_factory=list)
    answers: list[tuple[str, str, str]] = field(default_factory=list)  # acknowledgements: recipient, Reply-To, Message-ID
    forwards: list[str] = field(default_factory=list)  # where operators answer
    seen: set[str] = field(default_factory=set)
    went: Counter[str] = field(default_factory=Counter)

    def read(self, smtp: SmtpServer) -> None:
        """Read what the server took. Only what is needed later is kept."""
        while smtp.taken:
            one = smtp.taken.pop(0)
            message = message_from_bytes(one.octets)
            name, reply_to = str(message["Message-ID"]).strip(), str(message["Reply-To"] or "")
            self.went[name.strip("<>")] += 1
            if "support+" not in reply_to or reply_to in self.seen:
                continue
            self.seen.add(reply_to)
            if one.recipients == [BOSS]:
                self.forwards.append(reply_to)
            else:
                self.answers.append((one.recipients[0], reply_to, name))

    def write(self) -> bytes:
        """The next mail: of a kind that is possible now, by its weight."""
        kinds, weights = zip(*KINDS, strict=True)
        octets = None
        while octets is None:
            (kind,) = self.chance.choices(kinds, weights)
            octets = kind(self)
        self.written += 1
        return octets

    def expect(self, outcome: str, octets: bytes) -> bytes:
        """The mail, with what must become of it."""
        self.outcomes.setdefault(sha256(octets).hexdigest(), []).append(outcome)
        return octets

    def request(self) -> bytes:
        """A request of somebody who never wrote before."""
        self.requests += 1
        self.repeatable.append(self.requests)
        return self.expect("ticket", mail(self.requests, f"Client <{client(self.requests)}>", words(self.requests)))

    def large_request(self) -> bytes:
        """A request whose file goes to the store of large messages, and out again with the forward."""
        self.requests += 1
        octets = self.chance.randbytes(self.chance.randrange(300_000, 900_000))
        return self.expect("ticket", mail_with_file(octets, number=self.requests, sender=f"Client <{client(self.requests)}>"))

    def repeat(self) -> bytes | None:
        """The same request again, in a mail of its own."""
        if not self.repeatable:
            return None
        number = self.repeatable.pop(self.chance.randrange(len(self.repeatable)))
        return self.expect("repeat", mail(f"{number}-again", f"Client <{client(number)}>", words(number), Subject=f"Request {number}"))

    def reply(self) -> bytes | None:
        """A client replies to an acknowledgement."""
        if not self.answers:
            return None
        sender, reply_to, name = self.answers.pop(self.chance.randrange(len(self.answers)))
        text = f"And page {self.written} has to go, the one about {self.written * 15485863}."
        octets = mail(f"reply-{self.written}", sender, text, To=reply_to, Subject="Re: your request", In_Reply_To=name)
        return self.expect("follow-up", octets)

    def command(self) -> bytes | None:
        """An operator answers a forward, and enters time."""
        if not self.forwards:
            return None
        to = self.forwards.pop(self.chance.randrange(len(self.forwards)))
        self.minutes += 10
        text = f"We are on it.\n\n/time 10m\n/cause {self.chance.choice(('fault', 'content', 'change'))}"
        return self.expect("operator", mail(f"command-{self.written}", f"Boss <{BOSS}>", text, To=to, Subject="Re: a request"))

    def bounce(self) -> bytes | None:
        """An acknowledgement comes back."""
        if not self.answers:
            return None
        recipient, _, name = self.answers.pop(self.chance.randrange(len(self.answers)))
        text = _RETURNED.format(number=self.written, recipient=recipient, message_id=name)
        return self.expect("bounce", text.replace("\n", "\r\n").encode())

    def machine(self) -> bytes:
        """An out-of-office note."""
        return self.expect(
            "machine", mail(f"away-{self.written}", f"away{self.written}@shop.example", "I am away.", Auto_Submitted="auto-replied")
        )


KINDS: tuple[tuple[Callable[[Writers], bytes | None], int], ...] = (
    (Writers.request, 50),
    (Writers.reply, 12),
    (Writers.repeat, 10),
    (Writers.command, 12),
    (Writers.machine, 10),
    (Writers.bounce, 4),
    (Writers.large_request, 2),
)


@dataclass
class World:
    """The servers, and the wires between them and the daemon."""

    user: ImapUser
    smtp: SmtpServer
    imap_wire: Wire
    smtp_wire: Wire
    chance: random.Random
    writers: Writers


def cut(line: Wire) -> Iterator[None]:
    """Every connection ends; new ones are possible at once."""
    line.cut()
    yield


def silence(line: Wire) -> Iterator[None]:
    """Nobody hears anything more, until the connections end."""
    line.silent = True
    yield
    line.silent = False
    line.cut()


def cut_within(line: Wire, world: World) -> Iterator[None]:
    """The connections end somewhere in a command or an answer."""
    line.budget = world.chance.randrange(100, 5000)
    yield
    line.budget = None


def refusal(said: str, world: World) -> Iterator[None]:
    """The SMTP server puts every recipient off."""
    world.smtp.rcpt[""] = said
    yield
    world.smtp.rcpt.clear()


def put_off(world: World) -> Iterator[None]:
    """It puts every mail off after its final dot."""
    world.smtp.dot[""] = "450 4.3.0 try again later"
    yield
    world.smtp.dot.clear()


def hanging_up(world: World) -> Iterator[None]:
    """It keeps mails to the operators and to the next clients, and says nothing."""
    next_one = world.writers.requests
    world.smtp.hangs_up = {BOSS, *(client(number) for number in range(next_one, next_one + 20))}
    yield
    world.smtp.hangs_up = set()


def dovecot_away(world: World) -> Iterator[None]:
    """The IMAP server is stopped, and started."""
    world.user.server.stop()
    yield
    world.user.server.start()


FAULTS: dict[str, Callable[[World], Iterator[None]]] = {
    "IMAP is cut": lambda world: cut(world.imap_wire),
    "IMAP falls silent": lambda world: silence(world.imap_wire),
    "IMAP is cut in the middle": lambda world: cut_within(world.imap_wire, world),
    "SMTP is cut": lambda world: cut(world.smtp_wire),
    "SMTP falls silent": lambda world: silence(world.smtp_wire),
    "SMTP is cut in the middle": lambda world: cut_within(world.smtp_wire, world),
    "SMTP says 421": lambda world: refusal("421 4.3.2 shutting down", world),
    "SMTP says 450": lambda world: refusal("450 4.2.1 try again later", world),
    "SMTP says 450 after the dot": put_off,
    "SMTP hangs up after the dot": hanging_up,
    "Dovecot is away": dovecot_away,
}


def fault(name: str, world: World) -> AbstractContextManager[None]:
    """One fault while the block lasts."""
    return contextmanager(FAULTS[name])(world)


@dataclass(frozen=True)
class Sample:
    """What the daemon takes, so many seconds after the start: memory in KiB, open descriptors."""

    at: float
    memory: int
    descriptors: int


def sample(pid: int, at: float) -> Sample:
    """From proc(5)."""
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return Sample(at, pages * os.sysconf("SC_PAGE_SIZE") // 1024, len(list(Path(f"/proc/{pid}/fd").iterdir())))


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
        next_fault, next_sample, unsent = 10.0, 0.0, list[bytes]()
        with ExitStack() as trouble:
            ends, away = 0.0, False
            while (at := time.monotonic() - began) < self.seconds:
                if ends and at >= ends:
                    trouble.close()
                    ends, away, next_fault = 0.0, False, at + self.world.chance.uniform(4, 10)
                elif not ends and at >= next_fault:
                    name = self.world.chance.choice(list(FAULTS))
                    self.done[name] += 1
                    trouble.enter_context(fault(name, self.world))
                    ends, away = at + self.world.chance.uniform(1, 6), name == "Dovecot is away"
                self.world.writers.read(self.world.smtp)
                unsent += [self.world.writers.write() for _ in range(int(at * self.rate) - self.world.writers.written)]
                if unsent and not away:
                    self.world.user.append(*unsent)
                    unsent = []
                if kills and at >= kills[0]:
                    kills.pop(0)
                    daemon = self.again(daemon)
                if at >= next_sample and daemon.poll() is None:
                    self.samples.append(sample(daemon.pid, at))
                    next_sample = at + SAMPLE_SECONDS
                time.sleep(0.2)
        self.world.user.append(*unsent)
        self.catch_up(self.again(daemon))

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


def journalled(app: App) -> int:
    """How many messages the journal has whose outcome is known."""
    with app.desk.database.reading() as transaction:
        return transaction.scalar(select(func.count()).where(tables.journal.c.outcome != "pending")) or 0


def books(studio: Studio, app: App, writers: Writers) -> Iterator[tuple[str, list[str]]]:
    """What must hold, each with what contradicts it."""
    journal = studio.journal(app)
    became: dict[str, list[str]] = {}
    for row in journal:
        became.setdefault(row["sha256"], []).append(row["outcome"])
    differing = [f"{became.get(one)} instead of {wanted}" for one, wanted in writers.outcomes.items() if became.get(one) != wanted]
    yield f"each of {writers.written} mails is journalled once, and has become what it must", differing
    yield "nothing else is in the journal", [one for one in became if one not in writers.outcomes]
    with app.desk.database.reading() as transaction:
        requesters = Counter(transaction.scalars(select(tables.ticket.c.requester)).all())
        minutes = transaction.scalar(select(func.coalesce(func.sum(tables.work.c.minutes), 0)))
        mails = transaction.execute(select(tables.outbox)).all()
    wanted = Counter(client(number) for number in range(1, writers.requests + 1))
    yield f"each of {writers.requests} requests is one ticket", sorted((requesters - wanted) + (wanted - requesters))
    acknowledged = Counter(one.to_addr for one in mails if one.kind == "acknowledgement")
    yield "and is acknowledged once", sorted((acknowledged - wanted) + (wanted - acknowledged))
    yield f"{writers.minutes} minutes of work are entered", [] if minutes == writers.minutes else [f"{minutes} are"]
    known = {one.message_id: one for one in mails}
    yield "nothing went out that is not in the outbox", [one for one in writers.went if one not in known]
    automatic = [one for one in mails if one.automatic]
    yield f"none of {len(automatic)} automatic mails went out twice", [one.kind for one in automatic if writers.went[one.message_id] > 1]
    lost = [f"{one.kind}: {one.state}" for one in automatic if not writers.went[one.message_id] and one.state != "failed"]
    yield "each of them went out, or its failure stands in the outbox", lost
    others = [one for one in mails if not one.automatic]
    unsent = [f"{one.kind}: {one.error}" for one in others if not writers.went[one.message_id]]
    yield f"each of {len(others)} mails of people went out", unsent
    gaps = audit(app.desk, app.mailboxes())
    yield "the audit is complete", [] if gaps.complete else [str(gaps)]
    logs = [one.name for one in studio.folder.glob("log-*") if "Traceback" in one.read_text()]
    yield "nothing unforeseen is in a log", logs


def growth(samples: list[Sample], seconds: float) -> Iterator[tuple[str, list[str]]]:
    """The last quarter beside the second one, in which no kill fell."""
    quarters = [[one for one in samples if quarter <= one.at * 4 / seconds < quarter + 1] for quarter in range(4)]
    for what in ("memory", "descriptors"):
        medians = [int(median(getattr(one, what) for one in quarter)) for quarter in quarters]
        most = max(getattr(one, what) for one in samples)
        unit = " KiB" if what == "memory" else ""
        told = f"{what}, medians of the quarters: {', '.join(map(str, medians))}{unit}; at most {most}{unit}"
        yield told, [] if medians[3] <= medians[1] * GROWTH else [f"{medians[3] / medians[1] - 1:.0%} more"]


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
        studio = _studio(folder, "sqlite:///mailbot.db")
        stack.callback(studio.close)
        studio.configure(
            mailbox=[user.settings(port=imap_wire.port)],
            smtp=smtp.settings(port=smtp_wire.port),
            automatic=dict.fromkeys(("per_address_per_hour", "per_ticket_per_day", "total_per_hour"), 1_000_000),
        )
        soak = Soak(studio, World(user, smtp, imap_wire, smtp_wire, chance, writers), asked.minutes * 60, asked.rate)
        soak.run()
        print(f"{writers.written} mails; " + ", ".join(f"{name} {times}x" for name, times in sorted(soak.done.items())))
        for what, contradicting in [*books(studio, studio.opened[-1], writers), *growth(soak.samples, soak.seconds)]:
            print(f"{'WRONG' if contradicting else 'ok'} {what}", *(f"  {one}" for one in contradicting[:5]), sep="\n")
            wrong += bool(contradicting)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
