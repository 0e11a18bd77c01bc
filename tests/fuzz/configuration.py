"""The text of a configuration file and of a clients file: what is wrong with it is told in ConfigError, a line for each mistake."""

import os
import re
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

from mailbot.app import build
from mailbot.config import load
from mailbot.config.clients import read_clients
from mailbot.errors import ConfigError

FOLDER = TemporaryDirectory(prefix="mailbot-fuzz-")
FILE = Path(FOLDER.name) / "a.toml"
(FILE.parent / "secret").write_text("a secret of the tests, long enough")
SAMPLE = (Path(__file__).parent.parent.parent / "config" / "mailbot.toml").read_bytes()
UNCOMMENTED = re.sub(rb"(?m)^# ?(?=[\w]+ = |\[)", b"", SAMPLE)
SMALL = b'[desk]\nname = "Studio"\naddress = "a@b.example"\noperators = ["c@b.example"]\n[[mailbox]]\nname = "in"\nkind = "maildir"\npath = "in"\n[smtp]\nkind = "maildir"\npath = "out"\n'
CLIENTS = b'[[client]]\nname = "Rose"\ndomains = ["rose.example"]\ncontacts = ["a@x.example"]\nlanguage = "ru"\nclass = "standard"\nhanded_over = 2026-01-31\ncontract = { kind = "monthly", since = 2026-01-01, fee = "300", included_minutes = 60, rate = "20" }\nlegal = { name = "Rose Ltd", address = "1 Street\\nTown" }\n'
SEEDS = [
    SAMPLE,
    UNCOMMENTED,
    SMALL,
    SMALL + b'[money]\ncurrency = "RUB"\nhourly_rate = "2000"\nmarkup = { standard = "0.30" }\n',
    SMALL + b'[[causes.rule]]\ncause = "billing"\nwords = ["invoice*"]\n[policy]\nurgent = [{ words = ["down"] }]\n',
    SMALL + b'[summary]\nday = "friday"\nat = "09:30"\n[metrics]\nlisten = "127.0.0.1:9464"\n[database]\nurl = "sqlite:///a.db"\n',
    SMALL.replace(
        b'kind = "maildir"\npath = "in"',
        b'host = "h"\nusername = "u"\n[mailbox.oauth2]\nprovider = "google"\nclient_id = "i"\nclient_secret = "s"',
    ),
    SMALL.replace(
        b"[[mailbox]]", b'holidays = "DE-BY"\nhours = "Mon-Fri 10:00-19:00, Sat 10:00-14:00"\ntimezone = "Europe/Moscow"\n[[mailbox]]'
    ),
    CLIENTS,
]
WORDS = sorted({word.encode() for word in re.findall(r"[\w.-]{3,}|\[+\w+\]+", SAMPLE.decode())})[:400]
WORDS += [b'"""', b"'''", b"[[", b"]]", b"\\u0000", b"inf", b"nan", b"0x", b"1979-05-27T07:32:00Z", b"{", b"}", b" = ", b"\n"]


def understand(octets: bytes) -> None:
    """Read it as either file. No secret is asked for: a command for one would be carried out."""
    FILE.write_bytes(octets)
    for read in (_configured, read_clients):
        one_line_for_each_mistake(read)


def one_line_for_each_mistake(read: Callable[[Path], object]) -> None:
    """Nothing but ConfigError, whose lines begin with the file."""
    try:
        read(FILE)
    except ConfigError as error:
        for line in str(error).split("\n"):
            assert line.startswith(f"{FILE}: "), line
            assert len(line.splitlines()) == 1, line
            assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]", line), line


def _configured(file: Path) -> None:
    """Load and check, and join the parts as a command does that only looks."""
    config = load(file)
    assert config.business_hours is not None
    if config.desk.secret_file == "secret" and os.sep not in (config.desk.templates or ""):
        app = build(config)
        assert app.schedule is not None
        assert app.desk.database.place is not None
