"""What the duties work with, joined by `app.py`."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import Connection

from mailbot.core.desk.policy import Policy
from mailbot.edge.blobs import Blobs
from mailbot.edge.db.database import Database
from mailbot.edge.db.journal import octets_of
from mailbot.edge.render import Renderer

if TYPE_CHECKING:
    from mailbot.edge.imap import Imap
    from mailbot.edge.maildir import Maildir


@dataclass(frozen=True, slots=True)
class Desk:
    """One desk: its rules, its memory, its words, its clock (aware, UTC) and its randomness (a nonce of 4 to 32 characters a–z0–9)."""

    policy: Policy
    database: Database
    blobs: Blobs
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
