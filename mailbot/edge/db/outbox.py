"""The outbox: finished mails on their way out, a row for each recipient."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, and_, bindparam, exists, func, insert, or_, select, update

from mailbot.core.desk.retry import IN_DOUBT
from mailbot.edge.db.journal import pack, unpack
from mailbot.edge.db.tables import message, new_id, outbox

WITHDRAWN = "withdrawn"  # how the `error` of a mail begins that was not to go out any more


@dataclass(frozen=True, slots=True)
class Finished:
    """A mail as it is queued. `encloses`: the journal id of the message whose attachments go with it."""

    kind: str
    automatic: bool
    ticket: int | None
    to_addr: str
    subject: str
    message_id: str
    octets: bytes
    encloses: int | None = None


@dataclass(frozen=True, slots=True)
class Parcel:
    """A row that is being sent."""

    id: int
    kind: str
    automatic: bool
    ticket: int | None
    to_addr: str
    message_id: str
    octets: bytes
    encloses: int | None
    attempts: int
    created_at: datetime
    error: str | None

    @property
    def doubted(self) -> bool:
        """Whether an earlier attempt ended in doubt."""
        return (self.error or "").startswith(IN_DOUBT)


_queue = insert(outbox)


def queue(connection: Connection, mail: Finished, now: datetime) -> int:
    """Put a mail into the outbox; UNIQUE (message_id) keeps it from standing there twice."""
    queued = connection.execute(
        _queue,
        {
            "kind": mail.kind,
            "automatic": mail.automatic,
            "ticket": mail.ticket,
            "to_addr": mail.to_addr.lower() if mail.automatic else mail.to_addr,
            "subject": mail.subject,
            "message_id": mail.message_id,
            "octets": pack(mail.octets),
            "encloses": mail.encloses,
            "state": "due",
            "attempts": 0,
            "created_at": now,
            "next_attempt_at": now,
        },
    )
    return new_id(queued)


_columns = [
    getattr(outbox.c, name)
    for name in (
        "id",
        "kind",
        "automatic",
        "ticket",
        "to_addr",
        "message_id",
        "octets",
        "encloses",
        "attempts",
        "created_at",
        "error",
    )
]
_due = (
    select(*_columns)
    .where(outbox.c.state == "due", or_(outbox.c.next_attempt_at.is_(None), outbox.c.next_attempt_at <= bindparam("now")))
    .order_by(outbox.c.next_attempt_at, outbox.c.id)
    .limit(1)
    .with_for_update(skip_locked=True)
)


def take(connection: Connection, now: datetime) -> Parcel | None:
    """The next mail that is due, marked as being sent; commit before the server hears of it."""
    row = connection.execute(_due, {"now": now}).first()
    if row is None:
        return None
    connection.execute(update(outbox).where(outbox.c.id == row.id).values(state="sending", attempts=row.attempts + 1))
    return replace(Parcel(*tuple(row)), octets=unpack(row.octets), attempts=row.attempts + 1)


def sent(connection: Connection, row_id: int, now: datetime) -> None:
    """The server accepted it."""
    connection.execute(update(outbox).where(outbox.c.id == row_id).values(state="sent", settled_at=now, next_attempt_at=None, error=None))


def failed(connection: Connection, row_id: int, error: str, now: datetime) -> None:
    """It will not be tried again."""
    connection.execute(
        update(outbox).where(outbox.c.id == row_id).values(state="failed", settled_at=now, next_attempt_at=None, error=error)
    )


def again(connection: Connection, row_id: int, error: str, at: datetime, undo_attempt: bool = False) -> None:
    """It is tried again at that moment. `undo_attempt`: the server was never reached, so this was no attempt at this mail."""
    attempts = outbox.c.attempts - 1 if undo_attempt else outbox.c.attempts
    connection.execute(update(outbox).where(outbox.c.id == row_id).values(state="due", next_attempt_at=at, error=error, attempts=attempts))


def answers_due(connection: Connection, number: int, to: str) -> list[tuple[int, bytes]]:
    """(id, octets) of the repeats' answers on a ticket that wait to go to an address."""
    rows = connection.execute(
        select(outbox.c.id, outbox.c.octets)
        .where(outbox.c.ticket == number, outbox.c.automatic, outbox.c.to_addr == to.lower())
        .where(outbox.c.kind == "repeat", outbox.c.state == "due")
    )
    return [(row.id, unpack(row.octets)) for row in rows]


def withdraw(connection: Connection, row_id: int, why: str, now: datetime) -> bool:
    """Keep a mail that still waits from going out; False when it is on its way."""
    values = {"state": "failed", "settled_at": now, "next_attempt_at": None, "error": f"{WITHDRAWN}: {why}"}
    return connection.execute(update(outbox).where(outbox.c.id == row_id, outbox.c.state == "due").values(values)).rowcount == 1


def acknowledged(connection: Connection, number: int) -> bool:
    """Whether the client was told of a ticket when it was opened, or is about to be."""
    told = exists().where(outbox.c.ticket == number, outbox.c.automatic, outbox.c.kind == "acknowledgement", outbox.c.state != "failed")
    return bool(connection.scalar(select(told)))


def replies_lately(connection: Connection, addr: str, since: datetime) -> list[str]:
    """The words of operators that went to an address since then, the newest twenty."""
    sent = (
        select(message.c.text)
        .join(outbox, outbox.c.message_id == message.c.message_id)
        .where(outbox.c.to_addr == addr, outbox.c.automatic.is_(False), outbox.c.created_at > since, outbox.c.kind == "reply")
    )
    return list(connection.scalars(sent.order_by(outbox.c.id.desc()).limit(20)))


def notices_lately(connection: Connection, addr: str, number: int, since: datetime) -> int:
    """How many notices about a ticket went to an operator since then."""
    told = select(func.count()).where(outbox.c.to_addr == addr, outbox.c.ticket == number, outbox.c.kind == "notice")
    return connection.scalar(told.where(outbox.c.automatic.is_(False), outbox.c.created_at > since)) or 0


def in_doubt(connection: Connection) -> list[tuple[int, bool, int, datetime]]:
    """(id, automatic, attempts, created at) of rows that are marked as being sent; only for whoever holds the delivery lock."""
    rows = connection.execute(
        select(outbox.c.id, outbox.c.automatic, outbox.c.attempts, outbox.c.created_at).where(outbox.c.state == "sending")
    )
    return [(row.id, row.automatic, row.attempts, row.created_at) for row in rows]


def waiting(connection: Connection, now: datetime) -> bool:
    """Whether a mail is due, or was left in doubt."""
    return bool(
        connection.scalar(
            select(exists().where(or_(outbox.c.state == "sending", and_(outbox.c.state == "due", outbox.c.next_attempt_at <= now))))
        )
    )


def listed(connection: Connection, state: str | None = None) -> list[dict[str, Any]]:
    """All mails, oldest first, in the shape of the contract."""
    query = select(
        outbox.c.id,
        outbox.c.kind,
        outbox.c.to_addr.label("to"),
        outbox.c.subject,
        outbox.c.message_id,
        outbox.c.state,
        outbox.c.attempts,
        outbox.c.next_attempt_at,
        outbox.c.ticket,
        outbox.c.error,
        outbox.c.created_at,
    ).order_by(outbox.c.id)
    return [dict(row) for row in connection.execute(query.where(outbox.c.state == state) if state else query).mappings()]
