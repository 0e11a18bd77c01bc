"""The daemon is stopped by SIGKILL before and after every commit, FETCH, MOVE, MAIL, DATA and final dot: nothing is lost, nothing doubled."""

import itertools
import os
import subprocess
import sys
from collections import Counter

from tests.conftest import Studio
from tests.crashes.ledger import Ledger
from tests.servers import ImapUser, SmtpServer

STOPS = int(os.environ.get("MAILBOT_STOPS", "60"))
POINTS = [f"{when} {what}" for what in ("commit", "FETCH", "MOVE", "MAIL", "DATA", "dot") for when in ("before", "after")]


def test_a_daemon_that_is_stopped_at_every_point_loses_and_doubles_nothing(
    any_studio: Studio, imap_user: ImapUser, smtp_server: SmtpServer
) -> None:
    any_studio.configure(mailbox=[imap_user.settings(done="move:Done")], smtp=smtp_server.settings())
    app = any_studio.open()
    ledger, hit = Ledger(imap_user, smtp_server), Counter[str]()
    ledger.write(2)
    zygote = subprocess.Popen(
        [sys.executable, "-m", "tests.crashes.zygote", str(any_studio.path)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=(any_studio.folder / "log").open("w"), text=True,
    )  # fmt: skip
    any_studio.started.append(zygote)

    def run(seconds: int, count: int = 1, stop: str = "nowhere") -> str:
        assert zygote.stdin and zygote.stdout
        zygote.stdin.write(f"{seconds} {count} {stop}\n")
        zygote.stdin.flush()
        return zygote.stdout.readline().strip()

    # Each run finds what the one before it left.
    asked = ((number, stop) for number in itertools.count() for stop in POINTS)
    while sum(hit.values()) < STOPS:
        number, stop = next(asked)
        ledger.write(2)
        if (died := run(0, number % 3 + 1, stop)) != "end":
            hit[died] += 1
    for hours in range(1, 4):
        assert run(hours * 3600) == "end"
    zygote.stdin.close()  # type: ignore[union-attr]
    ledger.check(any_studio, app)
    assert hit.keys() == set(POINTS)
    assert "Traceback" not in (any_studio.folder / "log").read_text()
