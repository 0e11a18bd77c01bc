"""The loop: wake, do the duties that are due, sleep.

    every `poll_seconds`   fetch a mailbox, take in what it brought; at once when its server says that something arrived (IMAP IDLE)
    at once after that     deliver what is due
    every minute           renew tokens of OAuth2 before they end
    every minute           queue the weekly summaries that are owed, reminders of offers, and what operators must hear of promises;
                           compare the mailboxes with the journal, and drop octets that are too old, once a day
    every few seconds      look whether there is something to learn, and how the child process does that learns it

What is owed stands in the database: the timetable here only says when to look, so a missed beat loses nothing. A duty
that fails is tried again after a growing pause; it says once what is wrong and once that it is well again.
"""

import math
import select
import signal
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from functools import partial
from types import FrameType
from typing import TYPE_CHECKING

from schedule import Scheduler

from mailbot import alarms
from mailbot.audit import watch
from mailbot.core.desk.retry import pause_after
from mailbot.core.report.week import Schedule
from mailbot.deliver import Transport, deliver
from mailbot.desk import Desk, Mailbox
from mailbot.edge import memory
from mailbot.edge.db import journal, outbox
from mailbot.edge.imap import Imap
from mailbot.edge.systemd import notify
from mailbot.errors import ConfigError, PermanentError, TransientError
from mailbot.fetch import fetch
from mailbot.intake import take_in
from mailbot.learn import Training, train_waiting
from mailbot.log import log
from mailbot.offers import remind
from mailbot.promises import look_after
from mailbot.pulse import Pulse
from mailbot.retention import drop_old
from mailbot.weekly import send_owed

if TYPE_CHECKING:
    from mailbot.signin import SignIn

STOP_SECONDS = 3  # a network call that hangs longer than this after SIGTERM is broken off
GOODBYE_SECONDS = 0.5  # and so is a goodbye
TURN_SECONDS = 30  # of a duty that has much to do, before the others have their turn


class Stopped(BaseException):
    """Breaks off a call that hangs while the daemon is told to stop. No `except Exception` may hold it."""


class Daemon:
    """One process's duties. `failures` counts a duty's failures in a row, `paused` says until when it is left alone."""

    def __init__(
        self,
        desk: Desk,
        mailboxes: list[Mailbox],
        transport: Transport,
        schedule: Schedule,
        jitter: Callable[[], float],
        training: Training,
        sign_ins: Sequence["SignIn"],
    ) -> None:
        self.desk, self.mailboxes, self.transport = desk, mailboxes, transport
        self.schedule, self.jitter, self.training, self.sign_ins = schedule, jitter, training, sign_ins
        self.stopping = False
        self.failures: dict[str, int] = {}
        self.paused: dict[str, datetime] = {}
        self.said: dict[str, str] = {}
        self.pulse = Pulse({f"fetch {one.name}": one.poll_seconds for one in mailboxes} | {"intake": 1, "deliver": 1})
        self.well_since = desk.clock()
        self.stuck: list[str] = []
        self.looked: dict[str, datetime] = {}  # when each mailbox was last looked at with success
        self.turn_seconds: float = TURN_SECONDS
        self.unfinished: set[str] = set()  # mailboxes with a backlog of which there may be more
        self.minutely: list[tuple[str, Callable[[], object]]] = []  # more duties of every minute

    def run(self) -> None:
        """Work until SIGTERM or SIGINT; the message in hand is finished first."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._stop)
        signal.signal(signal.SIGALRM, _break_off)
        memory.give_back()
        timetable = self.timetable()
        notify("READY=1\nSTATUS=looking after the mailbox")
        log.info(
            "started",
            mailboxes=[one.source.place for one in self.mailboxes],
            outgoing=self.transport.place,
            database=self.desk.database.place,
        )
        with suppress(Stopped):
            self.duty("alarms", self._forget_alarms)
            timetable.run_all()
            memory.settle()
            while not self.stopping:
                run_due(timetable)
                self._look_at_pulse()
                self.beat()
                self._wait(1)
        notify("STOPPING=1")
        signal.setitimer(signal.ITIMER_REAL, GOODBYE_SECONDS)
        with suppress(Stopped):
            self.close()
        signal.setitimer(signal.ITIMER_REAL, 0)
        log.info("stopped")

    def once(self) -> bool:
        """Fetch all, take in all, send all that is due, learn what there is; whether every duty succeeded."""
        self.turn_seconds = math.inf
        self._sign_in()
        for mailbox in self.mailboxes:
            self.duty(f"fetch {mailbox.name}", partial(self._fetch, mailbox))
        self.duty("intake", partial(take_in, self.desk, hurried=True))
        self.duty("summary", self._summaries)
        self.duty("promises", partial(look_after, self.desk))
        self.duty("offers", partial(remind, self.desk))
        self.duty("audit", self._audit)
        self.duty("retention", self._drop_old)
        self.duty("alarms", partial(alarms.tell, self.desk))
        self.duty("deliver", self._deliver)
        self.duty("learn", partial(train_waiting, self.desk))
        self.close()
        return not self.failures

    def timetable(self) -> Scheduler:
        """When each duty is looked at. An own scheduler: the library's module-level one is shared by everybody who imports it."""
        timetable = Scheduler()
        timetable.every(60).seconds.do(self._sign_in)
        for mailbox in self.mailboxes:
            timetable.every(mailbox.poll_seconds).seconds.do(self.duty, f"fetch {mailbox.name}", partial(self._fetch, mailbox))
        timetable.every(1).seconds.do(self.duty, "intake", self._take_in)
        timetable.every(1).seconds.do(self.duty, "deliver", self._deliver)
        timetable.every(60).seconds.do(self.duty, "summary", self._summaries)
        timetable.every(60).seconds.do(self.duty, "promises", partial(look_after, self.desk))
        timetable.every(60).seconds.do(self.duty, "offers", partial(remind, self.desk))
        timetable.every(60).seconds.do(self.duty, "audit", self._audit)
        timetable.every(60).seconds.do(self.duty, "retention", self._drop_old)
        timetable.every(60).seconds.do(self.duty, "alarms", partial(alarms.tell, self.desk))
        for name, work in self.minutely:
            timetable.every(60).seconds.do(self.duty, name, work)
        timetable.every(5).seconds.do(self.duty, "learn", partial(self.training.look, self.desk))
        return timetable

    def duty(self, name: str, work: Callable[[], object]) -> None:
        """Do one duty. Nothing that it raises gets past here: `schedule` would never call it again."""
        if self.stopping or self._is_paused(name):
            return
        try:
            work()
        except (TransientError, PermanentError, ConfigError) as error:
            self._failed(name, str(error))
            self.pulse.ended(name)
        except Exception as error:  # noqa: BLE001 -- see above
            self._failed(name, f"{type(error).__name__}: {error}", trace=True)
        else:
            if self.failures.pop(name, 0):
                self.said.pop(name, None)
                self.well_since = self.desk.clock()
                log.info("well again", duty=name)
            self.pulse.ended(name)
        self.beat()

    def _is_paused(self, name: str) -> bool:
        until = self.paused.get(name)
        return until is not None and self.desk.clock() < until

    def _failed(self, name: str, because: str, trace: bool = False) -> None:
        self.failures[name] = self.failures.get(name, 0) + 1
        pause = pause_after(self.failures[name])
        self.paused[name] = self.desk.clock() + pause
        if self.said.get(name) != because:  # the same trouble is told once, not at every try
            self.said[name] = because
            log.error("waiting", duty=name, because=because, again_in=f"{pause.seconds} s", exc_info=trace)

    def beat(self) -> None:
        """Tell the service manager whether mail flows, since when, or what troubles it. Without a WATCHDOG=1 it restarts the daemon."""
        late = [f"{name} has not been done for too long" for name in self.pulse.late()]
        trouble = "; ".join([*late, *self.said.values()])
        since = self.well_since.astimezone(self.desk.policy.timezone)
        well = f"looking after the mailbox, mail flows since {since:%Y-%m-%d %H:%M}"
        notify(("" if late else "WATCHDOG=1\n") + f"STATUS={trouble or well}")

    def _look_at_pulse(self) -> None:
        """Say in the log, once, why the service manager will restart the daemon."""
        if (late := self.pulse.late()) != self.stuck:
            self.stuck = late
            log.error("the sign of life is withheld" if late else "the sign of life is given again", late=late)

    def _sign_in(self) -> None:
        for one in self.sign_ins:
            self.duty(f"sign in {one.name}", partial(one.look_after, self.desk))

    def _forget_alarms(self) -> None:
        # At the start alone: another daemon on this database may have other mailboxes.
        alarms.forget(self.desk, "mailbox", [one.name for one in self.mailboxes])
        alarms.forget(self.desk, "grant", [one.name for one in self.sign_ins])

    def _fetch(self, mailbox: Mailbox) -> None:
        over = self._turn()
        self.unfinished.discard(mailbox.name)

        def stopping() -> bool:
            if stop := over():
                self.unfinished.add(mailbox.name)
            return stop

        # A backlog is taken in and answered while it is fetched: nobody in it waits for all that came later.
        try:
            count = fetch(self.desk, mailbox, stopping, after_commit=self._answer)
        except Exception as error:
            self.unfinished.discard(mailbox.name)  # it is tried again after a pause
            with suppress(TransientError):  # it may be the database that is away
                alarms.begin(self.desk, "mailbox", mailbox.name, str(error) or type(error).__name__)
            raise
        if count is None:  # another daemon is at it: whether the mailbox can be read, that one will know
            if isinstance(mailbox.source, Imap):
                mailbox.source.end_idle()  # what the server said would be heard again at once, until that one is done
            return
        self.looked[mailbox.name] = self.desk.clock()
        alarms.end(self.desk, "mailbox", mailbox.name)
        if isinstance(mailbox.source, Imap):
            mailbox.source.idle()

    def _wait(self, seconds: float) -> None:
        """Sleep, or until there is mail: a server says so, or a backlog has more. That is fetched, taken in and answered at once."""
        pushed = [(box, box.source) for box in self.mailboxes if isinstance(box.source, Imap) and not self._is_paused(f"fetch {box.name}")]
        # A message may have arrived while nobody listened, so what is deaf is looked at, too; not at once: it may be deaf for long.
        due = {box.name for box, source in pushed if source.is_deaf}
        asked = {source.waits_at: box.name for box, source in pushed if source.waits_at}
        at_once = {box.name for box, source in pushed if source.has_spoken()}
        at_once |= {name for name in self.unfinished if not self._is_paused(f"fetch {name}")}
        if not at_once:
            ready, _, _ = select.select(list(asked), [], [], seconds)
            at_once = {asked[one] for one in ready}
        due |= at_once
        for mailbox in [one for one in self.mailboxes if one.name in due]:
            self.duty(f"fetch {mailbox.name}", partial(self._fetch, mailbox))
        if due:
            self.duty("deliver", self._deliver)

    def _stopping(self) -> bool:
        """Asked by long duties between one message and the next: a sign of life, whatever else must wait for it."""
        notify("WATCHDOG=1")
        return self.stopping

    def _turn(self) -> Callable[[], bool]:
        """The same for a duty that goes on where it stopped: with much to do it lets the others have their turn."""
        ends = time.monotonic() + self.turn_seconds
        return lambda: self._stopping() or time.monotonic() >= ends

    def _take_in(self) -> None:
        with self.desk.database.reading() as transaction:
            waiting = journal.pending(transaction)
        if waiting:
            take_in(self.desk, self._turn())

    def _answer(self) -> None:
        self._take_in()
        self.duty("deliver", self._deliver)

    def _deliver(self) -> None:
        with self.desk.database.reading() as transaction:
            waiting = outbox.waiting(transaction, self.desk.clock())
        if waiting:
            deliver(self.desk, self.transport, self.jitter, self._turn())

    def _audit(self) -> None:
        # A mailbox that is away is told already, and asked often enough; and of a backlog much is not in the journal yet.
        unseen = {one.name for one in self.mailboxes if f"fetch {one.name}" in self.failures} | self.unfinished
        watch(self.desk, self.mailboxes, unseen)

    def _drop_old(self) -> None:
        drop_old(self.desk, self._turn())

    def _summaries(self) -> None:
        send_owed(self.desk, self.schedule, self._turn())

    def close(self) -> None:
        """End the training and close every connection."""
        self.training.stop()
        for mailbox in self.mailboxes:
            if isinstance(mailbox.source, Imap):
                mailbox.source.close()
        self.transport.close()
        self.desk.database.close()

    def _stop(self, _number: int, _frame: FrameType | None) -> None:
        # Only a flag and a timer here: logging, or setting a threading.Event, inside a signal handler can deadlock.
        self.stopping = True
        signal.setitimer(signal.ITIMER_REAL, STOP_SECONDS)


def run_due(timetable: Scheduler) -> None:
    """Do what is due. The timetable goes by local time, which in autumn repeats an hour, or is set back: nothing waits for that."""
    now = datetime.now()  # noqa: DTZ005 -- as `schedule` counts
    for job in timetable.jobs:
        if job.next_run is not None and job.next_run - now > timedelta(seconds=job.interval):
            job.next_run = now
    timetable.run_pending()


def _break_off(_number: int, _frame: FrameType | None) -> None:
    raise Stopped
