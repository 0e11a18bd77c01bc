"""Bring a database to the newest schema."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory

from mailbot.edge.db.database import Database, revision_of
from mailbot.edge.db.tables import HEAD
from mailbot.errors import ConfigError


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    return config


def head() -> str | None:
    """The newest migration that this program carries."""
    return ScriptDirectory.from_config(_config()).get_current_head()


def upgrade(database: Database) -> tuple[str | None, str]:
    """Apply what is missing, in one transaction, and return the revisions (before, after).

    Raises ConfigError for a schema newer than this program's.
    """
    with database.writing() as connection:
        config = _config()
        config.attributes["connection"] = connection
        found = revision_of(connection)
        if found is not None and found > HEAD:
            raise ConfigError(
                f"database {database.place}: schema {found} is newer than this mailbot knows ({HEAD}); install a newer mailbot"
            )
        command.upgrade(config, "head")
    return found, HEAD
