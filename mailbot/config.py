"""The configuration file: TOML in, checked values out; every mistake is one line with file, key, what was found and what is allowed."""

import os
import re
import subprocess
import tomllib
from datetime import date
from decimal import Decimal
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from zoneinfo import ZoneInfo, available_timezones

import holidays
from babel.numbers import is_currency
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    ValidationInfo,
    field_validator,
    model_validator,
)

from mailbot.core.desk.hours import DAYS, BusinessHours, parse_hours
from mailbot.errors import ConfigError

COMMAND_SECONDS = 30
DEFAULT_PATHS = (Path("mailbot.toml"), Path("/etc/mailbot/mailbot.toml"))


def _address(value: str) -> str:
    if not re.fullmatch(r"[^@\s<>,;]+@[^@\s<>,;]+", value):
        raise ValueError("must be an address like support@studio.example")
    return value.lower()


def _money(value: Any) -> Any:
    if isinstance(value, float | bool):
        raise ValueError('must be written in quotes, like "0.30": a float is not exact')
    return value


Address = Annotated[str, AfterValidator(_address)]
Amount = Annotated[Decimal, BeforeValidator(_money), Field(ge=0, max_digits=15)]
Count = Annotated[int, Field(strict=True, ge=0, le=10_000_000)]
Positive = Annotated[int, Field(strict=True, ge=1, le=10_000_000)]
Port = Annotated[int, Field(strict=True, ge=1, le=65535)]
Flag = Annotated[bool, Field(strict=True)]


class Section(BaseModel):
    """A table of the file; an unknown key in it is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Secret(Section):
    """A secret's four sources, of which one is given; it is read by `read_secret`."""

    password: str | None = Field(None, repr=False)
    password_file: str | None = None
    password_env: str | None = None
    password_command: str | None = None


class Server(Secret):
    """What [[mailbox]] and [smtp] have in common."""

    kind: str
    path: str | None = None
    host: str | None = None
    port: Port
    security: Literal["tls", "starttls", "none"] = "tls"
    username: str | None = None

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if wrong := _contradiction(self):
            raise ValueError(wrong)
        return self


class Mailbox(Server):
    """[[mailbox]]"""

    name: str = Field(min_length=1, max_length=60)
    kind: Literal["imap", "maildir"] = "imap"
    port: Port = 993
    folder: str = Field("INBOX", min_length=1)
    idle: Flag = True
    poll_seconds: Annotated[int, Field(strict=True, ge=1, le=86400)] = 60
    done: str = Field("keep", pattern=r"^(keep|delete|move:.+)$")
    oauth2: dict[str, Any] | None = None


class Smtp(Server):
    """[smtp]"""

    kind: Literal["smtp", "maildir"] = "smtp"
    port: Port = 465


def _contradiction(one: Server) -> str | None:  # noqa: PLR0911 -- a table of mistakes
    """What is wrong with the keys of a server taken together, and the remedy."""
    if one.kind == "maildir":
        return None if one.path else 'kind "maildir" needs path; add path = "FOLDER"'
    given = [name for name in Secret.model_fields if getattr(one, name) is not None]
    if one.path is not None:
        return 'path belongs to kind "maildir"; remove it'
    if not one.host:
        return f'kind "{one.kind}" needs host; add host = "NAME"'
    if isinstance(one, Mailbox) and one.username is None:
        return 'kind "imap" needs username; add it'
    if one.security == "none" and not _is_loopback(one.host):
        return f'security "none" is for loopback only; use "tls" or "starttls" for {one.host}'
    if isinstance(one, Mailbox) and one.oauth2 is not None:
        return "oauth2 is not there yet; use password_file"
    if len(given) > 1:
        return f"{' and '.join(given)} are both given; keep one"
    if one.username is not None and not given:
        return "username without a password; add password_file"
    if one.username is None and given:
        return f"{given[0]} without username; add username, or remove it"
    return None


class DeskSection(Section):
    """[desk]"""

    name: str = Field(min_length=1, max_length=120)
    address: Address
    also: tuple[Address, ...] = ()
    language: Literal["ru", "en"] = "en"
    timezone: str = "UTC"
    operators: tuple[Address, ...]
    hours: str = "Mon-Fri 10:00-19:00"
    holidays: str = ""
    plus_addressing: Flag = True
    secret_file: str = "secret"  # noqa: S105 -- a file's name
    templates: str | None = None
    trusted_authserv: str | None = None

    @field_validator("timezone")
    @classmethod
    def _known_zone(cls, value: str) -> str:
        if value not in available_timezones():
            raise ValueError("is no time zone; use one like Europe/Moscow")
        return value

    @field_validator("holidays")
    @classmethod
    def _known_country(cls, value: str) -> str:
        country, _, region = value.partition("-")
        known = holidays.list_supported_countries()
        if value and (country not in known or (region and region not in known[country])):
            raise ValueError('is no country with holidays; use a code like RU or DE-BY, or "" for none')
        return value

    @field_validator("hours")
    @classmethod
    def _readable_hours(cls, value: str) -> str:
        parse_hours(value, ZoneInfo("UTC"))
        return value

    @field_validator("operators")
    @classmethod
    def _apart(cls, value: tuple[str, ...], info: ValidationInfo) -> tuple[str, ...]:
        if not value:
            raise ValueError("needs at least one entry")
        if clash := {info.data.get("address"), *info.data.get("also", ())} & set(value):
            raise ValueError(f"{', '.join(sorted(clash))} is an address of the desk itself; an operator needs a mailbox of his own")
        return value


class Database(Section):
    """[database]"""

    url: str = "sqlite:///mailbot.db"

    @field_validator("url")
    @classmethod
    def _known_kind(cls, value: str) -> str:
        if not re.match(r"^(sqlite:///.+|postgresql\+psycopg://.+)$", value) or value == "sqlite:///:memory:":
            raise ValueError("must be sqlite:///FILE or postgresql+psycopg://USER@HOST/NAME")
        return value


class Storage(Section):
    """[storage]"""

    blobs: str = "blobs"

    @field_validator("blobs")
    @classmethod
    def _folder(cls, value: str) -> str:
        if value.startswith("s3:"):
            raise ValueError("S3 is not there yet; use a folder")
        return value


class Money(Section):
    """[money]"""

    currency: str = "EUR"
    hourly_rate: Amount = Decimal(60)
    step: Annotated[Amount, Field(gt=0)] = Decimal(10)
    increment_minutes: Positive = 15
    months: Annotated[int, Field(strict=True, ge=1, le=60)] = 3
    markup: dict[str, Amount] = {"standard": Decimal("0.30")}

    @field_validator("currency")
    @classmethod
    def _known_currency(cls, value: str) -> str:
        if not is_currency(value):
            raise ValueError("is no currency; use a code of ISO 4217 like RUB or EUR")
        return value

    @field_validator("markup")
    @classmethod
    def _within(cls, value: dict[str, Decimal]) -> dict[str, Decimal]:
        for name, markup in value.items():
            if not Decimal("0.30") <= markup <= 1:
                raise ValueError(f"{name} = {markup} must be from 0.30 to 1.00")
        return value


class VerdictMinutes(Section):
    """[policy] verdict_minutes"""

    urgent: Positive = 60
    normal: Positive = 480


class PolicySection(Section):
    """[policy]"""

    warranty_days: Count = 30
    reopen_days: Count = 14
    estimate_above_minutes: Count = 120
    verdict_minutes: VerdictMinutes = VerdictMinutes()


class Repeats(Section):
    """[repeats]"""

    window_days: Count = 30
    suggest: Flag = True


class Automatic(Section):
    """[automatic]"""

    per_address_per_hour: Count = 5
    per_ticket_per_day: Count = 3
    total_per_hour: Count = 200


class Summary(Section):
    """[summary]"""

    day: Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"] = "monday"
    at: str = Field("09:00", pattern=r"^([01]\d|2[0-3]):[0-5]\d$")
    recipients: tuple[Address, ...] = ()
    clients: Flag = False

    @property
    def weekday(self) -> int:
        """0 for Monday."""
        return DAYS.index(self.day[:3])


class Causes(Section):
    """[causes]"""

    tree: tuple[str, ...] = ("fault", "content", "how-to", "access", "hosting", "change", "billing", "other")


class Config(Section):
    """The whole file."""

    desk: DeskSection
    mailbox: tuple[Mailbox, ...]
    smtp: Smtp
    database: Database = Database()
    storage: Storage = Storage()
    money: Money = Money()
    policy: PolicySection = PolicySection()
    repeats: Repeats = Repeats()
    automatic: Automatic = Automatic()
    summary: Summary = Summary()
    causes: Causes = Causes()
    file: Path = Field(exclude=True)

    @field_validator("mailbox")
    @classmethod
    def _one_name_each(cls, value: tuple[Mailbox, ...]) -> tuple[Mailbox, ...]:
        if not value:
            raise ValueError("needs at least one entry")
        names = [one.name for one in value]
        if twice := [name for name in names if names.count(name) > 1]:
            raise ValueError(f"two mailboxes are named {twice[0]!r}; each needs a name of its own")
        if "import" in names:
            raise ValueError("'import' is the name of imported mail; choose another")
        return value

    @property
    def folder(self) -> Path:
        """The configuration file's folder."""
        return self.file.parent

    def at(self, path: str) -> Path:
        """A path of the file, relative to the file's folder."""
        return self.folder / path

    @property
    def business_hours(self) -> BusinessHours:
        """The opening hours in the desk's time zone, with its holidays."""
        country, _, region = self.desk.holidays.partition("-")
        closed = holidays.country_holidays(country, subdiv=region or None) if country else frozenset[date]()
        return parse_hours(self.desk.hours, ZoneInfo(self.desk.timezone), closed)


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def find(path: Path | None) -> Path:
    """The configuration file: the given one, $MAILBOT_CONFIG, or the first that exists. Raises ConfigError when there is none."""
    named = path or (Path(os.environ["MAILBOT_CONFIG"]) if os.environ.get("MAILBOT_CONFIG") else None)
    if named is not None:
        return named
    for candidate in DEFAULT_PATHS:
        if candidate.exists():
            return candidate
    raise ConfigError(
        "no configuration: neither ./mailbot.toml nor /etc/mailbot/mailbot.toml exists; `mailbot init` writes one, --config names one"
    )


def load(path: Path) -> Config:
    """Read and check a configuration file. Raises ConfigError, a line for each mistake."""
    values = read_toml(path)
    if "file" in values:
        raise ConfigError(f"{path}: file: is an unknown key; remove it")
    try:
        return Config.model_validate({**values, "file": path.absolute()})
    except ValidationError as error:
        raise ConfigError("\n".join(explain(path, error))) from error


def read_toml(path: Path) -> dict[str, Any]:
    """The values of a TOML file. Raises ConfigError, one line, for a file that is missing or no TOML."""
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except OSError as error:
        raise ConfigError(f"{path}: {error.strerror}; name another file with --config, or write one with `mailbot init`") from error
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path}: octet {error.start} is not UTF-8; save the file as UTF-8") from error
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{path}: not TOML: {error}; mend that line") from error


def explain(path: Path, error: ValidationError) -> list[str]:
    """Each mistake as `file: key: what was found; what is allowed`. Values that may hold a secret are not repeated."""
    lines = []
    for one in error.errors():
        key = ".".join(str(part + 1) if isinstance(part, int) else part for part in one["loc"])
        untold = one["type"] in ("missing", "extra_forbidden") or isinstance(one["input"], dict | list | tuple | BaseModel)
        found = "" if untold or "password" in key or key == "database.url" else f"{one['input']!r} "
        lines.append(f"{path}: {key + ': ' if key else ''}{found}{_remedy(one)}")
    return lines


_REMEDIES = {
    "missing": "is missing; add it",
    "extra_forbidden": "is an unknown key; mend its spelling or remove it (`mailbot init DIR` writes a file with every key)",
    "literal_error": "is not allowed; allowed: {expected}",
    "value_error": "{error}",
    "string_type": 'must be text in quotes, like "text"',
    "string_too_short": "must not be empty",
    "string_too_long": "is too long; at most {max_length} characters",
    "int_type": "must be a whole number, without quotes",
    "bool_type": "must be true or false, without quotes",
    "tuple_type": 'must be a list, like ["one", "two"]; a table is repeated as [[table]]',
    "model_type": "must be a table",
    "dict_type": "must be a table",
    "decimal_type": 'must be an amount in quotes, like "2000"',
    "decimal_parsing": 'must be an amount in quotes, like "2000"',
    "finite_number": 'must be an amount in quotes, like "2000"',
    "greater_than": "must be more than {gt}",
    "greater_than_equal": "must be at least {ge}",
    "less_than_equal": "must be at most {le}",
}
_PATTERNS = {
    "^(keep|delete|move:.+)$": 'is not allowed; allowed: "keep", "delete", "move:FOLDER"',
    r"^([01]\d|2[0-3]):[0-5]\d$": 'must be a time like "09:00"',
}


def _remedy(one: Any) -> str:
    context = one.get("ctx", {})
    if one["type"] == "string_pattern_mismatch" and context["pattern"] in _PATTERNS:
        return _PATTERNS[context["pattern"]]
    words = _REMEDIES.get(one["type"])
    return words.format(**context) if words else f"is wrong: {one['msg'][0].lower()}{one['msg'][1:]}; mend it"


def read_secret(config: Config, key: str, secret: Secret) -> str | None:
    """The password of [[mailbox]] or [smtp] from where it is kept; None when none is given. Raises ConfigError when it cannot be read."""
    if secret.password is not None:
        return secret.password
    if secret.password_env is not None:
        found = os.environ.get(secret.password_env, "")
        remedy = f"the environment has no {secret.password_env}; set it"
        key = f"{key}.password_env"
    elif secret.password_command is not None:
        found, remedy = _ask(secret.password_command)
        key = f"{key}.password_command"
    elif secret.password_file is not None:
        return read_secret_file(config, f"{key}.password_file", secret.password_file)
    else:
        return None
    if not found:
        raise ConfigError(f"{config.file}: {key}: {remedy}")
    return found


def _ask(command: str) -> tuple[str, str]:
    """(the password that a command prints, or what is wrong with the command)."""
    try:
        run = subprocess.run(command, shell=True, capture_output=True, timeout=COMMAND_SECONDS, check=True)  # noqa: S602 -- the operator's own line
        return run.stdout.decode().rstrip("\r\n"), "it printed nothing; try it by hand"
    except subprocess.CalledProcessError as error:
        return "", f"it ended with status {error.returncode}; try it by hand"
    except subprocess.TimeoutExpired:
        return "", f"it did not end within {COMMAND_SECONDS} s; try it by hand"
    except UnicodeDecodeError:
        return "", "it printed what is not UTF-8; try it by hand"


def read_secret_file(config: Config, key: str, name: str) -> str:
    """The content of a secret's file: systemd's credential of that name first, then the file."""
    credentials = os.environ.get("CREDENTIALS_DIRECTORY")
    candidates = [Path(credentials) / Path(name).name] if credentials else []
    path = next((one for one in [*candidates, config.at(name)] if one.exists()), config.at(name))
    try:
        content = path.read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "is not UTF-8"
        raise ConfigError(f"{config.file}: {key}: {path}: {reason}; write the secret there, readable for mailbot alone") from error
    if not content:
        raise ConfigError(f"{config.file}: {key}: {path} is empty; write the secret there")
    return content
