"""An IMAP mailbox (RFC 9051, RFC 3501), through IMAPClient. Messages are read with BODY.PEEK: no flag of anybody's changes."""

import re
import socket
import ssl
import time
from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise

from imapclient import IMAPClient
from imapclient.exceptions import IMAPClientError

from mailbot.edge.imap.login import BROKEN, Account, connect, hang_up, said
from mailbot.errors import ConfigError, PermanentError, TransientError

IDLE_FAILURES = 3  # in a row: from then on the mailbox is polled
IDLE_PAUSE = 3600  # seconds, until the server is asked again to tell of arrivals
BATCH_MESSAGES = 100
BATCH_OCTETS = 4 * 1024 * 1024
SEARCHED = 80_000  # UIDs, asked for at a time in a folder that has more: imaplib takes no answer of more than a million octets


@dataclass(frozen=True, slots=True)
class Fetched:
    """A message as the server gave it."""

    uid: int
    octets: bytes
    received_at: datetime


class Imap:
    """One connection to one folder. Errors are TransientError (the server, the network), PermanentError (it says no)."""

    def __init__(self, account: Account) -> None:
        self.account = account
        self._client: IMAPClient | None = None
        self._can_idle = False
        self._is_idle = False
        self._idle_failures = 0  # in a row
        self._polled_until = 0.0  # by the monotonic clock
        self._many_below = 0  # the UIDs of a folder with very many messages, which are not asked for at once
        self._has_heard = False  # of an arrival after the folder was opened, and before the server began to idle

    @property
    def place(self) -> str:
        """What log lines call this mailbox."""
        return self.account.place

    def select(self) -> int:
        """Open the folder, connecting first if need be, and return its UIDVALIDITY."""
        with _as_ours(self):
            self.end_idle()
            if self._client is None:
                self._client = self._connect()
            self._can_idle = self._client.has_capability("IDLE")  # where an error is one of this look: the server may have to be asked
            answer = self._client.select_folder(self.account.folder, readonly=self.account.done == "keep")
            exists, following = (answer.get(name) for name in (b"EXISTS", b"UIDNEXT"))
            is_long = isinstance(exists, int) and isinstance(following, int) and exists > SEARCHED
            self._many_below = min(following, 2**32) if is_long else 0
            return _number(answer[b"UIDVALIDITY"])

    def _connect(self) -> IMAPClient:
        return connect(self.account)

    def uids_above(self, uid: int) -> "array[int]":
        """The UIDs above this one, ascending: whatever their flags, since people read and flag mail in their own programs."""
        with _as_ours(self):
            found, first = array("Q"), uid + 1
            while first + SEARCHED < self._many_below:
                found.extend(self._search(first, str(first + SEARCHED - 1)))
                first += SEARCHED
            found.extend(self._search(first, "*"))
            if any(one > other for one, other in pairwise(found)):  # no server is bound to an order
                found = array("Q", sorted(found))
            return found

    def _search(self, first: int, last: str) -> Iterator[int]:
        # Not IMAPClient's `search`: a list of its own for each step takes twenty times what the numbers need, of a long backlog.
        for line in self._open()._raw_command_untagged(b"SEARCH", [b"UID", f"{first}:{last}".encode()]):
            for number in re.finditer(rb"[^ ]+", line or b""):
                # `n:*` always names the last message, even when its UID is below n (RFC 9051 section 6.4.4).
                if (uid := _number(number[0].decode())) >= first:
                    yield uid

    def fetch(self, uids: Sequence[int]) -> Iterator[list[Fetched]]:
        """The messages in batches bounded by count and octets. A UID that the server does not answer for is left out."""
        batch: list[int] = []
        octets = 0
        for uid, size in self._sizes(uids):
            if batch and (len(batch) >= BATCH_MESSAGES or octets + size > BATCH_OCTETS):
                yield self._fetch_batch(batch)
                batch, octets = [], 0
            batch.append(uid)
            octets += size
        if batch:
            yield self._fetch_batch(batch)

    def _sizes(self, uids: Sequence[int]) -> Iterator[tuple[int, int]]:
        for start in range(0, len(uids), 500):  # a command line of more than 8,000 octets may be refused
            asked = uids[start : start + 500]
            with _as_ours(self):
                answer = self._open().fetch(asked, ["RFC822.SIZE"])
            yield from ((uid, answer[uid][b"RFC822.SIZE"]) for uid in asked if isinstance(answer.get(uid, {}).get(b"RFC822.SIZE"), int))

    def _fetch_batch(self, uids: Sequence[int]) -> list[Fetched]:
        with _as_ours(self):
            answer = self._open().fetch(uids, ["BODY.PEEK[]", "INTERNALDATE"])
        wanted = set(uids)
        found = []
        for uid, row in answer.items():
            octets = row.get(b"BODY[]")
            # The answer may lack the body (expunged meanwhile) and may speak of other messages.
            if uid in wanted and isinstance(octets, bytes):
                found.append(Fetched(uid, octets, _moment(row.get(b"INTERNALDATE"))))
        return sorted(found, key=lambda one: one.uid)

    def finish(self, uids: Sequence[int]) -> None:
        """Do what `done` says to messages that are safe in the journal."""
        done = self.account.done
        if done == "keep" or not uids:
            return
        with _as_ours(self):
            client = self._open()
            if done == "delete":
                _remove(client, uids)
                return
            target = done.removeprefix("move:")
            if not client.folder_exists(target):
                client.create_folder(target)
            if client.has_capability("MOVE"):
                client.move(uids, target)
            else:
                client.copy(uids, target)
                _remove(client, uids)

    def idle(self) -> None:
        """Ask the server to say when something arrives (RFC 2177), until the next `select`. One that cannot is polled all the same.

        A connection that breaks is dropped: no trouble before a `select` cannot make another.
        """
        client = self._client
        if client is None or self._is_idle or not self.account.idle:
            return
        try:
            if self._can_idle and not self._is_polled:
                _begin_idle(client)
                # The server tells of an arrival in its answer to whatever command comes next, and only once.
                self._has_heard = len(client._imap.untagged_responses.get("EXISTS", ())) > 1
                self._is_idle = True
        except BROKEN:
            self._idle_failures += 1
            if self._idle_failures >= IDLE_FAILURES:
                self._polled_until = time.monotonic() + IDLE_PAUSE
            self.drop()

    @property
    def _is_polled(self) -> bool:
        return time.monotonic() < self._polled_until

    @property
    def is_deaf(self) -> bool:
        """Whether the server could speak up and was not asked to: the connection is gone, or was used for something else than a look."""
        wanted = self.account.idle and not self._is_idle and not self._is_polled
        return wanted and (self._client is None or self._can_idle)

    @property
    def waits_at(self) -> socket.socket | None:
        """The socket where the server says that something arrived, while it was asked to. To be watched only, not to be read."""
        found: socket.socket | None = self._client.socket() if self._client and self._is_idle else None
        return found

    def has_spoken(self) -> bool:
        """Whether something that the server said waits in memory already, where no watching of the socket would find it."""
        connection = self.waits_at
        if connection is None or self._client is None:
            return False
        if self._has_heard:
            return True
        timeout = connection.gettimeout()
        try:
            connection.setblocking(False)
            return bool(self._client._imap.file.peek(1))
        except (ssl.SSLWantReadError, BlockingIOError):
            return False
        except (OSError, ValueError):
            return True  # broken: the next look finds out
        finally:
            connection.settimeout(timeout)

    def end_idle(self) -> None:
        """Back from idling; a connection that has died meanwhile, as routers let them, is no trouble: the next one is made at once."""
        if self._is_idle and self._client is not None:
            try:
                self._client.idle_done()
                self._idle_failures = 0
            except BROKEN:
                self.drop()
        self._is_idle = False

    def close(self) -> None:
        """Log out; a connection that is broken already is dropped."""
        self.end_idle()
        client, self._client = self._client, None
        if client is not None:
            try:
                client.logout()
            except BROKEN:
                hang_up(client)

    def drop(self) -> None:
        """Forget the connection without a word."""
        self._is_idle = False
        client, self._client = self._client, None
        if client is not None:
            hang_up(client)

    def _open(self) -> IMAPClient:
        if self._client is None:
            raise TransientError(f"mailbox {self.place}: not connected")
        return self._client


def _begin_idle(client: IMAPClient) -> None:
    """Begin to idle. Raises IMAPClientError when the server refuses.

    Not IMAPClient's `idle`: it takes a message that arrives at this very moment for an error.
    """
    protocol = client._imap
    client._idle_tag = protocol._command("IDLE")
    while protocol._get_response() is not None:
        if protocol.tagged_commands[client._idle_tag] is not None:
            raise IMAPClientError("IDLE is refused")


def _remove(client: IMAPClient, uids: Sequence[int]) -> None:
    client.delete_messages(uids)
    if client.has_capability("UIDPLUS"):
        client.uid_expunge(uids)
    else:  # without RFC 4315 this removes what people marked as deleted in their own programs as well
        client.expunge()


def _number(said: object) -> int:
    """A UID or UIDVALIDITY (RFC 9051 section 9: nz-number, 32 bits). Raises ValueError for any other: a database would not take it."""
    number = int(str(said))
    if not 0 < number < 2**32:
        raise ValueError(f"{number} is no UID")
    return number


def _moment(said: object) -> datetime:
    """When a message arrived; now when the server does not say it, or names a moment outside the calendar or a zone of days."""
    try:
        return said.astimezone(UTC) if isinstance(said, datetime) else datetime.now(UTC)
    except (OverflowError, ValueError):
        return datetime.now(UTC)


class _as_ours:  # noqa: N801 -- reads as a phrase: with _as_ours(self)
    """Turns what IMAPClient and the socket raise into errors named for what to do, and drops the broken connection."""

    def __init__(self, imap: Imap) -> None:
        self.imap = imap

    def __enter__(self) -> None:
        pass

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        if error is None:
            return
        self.imap.drop()
        place = self.imap.place
        match error:
            case ConfigError() | TransientError() | PermanentError():
                return
            case TimeoutError():
                raise TransientError(f"mailbox {place}: no answer; will try again") from error
            case IMAPClientError() | OSError() | ValueError():  # imaplib meets what is no base64 with a ValueError
                raise TransientError(f"mailbox {place}: {said(error)}; will try again") from error
            case error if isinstance(error, BROKEN):
                because = f"the server's answer makes no sense ({type(error).__name__}: {said(error)})"
                raise TransientError(f"mailbox {place}: {because}; will try again") from error
