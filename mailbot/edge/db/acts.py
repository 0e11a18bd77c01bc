"""Acts: numbered within their year without gaps, and never changed once they are made."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, insert, select

from mailbot.core.desk.policy import Legal
from mailbot.core.money.act import Act, act_from_json
from mailbot.edge.db.journal import pack, unpack
from mailbot.edge.db.tables import act, client, new_id


@dataclass(frozen=True, slots=True)
class Kept:
    """An act and its documents as they are kept. `edition`: 1, and one more with each correction; `pdf`: None when no PDF was made."""

    client_id: int
    edition: int
    act: Act
    html: str
    pdf: bytes | None


@dataclass(frozen=True, slots=True)
class Made(Kept):
    """One that stands in the database."""

    id: int


def newest(connection: Connection, client_id: int, period: str) -> Made | None:
    """A client's last act of a period."""
    row = connection.execute(
        select(act.c.id, act.c.edition, act.c.content, act.c.html, act.c.pdf)
        .where(act.c.client_id == client_id, act.c.period == period)
        .order_by(act.c.edition.desc())
        .limit(1)
    ).first()
    return None if row is None else Made(client_id, row.edition, act_from_json(row.content), unpack(row.html).decode(), row.pdf, row.id)


def billed_by(connection: Connection, client_id: int, period: str) -> tuple[int, int] | None:
    """(number, year) of a client's last act of a period, None when there is none."""
    made = select(act.c.number, act.c.year).where(act.c.client_id == client_id, act.c.period == period).order_by(act.c.edition.desc())
    row = connection.execute(made.limit(1)).first()
    return (row.number, row.year) if row else None


def next_number(connection: Connection, year: int) -> int:
    """The number of the year's next act; only under `lock`, and given away only if this transaction commits."""
    return (connection.scalar(select(func.max(act.c.number)).where(act.c.year == year)) or 0) + 1


def add(connection: Connection, new: Kept, now: datetime, who: str) -> int:
    """Keep an act and return its id."""
    kept = connection.execute(
        insert(act).values(
            year=new.act.day.year,
            number=new.act.number,
            client_id=new.client_id,
            period=new.act.period,
            edition=new.edition,
            total=str(new.act.total),
            content=new.act.as_json(),
            html=pack(new.html.encode()),
            pdf=new.pdf,
            made_at=now,
            made_by=who[:320],
        )
    )
    return new_id(kept)


def customer(connection: Connection, client_id: int) -> Legal:
    """A client's legal details; its name stands for what is not known of the legal one."""
    row = connection.execute(select(client.c.name, client.c.legal).where(client.c.id == client_id)).one()
    details: Mapping[str, Any] = row.legal or {}
    return Legal(**{**details, "name": details.get("name") or row.name})
