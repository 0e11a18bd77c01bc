"""Worked time as money reads it."""

from collections.abc import Iterator
from datetime import date

from sqlalchemy import Connection, bindparam, select

from mailbot.core.money.statement import Entry
from mailbot.edge.db.tables import ticket, work

_entries = (
    select(work.c.ticket, ticket.c.subject, ticket.c.coverage, work.c.day, work.c.minutes)
    .join(ticket, ticket.c.number == work.c.ticket)
    .where(work.c.client_id == bindparam("client"), work.c.day >= bindparam("first"), work.c.day < bindparam("end"))
    .order_by(work.c.id)
)


def entries_of(connection: Connection, client_id: int, first: date, end: date) -> Iterator[Entry]:
    """A client's worked time from `first` up to but without `end`, in the order in which it was entered."""
    return (Entry(*row) for row in connection.execute(_entries, {"client": client_id, "first": first, "end": end}))
