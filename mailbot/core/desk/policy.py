"""What the studio has settled: the configuration as decisions need it."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal
from zoneinfo import ZoneInfo

from babel.numbers import get_currency_precision

from mailbot.core.desk.causes.configured import CauseRule
from mailbot.core.desk.hours import BusinessHours
from mailbot.core.mail.message import Address
from mailbot.core.mail.threading import Signer


@dataclass(frozen=True, slots=True)
class Money:
    """Prices: `hourly_rate` and `step` in units of `currency` (ISO 4217), `markup` by the client's class.

    `rounds`: what is rounded up to the increment, each entry of time or the sum of a ticket in a month.
    """

    currency: str
    hourly_rate: Decimal
    step: Decimal
    increment_minutes: int
    months: int
    markup: Mapping[str, Decimal]
    rounds: Literal["entry", "ticket"] = "entry"

    @property
    def decimals(self) -> int:
        """How many decimals an amount of the currency has: 2 of roubles, none of yen."""
        return get_currency_precision(self.currency)


@dataclass(frozen=True, slots=True)
class Legal:
    """A party as it stands on an act. `vat`: the studio's line about value added tax."""

    name: str
    address: str = ""
    tax_id: str = ""
    registration: str = ""
    bank: str = ""
    signatory: str = ""
    vat: str = ""


@dataclass(frozen=True, slots=True)
class Offers:
    """After how many days, and how often, a client is reminded of an offer without an answer."""

    remind_after_days: int = 7
    reminders: int = 2


@dataclass(frozen=True, slots=True)
class Limits:
    """How many automatic answers may go out (R10)."""

    per_address_per_hour: int
    per_ticket_per_day: int
    total_per_hour: int


@dataclass(frozen=True, slots=True)
class Policy:
    """One desk's settings. Addresses are lower case; `ours` holds every address of the desk itself."""

    name: str
    address: str
    ours: frozenset[str]
    operators: tuple[str, ...]
    language: str
    timezone: ZoneInfo
    hours: BusinessHours
    signer: Signer
    money: Money
    limits: Limits
    warranty_days: int = 30
    reopen_days: int = 14
    estimate_above_minutes: int = 120
    verdict_minutes_urgent: int = 60
    verdict_minutes_normal: int = 480
    remind_before_minutes: int = 60
    repeat_window_days: int = 30
    keep_octets_days: int = 0  # for ever
    suggest_repeats: bool = True
    causes: tuple[str, ...] = ()
    cause_rules: tuple[CauseRule, ...] = ()
    urgent_rules: tuple[CauseRule, ...] = ()
    trusted_authserv: str | None = None
    studio: Legal = Legal("")
    offers: Offers = Offers()

    @property
    def originator(self) -> Address:
        """Who writes the desk's mails."""
        return Address(self.name, self.address)
