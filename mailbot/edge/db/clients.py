"""Clients: organisations with contacts, domains and a contract."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, delete, func, insert, select, update

from mailbot.edge.db.tables import client, contact, domain, ticket
from mailbot.errors import PermanentError


@dataclass(frozen=True, slots=True)
class ClientRecord:
    """A client as the clients file describes it."""

    name: str
    domains: Sequence[str] = ()
    contacts: Sequence[str] = ()
    language: str | None = None
    client_class: str = "standard"
    handed_over: date | None = None
    contract: str = "none"
    since: date | None = None
    fee: Decimal | None = None
    included_minutes: int | None = None
    rate: Decimal | None = None
    legal: Mapping[str, str] | None = None


def save(connection: Connection, record: ClientRecord, now: datetime) -> bool:
    """Add a client, or update the one of that name; contacts and domains become the given ones. Returns whether it is new.

    Raises PermanentError when an address or a domain is another client's.
    """
    values = {
        "language": record.language,
        "client_class": record.client_class,
        "handed_over": record.handed_over,
        "contract": record.contract,
        "since": record.since,
        "fee": None if record.fee is None else str(record.fee),
        "included_minutes": record.included_minutes,
        "rate": None if record.rate is None else str(record.rate),
        "legal": dict(record.legal) if record.legal else None,
    }
    client_id = connection.scalar(select(client.c.id).where(client.c.name == record.name))
    is_new = client_id is None
    if client_id is None:
        client_id = connection.execute(insert(client).values(name=record.name, added_at=now, **values).returning(client.c.id)).scalar_one()
    else:
        connection.execute(update(client).where(client.c.id == client_id).values(values))
    for table, column, wanted in (
        (contact, contact.c.addr, record.contacts),
        (domain, domain.c.domain, record.domains),
    ):
        names = {name.lower() for name in wanted}
        taken = connection.execute(
            select(column, client.c.name)
            .join(client, client.c.id == table.c.client_id)
            .where(column.in_(names), table.c.client_id != client_id)
        ).first()
        if taken:
            raise PermanentError(f"client {record.name}: {taken[0]} belongs to {taken[1]} already")
        connection.execute(delete(table).where(table.c.client_id == client_id))
        if names:
            connection.execute(insert(table), [{column.name: name, "client_id": client_id} for name in sorted(names)])
    return is_new


def id_by_name(connection: Connection, name: str) -> int | None:
    """The client of that name, whatever its case."""
    # Compared here: SQLite's lower() knows ASCII only, and names are Cyrillic as well.
    rows = connection.execute(select(client.c.id, client.c.name))
    return next((client_id for client_id, found in rows if found.casefold() == name.casefold()), None)


def listed(connection: Connection) -> list[dict[str, Any]]:
    """All clients by name, with contacts, domains and how many tickets each has."""
    tickets = select(func.count()).where(ticket.c.client_id == client.c.id).scalar_subquery().label("tickets")
    rows = [dict(row) for row in connection.execute(select(client, tickets).order_by(client.c.name)).mappings()]
    for table, column, key in ((contact, contact.c.addr, "contacts"), (domain, domain.c.domain, "domains")):
        held: dict[int, list[str]] = {}
        for client_id, name in connection.execute(select(table.c.client_id, column).order_by(column)):
            held.setdefault(client_id, []).append(name)
        for row in rows:
            row[key] = held.get(row["id"], [])
    return rows
