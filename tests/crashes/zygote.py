"""Runs of the daemon that end by SIGKILL at a chosen point: `python -m tests.crashes.zygote CONFIGURATION`.

A point lies before and after every commit, FETCH, MOVE, MAIL, DATA and final dot. Each line on stdin, "SECONDS COUNT POINT", is one run,
in a process of its own that is forked from this one (loading mailbot takes longer than a run): it does what `mailbot run --once` does, SECONDS
ahead of the clock, and dies when it passes POINT ("before commit") for the COUNT-th time, or lives to its end. The line that answers
it: the point, or "end".
"""

import os
import signal
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from mailbot.app import App, open_app
from mailbot.edge.imap import Imap
from mailbot.edge.render import Renderer
from mailbot.edge.smtp import Smtp
from mailbot.log import set_up_log


class Points:
    """Counts the points that a run passes, and ends it at one."""

    def __init__(self, stop: str, count: int, out: int) -> None:
        self.stop, self.left, self.out = stop, count, out

    def pass_by(self, name: str) -> None:
        """One more point."""
        self.left -= name == self.stop
        if self.left == 0:
            os.write(self.out, f"{name}\n".encode())
            os.kill(os.getpid(), signal.SIGKILL)

    def around(self, name: str, work: Callable[..., Any]) -> Callable[..., Any]:
        """The same work between two points."""

        def watched(*given: Any, **named: Any) -> Any:
            self.pass_by(f"before {name}")
            done = work(*given, **named)
            self.pass_by(f"after {name}")
            return done

        return watched


class WatchedImap(Imap):
    """An IMAP mailbox with points around what it does on the server."""

    points: Points

    def _connect(self) -> Any:
        client = super()._connect()
        for name, verb in (("fetch", "FETCH"), ("move", "MOVE")):
            setattr(client, name, self.points.around(verb, getattr(client, name)))
        return client


class WatchedSmtp(Smtp):
    """Submission with points around MAIL, DATA and the final dot."""

    points: Points

    def open(self) -> None:
        fresh = self._session is None
        super().open()
        session: Any = self._session
        if not fresh:
            return
        send, docmd = session.send, session.docmd
        session.mail = self.points.around("MAIL", session.mail)
        session.docmd = lambda verb, *rest: self.points.around(verb, docmd)(verb, *rest) if verb == "DATA" else docmd(verb, *rest)
        session.send = lambda octets: self.points.around("dot", send)(octets) if octets == b".\r\n" else send(octets)


def watch(app: App, points: Points) -> Any:
    """The app's daemon, with points in its edges."""
    dialect = app.desk.database.engine.dialect
    dialect.do_commit = points.around("commit", dialect.do_commit)  # type: ignore[method-assign]
    daemon = app.daemon()
    for number, mailbox in enumerate(daemon.mailboxes):
        assert isinstance(mailbox.source, Imap)
        source = WatchedImap(mailbox.source.account)
        source.points = points
        daemon.mailboxes[number] = replace(mailbox, source=source)
    assert isinstance(daemon.transport, Smtp)
    daemon.transport = WatchedSmtp(daemon.transport.account)
    daemon.transport.points = points
    return daemon


def run(configuration: Path, points: Points, ahead: timedelta, renderer: Renderer) -> None:
    """One run, to its end or its point. `renderer`: with its templates compiled."""
    app = open_app(configuration, lambda: datetime.now(UTC) + ahead)
    app = replace(app, desk=replace(app.desk, renderer=renderer))
    watch(app, points).once()


def main() -> None:
    """Runs as they are asked for."""
    configuration = Path(sys.argv[1])
    set_up_log()
    renderer = open_app(configuration).desk.renderer
    run(configuration, Points("nowhere", 1, 1), timedelta(0), renderer)  # dictionaries and models are loaded once, before the forks
    for line in sys.stdin:
        seconds, count, stop = line.strip().split(" ", 2)
        near, far = os.pipe()
        child = os.fork()
        if child == 0:
            os.close(near)
            try:
                run(configuration, Points(stop, int(count), far), timedelta(seconds=int(seconds)), renderer)
                os.write(far, b"end\n")
            finally:
                os._exit(0)
        os.close(far)
        os.waitpid(child, 0)
        with os.fdopen(near) as said:
            sys.stdout.write(f"{said.read().strip() or 'an error'}\n")
            sys.stdout.flush()


if __name__ == "__main__":
    main()
