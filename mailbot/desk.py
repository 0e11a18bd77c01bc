"""What the duties work with, joined by `app.py`."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

from sqlalchemy import Connection

from mailbot.core.desk.policy import Policy
from mailbot.edge.db.database import Database
from mailbot.edge.db.journal import octets_of
from mailbot.edge.render import Renderer

if TYPE_CHECKING:
    from mailbot.edge.imap import Imap
    from mailbot.edge.maildir import Maildir


class BlobStore(Protocol):
    """Large octets by their SHA-256 (hex): a folder, or S3."""

    def put(self, digest: str, octets: bytes) -> None:
        """Store octets for good; storing them again changes nothing. Raises TransientError or ConfigError."""

    def get(self, digest: str) -> bytes:
        """The octets under a digest. Raises PermanentError when there are none, TransientError or ConfigError."""

    def has(self, digest: str) -> bool:
        """Whether octets are stored under a digest. Raises TransientError or ConfigError."""

    def older_than(self, moment: datetime) -> Iterator[str]:
        """The digests of what was stored before a moment."""

    def drop(self, digest: str) -> bool:
        """Remove the octets under a digest; False when there were none."""


@dataclass(frozen=True, slots=True)
class Desk:
    """One desk: its rules, its memory, its words, its clock (aware, UTC) and its randomness (a nonce of 4 to 32 characters a–z0–9)."""

    policy: Policy
    database: Database
    blobs: BlobStore
    renderer: Renderer
    clock: Callable[[], datetime]
    nonce: Callable[[], str]

    def octets(self, transaction: Connection, entry_id: int) -> bytes | None:
        """The octets of a journalled message, wherever they are; None when there is no such entry.

        Raises PermanentError when they are gone.
        """
        stored = octets_of(transaction, entry_id)
        if stored is None:
            return None
        held, digest = stored
        return self.blobs.get(digest) if held is None else held


@dataclass(frozen=True, slots=True)
class Mailbox:
    """A mailbox of the configuration, the source it is read from, and how often."""

    name: str
    source: "Imap | Maildir"
    poll_seconds: int
