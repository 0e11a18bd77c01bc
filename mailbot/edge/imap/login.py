"""Opening a connection to an IMAP server: TLS, and a login with a password or a token."""

import contextlib
import logging
import re
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from imaplib import IMAP4

from imapclient import IMAPClient, SocketTimeout
from imapclient.exceptions import IMAPClientError, LoginError

from mailbot.core.oauth import sasl
from mailbot.core.terminal import safe
from mailbot.errors import PermanentError, TransientError

CONNECT_SECONDS, READ_SECONDS = 15, 60
_TIMING = re.compile(r" \([\d.+ ]{1,40} secs\)\.?$")  # Dovecot's, another one every time: the same trouble is told once
# What a broken connection ends in, and what imaplib and IMAPClient stumble over when an answer makes no sense.
BROKEN = (
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

    @property
    def place(self) -> str:
        """What log lines call this mailbox."""
        return f"{self.username}@{self.host}:{self.port}/{self.folder}"


class _RefusedError(PermanentError):
    """The server refuses the password or the token."""


def dial(account: Account) -> IMAPClient:
    """A connection, encrypted as the account says. Raises PermanentError, and what IMAPClient and the socket raise."""
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
            f"mailbox {account.place}: the certificate is not valid ({error.verify_message}); mend it or [[mailbox]] host"
        ) from error
    client.normalise_times = False  # else INTERNALDATE becomes naive local time
    # IMAPClient turns on imaplib's debugging to feed its own logger; formatting every literal for a log that
    # nobody reads costs twice as much as all the rest of fetching.
    client._imap.debug = 0
    return client


def connect(account: Account, dial: Callable[[Account], IMAPClient] = dial) -> IMAPClient:
    """A connection that is logged in. Raises TransientError, PermanentError, and what IMAPClient and the socket raise.

    `dial` opens each connection that it takes.
    """
    tokens = account.tokens
    if tokens is None:
        return _log_in(dial(account), account, lambda client: client.login(account.username, account.password), "mend username or password")
    remedy = f"sign in again: `mailbot login {tokens.name}`"
    token = tokens.token()
    try:
        return _log_in(dial(account), account, partial(_show_token, account, token), remedy)
    except _RefusedError:  # with a new connection, since some servers close the one where a login failed
        return _log_in(dial(account), account, partial(_show_token, account, tokens.token(token)), remedy)


def _log_in(client: IMAPClient, account: Account, show: Callable[[IMAPClient], object], remedy: str) -> IMAPClient:
    try:
        show(client)
    except LoginError as error:
        hang_up(client)
        reason = said(error)
        # RFC 5530 section 3: it is the server that cannot look. IMAPClient calls a connection that breaks a refusal, too.
        if "[UNAVAILABLE]" in reason or isinstance(error.__context__, IMAP4.abort):
            raise TransientError(f"mailbox {account.place}: {reason}; will try again") from error
        raise _RefusedError(f"mailbox {account.place}: the server refuses the login ({reason}); {remedy}") from error
    except BaseException:
        hang_up(client)
        raise
    return client


def _show_token(account: Account, token: str, client: IMAPClient) -> None:
    mechanism = sasl.choose([name.removeprefix("AUTH=") for name in map(bytes.decode, client.capabilities()) if name.startswith("AUTH=")])
    if mechanism is None:
        raise PermanentError(f"mailbox {account.place}: the server takes no tokens (neither OAUTHBEARER nor XOAUTH2); use a password")
    # Not IMAPClient's own logins for this: they answer the challenge that tells of an error with the token once more.
    answers = iter((mechanism.first(account.username, token), mechanism.end))
    challenges: list[bytes] = []

    def answer(challenge: bytes) -> str | None:
        challenges.append(challenge)
        return next(answers, None)  # None breaks off: a server that asks for ever gets no third answer

    try:
        client.sasl_login(mechanism.name, answer)
    except LoginError as error:
        if because := sasl.complaint(challenges[1]) if len(challenges) > 1 else "":
            error.args = (f"{said(error).rstrip('.')}: {because}",)
        raise


def hang_up(client: IMAPClient) -> None:
    """Close the socket; it may be closed already, as after a farewell that IMAPClient did not like."""
    with contextlib.suppress(*BROKEN):
        client.shutdown()


def said(error: Exception) -> str:
    """What an error says, in one line."""
    if isinstance(error, OSError) and error.strerror:
        return error.strerror  # args[0] is only its number
    text = str(error.args[0]) if error.args else type(error).__name__
    text = " ".join(safe(text.removeprefix("b'").rstrip("'")).split())
    return _TIMING.sub("", text)[:200]
