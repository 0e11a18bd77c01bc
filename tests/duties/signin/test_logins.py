"""Logins with a token, at real mail servers: they take it, refuse it, or cannot look at it."""

import contextlib
import json
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from mailbot.app import App
from mailbot.edge.imap import Imap
from mailbot.errors import PermanentError, TransientError
from mailbot.signin import SignIn
from tests.conftest import Studio
from tests.duties.signin.desk import MAIL, configure, keep, kept, renewals, signed_in
from tests.servers import Dovecot, SmtpServer, dovecot_server
from tests.tokens import TokenServer

# The mailbox


def look(app: App) -> int:
    """Open the mailbox; returns its UIDVALIDITY."""
    source = app.mailboxes()[0].source
    assert isinstance(source, Imap)
    try:
        return source.select()
    finally:
        source.close()


def test_mail_comes_in_with_a_token(studio: Studio, tokens: TokenServer, dovecot: Dovecot) -> None:
    app, _, file = signed_in(studio, tokens, dovecot.port)
    dovecot.user("anna").append(MAIL)
    (row,) = [one for one in studio.take_in(app) if one["message_id"] == "1@rose.example"][:1]
    assert row["outcome"] == "ticket"
    assert tokens.shown == [kept(file)["access_token"]]
    assert renewals(tokens) == 0


@pytest.mark.parametrize("mechanism", ["xoauth2", "oauthbearer"])
def test_the_mechanism_is_one_that_the_server_announces(studio: Studio, tokens: TokenServer, mechanism: str) -> None:
    with dovecot_server(tokens.port, f"plain {mechanism}") as server:
        app, _, _ = signed_in(studio, tokens, server.port)
        assert look(app) > 0


def test_a_token_that_the_server_refuses_is_renewed_once(studio: Studio, tokens: TokenServer, dovecot: Dovecot) -> None:
    app, _, file = signed_in(studio, tokens, dovecot.port)
    first = kept(file)["access_token"]
    tokens.forget_tokens()
    assert look(app) > 0
    assert tokens.shown == [first, kept(file)["access_token"]]
    assert renewals(tokens) == 1


def test_a_server_that_refuses_the_new_token_too_is_told_what_to_do(studio: Studio, tokens: TokenServer, dovecot: Dovecot) -> None:
    file = configure(studio, tokens, dovecot.port)
    studio.sections["mailbox"][0]["username"] = "bert"  # another's mailbox, to which the grant does not belong
    studio.configure(mailbox=studio.sections["mailbox"])
    app = studio.open()
    keep(app, tokens)
    file = file.with_name("token-bert.json")
    with pytest.raises(
        PermanentError,
        match=r"^mailbox bert@[^\n]+: the server refuses the login \(\[AUTHENTICATIONFAILED\] [^\n]+\); sign in again: `mailbot login support`$",
    ) as told:
        look(app)
    assert renewals(tokens) == 1
    assert kept(file)["access_token"] not in str(told.value)


def test_what_the_server_says_of_a_token_is_told(studio: Studio, tokens: TokenServer, dovecot: Dovecot) -> None:
    app, sign_in, _ = signed_in(studio, tokens, dovecot.port)
    grant = sign_in.grant()
    sign_in.keep(replace(grant, access_token="not-of-that-server"))
    tokens.answers = (200, json.dumps({"access_token": "neither", "expires_in": 3600}).encode())
    with pytest.raises(PermanentError, match=r"status invalid_token\); sign in again: `mailbot login support`$"):
        look(app)
    assert tokens.shown == ["not-of-that-server", "neither"]


def test_a_server_that_cannot_look_is_waited_for_and_costs_no_renewal(studio: Studio, tokens: TokenServer) -> None:
    with dovecot_server(1) as server:
        app, _, _ = signed_in(studio, tokens, server.port)
        with pytest.raises(TransientError, match=r"\[UNAVAILABLE\] [^\n]+; will try again$"):
            look(app)
    assert renewals(tokens) == 0


def test_a_server_that_takes_no_tokens_is_one_line(studio: Studio, tokens: TokenServer, dovecot: Dovecot) -> None:
    with dovecot_server() as server:
        app, _, _ = signed_in(studio, tokens, server.port)
        with pytest.raises(PermanentError, match=r"the server takes no tokens \(neither OAUTHBEARER nor XOAUTH2\); use a password$"):
            look(app)


def test_a_revoked_grant_does_not_reach_the_mailbox(studio: Studio, tokens: TokenServer, dovecot: Dovecot) -> None:
    app, _, _ = signed_in(studio, tokens, dovecot.port)
    studio.clock.forward(hours=1)
    tokens.revoke()
    with pytest.raises(PermanentError, match=r"^sign-in support: the grant does not hold any more"):
        look(app)
    assert tokens.shown == []


class _Endless(threading.Thread):
    """An IMAP server that answers a login with challenges, as long as it is answered, or with what is no base64."""

    def __init__(self, challenge: bytes) -> None:
        super().__init__(daemon=True)
        import socket

        self.challenge, self.answers = challenge, 0
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self.listener.getsockname()[1])

    def run(self) -> None:
        with contextlib.suppress(OSError):
            connection, _ = self.listener.accept()
            lines = connection.makefile("rb")
            connection.sendall(b"* OK [CAPABILITY IMAP4rev1 AUTH=XOAUTH2] ready\r\n")
            for line in lines:
                if line.strip() == b"*":
                    connection.sendall(b"x BAD broken off\r\n")
                    return
                if b"CAPABILITY" in line:
                    connection.sendall(b"* CAPABILITY IMAP4rev1 AUTH=XOAUTH2\r\n" + line.split()[0] + b" OK done\r\n")
                    continue
                self.answers += b"AUTHENTICATE" not in line
                connection.sendall(b"+ " + self.challenge + b"\r\n")


@pytest.mark.parametrize(
    ("challenge", "answers", "says"),
    [(b"", 2, "broken off"), (b"abc", 0, "Incorrect padding")],
    ids=["challenges without end", "what is no base64"],
)
def test_a_server_that_plays_is_left(studio: Studio, tokens: TokenServer, challenge: bytes, answers: int, says: str) -> None:
    server = _Endless(challenge)
    server.start()
    app, _, _ = signed_in(studio, tokens, server.port)
    with pytest.raises(TransientError, match=rf"{says}[^\n]*; will try again$"):
        look(app)
    server.listener.close()
    server.join(30)
    assert server.answers == answers


# SMTP


@pytest.fixture
def sending(tokens: TokenServer) -> Iterator[SmtpServer]:
    """An SMTP server that takes the tokens."""
    server = SmtpServer(tokens=tokens)
    server.start()
    yield server
    server.stop()


def sender(studio: Studio, tokens: TokenServer, server: SmtpServer) -> tuple[App, SignIn, Path]:
    """A desk that has signed in, and sends with the grant of its mailbox."""
    studio.configure(smtp=server.settings(username="anna", oauth2=tokens.oauth2()))
    return signed_in(studio, tokens)


def send(app: App) -> tuple[str, str]:
    transport = app.transport()
    try:
        attempt = transport.send("support@studio.example", "anna@rose.example", b"Subject: hi\r\n\r\nhi\r\n")
    finally:
        transport.close()
    return attempt.ended, attempt.said


@pytest.mark.parametrize("mechanisms", [("XOAUTH2",), ("OAUTHBEARER",), ("XOAUTH2", "OAUTHBEARER", "PLAIN")], ids=" ".join)
def test_mail_goes_out_with_the_token_of_the_mailbox(
    studio: Studio, tokens: TokenServer, sending: SmtpServer, mechanisms: tuple[str, ...]
) -> None:
    sending.mechanisms = mechanisms
    app, _, file = sender(studio, tokens, sending)
    assert len(app.sign_ins()) == 1
    assert send(app)[0] == "accepted"
    assert tokens.shown == [kept(file)["access_token"]]


@pytest.mark.parametrize(("mechanism", "end"), [("XOAUTH2", b""), ("OAUTHBEARER", b"\x01")])
def test_a_token_that_the_smtp_server_refuses_is_renewed_once(
    studio: Studio, tokens: TokenServer, sending: SmtpServer, mechanism: str, end: bytes
) -> None:
    sending.mechanisms = (mechanism,)
    app, _, file = sender(studio, tokens, sending)
    tokens.forget_tokens()
    assert send(app)[0] == "accepted"
    assert sending.ends == [end]
    assert (renewals(tokens), tokens.shown[-1]) == (1, kept(file)["access_token"])


def test_an_smtp_server_that_refuses_both_is_told_with_what_it_said(studio: Studio, tokens: TokenServer, sending: SmtpServer) -> None:
    app, sign_in, _ = sender(studio, tokens, sending)
    sign_in.keep(replace(sign_in.grant(), access_token="not-of-that-server"))
    tokens.answers = (200, json.dumps({"access_token": "neither", "expires_in": 3600}).encode())
    ended, said = send(app)
    assert ended == "unreachable"  # it is the server, not the mail: the outbox keeps it
    assert said.endswith("status 401 scope mail); sign in again: `mailbot login support`")
    assert "535" in said and "neither" not in said
    assert sending.sessions == 2


def test_an_smtp_server_that_cannot_look_is_waited_for_and_costs_no_renewal(
    studio: Studio, tokens: TokenServer, sending: SmtpServer
) -> None:
    sending.busy = True
    app, _, _ = sender(studio, tokens, sending)
    assert send(app) == ("unreachable", f"smtp 127.0.0.1:{sending.port}: 454 4.7.0 Temporary authentication failure")
    assert renewals(tokens) == 0


def test_an_smtp_server_that_takes_no_tokens_is_one_line(studio: Studio, tokens: TokenServer, sending: SmtpServer) -> None:
    sending.mechanisms = ("PLAIN", "LOGIN")
    app, _, _ = sender(studio, tokens, sending)
    ended, said = send(app)
    assert (ended, said.partition(": ")[2]) == (
        "unreachable",
        "the server takes no tokens (neither OAUTHBEARER nor XOAUTH2); use a password",
    )


def test_without_a_token_mail_waits(studio: Studio, tokens: TokenServer, sending: SmtpServer) -> None:
    app, _, _ = sender(studio, tokens, sending)
    studio.clock.forward(hours=1)
    tokens.answers = (503, b"")
    assert send(app)[0] == "unreachable"
    tokens.revoke()
    tokens.answers = None
    ended, said = send(app)
    assert ended == "unreachable"
    assert "sign in again: `mailbot login support`" in said


def test_smtp_alone_may_sign_in(studio: Studio, tokens: TokenServer, sending: SmtpServer) -> None:
    studio.configure(smtp=sending.settings(username="anna", oauth2=tokens.oauth2()))
    app = studio.open()
    assert [one.name for one in app.sign_ins()] == ["smtp"]
    keep(app, tokens)
    assert send(app)[0] == "accepted"
