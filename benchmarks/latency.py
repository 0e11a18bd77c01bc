"""From delivery to the accepted acknowledgement: how long a client waits for the first word.

`python -m benchmarks.latency` runs `mailbot run` against Dovecot and an SMTP server on loopback. A message counts from the moment at which
the IMAP server has taken it until the SMTP server has its acknowledgement behind the final dot. `--poll` does not idle.

Dovecot tells an idling client of an arrival half a second after it, whatever its settings (measured: 0.501 s): a message that comes alone
waits for that, one that comes within half a second of another does not. So the median says as much of `--pause` as of mailbot, and jumps
where the two kinds are as many; with `--pause 2` it is Dovecot's half second and mailbot's part.
"""

import argparse
import random
import statistics
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.configuration import DESK
from benchmarks.ingest import machine
from tests.servers import PASSWORD, ImapUser, SmtpServer, dovecot_server, until

CONFIGURATION = (
    DESK
    + """\
[[mailbox]]
name = "support"
host = "127.0.0.1"
port = {imap}
security = "none"
username = "latency"
password = "{password}"
idle = {idle}
poll_seconds = 60
[smtp]
host = "127.0.0.1"
port = {smtp}
security = "none"
"""
)
MESSAGE = """\
From: Client {number} <client{number}@shop{number}.example>\r
To: support@helpdesk.example\r
Subject: Request {number}\r
Message-ID: <{number}@shop{number}.example>\r
Date: Thu, 26 Nov 2026 10:00:00 +0000\r
\r
Please change the opening hours on page {number} of our site to 9:00 - 18:00.\r
"""


def waited(messages: int, idle: bool, pause: float) -> list[float]:
    """The seconds that each of the messages waited."""
    smtp = SmtpServer()
    smtp.start()
    with dovecot_server() as dovecot, TemporaryDirectory() as name:
        folder, user = Path(name), ImapUser(dovecot, "latency")
        text = CONFIGURATION.format(imap=dovecot.port, smtp=smtp.port, password=PASSWORD, idle=str(idle).lower())
        (folder / "mailbot.toml").write_text(text)
        (folder / "secret").write_text("a secret of the benchmark")
        with user.client() as client, (folder / "log").open("w") as log:
            daemon = subprocess.Popen([sys.executable, "-m", "mailbot", "--config", folder / "mailbot.toml", "run"], stderr=log)
            try:
                until(lambda: "event=started" in (folder / "log").read_text(), "the daemon starts")
                delivered = {}
                for number in range(messages):
                    time.sleep(random.uniform(0.5, 1.5) * pause)  # people do not write in step with the daemon
                    client.append("INBOX", MESSAGE.format(number=number).encode())
                    delivered[f"client{number}@shop{number}.example"] = time.monotonic()
                until(lambda: delivered.keys() <= {one.recipients[0] for one in smtp.taken}, "every acknowledgement is accepted", 300)
            finally:
                daemon.terminate()
                daemon.wait()
    smtp.stop()
    accepted = {one.recipients[0]: one.at for one in smtp.taken}
    return sorted(accepted[one] - at for one, at in delivered.items())


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--messages", type=int, default=200)
    parser.add_argument("--pause", type=float, default=0.5, help="seconds between two messages, on average")
    parser.add_argument("--poll", action="store_true", help="poll every 60 seconds instead")
    wanted = parser.parse_args()
    found = waited(wanted.messages, not wanted.poll, wanted.pause)
    tenths = statistics.quantiles(found, n=20)
    print(machine())
    how = "polled" if wanted.poll else "IDLE"
    print(f"{how}: {len(found)} messages, p50 {statistics.median(found):.3f} s, p95 {tenths[18]:.3f} s, most {found[-1]:.3f} s")


if __name__ == "__main__":
    main()
