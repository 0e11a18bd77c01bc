"""Trouble that lasts, since when, and whether operators have heard of it."""

from datetime import datetime

from sqlalchemy import Connection, delete, select, update

from mailbot.core.desk.alarms import Alarm, AlarmKind
from mailbot.edge.db.tables import alarm, insert_or_ignore

_COLUMNS = (alarm.c.kind, alarm.c.name, alarm.c.because, alarm.c.since)


def begin(connection: Connection, kind: AlarmKind, name: str, because: str, now: datetime, tell_at: datetime) -> None:
    """The trouble is there; it has lasted since it was first seen. `tell_at`: when operators hear of it if it is still there."""
    values = {"kind": kind, "name": name, "because": because, "since": now, "tell_at": tell_at}
    connection.execute(insert_or_ignore(connection, alarm), values)
    connection.execute(update(alarm).where(alarm.c.kind == kind, alarm.c.name == name).values(because=because))


def end(connection: Connection, kind: AlarmKind, name: str) -> Alarm | None:
    """The trouble is over. Returns it when operators had heard of it: they hear of this as well."""
    found = connection.execute(
        delete(alarm).where(alarm.c.kind == kind, alarm.c.name == name).returning(*_COLUMNS, alarm.c.told_at)
    ).first()
    return Alarm(*found[:4]) if found and found.told_at is not None else None


def standing(connection: Connection, kind: AlarmKind) -> set[str]:
    """Whose trouble of a kind lasts."""
    return set(connection.scalars(select(alarm.c.name).where(alarm.c.kind == kind)))


def lasting(connection: Connection) -> list[Alarm]:
    """All trouble that is there now, told or not, the oldest first."""
    return [Alarm(*tuple(row)) for row in connection.execute(select(*_COLUMNS).order_by(alarm.c.since))]


def due(connection: Connection, now: datetime) -> list[Alarm]:
    """What operators must hear of now."""
    found = connection.execute(select(*_COLUMNS).where(alarm.c.told_at.is_(None), alarm.c.tell_at <= now).order_by(alarm.c.since))
    return [Alarm(*tuple(row)) for row in found]


def tell(connection: Connection, one: Alarm, now: datetime) -> bool:
    """Operators hear of it now; False when another worker was faster, or it is over."""
    told = update(alarm).where(alarm.c.kind == one.kind, alarm.c.name == one.name, alarm.c.told_at.is_(None)).values(told_at=now)
    return connection.execute(told).rowcount == 1
