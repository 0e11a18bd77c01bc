"""The commands that sign in and show it, as processes."""

import json
import subprocess
from urllib.parse import parse_qs, urlsplit

import pytest

from mailbot.errors import PermanentError
from tests.conftest import Studio
from tests.duties.signin.desk import MAIL, configure, kept, signed_in
from tests.servers import Dovecot
from tests.tokens import CLIENT_SECRET, TokenServer

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


def test_an_outage_while_somebody_types_the_code_ends_nothing(studio: Studio, tokens: TokenServer) -> None:
    from mailbot.edge import oauth

    configure(studio, tokens)
    client = studio.open().sign_ins()[0].client
    code = oauth.ask_for_code(client, studio.clock())
    tokens.approved = ["authorization_pending", "nobody sees this one", "temporarily_unavailable"]
    outages = iter([None, (503, b"<html>Service Unavailable"), None])
    pauses: list[float] = []

    def wait(seconds: float) -> None:
        pauses.append(seconds)
        tokens.answers = next(outages, None)

    grant = oauth.wait_for_grant(client, code, studio.clock, wait)
    assert grant.refresh_token in tokens.refresh
    assert pauses == [1, 1, 2, 4]


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
