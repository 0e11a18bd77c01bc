"""Memory while a long backlog is drained: `mailbot run` beside a Dovecot mailbox where many messages wait already.

`python -m benchmarks.backlog --messages 100000` looks at the daemon's resident memory five times a second and prints the most of each
tenth of the messages. Every hundredth has a file of 200 KB; each is answered and forwarded, into a Maildir.
"""

import argparse
import subprocess
import sys
import time
from email import message_from_bytes
from email.policy import SMTP
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import Connection, create_engine, text

from benchmarks.filling import letter, wordings
from benchmarks.ingest import CONFIGURATION, PASSWORD, USER, load, machine
from tests.servers import dovecot_server

FILE = bytes(range(256)) * 800


def write(folder: Path, count: int) -> None:
    """So many requests as files, a thousand a folder; eight of each client."""
    for number, one in zip(range(count), wordings("backlog"), strict=False):
        octets = letter(f"backlog-{number}", f"client{number // 8}@shop{number // 8}.example", one.subject, one.text(number % 4))
        if number % 100 == 0:
            message = message_from_bytes(octets, policy=SMTP)
            message.add_attachment(FILE + str(number).encode(), "image", "png", filename="screen.png")
            octets = message.as_bytes()
        (place := folder / f"{number // 1000:05}").mkdir(exist_ok=True)
        (place / f"{number:08}.eml").write_bytes(octets)


def resident(process: subprocess.Popen[bytes], name: str = "VmRSS") -> float:
    """MiB that the process holds, or with VmHWM has ever held."""
    status = Path(f"/proc/{process.pid}/status").read_text()
    return int(next(line for line in status.splitlines() if line.startswith(name)).split()[1]) / 1024


def waiting(connection: Connection) -> tuple[int, int]:
    """How many messages are taken in, and how many mails are still to go out."""
    # Not a count of all that is taken in: that alone would cost a fifth of what is measured.
    taken = connection.scalar(text("SELECT max(id) - (SELECT count(*) FROM journal WHERE outcome = 'pending') FROM journal"))
    due = connection.scalar(text("SELECT count(*) FROM outbox WHERE state IN ('due', 'sending')"))
    return int(taken or 0), int(due or 0)


def drain(folder: Path, port: int, count: int) -> None:
    """Run the daemon until all is answered, and print what it held."""
    (folder / "mailbot.toml").write_text(CONFIGURATION.format(port=port, user=USER, password=PASSWORD))
    (folder / "secret").write_text("a secret of the benchmark")
    command = [sys.executable, "-m", "mailbot", "--config", str(folder / "mailbot.toml")]
    subprocess.run([*command, "db", "upgrade"], check=True, stdout=subprocess.DEVNULL)  # as at every start but the first
    daemon = subprocess.Popen([*command, "run"], stderr=(folder / "log").open("wb"))
    try:
        begun, tenth, held = time.monotonic(), 1, []
        with create_engine(f"sqlite:///file:{folder / 'mailbot.db'}?mode=ro&uri=true").connect() as connection:
            while daemon.poll() is None:
                time.sleep(0.2)
                held.append(resident(daemon))
                if len(held) % 5:
                    continue
                taken, due = waiting(connection)
                while taken * 10 >= tenth * count:
                    print(
                        f"{taken:8} messages, {time.monotonic() - begun:6.0f} s: at most {max(held):6.1f} MiB since the last line",
                        flush=True,
                    )
                    tenth, held = tenth + 1, held[-1:]
                if taken >= count and not due:
                    break
            else:
                sys.exit(f"the daemon ended with {daemon.returncode}\n{(folder / 'log').read_text()[-3000:]}")
        seconds = time.monotonic() - begun
        peak = resident(daemon, "VmHWM")
        print(f"all taken in, answered and forwarded in {seconds:.0f} s, {count / seconds:.0f} a second; peak {peak:.1f} MiB")
    finally:
        daemon.terminate()
        daemon.wait()


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.backlog", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--messages", type=int, default=100_000)
    given = parser.parse_args()
    print(machine())
    with dovecot_server() as server, TemporaryDirectory(prefix="mailbot-backlog-") as name:
        corpus = Path(name) / "corpus"
        corpus.mkdir()
        write(corpus, given.messages)
        load(corpus, server.folder / "mail" / USER)
        (folder := Path(name) / "desk").mkdir()
        drain(folder, server.port, given.messages)


if __name__ == "__main__":
    main()
