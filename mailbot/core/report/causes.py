"""Causes of what was closed: their trend, what they cost, which one is worth preventing, and what a fix has changed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo

from mailbot.core.report.rows import CauseRow, FixedRow

FIXED_DAYS = 90  # before and after a cause was fixed that are compared, at most


@dataclass(frozen=True, slots=True)
class CauseLine:
    """How many of the closed tickets had a cause, in the week and the one before; `minutes` worked in the week on tickets that have it.

    `trend`: tickets closed with it by week, the oldest first.
    """

    name: str
    count: int
    before: int
    minutes: int
    trend: Sequence[int]


@dataclass(frozen=True, slots=True)
class Worth:
    """The cause that cost most minutes in the weeks of the trend, with the tickets that were closed with it, and its share in per cent."""

    name: str
    count: int
    minutes: int
    share: int


@dataclass(frozen=True, slots=True)
class FixedLine:
    """How many tickets had a cause in the `days` whole days before it was fixed, and in as many since."""

    name: str
    day: date
    days: int
    before: int
    since: int


def cause_lines(rows: Sequence[CauseRow]) -> list[CauseLine]:
    """The causes that the week or the one before had, or time was worked on, the most frequent first."""
    lines = [CauseLine(one.name, one.closed[-1], one.closed[-2], one.minutes[-1], one.closed) for one in rows]
    return sorted((one for one in lines if one.count or one.before or one.minutes), key=lambda one: (-one.count, -one.minutes, one.name))


def worth_preventing(rows: Sequence[CauseRow], fixed: Sequence[str]) -> Worth | None:
    """The most expensive cause that nobody has called fixed; None while no time was entered on any."""
    costly = [one for one in rows if sum(one.minutes) > 0 and one.name not in fixed]
    if not costly:
        return None
    most = min(costly, key=lambda one: (-sum(one.minutes), -sum(one.closed), one.name))
    total = sum(max(sum(one.minutes), 0) for one in rows)
    return Worth(most.name, sum(most.closed), sum(most.minutes), round(sum(most.minutes) * 100 / total))


def fixed_line(row: FixedRow, until: date, timezone: ZoneInfo) -> FixedLine:
    """Before and after, until the day that is not over yet."""
    days = min((until - row.day).days, FIXED_DAYS)
    ages = [(moment.astimezone(timezone).date() - row.day).days for moment in row.opened]
    return FixedLine(row.cause, row.day, days, sum(-days <= age < 0 for age in ages), sum(0 <= age < days for age in ages))
