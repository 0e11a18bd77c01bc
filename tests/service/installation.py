"""Installs mailbot in the container as the README tells it, and the servers that it works with. Only the standard library."""

import re
import subprocess
from pathlib import Path

CHECKOUT = Path("/checkout")
CONFIG = Path("/etc/mailbot/mailbot.toml")
SUNK = Path("/srv/sink/mails/new")
DOVECOT = """\
protocols = imap
listen = 127.0.0.1
ssl = no
disable_plaintext_auth = no
first_valid_uid = 1
mail_location = maildir:/srv/mail
passdb {
  driver = passwd-file
  args = scheme=PLAIN username_format=%u /etc/dovecot/users
}
userdb {
  driver = static
  args = uid=mail gid=mail home=/srv/mail
}
namespace inbox {
  inbox = yes
}
"""
SINK = """\
[Service]
DynamicUser=yes
ExecStart=/opt/sink/bin/python -m aiosmtpd --nosetuid --listen 127.0.0.1:25 --class aiosmtpd.handlers.Mailbox /srv/sink/mails
AmbientCapabilities=CAP_NET_BIND_SERVICE
ReadWritePaths=/srv
"""


def sh(*words: str) -> str:
    """What a command prints. It must succeed."""
    done = subprocess.run(words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"WRONG {' '.join(words)}: status {done.returncode}\n{done.stdout}")
    return done.stdout


def servers() -> None:
    """Dovecot and an SMTP server that keeps what it gets, both without the README: they are not ours."""
    Path("/srv/mail").mkdir()
    sh("chown", "mail:mail", "/srv/mail")
    for open_to_all in ("/srv/sink", "/srv/open"):
        Path(open_to_all).mkdir()
        Path(open_to_all).chmod(0o777)
    Path("/etc/dovecot/dovecot.conf").write_text(DOVECOT)
    Path("/etc/dovecot/users").write_text("support@studio.example:{PLAIN}the IMAP password\n")
    Path("/etc/systemd/system/sink.service").write_text(SINK)
    sh("python3", "-m", "venv", "/opt/sink")
    sh("/opt/sink/bin/pip", "install", "--quiet", "--no-index", "--find-links", "/wheels", "aiosmtpd")
    sh("systemctl", "daemon-reload")
    sh("systemctl", "restart", "dovecot", "sink")


def readme() -> tuple[str, str, str]:
    """Of its section on the service: the installation, the settings, the start."""
    text = (CHECKOUT / "README.md").read_text("utf-8")
    section = text.partition("## On Debian 12, as a service\n")[2].partition("\n### ")[0]
    installing, settings, starting = re.findall(r"```(?:sh|toml)\n(.*?)```", section, re.DOTALL)
    return installing, settings, starting


def changed(text: str, pattern: str, by: str) -> str:
    """The text with that one line changed, which must be there."""
    text, times = re.subn(pattern, lambda found: found.expand(by), text, flags=re.MULTILINE)
    if times != 1:
        raise SystemExit(f"WRONG the text to install by has {times} lines like {pattern}")
    return text


def configured(settings: str) -> str:
    """What an administrator makes of the sample configuration here."""
    text = CONFIG.read_text("utf-8")
    text = changed(text, r'^host = "imap.*', 'host = "127.0.0.1"\nport = 143\nsecurity = "none"\npoll_seconds = 5')
    text = changed(text, r'^host = "smtp(.*\n){4}.*', 'host = "127.0.0.1"\nport = 25\nsecurity = "none"')
    for line in ("[database]", "[storage]"):
        text = text.replace(f"\n{line}\n", f"\n# {line[1:-1]}\n")  # the README's tables stand in their place
    text = re.sub(r"^\[automatic\].*", "[automatic]\nper_address_per_hour = 1000", text, flags=re.MULTILINE)
    return f"{text}\n{settings}"


def install() -> str:
    """The README's steps, word for word where the container allows it; returns what the last of them say."""
    installing, settings, starting = readme()
    installing = changed(installing, r"^apt-get install .*", "")  # it is in the root
    installing = changed(installing, r"^.*# or the wheel: (.*) install mailbot-\*\.whl$", r"\1 install --quiet /wheels/mailbot-*.whl")
    installing = changed(installing, r"^editor .*", "")
    before, after = installing.split("chown root:mailbot", 1)
    where = "cd /checkout; export PIP_NO_INDEX=1 PIP_FIND_LINKS=/wheels\nshopt -s expand_aliases\n"
    sh("bash", "-euc", where + before)
    CONFIG.write_text(configured(settings), "utf-8")
    Path("/etc/mailbot/clients.toml").write_bytes((CHECKOUT / "config" / "demo" / "clients.toml").read_bytes())
    sh("bash", "-euc", f"{where}chown root:mailbot{after}")
    # An alias counts from the line after it on, and only when the shell reads line by line.
    Path("/root/start.sh").write_text(where + starting, "utf-8")
    return sh("bash", "-eu", "/root/start.sh")
