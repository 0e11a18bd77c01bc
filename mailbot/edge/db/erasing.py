"""A person's traces in the tables: found, and replaced."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import JSON, Column, Connection, String, Table, Text, and_, cast, delete, func, or_, select, tuple_, update

from mailbot.core.desk.erasing import ERASED, Needles
from mailbot.core.mail.visible import visible_reply
from mailbot.edge.db import outbox as mails
from mailbot.edge.db import settings
from mailbot.edge.db.journal import GONE, pack, unpack
from mailbot.edge.db.tables import (
    act,
    attachment,
    client,
    consent,
    contact,
    journal,
    label,
    learned,
    mailbox,
    message,
    metadata,
    offer,
    outbox,
    participant,
    setting,
    suggestion,
    ticket,
    undeliverable,
)

# Not looked through: places of messages, by which none is fetched again, and legal papers, which are looked at apart.
_KEPT = {journal.c.mailbox, journal.c.uid, mailbox.c.name, client.c.name, client.c.legal, *act.c, *setting.c, *learned.c}
_TICKET = {ticket: ticket.c.number} | {table: table.c.ticket for table in metadata.tables.values() if "ticket" in table.c}


@dataclass(frozen=True, slots=True)
class Written:
    """What a person wrote. `first`: for each ticket the id of his first message there; `opened`: the tickets that ask for him."""

    entries: frozenset[int]
    first: dict[int, int]
    opened: frozenset[int]

    @property
    def tickets(self) -> frozenset[int]:
        """Every ticket that may hold his words."""
        return self.opened | frozenset(self.first)


def written_by(connection: Connection, addr: str) -> Written:
    """The messages and tickets of an address. One that was merged counts where its messages came from, and where they are."""
    rows = connection.execute(
        select(message.c.id, message.c.ticket, message.c.from_ticket, message.c.journal_id).where(
            func.lower(message.c.from_addr) == addr, message.c.direction == "in"
        )
    ).all()
    first: dict[int, int] = {}
    for row in rows:
        for number in filter(None, (row.ticket, row.from_ticket)):
            first[number] = min(first.get(number, row.id), row.id)
    opened = connection.scalars(select(ticket.c.number).where(or_(ticket.c.requester == addr, func.lower(ticket.c.answer_to) == addr)))
    return Written(frozenset(row.journal_id for row in rows if row.journal_id), first, frozenset(opened))


def titles(connection: Connection, addr: str, opened: Collection[int]) -> dict[int, str]:
    """The subjects of those of the tickets that are his: they are his words, wherever the desk repeats them."""
    rows = connection.execute(select(ticket.c.number, ticket.c.subject).where(ticket.c.number.in_(opened), ticket.c.requester == addr))
    return {row.number: row.subject for row in rows if row.subject.strip() not in ("", ERASED)}


def names_of(connection: Connection, addr: str) -> set[str]:
    """The names that stood in From beside an address."""
    said = connection.scalars(select(message.c.from_name).where(func.lower(message.c.from_addr) == addr).distinct())
    asked = connection.scalars(select(ticket.c.requester_name).where(ticket.c.requester == addr).distinct())
    return {name.strip() for name in (*said, *asked)} - {"", ERASED}


def others_named(connection: Connection, addr: str, names: Collection[str]) -> dict[str, set[str]]:
    """Those of the names under which mail came from other addresses too, with these."""
    rows = connection.execute(
        select(message.c.from_name, message.c.from_addr)
        .where(message.c.from_name.in_(names), message.c.direction == "in", func.lower(message.c.from_addr) != addr)
        .distinct()
    )
    found: dict[str, set[str]] = {}
    for row in rows:
        found.setdefault(row.from_name, set()).add(row.from_addr)
    return found


def client_names(connection: Connection) -> set[str]:
    """Names of clients and their legal ones, casefolded: whoever signs with one of them signs for the client."""
    rows = connection.execute(select(client.c.name, client.c.legal))
    return {name.casefold() for row in rows for name in (row.name, (row.legal or {}).get("name", "")) if name}


def answers_to(connection: Connection, first: dict[int, int]) -> set[int]:
    """Journal ids of what came on tickets after a person's first message there, and may quote him."""
    found: set[int] = set()
    for number, message_id in first.items():
        later = select(message.c.journal_id).where(message.c.ticket == number, message.c.id > message_id, message.c.journal_id.is_not(None))
        found.update(connection.scalars(later))
    return found


def stored(connection: Connection, after: int, most: int) -> list[tuple[int, bytes | None, str, str]]:
    """(id, packed octets or None for the blob store, digest, outcome) of the next journal rows that have octets, by id."""
    query = select(journal.c.id, journal.c.octets, journal.c.sha256, journal.c.outcome).where(journal.c.id > after)
    kept = query.where(or_(journal.c.octets.is_(None), journal.c.octets != GONE))
    return [(row[0], row[1], row[2], row[3]) for row in connection.execute(kept.order_by(journal.c.id).limit(most))]


@dataclass(frozen=True, slots=True)
class Sent:
    """A mail of the outbox that still has its octets."""

    id: int
    kind: str
    ticket: int | None
    to_addr: str
    encloses: int | None
    state: str
    packed: bytes


def mails_after(connection: Connection, after: int, most: int) -> list[Sent]:
    """The next mails of the outbox that have octets, by id."""
    columns = [getattr(outbox.c, name) for name in ("id", "kind", "ticket", "to_addr", "encloses", "state", "octets")]
    query = select(*columns).where(outbox.c.id > after, outbox.c.octets != GONE).order_by(outbox.c.id).limit(most)
    return [Sent(*tuple(row)) for row in connection.execute(query)]


@dataclass(frozen=True, slots=True)
class Mention:
    """A row that names somebody, and in which columns."""

    table: Table
    key: tuple[Any, ...]
    values: dict[str, Any]


def mentions(connection: Connection, needles: Needles, tickets: Collection[int] | None = None) -> Iterator[Mention]:
    """Rows that name a person in any column of text, with the values of those; `tickets`: only rows of these."""
    for table in metadata.sorted_tables:
        columns = [one for one in table.c if one not in _KEPT and isinstance(one.type, String | JSON)]
        if not columns or (tickets is not None and table not in _TICKET):
            continue
        keys = list(table.primary_key.columns)
        query = select(*keys, *columns).where(or_(*(_holds(column, needles) for column in columns)))
        if tickets is not None:
            query = query.where(_TICKET[table].in_(tickets))
        for row in connection.execute(query).all():
            held = {column.name: value for column, value in zip(columns, row[len(keys) :], strict=True)}
            named = {name: value for name, value in held.items() if needles.replaced_in(value, "") != value}
            if named:
                yield Mention(table, tuple(row[: len(keys)]), named)


def _holds(column: Column[Any], needles: Needles) -> Any:
    text = cast(column, Text) if isinstance(column.type, JSON) else column
    return or_(*(text.icontains(hint, autoescape=True) for hint in needles.hints()))


def replace_mention(connection: Connection, one: Mention, needles: Needles, token: str) -> None:
    """Write the row without the person."""
    values = {name: needles.replaced_in(value, token) for name, value in one.values.items()}
    for name, value in values.items():
        length = getattr(one.table.c[name].type, "length", None)
        values[name] = value[:length] if length and isinstance(value, str) else value
    here = tuple_(*one.table.primary_key.columns) == one.key if len(one.key) > 1 else one.table.primary_key.columns[0] == one.key[0]
    connection.execute(update(one.table).where(here).values(values))


def drop_octets(connection: Connection, entries: Collection[int]) -> list[str]:
    """The raw octets of journal rows go; digest, place and outcome stay. Returns the digests that the blob store need not keep."""
    rows = connection.execute(select(journal.c.id, journal.c.sha256).where(journal.c.id.in_(entries), journal.c.octets.is_(None))).all()
    connection.execute(update(journal).where(journal.c.id.in_(entries)).values(octets=GONE))
    return unused(connection, {row.sha256 for row in rows})


def unused(connection: Connection, digests: Collection[str]) -> list[str]:
    """Those of these digests under which no journal row looks for octets in the blob store."""
    used = set(connection.scalars(select(journal.c.sha256).where(journal.c.sha256.in_(digests), journal.c.octets.is_(None))))
    return sorted(set(digests) - used)


def forget_entries(connection: Connection, entries: Collection[int], addr: str) -> None:
    """What a person wrote: words, files, and all by which it would be found when it comes again; the rows stay with their outcome.

    The digest, the place and the identity (a digest of Message-ID and originator) stay: by them a message that still lies in the
    mailbox is known, and is not taken for a new request. They tell nothing to whoever has not the message already.
    """
    connection.execute(update(journal).where(journal.c.id.in_(entries)).values(message_id=None, because=[ERASED]))
    own = or_(message.c.journal_id.in_(entries), and_(func.lower(message.c.from_addr) == addr, message.c.direction == "in"))
    connection.execute(delete(attachment).where(attachment.c.message_id.in_(select(message.c.id).where(own))))
    nothing = dict.fromkeys(("message_id", "visible", "party", "words", "sketch", "links"))
    connection.execute(update(message).where(own).values(from_name=ERASED, text=ERASED, because=[ERASED], **nothing))


def keep_new_words(connection: Connection, entries: Collection[int]) -> None:
    """Of what others answered only their own new words stay: the rest quotes."""
    rows = connection.execute(select(message.c.id, message.c.text, message.c.visible).where(message.c.journal_id.in_(entries))).all()
    for row in rows:
        words = visible_reply(row.text) if row.visible is None else row.visible
        connection.execute(update(message).where(message.c.id == row.id).values(text=words, visible=None))


def forget_tickets(connection: Connection, written: Written, addr: str) -> None:
    """The subjects and names of his tickets, the words that were compared, and what was learned from them."""
    opened, numbers = written.opened, written.tickets
    mine = update(ticket).where(ticket.c.number.in_(opened), ticket.c.requester == addr)
    connection.execute(mine.values(requester_name=ERASED, subject=ERASED))
    titled = select(ticket.c.number).where(ticket.c.number.in_(opened), ticket.c.requester == addr)
    connection.execute(update(outbox).where(outbox.c.ticket.in_(titled)).values(subject=ERASED))
    event = metadata.tables["event"]
    connection.execute(update(event).where(event.c.ticket.in_(numbers), func.lower(event.c.who) == addr).values(detail=""))
    compared = or_(suggestion.c.ticket.in_(numbers), suggestion.c.of.in_(numbers))
    connection.execute(update(suggestion).where(compared).values(because=[]))
    # What a model learned from his words it must forget: the daemon trains it anew, without them.
    taught = delete(label).where(label.c.ticket.in_(opened), label.c.what != "repeat")
    if connection.execute(taught).rowcount:
        connection.execute(delete(learned).where(learned.c.name != "repeat"))


def forget_address(connection: Connection, addr: str, now: Any) -> None:
    """Rows that are about an address and nothing else go. What was offered is withdrawn; that it was answered, and how, stays."""
    for column in (participant.c.addr, contact.c.addr, undeliverable.c.addr):
        connection.execute(delete(column.table).where(func.lower(column) == addr))
    connection.execute(update(consent).where(func.lower(consent.c.who) == addr).values(words=ERASED))
    asked = update(offer).where(func.lower(offer.c.to_addr) == addr)
    connection.execute(asked.values(remind_at=None))
    connection.execute(asked.where(offer.c.state == "open").values(state="withdrawn", settled_at=now))


def drop_mails(connection: Connection, found: Iterable[int], now: Any) -> None:
    """Octets of mails go; those that still wait are withdrawn."""
    for one in found:
        mails.withdraw(connection, one, "erased", now)
        connection.execute(update(outbox).where(outbox.c.id == one).values(octets=GONE))


def papers_naming(connection: Connection, needles: Needles) -> Iterator[tuple[int, dict[str, Any]]]:
    """(id, content and html) of acts that name an address."""
    for row in connection.execute(select(act.c.id, act.c.content, act.c.html)):
        html = unpack(row.html).decode()
        if needles.found_in(html) or needles.replaced_in(row.content, "") != row.content:
            yield row.id, {"content": row.content, "html": html}


def replace_in_paper(connection: Connection, act_id: int, content: Any, html: str, pdf: bytes | None) -> None:
    """An act without an address."""
    connection.execute(update(act).where(act.c.id == act_id).values(content=content, html=pack(html.encode()), pdf=pdf))


def next_number(connection: Connection) -> int:
    """How many people have been erased, this one counted."""
    count = int(settings.value(connection, "erased") or 0) + 1
    settings.remember(connection, "erased", str(count))
    return count


def about(connection: Connection, addr: str) -> dict[str, int]:
    """How many rows are about an address: offers, answers to them, contacts, addresses that do not deliver."""
    columns = {"offers": offer.c.to_addr, "consents": consent.c.who, "contacts": contact.c.addr, "dead addresses": undeliverable.c.addr}
    return {name: connection.scalar(select(func.count()).where(func.lower(column) == addr)) or 0 for name, column in columns.items()}
