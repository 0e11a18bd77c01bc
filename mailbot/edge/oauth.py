"""A token endpoint (RFC 6749, RFC 8628), through requests: a form goes there, JSON comes back. No token stands in any error."""

import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import requests
from urllib3.exceptions import HTTPError

from mailbot.core.oauth.grant import Grant, granted, remedy, told
from mailbot.core.oauth.page import REDIRECT, Page
from mailbot.core.oauth.providers import Provider
from mailbot.errors import PermanentError, TransientError

CONNECT_SECONDS, ANSWER_SECONDS = 10, 20.0
LARGEST_OCTETS = 64 * 1024


@dataclass(frozen=True, slots=True)
class Client:
    """What mailbot is at a provider. `name`: of the sign-in, for `mailbot login NAME`; `key`: of its table in the configuration."""

    name: str
    key: str
    provider: Provider
    client_id: str
    client_secret: str | None = field(repr=False)
    seconds: float = ANSWER_SECONDS


@dataclass(frozen=True, slots=True)
class Code:
    """A code that somebody types on the page `url`, on any computer, before `ends_at`. `interval`: seconds between questions."""

    user_code: str
    url: str
    device_code: str = field(repr=False)
    interval: float
    ends_at: datetime


def renew(client: Client, grant: Grant, now: datetime) -> Grant:
    """The grant with a new access token (RFC 6749 section 6).

    Raises TransientError (endpoint away, or no sense in its answer), PermanentError (somebody must sign in, or mend the configuration).
    """
    form = {"grant_type": "refresh_token", "refresh_token": grant.refresh_token}
    return _grant(client, form, now, grant)


def redeem(client: Client, page: Page, code: str, now: datetime) -> Grant:
    """The grant for the code that a sign-in page gave (RFC 6749 section 4.1.3, RFC 7636 section 4.5). Raises as `renew`."""
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": REDIRECT, "code_verifier": page.verifier}
    return _grant(client, form, now)


def ask_for_code(client: Client, now: datetime) -> Code:
    """A code to sign in with (RFC 8628 section 3.1). Raises as `renew`."""
    form = {"scope": client.provider.scope}
    status, answer = _post(client, client.provider.device_url or "", form)
    texts = [answer.get("user_code"), answer.get("verification_uri") or answer.get("verification_url"), answer.get("device_code")]
    if status != 200 or not all(isinstance(one, str) and one.isprintable() for one in texts):
        raise _refused(client, status, answer, form)
    # RFC 8628 section 3.2 makes the interval optional, and 5 seconds when it is left out.
    numbers = [answer.get(name) for name in ("interval", "expires_in")]
    interval, lasts = (one if isinstance(one, int) else usual for one, usual in zip(numbers, (5, 900), strict=True))
    user_code, url, device_code = map(str, texts)
    return Code(user_code, url, device_code, max(1, min(interval, 60)), now + timedelta(seconds=max(0, min(lasts, 3600))))


def wait_for_grant(client: Client, code: Code, clock: Callable[[], datetime], wait: Callable[[float], None]) -> Grant:
    """The grant, once somebody has typed the code (RFC 8628 section 3.4). Raises PermanentError when nobody did, or who did said no."""
    form = {"grant_type": "urn:ietf:params:oauth:grant-type:device_code", "device_code": code.device_code}
    interval = code.interval
    trouble: TransientError | None = None
    while clock() < code.ends_at:
        wait(interval)
        try:
            status, answer = _post(client, client.provider.token_url, form)
            trouble = None
            match answer.get("error"):
                case "authorization_pending":
                    continue
                case "slow_down":  # section 3.5: by 5 seconds, for good
                    interval += 5
                case "access_denied":
                    raise PermanentError(f"who typed the code said no; begin anew: `mailbot login {client.name}`")
                case "expired_token":
                    break
                case _:
                    return _read(client, status, answer, form, clock())
        except TransientError as error:  # section 3.5: to be asked again, more seldom
            trouble, interval = error, min(2 * interval, 60)
    raise trouble or PermanentError(f"nobody typed the code in time; begin anew: `mailbot login {client.name}`")


def _grant(client: Client, form: dict[str, str], now: datetime, before: Grant | None = None) -> Grant:
    status, answer = _post(client, client.provider.token_url, form)
    return _read(client, status, answer, form, now, before)


def _read(client: Client, status: int, answer: dict[str, Any], form: dict[str, str], now: datetime, before: Grant | None = None) -> Grant:
    if status != 200 or "error" in answer:
        raise _refused(client, status, answer, form)
    try:
        return granted(answer, now, before)
    except ValueError as error:
        raise TransientError(f"sign-in {client.name}: {_place(client)} answers with {error}; will try again") from error


def _refused(client: Client, status: int, answer: dict[str, Any], form: dict[str, str]) -> TransientError | PermanentError:
    """The error of an answer that is no grant."""
    error = answer.get("error")
    said = told(
        answer, [client.client_secret or "", *(form.get(name, "") for name in ("refresh_token", "code", "code_verifier", "device_code"))]
    )
    match remedy(status, error if isinstance(error, str) else None):
        case "wait":
            return TransientError(f"sign-in {client.name}: {_place(client)} answers {status} ({said}); will try again")
        case "sign in":
            return PermanentError(
                f"sign-in {client.name}: the grant does not hold any more ({said}); sign in again: `mailbot login {client.name}`"
            )
        case "mend":
            return PermanentError(
                f"sign-in {client.name}: {_place(client)} refuses ({said}); mend client_id, client_secret or scope of {client.key}"
            )


def _place(client: Client) -> str:
    return urlsplit(client.provider.token_url).netloc


def _post(client: Client, url: str, form: dict[str, str]) -> tuple[int, dict[str, Any]]:
    """(status, JSON object) of a form's answer; the object is empty when there is none. The client says who it is in the form."""
    data = {"client_id": client.client_id} | ({"client_secret": client.client_secret} if client.client_secret else {}) | form
    deadline = time.monotonic() + client.seconds
    try:
        with requests.post(
            url,
            data=data,
            headers={"Accept": "application/json", "Accept-Encoding": "identity"},
            timeout=(CONNECT_SECONDS, client.seconds),
            allow_redirects=False,  # the secrets are for this address alone
            auth=lambda request: request,  # else requests looks for a password of that host in .netrc
            stream=True,
        ) as response:
            octets = b""
            while chunk := response.raw.read1(8192):
                octets += chunk
                if len(octets) > LARGEST_OCTETS:
                    return response.status_code, {}
                if time.monotonic() > deadline:  # a timeout of requests begins anew with each octet
                    raise TransientError(f"sign-in {client.name}: {urlsplit(url).netloc} answers too slowly; will try again")
    except (requests.RequestException, HTTPError, OSError) as error:
        raise TransientError(f"sign-in {client.name}: {urlsplit(url).netloc}: {_said(error)}; will try again") from error
    try:
        answer = json.loads(octets)
    except (ValueError, RecursionError):
        answer = {}
    return response.status_code, answer if isinstance(answer, dict) else {}


def _said(error: Exception) -> str:
    if isinstance(error, requests.Timeout | TimeoutError) or "timed out" in str(error).lower():
        return "no answer"
    cause: BaseException | None = error
    while cause is not None:  # what the system says lies below three layers that repeat each other
        if isinstance(cause, OSError) and cause.strerror:
            return cause.strerror
        reason = getattr(cause, "reason", None) or next((one for one in cause.args if isinstance(one, BaseException)), None)
        cause = reason if isinstance(reason, BaseException) else cause.__cause__ or cause.__context__
    return type(error).__name__
