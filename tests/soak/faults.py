"""What goes wrong around the daemon in a soak, a few seconds each time."""

import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from tests.servers import ImapUser, SmtpServer, Wire
from tests.soak.writers import BOSS, Writers, client


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


@contextmanager
def fault(name: str, world: World) -> Iterator[None]:
    """One fault while the block lasts. It is mended however the block ends."""
    steps = FAULTS[name](world)
    next(steps)
    try:
        yield
    finally:
        next(steps, None)
