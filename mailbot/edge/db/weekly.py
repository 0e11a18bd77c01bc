"""Which summaries went out, to whom one is owed, and a client's own week."""

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Connection, and_, delete, exists, insert, or_, select, update

from mailbot.core.money.statement import APART, FREE
from mailbot.core.report.own import OwnRows, OwnTicket
from mailbot.core.report.week import Week
from mailbot.edge.db.billing import entries_of
from mailbot.edge.db.span import ASKS
from mailbot.edge.db.tables import client, contact, insert_or_ignore, setting, ticket, undeliverable, weekly, work

_FROM = setting.c.name == "client_summaries_from"


def sent(connection: Connection, weeks: Sequence[Week], recipients: Sequence[str]) -> list[tuple[str, str]]:
    """The (week, recipient) pairs of these weeks and recipients whose summaries were queued."""
    # Both: the primary key begins with the week, and beside theirs stand those of thousands of clients.
    known = weekly.c.week.in_([str(week) for week in weeks]), weekly.c.recipient.in_(recipients)
    found = connection.execute(select(weekly.c.week, weekly.c.recipient).where(*known))
    return [(row.week, row.recipient) for row in found]


def remember(connection: Connection, week: Week, recipient: str, outbox_id: int) -> None:
    """Write that a summary was queued; the primary key refuses a second one (sqlalchemy.exc.IntegrityError)."""
    connection.execute(insert(weekly).values(week=str(week), recipient=recipient, outbox_id=outbox_id))


# Clients: each week is done once for all, so who is added later is owed nothing of it


def clients_from(connection: Connection) -> Week | None:
    """The first week whose summaries the clients have not had yet; None while they get none."""
    found = connection.scalar(select(setting.c.value).where(_FROM))
    return Week.parse(found) if found else None


def begin_clients(connection: Connection, week: Week) -> None:
    """From this week on clients get summaries; of several that begin at once the first one's word stands."""
    connection.execute(insert_or_ignore(connection, setting), {"name": "client_summaries_from", "value": str(week)})


def clients_done(connection: Connection, week: Week) -> None:
    """All clients have had the summary of this week."""
    later = str(week.plus(1))
    connection.execute(update(setting).where(_FROM, setting.c.value < later).values(value=later))


def end_clients(connection: Connection) -> None:
    """Clients get no summaries any more."""
    connection.execute(delete(setting).where(_FROM))


def contacts_owed(connection: Connection, week: Week, timezone: ZoneInfo, now: datetime) -> list[tuple[int, str]]:
    """(client, address) of the contacts who have not had the summary of a week, of every client that had something in it.

    Something is a ticket that was open in the week, or work that counts for the client. Not of a client that was added after it, and to
    no address that does not deliver.
    """
    start, end = week.bounds(timezone)
    asked = exists().where(ticket.c.client_id == client.c.id, _open_in(start, end))
    worked = (
        exists()
        .where(work.c.client_id == client.c.id, work.c.day >= week.monday, work.c.day <= week.sunday)
        .where(ticket.c.number == work.c.ticket, ticket.c.coverage.not_in((*FREE, APART)))
    )
    found = connection.execute(
        select(contact.c.client_id, contact.c.addr)
        .join(client, client.c.id == contact.c.client_id)
        .where(
            client.c.added_at < end,
            or_(asked, worked),
            ~exists().where(undeliverable.c.addr == contact.c.addr, undeliverable.c.until > now),
            ~exists().where(weekly.c.week == str(week), weekly.c.recipient == contact.c.addr),
        )
        .order_by(contact.c.client_id, contact.c.addr)
    )
    return [(row.client_id, row.addr) for row in found]


def _open_in(start: datetime, end: datetime) -> ColumnElement[bool]:
    return and_(ASKS, ticket.c.opened_at < end, or_(ticket.c.closed_at.is_(None), ticket.c.closed_at >= start))


def own_rows(connection: Connection, client_id: int, week: Week, timezone: ZoneInfo) -> tuple[OwnRows, str | None] | None:
    """(a client's week, its language); None when the client is gone."""
    row = connection.execute(select(client).where(client.c.id == client_id)).first()
    if row is None:
        return None
    found = connection.execute(
        select(ticket.c.number, ticket.c.subject, ticket.c.status, ticket.c.opened_at, ticket.c.closed_at)
        .where(ticket.c.client_id == client_id, _open_in(*week.bounds(timezone)))
        .order_by(ticket.c.opened_at, ticket.c.number)
    )
    first = week.monday.replace(day=1)
    rows = OwnRows(
        name=row.name,
        contract=row.contract,
        included_minutes=row.included_minutes,
        rate=None if row.rate is None else Decimal(row.rate),
        tickets=[OwnTicket(*one) for one in found],
        entries=list(entries_of(connection, client_id, first, date.max)),
    )
    return rows, row.language
