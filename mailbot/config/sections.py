"""The tables of the configuration file: what each key may hold. A contradiction between keys is told like a wrong key."""

import re
from collections.abc import Container
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Literal, Self
from zoneinfo import ZoneInfo

from babel.numbers import is_currency
from pydantic import AfterValidator, Field, ValidationInfo, field_validator, model_validator

from mailbot.config.kinds import Address, Amount, Count, Days, Flag, Name, Positive, Section, a_sender, a_word
from mailbot.config.servers import Endpoint, Mailbox, Smtp
from mailbot.core.desk.hours import DAYS, BusinessHours, parse_hours


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
        try:
            ZoneInfo(value)
        except (ValueError, KeyError, OSError) as error:
            raise ValueError("is no time zone; use one like Europe/Moscow") from error
        return value

    @field_validator("holidays")
    @classmethod
    def _known_country(cls, value: str) -> str:
        if not value:
            return value
        import holidays

        country, _, region = value.partition("-")
        known = holidays.list_supported_countries()
        if country not in known or (region and region not in known[country]):
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
    endpoint_url: Endpoint | None = None
    region: str | None = None
    access_key: str | None = None
    secret_key: str | None = Field(None, repr=False)
    secret_key_file: str | None = None
    secret_key_env: str | None = None
    secret_key_command: str | None = None
    keep_octets_days: Days = 0

    @field_validator("blobs")
    @classmethod
    def _known_place(cls, value: str) -> str:
        if value.startswith("s3:") and not re.match(r"^s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](/|$)", value):
            raise ValueError("must be a folder, or s3://BUCKET/PREFIX")
        return value

    @model_validator(mode="after")
    def _complete(self) -> Self:
        given = [name for name in type(self).model_fields if name not in ("blobs", "keep_octets_days") and getattr(self, name) is not None]
        secrets = [name for name in given if name.startswith("secret_key")]
        if given and not self.blobs.startswith("s3://"):
            raise ValueError(f'{given[0]} belongs to blobs = "s3://…"; remove it')
        if len(secrets) > 1:
            raise ValueError(f"{' and '.join(secrets)} are both given; keep one")
        if bool(secrets) != (self.access_key is not None):
            raise ValueError("access_key and secret_key_file belong together; add the other, or remove both")
        return self


class Money(Section):
    """[money]"""

    currency: str = "EUR"
    hourly_rate: Amount = Decimal(60)
    step: Annotated[Amount, Field(gt=0)] = Decimal(10)
    increment_minutes: Positive = 15
    months: Annotated[int, Field(strict=True, ge=1, le=60)] = 3
    rounds: Literal["entry", "ticket"] = "entry"
    markup: dict[str, Amount] = Field(default_factory=lambda: {"standard": Decimal("0.30")})

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


class Legal(Section):
    """What a party's name, address and bank are on an act; [studio], and `legal = { … }` of a client."""

    name: str = Field("", max_length=200)
    address: str = Field("", max_length=400)
    tax_id: str = Field("", max_length=100)
    registration: str = Field("", max_length=200)
    bank: str = Field("", max_length=600)
    signatory: str = Field("", max_length=200)


class Studio(Legal):
    """[studio]"""

    vat: str = Field("", max_length=200)


class VerdictMinutes(Section):
    """[policy] verdict_minutes"""

    urgent: Positive = 60
    normal: Positive = 480


class UrgentRule(Section):
    """[policy] urgent"""

    words: tuple[Annotated[str, AfterValidator(a_word)], ...] = ()
    senders: tuple[Annotated[str, AfterValidator(a_sender)], ...] = ()
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
            raise ValueError('the rule would never speak; add words = ["…"] or senders = ["…"]')
        return self


class CauseRule(UrgentRule):
    """[[causes.rule]]"""

    cause: str


class PolicySection(Section):
    """[policy]"""

    warranty_days: Days = 30
    reopen_days: Days = 14
    estimate_above_minutes: Count = 120
    verdict_minutes: VerdictMinutes = VerdictMinutes()
    remind_before_minutes: Count = 60
    urgent: tuple[UrgentRule, ...] = ()


class Offers(Section):
    """[offers]"""

    remind_after_days: Annotated[int, Field(strict=True, ge=1, le=366)] = 7
    reminders: Annotated[int, Field(strict=True, ge=0, le=10)] = 2


class Repeats(Section):
    """[repeats]"""

    window_days: Days = 30
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


class Metrics(Section):
    """[metrics]"""

    listen: str = ""
    textfile: str = ""

    @field_validator("listen")
    @classmethod
    def _on_loopback(cls, value: str) -> str:
        found = re.fullmatch(r"(?:127\.\d{1,3}\.\d{1,3}\.\d{1,3}|localhost|\[::1\]):([1-9]\d{0,4})", value)
        if value and (found is None or int(found[1]) > 65535):
            raise ValueError('must be a port of this machine, like "127.0.0.1:9464"; there is no password on it')
        return value


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
    studio: Studio = Studio()
    policy: PolicySection = PolicySection()
    offers: Offers = Offers()
    repeats: Repeats = Repeats()
    automatic: Automatic = Automatic()
    summary: Summary = Summary()
    metrics: Metrics = Metrics()
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
        closed: Container[date] = frozenset()
        if self.desk.holidays:
            import holidays

            country, _, region = self.desk.holidays.partition("-")
            closed = holidays.country_holidays(country, subdiv=region or None)
        return parse_hours(self.desk.hours, ZoneInfo(self.desk.timezone), closed)
