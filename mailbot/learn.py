"""Learning from what operators say: models of causes and of urgency, trained in the background while corrections step them at once.

label ─at once─▶ step of the model          (edge/db/learned.correct)
labels ─a child process, now and then─▶ a new model ─▶ intake of every process reads it
"""

import os
import subprocess  # nosec B404  # training is a process of its own
import sys
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO

from mailbot.core.desk.repeats.learning import NEEDED, learn
from mailbot.desk import Desk
from mailbot.edge.db import learned
from mailbot.log import log

HANDFUL = 10  # labels: from fewer nothing is learned that would be said
EVERY = timedelta(minutes=10)  # between two trainings; until then the steps are enough
NICENESS = 10  # mail goes first
# The libraries of the training take every processor unless they are told not to.
ONE_THREAD = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}


@dataclass(frozen=True, slots=True)
class Taught:
    """What came of a training. `speaks_from`: the least confidence with which it speaks, None when it may not; `causes`: how many it knows.

    `answered`: the share of the labelled texts that it would have answered.
    """

    what: str
    labels: int
    causes: int
    speaks_from: float | None
    answered: float


def train(desk: Desk, what: str) -> Taught:
    """Learn one model from all its labels and keep it; takes seconds to minutes, and 100 MB and more."""
    from mailbot.core.desk.causes.model import NEVER
    from mailbot.core.desk.causes.training import LATEST
    from mailbot.core.desk.causes.training import train as trained

    with desk.database.reading() as transaction:
        labelled, newest = learned.examples(transaction, what, LATEST)
    if not newest:
        return Taught(what, 0, 0, None, 0.0)
    model = trained(labelled)
    with desk.database.writing() as transaction:
        if learned.keep(transaction, what, model.to_octets(), newest, desk.clock()):
            for number, value in learned.later(transaction, what, newest):  # said during the training
                learned.correct(transaction, what, number, value)
    threshold = None if model.threshold == NEVER else model.threshold
    return Taught(what, model.labels, len(model.causes), threshold, model.answered)


@dataclass(frozen=True, slots=True)
class TaughtRepeats:
    """What answers to suggestions taught: of `needed` in a row the first `in_a_row` are there; `joins_from`: see `Learned`."""

    confirmed: int
    refused: int
    joins_from: float | None
    in_a_row: int
    needed: int = NEEDED


def repeats(desk: Desk) -> TaughtRepeats:
    """What is learned of repeats, which needs no training: each answer is learned at once."""
    with desk.database.reading() as transaction:
        said, _ = learned.answers(transaction)
    taught = learn(said)
    refused = max((score for score, same in said if not same), default=-1.0)
    return TaughtRepeats(taught.confirmed, taught.refused, taught.joins_from, sum(same and score > refused for score, same in said))


def train_waiting(desk: Desk) -> None:
    """Train the models for which there is something new to learn."""
    for what in waiting(desk):
        taught = train(desk, what)
        log.info("learned", what=what, labels=taught.labels, speaks_from=taught.speaks_from)


def waiting(desk: Desk) -> list[str]:
    """The models for which there is something new to learn."""
    with desk.database.reading() as transaction:
        return [what for what in learned.MODELS if learned.waits(transaction, what, HANDFUL)]


class Training:
    """The daemon's training: a child process, one at a time, which never holds the loop up."""

    def __init__(self, config: Path) -> None:
        self.command: Sequence[str] = [sys.executable, "-m", "mailbot", "--config", str(config), "learn"]
        self.child: subprocess.Popen[bytes] | None = None
        self.said: IO[bytes] | None = None
        self.not_before: datetime | None = None

    def look(self, desk: Desk) -> None:
        """Tell how the child ended, and start one when there is something to learn."""
        if self.child is not None and not self._ended(self.child):
            return
        now = desk.clock()
        if (self.not_before is None or now >= self.not_before) and waiting(desk):
            self.not_before = now + EVERY
            self._start()

    def _start(self) -> None:
        self.said = TemporaryFile()  # noqa: SIM115 -- a file and no pipe: nobody reads while it writes
        self.child = subprocess.Popen(  # nosec B603  # noqa: S603 -- this program
            self.command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=self.said, env=os.environ | ONE_THREAD
        )
        with suppress(OSError):  # the service's sandbox may forbid it
            os.setpriority(os.PRIO_PROCESS, self.child.pid, NICENESS)
        log.info("training", process=self.child.pid)

    def _ended(self, child: subprocess.Popen[bytes]) -> bool:
        status = child.poll()
        if status is None or self.said is None:
            return False
        if status == 0:
            log.info("trained")
        else:
            self.said.seek(0)
            lines = self.said.read().decode("utf-8", "replace").strip().splitlines()
            log.error("training failed", status=status, because=lines[-1] if lines else "", again_in=f"{EVERY.seconds} s")
        self._forget()
        return True

    def stop(self) -> None:
        """End the child, if there is one: what it had not kept yet will be learned the next time."""
        if self.child is not None:
            self.child.kill()
            self.child.wait()
            self._forget()

    def _forget(self) -> None:
        if self.said is not None:
            self.said.close()
        self.child = self.said = None
