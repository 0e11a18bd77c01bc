"""What a decision needs to know, in a handful of indexed look-ups a message."""

import json
import struct
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, String, bindparam, exists, func, literal, literal_column, or_, select, text, union_all

from mailbot.core.desk.facts import Earlier, Facts, OfferFacts, TicketFacts
from mailbot.core.desk.manners import AGAIN
from mailbot.core.desk.parties import client_domain, party_of
from mailbot.core.desk.policy import Limits, Policy
from mailbot.core.desk.repeats.comparing import ALIKE, CANDIDATES, nearest
from mailbot.core.desk.repeats.learning import UNTAUGHT, Learned
from mailbot.core.desk.repeats.score import Context
from mailbot.core.desk.words import bare_words
from mailbot.core.mail.message import Attachment
from mailbot.core.mail.threading import Threads
from mailbot.edge.db.clients import load_client
from mailbot.edge.db.offers import answered as offers_answered
from mailbot.edge.db.tables import (
    UtcDateTime,
    attachment,
    contact,
    domain,
    journal,
    learned,
    message,
    outbox,
    participant,
    ticket,
    undeliverable,
)

WROTE_LATELY = 20  # messages that are looked at for words that come again and again

_client_ids = union_all(
    select(contact.c.client_id, literal(0).label("rank")).where(contact.c.addr == bindparam("addr")),
    select(domain.c.client_id, literal(1)).where(domain.c.domain == bindparam("domain")),
).order_by("rank")


def client_id_of(connection: Connection, addr: str) -> int | None:
    """The client whose contact or domain an address is, contacts first."""
    if not addr:
        return None
    return connection.scalars(_client_ids, {"addr": addr.lower(), "domain": client_domain(addr) or ""}).first()


def lock_parties(connection: Connection, parties: Iterable[str]) -> None:
    """Let two transactions that decide mails of one party go one after the other, until the end of this one.

    SQLite's write lock does that already. Always in one order, or two batches could wait for each other.
    """
    if connection.dialect.name == "postgresql":
        for party in sorted(set(parties)):
            connection.execute(text("SELECT pg_advisory_xact_lock(hashtextextended(:party, 7))"), {"party": party})


_duplicate = select(journal.c.id).where(journal.c.identity.in_(bindparam("identities", expanding=True))).order_by(journal.c.id).limit(1)
_referenced = (
    select(message.c.ticket).where(message.c.message_id.in_(bindparam("ids", expanding=True))).order_by(message.c.id.desc()).limit(10)
)
_part = ticket.alias()
_tickets = select(
    ticket.c.number,
    ticket.c.status,
    ticket.c.subject,
    ticket.c.requester,
    ticket.c.requester_name,
    ticket.c.answer_to,
    ticket.c.language,
    ticket.c.opened_at,
    ticket.c.verdict_due_at,
    ticket.c.closed_at,
    ticket.c.client_id,
    ticket.c.merged_into,
    or_(
        exists().where(participant.c.ticket == ticket.c.number, participant.c.addr == bindparam("sender", type_=String)),
        # Whoever belonged to a ticket that was merged into this one.
        exists().where(
            message.c.ticket == ticket.c.number,
            _part.c.number == message.c.from_ticket,
            _part.c.merged_into.is_not(None),
            participant.c.ticket == _part.c.number,
            participant.c.addr == bindparam("sender", type_=String),
        ),
    ).label("takes_part"),
    select(func.count())
    .where(outbox.c.ticket == ticket.c.number, outbox.c.automatic, outbox.c.created_at > bindparam("day_ago"))
    .scalar_subquery()
    .label("automatic_today"),
).where(ticket.c.number.in_(bindparam("numbers", expanding=True)))
# `+ 0` leaves (words, party) as the only index that serves: SQLite would take (party, at), and read all of the client's in the window.
_same_words = (
    select(message.c.ticket, message.c.at)
    .where(
        message.c.words == bindparam("words"),
        message.c.party == bindparam("party"),
        message.c.at + literal_column("0") >= bindparam("since", type_=UtcDateTime),
        message.c.at + literal_column("0") <= bindparam("until", type_=UtcDateTime),
    )
    .order_by(message.c.id.desc())
    .limit(1)
)
_attachments = (
    select(message.c.ticket, attachment.c.sha256)
    .join(message, message.c.id == attachment.c.message_id)
    .where(message.c.ticket.in_(bindparam("numbers", expanding=True)))
)
# Of more than this many messages of one client in the window the older ones are not looked at: the cost of a message stays bounded.
_newest = (
    select(message.c.id, message.c.ticket, message.c.at)
    .where(
        message.c.party == bindparam("party"),
        message.c.at >= bindparam("since"),
        message.c.at <= bindparam("until"),
        message.c.sketch.is_not(None),
    )
    .order_by(message.c.at.desc(), message.c.id.desc())
    .limit(2 * CANDIDATES)
    .subquery()
)
_closed = ticket.c.closed_at.is_not(None)
_chosen = (
    select(_newest.c.id, _newest.c.at, _closed.label("closed"))
    .join(ticket, ticket.c.number == _newest.c.ticket)
    .order_by(_closed, _newest.c.at.desc())
    .limit(CANDIDATES)
    .subquery()
)
# The sketches are read last: they would be sorted with the rest.
_candidates = (
    select(message.c.id, message.c.ticket, message.c.sketch)
    .join(_chosen, _chosen.c.id == message.c.id)
    .order_by(_chosen.c.closed, _chosen.c.at.desc())
)
_texts = select(message.c.id, message.c.at, message.c.from_addr, message.c.text, message.c.links).where(
    message.c.id.in_(bindparam("ids", expanding=True))
)
# What the sender wrote of late: requests and repeats by their party, and all that stands on the tickets that the message names.
_of_party = select(message.c.id).where(message.c.party == bindparam("party"), message.c.at >= bindparam("week_ago", type_=UtcDateTime))
_of_tickets = select(message.c.id).where(message.c.ticket.in_(bindparam("numbers", expanding=True)))
_lately = (
    select(message.c.id, message.c.text)
    .where(
        or_(
            message.c.id.in_(select(_of_party.order_by(message.c.at.desc()).limit(WROTE_LATELY).subquery().c.id)),
            message.c.id.in_(select(_of_tickets.order_by(message.c.id.desc()).limit(WROTE_LATELY).subquery().c.id)),
        ),
        message.c.direction == "in",
        message.c.from_addr == bindparam("sender", type_=String),
        message.c.at >= bindparam("week_ago", type_=UtcDateTime),
    )
    .order_by(message.c.id.desc())
    .limit(WROTE_LATELY)
)
# What a server returns of our own mails differs each time and tells nothing apart.
_files_brought = select(attachment.c.message_id, attachment.c.sha256).where(
    attachment.c.message_id.in_(bindparam("ids", expanding=True)), ~attachment.c.content_type.startswith("message/", autoescape=True)
)
_learned = select(learned.c.octets).where(learned.c.name == "repeat")
_hour = select(outbox.c.id).where(outbox.c.automatic, outbox.c.created_at > bindparam("hour_ago"))
_manners = select(
    # Counting stops at the limit: a thousand answers within the hour must not make the next one slower.
    select(func.count())
    .select_from(_hour.where(outbox.c.to_addr == bindparam("addr")).limit(bindparam("most_address")).subquery())
    .scalar_subquery(),
    select(func.count()).select_from(_hour.limit(bindparam("most_total")).subquery()).scalar_subquery(),
    exists().where(undeliverable.c.addr == bindparam("addr"), undeliverable.c.until > bindparam("now")),
)


@dataclass(frozen=True, slots=True)
class Manners:
    """How many automatic answers an address had in the last hour, and all together; `full`: no more may go; `dead`: it does not deliver."""

    to_address: int
    total: int
    full: bool
    dead: bool


def manners_of(connection: Connection, addr: str, limits: Limits, now: datetime) -> Manners:
    """What the limits of automatic answers need to know of an address."""
    to_address, total, dead = connection.execute(
        _manners,
        {
            "addr": addr.lower(),
            "hour_ago": now - timedelta(hours=1),
            "now": now,
            "most_address": limits.per_address_per_hour,
            "most_total": limits.total_per_hour,
        },
    ).one()
    full = to_address >= limits.per_address_per_hour or total >= limits.total_per_hour
    return Manners(to_address, total, full, bool(dead))


@dataclass(frozen=True, slots=True)
class Sought:
    """What one message asks of the database. `identities`: its own first; who has any of them is the same message.

    `bounced`: the ticket, or the offer, whose mail came back, if it is a report.
    """

    sender: str
    client_id: int | None
    identities: tuple[str, ...]
    threads: Threads
    words: str | None
    sketch: bytes | None
    files: tuple[Attachment, ...]
    text: str
    answer_to: str
    bounced: int | None
    bounced_offer: int | None
    imported: bool


def facts_for(connection: Connection, sought: Sought, policy: Policy, now: datetime) -> Facts:
    """Fetch the facts of one message, inside the transaction that will act on them."""
    duplicate_of = connection.scalar(_duplicate, {"identities": list(sought.identities)})
    if duplicate_of is not None:
        return Facts(duplicate_of=duplicate_of)
    referenced: tuple[int, ...] = ()
    if sought.threads.references:
        referenced = tuple(dict.fromkeys(connection.scalars(_referenced, {"ids": list(sought.threads.references)})))
    numbers = (
        {key.number for key in sought.threads.signed}
        | set(referenced)
        | set(sought.threads.tags)
        | ({sought.bounced} if sought.bounced else set())
    )
    party = {"party": party_of(sought.client_id, sought.sender), "since": now - timedelta(days=policy.repeat_window_days), "until": now}
    found = connection.execute(_same_words, {"words": sought.words, **party}).first() if sought.words else None
    named = load_tickets(connection, sought.sender, sought.client_id, numbers | ({found.ticket} if found else set()), now)
    same_words = None
    if found and (held := named.get(found.ticket)):
        same_words = replace(held, attachments=_files_of(connection, {found.ticket})[found.ticket], since_same_words=found.at)
    offers: tuple[OfferFacts, ...] = ()
    ids = {*sought.threads.offers, *([sought.bounced_offer] if sought.bounced_offer else [])}
    if sought.threads.parents or ids:
        offers = offers_answered(connection, ids, sought.threads.parents)
    earlier: tuple[Earlier, ...] = ()
    context = None
    told = same_words is not None and same_words.closed_at is None and not sought.files
    if sought.sketch and not told and not any(one.sender_belongs and one.closed_at is None for one in named.values()):
        earlier, context = _earlier(connection, sought, party, now, 0.0 if policy.suggest_repeats else ALIKE)
    manners = manners_of(connection, sought.answer_to, policy.limits, now)
    same, alike = _again(connection, sought, numbers, now)
    return Facts(
        imported=sought.imported,
        client=load_client(connection, sought.client_id, now, policy.timezone, policy.money) if sought.client_id is not None else None,
        named=named,
        referenced=referenced,
        same_words=same_words,
        earlier=earlier,
        context=context,
        offers=offers,
        learned=learned_repeats(connection),
        same=same,
        alike=alike,
        automatic_to_address_last_hour=manners.to_address,
        automatic_last_hour=manners.total,
        not_delivering=manners.dead,
    )


def _again(connection: Connection, sought: Sought, numbers: set[int], now: datetime) -> tuple[int, int]:
    """How often the sender has written the same words with the same files within the last week, and the same but for numbers."""
    if not sought.sender or sought.imported:
        return 0, 0
    lately = {"party": party_of(sought.client_id, sought.sender), "sender": sought.sender, "week_ago": now - timedelta(days=7)}
    rows = connection.execute(_lately, lately | {"numbers": list(numbers)}).all()
    alike = _saying(bare_words(sought.text, numbers=False), rows, numbers=False) if len(rows) >= AGAIN else []
    if len(alike) < AGAIN:  # nearly every mail ends here
        return 0, 0
    brought: dict[int, set[str]] = {row.id: set() for row in alike}
    for row in connection.execute(_files_brought, {"ids": list(brought)}):
        brought[row.message_id].add(row.sha256)
    files = {one.sha256 for one in sought.files if not one.content_type.startswith("message/")}
    alike = [row for row in alike if brought[row.id] == files]
    return len(_saying(bare_words(sought.text), alike, numbers=True)), len(alike)


def _saying(words: str, rows: Iterable[Any], numbers: bool) -> list[Any]:
    """Those rows of messages whose words are these."""
    return [row for row in rows if bare_words(row.text, numbers) == words]


def _files_of(connection: Connection, numbers: set[int]) -> Mapping[int, frozenset[str]]:
    """The digests of the attachments of tickets."""
    held: dict[int, set[str]] = {number: set() for number in numbers}
    for row in connection.execute(_attachments, {"numbers": list(numbers)}):
        held[row.ticket].add(row.sha256)
    return {number: frozenset(digests) for number, digests in held.items()}


def _earlier(
    connection: Connection, sought: Sought, party: Mapping[str, Any], now: datetime, least: float
) -> tuple[tuple[Earlier, ...], Context | None]:
    """The client's messages that resemble the new one, and how common its words are: sketches of many, texts of few.

    `least`: the overlap from which on a message is of interest, 0 to 1.
    """
    candidates = connection.execute(_candidates, party).all()
    found = nearest(sought.sketch or b"", [row.sketch for row in candidates])
    overlaps = {candidates[index].id: overlap for index, overlap in found.found if overlap >= least}
    if not overlaps:
        return (), None
    of_message = {row.id: row.ticket for row in candidates if row.id in overlaps}
    numbers = set(of_message.values())
    tickets = load_tickets(connection, sought.sender, sought.client_id, numbers, now)
    files = _files_of(connection, numbers) if sought.files else {}
    texts = {row.id: row for row in connection.execute(_texts, {"ids": list(overlaps)})}
    return tuple(
        Earlier(
            ticket=tickets[of_message[one]],
            at=texts[one].at,
            sender=texts[one].from_addr,
            text=texts[one].text,
            overlap=overlap,
            links=unpack_links(texts[one].links),
            files=files.get(of_message[one], frozenset()),
        )
        for one, overlap in overlaps.items()
    ), found.context


def pack_links(links: frozenset[int]) -> bytes | None:
    """Hashes of links as the database keeps them."""
    return struct.pack(f"<{len(links)}I", *sorted(links)) if links else None


def unpack_links(packed: bytes | None) -> frozenset[int]:
    """The same read back."""
    return frozenset(struct.unpack(f"<{len(packed) // 4}I", packed)) if packed else frozenset()


def learned_repeats(connection: Connection) -> Learned:
    """What operators' answers to suggestions have taught."""
    octets = connection.scalar(_learned)
    try:
        return Learned(**json.loads(octets)) if octets else UNTAUGHT
    except (TypeError, ValueError):  # of another version: learned anew with the next answer
        return UNTAUGHT


def load_tickets(connection: Connection, sender: str, client_id: int | None, numbers: set[int], now: datetime) -> dict[int, TicketFacts]:
    """The tickets of these numbers that exist, as they look to this sender; one that was merged is the one it was merged into.

    Both are of one client or requester, and who took part in the one takes part in the other.
    """
    rows: dict[int, Row[Any]] = {}
    asked: set[int] = set()
    while fresh := numbers - asked:
        found = connection.execute(_tickets, {"numbers": list(fresh), "sender": sender, "day_ago": now - timedelta(days=1)})
        rows |= {row.number: row for row in found}
        asked |= fresh
        numbers = {row.merged_into for row in rows.values() if row.merged_into is not None}
    return {number: _facts_of(_end(rows, number), sender, client_id) for number in rows}


def _end(rows: Mapping[int, Row[Any]], number: int) -> Row[Any]:
    """The ticket that is worked on: the one it was merged into, the one that that one was merged into, and so on."""
    passed = {number}
    while (into := rows[number].merged_into) in rows and into not in passed:
        passed.add(into)
        number = into
    return rows[number]


def _facts_of(row: Row[Any], sender: str, client_id: int | None) -> TicketFacts:
    return TicketFacts(
        row.number,
        row.status,
        row.subject,
        row.requester,
        row.requester_name,
        row.answer_to,
        row.language,
        row.opened_at,
        row.verdict_due_at,
        row.closed_at,
        sender_belongs=bool(sender)
        and (row.takes_part or row.requester == sender or (client_id is not None and row.client_id == client_id)),
        automatic_today=row.automatic_today,
    )
