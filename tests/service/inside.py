"""The checks of `make systemd`, inside the container: the README's installation, then the service under Debian's systemd.

Each check is one line, "ok …" or "WRONG …". Only the standard library: this runs on the container's own Python.
"""

import imaplib
import json
import re
import subprocess
import sys
import time
from collections.abc import Callable
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path

from tests.service import probe
from tests.service.installation import CHECKOUT, CONFIG, SUNK, changed, install, servers, sh

UNIT = "mailbot.service"
WORDS = {
    "fault": "The order form shows an error, the button is broken and does not work, number {}.",
    "content": "Please put the new photos and the text about the season on page {} of the site.",
}

SHORT = "[Service]\nWatchdogSec=5\nRestartSec=1\n"


class Checks:
    """Says how each check ended, and counts what went wrong."""

    wrong = 0

    def __call__(self, what: str, well: object, found: object = "") -> None:
        self.wrong += not well
        print(f"{'ok' if well else 'WRONG'} {what}{'' if found == '' else f': {found}'}")


def show(key: str, unit: str = UNIT) -> str:
    """A property of the unit."""
    return sh("systemctl", "show", "--value", "--property", key, unit).strip()


def within(seconds: float, condition: Callable[[], object]) -> bool:
    """Whether it comes about in time."""
    give_up = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > give_up:
            return False
        time.sleep(0.2)
    return True


def restarted_once() -> bool:
    """Whether the service manager has restarted it once, and it runs. Counted first: it still seems to run just after its end."""
    return show("NRestarts") == "1" and show("SubState") == "running"


def appended(name: str, text: str) -> None:
    """A mail arrives in Dovecot's mailbox, by IMAP."""
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "Anna <anna@rose.example>", "support@studio.example", name
    message["Message-ID"] = f"<{name.replace(' ', '-')}@rose.example>"
    message.set_content(text)
    with imaplib.IMAP4("127.0.0.1", 143) as client:
        client.login("support@studio.example", "the IMAP password")
        client.append("INBOX", "", "", message.as_bytes(policy=SMTP))


def mailbot(*words: str) -> str:
    """A command as the user that the service runs as."""
    return sh("runuser", "-u", "mailbot", "--", "/opt/mailbot/bin/mailbot", "--config", str(CONFIG), *words)


def tickets() -> list[dict[str, object]]:
    """All tickets."""
    found: list[dict[str, object]] = json.loads(mailbot("tickets", "--json"))
    return found


def check_start(check: Checks) -> None:
    """Notified, with a status that says how it is."""
    check("it is started and has notified", (show("ActiveState"), show("SubState"), show("Type")) == ("active", "running", "notify"))
    check("its status says that mail flows", within(10, lambda: "mail flows since" in show("StatusText")), show("StatusText"))
    here = sh("readlink", f"/proc/{show('MainPID')}/exe").strip()
    check("the process that notified is mailbot itself", "python" in here, here)


def check_mail(check: Checks) -> None:
    """From Dovecot to a ticket and an answer."""
    appended("first", "The order form of the shop shows an error since this morning.")
    check("a mail in Dovecot becomes a ticket", within(20, lambda: len(tickets()) == 1))
    arrived = within(20, lambda: any(b"To: anna@rose.example" in one.read_bytes() for one in SUNK.glob("*")))
    check("and is answered by SMTP", arrived, f"{len(list(SUNK.glob('*')))} mails")


def check_sandbox(check: Checks) -> None:
    """What the kernel says of the daemon, and what a program in its place can do."""
    lines = Path(f"/proc/{show('MainPID')}/status").read_text().splitlines()
    status = {key: value.split() for key, _, value in (line.partition(":") for line in lines)}
    user = sh("id", "-u", "mailbot").strip()
    check("it runs as mailbot", status["Uid"] == [user] * 4)
    check("it has no capability", {int(status[one][0], 16) for one in ("CapEff", "CapPrm", "CapBnd", "CapAmb")} == {0})
    check("it gets no new privileges", status["NoNewPrivs"] == ["1"])
    judged = sh("systemd-analyze", "--no-pager", "security", UNIT)
    exposure = re.search(r"Overall exposure level for mailbot\.service: ([\d.]+)", judged)
    check("systemd-analyze says an exposure of at most 1.5", exposure and float(exposure[1]) <= 1.5, exposure and exposure[1])


def check_memory(check: Checks) -> None:
    """The limit of memory, where the container is given that controller at all."""
    peak = max(int(value) for value in re.findall(r"^VmHWM:\s+(\d+)", Path(f"/proc/{show('MainPID')}/status").read_text(), re.MULTILINE))
    check("the daemon takes less than half of MemoryMax", peak < 512 * 1024, f"at most {peak // 1024} MiB")
    if show("MemoryCurrent") == "[not set]":
        print("NOT TRIED whether MemoryMax and TasksMax hold: this machine gives containers no such controllers")
    else:
        check("MemoryMax is in force", Path(f"/sys/fs/cgroup{show('ControlGroup')}/memory.max").read_text().strip() == str(2**30))


def check_probe(check: Checks) -> None:
    """What a program can do in the daemon's place: the same unit starts it."""
    unit = Path("/etc/systemd/system", UNIT).read_text("utf-8")
    unit = changed(unit, "^Type=notify", "Type=oneshot")
    unit = changed(unit, "^Restart=.*", "Restart=no")
    unit = changed(unit, "^ExecStart=.*", "ExecStart=/opt/mailbot/bin/python /srv/probe.py /var/lib/mailbot/probe.json")
    Path("/srv/probe.py").write_bytes((CHECKOUT / "tests/service/probe.py").read_bytes())
    Path("/etc/systemd/system/probe.service").write_text(unit)
    sh("systemctl", "daemon-reload")
    sh("systemctl", "start", "probe")
    came = json.loads(Path("/var/lib/mailbot/probe.json").read_text())
    for name in probe.TRIES:
        if name in probe.ALLOWED:
            check(f"a program in its place can {name}", came[name] is None, came[name] or "")
        else:
            check(f"a program in its place cannot {name}", came[name] is not None, came[name] or "it can")
    check("its /tmp is its own", not Path("/tmp/probe").exists())


def check_training(check: Checks) -> None:
    """Causes are learned by the daemon's child, inside the same sandbox."""
    for number in range(8):
        for cause, words in WORDS.items():
            appended(f"{cause} {number}", words.format(number * 7919))
    check("sixteen more mails become tickets", within(60, lambda: len(tickets()) == 17), len(tickets()))
    for one in tickets():
        subject = str(one["subject"]).split()[0]
        if subject in WORDS:
            mailbot("cause", str(one["number"]), subject)
    ended = within(120, lambda: re.search("event=trained|training failed", sh("journalctl", "-u", UNIT, "--no-pager", "-o", "cat")))
    said = [one for one in sh("journalctl", "-u", UNIT, "--no-pager", "-o", "cat").splitlines() if "train" in one]
    check("causes are learned under the sandbox", ended and "event=trained" in said[-1], said[-1] if said else "no training")


def check_watchdog(check: Checks) -> None:
    """Kept while it lives, noticed when it hangs. For the second the watchdog is made short."""
    before = int(show("WatchdogTimestampMonotonic"))
    check("the watchdog waits for five minutes", show("WatchdogUSec") == "5min", show("WatchdogUSec"))
    check("a sign of life comes within five seconds", within(5, lambda: int(show("WatchdogTimestampMonotonic")) > before))
    short = Path("/run/systemd/system/mailbot.service.d/short.conf")
    short.parent.mkdir(parents=True)
    short.write_text(SHORT)
    sh("systemctl", "daemon-reload")
    sh("systemctl", "restart", UNIT)
    time.sleep(20)
    check("a watchdog of five seconds is kept for twenty", show("NRestarts") == "0", f"{show('NRestarts')} restarts")
    sh("systemctl", "kill", "--kill-who=main", "--signal=STOP", UNIT)
    check("a daemon that hangs is restarted", within(40, restarted_once))
    check("because of the watchdog", "Watchdog timeout" in sh("journalctl", "-u", UNIT, "--no-pager"))
    short.unlink()
    sh("systemctl", "daemon-reload")
    sh("systemctl", "restart", UNIT)


def check_ends(check: Checks) -> None:
    """Killed, misconfigured, stopped."""
    sh("systemctl", "kill", "--kill-who=main", "--signal=KILL", UNIT)
    check("it is restarted after SIGKILL", within(40, restarted_once), f"{show('NRestarts')} restarts")
    before = len(tickets())
    appended("after the kill", "One more thing: where is the page about delivery?")
    check("and takes mail in again", within(30, lambda: len(tickets()) == before + 1))
    began = time.monotonic()
    sh("systemctl", "stop", UNIT)
    took = time.monotonic() - began
    check("it stops within five seconds", took < 5, f"{took:.1f} s")
    check("and that was no failure", (show("Result"), show("ActiveState")) == ("success", "inactive"), show("Result"))
    well = CONFIG.read_text("utf-8")
    CONFIG.write_text(well.replace("[desk]", "[desk]\nnonsense = 1", 1), "utf-8")
    subprocess.run(["systemctl", "start", UNIT], capture_output=True, check=False)
    check("a mistake in the configuration is a failure", within(20, lambda: show("ActiveState") == "failed"), show("ActiveState"))
    check("with status 2", show("ExecMainStatus") == "2", show("ExecMainStatus"))
    time.sleep(15)  # longer than RestartSec
    check("after which nothing restarts it", (show("ActiveState"), show("NRestarts")) == ("failed", "0"), show("NRestarts"))
    said = sh("journalctl", "-u", UNIT, "--no-pager", "-n", "20")
    check("and the journal names the key", "nonsense" in said)
    CONFIG.write_text(well, "utf-8")
    sh("systemctl", "reset-failed", UNIT)
    sh("systemctl", "start", UNIT)
    check("mended, it starts", show("SubState") == "running")


def main() -> int:
    """The exit status."""
    servers()
    print(install())
    check = Checks()
    for part in (check_start, check_mail, check_sandbox, check_probe, check_training, check_memory, check_watchdog, check_ends):
        part(check)
    check("nothing unforeseen is in its log", "Traceback" not in sh("journalctl", "-u", UNIT, "--no-pager"))
    return 1 if check.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
