"""Weeks, and which one's summary is owed when."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo


@dataclass(frozen=True, slots=True, order=True)
class Week:
    """An ISO 8601 week."""

    year: int
    number: int

    def __str__(self) -> str:
        return f"{self.year}-W{self.number:02}"

    @classmethod
    def of(cls, day: date) -> "Week":
        """The week that a day lies in."""
        year, number, _ = day.isocalendar()
        return cls(year, number)

    @classmethod
    def parse(cls, text: str) -> "Week":
        """`2026-W47`. Raises ValueError for what is no week."""
        year, _, number = text.partition("-W")
        week = cls(int(year), int(number))
        date.fromisocalendar(week.year, week.number, 1)
        return week

    @property
    def monday(self) -> date:
        """Its first day."""
        return date.fromisocalendar(self.year, self.number, 1)

    @property
    def sunday(self) -> date:
        """Its last day."""
        return date.fromisocalendar(self.year, self.number, 7)

    def plus(self, weeks: int) -> "Week":
        """The week so many weeks later."""
        return Week.of(self.monday + timedelta(weeks=weeks))

    def last(self, count: int) -> list["Week"]:
        """So many weeks up to this one, the oldest first."""
        return [self.plus(back) for back in range(1 - count, 1)]

    def bounds(self, timezone: ZoneInfo) -> tuple[datetime, datetime]:
        """Its first moment and the first moment after it, in the desk's time zone."""
        return tuple(datetime.combine(week.monday, time(), timezone) for week in (self, self.plus(1)))  # type: ignore[return-value]


@dataclass(frozen=True, slots=True)
class Schedule:
    """When a week's summary is due after the week has ended: the first such `weekday` (0 = Monday) and `minute` of the day.

    `clients`: each client's contacts get a short one of their own.
    """

    weekday: int
    minute: int
    timezone: ZoneInfo
    recipients: tuple[str, ...]
    clients: bool = False

    def due_at(self, week: Week) -> datetime:
        """When the summary of that week is to be sent."""
        day = week.plus(1).monday + timedelta(days=self.weekday)
        return datetime.combine(day, time(self.minute // 60, self.minute % 60), self.timezone)

    def week_of(self, moment: datetime) -> Week:
        """The week that a moment lies in, at the desk."""
        return Week.of(moment.astimezone(self.timezone).date())

    def due(self, first: Week, now: datetime) -> list[Week]:
        """The weeks from `first` on whose time has come, the oldest first."""
        weeks = []
        while self.due_at(first) <= now:
            weeks.append(first)
            first = first.plus(1)
        return weeks


def owed(schedule: Schedule, installed_at: datetime, sent: Sequence[tuple[str, str]], now: datetime) -> list[tuple[Week, str]]:
    """The (week, recipient) pairs of the operators' summaries whose time has come and that were not sent, oldest first.

    Weeks that ended before the installation are not owed. A missed week is owed until it is sent.
    """
    done = set(sent)
    weeks = schedule.due(schedule.week_of(installed_at), now)
    return [(week, recipient) for week in weeks for recipient in schedule.recipients if (str(week), recipient) not in done]
