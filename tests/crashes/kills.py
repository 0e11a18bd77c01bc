"""Random SIGKILLs: `python -m tests.crashes.kills --kills 200 --messages 2000 [--daemons 2] [--seed 1]`, on SQLite or with --postgresql.

`mailbot run` works on a Dovecot mailbox while mail arrives, is killed after a random time and started again. In the end the books are
compared as in the suite: lost 0, doubled tickets 0, doubled automatic answers 0.
"""

import argparse
import random
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

from tests.conftest import Clock, Studio, make_studio
from tests.crashes.ledger import Ledger
from tests.servers import SmtpServer, dovecot_server, postgres_server, until


def killed(studio: Studio, ledger: Ledger, kills: int, messages: int, daemons: int, draw: random.Random) -> None:
    """Let daemons be killed so often while so many messages arrive; then let them finish, and compare the books."""
    app = studio.open()
    running: list[subprocess.Popen[str]] = []
    for kill in range(kills):
        while len(running) < daemons:
            running.append(studio.start("run", log=f"log{len(studio.started) % 20}"))
        ledger.write(messages * (kill + 1) // kills - messages * kill // kills)
        time.sleep(draw.uniform(0.5, 4))  # loading takes about a second of it
        victim = running.pop(draw.randrange(len(running)))
        victim.kill()
        victim.wait()
    ledger.write(messages - ledger.requests)
    while len(running) < daemons:
        running.append(studio.start("run", log=f"last{len(running)}"))
    until(lambda: settled(studio, app, ledger), "everything is taken in and sent", 900)
    for one in running:
        one.terminate()
        one.wait()
    ledger.check(studio, app)


def settled(studio: Studio, app: object, ledger: Ledger) -> bool:
    """Whether nothing waits any more."""
    time.sleep(1)
    journal, outbox = studio.journal(app), studio.outbox(app)  # type: ignore[arg-type]
    return (
        len(journal) == ledger.requests + len(ledger.answered)
        and not any(one["outcome"] == "pending" for one in journal)
        and not any(one["state"] in ("due", "sending") for one in outbox)
    )


def main() -> None:
    """Kill, and say what was left."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--messages", type=int, default=2000)
    parser.add_argument("--daemons", type=int, default=1)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--postgresql", action="store_true", help="a server of its own instead of an SQLite file")
    wanted = parser.parse_args()
    smtp = SmtpServer()
    smtp.start()
    with ExitStack() as stack:
        dovecot = stack.enter_context(dovecot_server())
        folder = stack.enter_context(tempfile.TemporaryDirectory())
        database = "sqlite:///mailbot.db"
        if wanted.postgresql:
            database = stack.enter_context(stack.enter_context(postgres_server()).new())
        user = dovecot.user("kills")
        studio = make_studio(Path(folder), database, Clock())
        studio.configure(mailbox=[user.settings(done="move:Done")], smtp=smtp.settings())
        ledger = Ledger(user, smtp)
        begun = time.monotonic()
        try:
            killed(studio, ledger, wanted.kills, wanted.messages, wanted.daemons, random.Random(wanted.seed))
        finally:
            studio.close()
    smtp.stop()
    sys.stdout.write(
        f"{wanted.kills} kills over {ledger.requests} requests and {len(ledger.answered)} answers of operators, {wanted.daemons} daemons, "
        f"{time.monotonic() - begun:.0f} s: every message once in the journal, every ticket once, every answer as promised\n"
    )


if __name__ == "__main__":
    main()
