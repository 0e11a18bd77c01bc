"""Backup and restore: database, large messages, secret and configuration as one file.

The database is copied first, as it is at one moment, then the large messages that this copy names: they are stored before the row
that names them is committed, so they are there.
"""

import json
import re
import shutil
import tempfile
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import IO, Any

from mailbot import __version__
from mailbot.desk import BlobStore
from mailbot.edge import archive
from mailbot.edge.db import copying
from mailbot.edge.db.database import Database
from mailbot.errors import PermanentError

_KINDS = {"database.sqlite": True, "database.pgdump": False}
_BLOB = re.compile(r"blobs/([0-9a-f]{64})")


@dataclass(frozen=True, slots=True)
class Place:
    """Where an installation keeps what a backup is of."""

    database: Database
    blobs: BlobStore
    secret: Path
    configuration: Path


@dataclass(frozen=True, slots=True)
class Backup:
    """What a backup holds: how many large messages, and how many more it should hold that were not there when it was made."""

    made_at: str
    blobs: int
    missing: int


def backup(place: Place, secret: str, target: Path, now: datetime) -> Backup:
    """Write a backup. Raises PermanentError when the file exists, or the database cannot be copied."""
    at, found = now.timestamp(), 0
    with archive.writing(target) as writer, tempfile.TemporaryDirectory(prefix=".mailbot-", dir=target.parent) as folder:
        name = "database.sqlite" if place.database.is_sqlite else "database.pgdump"
        digests = copying.dump(place.database, Path(folder) / name)
        made = {"mailbot": __version__, "made_at": now.isoformat(), "database": name, "blobs": len(digests)}
        writer.add("backup.json", json.dumps(made).encode(), at)
        # Replies to signed addresses of before are known only with the same secret.
        writer.add("secret", f"{secret}\n".encode(), at)
        writer.add("mailbot.toml", place.configuration.read_bytes(), at)
        writer.add_file(name, Path(folder) / name, at)
        for digest in digests:
            with suppress(PermanentError):  # erased or dropped meanwhile, or lost: the rest is worth a backup all the more
                writer.add(f"blobs/{digest}", place.blobs.get(digest), at)
                found += 1
    return Backup(now.isoformat(), found, len(digests) - found)


def restore(place: Place, source: Path) -> Backup:
    """Make an installation of a backup, where there is none. Raises PermanentError, before anything is written, when something is there."""
    copying.refuse_unless_empty(place.database)
    if any(place.blobs.older_than(datetime.max.replace(tzinfo=UTC))):
        raise PermanentError("the store of large messages is not empty; move it away, a backup is restored into an empty place")
    with tempfile.TemporaryDirectory(prefix="mailbot-") as folder:
        unpacking = _Unpacking(place, source, Path(folder))
        archive.read(source, unpacking.take)
        if unpacking.dump is None:
            raise PermanentError(f"{source}: is no backup of mailbot, or is cut off")
        copying.load(place.database, unpacking.dump, _KINDS[unpacking.dump.name])  # last: what is there now is whole
    return Backup(unpacking.made["made_at"], unpacking.blobs, unpacking.made["blobs"] - unpacking.blobs)


@dataclass(slots=True)
class _Unpacking:
    """How far a backup is read; `dump`: the copy of the database."""

    place: Place
    source: Path
    folder: Path
    made: dict[str, Any] = field(default_factory=dict)
    dump: Path | None = None
    blobs: int = 0

    def take(self, name: str, content: IO[bytes]) -> None:
        if not self.made:
            if name != "backup.json":
                raise PermanentError(f"{self.source}: is no backup of mailbot")
            self.made = json.loads(content.read())
        elif name == "secret":
            _restore_secret(self.place.secret, content.read())
        elif name in _KINDS:
            self.dump = self.folder / name
            with self.dump.open("wb") as file:
                shutil.copyfileobj(content, file)
        elif match := _BLOB.fullmatch(name):
            octets = content.read()
            if sha256(octets).hexdigest() != match[1]:
                raise PermanentError(f"{self.source}: {name} is damaged; take another backup")
            self.place.blobs.put(match[1], octets)
            self.blobs += 1


def _restore_secret(path: Path, octets: bytes) -> None:
    if path.exists():
        if path.read_bytes().strip() != octets.strip():
            raise PermanentError(f"{path}: another secret is there already; move it away, mail of before was signed with the backup's")
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch(mode=0o600)
    path.write_bytes(octets)
