"""Small facts that the installation remembers."""

from datetime import datetime

from sqlalchemy import Connection, select, update

from mailbot.edge.db.tables import insert_or_ignore, setting


def remember_installation(connection: Connection, now: datetime) -> None:
    """Write when mailbot was installed here; of several that start at once the first one's word stands."""
    connection.execute(insert_or_ignore(connection, setting), {"name": "installed_at", "value": now.isoformat()})


def installed_at(connection: Connection) -> datetime | None:
    """When mailbot was installed here."""
    return moment(connection, "installed_at")


def moment(connection: Connection, name: str) -> datetime | None:
    """A moment that is remembered under a name."""
    found = value(connection, name)
    return datetime.fromisoformat(found) if found else None


def value(connection: Connection, name: str) -> str | None:
    """What is remembered under a name."""
    found: str | None = connection.scalar(select(setting.c.value).where(setting.c.name == name))
    return found


def remember(connection: Connection, name: str, value: str) -> None:
    """Remember a value under a name, in place of the one before."""
    connection.execute(insert_or_ignore(connection, setting), {"name": name, "value": value})
    connection.execute(update(setting).where(setting.c.name == name).values(value=value))
