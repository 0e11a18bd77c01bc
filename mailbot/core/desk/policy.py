"""What the studio has settled: the configuration as decisions need it."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from zoneinfo import ZoneInfo

from mailbot.core.desk.causes.rules import CauseRule
from mailbot.core.desk.hours import BusinessHours
from mailbot.core.mail.threading import Signer


@dataclass(frozen=True, slots=True)
class Money:
    """Prices: `hourly_rate` and `step` in units of `currency` (ISO 4217), `markup` by the client's class."""

    currency: str
    hourly_rate: Decimal
    step: Decimal
    increment_minutes: int
    months: int
    markup: Mapping[str, Decimal]


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
    repeat_window_days: int = 30
    suggest_repeats: bool = True
    causes: tuple[str, ...] = ()
    cause_rules: tuple[CauseRule, ...] = ()
