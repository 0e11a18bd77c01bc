"""The week as a client sees it: his requests and their state, and the minutes of his contract. Nothing that is the studio's alone."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from mailbot.core.desk.manners import is_ours
from mailbot.core.desk.policy import Money, Policy
from mailbot.core.mail.screen.silence import read_by_nobody
from mailbot.core.money.statement import FREE, Entry, statement
from mailbot.core.report.clients import months_of, terms_of
from mailbot.core.report.week import Week

SHOWN = 50  # requests of each list


@dataclass(frozen=True, slots=True)
class OwnTicket:
    """One of the client's requests; `status` as it is now."""

    number: int
    subject: str
    status: str
    opened_at: datetime
    closed_at: datetime | None


@dataclass(frozen=True, slots=True)
class OwnRows:
    """What the database knows of a client's week: the tickets that were open in it, the oldest first, and the work of its months."""

    name: str
    contract: str
    included_minutes: int | None
    rate: Decimal | None
    tickets: Sequence[OwnTicket]
    entries: Sequence[Entry]


@dataclass(frozen=True, slots=True)
class OwnMonth:
    """Billable minutes of a month up to the day `until`. `included`, `left`: of a monthly contract that limits them."""

    first: date
    until: date
    used: int
    included: int | None
    left: int | None


@dataclass(frozen=True, slots=True)
class OwnWeek:
    """A client's summary. `more_open`, `more_closed`: how many are not named; `monthly`: whether the minutes are a contract's."""

    week: Week
    first_day: date
    last_day: date
    name: str
    opened: int
    open: Sequence[OwnTicket]
    more_open: int
    closed: Sequence[OwnTicket]
    more_closed: int
    monthly: bool
    months: Sequence[OwnMonth]


def own_week(week: Week, rows: OwnRows, timezone: ZoneInfo, money: Money) -> OwnWeek:
    """A client's summary of a week that has ended."""
    start, end = week.bounds(timezone)
    waiting = [one for one in rows.tickets if one.closed_at is None or one.closed_at >= end]
    done = [one for one in rows.tickets if one.closed_at is not None and start <= one.closed_at < end]
    months = [_month(rows, first, until, money) for first, until in months_of(week, week.sunday)]
    return OwnWeek(
        week=week,
        first_day=week.monday,
        last_day=week.sunday,
        name=rows.name,
        opened=sum(start <= one.opened_at < end for one in rows.tickets),
        open=waiting[:SHOWN],
        more_open=len(waiting[SHOWN:]),
        closed=done[:SHOWN],
        more_closed=len(done[SHOWN:]),
        monthly=rows.contract == "monthly",
        months=[one for one in months if one.used or one.included is not None],
    )


def _month(rows: OwnRows, first: date, end: date, money: Money) -> OwnMonth:
    terms = terms_of(rows.contract, rows.rate, rows.included_minutes, money)
    lines = statement([one for one in rows.entries if first <= one.day < end], terms).lines
    counted = ("monthly",) if rows.contract == "monthly" else ("monthly", "hourly", "none")
    used = sum(line.billed for line in lines if line.coverage not in FREE and line.coverage in counted)
    left = None if terms.included_minutes is None else max(terms.included_minutes - used, 0)
    return OwnMonth(first, date.fromordinal(end.toordinal() - 1), used, terms.included_minutes, left)


def gets_summary(addr: str, policy: Policy) -> bool:
    """Whether a client's contact is one to write to: a person's address, not the desk's or an operator's."""
    return "@" in addr and not (addr in policy.operators or is_ours(addr, policy) or read_by_nobody(addr))
