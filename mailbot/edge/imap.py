"""An IMAP mailbox (RFC 9051, RFC 3501), through IMAPClient. Messages are read with BODY.PEEK: no flag of anybody's changes."""

import contextlib
import logging
import re
import socket
import ssl
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from imaplib import IMAP4

from imapclient import IMAPClient, SocketTimeout
from imapclient.exceptions import IMAPClientError, LoginError

from mailbot.core.oauth import sasl
from mailbot.core.terminal import safe
from mailbot.errors import ConfigError, PermanentError, TransientError

CONNECT_SECONDS, READ_SECONDS = 15, 60
IDLE_FAILURES = 3  # from then on the mailbox is polled
BATCH_MESSAGES = 100
_TIMING = re.compile(r" \([\d.+ ]{1,40} secs\)\.?$")  # Dovecot's, another one every time: the same trouble is told once
BATCH_OCTETS = 8 * 1024 * 1024
# What a broken connection ends in, and what imaplib and IMAPClient stumble over when an answer makes no sense.
_BROKEN = (
    *(IMAPClientError, OSError, ValueError, TypeError, LookupError, AttributeError, ArithmeticError, AssertionError),
    *(RecursionError, MemoryError),  # brackets in brackets, and a literal of a thousand gigabytes
)

logging.getLogger("imapclient").addHandler(logging.NullHandler())  # else each answer that is not ASCII is a line on stderr


@dataclass(frozen=True, slots=True)
class Account:
    """Where the mailbox is, and how to get in. `security`: tls, starttls or none; `done`: keep, delete or move:FOLDER.

    `idle`: the server is asked to speak up when something arrives.
    `tokens`: instead of a password.
    """

    host: str
    port: int
    security: str
    username: str
    password: str
    folder: str
    done: str
    idle: bool = True
    tokens: sasl.Tokens | None = None


@dataclass(frozen=True, slots=True)
class Fetched:
    """A message as the server gave it."""

    uid: int
    octets: bytes
    received_at: datetime


class _RefusedError(PermanentError):
    """The server refuses the password or the token."""


class Imap:
    """One connection to one folder. Errors are TransientError (the server, the network), PermanentError (it says no)."""

    def __init__(self, account: Account) -> None:
        self.account = account
        self._client: IMAPClient | None = None
        self._is_idle = False
        self._idle_failures = 0  # in a row
        self._has_heard = False  # of an arrival after the folder was opened, and before the server began to idle

    @property
    def place(self) -> str:
        """What log lines call this mailbox."""
        return f"{self.account.username}@{self.account.host}:{self.account.port}/{self.account.folder}"

    def select(self) -> int:
        """Open the folder, connecting first if need be, and return its UIDVALIDITY."""
        with _as_ours(self):
            self._end_idle()
            if self._client is None:
                self._client = self._connect()
            answer = self._client.select_folder(self.account.folder, readonly=self.account.done == "keep")
            return _number(answer[b"UIDVALIDITY"])

    def _connect(self) -> IMAPClient:
        account, tokens = self.account, self.account.tokens
        if tokens is None:
            return self._log_in(lambda client: client.login(account.username, account.password), "mend username or password")
        remedy = f"sign in again: `mailbot login {tokens.name}`"
        token = tokens.token()
        try:
            return self._log_in(partial(self._show_token, token), remedy)
        except _RefusedError:  # with a new connection, since some servers close the one where a login failed
            return self._log_in(partial(self._show_token, tokens.token(token)), remedy)

    def _log_in(self, show: Callable[[IMAPClient], object], remedy: str) -> IMAPClient:
        client = self._dial()
        try:
            show(client)
        except LoginError as error:
            _hang_up(client)
            said = _said(error)
            # RFC 5530 section 3: it is the server that cannot look. IMAPClient calls a connection that breaks a refusal, too.
            if "[UNAVAILABLE]" in said or isinstance(error.__context__, IMAP4.abort):
                raise TransientError(f"mailbox {self.place}: {said}; will try again") from error
            raise _RefusedError(f"mailbox {self.place}: the server refuses the login ({said}); {remedy}") from error
        except BaseException:
            _hang_up(client)
            raise
        return client

    def _show_token(self, token: str, client: IMAPClient) -> None:
        mechanism = sasl.choose(
            [name.removeprefix("AUTH=") for name in map(bytes.decode, client.capabilities()) if name.startswith("AUTH=")]
        )
        if mechanism is None:
            raise PermanentError(f"mailbox {self.place}: the server takes no tokens (neither OAUTHBEARER nor XOAUTH2); use a password")
        # Not IMAPClient's own logins for this: they answer the challenge that tells of an error with the token once more.
        answers = iter((mechanism.first(self.account.username, token), mechanism.end))
        challenges: list[bytes] = []

        def answer(challenge: bytes) -> str | None:
            challenges.append(challenge)
            return next(answers, None)  # None breaks off: a server that asks for ever gets no third answer

        try:
            client.sasl_login(mechanism.name, answer)
        except LoginError as error:
            if because := sasl.complaint(challenges[1]) if len(challenges) > 1 else "":
                error.args = (f"{_said(error).rstrip('.')}: {because}",)
            raise

    def _dial(self) -> IMAPClient:
        account = self.account
        context = ssl.create_default_context()
        try:
            client = IMAPClient(
                account.host,
                account.port,
                ssl=account.security == "tls",
                ssl_context=context if account.security == "tls" else None,
                timeout=SocketTimeout(CONNECT_SECONDS, READ_SECONDS),
                use_uid=True,
            )
            if account.security == "starttls":
                client.starttls(context)
        except ssl.SSLCertVerificationError as error:
            raise PermanentError(
                f"mailbox {self.place}: the certificate is not valid ({error.verify_message}); mend it or [[mailbox]] host"
            ) from error
        client.normalise_times = False  # else INTERNALDATE becomes naive local time
        # IMAPClient turns on imaplib's debugging to feed its own logger; formatting every literal for a log that
        # nobody reads costs twice as much as all the rest of fetching.
        client._imap.debug = 0
        return client

    def uids_above(self, uid: int) -> list[int]:
        """The UIDs above this one, ascending: whatever their flags, since people read and flag mail in their own programs."""
        with _as_ours(self):
            # `n:*` always names the last message, even when its UID is below n (RFC 9051 section 6.4.4).
            return sorted(_number(found) for found in self._open().search(["UID", f"{uid + 1}:*"]) if found > uid)

    def fetch(self, uids: Sequence[int]) -> Iterator[list[Fetched]]:
        """The messages in batches bounded by count and octets. A UID that the server does not answer for is left out."""
        sizes = self._sizes(uids)
        batch: list[int] = []
        octets = 0
        for uid in uids:
            size = sizes.get(uid)
            if size is None:
                continue
            if batch and (len(batch) >= BATCH_MESSAGES or octets + size > BATCH_OCTETS):
                yield self._fetch_batch(batch)
                batch, octets = [], 0
            batch.append(uid)
            octets += size
        if batch:
            yield self._fetch_batch(batch)

    def _sizes(self, uids: Sequence[int]) -> dict[int, int]:
        with _as_ours(self):
            sizes: dict[int, int] = {}
            for start in range(0, len(uids), 500):  # a command line of more than 8,000 octets may be refused
                answer = self._open().fetch(uids[start : start + 500], ["RFC822.SIZE"])
                sizes |= {uid: row[b"RFC822.SIZE"] for uid, row in answer.items() if isinstance(row.get(b"RFC822.SIZE"), int)}
            return sizes

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
            if client.has_capability("IDLE") and self._idle_failures < IDLE_FAILURES:
                _begin_idle(client)
                # The server tells of an arrival in its answer to whatever command comes next, and only once.
                self._has_heard = len(client._imap.untagged_responses.get("EXISTS", ())) > 1
                self._is_idle = True
        except _BROKEN:
            self._idle_failures += 1
            self.drop()

    @property
    def is_deaf(self) -> bool:
        """Whether the server could speak up and was not asked to: the connection is gone, or was used for something else than a look."""
        wanted = self.account.idle and not self._is_idle and self._idle_failures < IDLE_FAILURES
        return wanted and (self._client is None or bool(self._client.has_capability("IDLE")))

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

    def _end_idle(self) -> None:
        """Back from idling; a connection that has died meanwhile, as routers let them, is no trouble: the next one is made at once."""
        if self._is_idle and self._client is not None:
            try:
                self._client.idle_done()
                self._idle_failures = 0
            except _BROKEN:
                self.drop()
        self._is_idle = False

    def close(self) -> None:
        """Log out; a connection that is broken already is dropped."""
        self._end_idle()
        client, self._client = self._client, None
        if client is not None:
            try:
                client.logout()
            except _BROKEN:
                _hang_up(client)

    def drop(self) -> None:
        """Forget the connection without a word."""
        self._is_idle = False
        client, self._client = self._client, None
        if client is not None:
            _hang_up(client)

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


def _hang_up(client: IMAPClient) -> None:
    """Close the socket; it may be closed already, as after a farewell that IMAPClient did not like."""
    with contextlib.suppress(*_BROKEN):
        client.shutdown()


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


def _said(error: Exception) -> str:
    if isinstance(error, OSError) and error.strerror:
        return error.strerror  # args[0] is only its number
    text = str(error.args[0]) if error.args else type(error).__name__
    text = " ".join(safe(text.removeprefix("b'").rstrip("'")).split())
    return _TIMING.sub("", text)[:200]


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
                raise TransientError(f"mailbox {place}: {_said(error)}; will try again") from error
            case error if isinstance(error, _BROKEN):
                said = f"the server's answer makes no sense ({type(error).__name__}: {_said(error)})"
                raise TransientError(f"mailbox {place}: {said}; will try again") from error
