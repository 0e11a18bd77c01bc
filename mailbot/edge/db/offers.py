"""Offers that wait for a client's answer, and what was answered."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from sqlalchemy import Connection, insert, update

from mailbot.core.desk.policy import Offers
from mailbot.edge.db.tables import new_id, offer

Kind = Literal["terms", "estimate", "proposal", "act"]


@dataclass(frozen=True, slots=True)
class NewOffer:
    """What is offered to whom. `version`: of the templates that give it words; `detail`: its figures, as JSON has them."""

    kind: Kind
    client_id: int | None
    to_addr: str
    language: str
    version: str
    detail: Mapping[str, Any]
    ticket: int | None = None
    act: int | None = None


def make(connection: Connection, new: NewOffer, now: datetime, reminded: Offers) -> int:
    """Write an offer and return its id; `sent_as` follows in the same transaction."""
    made = connection.execute(
        insert(offer).values(
            kind=new.kind,
            client_id=new.client_id,
            ticket=new.ticket,
            act=new.act,
            to_addr=new.to_addr,
            language=new.language,
            version=new.version,
            detail=dict(new.detail),
            sent_at=now,
            state="open",
            reminders=0,
            remind_at=now + timedelta(days=reminded.remind_after_days) if reminded.reminders else None,
        )
    )
    return new_id(made)


def sent_as(connection: Connection, offer_id: int, message_id: str) -> None:
    """The letter that makes the offer."""
    connection.execute(update(offer).where(offer.c.id == offer_id).values(message_id=message_id))
