"""Business time: when the desk is open, and when so many minutes of open time will have passed."""

import re
from collections.abc import Container
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_SPAN = re.compile(r"^(?P<first>[a-z]{3})(-(?P<last>[a-z]{3}))?\s+(?P<from>\d\d?:\d\d)\s*-\s*(?P<to>\d\d?:\d\d)$")
HORIZON_DAYS = 400  # a desk that is closed for longer than a year makes no promises


@dataclass(frozen=True, slots=True)
class BusinessHours:
    """Opening hours: for each weekday (0 = Monday) its spans in minutes of the local day; closed on `holidays`."""

    spans: tuple[tuple[tuple[int, int], ...], ...]
    timezone: ZoneInfo
    holidays: Container[date] = frozenset()

    def opened_on(self, day: date) -> list[tuple[datetime, datetime]]:
        """The opening spans of a calendar day, in order; in UTC, where the difference of two moments is time that passed."""
        if day in self.holidays:
            return []
        return [(self._at(day, start), self._at(day, end)) for start, end in self.spans[day.weekday()]]

    def _at(self, day: date, minute: int) -> datetime:
        carry, minute = divmod(minute, 24 * 60)
        return datetime.combine(day + timedelta(days=carry), time(minute // 60, minute % 60), self.timezone).astimezone(UTC)

    def is_open(self, at: datetime) -> bool:
        """Whether somebody is at the desk at that moment."""
        return any(start <= at < end for start, end in self.opened_on(at.astimezone(self.timezone).date()))

    def next_opening(self, at: datetime) -> datetime | None:
        """The moment itself when the desk is open, else when it opens next; None when it never does."""
        return self.add(at, 0)

    def add(self, at: datetime, minutes: int) -> datetime | None:
        """The moment when `minutes` of open time have passed since `at`, in the desk's time zone.

        Counted on the real clock: an hour that daylight saving removes is not worked, one that it repeats is.
        None when the desk does not open within `HORIZON_DAYS`.
        """
        left, at = timedelta(minutes=minutes), at.astimezone(UTC)
        day = at.astimezone(self.timezone).date()
        for offset in range(HORIZON_DAYS):
            for start, end in self.opened_on(day + timedelta(days=offset)):
                begin = max(start, at)
                room = end - begin
                if room <= timedelta(0):
                    continue
                if left <= room:
                    return (begin + left).astimezone(self.timezone)
                left -= room
        return None


def parse_hours(text: str, timezone: ZoneInfo, holidays: Container[date] = frozenset()) -> BusinessHours:
    """Read `Mon-Fri 10:00-19:00, Sat 11:00-15:00` (24:00 is the end of the day).

    Raises ValueError with what is wrong, in words for the operator.
    """
    spans: list[list[tuple[int, int]]] = [[] for _ in DAYS]
    for piece in text.split(","):
        match = _SPAN.match(piece.strip().lower())
        if match is None:
            raise ValueError(f"{piece.strip()!r} is not like 'Mon-Fri 10:00-19:00'")
        days = _days(match["first"], match["last"] or match["first"])
        start, end = _minute(match["from"]), _minute(match["to"])
        if start >= end:
            raise ValueError(f"{piece.strip()!r} closes before it opens")
        for day in days:
            if any(start < other_end and other_start < end for other_start, other_end in spans[day]):
                raise ValueError(f"{piece.strip()!r} overlaps another span of {DAYS[day].title()}")
            spans[day].append((start, end))
    return BusinessHours(tuple(tuple(sorted(day)) for day in spans), timezone, holidays)


def _days(first: str, last: str) -> list[int]:
    for name in (first, last):
        if name not in DAYS:
            raise ValueError(f"{name!r} is no day; days are {', '.join(day.title() for day in DAYS)}")
    start, end = DAYS.index(first), DAYS.index(last)
    return [day % 7 for day in range(start, end + 1 if end >= start else end + 8)]


def _minute(clock: str) -> int:
    hour, _, minute = clock.partition(":")
    value = int(hour) * 60 + int(minute)
    if int(minute) > 59 or value > 24 * 60:
        raise ValueError(f"{clock!r} is no time of day")
    return value
