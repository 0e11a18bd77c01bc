"""The weeks of a trend, as queries count by them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, and_, case, literal_column

from mailbot.core.report.rows import WEEKS
from mailbot.core.report.week import Week
from mailbot.edge.db.tables import message, ticket

ASKS = ticket.c.merged_into.is_(None)  # what a merged ticket asks is a repeat now
REPEATED = message.c.kind == literal_column("'repeat'")  # a literal: else SQLite does not see that its index of repeats serves


@dataclass(frozen=True, slots=True)
class Span:
    """A week in its time zone: `days` are the first days of the weeks of the trend and the one after, `moments` their first moments."""

    week: Week
    timezone: ZoneInfo
    days: Sequence[date]
    moments: Sequence[datetime]

    @classmethod
    def of(cls, week: Week, timezone: ZoneInfo) -> "Span":
        """The span that ends with a week."""
        days = [one.monday for one in (*week.last(WEEKS), week.plus(1))]
        return cls(week, timezone, days, [datetime.combine(day, time(), timezone) for day in days])

    @property
    def start(self) -> datetime:
        """The first moment of the week."""
        return self.moments[-2]

    @property
    def end(self) -> datetime:
        """The first moment after it."""
        return self.moments[-1]


def bucket(column: ColumnElement[Any], bounds: Sequence[Any]) -> ColumnElement[int]:
    """Between which two of the bounds a moment or a day lies, 0 for the first two."""
    return case(*((column < end, number) for number, end in enumerate(bounds[1:])), else_=len(bounds)).label("bucket")


def within(column: ColumnElement[Any], bounds: Sequence[Any]) -> ColumnElement[bool]:
    """From the first bound up to but without the last."""
    return and_(column >= bounds[0], column < bounds[-1])
