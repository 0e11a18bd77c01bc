"""Small facts that the installation remembers."""

from datetime import datetime

from sqlalchemy import Connection, insert, select

from mailbot.edge.db.tables import setting


def remember_installation(connection: Connection, now: datetime) -> None:
    """Write when mailbot was installed here, the first time."""
    if installed_at(connection) is None:
        connection.execute(insert(setting).values(name="installed_at", value=now.isoformat()))


def installed_at(connection: Connection) -> datetime | None:
    """When mailbot was installed here."""
    found = connection.scalar(select(setting.c.value).where(setting.c.name == "installed_at"))
    return datetime.fromisoformat(found) if found else None
