"""Octets that are old enough to go."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, exists, or_, select, update

from mailbot.edge.db.journal import GONE
from mailbot.edge.db.tables import journal, outbox

_WAITS = exists().where(outbox.c.encloses == journal.c.id, outbox.c.state.in_(("due", "sending")))  # its files are put in on the way out


def entries(connection: Connection, before: datetime, after: int, most: int) -> Sequence[int]:
    """Journal ids above `after`, ascending, of handled messages that were journalled before that moment and still have their octets."""
    query = select(journal.c.id).where(
        journal.c.id > after,
        journal.c.journalled_at < before,
        or_(journal.c.octets.is_(None), journal.c.octets != GONE),
        journal.c.outcome.not_in(("pending", "quarantined")),
        ~_WAITS,
    )
    return connection.scalars(query.order_by(journal.c.id).limit(most)).all()


def mails(connection: Connection, before: datetime, after: int, most: int) -> Sequence[int]:
    """Outbox ids above `after`, ascending, of mails that were sent before that moment and still have their octets."""
    query = select(outbox.c.id).where(
        outbox.c.id > after,
        outbox.c.state.not_in(("due", "sending", "failed")),  # by "= sent" an index would find all that were ever sent, for each batch
        outbox.c.settled_at < before,
        outbox.c.octets != GONE,
    )
    return connection.scalars(query.order_by(outbox.c.id).limit(most)).all()


def drop(connection: Connection, table: Any, ids: Sequence[int]) -> None:
    """The octets of these rows go."""
    connection.execute(update(table).where(table.c.id.in_(ids)).values(octets=GONE))
