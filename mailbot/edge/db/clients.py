"""Clients: organisations with contacts, domains and a contract."""

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, bindparam, delete, exists, func, insert, or_, select, update

from mailbot.core.desk.facts import Client
from mailbot.core.desk.policy import Money
from mailbot.core.money.price import month_starts
from mailbot.core.money.statement import APART, Terms, included_used
from mailbot.edge.db.billing import entries_of
from mailbot.edge.db.tables import client, contact, contract_before, courtesy, domain, insert_or_ignore, offer, ticket, work
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
        _keep_contract(connection, client_id, values, now)
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
    _adopt(connection, client_id, record)
    return is_new


def _keep_contract(connection: Connection, client_id: int, new: Mapping[str, Any], now: datetime) -> None:
    """A contract that ends is kept: acts of its months are made by it. Another fee without another `since` is a correction."""
    columns = ("contract", "since", "fee", "included_minutes", "rate")
    old = connection.execute(select(client).where(client.c.id == client_id)).mappings().one()
    if old["contract"] != new["contract"] or old["since"] != new["since"]:
        until = new["since"] if new["since"] and new["since"] != old["since"] else now.date()
        values = {"client_id": client_id, "until": until} | {name: old[name] for name in columns}
        connection.execute(insert_or_ignore(connection, contract_before), values)  # of several changes in a day the first one's


def _adopt(connection: Connection, client_id: int, record: ClientRecord) -> None:
    """Tickets of nobody that these contacts and domains opened before they were a client's are the client's now, with the work on them."""
    theirs = [func.lower(ticket.c.requester).in_({addr.lower() for addr in record.contacts})]
    theirs += [func.lower(ticket.c.requester).like(f"%@{name.lower()}") for name in record.domains]
    if not theirs:
        return
    mine = select(ticket.c.number).where(ticket.c.client_id.is_(None), or_(*theirs))
    numbers = list(connection.scalars(mine))
    for start in range(0, len(numbers), 500):
        some = numbers[start : start + 500]
        connection.execute(update(ticket).where(ticket.c.number.in_(some)).values(client_id=client_id))
        for table in (work, offer):
            connection.execute(update(table).where(table.c.ticket.in_(some), table.c.client_id.is_(None)).values(client_id=client_id))


def contract_of(connection: Connection, client_id: int) -> str | None:
    """monthly, hourly or none; None when there is no such client."""
    return connection.scalar(select(client.c.contract).where(client.c.id == client_id))


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


_client_row = select(client, exists().where(courtesy.c.client_id == client.c.id).label("courtesy_used")).where(
    client.c.id == bindparam("id")
)
_contract_then = (
    select(contract_before)
    .where(contract_before.c.client_id == bindparam("id"), contract_before.c.until > bindparam("day"))
    .order_by(contract_before.c.until)
    .limit(1)
)
_first_ticket = select(func.min(ticket.c.opened_at)).where(ticket.c.client_id == bindparam("id"))


def load_client(
    connection: Connection, client_id: int, now: datetime, timezone: ZoneInfo, money: Money, contract_of: date | None = None
) -> Client:
    """A client with its contract, courtesy and worked minutes: project work is no support, and is in none of them.

    `contract_of`: the day whose contract is asked for, today when not given.
    """
    row = connection.execute(_client_row, {"id": client_id}).one()
    today = now.astimezone(timezone).date()
    contract: Any = row
    if contract_of is not None or (row.since is not None and row.since > today):
        contract = connection.execute(_contract_then, {"id": client_id, "day": contract_of or today}).first() or row
    starts = month_starts(today, money.months)
    entries = [one for one in entries_of(connection, client_id, starts[0], date.max) if one.coverage != APART]
    first_ticket = connection.scalar(_first_ticket, {"id": client_id})
    first_day = min([today, *(one.day for one in entries), *([first_ticket.astimezone(timezone).date()] if first_ticket else [])])
    per_month = [
        sum(one.minutes for one in entries if start <= one.day < end) for start, end in itertools.pairwise(starts) if end > first_day
    ]
    rate = None if contract.rate is None else Decimal(contract.rate)
    terms = Terms(rate or money.hourly_rate, money.increment_minutes, money.rounds, decimals=money.decimals)
    return Client(
        id=row.id,
        name=row.name,
        language=row.language,
        client_class=row.client_class,
        handed_over=row.handed_over,
        contract=contract.contract,
        since=contract.since,
        fee=None if contract.fee is None else Decimal(contract.fee),
        included_minutes=contract.included_minutes,
        rate=rate,
        courtesy_used=row.courtesy_used,
        minutes_this_month=included_used((one for one in entries if one.day >= starts[-1]), terms),
        months=tuple(per_month),
    )
