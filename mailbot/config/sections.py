"""The tables of the configuration file: what each key may hold. A contradiction between keys is told like a wrong key."""

import re
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
    ValidationInfo,
    field_validator,
    model_validator,
)

from mailbot.core.desk.hours import DAYS, BusinessHours, parse_hours


def _address(value: str) -> str:
    if not re.fullmatch(r"[^@\s<>,;]+@[^@\s<>,;]+", value):
        raise ValueError("must be an address like support@studio.example")
    return value.lower()


def _word(value: str) -> str:
    if not value.strip(" *"):
        raise ValueError('must be words that stand in a mail, like "invoice" or "invoic*"')
    return value.strip()


def _sender(value: str) -> str:
    if not re.fullmatch(r"[^@\s<>,;]*@[^@\s<>,;]+", value):
        raise ValueError("must be an address, or a domain like @rose.example")
    return value.lower()


def _money(value: Any) -> Any:
    if isinstance(value, float | bool):
        raise ValueError('must be written in quotes, like "0.30": a float is not exact')
    return value


Name = Annotated[str, Field(min_length=1, max_length=40)]
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


def _contradiction(one: Server) -> str | None:  # noqa: PLR0911, C901 -- a table of mistakes
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
    if isinstance(one, Mailbox) and one.done.removeprefix("move:") == one.folder and one.done != one.folder:
        return f"done moves mail to {one.folder}, where it is fetched from; name another folder"
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


class CauseRule(Section):
    """[[causes.rule]]"""

    cause: str
    words: tuple[Annotated[str, AfterValidator(_word)], ...] = ()
    senders: tuple[Annotated[str, AfterValidator(_sender)], ...] = ()
    language: str | None = None

    @field_validator("language")
    @classmethod
    def _known_language(cls, value: str | None) -> str | None:
        if value is not None and not re.fullmatch(r"[a-z]{2,3}", value):
            raise ValueError("is no language; use a code of ISO 639 like ru")
        return value

    @model_validator(mode="after")
    def _speaks(self) -> Self:
        if not self.words and not self.senders:
            raise ValueError(f'the rule for {self.cause!r} would never speak; add words = ["…"] or senders = ["…"]')
        return self


class Causes(Section):
    """[causes]"""

    tree: tuple[Name, ...] = (
        "fault",
        "content",
        "how-to",
        "access",
        "hosting",
        "change",
        "billing",
        "other",
    )
    rule: tuple[CauseRule, ...] = ()

    @field_validator("rule")
    @classmethod
    def _of_the_tree(cls, value: tuple[CauseRule, ...], info: ValidationInfo) -> tuple[CauseRule, ...]:
        tree = info.data.get("tree", ())
        if strange := [one.cause for one in value if tree and one.cause not in tree]:
            raise ValueError(f"{strange[0]!r} is not in tree; known: {', '.join(tree)}")
        return value


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
