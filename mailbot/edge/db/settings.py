"""Small facts that the installation remembers."""

from datetime import datetime

from sqlalchemy import Connection, select

from mailbot.edge.db.tables import insert_or_ignore, setting


def remember_installation(connection: Connection, now: datetime) -> None:
    """Write when mailbot was installed here; of several that start at once the first one's word stands."""
    connection.execute(insert_or_ignore(connection, setting), {"name": "installed_at", "value": now.isoformat()})


def installed_at(connection: Connection) -> datetime | None:
    """When mailbot was installed here."""
    found = connection.scalar(select(setting.c.value).where(setting.c.name == "installed_at"))
    return datetime.fromisoformat(found) if found else None
