"""The journal: every message that ever was in a mailbox, one row each, and what became of it."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

import zstandard
from sqlalchemy import Connection, RowMapping, and_, bindparam, func, insert, or_, select, update

from mailbot.edge.db.tables import journal, mailbox
from mailbot.errors import PermanentError

INLINE_OCTETS = 256 * 1024  # larger messages live in the blob store
ATTEMPTS = 3
GONE = b""  # stands for octets that were dropped: erased, or older than they are kept; no packed octets are empty
# One for all messages: making one costs more than using it. They are not for threads, and mailbot has one.
_compressor = zstandard.ZstdCompressor(level=3)
_decompressor = zstandard.ZstdDecompressor()


@dataclass(frozen=True, slots=True)
class Arrival:
    """A fetched message at its place. `is_large`: the blob store holds its octets, not the journal."""

    uidvalidity: int
    uid: str
    sha256: str
    size: int
    received_at: datetime
    octets: bytes
    is_large: bool = False


@dataclass(frozen=True, slots=True)
class Entry:
    """A journal row that waits for intake."""

    id: int
    sha256: str
    size: int
    received_at: datetime
    packed: bytes | None
    imported: bool
    attempts: int


def pack(octets: bytes) -> bytes:
    """Octets as they are stored in the database."""
    return _compressor.compress(octets)


def unpack(packed: bytes) -> bytes:
    """The octets that `pack` was given. Raises PermanentError when they are gone."""
    if packed == GONE:
        raise PermanentError("the octets are gone: they were erased, or are older than [storage] keep_octets_days")
    return _decompressor.decompress(packed)


_insert = insert(journal)


def write(connection: Connection, name: str, arrivals: Sequence[Arrival], now: datetime, imported: bool = False) -> int:
    """Write arrivals that are not in the journal yet and return how many those are.

    A message whose octets stand at a place of an older UIDVALIDITY is the same message at a new place (RFC 9051
    section 2.3.1.1): its row moves there. UNIQUE (mailbox, uidvalidity, uid) keeps two writers from writing one place twice.
    """
    uidvalidity = arrivals[0].uidvalidity if arrivals else 0
    before = known(connection, name, uidvalidity, (one.uid for one in arrivals))
    fresh = [one for one, is_known in zip(arrivals, before, strict=True) if not is_known]
    moved = _move_to_new_places(connection, name, fresh) if uidvalidity else set()
    rows: list[dict[str, Any]] = [
        {
            "mailbox": name,
            "uidvalidity": one.uidvalidity,
            "uid": one.uid,
            "sha256": one.sha256,
            "size": one.size,
            "received_at": min(one.received_at, now),
            "journalled_at": now,
            "octets": None if one.is_large else pack(one.octets),
            "imported": imported,
            "outcome": "pending",
            "because": [],
            "attempts": 0,
        }
        for one in fresh
        if one.uid not in moved
    ]
    if rows:
        connection.execute(_insert, rows)
    return len(rows)


def _move_to_new_places(connection: Connection, name: str, arrivals: Sequence[Arrival]) -> set[str]:
    """Give rows of an older UIDVALIDITY with the same octets their new place; return the UIDs that are settled by that."""
    if not arrivals:
        return set()
    older = connection.execute(
        select(journal.c.id, journal.c.sha256)
        .where(
            journal.c.mailbox == name,
            journal.c.uidvalidity.not_in([0, arrivals[0].uidvalidity]),
            journal.c.sha256.in_({one.sha256 for one in arrivals}),
        )
        .order_by(journal.c.id)
    ).all()
    waiting: dict[str, list[int]] = {}
    for row in older:
        waiting.setdefault(row.sha256, []).append(row.id)
    settled: set[str] = set()
    for one in arrivals:
        if ids := waiting.get(one.sha256):
            connection.execute(update(journal).where(journal.c.id == ids.pop(0)).values(uidvalidity=one.uidvalidity, uid=one.uid))
            settled.add(one.uid)
    return settled


def cursor(connection: Connection, name: str) -> tuple[int, int]:
    """The mailbox's (UIDVALIDITY, highest UID up to which all is journalled); (0, 0) for a new one."""
    row = connection.execute(select(mailbox.c.uidvalidity, mailbox.c.cursor).where(mailbox.c.name == name)).first()
    return (row.uidvalidity, row.cursor) if row else (0, 0)


def set_cursor(connection: Connection, name: str, uidvalidity: int, uid: int) -> None:
    """Remember how far the mailbox is journalled."""
    if connection.execute(update(mailbox).where(mailbox.c.name == name).values(uidvalidity=uidvalidity, cursor=uid)).rowcount == 0:
        connection.execute(insert(mailbox).values(name=name, uidvalidity=uidvalidity, cursor=uid))


_known = select(journal.c.uid).where(
    journal.c.mailbox == bindparam("name"),
    journal.c.uidvalidity == bindparam("uidvalidity"),
    journal.c.uid.in_(bindparam("uids", expanding=True)),
)


def known(connection: Connection, name: str, uidvalidity: int, uids: Iterable[int | str]) -> Iterator[bool]:
    """For each of the UIDs whether the journal has it of this mailbox under this UIDVALIDITY; a few of many are held at a time."""
    waiting = map(str, uids)
    while chunk := list(islice(waiting, 500)):
        found = set(connection.scalars(_known, {"name": name, "uidvalidity": uidvalidity, "uids": chunk}))
        yield from (uid in found for uid in chunk)


_columns = [getattr(journal.c, name) for name in ("id", "sha256", "size", "received_at", "octets", "imported", "attempts")]
_claim = (
    select(*_columns)
    .where(
        journal.c.outcome == "pending",
        or_(journal.c.next_attempt_at.is_(None), journal.c.next_attempt_at <= bindparam("now")),
    )
    .order_by(journal.c.id)
    .limit(bindparam("most"))
    .with_for_update(skip_locked=True)
)


def claim(connection: Connection, now: datetime, most: int) -> list[Entry]:
    """Rows that wait and are due by `now`, oldest first, for this transaction alone."""
    return [Entry(*row) for row in connection.execute(_claim, {"now": now, "most": most})]


def entry_of(connection: Connection, entry_id: int) -> Entry | None:
    """That row, whatever became of it; None when there is none."""
    row = connection.execute(select(*_columns).where(journal.c.id == entry_id)).first()
    return Entry(*row) if row else None


def claim_one(connection: Connection, entry_id: int) -> Entry | None:
    """That row, if it still waits and no other transaction has it."""
    row = connection.execute(
        select(*_columns).where(journal.c.id == entry_id, journal.c.outcome == "pending").with_for_update(skip_locked=True)
    ).first()
    return Entry(*row) if row else None


_settle = (
    update(journal)
    .where(journal.c.id == bindparam("row_id"))
    .values({name: bindparam(f"to_{name}") for name in ("message_id", "identity", "outcome", "ticket", "because", "decided_at")})
)


def settle(connection: Connection, entry_id: int, **values: Any) -> None:
    """Write what became of a row: message_id, identity, outcome, ticket, because, decided_at."""
    connection.execute(_settle, {"row_id": entry_id, **{f"to_{name}": value for name, value in values.items()}})


def failed(connection: Connection, entry: Entry, reason: str, now: datetime) -> bool:
    """Count a failed attempt; after `ATTEMPTS` the row is quarantined. Returns whether it is."""
    attempts = entry.attempts + 1
    values: dict[str, Any] = {
        "attempts": attempts,
        "because": [reason],
        "next_attempt_at": now + timedelta(seconds=10 * attempts),
    }
    if quarantined := attempts >= ATTEMPTS:
        values |= {"outcome": "quarantined", "decided_at": now}
    connection.execute(update(journal).where(journal.c.id == entry.id).values(values))
    return quarantined


def replay(connection: Connection, entry_id: int) -> bool:
    """Let a quarantined row be tried again from the beginning; False when no such row is quarantined."""
    changed = connection.execute(
        update(journal)
        .where(and_(journal.c.id == entry_id, journal.c.outcome == "quarantined"))
        .values(outcome="pending", attempts=0, next_attempt_at=None, decided_at=None)
    )
    return changed.rowcount == 1


def pending(connection: Connection) -> int:
    """How many rows wait for intake."""
    return connection.scalar(select(func.count()).where(journal.c.outcome == "pending")) or 0


def octets_of(connection: Connection, entry_id: int) -> tuple[bytes | None, str] | None:
    """(octets or None when the blob store has them, sha256) of a row; None when there is no such row.

    Raises PermanentError when the octets are gone.
    """
    row = connection.execute(select(journal.c.octets, journal.c.sha256).where(journal.c.id == entry_id)).first()
    if row is None:
        return None
    return opened(entry_id, row.octets), row.sha256


def opened(entry_id: int, packed: bytes | None) -> bytes | None:
    """The octets of a row, None when the blob store has them. Raises PermanentError, which names the row, when they are gone."""
    try:
        return None if packed is None else unpack(packed)
    except PermanentError as error:
        raise PermanentError(f"journal entry {entry_id}: {error}") from error


def outcomes(connection: Connection, since: datetime | None = None, until: datetime | None = None) -> dict[str, int]:
    """How many messages ended how, of those journalled in [since, until)."""
    query = select(journal.c.outcome, func.count()).group_by(journal.c.outcome)
    if since is not None:
        query = query.where(journal.c.journalled_at >= since)
    if until is not None:
        query = query.where(journal.c.journalled_at < until)
    return {row[0]: row[1] for row in connection.execute(query)}


_listed = select(
    journal.c.id,
    journal.c.mailbox,
    journal.c.uidvalidity,
    journal.c.uid,
    journal.c.message_id,
    journal.c.sha256,
    journal.c.size,
    journal.c.received_at,
    journal.c.outcome,
    journal.c.ticket,
    journal.c.because,
)


def listed(connection: Connection, outcome: str | None = None) -> list[dict[str, Any]]:
    """All rows, oldest first, in the shape of the contract."""
    query = _listed.order_by(journal.c.id)
    return [_shaped(row) for row in connection.execute(query.where(journal.c.outcome == outcome) if outcome else query).mappings()]


def one(connection: Connection, entry_id: int) -> dict[str, Any] | None:
    """That row in the shape of the contract, None when there is none."""
    row = connection.execute(_listed.where(journal.c.id == entry_id)).mappings().first()
    return _shaped(row) if row else None


def _shaped(row: RowMapping) -> dict[str, Any]:
    return {**row, "uid": int(row["uid"]) if row["uidvalidity"] else row["uid"]}
