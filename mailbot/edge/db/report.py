"""The rows that a weekly summary is made of, and which summaries went out."""

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, func, insert, or_, select

from mailbot.core.report.week import FIXED_DAYS, FixedRow, Rows, TicketRow, Week
from mailbot.edge.db import journal as journal_rows
from mailbot.edge.db.learned import fixed_causes
from mailbot.edge.db.outbox import WITHDRAWN
from mailbot.edge.db.tables import client, journal, message, outbox, ticket, weekly, work


def rows_of(connection: Connection, week: Week, timezone: ZoneInfo) -> Rows:
    """What the summary of a week needs, in six queries, and one for each fixed cause."""
    start, end = week.bounds(timezone)
    before, _ = week.plus(-1).bounds(timezone)
    tickets = connection.execute(
        select(
            ticket.c.number,
            ticket.c.subject,
            client.c.name,
            ticket.c.requester,
            ticket.c.status,
            ticket.c.cause,
            ticket.c.opened_at,
            ticket.c.verdict_due_at,
            ticket.c.first_response_at,
            ticket.c.closed_at,
        )
        .outerjoin(client, client.c.id == ticket.c.client_id)
        .where(
            ticket.c.merged_into.is_(None),  # what it asks is a repeat now
            ticket.c.opened_at < end,
            or_(ticket.c.closed_at.is_(None), ticket.c.closed_at >= before, ticket.c.first_response_at >= before),
        )
    )
    repeats = connection.execute(
        select(message.c.at, client.c.name)
        .join(ticket, ticket.c.number == message.c.ticket)
        .outerjoin(client, client.c.id == ticket.c.client_id)
        .where(message.c.kind == "repeat", message.c.at >= before, message.c.at < end)
    )
    worked = connection.execute(
        select(client.c.name, ticket.c.coverage, work.c.day, work.c.minutes)
        .join(ticket, ticket.c.number == work.c.ticket)
        .outerjoin(client, client.c.id == work.c.client_id)
        .where(work.c.day >= week.monday, work.c.day < week.plus(1).monday)
    )
    failed = connection.execute(
        select(outbox.c.to_addr, outbox.c.subject, outbox.c.error)
        .where(
            outbox.c.state == "failed",
            outbox.c.settled_at >= start,
            outbox.c.settled_at < end,
            func.coalesce(outbox.c.error, "").not_like(f"{WITHDRAWN}%"),
        )
        .order_by(outbox.c.id)
    )
    quarantined = connection.execute(
        select(journal.c.id, journal.c.because).where(journal.c.outcome == "quarantined").order_by(journal.c.id)
    )
    return Rows(
        outcomes=journal_rows.outcomes(connection, start, end),
        tickets=[TicketRow(*tuple(row)) for row in tickets],
        repeats=[(row.at, row.name) for row in repeats],
        work=[(row.name, row.coverage, row.day, row.minutes) for row in worked],
        failed=[(row.to_addr, row.subject, row.error or "") for row in failed],
        quarantined=[(row.id, "; ".join(row.because)) for row in quarantined],
        fixed=_fixed(connection, timezone),
    )


def _fixed(connection: Connection, timezone: ZoneInfo) -> list[FixedRow]:
    found = []
    for one in fixed_causes(connection):
        start, end = (datetime.combine(one.day + timedelta(days), time(), timezone) for days in (-FIXED_DAYS, FIXED_DAYS))
        had = select(ticket.c.opened_at).where(
            ticket.c.cause == one.cause, ticket.c.opened_at >= start, ticket.c.opened_at < end, ticket.c.merged_into.is_(None)
        )
        found.append(FixedRow(one.cause, one.day, list(connection.scalars(had))))
    return found


def sent(connection: Connection) -> list[tuple[str, str]]:
    """The (week, recipient) pairs of summaries that were queued."""
    return [(row.week, row.recipient) for row in connection.execute(select(weekly.c.week, weekly.c.recipient))]


def remember(connection: Connection, week: Week, recipient: str, outbox_id: int) -> None:
    """Write that a summary was queued; the primary key refuses a second one (sqlalchemy.exc.IntegrityError)."""
    connection.execute(insert(weekly).values(week=str(week), recipient=recipient, outbox_id=outbox_id))
