"""Broken configurations: exit status 2 and a line a mistake with file, key, what was found and the remedy; sound ones do what they say."""

import os
import re
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from mailbot import config as configuration
from mailbot.app import build
from mailbot.resources import folder
from tests.command import command

SOUND = """\
[desk]
name = "Web Studio"
address = "support@studio.example"
operators = ["boss@studio.example"]

[[mailbox]]
name = "support"
kind = "maildir"
path = "incoming"

[smtp]
kind = "maildir"
path = "outgoing"
"""
IMAP = 'kind = "imap"\nhost = "imap.studio.example"\nusername = "support"\npassword_file = "imap-password"'
SMTP = 'kind = "smtp"\nhost = "smtp.studio.example"\nusername = "support"\npassword_file = "smtp-password"'
HUSH = "correct-horse-battery"  # every secret of these configurations; it is never to be seen


def at_desk(line: str) -> str:
    """A sound file with a line more in [desk]."""
    return SOUND.replace("[[mailbox]]", f"{line}\n\n[[mailbox]]")


def with_imap(*changes: tuple[str, str]) -> str:
    """A file whose mailbox is an IMAP one, with pieces of it replaced."""
    text = SOUND.replace('kind = "maildir"\npath = "incoming"', IMAP)
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    return text


GOOGLE_KEYS = f'provider = "google", client_secret = "{HUSH}"'
GOOGLE = f'{{ client_id = "x", {GOOGLE_KEYS} }}'


def with_oauth2(keys: str) -> str:
    """A file whose IMAP mailbox signs in, with these keys besides client_id."""
    return with_imap(('password_file = "imap-password"', f'oauth2 = {{ client_id = "x", {keys} }}'))


def with_smtp(*changes: tuple[str, str]) -> str:
    """A file that sends by SMTP, with pieces of it replaced."""
    text = SOUND.replace('kind = "maildir"\npath = "outgoing"', SMTP)
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    return text


def replaced(old: str, new: str) -> str:
    """A sound file with a piece of it replaced."""
    assert old in SOUND
    return SOUND.replace(old, new)


@dataclass(frozen=True)
class Broken:
    """`text`: the file's content (None: there is no file); `says`: what stands in each line, in order, after the file's name."""

    text: str | bytes | None
    says: tuple[tuple[str, ...], ...]
    files: dict[str, str] = field(default_factory=dict)
    without: tuple[str, ...] = ()


def one_line(text: str | bytes | None, *says: str, files: dict[str, str] | None = None, without: tuple[str, ...] = ()) -> Broken:
    """A configuration with one mistake."""
    return Broken(text, (says,), files or {}, without)


BROKEN = {
    "a file that is not there": one_line(None, "No such file", "--config", "mailbot init"),
    "a file that is no TOML": one_line("[desk\n", "not TOML", "line 1", "mend that line"),
    "a key that is given twice": one_line(replaced("name = ", 'name = "x"\nname = '), "not TOML", "line 3"),
    "a file that is not UTF-8": one_line("[desk]\nname = 'Студия'\n".encode("cp1251"), "octet 15 is not UTF-8", "save the file as UTF-8"),
    "an empty file: each section that it needs is named": Broken(
        "", tuple((f"{key}:", "is missing", "add it") for key in ("desk", "mailbox", "smtp"))
    ),
    "a section that is missing": one_line(SOUND.partition("[smtp]")[0], "smtp:", "is missing", "add it"),
    "a key that is missing": one_line(replaced('address = "support@studio.example"\n', ""), "desk.address:", "is missing", "add it"),
    "an unknown section": one_line(SOUND + "[sumary]\n", "sumary:", "unknown key", "remove it"),
    "an unknown key, and its value is not repeated": one_line(
        with_smtp(("password_file = ", f'pasword = "{HUSH}"\npassword_file = ')), "smtp.pasword:", "unknown key", "spelling"
    ),
    "a key that only the program sets": one_line('file = "x"\n' + SOUND, "file:", "unknown key", "remove it"),
    "a number where text belongs": one_line(replaced('name = "support"', "name = 7"), "mailbox.1.name:", "7", "text in quotes"),
    "text where a list belongs": one_line(
        replaced('["boss@studio.example"]', '"boss@studio.example"'), "desk.operators:", "'boss@studio.example'", "must be a list"
    ),
    "one table where they are repeated": one_line(replaced("[[mailbox]]", "[mailbox]"), "mailbox:", "[[table]]"),
    "text where a table belongs": one_line('smtp = "maildir"\n' + SOUND.partition("[smtp]")[0], "smtp:", "'maildir'", "must be a table"),
    "a word where true or false belongs": one_line(at_desk('plus_addressing = "yes"'), "desk.plus_addressing:", "'yes'", "true or false"),
    "a desk without a name": one_line(replaced('"Web Studio"', '""'), "desk.name:", "must not be empty"),
    "an address that is none": one_line(
        replaced("support@studio.example", "support at studio.example"),
        "desk.address:",
        "'support at studio.example'",
        "must be an address",
    ),
    "an operator's address that is none": one_line(
        replaced('["boss@studio.example"]', '["boss@studio.example", "boss"]'), "desk.operators.2:", "'boss'", "must be an address"
    ),
    "no operator": one_line(replaced('["boss@studio.example"]', "[]"), "desk.operators:", "at least one"),
    "an operator at the desk's own address": one_line(
        replaced("boss@studio.example", "Support@studio.example"), "desk.operators:", "support@studio.example", "mailbox of his own"
    ),
    "an operator at another address of the desk": one_line(
        replaced("operators", 'also = ["boss@studio.example"]\noperators'), "desk.operators:", "boss@studio.example", "mailbox of his own"
    ),
    "a time zone that nobody knows": one_line(at_desk('timezone = "Moscow"'), "desk.timezone:", "'Moscow'", "Europe/Moscow"),
    "hours that are no hours": one_line(at_desk('hours = "always"'), "desk.hours:", "'always'", "'Mon-Fri 10:00-19:00'"),
    "hours on a day that is none": one_line(at_desk('hours = "Mon-Fry 10:00-19:00"'), "desk.hours:", "'fry' is no day", "Mon, Tue"),
    "hours that end before they begin": one_line(at_desk('hours = "Mon 19:00-10:00"'), "desk.hours:", "closes before it opens"),
    "hours that overlap": one_line(at_desk('hours = "Mon-Fri 10:00-19:00, Fri 18:00-20:00"'), "desk.hours:", "overlaps", "Fri"),
    "an hour that is none": one_line(at_desk('hours = "Mon 10:00-25:00"'), "desk.hours:", "'25:00' is no time of day"),
    "holidays of no country": one_line(at_desk('holidays = "Russia"'), "desk.holidays:", "'Russia'", "RU"),
    "holidays of no region": one_line(at_desk('holidays = "DE-XX"'), "desk.holidays:", "'DE-XX'", "DE-BY"),
    "a language that is not there": one_line(at_desk('language = "de"'), "desk.language:", "'de'", "'ru' or 'en'"),
    "port 0": one_line(with_imap(("username", "port = 0\nusername")), "mailbox.1.port:", "0", "at least 1"),
    "port 65536": one_line(with_smtp(("username", "port = 65536\nusername")), "smtp.port:", "65536", "at most 65535"),
    "a port in quotes": one_line(with_imap(("username", 'port = "993"\nusername')), "mailbox.1.port:", "'993'", "without quotes"),
    "passwords in the clear over the network": one_line(
        with_imap(("username", 'security = "none"\nusername')), "mailbox.1:", '"none" is for loopback only', '"tls"', "imap.studio.example"
    ),
    "mail in the clear over the network": one_line(
        with_smtp(("username", 'security = "none"\nusername')), "smtp:", '"none" is for loopback only', "smtp.studio.example"
    ),
    "security that is not there": one_line(
        with_imap(("username", 'security = "ssl"\nusername')), "mailbox.1.security:", "'ssl'", "'tls', 'starttls' or 'none'"
    ),
    "a Maildir without a path": one_line(replaced('path = "incoming"\n', ""), "mailbox.1:", 'needs path; add path = "FOLDER"'),
    "a Maildir for sent mail without a path": one_line(replaced('path = "outgoing"\n', ""), "smtp:", 'needs path; add path = "FOLDER"'),
    "a path for an IMAP mailbox": one_line(with_imap(("username", 'path = "x"\nusername')), "mailbox.1:", 'path belongs to kind "maildir"'),
    "a kind that is not there": one_line(replaced('"maildir"\npath = "incoming"', '"pop3"'), "mailbox.1.kind:", "'pop3'", "'imap'"),
    "an IMAP mailbox without host": one_line(with_imap(('host = "imap.studio.example"\n', "")), "mailbox.1:", "needs host", "add host"),
    "SMTP without host": one_line(with_smtp(('host = "smtp.studio.example"\n', "")), "smtp:", "needs host", "add host"),
    "an IMAP mailbox without username": one_line(
        with_imap(('username = "support"\npassword_file = "imap-password"', "")), "mailbox.1:", "needs username"
    ),
    "two mailboxes of one name": one_line(
        SOUND + '[[mailbox]]\nname = "support"\nkind = "maildir"\npath = "other"\n', "mailbox:", "two mailboxes are named 'support'"
    ),
    "a mailbox that is named like imported mail": one_line(replaced('"support"\n', '"import"\n'), "mailbox:", "'import'", "choose another"),
    "a username without a password": one_line(
        with_smtp(('password_file = "smtp-password"', "")), "smtp:", "username without a password", "add password_file"
    ),
    "a password without a username": one_line(
        with_smtp(('username = "support"', "")), "smtp:", "password_file without username", "add username"
    ),
    "a password from two sources": one_line(
        with_imap(("password_file", f'password = "{HUSH}"\npassword_file')),
        "mailbox.1:",
        "password and password_file are both given",
        "keep one",
    ),
    "a password that is a number, and it is not repeated": one_line(
        with_imap(('password_file = "imap-password"', "password = 20261123")), "mailbox.1.password:", "must be text in quotes"
    ),
    "a password file that is not there": one_line(
        with_imap(), "mailbox.1.password_file:", "imap-password: No such file", "write the secret there", without=("imap-password",)
    ),
    "a password file that is empty": one_line(
        with_smtp(), "smtp.password_file:", "smtp-password is empty", "write the secret there", files={"smtp-password": "\n"}
    ),
    "two password files that are not there are two lines": Broken(
        with_imap().replace('kind = "maildir"\npath = "outgoing"', SMTP),
        (("mailbox.1.password_file:", "imap-password"), ("smtp.password_file:", "smtp-password")),
        without=("imap-password", "smtp-password"),
    ),
    "a password from the environment that has none": one_line(
        with_imap(('password_file = "imap-password"', 'password_env = "MAILBOT_TEST_UNSET"')),
        "mailbox.1.password_env:",
        "MAILBOT_TEST_UNSET",
        "set it",
    ),
    "a password command that fails, and what it prints is not repeated": one_line(
        with_imap(('password_file = "imap-password"', f'password_command = "echo {HUSH}; echo {HUSH} >&2; exit 3"')),
        "mailbox.1.password_command:",
        "status 3",
        "try it by hand",
    ),
    "a password command that prints nothing": one_line(
        with_smtp(('password_file = "smtp-password"', 'password_command = "true"')), "smtp.password_command:", "printed nothing", "by hand"
    ),
    "a password and a sign-in": one_line(
        with_imap(("username", f"oauth2 = {GOOGLE}\nusername")), "mailbox.1:", "password_file and oauth2 are both given", "keep one"
    ),
    "a sign-in without a username": one_line(
        with_smtp(('username = "support"\npassword_file = "smtp-password"', f"oauth2 = {GOOGLE}")), "smtp:", "oauth2 without username"
    ),
    "a provider that nobody knows": one_line(
        with_oauth2('provider = "yahoo"'), "mailbox.1.oauth2.provider:", "'yahoo'", "'google', 'microsoft' or 'custom'"
    ),
    "an unknown key of a sign-in, and its value is not repeated": one_line(
        with_oauth2(f'{GOOGLE_KEYS}, secret = "{HUSH}"'), "mailbox.1.oauth2.secret:", "unknown key"
    ),
    "a client's secret that is a number, and it is not repeated": one_line(
        with_oauth2('provider = "google", client_secret = 20261123'), "mailbox.1.oauth2.client_secret:", "must be text in quotes"
    ),
    "Google without the client's secret": one_line(with_oauth2('provider = "google"'), "mailbox.1.oauth2:", "needs client_secret_file"),
    "a client's secret from two sources": one_line(
        with_oauth2(f'{GOOGLE_KEYS}, client_secret_file = "client-secret"'),
        "mailbox.1.oauth2:",
        "client_secret and client_secret_file are both given",
    ),
    "a client's secret in a file that is not there": one_line(
        with_oauth2('provider = "google", client_secret_file = "client-secret"'),
        "mailbox.1.oauth2.client_secret_file:",
        "client-secret: No such file",
    ),
    "Microsoft without its tenant": one_line(
        with_oauth2('provider = "microsoft"'), "mailbox.1.oauth2:", 'tenant and provider "microsoft" belong together'
    ),
    "a tenant of Google": one_line(with_oauth2(f'{GOOGLE_KEYS}, tenant = "x"'), "mailbox.1.oauth2:", "tenant and provider", "remove it"),
    "a tenant that is an address": one_line(
        with_oauth2('provider = "microsoft", tenant = "https://login/x"'), "mailbox.1.oauth2.tenant:", "'https://login/x'", "domain"
    ),
    "a scope of Google's": one_line(
        with_oauth2(f'{GOOGLE_KEYS}, scope = "mail"'), "mailbox.1.oauth2:", 'scope belongs to provider "custom"', "remove it"
    ),
    "an own provider without its addresses": one_line(
        with_oauth2('provider = "custom", scope = "mail"'), "mailbox.1.oauth2:", "needs token_url and scope"
    ),
    "an own provider where nobody can sign in": one_line(
        with_oauth2('provider = "custom", scope = "mail", token_url = "https://sso.example/token"'),
        "mailbox.1.oauth2:",
        "needs device_url or authorize_url",
    ),
    "tokens in the clear over the network": one_line(
        with_oauth2('provider = "custom", scope = "mail", token_url = "http://sso.example/token", device_url = "https://sso.example/d"'),
        "mailbox.1.oauth2.token_url:",
        "'http://sso.example/token'",
        "https://",
    ),
    "two sign-ins of one account that differ": one_line(
        with_oauth2(GOOGLE_KEYS)
        .replace('kind = "maildir"\npath = "outgoing"', SMTP)
        .replace('password_file = "smtp-password"', f'oauth2 = {{ client_id = "other", {GOOGLE_KEYS} }}'),
        "smtp.oauth2: differs from mailbox.1.oauth2",
        "token-support.json",
        "another token_file",
    ),
    "a mailbox named like the sign-in of SMTP": one_line(
        with_oauth2(GOOGLE_KEYS)
        .replace('name = "support"', 'name = "smtp"')
        .replace('kind = "maildir"\npath = "outgoing"', SMTP.replace('"support"', '"other"'))
        .replace('password_file = "smtp-password"', f"oauth2 = {GOOGLE}"),
        "smtp.oauth2: a mailbox is named 'smtp'",
        "name it otherwise",
    ),
    "a secret that is not there": one_line(SOUND, "desk.secret_file:", "No such file", "write the secret there", without=("secret",)),
    "a secret that is short": one_line(SOUND, "desk.secret_file:", "fewer than 16 characters", "mailbot init", files={"secret": HUSH[:15]}),
    "something to do with read mail that is not there": one_line(
        replaced('path = "incoming"', 'path = "incoming"\ndone = "archive"'),
        "mailbox.1.done:",
        "'archive'",
        '"keep", "delete", "move:FOLDER"',
    ),
    "a mailbox that is looked at every 0 seconds": one_line(
        replaced('path = "incoming"', 'path = "incoming"\npoll_seconds = 0'), "mailbox.1.poll_seconds:", "0", "at least 1"
    ),
    "a database that is not there": one_line(
        SOUND + f'[database]\nurl = "mysql://u:{HUSH}@h/d"\n', "database.url:", "sqlite:///FILE", "postgresql+psycopg://"
    ),
    "a database whose port is no number": one_line(
        SOUND + f'[database]\nurl = "postgresql+psycopg://u:{HUSH}@h:port/d"\n', "database.url:", "postgresql+psycopg://USER@HOST:PORT/NAME"
    ),
    "a database in memory, which forgets": one_line(SOUND + '[database]\nurl = "sqlite:///:memory:"\n', "database.url:", "sqlite:///FILE"),
    "blobs in a bucket without a name": one_line(
        SOUND + '[storage]\nblobs = "s3:///prefix"\n', "storage.blobs:", "'s3:///prefix'", "s3://BUCKET/PREFIX"
    ),
    "a store's address without a store": one_line(
        SOUND + '[storage]\nendpoint_url = "https://s3.example"\n', "storage:", 'endpoint_url belongs to blobs = "s3://…"', "remove it"
    ),
    "a key without its secret": one_line(
        SOUND + '[storage]\nblobs = "s3://bucket"\naccess_key = "x"\n', "storage:", "access_key and secret_key_file belong together"
    ),
    "a secret key that is a number, and it is not repeated": one_line(
        SOUND + '[storage]\nblobs = "s3://bucket"\naccess_key = "x"\nsecret_key = 20261123\n', "storage.secret_key:", "must be text"
    ),
    "a secret key in a file that is not there": one_line(
        SOUND + '[storage]\nblobs = "s3://bucket"\naccess_key = "x"\nsecret_key_file = "s3"\n', "storage.secret_key_file:", "No such file"
    ),
    "money that is a float": one_line(SOUND + "[money]\nhourly_rate = 0.1\n", "money.hourly_rate:", "0.1", "in quotes", "not exact"),
    "money that is negative": one_line(SOUND + '[money]\nhourly_rate = "-1"\n', "money.hourly_rate:", "'-1'", "at least 0"),
    "money that is no amount": one_line(SOUND + '[money]\nhourly_rate = "2 000"\n', "money.hourly_rate:", "'2 000'", "an amount in quotes"),
    "money that is not finite": one_line(SOUND + '[money]\nhourly_rate = "NaN"\n', "money.hourly_rate:", "'NaN'", "an amount in quotes"),
    "a step of nothing": one_line(SOUND + '[money]\nstep = "0"\n', "money.step:", "'0'", "more than 0"),
    "a warranty of ten thousand years": one_line(
        SOUND + "[policy]\nwarranty_days = 5000000\n", "policy.warranty_days:", "5000000", "36500"
    ),
    "a markup below 30 %": one_line(SOUND + '[money.markup]\nstandard = "0.29"\n', "money.markup:", "standard = 0.29", "from 0.30 to 1.00"),
    "a markup above 100 %": one_line(SOUND + '[money.markup]\npremium = "1.01"\n', "money.markup:", "premium = 1.01", "from 0.30 to 1.00"),
    "a currency that nobody knows": one_line(SOUND + '[money]\ncurrency = "BTC"\n', "money.currency:", "'BTC'", "ISO 4217"),
    "a price over 0 months": one_line(SOUND + "[money]\nmonths = 0\n", "money.months:", "0", "at least 1"),
    "a promise within 0 minutes": one_line(
        SOUND + "[policy]\nverdict_minutes = { urgent = 0 }\n", "policy.verdict_minutes.urgent:", "0", "at least 1"
    ),
    "a negative limit": one_line(SOUND + "[automatic]\ntotal_per_hour = -1\n", "automatic.total_per_hour:", "-1", "at least 0"),
    "a summary on a day that is none": one_line(SOUND + '[summary]\nday = "mon"\n', "summary.day:", "'mon'", "'monday'"),
    "a summary at a time that is none": one_line(SOUND + '[summary]\nat = "9:00"\n', "summary.at:", "'9:00'", '"09:00"'),
    "a rule for a cause that is not in the tree": one_line(
        SOUND + '[causes]\ntree = ["fault", "other"]\n[[causes.rule]]\ncause = "hosting"\nwords = ["domain"]\n',
        "causes.rule:",
        "'hosting' is not in tree",
        "known: fault, other",
    ),
    "a rule that would never speak": one_line(
        SOUND + '[[causes.rule]]\ncause = "fault"\nlanguage = "en"\n', "causes.rule.1:", "the rule would never speak", "words", "senders"
    ),
    "an urgent rule that would never speak": one_line(
        SOUND + '[policy]\nurgent = [{ language = "en" }]\n', "policy.urgent.1:", "the rule would never speak", "words", "senders"
    ),
    "a rule whose word is none": one_line(
        SOUND + '[[causes.rule]]\ncause = "fault"\nwords = ["error", " *"]\n', "causes.rule.1.words.2:", "' *'", "must be words"
    ),
    "a rule whose sender is none": one_line(
        SOUND + '[[causes.rule]]\ncause = "fault"\nsenders = ["rose.example"]\n',
        "causes.rule.1.senders.1:",
        "'rose.example'",
        "@rose.example",
    ),
    "a rule for a language that is none": one_line(
        SOUND + '[[causes.rule]]\ncause = "fault"\nwords = ["error"]\nlanguage = "English"\n',
        "causes.rule.1.language:",
        "'English'",
        "ISO 639",
    ),
    "a rule without a cause": one_line(SOUND + '[[causes.rule]]\nwords = ["error"]\n', "causes.rule.1.cause:", "is missing", "add it"),
    "a rule that is no table of its own": one_line(
        SOUND + '[causes.rule]\ncause = "fault"\nwords = ["error"]\n', "causes.rule:", "[[table]]"
    ),
    "a cause with a long name": one_line(SOUND + f'[causes]\ntree = ["{"x" * 41}"]\n', "causes.tree.1:", "at most 40 characters"),
    "a folder of templates that is not there": one_line(at_desk('templates = "mine"'), "desk.templates:", "mine is no folder", "make it"),
    "a template that is broken": one_line(
        at_desk('templates = "mine"'),
        "desk.templates:",
        "template en/terms.txt, line 2",
        "mend it",
        files={"mine/en/terms.txt": "fine\n{% if %}\n"},
    ),
    "a template that is not UTF-8": one_line(
        at_desk('templates = "mine"'), "desk.templates:", "template ru/state.txt", "save it as UTF-8", files={"mine/ru/state.txt": "\udcff"}
    ),
    "three mistakes are three lines": Broken(
        at_desk('timezone = "Moscow"\nlanguage = "de"') + "[money]\nmonths = 0\n",
        (("desk.language:", "'de'"), ("desk.timezone:", "'Moscow'"), ("money.months:", "0")),
    ),
}


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A folder where everything that a configuration may name is there."""
    for part in ("incoming/new", "incoming/cur", "incoming/tmp"):
        (tmp_path / part).mkdir(parents=True)
    write(tmp_path, {"secret": "0123456789abcdef", "imap-password": HUSH, "smtp-password": HUSH})
    return tmp_path


def write(place: Path, files: dict[str, str]) -> None:
    """Write files into the folder."""
    for name, content in files.items():
        (place / name).parent.mkdir(parents=True, exist_ok=True)
        (place / name).write_bytes(content.encode("utf-8", "surrogateescape"))


def prepare(place: Path, broken: Broken) -> tuple[Path, set[Path]]:
    """Write the configuration; returns its path and all that is in the folder now."""
    path = place / "mailbot.toml"
    if broken.text is not None:
        path.write_bytes(broken.text.encode() if isinstance(broken.text, str) else broken.text)
    write(place, broken.files)
    for name in broken.without:
        (place / name).unlink()
    return path, set(place.rglob("*"))


def expect(lines: list[str], path: Path, broken: Broken) -> None:
    """Each mistake is one line: the program, the file, and what must stand in it."""
    assert len(lines) == len(broken.says), lines
    for line, pieces in zip(lines, broken.says, strict=True):
        assert line.startswith(f"mailbot: {path}: ")
        for piece in pieces:
            assert piece in line
        assert HUSH not in line
        assert "20261123" not in line


@pytest.mark.parametrize("broken", BROKEN.values(), ids=BROKEN.keys())
def test_check_tells_each_mistake_in_one_line_and_ends_with_2(place: Path, broken: Broken) -> None:
    starts_nothing(place, broken, "check")


def starts_nothing(place: Path, broken: Broken, *words: str) -> None:
    """The command ends with 2 and its lines, and leaves everything as it was."""
    path, before = prepare(place, broken)
    run = mailbot("--config", str(path), *words)
    assert (run.returncode, run.stdout) == (2, b"")
    expect(run.stderr.decode().splitlines(), path, broken)
    assert set(place.rglob("*")) == before


# One mistake that the file shows by itself, and all that only show when something beside it is looked at.
FOUND_AT_THE_START = (
    "three mistakes are three lines",
    "a file that is not there",
    "a secret that is not there",
    "a secret that is short",
    "two password files that are not there are two lines",
    "a password file that is empty",
    "a password from the environment that has none",
    "a password command that fails, and what it prints is not repeated",
    "a database whose port is no number",
    "a folder of templates that is not there",
    "a template that is broken",
)


@pytest.mark.parametrize("name", FOUND_AT_THE_START)
def test_run_starts_nothing_on_a_broken_configuration(place: Path, name: str) -> None:
    starts_nothing(place, BROKEN[name], "run", "--once")


def mailbot(*words: str, **environment: str) -> subprocess.CompletedProcess[bytes]:
    """The command, where one stands now."""
    return command(*words, cwd=Path.cwd(), **environment)


def test_a_sound_configuration_passes_check_and_runs(place: Path) -> None:
    path, _ = prepare(place, Broken(SOUND, ()))
    check = mailbot("--config", str(path), "check")
    assert (check.returncode, check.stderr) == (0, b"")
    assert [line.split(":")[0] for line in check.stdout.decode().splitlines()] == [
        "ok    configuration",
        "ok    templates",
        "ok    database",
        "ok    mailbox support",
        "ok    smtp",
    ]
    assert mailbot("--config", str(path), "run", "--once").returncode == 0


def test_check_names_what_is_away_and_ends_with_1(place: Path) -> None:
    text = with_imap(("imap.studio.example", "127.0.0.1"), ("username", "port = 1\nusername"))
    path, _ = prepare(place, Broken(text, ()))
    check = mailbot("--config", str(path), "check")
    assert (check.returncode, check.stderr) == (1, b"")
    wrong = [line for line in check.stdout.decode().splitlines() if line.startswith("WRONG")]
    assert len(wrong) == 1
    assert wrong[0].startswith("WRONG mailbox support: mailbox support@127.0.0.1:1/INBOX: ")
    assert HUSH not in check.stdout.decode()


def test_without_any_configuration_the_line_tells_where_one_is_looked_for(tmp_path: Path) -> None:
    if configuration.DEFAULT_PATHS[1].exists():
        pytest.skip(f"{configuration.DEFAULT_PATHS[1]} exists on this machine")
    environment = {name: value for name, value in os.environ.items() if name != "MAILBOT_CONFIG"}
    run = subprocess.run(
        [sys.executable, "-m", "mailbot", "check"], capture_output=True, text=True, cwd=tmp_path, env=environment, timeout=60, check=False
    )
    assert run.returncode == 2
    assert len(run.stderr.splitlines()) == 1
    for piece in ("./mailbot.toml", "/etc/mailbot/mailbot.toml", "mailbot init", "--config"):
        assert piece in run.stderr


def test_the_environment_names_the_configuration_and_the_option_goes_before_it(place: Path) -> None:
    path, _ = prepare(place, Broken(SOUND, ()))
    assert mailbot("tickets", "--json", MAILBOT_CONFIG=str(path)).stdout == b"[]\n"
    other = mailbot("--config", str(place / "other.toml"), "tickets", MAILBOT_CONFIG=str(path))
    assert other.returncode == 2
    assert str(place / "other.toml") in other.stderr.decode()


def test_a_credential_of_the_service_manager_goes_before_the_file(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path, _ = prepare(place, Broken(with_imap(), ()))
    write(place, {"credentials/imap-password": "of the manager\n"})
    config = configuration.load(path)

    def password() -> str | None:
        return configuration.read_secret(config, "mailbox.1", config.mailbox[0])

    monkeypatch.delenv("CREDENTIALS_DIRECTORY", raising=False)
    assert password() == HUSH
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(place / "credentials"))
    assert password() == "of the manager"
    (place / "credentials" / "imap-password").unlink()
    assert password() == HUSH


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ('password = "as it stands"', "as it stands"),
        ('password_env = "MAILBOT_TEST_SET"', "of the environment"),
        ("password_command = \"printf 'of a command\\\\n'\"", "of a command"),
        ('password_file = "imap-password"', HUSH),
    ],
    ids=["in the file", "in the environment", "from a command, without its line end", "in a file of its own"],
)
def test_a_password_can_be_kept(source: str, found: str, place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MAILBOT_TEST_SET", "of the environment")
    path, _ = prepare(place, Broken(with_imap(('password_file = "imap-password"', source)), ()))
    config = configuration.load(path)
    assert configuration.read_secret(config, "mailbox.1", config.mailbox[0]) == found


def test_a_password_in_the_file_does_not_show_when_the_configuration_is_printed(place: Path) -> None:
    path, _ = prepare(place, Broken(with_imap(('password_file = "imap-password"', f'password = "{HUSH}"')), ()))
    config = configuration.load(path)
    assert config.mailbox[0].password == HUSH
    assert HUSH not in f"{config} {config!r}"


def test_paths_are_relative_to_the_file_and_not_to_where_one_stands(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    prepare(place, Broken(SOUND + '[database]\nurl = "sqlite:///memory/desk.db"\n', ()))
    (place / "elsewhere").mkdir()
    monkeypatch.chdir(place / "elsewhere")
    assert mailbot("--config", "../mailbot.toml", "run", "--once").returncode == 0
    assert (place / "memory" / "desk.db").is_file()
    assert list((place / "elsewhere").iterdir()) == []


def test_an_absolute_sqlite_path_is_taken_as_it_is(place: Path) -> None:
    there = place / "far" / "desk.db"
    path, _ = prepare(place, Broken(SOUND + f'[database]\nurl = "sqlite:///{there}"\n', ()))
    assert build(configuration.load(path)).desk.database.place == str(there)
    assert mailbot("--config", str(path), "tickets").returncode == 0
    assert there.is_file()


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "127.1.2.3", "::1"])
def test_security_none_is_allowed_on_loopback(host: str, place: Path) -> None:
    text = with_imap(("imap.studio.example", host), ("username", 'security = "none"\nusername'))
    path, _ = prepare(place, Broken(text, ()))
    assert configuration.load(path).mailbox[0].host == host


def test_the_shipped_sample_loads_once_its_secrets_are_written(place: Path) -> None:
    path, _ = prepare(place, Broken((folder("config") / "mailbot.toml").read_text("utf-8"), ()))
    app = build(configuration.load(path))
    assert app.desk.policy.address == "support@studio.example"
    assert app.daemon().mailboxes[0].source.place == "support@studio.example@imap.studio.example:993/INBOX"


def test_the_shipped_sample_names_every_key_with_its_default(place: Path) -> None:
    sample = (folder("config") / "mailbot.toml").read_text("utf-8")
    uncommented = re.sub(r"^# (?=\w+ = |\[)", "", sample, flags=re.MULTILINE)
    path, _ = prepare(place, Broken(re.sub(r"^.*# an example:.*$", "", uncommented, flags=re.MULTILINE), ()))
    spelled_out = configuration.load(path)
    assert spelled_out == configuration.load(prepare(place, Broken(sample, ()))[0])
    elsewhere = {"path", "password", "password_env", "password_command", "oauth2"}  # named in the comment of another key
    elsewhere |= {
        "endpoint_url",
        "region",
        "access_key",
        "secret_key",
        "secret_key_file",
        "secret_key_env",
        "secret_key_command",
    }  # with S3
    for section in configuration.Config.model_fields.keys() - {"file"}:
        one = getattr(spelled_out, section)
        for key in type(one[0] if section == "mailbox" else one).model_fields.keys() - elsewhere:
            assert f"\n{key} = " in uncommented or f"\n[{section}.{key}]" in uncommented, f"[{section}] {key} is not in the sample"
