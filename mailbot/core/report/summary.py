"""The operators' week in numbers."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from statistics import median
from zoneinfo import ZoneInfo

from mailbot.core.desk.policy import Money
from mailbot.core.report.audit import audit_line, audit_parts
from mailbot.core.report.causes import CauseLine, FixedLine, Worth, cause_lines, fixed_line, worth_preventing
from mailbot.core.report.clients import ClientLine, More, client_lines
from mailbot.core.report.rows import OfferRow, OpenRow, Rows, TicketRow
from mailbot.core.report.week import Week


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
class Trend:
    """A week of the trend; `backlog`: open at its end."""

    week: Week
    opened: int
    repeats: int
    backlog: int


@dataclass(frozen=True, slots=True)
class OpenLine:
    """A ticket that waits, with its age in whole days at the end of the week."""

    number: int
    subject: str
    client: str | None
    requester: str
    days: int


@dataclass(frozen=True, slots=True)
class OfferLine:
    """An offer without an answer, with its age in whole days. `kind`: terms, estimate, proposal (a price) or act."""

    kind: str
    to: str
    ticket: int | None
    act: int | None
    period: str | None
    days: int
    reminders: int


@dataclass(frozen=True, slots=True)
class Summary:
    """The week in numbers. Minutes are whole; `median_minutes` and `slow_minutes` (90th percentile) are until the first response.

    `left_out`: see `Rows`.
    """

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
    days: Sequence[tuple[date, int]]
    trend: Sequence[Trend]
    clients: Sequence[ClientLine]
    more_clients: More | None
    causes: Sequence[CauseLine]
    worth: Worth | None
    proposed: int
    unnamed: int
    fixed: Sequence[FixedLine]
    oldest: Sequence[OpenLine]
    offers: Sequence[OfferLine]
    failed: Sequence[tuple[str, str, str]]
    quarantined: Sequence[tuple[int, str]]
    left_out: Mapping[str, int]


def summarise(week: Week, rows: Rows, timezone: ZoneInfo, now: datetime, money: Money) -> Summary:
    """The summary of a week from its rows, until `now` when the week is not over. Pure: the same rows give the same summary."""
    start, end = week.bounds(timezone)
    end = min(end, now)
    before, _ = week.plus(-1).bounds(timezone)
    waits = sorted(_responses(rows.tickets, start, end))
    trend, this, last = _trend(rows, week), rows.weeks[-1], rows.weeks[-2]
    today = end.astimezone(timezone).date()
    clients, more = client_lines(rows.activity, rows.accounts, week, min(week.sunday, today), money)
    return Summary(
        week=week,
        first_day=week.monday,
        last_day=week.sunday,
        received=sum(rows.outcomes.values()),
        audit=audit_line(rows.outcomes),
        parts=audit_parts(rows.outcomes),
        opened=Count(this.opened, last.opened),
        repeats=Count(this.repeats, last.repeats),
        closed=Count(this.closed, last.closed),
        backlog=Count(trend[-1].backlog, trend[-2].backlog),
        oldest_days=_days(rows.oldest[0].opened_at, end) if rows.oldest else 0,
        responses=len(waits),
        median_minutes=round(median(waits)) if waits else None,
        slow_minutes=waits[max(-(-len(waits) * 9 // 10) - 1, 0)] if waits else None,
        broken=Count(_broken(rows.tickets, start, end), _broken(rows.tickets, before, start)),
        days=[(week.monday + timedelta(days=number), count) for number, count in enumerate(rows.days)],
        trend=trend,
        clients=clients,
        more_clients=more,
        causes=cause_lines(rows.causes),
        worth=worth_preventing(rows.causes, [one.cause for one in rows.fixed if one.day < today]),
        proposed=rows.proposed,
        unnamed=rows.unnamed,
        fixed=[line for one in rows.fixed if (line := fixed_line(one, today, timezone)).days > 0],
        oldest=[_open_line(one, end) for one in rows.oldest],
        offers=[_offer_line(one, end) for one in rows.offers],
        failed=rows.failed,
        quarantined=rows.quarantined,
        left_out=rows.left_out,
    )


def _count(truths: Iterable[bool]) -> int:
    return sum(truths)


def _within(moment: datetime | None, start: datetime, end: datetime) -> bool:
    return moment is not None and start <= moment < end


def _days(moment: datetime, end: datetime) -> int:
    return (end - moment).days


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


def _trend(rows: Rows, week: Week) -> list[Trend]:
    """The weeks of the trend. What was open at the end of each follows from what is open at the end of the last, backwards."""
    lines, backlog = [], rows.backlog
    for one, row in reversed(list(zip(week.last(len(rows.weeks)), rows.weeks, strict=True))):
        lines.append(Trend(one, row.opened, row.repeats, backlog))
        backlog += row.closed - row.opened
    return lines[::-1]


def _open_line(row: OpenRow, end: datetime) -> OpenLine:
    return OpenLine(row.number, row.subject, row.client, row.requester, _days(row.opened_at, end))


def _offer_line(row: OfferRow, end: datetime) -> OfferLine:
    return OfferLine(row.kind, row.client or row.to, row.ticket, row.act, row.period, _days(row.sent_at, end), row.reminders)
