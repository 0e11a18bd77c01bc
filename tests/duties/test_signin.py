"""Signing in with OAuth2, against a real token endpoint and real mail servers: tokens are renewed, refused, revoked, kept and never shown."""

import contextlib
import json
import os
import subprocess
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from mailbot.app import App
from mailbot.edge.imap import Imap
from mailbot.errors import MailbotError, PermanentError, TransientError
from mailbot.signin import SignIn
from tests.conftest import Studio
from tests.servers import Dovecot, SmtpServer, dovecot_server
from tests.tokens import CLIENT_SECRET, TokenServer, token_server

MAIL = (
    b"From: anna@rose.example\r\nTo: support@studio.example\r\nSubject: the form\r\nMessage-ID: <1@rose.example>\r\n\r\nIt is broken.\r\n"
)


@pytest.fixture(scope="module")
def world() -> Iterator[tuple[TokenServer, Dovecot]]:
    """A token server, and a Dovecot that asks it."""
    with token_server() as tokens, dovecot_server(tokens.port) as dovecot:
        yield tokens, dovecot


@pytest.fixture
def tokens(world: tuple[TokenServer, Dovecot]) -> TokenServer:
    """The token server, as new."""
    server = world[0]
    fresh = TokenServer(port=server.port, count=server.count)
    for name in vars(fresh).keys() - {"_lock"}:
        setattr(server, name, getattr(fresh, name))
    return server


@pytest.fixture
def dovecot(world: tuple[TokenServer, Dovecot], tokens: TokenServer) -> Dovecot:
    """The IMAP server that takes its tokens."""
    return world[1]


def configure(studio: Studio, tokens: TokenServer, port: int = 1, **oauth2: Any) -> Path:
    """A desk whose mailbox signs in as anna; returns where the grant is kept."""
    server = {"host": "127.0.0.1", "security": "none", "username": "anna", "oauth2": tokens.oauth2(**oauth2)}
    studio.configure(mailbox=[{"name": "support", "port": port, "poll_seconds": 1} | server])
    return studio.folder / "token-anna.json"


def signed_in(studio: Studio, tokens: TokenServer, port: int = 1, **oauth2: Any) -> tuple[App, SignIn, Path]:
    """The same, where somebody has signed in an hour ago less ten minutes; the desk, its sign-in, and the file."""
    file = configure(studio, tokens, port, **oauth2)
    app = studio.open()
    studio.clock.forward(minutes=-50)
    keep(app, tokens)
    studio.clock.forward(minutes=50)
    return app, app.sign_ins()[0], file


def keep(app: App, tokens: TokenServer) -> None:
    """Sign in: what `mailbot login` does once somebody has said yes."""
    from mailbot.edge import oauth

    sign_in = app.sign_ins()[0]
    tokens.approved = []
    code = oauth.ask_for_code(sign_in.client, app.desk.clock())
    sign_in.keep(oauth.wait_for_grant(sign_in.client, code, app.desk.clock, lambda _seconds: None))


def kept(file: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(file.read_text())
    return found


def renewals(tokens: TokenServer) -> int:
    return sum(form.get("grant_type") == "refresh_token" for form in tokens.forms)


# The token


def test_a_token_is_used_until_shortly_before_its_end_and_then_renewed(studio: Studio, tokens: TokenServer) -> None:
    _, sign_in, file = signed_in(studio, tokens)
    first = sign_in.token()
    studio.clock.forward(minutes=4, seconds=59)
    assert (sign_in.token(), renewals(tokens)) == (first, 0)
    studio.clock.forward(seconds=1)
    second = sign_in.token()
    assert second != first
    assert (sign_in.token(), renewals(tokens)) == (second, 1)
    assert kept(file)["access_token"] == second


def test_a_token_that_a_server_refuses_is_not_given_again(studio: Studio, tokens: TokenServer) -> None:
    _, sign_in, _ = signed_in(studio, tokens)
    first = sign_in.token()
    second = sign_in.token(first)
    assert second != first
    assert sign_in.token() == sign_in.token(first) == second  # what was renewed meanwhile is not renewed once more
    assert renewals(tokens) == 1


@pytest.mark.parametrize("days", [-3, 3], ids=["back", "ahead"])
def test_a_clock_that_is_set_costs_one_renewal(studio: Studio, tokens: TokenServer, days: int) -> None:
    _, sign_in, _ = signed_in(studio, tokens)
    studio.clock.forward(days=days)
    assert sign_in.token() == sign_in.token()
    assert renewals(tokens) == 1


def test_a_refresh_token_that_is_replaced_is_kept_before_the_token_is_used(studio: Studio, tokens: TokenServer) -> None:
    tokens.rotates = True
    _, sign_in, file = signed_in(studio, tokens)
    for _ in range(3):
        studio.clock.forward(hours=1)
        sign_in.token()
        assert kept(file)["refresh_token"] in tokens.refresh
    assert SignIn(sign_in.client, sign_in.file, studio.clock).token() == sign_in.token()


def test_a_replaced_refresh_token_that_the_disk_did_not_take_is_not_lost(studio: Studio, tokens: TokenServer) -> None:
    tokens.rotates = True
    _, sign_in, file = signed_in(studio, tokens)
    studio.clock.forward(hours=1)
    in_the_way = file.with_name(f"{file.name}.new")
    in_the_way.mkdir()
    for _ in range(2):
        with pytest.raises(TransientError, match=r"^sign-in support: [^\n]*; make room or mend its rights$"):
            sign_in.token()
    in_the_way.rmdir()
    assert sign_in.token() == kept(file)["access_token"]
    assert kept(file)["refresh_token"] in tokens.refresh
    assert renewals(tokens) == 1


def test_a_new_sign_in_goes_before_what_the_disk_did_not_take(studio: Studio, tokens: TokenServer) -> None:
    _, sign_in, file = signed_in(studio, tokens)
    studio.clock.forward(hours=1)
    in_the_way = file.with_name(f"{file.name}.new")
    in_the_way.mkdir()
    with pytest.raises(TransientError):
        sign_in.token()
    in_the_way.rmdir()
    studio.clock.forward(seconds=1)
    keep(studio.open(), tokens)
    newest = kept(file)
    assert sign_in.token() == newest["access_token"]
    assert kept(file) == newest


def test_processes_that_renew_at_once_ask_once_and_lose_no_refresh_token(studio: Studio, tokens: TokenServer) -> None:
    tokens.rotates = True
    _, _, file = signed_in(studio, tokens)
    studio.clock.forward(hours=1)
    others = [studio.open(prepared=False).sign_ins()[0] for _ in range(6)]
    found: list[str] = []
    together = threading.Barrier(len(others))

    def work(one: SignIn) -> None:
        together.wait()
        found.append(one.token())

    threads = [threading.Thread(target=work, args=(one,)) for one in others]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == len(others)
    assert len(set(found)) == renewals(tokens) == 1
    assert kept(file)["refresh_token"] in tokens.refresh


# The endpoint


RUBBISH = {
    "a page": (200, b"<html>Sign in to the hotel's network</html>"),
    "nothing": (200, b""),
    "JSON that is no object": (200, b'["access_token"]'),
    "JSON without a token": (200, b'{"token_type": "Bearer"}'),
    "a token that is none": (200, b'{"access_token": "a\\u0001b", "expires_in": 60}'),
    "a number that is none": (200, b'{"access_token": ' + b"9" * 5000 + b"}"),
    "lists in lists": (200, b"[" * 60_000),
    "more than a token takes": (200, b" " * 70_000),
    "another place": (302, b""),
    "a page that is not there": (404, b"<html>Not found</html>"),
    "trouble of its own": (500, b'{"error": "server_error"}'),
    "an outage": (503, b"<html>Service Unavailable</html>"),
    "too many questions": (429, b'{"error": "invalid_client"}'),
    "an outage with a wrong status": (400, b'{"error": "temporarily_unavailable"}'),
    "an error that is no text": (400, b'{"error": {"code": 400}}'),
}


@pytest.mark.parametrize("answer", RUBBISH.values(), ids=RUBBISH.keys())
def test_what_makes_no_sense_is_asked_again_later_and_the_grant_stays(
    studio: Studio, tokens: TokenServer, answer: tuple[int, bytes]
) -> None:
    app, sign_in, file = signed_in(studio, tokens)
    before = kept(file)
    studio.clock.forward(hours=1)
    tokens.answers = answer
    with pytest.raises(TransientError, match=r"^sign-in support: 127\.0\.0\.1:\d+ [^\n]*; will try again$"):
        sign_in.token()
    assert kept(file) == before
    assert not alarm(studio, app, sign_in)
    tokens.answers = None
    assert sign_in.token() != before["access_token"]


def test_an_endpoint_that_is_away_is_waited_for(studio: Studio, tokens: TokenServer) -> None:
    _, sign_in, _ = signed_in(studio, tokens)
    studio.clock.forward(hours=1)
    away = replace(sign_in.client, provider=replace(sign_in.client.provider, token_url="http://127.0.0.1:1/token"))
    with pytest.raises(TransientError, match=r"^sign-in support: 127\.0\.0\.1:1: Connection refused; will try again$"):
        SignIn(away, sign_in.file, studio.clock).token()


def test_an_endpoint_that_answers_an_octet_at_a_time_is_not_waited_for(studio: Studio, tokens: TokenServer) -> None:
    _, sign_in, _ = signed_in(studio, tokens)
    studio.clock.forward(hours=1)
    tokens.drips = True
    with pytest.raises(TransientError, match=r"answers too slowly; will try again$"):
        SignIn(replace(sign_in.client, seconds=0.2), sign_in.file, studio.clock).token()


def test_an_endpoint_that_does_not_answer_is_not_waited_for(studio: Studio, tokens: TokenServer) -> None:
    from tests.servers import Wire

    _, sign_in, _ = signed_in(studio, tokens)
    studio.clock.forward(hours=1)
    wire = Wire(tokens.port)
    wire.silent = True
    mute = replace(sign_in.client, provider=replace(sign_in.client.provider, token_url=f"http://127.0.0.1:{wire.port}/token"), seconds=0.2)
    with pytest.raises(TransientError, match=r"no answer; will try again$"):
        SignIn(mute, sign_in.file, studio.clock).token()
    wire.close()


def test_a_wrong_secret_of_the_client_is_one_line_that_says_so_and_does_not_repeat_it(studio: Studio, tokens: TokenServer) -> None:
    app, sign_in, _ = signed_in(studio, tokens)
    studio.clock.forward(hours=1)
    wrong = SignIn(replace(sign_in.client, client_secret="guessed"), sign_in.file, studio.clock)
    with pytest.raises(
        PermanentError, match=r"refuses \(no such client, or not …\); mend client_id, client_secret or scope of \[mailbox\.1\.oauth2\]$"
    ):
        wrong.token()
    assert "mend client_id" in alarm(studio, app, wrong)


# The grant


def alarm(studio: Studio, app: App, sign_in: SignIn) -> str:
    """What operators are told when the daemon looks after a sign-in now: '' for nothing."""
    from mailbot import alarms

    before = len(studio.outbox(app, "notice"))
    with contextlib.suppress(MailbotError):
        sign_in.look_after(app.desk)
    alarms.tell(app.desk)
    new = studio.outbox(app, "notice")[before:]
    return " ".join(f"{one['subject']} {studio.letter(app, one).get_body(('plain',)).get_content()}" for one in new)  # type: ignore[union-attr]


def test_a_revoked_grant_is_an_alarm_at_once_and_a_new_sign_in_ends_it(studio: Studio, tokens: TokenServer) -> None:
    app, sign_in, file = signed_in(studio, tokens)
    studio.clock.forward(hours=1)
    refresh = kept(file)["refresh_token"]
    tokens.revoke()
    with pytest.raises(
        PermanentError,
        match=r"^sign-in support: the grant does not hold any more \(Token … has been expired or revoked\.\); sign in again: `mailbot login support`$",
    ):
        sign_in.token()
    told = alarm(studio, app, sign_in)
    assert "Needs attention" in told
    assert "mailbot login support" in told
    assert refresh not in told
    assert alarm(studio, app, sign_in) == ""
    studio.clock.forward(seconds=1)
    keep(app, tokens)
    assert "Well again" in alarm(studio, app, sign_in)


def test_that_nobody_has_signed_in_yet_is_an_alarm_at_once(studio: Studio, tokens: TokenServer) -> None:
    configure(studio, tokens)
    app = studio.open()
    (sign_in,) = app.sign_ins()
    with pytest.raises(PermanentError, match=r"^sign-in support: nobody has signed in yet; `mailbot login support`$"):
        sign_in.token()
    assert "nobody has signed in yet" in alarm(studio, app, sign_in)


def test_a_grant_whose_end_is_known_is_an_alarm_a_week_before(studio: Studio, tokens: TokenServer) -> None:
    tokens.more = {"refresh_token_expires_in": 30 * 86400}
    app, sign_in, _ = signed_in(studio, tokens)
    tokens.more = {}
    studio.clock.forward(days=22, minutes=-50)
    assert alarm(studio, app, sign_in) == ""
    studio.clock.forward(days=1)
    ends = studio.clock.now + timedelta(days=7)
    assert f"the grant ends on {ends:%Y-%m-%d}; sign in again: `mailbot login support`" in " ".join(alarm(studio, app, sign_in).split())
    assert alarm(studio, app, sign_in) == ""


def test_a_grant_that_nobody_uses_ends_where_the_provider_says_so(studio: Studio, tokens: TokenServer) -> None:
    _, sign_in, _ = signed_in(studio, tokens)
    provider = replace(sign_in.client.provider, disuse=timedelta(days=90))
    idle = SignIn(replace(sign_in.client, provider=provider), sign_in.file, studio.clock)
    grant = idle.grant()
    assert idle.ends_at(grant) == grant.renewed_at + timedelta(days=90)


# The file


def test_the_file_is_for_its_owner_alone_and_nothing_is_left_beside_it(studio: Studio, tokens: TokenServer) -> None:
    _, sign_in, file = signed_in(studio, tokens)
    studio.clock.forward(hours=1)
    before = os.umask(0)
    try:
        sign_in.token()
    finally:
        os.umask(before)
    assert file.stat().st_mode & 0o777 == 0o600
    assert [one.name for one in studio.folder.glob("token*")] == [file.name]


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o622])
def test_a_file_that_others_may_open_is_not_used(studio: Studio, tokens: TokenServer, mode: int) -> None:
    app, sign_in, file = signed_in(studio, tokens)
    file.chmod(mode)
    with pytest.raises(PermanentError, match=rf"is open to others \(…{mode & 0o77:03o}\); `chmod 600 {file}`$"):
        sign_in.token()
    assert "chmod 600" in alarm(studio, app, sign_in)


DAMAGED = {
    "cut": b'{"access_token": "a", "refr',
    "empty": b"",
    "no text": b"\xff\x00",
    "another thing": b"[]",
    "without a key": b'{"access_token": "a", "refresh_token": "b"}',
    "a time that is none": b'{"access_token": "a", "refresh_token": "b", "expires_at": "soon", "renewed_at": "now", "ends_at": null}',
    "a time without a zone": b'{"access_token": "a", "refresh_token": "b", "expires_at": "2026-11-18", "renewed_at": "2026-11-18", "ends_at": null}',
    "a token that is none": b'{"access_token": 7, "refresh_token": null, "expires_at": "2026-11-18T12:00:00+00:00", "renewed_at": "2026-11-18T12:00:00+00:00", "ends_at": null}',
    "lists in lists": b"[" * 100_000,
}


@pytest.mark.parametrize("octets", DAMAGED.values(), ids=DAMAGED.keys())
def test_a_damaged_file_is_one_line_and_a_new_sign_in_mends_it(studio: Studio, tokens: TokenServer, octets: bytes) -> None:
    app, sign_in, file = signed_in(studio, tokens)
    file.write_bytes(octets)
    with pytest.raises(PermanentError, match=r"^sign-in support: [^\n]+ is damaged; sign in again: `mailbot login support`$"):
        sign_in.token()
    keep(app, tokens)
    assert sign_in.token() == kept(file)["access_token"]


def test_a_file_that_cannot_be_read_is_one_line(studio: Studio, tokens: TokenServer) -> None:
    _, sign_in, file = signed_in(studio, tokens)
    file.unlink()
    file.symlink_to(file.name)  # as root nothing else is unreadable
    with pytest.raises(
        PermanentError, match=r"^sign-in support: [^\n]+give it to the user that mailbot runs as[^\n]+`mailbot login support`$"
    ):
        sign_in.token()


def test_a_folder_that_cannot_be_written_is_one_line(studio: Studio, tokens: TokenServer) -> None:
    configure(studio, tokens, token_file="nowhere/token.json")
    with pytest.raises(
        PermanentError, match=r"^sign-in support: [^\n]+/nowhere cannot be written; set token_file to a path where mailbot may write$"
    ):
        keep(studio.open(), tokens)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")
@pytest.mark.parametrize("there", [True, False], ids=["the file's", "or the folder's where there is no file yet"])
def test_what_root_renews_stays_its_owners(studio: Studio, tokens: TokenServer, there: bool) -> None:
    _, sign_in, file = signed_in(studio, tokens)
    grant = sign_in.grant()
    os.chown(file if there else studio.folder, 12345, 12346)
    if not there:
        file.unlink()
    sign_in.keep(grant)
    assert (file.stat().st_uid, file.stat().st_gid) == (12345, 12346)


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


# The commands


def test_somebody_signs_in_with_a_code_and_the_mailbox_opens(studio: Studio, tokens: TokenServer, dovecot: Dovecot) -> None:
    file = configure(studio, tokens, dovecot.port)
    login = studio.run("login", "support")
    assert (login.returncode, login.stderr) == (0, "")
    assert f"Open {tokens.url('type')} in a browser" in login.stdout
    assert "WDJB-MJHT" in login.stdout
    assert "Sign in as anna" in login.stdout
    assert [form["grant_type"].rpartition(":")[2] for form in tokens.forms[1:]] == ["device_code", "device_code"]  # it waited once
    check = studio.run("check")
    assert check.returncode == 0
    assert "ok    sign-in support: renewed, the token lasts until " in check.stdout
    assert "ok    mailbox support: " in check.stdout
    assert file.stat().st_mode & 0o777 == 0o600
    shown = f"{login} {check}"
    assert not any(token in shown for token in (*tokens.users, *tokens.refresh, CLIENT_SECRET))


@pytest.mark.parametrize(
    ("errors", "says"),
    [
        (["authorization_pending", "slow_down", "access_denied"], "who typed the code said no; begin anew: `mailbot login support`"),
        (["expired_token"], "nobody typed the code in time; begin anew: `mailbot login support`"),
        (["unauthorized_client"], "mend client_id, client_secret or scope of [mailbox.1.oauth2]"),
    ],
    ids=["refused", "too late", "not of this client"],
)
def test_a_sign_in_that_ends_without_a_grant_keeps_none(studio: Studio, tokens: TokenServer, errors: list[str], says: str) -> None:
    from mailbot.edge import oauth

    file = configure(studio, tokens)
    client = studio.open().sign_ins()[0].client
    tokens.approved = list(errors)
    pauses: list[float] = []
    with pytest.raises(PermanentError) as told:
        oauth.wait_for_grant(client, oauth.ask_for_code(client, studio.clock()), studio.clock, pauses.append)
    assert str(told.value).endswith(says)
    assert pauses == [1, 1, 6][: len(errors)]  # RFC 8628 section 3.5: slower by five seconds from then on
    assert not file.exists()


def test_a_code_that_nobody_types_ends_by_the_clock(studio: Studio, tokens: TokenServer) -> None:
    from mailbot.edge import oauth

    configure(studio, tokens)
    client = studio.open().sign_ins()[0].client
    tokens.approved = ["authorization_pending"] * 100
    with pytest.raises(PermanentError, match=r"^nobody typed the code in time"):
        oauth.wait_for_grant(client, oauth.ask_for_code(client, studio.clock()), studio.clock, lambda _: studio.clock.forward(minutes=5))  # type: ignore[arg-type, return-value]
    assert len(tokens.approved) == 97


def page_login(studio: Studio, tokens: TokenServer, answer: str) -> tuple[int, str]:
    """`mailbot login support`, where the browser ends up at the address `answer`; its status, and all it said."""
    process = subprocess.Popen(
        studio.command("login", "support"),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=studio.folder,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    said = ""
    while not said.endswith("press Enter:\n"):
        line = process.stdout.readline()
        assert line, said
        said += line
    query = parse_qs(urlsplit(next(line for line in said.splitlines() if line.startswith("http"))).query)
    tokens.challenge = query["code_challenge"][0]
    rest = process.communicate(answer.format(code=tokens.code, state=query["state"][0]))
    return process.returncode, said + "".join(rest)


def test_somebody_signs_in_on_a_page_and_pastes_where_the_browser_ended_up(studio: Studio, tokens: TokenServer) -> None:
    file = configure(studio, tokens, device_url=None, authorize_url=tokens.url("page"))
    status, said = page_login(studio, tokens, "http://127.0.0.1:8765/?state={state}&code={code}&scope=mail\n")
    assert status == 0
    assert kept(file)["refresh_token"] in tokens.refresh
    assert not any(token in said for token in (*tokens.users, *tokens.refresh, CLIENT_SECRET))


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        ("http://127.0.0.1:8765/?state=another&code={code}\n", "it belongs to another sign-in"),
        ("http://127.0.0.1:8765/?state={state}&error=access_denied\n", "the provider says access_denied"),
        ("http://127.0.0.1:8765/?state={state}&code=guessed\n", "Malformed auth code."),
        ("", "there is no code in it"),
    ],
    ids=["of another sign-in", "refused", "a wrong code", "nothing"],
)
def test_an_address_that_does_not_help_is_one_line(studio: Studio, tokens: TokenServer, answer: str, says: str) -> None:
    file = configure(studio, tokens, device_url=None, authorize_url=tokens.url("page"))
    status, said = page_login(studio, tokens, answer)
    assert status == 1
    assert says in said.splitlines()[-1]
    assert "Traceback" not in said
    assert not file.exists()


def test_a_name_without_a_sign_in_is_one_line_that_names_those_with_one(studio: Studio, tokens: TokenServer) -> None:
    ended = studio.run("login", "support")
    assert (ended.returncode, len(ended.stderr.splitlines())) == (2, 1)
    assert "none has a table oauth2" in ended.stderr
    configure(studio, tokens)
    ended = studio.run("login", "smtp")
    assert ended.returncode == 2
    assert ended.stderr.endswith("'smtp' is no mailbox with oauth2; with oauth2: support\n")


def test_the_daemon_renews_tells_of_trouble_at_once_and_shows_no_token(studio: Studio, tokens: TokenServer, dovecot: Dovecot) -> None:
    app, _, file = signed_in(studio, tokens, dovecot.port)
    dovecot.user("anna").append(MAIL)
    assert app.daemon().once()
    grant = kept(file)
    tokens.revoke()
    file.write_text(json.dumps(grant | {"expires_at": grant["renewed_at"]}))
    file.chmod(0o600)
    ended = studio.run("run", "--once")
    assert ended.returncode == 1
    assert "sign in again: `mailbot login support`" in ended.stderr
    assert "Traceback" not in ended.stderr
    assert not any(token in ended.stderr for token in (grant["access_token"], grant["refresh_token"], CLIENT_SECRET))
    assert [one["subject"] for one in studio.outbox(app, "notice")] == ["Needs attention: sign-in of mailbox support"]
    check = studio.run("check")
    assert check.returncode == 1
    assert "WRONG sign-in support: sign-in support: the grant does not hold any more" in check.stdout
