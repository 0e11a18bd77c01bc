"""Tickets: what intake and operators write; `views.py` is what people look at."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import Connection, bindparam, delete, func, insert, select, update

from mailbot.core.mail.message import Attachment
from mailbot.edge.db.tables import (
    attachment,
    courtesy,
    event,
    insert_or_ignore,
    label,
    message,
    new_id,
    participant,
    ticket,
    undeliverable,
    work,
)

DEAD_DAYS = 60  # how long an address that bounced is not written to


@dataclass(frozen=True, slots=True)
class NewTicket:
    """A ticket as intake opens it."""

    client_id: int | None
    requester: str
    requester_name: str
    answer_to: str
    language: str
    subject: str
    coverage: str
    urgent: bool
    related_to: int | None
    opened_at: datetime
    verdict_due_at: datetime | None
    possible_repeat_of: int | None = None
    cause: str | None = None


@dataclass(frozen=True, slots=True)
class Trace:
    """By what a request is found when it comes again: whose words they are, all of them as a digest, as a sketch, and its links.

    `words`: see `words_digest`; `sketch`: see `repeats.terms`; `links`: see `link_hashes`, four octets each.
    """

    party: str | None = None
    words: str | None = None
    sketch: bytes | None = None
    links: bytes | None = None


NO_TRACE = Trace()


@dataclass(frozen=True, slots=True)
class NewMessage:
    """A message as it is filed on a ticket; `visible` is None when it is the whole text."""

    direction: str
    kind: str
    message_id: str | None
    from_addr: str
    from_name: str
    at: datetime
    text: str
    visible: str | None = None
    because: Sequence[str] = ()
    journal_id: int | None = None
    trace: Trace = NO_TRACE
    attachments: Sequence[Attachment] = ()


_open_ticket = insert(ticket)
_told = update(ticket).where(ticket.c.number == bindparam("n")).values(terms=bindparam("terms"), terms_at=bindparam("terms_at"))
_add_message = insert(message)
_add_attachments = insert(attachment)
_add_event = insert(event)


def open_ticket(connection: Connection, new: NewTicket) -> int:
    """Write a ticket and return its number."""
    opened = connection.execute(
        _open_ticket,
        {
            "status": "new",
            "client_id": new.client_id,
            "requester": new.requester,
            "requester_name": new.requester_name,
            "answer_to": new.answer_to,
            "language": new.language,
            "subject": new.subject,
            "coverage": new.coverage,
            "urgent": new.urgent,
            "repeats": 0,
            "related_to": new.related_to,
            "opened_at": new.opened_at,
            "verdict_due_at": new.verdict_due_at,
            "possible_repeat_of": new.possible_repeat_of,
            "cause": new.cause,
        },
    )
    return new_id(opened)


def use_courtesy(connection: Connection, client_id: int, number: int, now: datetime) -> bool:
    """Take the client's one courtesy; False when it was taken before (the primary key decides, not a look)."""
    # RETURNING and not `rowcount`: PostgreSQL's driver does not count an INSERT.
    insertion = insert_or_ignore(connection, courtesy).returning(courtesy.c.client_id)
    return connection.scalar(insertion, {"client_id": client_id, "ticket": number, "at": now}) is not None


def add_message(connection: Connection, number: int, new: NewMessage) -> int:
    """File a message on a ticket and return its id."""
    added = connection.execute(
        _add_message,
        {
            "ticket": number,
            "journal_id": new.journal_id,
            "direction": new.direction,
            "kind": new.kind,
            "message_id": new.message_id,
            "from_addr": new.from_addr,
            "from_name": new.from_name,
            "at": new.at,
            "text": new.text,
            "visible": new.visible,
            "because": list(new.because),
            "party": new.trace.party,
            "words": new.trace.words,
            "sketch": new.trace.sketch,
            "links": new.trace.links,
        },
    )
    message_row = new_id(added)
    if new.attachments:
        names = ("filename", "content_type", "size", "sha256", "content_id", "inline", "start", "end", "encoding")
        connection.execute(
            _add_attachments,
            [{"message_id": message_row} | {name: getattr(one, name) for name in names} for one in new.attachments],
        )
    return message_row


def add_participants(connection: Connection, number: int, addresses: Sequence[str]) -> None:
    """Remember who stood in From, To or Cc of a ticket's messages."""
    if addresses:
        connection.execute(insert_or_ignore(connection, participant), [{"ticket": number, "addr": addr} for addr in addresses])


def add_event(connection: Connection, number: int, at: datetime, what: str, who: str, detail: str = "") -> None:
    """Write what happened to a ticket, and who did it."""
    connection.execute(_add_event, {"ticket": number, "at": at, "what": what, "who": who, "detail": detail})


def covered(connection: Connection, number: int) -> tuple[int | None, str]:
    """(client id, coverage) of a ticket."""
    row = connection.execute(select(ticket.c.client_id, ticket.c.coverage).where(ticket.c.number == number)).one()
    return row.client_id, row.coverage


def return_courtesy(connection: Connection, client_id: int) -> None:
    """What was a courtesy is none after all: the client still has his."""
    connection.execute(delete(courtesy).where(courtesy.c.client_id == client_id))


def set_coverage(connection: Connection, number: int, coverage: str) -> None:
    """What covers the ticket from now on."""
    connection.execute(update(ticket).where(ticket.c.number == number).values(coverage=coverage))


def told(connection: Connection, number: int, version: str, now: datetime) -> None:
    """Which version of the terms the requester was told last, and when."""
    connection.execute(_told, {"n": number, "terms": version, "terms_at": now})


def count_repeat(connection: Connection, number: int) -> None:
    """One more time that the client asked."""
    connection.execute(update(ticket).where(ticket.c.number == number).values(repeats=ticket.c.repeats + 1))


def set_status(connection: Connection, number: int, status: str, now: datetime, who: str, detail: str = "") -> None:
    """Change a ticket's status."""
    closed_at = now if status in ("solved", "closed") else None
    connection.execute(update(ticket).where(ticket.c.number == number).values(status=status, closed_at=closed_at))
    add_event(connection, number, now, status, who, detail)


def cause_of(connection: Connection, number: int) -> tuple[str | None, str | None]:
    """(cause, who said so) of a ticket; a cause that nobody said is mailbot's proposal."""
    row = connection.execute(select(ticket.c.cause, ticket.c.cause_by).where(ticket.c.number == number)).one()
    return row.cause, row.cause_by


def set_cause(connection: Connection, number: int, cause: str, who: str) -> None:
    """What the ticket was about, as a person says."""
    connection.execute(update(ticket).where(ticket.c.number == number).values(cause=cause, cause_by=who))


def make_urgent(connection: Connection, number: int, due_at: datetime | None) -> None:
    """The ticket is urgent from now on; a first response that is still to come is promised by `due_at`, or sooner as it was."""
    here = update(ticket).where(ticket.c.number == number)
    connection.execute(here.values(urgent=True))
    later = here.where(ticket.c.first_response_at.is_(None), ticket.c.verdict_due_at > due_at) if due_at else None
    if later is not None:
        connection.execute(later.values(verdict_due_at=due_at))


def set_urgent(connection: Connection, number: int, urgent: bool, due_at: datetime | None) -> None:
    """Whether the ticket is urgent; what was promised of the first response moves to `due_at` while it is still to come."""
    here = update(ticket).where(ticket.c.number == number)
    connection.execute(here.values(urgent=urgent))
    promised = here.where(ticket.c.first_response_at.is_(None), ticket.c.verdict_due_at.is_not(None))
    connection.execute(promised.values(verdict_due_at=due_at))


def add_label(
    connection: Connection, what: str, number: int, value: str, who: str, at: datetime, of: int | None = None, score: float | None = None
) -> None:
    """Remember what an operator said of a ticket, to learn from. `score`: what mailbot had thought of it."""
    connection.execute(insert(label).values(what=what, ticket=number, of=of, value=value, score=score, who=who, at=at))


def respond(connection: Connection, number: int, now: datetime, who: str) -> None:
    """An operator answered: the first time is the ticket's first response, and now it waits for the client."""
    connection.execute(update(ticket).where(ticket.c.number == number, ticket.c.first_response_at.is_(None)).values(first_response_at=now))
    set_status(connection, number, "waiting", now, who)


def add_work(connection: Connection, number: int, minutes: int, day: date, who: str, now: datetime, note: str = "") -> int:
    """Enter worked minutes and return the ticket's total."""
    client_id = connection.scalar(select(ticket.c.client_id).where(ticket.c.number == number))
    connection.execute(
        insert(work).values(ticket=number, client_id=client_id, minutes=minutes, day=day, who=who, note=note, entered_at=now)
    )
    return connection.scalar(select(func.sum(work.c.minutes)).where(work.c.ticket == number)) or 0


def worked_days(connection: Connection, number: int) -> list[tuple[date, int]]:
    """(day, minutes) of a ticket's work, the day on which something was entered last first."""
    query = (
        select(work.c.day, func.sum(work.c.minutes))
        .where(work.c.ticket == number)
        .group_by(work.c.day)
        .order_by(func.max(work.c.id).desc())
    )
    return [(row[0], int(row[1])) for row in connection.execute(query)]


def remember_dead(connection: Connection, addr: str, now: datetime, because: str) -> None:
    """Write to this address no more for a while."""
    until = now + timedelta(days=DEAD_DAYS)
    if (
        connection.execute(update(undeliverable).where(undeliverable.c.addr == addr.lower()).values(until=until, because=because)).rowcount
        == 0
    ):
        connection.execute(insert(undeliverable).values(addr=addr.lower()[:320], until=until, because=because))


def message_ids(connection: Connection, number: int) -> tuple[str, ...]:
    """The Message-IDs of what the requester wrote and got, oldest first, of the ticket's last 20 messages."""
    rows = connection.execute(
        select(message.c.message_id, message.c.kind)
        .where(message.c.ticket == number, message.c.message_id.is_not(None))
        .order_by(message.c.id.desc())
        .limit(20)
    ).all()
    return tuple(row.message_id for row in reversed(rows) if row.kind not in ("operator", "bounce", "machine"))


_attachments_of = (
    select(
        attachment.c.filename,
        attachment.c.content_type,
        attachment.c.size,
        attachment.c.sha256,
        attachment.c.content_id,
        attachment.c.inline,
        attachment.c.start,
        attachment.c.end,
        attachment.c.encoding,
    )
    .join(message, message.c.id == attachment.c.message_id)
    .where(message.c.journal_id == bindparam("journal_id"))
    .order_by(attachment.c.id)
)


def attachments_of(connection: Connection, journal_id: int) -> list[Attachment]:
    """The attachments of a journalled message."""
    return [Attachment(*row) for row in connection.execute(_attachments_of, {"journal_id": journal_id})]


def journal_ids_of(connection: Connection, number: int) -> list[int]:
    """The journal ids of a ticket's messages."""
    return list(connection.scalars(select(message.c.journal_id).where(message.c.ticket == number, message.c.journal_id.is_not(None))))
