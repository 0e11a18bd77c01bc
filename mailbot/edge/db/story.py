"""The story of a client, as people look at it: what he was told, offered and answered, what was given free, his acts."""

from typing import Any

from sqlalchemy import Connection, func, select

from mailbot.core.desk.parties import client_domain
from mailbot.edge.db.tables import act, client, consent, contact, courtesy, domain, message, offer, ticket


def story_of(connection: Connection, client_id: int) -> dict[str, Any]:
    """Everything about one client, in the shape that `client show --json` prints."""
    row = dict(connection.execute(select(client).where(client.c.id == client_id)).mappings().one())
    told = connection.execute(
        select(ticket.c.terms.label("version"), ticket.c.number.label("ticket"), ticket.c.terms_at.label("at"))
        .where(ticket.c.client_id == client_id, ticket.c.terms.is_not(None))
        .order_by(ticket.c.terms_at.desc())
        .limit(1)
    )
    used = select(courtesy.c.ticket, courtesy.c.at).where(courtesy.c.client_id == client_id)
    return row | {
        "contacts": list(connection.scalars(select(contact.c.addr).where(contact.c.client_id == client_id).order_by(contact.c.addr))),
        "domains": list(connection.scalars(select(domain.c.domain).where(domain.c.client_id == client_id).order_by(domain.c.domain))),
        "tickets": connection.scalar(select(func.count()).where(ticket.c.client_id == client_id)),
        "courtesy": _one(connection, used),
        "terms": next((dict(one) for one in told.mappings()), None),
        "offers": _offers(connection, client_id),
        "acts": [
            dict(one)
            for one in connection.execute(
                select(act.c.year, act.c.number, act.c.period, act.c.edition, act.c.total, act.c.made_at)
                .where(act.c.client_id == client_id)
                .order_by(act.c.id)
            ).mappings()
        ],
    }


def _one(connection: Connection, query: Any) -> dict[str, Any] | None:
    row = connection.execute(query).mappings().first()
    return dict(row) if row else None


def _offers(connection: Connection, client_id: int) -> list[dict[str, Any]]:
    rows = connection.execute(
        select(
            offer.c.id,
            offer.c.kind,
            offer.c.ticket,
            act.c.number.label("act"),
            offer.c.version,
            offer.c.detail,
            offer.c.to_addr.label("to"),
            offer.c.sent_at,
            offer.c.state,
            offer.c.settled_at,
            offer.c.reminders,
        )
        .outerjoin(act, act.c.id == offer.c.act)
        .where(offer.c.client_id == client_id)
        .order_by(offer.c.id)
    )
    found = [dict(row) | {"answers": []} for row in rows.mappings()]
    by_id = {one["id"]: one for one in found}
    said = connection.execute(
        select(
            consent.c.offer,
            consent.c.verdict,
            consent.c.who,
            consent.c.at,
            consent.c.journal_id.label("journal"),
            consent.c.sha256,
            consent.c.authenticated,
            consent.c.words,
        )
        .where(consent.c.offer.in_(by_id))
        .order_by(consent.c.id)
    )
    for row in said.mappings():
        answer = dict(row)
        by_id[answer.pop("offer")]["answers"].append(answer)
    return found


def contact_of(connection: Connection, client_id: int) -> str | None:
    """To whom a letter about the client's contract goes: the address of his that wrote last, else the first contact of the alphabet."""
    from mailbot.core.mail.screen.silence import read_by_nobody  # screening's patterns are no burden for who only looks

    contacts = set(connection.scalars(select(contact.c.addr).where(contact.c.client_id == client_id)))
    domains = set(connection.scalars(select(domain.c.domain).where(domain.c.client_id == client_id)))
    wrote = connection.scalars(
        select(func.lower(message.c.from_addr))
        .join(ticket, ticket.c.number == message.c.ticket)
        .where(ticket.c.client_id == client_id, message.c.direction == "in")
        .where(message.c.kind.in_(("request", "follow-up", "repeat")))
        .group_by(func.lower(message.c.from_addr))
        .order_by(func.max(message.c.at).desc())
    )
    theirs = (addr for addr in wrote if addr in contacts or client_domain(addr) in domains)
    return next((addr for addr in theirs if not read_by_nobody(addr)), min(contacts, default=None))


def language_of(connection: Connection, client_id: int) -> str | None:
    """In which language a client is written to: his own, else that of his newest ticket; None when nothing is known."""
    own = connection.scalar(select(client.c.language).where(client.c.id == client_id))
    spoken = select(ticket.c.language).where(ticket.c.client_id == client_id).order_by(ticket.c.number.desc()).limit(1)
    return own or connection.scalar(spoken)
