"""Offers that wait for a client's answer, and what was answered."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from sqlalchemy import Connection, bindparam, insert, or_, select, update

from mailbot.core.desk.case import Consent
from mailbot.core.desk.facts import OfferFacts, WaitingOffer
from mailbot.core.desk.policy import Offers
from mailbot.edge.db.tables import UtcDateTime, act, consent, new_id, offer, ticket

Kind = Literal["terms", "estimate", "proposal", "act"]


@dataclass(frozen=True, slots=True)
class NewOffer:
    """What is offered to whom. `version`: of the templates that give it words; `detail`: its figures, as JSON has them.

    `message_id`: of its letter; None when that has to name the offer: then `sent_as` follows in the same transaction.
    """

    kind: Kind
    client_id: int | None
    to_addr: str
    language: str
    version: str
    detail: Mapping[str, Any]
    ticket: int | None = None
    act: int | None = None
    message_id: str | None = None


_make = insert(offer)


def make(connection: Connection, new: NewOffer, now: datetime, reminded: Offers) -> int:
    """Write an offer and return its id."""
    made = connection.execute(
        _make,
        {
            "kind": new.kind,
            "client_id": new.client_id,
            "ticket": new.ticket,
            "act": new.act,
            "to_addr": new.to_addr,
            "language": new.language,
            "version": new.version,
            "detail": dict(new.detail),
            "message_id": new.message_id,
            "sent_at": now,
            "state": "open",
            "reminders": 0,
            "remind_at": now + timedelta(days=reminded.remind_after_days) if reminded.reminders else None,
        },
    )
    return new_id(made)


def sent_as(connection: Connection, offer_id: int, message_id: str) -> None:
    """The letter that makes the offer."""
    connection.execute(update(offer).where(offer.c.id == offer_id).values(message_id=message_id))


_answered = (
    select(
        offer.c.id,
        offer.c.kind,
        offer.c.ticket,
        offer.c.client_id,
        offer.c.to_addr,
        offer.c.version,
        offer.c.state,
        act.c.number,
        act.c.year,
    )
    .outerjoin(act, act.c.id == offer.c.act)
    .where(or_(offer.c.id.in_(bindparam("ids", expanding=True)), offer.c.message_id.in_(bindparam("letters", expanding=True))))
)


def answered(connection: Connection, ids: Collection[int], letters: Collection[str]) -> tuple[OfferFacts, ...]:
    """The offers of these ids, and those that were made by these letters (Message-IDs)."""
    rows = connection.execute(_answered, {"ids": list(ids), "letters": list(letters)})
    return tuple(OfferFacts(*tuple(row)) for row in rows)


def keep(connection: Connection, one: Consent, who: str, at: datetime, journal_id: int | None, sha256: str | None) -> bool:
    """Keep what was said of an offer; clear words settle it. Returns whether they did: a second answer settles nothing."""
    connection.execute(
        insert(consent).values(
            offer=one.offer.id,
            verdict=one.verdict,
            who=who,
            at=at,
            journal_id=journal_id,
            sha256=sha256,
            authenticated=one.authenticated[:200],
            words=one.words,
        )
    )
    if one.verdict == "unclear":  # an operator answers it: a reminder would say that nothing had come
        connection.execute(update(offer).where(offer.c.id == one.offer.id).values(remind_at=None))
        return False
    settled = settle(connection, one.offer.id, one.verdict, at)
    if settled and one.verdict == "agreed" and one.offer.kind in ("terms", "proposal") and one.offer.client_id is not None:
        # Who has agreed need not be asked for the same on each of his tickets.
        others = update(offer).where(offer.c.client_id == one.offer.client_id, offer.c.kind == "terms", offer.c.state == "open")
        connection.execute(others.values(state="withdrawn", settled_at=at, remind_at=None))
    return settled


def settle(connection: Connection, offer_id: int, state: str, at: datetime) -> bool:
    """An open offer is agreed, objected or withdrawn, and reminded of no more; False when it was no longer open."""
    settling = update(offer).where(offer.c.id == offer_id, offer.c.state == "open")
    return connection.execute(settling.values(state=state, settled_at=at, remind_at=None)).rowcount == 1


def withdraw_of_ticket(connection: Connection, number: int, at: datetime) -> None:
    """The open offers of a ticket no longer stand."""
    still = update(offer).where(offer.c.ticket == number, offer.c.state == "open")
    connection.execute(still.values(state="withdrawn", settled_at=at, remind_at=None))


def withdraw_of_act(connection: Connection, act_id: int, at: datetime) -> None:
    """Nobody is asked any more whether he agrees to an act that was corrected; what was answered stays."""
    still = update(offer).where(offer.c.act == act_id, offer.c.state == "open")
    connection.execute(still.values(state="withdrawn", settled_at=at, remind_at=None))


_waiting = (
    select(
        offer.c.id,
        offer.c.kind,
        offer.c.client_id,
        offer.c.ticket,
        offer.c.to_addr,
        offer.c.language,
        offer.c.detail,
        offer.c.message_id,
        offer.c.sent_at,
        offer.c.reminders,
        offer.c.remind_at,
        offer.c.ticket.is_(None) | ticket.c.closed_at.is_(None),
        act.c.number,
        act.c.year,
    )
    .outerjoin(ticket, ticket.c.number == offer.c.ticket)
    .outerjoin(act, act.c.id == offer.c.act)
    .where(offer.c.state == "open", offer.c.remind_at <= bindparam("now", type_=UtcDateTime))
    .order_by(offer.c.remind_at)
    .limit(bindparam("most"))
)


def waiting(connection: Connection, now: datetime, most: int) -> list[WaitingOffer]:
    """The offers of which a client is to be reminded now, the longest due first."""
    return [WaitingOffer(*tuple(row)) for row in connection.execute(_waiting, {"now": now, "most": most})]


def reminding(connection: Connection, one: WaitingOffer, following: datetime | None) -> bool:
    """Take the reminder that is due; the next is due at `following`. False when somebody was faster (the UPDATE decides, not a look)."""
    mine = update(offer).where(offer.c.id == one.id, offer.c.state == "open", offer.c.remind_at == one.remind_at)
    return connection.execute(mine.values(reminders=offer.c.reminders + 1, remind_at=following)).rowcount == 1


def postpone(connection: Connection, one: WaitingOffer, until: datetime) -> None:
    """The reminder that was due is due then."""
    still = update(offer).where(offer.c.id == one.id, offer.c.state == "open", offer.c.remind_at == one.remind_at)
    connection.execute(still.values(remind_at=until))


def remind_no_more_of_terms(connection: Connection, client_id: int) -> None:
    """A newer ticket offers the same terms: of those alone the client is reminded."""
    older = update(offer).where(offer.c.client_id == client_id, offer.c.kind == "terms", offer.c.state == "open")
    connection.execute(older.where(offer.c.remind_at.is_not(None)).values(remind_at=None))


def withdraw_proposals(connection: Connection, client_id: int, at: datetime) -> None:
    """The open prices that were proposed to a client no longer stand."""
    still = update(offer).where(offer.c.client_id == client_id, offer.c.kind == "proposal", offer.c.state == "open")
    connection.execute(still.values(state="withdrawn", settled_at=at, remind_at=None))
