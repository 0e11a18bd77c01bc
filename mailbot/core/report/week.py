"""The weekly summary: which one is owed when, and what its numbers are."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from statistics import median
from zoneinfo import ZoneInfo

OLDEST_SHOWN = 10
FIXED_DAYS = 90  # before and after a cause was fixed that are compared, at most


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

    def plus(self, weeks: int) -> "Week":
        """The week so many weeks later."""
        return Week.of(self.monday + timedelta(weeks=weeks))

    def bounds(self, timezone: ZoneInfo) -> tuple[datetime, datetime]:
        """Its first moment and the first moment after it, in the desk's time zone."""
        return tuple(datetime.combine(week.monday, time(), timezone) for week in (self, self.plus(1)))  # type: ignore[return-value]


@dataclass(frozen=True, slots=True)
class Schedule:
    """When a week's summary is due after the week has ended: the first such `weekday` (0 = Monday) and `minute` of the day."""

    weekday: int
    minute: int
    timezone: ZoneInfo
    recipients: tuple[str, ...]

    def due_at(self, week: Week) -> datetime:
        """When the summary of that week is to be sent."""
        day = week.plus(1).monday + timedelta(days=self.weekday)
        return datetime.combine(day, time(self.minute // 60, self.minute % 60), self.timezone)


def owed(schedule: Schedule, installed_at: datetime, sent: Sequence[tuple[str, str]], now: datetime) -> list[tuple[Week, str]]:
    """The (week, recipient) pairs whose time has come and that were not sent, oldest first.

    Weeks that ended before the installation are not owed. A missed week is owed until it is sent.
    """
    done = set(sent)
    week = Week.of(installed_at.astimezone(schedule.timezone).date())
    pairs = []
    while schedule.due_at(week) <= now:
        pairs += [(week, recipient) for recipient in schedule.recipients if (str(week), recipient) not in done]
        week = week.plus(1)
    return pairs


@dataclass(frozen=True, slots=True)
class TicketRow:
    """A ticket as the report reads it."""

    number: int
    subject: str
    client: str | None
    requester: str
    status: str
    cause: str | None
    opened_at: datetime
    verdict_due_at: datetime | None
    first_response_at: datetime | None
    closed_at: datetime | None


@dataclass(frozen=True, slots=True)
class FixedRow:
    """A cause that was fixed on a day, and when the tickets were opened that had it, up to `FIXED_DAYS` before and after."""

    cause: str
    day: date
    opened: Sequence[datetime]


@dataclass(frozen=True, slots=True)
class Rows:
    """What the database knows of a week and the one before it.

    `outcomes`: how many messages that were journalled in the week ended how; `repeats`: times of repeats in both weeks with
    the client's name; `work`: (client, coverage, day, minutes); `tickets`: those that were open or touched in both weeks.
    """

    outcomes: Mapping[str, int]
    tickets: Sequence[TicketRow]
    repeats: Sequence[tuple[datetime, str | None]]
    work: Sequence[tuple[str | None, str, date, int]]
    failed: Sequence[tuple[str, str, str]]
    quarantined: Sequence[tuple[int, str]]
    fixed: Sequence[FixedRow] = ()


@dataclass(frozen=True, slots=True)
class Count:
    """A number and the week before's."""

    now: int
    before: int

    @property
    def change(self) -> int:
        """By how much it grew."""
        return self.now - self.before


@dataclass(frozen=True, slots=True)
class ClientLine:
    """A client's week. `given_free`: minutes under warranty or courtesy."""

    name: str | None
    requests: int
    repeats: int
    minutes: int
    given_free: int


@dataclass(frozen=True, slots=True)
class CauseLine:
    """How many of the closed tickets had a cause."""

    name: str
    count: int
    before: int


@dataclass(frozen=True, slots=True)
class FixedLine:
    """How many tickets had a cause in the `days` whole days before it was fixed, and in as many since."""

    name: str
    day: date
    days: int
    before: int
    since: int


@dataclass(frozen=True, slots=True)
class OpenLine:
    """A ticket that waits, with its age in whole days at the end of the week."""

    number: int
    subject: str
    client: str | None
    requester: str
    status: str
    days: int


@dataclass(frozen=True, slots=True)
class Summary:
    """The week in numbers. Minutes are whole; `median_minutes` and `slow_minutes` (90th percentile) are until the first response."""

    week: Week
    first_day: date
    last_day: date
    received: int
    audit: str
    parts: Mapping[str, int]
    opened: Count
    repeats: Count
    closed: Count
    backlog: Count
    oldest_days: int
    responses: int
    median_minutes: int | None
    slow_minutes: int | None
    broken: Count
    clients: Sequence[ClientLine]
    causes: Sequence[CauseLine]
    fixed: Sequence[FixedLine]
    days: Sequence[tuple[date, int]]
    oldest: Sequence[OpenLine]
    failed: Sequence[tuple[str, str, str]]
    quarantined: Sequence[tuple[int, str]]


def audit_parts(outcomes: Mapping[str, int]) -> dict[str, int]:
    """What became of how many messages, in the words of the audit line; the parts add up to all, whatever they are."""
    names = {
        "ticket": "new",
        "follow-up": "joined",
        "repeat": "joined",
        "operator": "from operators",
        "bounce": "bounced",
        "duplicate": "delivered twice",
        "pending": "waiting",
    }
    parts: dict[str, int] = {}
    for outcome in (
        "ticket",
        "follow-up",
        "repeat",
        "operator",
        "machine",
        "bounce",
        "duplicate",
        "refused",
        "quarantined",
        "pending",
    ):
        if count := outcomes.get(outcome, 0):
            name = names.get(outcome, outcome)
            parts[name] = parts.get(name, 0) + count
    return parts


def audit_line(outcomes: Mapping[str, int]) -> str:
    """`128 received = 97 new + 24 joined + 6 machine + 1 quarantined`."""
    parts, total = audit_parts(outcomes), sum(outcomes.values())
    return f"{total} received = {' + '.join(f'{count} {name}' for name, count in parts.items())}" if total else "0 received"


def summarise(week: Week, rows: Rows, timezone: ZoneInfo, now: datetime) -> Summary:
    """The summary of a week from its rows, until `now` when the week is not over. Pure: the same rows give the same summary."""
    start, end = week.bounds(timezone)
    end = min(end, now)
    before, _ = week.plus(-1).bounds(timezone)
    opened = [one for one in rows.tickets if start <= one.opened_at < end]
    waits = sorted(_responses(rows.tickets, start, end))
    oldest = sorted((one for one in rows.tickets if _open_at(one, end)), key=lambda one: one.opened_at)
    return Summary(
        week=week,
        first_day=week.monday,
        last_day=week.monday + timedelta(days=6),
        received=sum(rows.outcomes.values()),
        audit=audit_line(rows.outcomes),
        parts=audit_parts(rows.outcomes),
        opened=Count(len(opened), _count(before <= one.opened_at < start for one in rows.tickets)),
        repeats=Count(_count(start <= at < end for at, _ in rows.repeats), _count(before <= at < start for at, _ in rows.repeats)),
        closed=Count(
            _count(_within(one.closed_at, start, end) for one in rows.tickets),
            _count(_within(one.closed_at, before, start) for one in rows.tickets),
        ),
        backlog=Count(len(oldest), _count(_open_at(one, start) for one in rows.tickets)),
        oldest_days=(end - oldest[0].opened_at).days if oldest else 0,
        responses=len(waits),
        median_minutes=round(median(waits)) if waits else None,
        slow_minutes=waits[max(-(-len(waits) * 9 // 10) - 1, 0)] if waits else None,
        broken=Count(_broken(rows.tickets, start, end), _broken(rows.tickets, before, start)),
        clients=_clients(rows, opened, week, start, end),
        causes=_causes(rows.tickets, before, start, end),
        fixed=[line for one in rows.fixed if (line := _fixed(one, end.astimezone(timezone).date(), timezone)).days > 0],
        days=[
            (day, _count(one.opened_at.astimezone(timezone).date() == day for one in opened))
            for day in (week.monday + timedelta(days=i) for i in range(7))
        ],
        oldest=[
            OpenLine(one.number, one.subject, one.client, one.requester, one.status, (end - one.opened_at).days)
            for one in oldest[:OLDEST_SHOWN]
        ],
        failed=rows.failed,
        quarantined=rows.quarantined,
    )


def _count(truths: Iterable[bool]) -> int:
    return sum(truths)


def _within(moment: datetime | None, start: datetime, end: datetime) -> bool:
    return moment is not None and start <= moment < end


def _open_at(ticket: TicketRow, moment: datetime) -> bool:
    return ticket.opened_at < moment and (ticket.closed_at is None or ticket.closed_at >= moment)


def _responses(tickets: Sequence[TicketRow], start: datetime, end: datetime) -> list[int]:
    return [
        int((one.first_response_at - one.opened_at).total_seconds() // 60)
        for one in tickets
        if one.first_response_at is not None and start <= one.first_response_at < end
    ]


def _broken(tickets: Sequence[TicketRow], start: datetime, end: datetime) -> int:
    """Promises that fell due in the time and were not kept: neither a first response nor the closing came by then."""
    return _count(_within(one.verdict_due_at, start, end) and not _is_kept(one) for one in tickets)


def _is_kept(ticket: TicketRow) -> bool:
    due = ticket.verdict_due_at
    return due is None or any(moment is not None and moment <= due for moment in (ticket.first_response_at, ticket.closed_at))


def _clients(rows: Rows, opened: Sequence[TicketRow], week: Week, start: datetime, end: datetime) -> list[ClientLine]:
    days = {week.monday + timedelta(days=i) for i in range(7)}
    names: dict[str | None, list[int]] = {}
    for one in opened:
        names.setdefault(one.client, [0, 0, 0, 0])[0] += 1
    for at, name in rows.repeats:
        if start <= at < end:
            names.setdefault(name, [0, 0, 0, 0])[1] += 1
    for name, coverage, day, minutes in rows.work:
        if day in days:
            line = names.setdefault(name, [0, 0, 0, 0])
            line[2] += minutes
            line[3] += minutes if coverage in ("warranty", "courtesy") else 0
    lines = [ClientLine(name, *numbers) for name, numbers in names.items()]
    return sorted(lines, key=lambda line: (line.name is None, -line.requests, -line.minutes, line.name or ""))


def _causes(tickets: Sequence[TicketRow], before: datetime, start: datetime, end: datetime) -> list[CauseLine]:
    names: dict[str, list[int]] = {}
    for one in tickets:
        if one.closed_at is not None and one.cause and before <= one.closed_at < end:
            names.setdefault(one.cause, [0, 0])[one.closed_at < start] += 1
    return sorted((CauseLine(name, *numbers) for name, numbers in names.items()), key=lambda line: (-line.count, line.name))


def _fixed(row: FixedRow, until: date, timezone: ZoneInfo) -> FixedLine:
    """Before and after, until the day that is not over yet."""
    days = min((until - row.day).days, FIXED_DAYS)
    ages = [(moment.astimezone(timezone).date() - row.day).days for moment in row.opened]
    return FixedLine(row.cause, row.day, days, _count(-days <= age < 0 for age in ages), _count(0 <= age < days for age in ages))
