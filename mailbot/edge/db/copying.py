"""A copy of the whole database as it is at one moment, and back. Writers go on meanwhile."""

import os
import shutil
import subprocess  # nosec B404 -- PostgreSQL's own programs
from pathlib import Path
from sqlite3 import Error as SqliteError

from sqlalchemy import Connection, inspect, select, text

from mailbot.edge.db.database import Database
from mailbot.edge.db.tables import journal
from mailbot.errors import PermanentError


def dump(database: Database, target: Path) -> list[str]:
    """Copy the database into a new file and return the digests that it wants from the blob store. Raises PermanentError."""
    if not database.is_sqlite:
        return _pg_dump(database, target)
    connection = database.engine.raw_connection()
    try:
        # One reading transaction: in WAL mode nobody waits for it. What was deleted is not in the copy, as it is with the backup API.
        connection.cursor().execute("VACUUM INTO ?", (str(target),))
    except SqliteError as error:
        raise PermanentError(f"{database.place}: cannot be copied to {target.parent}: {error}") from error
    finally:
        connection.close()
    copy = Database(f"sqlite:///{target}")
    try:
        with copy.reading() as transaction:
            return _in_blobs(transaction)
    finally:
        copy.close()
        for name in ("-wal", "-shm"):
            target.with_name(target.name + name).unlink(missing_ok=True)


def _in_blobs(connection: Connection) -> list[str]:
    return list(connection.scalars(select(journal.c.sha256).where(journal.c.octets.is_(None)).distinct().order_by(journal.c.sha256)))


def _pg_dump(database: Database, target: Path) -> list[str]:
    with database.engine.connect().execution_options(isolation_level="REPEATABLE READ") as connection:
        snapshot = connection.scalar(text("SELECT pg_export_snapshot()"))
        _client_program(database, "pg_dump", "--format=custom", f"--snapshot={snapshot}", "--no-owner", "--no-acl", f"--file={target}")
        return _in_blobs(connection)


def _client_program(database: Database, program: str, *words: str) -> None:
    found = shutil.which(program)
    if found is None:
        raise PermanentError(f"{program} is not installed; apt-get install postgresql-client")
    password = database.url.password or database.url.query.get("password")
    # The password goes by the environment: everybody may read a process's command line. (`set` keeps one that is set to None.)
    url = database.url.set(drivername="postgresql")._replace(password=None).difference_update_query(["password"])
    environment = os.environ | ({"PGPASSWORD": str(password)} if password else {})
    command = [found, *words, f"--dbname={url.render_as_string(hide_password=False)}"]
    ran = subprocess.run(command, capture_output=True, text=True, check=False, env=environment, stdin=subprocess.DEVNULL)  # nosec B603  # noqa: S603 -- see above
    if ran.returncode:
        said = ran.stderr.strip().split("\n")[0] or f"status {ran.returncode}"
        raise PermanentError(f"{database.place}: {said}")


def refuse_unless_empty(database: Database) -> None:
    """Raises PermanentError when a database has something in it already."""
    if database.is_sqlite:
        # SQLite would put a log that a crash has left into whatever database stands beside it (sqlite.org/howtocorrupt.html).
        for place in (f"{database.place}{ending}" for ending in ("", "-wal", "-journal")):
            if Path(place).exists():
                raise PermanentError(f"{place}: exists already; move it away, a backup is restored into an empty place")
        return
    with database.reading() as connection:
        if inspect(connection).get_table_names():
            raise PermanentError(f"{database.place}: has tables already; a backup is restored into an empty database")


def load(database: Database, source: Path, is_sqlite: bool) -> None:
    """Make the database of a copy. The file becomes the database, or is read into it. Raises PermanentError."""
    if is_sqlite != database.is_sqlite:
        kinds = {True: "SQLite", False: "PostgreSQL"}
        raise PermanentError(
            f"the backup is of {kinds[is_sqlite]}, and [database] url names {kinds[database.is_sqlite]}; let it name the same"
        )
    if not database.is_sqlite:
        _client_program(database, "pg_restore", "--exit-on-error", "--single-transaction", "--no-owner", "--no-acl", str(source))
        return
    target = Path(database.place)
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, target.with_name(f".{target.name}.restored"))
    target.with_name(f".{target.name}.restored").rename(target)
