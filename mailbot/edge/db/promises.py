"""Promised first answers that have not come, and of which of them operators have heard."""

from datetime import datetime

from sqlalchemy import Connection, bindparam, exists, select

from mailbot.core.desk.promises import Promise, What
from mailbot.edge.db.tables import UtcDateTime, client, insert_or_ignore, reminded, ticket

MOST = 200  # promises at one look; of a desk that was away for weeks the others follow a minute later
_due = (
    select(
        ticket.c.number,
        ticket.c.subject,
        client.c.name,
        ticket.c.requester,
        ticket.c.urgent,
        ticket.c.opened_at,
        ticket.c.verdict_due_at,
    )
    # Without a look at its statistics SQLite takes an index of all tickets.
    .with_hint(ticket, "INDEXED BY ix_ticket_promised", "sqlite")
    .outerjoin(client, client.c.id == ticket.c.client_id)
    .where(
        ticket.c.first_response_at.is_(None),
        ticket.c.closed_at.is_(None),
        ticket.c.verdict_due_at <= bindparam("until", type_=UtcDateTime),
        ~exists().where(reminded.c.ticket == ticket.c.number, reminded.c.due_at == ticket.c.verdict_due_at, reminded.c.what == "broken"),
    )
    .order_by(ticket.c.verdict_due_at, ticket.c.number)
    .limit(MOST)
)
_told = select(reminded.c.ticket, reminded.c.due_at, reminded.c.what)


def due(connection: Connection, until: datetime) -> list[Promise]:
    """The first `MOST` promises that fall due until then and are not known to be broken, the oldest first."""
    return [Promise(*tuple(row)) for row in connection.execute(_due, {"until": until})]


def told(connection: Connection, promises: list[Promise]) -> set[tuple[int, datetime, str]]:
    """(ticket, due at, soon or broken) of what operators have heard about these promises."""
    numbers = [one.ticket for one in promises]
    return {(row.ticket, row.due_at, row.what) for row in connection.execute(_told.where(reminded.c.ticket.in_(numbers)))}


def tell(connection: Connection, promise: Promise, what: What, now: datetime) -> bool:
    """Operators hear of it now; False when another worker was faster (the primary key decides, not a look)."""
    insertion = insert_or_ignore(connection, reminded).returning(reminded.c.ticket)
    values = {"ticket": promise.ticket, "due_at": promise.due_at, "what": what, "at": now}
    return connection.scalar(insertion, values) is not None
