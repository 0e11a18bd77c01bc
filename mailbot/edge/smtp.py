"""Submission of finished mail: SMTP (RFC 5321, RFC 6409), or a Maildir that shows what would have gone out."""

import smtplib
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from mailbot.core.desk.retry import Attempt
from mailbot.core.oauth import sasl
from mailbot.errors import PermanentError, TransientError

CONNECT_SECONDS = 30
# For the reply to the final dot: servers look for viruses meanwhile. RFC 5321 section 4.5.3.2.6 asks for ten minutes, but nothing else
# is done until then, and the service manager waits for five.
DOT_SECONDS = 100


@dataclass(frozen=True, slots=True)
class Account:
    """Where mail is submitted, and how to get in; no username: no login. `security`: tls, starttls or none.

    `tokens`: instead of a password.
    """

    host: str
    port: int
    security: str
    username: str | None
    password: str | None
    tokens: sasl.Tokens | None = None


class _RefusedError(PermanentError):
    """The server refuses an access token."""


class Smtp:
    """A connection that is opened for the first mail and kept for the next ones."""

    def __init__(self, account: Account) -> None:
        self.account = account
        self._session: smtplib.SMTP | None = None
        self._dot_is_out = False  # from here on the server may have accepted the mail, whatever breaks

    @property
    def place(self) -> str:
        """What log lines call this server."""
        return f"{self.account.host}:{self.account.port}"

    def open(self) -> None:
        """Connect and log in if need be.

        Raises PermanentError when the login or the certificate is refused, OSError or SMTPException when the server is away, and what
        gives tokens raises TransientError when it is away.
        """
        if self._session is not None:
            return
        tokens = self.account.tokens
        if tokens is None:
            self._connect(self._log_in)
            return
        first = tokens.token()
        try:
            self._connect(partial(self._show_token, first, tokens.name))
        except _RefusedError:
            self._connect(partial(self._show_token, tokens.token(first), tokens.name))

    def _connect(self, log_in: Callable[[smtplib.SMTP], None]) -> None:
        account = self.account
        context = ssl.create_default_context()
        try:
            session: smtplib.SMTP = (
                smtplib.SMTP_SSL(account.host, account.port, timeout=CONNECT_SECONDS, context=context)
                if account.security == "tls"
                else smtplib.SMTP(account.host, account.port, timeout=CONNECT_SECONDS)
            )
            self._session = session
            if account.security == "starttls":
                session.starttls(context=context)
            session.ehlo_or_helo_if_needed()
            log_in(session)
        except ssl.SSLCertVerificationError as error:
            self.close()
            raise PermanentError(
                f"smtp {self.place}: the certificate is not valid ({error.verify_message}); mend it or [smtp] host"
            ) from error
        except (OSError, smtplib.SMTPException, PermanentError):
            self.close()
            raise
        except ValueError as error:  # smtplib meets what is no base64 with a ValueError
            self.close()
            raise smtplib.SMTPException(str(error)) from error

    def _log_in(self, session: smtplib.SMTP) -> None:
        account = self.account
        if account.username and account.password is not None:
            try:
                session.login(account.username, account.password)
            except smtplib.SMTPAuthenticationError as error:
                if 400 <= error.smtp_code < 500:  # RFC 4954 section 6: 454, it is the server that cannot look
                    raise smtplib.SMTPResponseException(error.smtp_code, error.smtp_error) from error
                raise PermanentError(
                    f"smtp {self.place}: the server refuses the login ({error.smtp_code}); mend username or password"
                ) from error

    def _show_token(self, token: str, name: str, session: smtplib.SMTP) -> None:
        mechanism = sasl.choose(session.esmtp_features.get("auth", "").split())
        if mechanism is None:
            raise PermanentError(f"smtp {self.place}: the server takes no tokens (neither OAUTHBEARER nor XOAUTH2); use a password")
        challenges: list[bytes] = []

        def answer(challenge: bytes | None = None) -> str:
            if challenge is None:
                return mechanism.first(self.account.username or "", token)
            challenges.append(challenge)
            return mechanism.end

        try:
            session.auth(mechanism.name, answer)
        except smtplib.SMTPAuthenticationError as error:
            if 400 <= error.smtp_code < 500:  # RFC 4954 section 6: 454, it is the server that cannot look
                raise smtplib.SMTPResponseException(error.smtp_code, error.smtp_error) from error
            because = sasl.complaint(challenges[0]) if challenges else ""
            said = f"{_said(error).rstrip('.')}: {because}" if because else _said(error)
            raise _RefusedError(
                f"smtp {self.place}: the server refuses the token ({said}); sign in again: `mailbot login {name}`"
            ) from error

    def send(self, sender: str, recipient: str, octets: bytes) -> Attempt:
        """Hand one mail over to the server, and say how that ended. Never raises for what a server or a network does."""
        try:
            return self._send(sender, recipient, octets)
        except BaseException:  # broken off because mailbot stops: a server that hangs would not answer a goodbye either
            session, self._session = self._session, None
            if session is not None:
                session.close()
            raise

    def _send(self, sender: str, recipient: str, octets: bytes) -> Attempt:
        if not recipient.isascii():
            return Attempt("permanent", f"{recipient}: an address with letters beyond ASCII; SMTPUTF8 is not there yet")
        try:
            self.open()
        except (PermanentError, TransientError) as error:  # the latter from what gives tokens
            return Attempt("unreachable", str(error))
        except (OSError, smtplib.SMTPException) as error:
            return Attempt("unreachable", f"smtp {self.place}: {_said(error)}")
        assert self._session is not None  # nosec B101  # noqa: S101 -- open() returned
        self._dot_is_out = False
        try:
            return self._hand_over(self._session, sender, recipient, octets)
        except (OSError, smtplib.SMTPException) as error:
            self.close()
            return Attempt("doubt" if self._dot_is_out else "transient", f"smtp {self.place}: {_said(error)}")

    def _hand_over(self, session: smtplib.SMTP, sender: str, recipient: str, octets: bytes) -> Attempt:
        code, said = session.mail(sender)
        if code == 250:
            code, said = session.rcpt(recipient)
        if code in (250, 251):
            code, said = session.docmd("DATA")
        if code != 354:
            return self._refused(code, said)
        body = octets if octets.endswith(b"\r\n") else octets + b"\r\n"
        session.send(body.replace(b"\r\n.", b"\r\n.."))  # RFC 5321 section 4.5.2
        self._dot_is_out = True
        _wait_at_most(session, DOT_SECONDS)
        session.send(b".\r\n")
        code, said = session.getreply()
        if 400 <= code < 600:
            attempt = self._refused(code, said)
        elif 200 <= code < 300:  # RFC 5321 section 4.2.1: the first digit decides
            attempt = Attempt("accepted", _text(said))
        else:
            raise smtplib.SMTPServerDisconnected(f"no reply to the final dot: {_text(said)}")
        _wait_at_most(session, CONNECT_SECONDS)
        return attempt

    def _refused(self, code: int, said: bytes) -> Attempt:
        if code == 421 or code < 0:  # the server is about to close, or closed
            self.close()
        else:
            try:
                if self._session is not None:
                    self._session.rset()
            except (OSError, smtplib.SMTPException):
                self.close()
        return Attempt("permanent" if 500 <= code < 600 else "transient", f"{code} {_text(said)}")

    def close(self) -> None:
        """Say goodbye; a connection that is broken already is dropped."""
        session, self._session = self._session, None
        if session is not None:
            try:
                session.quit()
            except (OSError, smtplib.SMTPException):
                session.close()


class MaildirTransport:
    """Writes each mail into a Maildir, where any mail program can open it. `deliver` writes the octets and raises OSError."""

    def __init__(self, folder: Path, deliver: Callable[[Path, bytes], object]) -> None:
        self.folder, self._deliver = folder, deliver

    @property
    def place(self) -> str:
        """What log lines call it."""
        return str(self.folder)

    def open(self) -> None:
        """Nothing to open."""

    def send(self, sender: str, recipient: str, octets: bytes) -> Attempt:
        """File one mail, with its envelope in Return-Path and Delivered-To as a delivering server writes them."""
        try:
            self._deliver(self.folder, f"Return-Path: <{sender}>\r\nDelivered-To: {recipient}\r\n".encode() + octets)
        except OSError as error:
            return Attempt("unreachable", f"maildir {self.folder}: {error.strerror}")
        return Attempt("accepted")

    def close(self) -> None:
        """Nothing to close."""


def _wait_at_most(session: smtplib.SMTP, seconds: float) -> None:
    if session.sock is not None:
        session.sock.settimeout(seconds)


def _text(said: bytes) -> str:
    return " ".join(said.decode("utf-8", "replace").split())[:300]


def _said(error: Exception) -> str:
    if isinstance(error, smtplib.SMTPResponseException):
        return f"{error.smtp_code} {_text(error.smtp_error if isinstance(error.smtp_error, bytes) else str(error.smtp_error).encode())}"
    return (getattr(error, "strerror", None) or str(error) or type(error).__name__)[:300]
