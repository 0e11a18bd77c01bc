"""Promised first answers that have not come, and of which of them operators have heard."""

from datetime import datetime

from sqlalchemy import Connection, bindparam, select

from mailbot.core.desk.promises import Promise, What
from mailbot.edge.db.tables import UtcDateTime, client, insert_or_ignore, reminded, ticket

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
    .outerjoin(client, client.c.id == ticket.c.client_id)
    .where(
        ticket.c.first_response_at.is_(None),
        ticket.c.closed_at.is_(None),
        ticket.c.verdict_due_at <= bindparam("until", type_=UtcDateTime),
    )
    .order_by(ticket.c.verdict_due_at, ticket.c.number)
)
_told = select(reminded.c.ticket, reminded.c.due_at, reminded.c.what)


def due(connection: Connection, until: datetime) -> list[Promise]:
    """The promises that fall due until then, the oldest first."""
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
