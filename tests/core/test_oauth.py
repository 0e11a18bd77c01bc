"""Grants and what is said of them: pure tables."""

from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from mailbot.core.oauth import page, sasl
from mailbot.core.oauth.grant import Grant, granted, remedy, told
from mailbot.core.oauth.providers import google, microsoft

NOW = datetime(2026, 11, 18, 12, 0, tzinfo=UTC)
BEFORE = Grant("a", "r", NOW, NOW - timedelta(hours=1), NOW + timedelta(days=3))


@pytest.mark.parametrize(
    ("minutes", "lasts", "fresh"),
    [(0, 60, True), (54, 60, True), (55, 60, False), (60, 60, False), (2, 5, True), (3, 5, False), (-0.5, 60, True), (-2, 60, False)],
    ids=[
        "a new token is used",
        "until five minutes before its end",
        "and is renewed then",
        "and is not used after it",
        "one that lasts five minutes is used for half of them",
        "and renewed in the other half",
        "a clock that differs a little is no matter",
        "a token from the future is not believed",
    ],
)
def test_a_token_is_fresh(minutes: float, lasts: float, fresh: bool) -> None:
    grant = Grant("a", "r", NOW + timedelta(minutes=lasts), NOW)
    assert grant.fresh(NOW + timedelta(minutes=minutes)) == fresh


@pytest.mark.parametrize(
    ("answer", "minutes"),
    [
        ({"expires_in": 600}, 10),
        ({"expires_in": "600"}, 10),
        ({}, 60),
        ({"expires_in": None}, 60),
        ({"expires_in": -5}, 60),
        ({"expires_in": 1e300}, 60),
        ({"expires_in": True}, 60),
        ({"expires_in": ["600"]}, 60),
        ({"expires_in": 999999999999}, 10 * 366 * 1440),
    ],
    ids=[
        "as a number",
        "as text",
        "not at all: an hour",
        "as null",
        "as less than nothing",
        "as a number beyond all",
        "as true",
        "as a list",
        "as thousands of years",
    ],
)
def test_an_answer_says_how_long_a_token_lasts(answer: dict[str, Any], minutes: int) -> None:
    assert granted({"access_token": "x", **answer}, NOW, BEFORE).expires_at == NOW + timedelta(minutes=minutes)


@pytest.mark.parametrize(
    ("answer", "refresh", "ends_in_days"),
    [
        ({}, "r", 3),
        ({"refresh_token": "new"}, "new", None),
        ({"refresh_token": "new", "refresh_token_expires_in": 86400}, "new", 1),
        ({"refresh_token_expires_in": 86400}, "r", 1),
        ({"refresh_token": "", "refresh_token_expires_in": 0}, "r", 3),
    ],
    ids=[
        "without a new one the old goes on, with its end",
        "a new one replaces it, and its end with it",
        "a new one with an end",
        "the old one with a new end",
        "what is empty says nothing",
    ],
)
def test_a_refresh_token(answer: dict[str, Any], refresh: str, ends_in_days: int | None) -> None:
    grant = granted({"access_token": "x", **answer}, NOW, BEFORE)
    assert grant.refresh_token == refresh
    assert grant.ends_at == (None if ends_in_days is None else NOW + timedelta(days=ends_in_days))


@pytest.mark.parametrize("token", [None, "", 7, ["x"], "a\x01b", "токен", "x\n", "x" * 20001])
def test_what_is_no_token_is_no_grant(token: object) -> None:
    with pytest.raises(ValueError, match=r"^no access token$"):
        granted({"access_token": token}, NOW, BEFORE)


def test_a_first_grant_without_a_refresh_token_is_none() -> None:
    with pytest.raises(ValueError, match=r"^no refresh token$"):
        granted({"access_token": "x"}, NOW)


@pytest.mark.parametrize(
    ("said", "disuse", "days"),
    [(None, None, None), (30, None, 30), (None, 90, 90), (30, 90, 30), (100, 90, 90)],
    ids=["nobody knows when", "as was said", "when nobody uses it", "as was said, which is sooner", "when nobody uses it, which is sooner"],
)
def test_a_grant_ends(said: int | None, disuse: int | None, days: int | None) -> None:
    grant = Grant("a", "r", NOW, NOW, NOW + timedelta(days=said) if said else None)
    assert grant.ends(timedelta(days=disuse) if disuse else None) == (NOW + timedelta(days=days) if days else None)


def test_tokens_do_not_show_when_a_grant_is_printed() -> None:
    assert "secret" not in repr(Grant("secret-1", "secret-2", NOW, NOW))


@pytest.mark.parametrize(
    ("status", "error", "helps"),
    [
        (400, "invalid_grant", "sign in"),
        (400, "interaction_required", "sign in"),
        (401, "invalid_client", "mend"),
        (400, "unauthorized_client", "mend"),
        (400, "invalid_scope", "mend"),
        (400, "a code that nobody knows", "mend"),
        (400, "temporarily_unavailable", "wait"),
        (400, "slow_down", "wait"),
        (503, "invalid_grant", "wait"),
        (429, "invalid_client", "wait"),
        (404, None, "wait"),
        (200, None, "wait"),
    ],
)
def test_what_helps_after_no(status: int, error: str | None, helps: str) -> None:
    assert remedy(status, error) == helps


def test_what_an_error_tells_is_a_line_without_secrets() -> None:
    said = told({"error": "invalid_grant", "error_description": "Token\r\n abc-def  is\tbad" + "x" * 400}, ["abc-def", ""])
    assert said == ("Token … is bad" + "x" * 400)[:200]
    assert told({"error": "invalid_grant"}, []) == "invalid_grant"
    assert told({}, []) == "no reason given"


@pytest.mark.parametrize(
    ("announced", "chosen"),
    [
        (["PLAIN", "OAUTHBEARER", "XOAUTH2"], "OAUTHBEARER"),
        (["login", "xoauth2"], "XOAUTH2"),
        (["PLAIN", "LOGIN"], None),
        ([], None),
    ],
    ids=["the standard goes first", "in small letters", "none that takes a token", "none at all"],
)
def test_the_mechanism(announced: list[str], chosen: str | None) -> None:
    found = sasl.choose(announced)
    assert (found and found.name) == chosen


def test_what_a_client_says_first() -> None:
    bearer, older = sasl.MECHANISMS
    assert bearer.first("a=b,c@rose.example", "tok") == "n,a=a=3Db=2Cc@rose.example,\x01auth=Bearer tok\x01\x01"  # RFC 5801 section 4
    assert older.first("a=b@rose.example", "{tok}") == "user=a=b@rose.example\x01auth=Bearer {tok}\x01\x01"
    assert (bearer.end, older.end) == ("\x01", "")


@pytest.mark.parametrize(
    ("challenge", "said"),
    [
        (b'{"status":"invalid_token","schemes":"bearer","scope":"mail"}', "status invalid_token scope mail"),
        (b'{"status":400}', "status 400"),
        (b'{"status":["400"]}', ""),
        (b'["status"]', ""),
        (b"no JSON", ""),
        (b"\xff\xfe", ""),
        (b"", ""),
        (b"[" * 100_000, ""),
    ],
)
def test_a_servers_complaint(challenge: bytes, said: str) -> None:
    assert sasl.complaint(challenge) == said


def test_the_page_where_somebody_signs_in_at_google() -> None:
    begun = page.begin(google(), "client", "support@studio.example", "state-1", "v" * 43)
    query = parse_qs(urlsplit(begun.url).query)
    assert begun.url.startswith("https://accounts.google.com/")
    assert (query["scope"], query["login_hint"], query["access_type"], query["prompt"], query["code_challenge_method"]) == (
        ["https://mail.google.com/"],
        ["support@studio.example"],
        ["offline"],
        ["consent"],
        ["S256"],
    )
    assert "v" * 43 not in begun.url


def test_the_proof_is_that_of_the_rfc() -> None:
    # RFC 7636 appendix B
    begun = page.begin(google(), "client", "anna", "state-1", "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk")
    assert "code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM" in begun.url


def test_microsoft_is_asked_for_imap_and_smtp_and_a_refresh_token() -> None:
    provider = microsoft("studio.example")
    assert provider.token_url == "https://login.microsoftonline.com/studio.example/oauth2/v2.0/token"
    assert [one.rpartition("/")[2] for one in provider.scope.split()] == ["IMAP.AccessAsUser.All", "SMTP.Send", "offline_access"]
    assert provider.device_url and not provider.authorize_url


@pytest.mark.parametrize(
    ("pasted", "found"),
    [
        ("http://127.0.0.1:8765/?state=s&code=4%2F0Ab&scope=x", "4/0Ab"),
        ("  http://127.0.0.1:8765/?code=abc&state=s\r\n", "abc"),
        ("http://127.0.0.1:8765/?error=access_denied&state=s", "the provider says access_denied"),
        ("http://127.0.0.1:8765/?code=abc&state=other", "it belongs to another sign-in"),
        ("http://127.0.0.1:8765/?code=abc", "it belongs to another sign-in"),
        ("abc", "there is no code in it"),
        ("", "there is no code in it"),
        ("http://[/?code=abc", "Invalid IPv6 URL"),
        ("http://127.0.0.1:8765/?" + "&" * 200, "Max number of fields exceeded"),
    ],
)
def test_the_code_of_a_pasted_address(pasted: str, found: str) -> None:
    begun = page.begin(google(), "client", "anna", "s", "v" * 43)
    try:
        assert page.code_of(begun, pasted) == found
    except ValueError as error:
        assert str(error).startswith(found)
