"""The engine, transactions and locks, on SQLite and PostgreSQL alike."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from hashlib import sha256
from pathlib import Path
from sqlite3 import OperationalError as SqliteError
from typing import IO, Literal

from sqlalchemy import Connection, Engine, create_engine, event, inspect, make_url, text
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError, OperationalError, SQLAlchemyError

from mailbot.edge.db.tables import HEAD
from mailbot.errors import ConfigError, TransientError

BUSY_SECONDS = 30
# The other side of a silent connection is known to be gone after 40 seconds, whether its machine lost power or its wire was cut: what
# libpq calls it, what the server calls it, and how much (seconds, and milliseconds at last).
NOTICED = (
    ("keepalives_idle", "tcp_keepalives_idle", 20),
    ("keepalives_interval", "tcp_keepalives_interval", 5),
    ("keepalives_count", "tcp_keepalives_count", 4),
    ("tcp_user_timeout", "tcp_user_timeout", 40_000),
)


class Database:
    """One database. `reading()` and `writing()` are transactions: leaving them without an error commits, with one rolls back."""

    def __init__(self, url: str) -> None:
        try:
            self.url = make_url(url)
        except (ArgumentError, ValueError) as error:
            raise ConfigError("database.url: cannot be read; write it like postgresql+psycopg://USER@HOST:PORT/NAME") from error
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        self.engine = _engine(url, self.is_sqlite)

    @property
    def place(self) -> str:
        """What people call this database: never with a password."""
        if self.is_sqlite:
            return self.url.database or ""
        return self.url.difference_update_query(["password"]).render_as_string(hide_password=True)

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A transaction that sees one state of the database and changes nothing."""
        with self._transaction(writes=False) as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """A transaction that writes. On SQLite it takes the write lock at once: a lock that is upgraded later can only fail."""
        with self._transaction(writes=True) as connection:
            yield connection

    @contextmanager
    def _transaction(self, writes: bool) -> Iterator[Connection]:
        try:
            with self.engine.connect().execution_options(mailbot_writes=writes) as connection, connection.begin():
                yield connection
        except DBAPIError as error:
            if transient := _transient(error, self.place):
                raise transient from error
            if "file is not a database" in str(error.orig):
                raise ConfigError(f"database {self.place}: is no SQLite database; name another file in [database] url") from error
            if error.statement is None:  # it was connecting: an option of the URL makes no sense
                raise ConfigError(f"database {self.place}: {_first_line(error)}; mend [database] url") from error
            raise

    @contextmanager
    def lock(self, name: str) -> Iterator[bool]:
        """Whether this process is the one that holds `name` (a mailbox, delivery); it holds it until the block ends or it dies."""
        if self.is_sqlite:
            with self._file_lock(name) as held:
                yield held
            return
        key = int.from_bytes(sha256(f"mailbot:{name}".encode()).digest()[:8], "big", signed=True)
        try:
            connection = self.engine.connect()
        except OperationalError as error:
            raise TransientError(f"database {self.place}: {_first_line(error)}; waiting for it") from error
        try:
            held = bool(
                connection.execution_options(isolation_level="AUTOCOMMIT").scalar(text("SELECT pg_try_advisory_lock(:key)"), {"key": key})
            )
            yield held
            _unlock(connection)
        except Exception:  # and not where mailbot is told to stop: the server may be what hangs
            _unlock(connection)
            raise
        finally:
            # The lock belongs to the server's session: closing for real lets it go even when the session is broken.
            connection.invalidate()
            connection.close()

    @contextmanager
    def _file_lock(self, name: str) -> Iterator[bool]:
        path = Path(f"{self.url.database}.{sha256(name.encode()).hexdigest()[:12]}.lock")
        try:
            handle: IO[str] = path.open("a")
        except OSError as error:
            raise TransientError(f"{path}: {error.strerror}; the database's folder must be writable") from error
        with handle:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                yield False
            else:
                yield True

    def wipe(self) -> bool:
        """Let nothing that was deleted or replaced stand in freed pages; False when somebody worked on it and some may.

        SQLite: the file is written anew, which nobody else may write to meanwhile. PostgreSQL: dead rows are given up.
        """
        connection = self.engine.raw_connection()
        try:
            cursor = connection.cursor()
            if not self.is_sqlite:
                connection.driver_connection.autocommit = True  # type: ignore[union-attr]
                cursor.execute("VACUUM")
                return True
            cursor.execute(f"PRAGMA busy_timeout={1000 * BUSY_SECONDS}")
            try:
                cursor.execute("VACUUM")
                cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")  # the log holds the pages as they were
            except SqliteError:  # locked, or no room for a second copy
                return False
            found = cursor.fetchone()
            return found is not None and not found[0]
        finally:
            connection.invalidate()
            connection.close()

    def revision(self) -> str | None:
        """The migration the database stands at, None for an empty one."""
        with self.reading() as connection:
            return revision_of(connection)

    def needs_upgrade(self) -> bool:
        """Whether the schema is older than the program's, or missing."""
        found = self.revision()
        return found is None or found < HEAD

    def check_schema(self) -> None:
        """Refuse to work on a schema that this program does not know. Raises ConfigError."""
        found = self.revision()
        if found == HEAD:
            return
        if found is None or found < HEAD:
            raise ConfigError(f"database {self.place}: schema {found or 'missing'}, needs {HEAD}; run `mailbot db upgrade`")
        raise ConfigError(f"database {self.place}: schema {found} is newer than this mailbot knows ({HEAD}); install a newer mailbot")

    def close(self) -> None:
        """Close all connections."""
        self.engine.dispose()


def revision_of(connection: Connection) -> str | None:
    """The migration that a connection's database stands at. Asked without Alembic: every command asks, and its import takes longer."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    found: str | None = connection.scalar(text("SELECT version_num FROM alembic_version"))
    return found


def _engine(url: str, is_sqlite: bool) -> Engine:
    try:
        if is_sqlite:
            return _sqlite_engine(url)
        return _postgresql_engine(url)
    except (ArgumentError, NoSuchModuleError) as error:
        raise ConfigError(f"database.url: {error}; write sqlite:///FILE or postgresql+psycopg://USER@HOST/NAME") from error
    except ModuleNotFoundError as error:
        raise ConfigError(f"database.url: {error.name} is not installed; install mailbot[postgresql]") from error


# An error goes into the log; what a mail says does not: both engines hide parameters.


def _postgresql_engine(url: str) -> Engine:
    given = make_url(url).query
    ours = {name: amount for name, _, amount in NOTICED if name not in given}
    engine = create_engine(url, pool_pre_ping=True, connect_args=ours, hide_parameters=True)

    @event.listens_for(engine, "connect")
    def prepare(connection, _record) -> None:  # type: ignore[no-untyped-def]
        # The server, too, must let go of what a machine held that is gone. By itself it asks after two hours.
        connection.autocommit = True  # else a rollback would take it back
        connection.execute("; ".join(f"SET {name} = {amount}" for _, name, amount in NOTICED))
        connection.autocommit = False

    return engine


def _sqlite_engine(url: str) -> Engine:
    engine = create_engine(url, connect_args={"timeout": BUSY_SECONDS}, hide_parameters=True)

    @event.listens_for(engine, "connect")
    def prepare(connection, _record) -> None:  # type: ignore[no-untyped-def]
        connection.isolation_level = None  # the driver must not begin transactions of its own; `begin` below does
        cursor = connection.cursor()
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "busy_timeout=250"):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        if not connection.get_execution_options().get("mailbot_writes"):
            connection.exec_driver_sql("BEGIN")  # in WAL mode a reader waits for nobody
            return
        for quarter in range(4 * BUSY_SECONDS):
            # `busy_timeout` is a quarter of a second: while SQLite itself waits, Python handles no SIGTERM.
            try:
                connection.exec_driver_sql("BEGIN IMMEDIATE")
            except OperationalError as error:
                if quarter == 4 * BUSY_SECONDS - 1 or "locked" not in str(error.orig):
                    raise
            else:
                return

    return engine


def take_turns(connection: Connection, what: Literal["acts", "blobs"]) -> None:
    """Let those who make acts, or who need or drop octets of the blob store, go one after the other, until the end of this transaction.

    SQLite's write lock does that already.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(hashtextextended(:what, 8))"), {"what": what})


def _unlock(connection: Connection) -> None:
    """Let go of a session's locks. The server would, too, but only when it has noticed that the session has ended."""
    with suppress(SQLAlchemyError):
        connection.execute(text("SELECT pg_advisory_unlock_all()"))


def _first_line(error: DBAPIError) -> str:
    return str(error.orig).strip().split("\n")[0]


def _transient(error: DBAPIError, place: str) -> TransientError | None:
    """The error as one that waiting may cure: locked, full, away. "No such table" is not one of them."""
    said = _first_line(error)
    waits = (
        "locked",
        "busy",
        "full",
        "readonly",
        "unable to open",
        "disk i/o",
        "connection",
        "server closed",
        "deadlock",
        "could not serialize",
        "terminating",
        "starting up",
        "No space left",
    )
    # PostgreSQL's codes: a server that takes no writes for now (moved, recovering, or told so), and one short of disk, memory or sessions.
    state = getattr(error.orig, "sqlstate", None) or ""
    named = isinstance(error, OperationalError) and any(word.lower() in said.lower() for word in waits)
    if error.connection_invalidated or named or state == "25006" or state.startswith("53"):
        return TransientError(f"database {place}: {said}; waiting for it")
    return None
