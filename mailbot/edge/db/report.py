"""The rows that the operators' summary of a week is made of."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Connection, Select, Table, and_, case, exists, func, or_, select

from mailbot.core.report.causes import FIXED_DAYS
from mailbot.core.report.rows import LISTED, OLDEST_SHOWN, WEEKS, CauseRow, FixedRow, OfferRow, OpenRow, Rows, TicketRow, WeekRow, named
from mailbot.core.report.week import Week
from mailbot.edge.db import journal as journal_rows
from mailbot.edge.db.learned import fixed_causes
from mailbot.edge.db.outbox import WITHDRAWN
from mailbot.edge.db.report_clients import accounts_of, activity_of
from mailbot.edge.db.span import ASKS, REPEATED, Span, bucket, within
from mailbot.edge.db.tables import act, client, journal, message, offer, outbox, ticket, work

_CONFIRMED = and_(ticket.c.cause.is_not(None), ticket.c.cause_by.is_not(None))


def rows_of(connection: Connection, week: Week, timezone: ZoneInfo, months: int) -> Rows:
    """What the summary of a week needs: some twenty queries, however many tickets and clients there are, and one for each fixed cause.

    `months`: full ones that a price averages over.
    """
    span = Span.of(week, timezone)
    activity = activity_of(connection, span)
    return _with_lists(
        connection,
        span,
        Rows(
            outcomes=journal_rows.outcomes(connection, span.start, span.end),
            tickets=_tickets(connection, span),
            weeks=_weeks(connection, span),
            days=_days(connection, span),
            backlog=connection.scalar(select(func.count()).select_from(ticket).where(*_open(span))) or 0,
            activity=activity,
            accounts=accounts_of(connection, span, [one.client for one in named(activity) if one.client is not None], months),
            causes=_causes(connection, span),
            proposed=_closed(connection, span, ticket.c.cause.is_not(None), ticket.c.cause_by.is_(None)),
            unnamed=_closed(connection, span, ticket.c.cause.is_(None)),
            fixed=_fixed(connection, timezone),
        ),
    )


def _tickets(connection: Connection, span: Span) -> list[TicketRow]:
    due, answered = ticket.c.verdict_due_at, ticket.c.first_response_at
    # Most promises are kept by an answer in time: those rows the database leaves out.
    late = and_(within(due, span.moments[-3:]), or_(answered.is_(None), answered > due))
    query = select(ticket.c.opened_at, due, answered, ticket.c.closed_at).where(ASKS, or_(within(answered, span.moments[-2:]), late))
    return [TicketRow(*row) for row in connection.execute(query)]


# The trend: the database counts by week


def _counted(connection: Connection, column: ColumnElement[Any], bounds: Sequence[datetime], which: ColumnElement[bool]) -> list[int]:
    """How many rows lie between each two of the bounds."""
    query = select(bucket(column, bounds), func.count()).where(which, within(column, bounds)).group_by("bucket")
    found = {row[0]: row[1] for row in connection.execute(query)}
    return [found.get(number, 0) for number in range(len(bounds) - 1)]


def _weeks(connection: Connection, span: Span) -> list[WeekRow]:
    of = ((ticket.c.opened_at, ASKS), (message.c.at, REPEATED), (ticket.c.closed_at, ASKS))
    columns = (_counted(connection, column, span.moments, which) for column, which in of)
    return [WeekRow(*row) for row in zip(*columns, strict=True)]


def _days(connection: Connection, span: Span) -> list[int]:
    bounds = [datetime.combine(span.week.monday + timedelta(days=number), time(), span.timezone) for number in range(8)]
    return _counted(connection, ticket.c.opened_at, bounds, ASKS)


def _causes(connection: Connection, span: Span) -> list[CauseRow]:
    closed = (
        select(ticket.c.cause, bucket(ticket.c.closed_at, span.moments), func.count())
        .where(ASKS, _CONFIRMED, within(ticket.c.closed_at, span.moments))
        .group_by(ticket.c.cause, "bucket")
    )
    worked = (
        select(ticket.c.cause, bucket(work.c.day, span.days), func.sum(work.c.minutes))
        .join(ticket, ticket.c.number == work.c.ticket)
        .where(_CONFIRMED, within(work.c.day, span.days))
        .group_by(ticket.c.cause, "bucket")
    )
    causes: dict[str, tuple[list[int], list[int]]] = {}
    for column, query in enumerate((closed, worked)):
        for name, week, number in connection.execute(query):
            causes.setdefault(name, ([0] * WEEKS, [0] * WEEKS))[column][week] = int(number)
    return [CauseRow(name, *columns) for name, columns in sorted(causes.items())]


def _closed(connection: Connection, span: Span, *which: ColumnElement[bool]) -> int:
    query = select(func.count()).where(ASKS, ticket.c.closed_at >= span.start, ticket.c.closed_at < span.end, *which)
    return connection.scalar(query) or 0


def _fixed(connection: Connection, timezone: ZoneInfo) -> list[FixedRow]:
    found = []
    for one in fixed_causes(connection):
        start, end = (datetime.combine(one.day + timedelta(days), time(), timezone) for days in (-FIXED_DAYS, FIXED_DAYS))
        had = select(ticket.c.opened_at).where(ticket.c.cause == one.cause, ticket.c.opened_at >= start, ticket.c.opened_at < end, ASKS)
        found.append(FixedRow(one.cause, one.day, list(connection.scalars(had))))
    return found


def _open(span: Span) -> tuple[ColumnElement[bool], ...]:
    """At the end of the week."""
    return ASKS, ticket.c.opened_at < span.end, or_(ticket.c.closed_at.is_(None), ticket.c.closed_at >= span.end)


# Lists: their beginning, and how many more there are


def _with_lists(connection: Connection, span: Span, rows: Rows) -> Rows:
    left_out: dict[str, int] = {}

    def listed(table: Table, query: Select[Any], where: Sequence[ColumnElement[bool]], most: int = LISTED) -> list[Any]:
        found = list(connection.execute(query.where(*where).limit(most)))
        if len(found) == most and (more := (connection.scalar(select(func.count()).select_from(table).where(*where)) or 0) - most):
            left_out[table.name] = more
        return found

    oldest = listed(
        ticket,
        select(ticket.c.number, ticket.c.subject, client.c.name, ticket.c.requester, ticket.c.opened_at)
        .outerjoin(client, client.c.id == ticket.c.client_id)
        .order_by(ticket.c.opened_at, ticket.c.number),
        _open(span),
        OLDEST_SHOWN,
    )
    offers = listed(
        offer,
        select(offer.c.kind, client.c.name, offer.c.to_addr, offer.c.ticket, act.c.number, act.c.period, offer.c.sent_at, offer.c.reminders)
        .select_from(offer)
        .outerjoin(client, client.c.id == offer.c.client_id)
        .outerjoin(act, act.c.id == offer.c.act)
        .order_by(case((offer.c.kind == "terms", 1), else_=0), offer.c.sent_at, offer.c.id),  # terms are many, and the least of them
        (
            offer.c.state == "open",
            within(offer.c.sent_at, span.moments),
            ~exists().where(ticket.c.number == offer.c.ticket, ticket.c.closed_at.is_not(None)),  # nobody waits for that answer any more
        ),
    )
    failed = listed(
        outbox,
        select(outbox.c.to_addr, outbox.c.subject, outbox.c.error).order_by(outbox.c.id),
        (
            outbox.c.state == "failed",
            within(outbox.c.settled_at, span.moments[-2:]),
            func.coalesce(outbox.c.error, "").not_like(f"{WITHDRAWN}%"),
        ),
    )
    quarantined = listed(journal, select(journal.c.id, journal.c.because).order_by(journal.c.id), (journal.c.outcome == "quarantined",))
    return replace(
        rows,
        oldest=[OpenRow(*row) for row in oldest],
        offers=[OfferRow(*row) for row in offers],
        failed=[(row.to_addr, row.subject, row.error or "") for row in failed],
        quarantined=[(row.id, "; ".join(row.because)) for row in quarantined],
        left_out=left_out,
    )
