"""Grants of OAuth2, against a real token endpoint: tokens are renewed, revoked, and kept in a file."""

import contextlib
import os
import threading
from dataclasses import replace
from datetime import timedelta

import pytest

from mailbot.app import App
from mailbot.errors import MailbotError, PermanentError, TransientError
from mailbot.signin import SignIn
from tests.conftest import Studio
from tests.duties.signin.desk import configure, keep, kept, renewals, signed_in
from tests.tokens import TokenServer

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
