"""Clients as a weekly summary reads them."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal

from sqlalchemy import Connection, case, func, select

from mailbot.core.money.price import month_starts
from mailbot.core.money.statement import FREE, Entry
from mailbot.core.report.rows import Account, Activity
from mailbot.edge.db.span import ASKS, REPEATED, Span, within
from mailbot.edge.db.tables import client, message, ticket, work


def activity_of(connection: Connection, span: Span) -> list[Activity]:
    asked = select(ticket.c.client_id, func.count()).where(ASKS, within(ticket.c.opened_at, span.moments[-2:]))
    again = (
        select(ticket.c.client_id, func.count())
        .select_from(message)
        .join(ticket, ticket.c.number == message.c.ticket)
        .where(REPEATED, within(message.c.at, span.moments[-2:]))
    )
    free = func.sum(case((ticket.c.coverage.in_(FREE), work.c.minutes), else_=0))
    worked = select(work.c.client_id, func.sum(work.c.minutes), free).join(ticket, ticket.c.number == work.c.ticket)
    found: dict[int | None, Activity] = {}
    for query, names in (
        (asked.group_by(ticket.c.client_id), ("requests",)),
        (again.group_by(ticket.c.client_id), ("repeats",)),
        (worked.where(within(work.c.day, span.days[-2:])).group_by(work.c.client_id), ("minutes", "given_free")),
    ):
        for client_id, *numbers in connection.execute(query):
            values = {name: int(number) for name, number in zip(names, numbers, strict=True)}
            found[client_id] = replace(found.get(client_id, Activity(client_id)), **values)
    return list(found.values())


def accounts_of(connection: Connection, span: Span, ids: Sequence[int], months: int) -> dict[int, Account]:
    """Those clients and what was worked for them, all together."""
    if not ids:
        return {}
    first = min(month_starts(span.week.monday, months))
    entries: dict[int, list[Entry]] = {}
    worked = (
        select(work.c.client_id, work.c.ticket, ticket.c.subject, ticket.c.coverage, work.c.day, work.c.minutes)
        .join(ticket, ticket.c.number == work.c.ticket)
        .where(work.c.client_id.in_(ids), work.c.day >= first, work.c.day < span.days[-1])
        .order_by(work.c.id)
    )
    for client_id, *entry in connection.execute(worked):
        entries.setdefault(client_id, []).append(Entry(*entry))
    first_tickets = select(ticket.c.client_id, func.min(ticket.c.opened_at)).where(ticket.c.client_id.in_(ids)).group_by(ticket.c.client_id)
    opened: Mapping[int, datetime] = {row[0]: row[1] for row in connection.execute(first_tickets)}
    return {
        row.id: Account(
            name=row.name,
            client_class=row.client_class,
            contract=row.contract,
            fee=None if row.fee is None else Decimal(row.fee),
            included_minutes=row.included_minutes,
            rate=None if row.rate is None else Decimal(row.rate),
            first_ticket=opened[row.id].astimezone(span.timezone).date() if row.id in opened else None,
            entries=entries.get(row.id, []),
        )
        for row in connection.execute(select(client).where(client.c.id.in_(ids)))
    }
