"""A grant: what somebody who signed in has given mailbot, how long it lasts, and what a token endpoint says of it."""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal

EARLY = timedelta(minutes=5)  # a token is renewed so long before it ends: a login must not meet its last second
USUAL_SECONDS = 3600  # RFC 6749 section 5.1 lets an answer leave out how long a token lasts
LONGEST_SECONDS = 10 * 366 * 86400
WARN_BEFORE = timedelta(days=7)
SKEW = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Grant:
    """An access token with the refresh token that renews it. Moments are aware; `ends_at`: of the grant, None when nobody said."""

    access_token: str = field(repr=False)
    refresh_token: str = field(repr=False)
    expires_at: datetime
    renewed_at: datetime
    ends_at: datetime | None = None

    def fresh(self, now: datetime) -> bool:
        """Whether the access token may be used. One that comes from the future is not believed: a clock was wrong, now or then."""
        lasts = self.expires_at - self.renewed_at
        return self.renewed_at - SKEW <= now < self.expires_at - min(EARLY, lasts / 2)

    def ends(self, disuse: timedelta | None) -> datetime | None:
        """When somebody must sign in again, as far as that is known. `disuse`: how long the provider keeps a grant that nobody uses."""
        known = [self.ends_at] if self.ends_at else []
        return min([*known, self.renewed_at + disuse] if disuse else known, default=None)


def granted(answer: Mapping[str, Any], now: datetime, before: Grant | None = None) -> Grant:
    """The grant of a token endpoint's answer (RFC 6749 section 5.1). `before`: the one that was renewed, whose refresh token goes on
    unless a new one is given (section 6). Raises ValueError, in words, when the answer holds no grant.
    """
    access_token = _token("access token", answer.get("access_token"))
    refresh_token = _token("refresh token", answer.get("refresh_token") or (before.refresh_token if before else None))
    ends_in = _seconds(answer.get("refresh_token_expires_in"))
    if ends_in:
        ends_at: datetime | None = now + timedelta(seconds=ends_in)
    else:
        ends_at = before.ends_at if before and before.refresh_token == refresh_token else None
    expires_in = _seconds(answer.get("expires_in")) or USUAL_SECONDS
    return Grant(access_token, refresh_token, now + timedelta(seconds=expires_in), now, ends_at)


def _token(name: str, value: object) -> str:
    if not isinstance(value, str) or not re.fullmatch("[\x20-\x7e]{1,20000}", value):  # RFC 6749 appendix A.12
        raise ValueError(f"no {name}")
    return value


def _seconds(value: object) -> int | None:
    """A number of seconds, which some servers write as text; None for what is none."""
    if isinstance(value, bool) or not re.fullmatch(r"\d{1,12}", str(value)):
        return None
    return min(int(str(value)), LONGEST_SECONDS)


Remedy = Literal["wait", "sign in", "mend"]
_REMEDIES: dict[str, Remedy] = {
    "invalid_grant": "sign in",  # RFC 6749 section 5.2: revoked, expired, of another client
    "interaction_required": "sign in",  # Microsoft: a second factor, a changed password
    "consent_required": "sign in",
    "login_required": "sign in",
    "temporarily_unavailable": "wait",  # Microsoft: an outage, with a status that may be 4yz
    "server_error": "wait",
    "slow_down": "wait",
}


def remedy(status: int, error: str | None) -> Remedy:
    """What helps after a token endpoint said no: try again later, a person who signs in, or a mended configuration.

    An answer without an error code that OAuth knows (a proxy's page, an outage) tells nothing of the grant.
    """
    if status >= 500 or status == 429 or error is None:
        return "wait"
    return _REMEDIES.get(error, "mend")


def told(answer: Mapping[str, Any], secrets: Collection[str]) -> str:
    """What an error answer says, in one line without any of the secrets that it may repeat."""
    text = str(answer.get("error_description") or answer.get("error") or "no reason given")
    for secret in secrets:
        if secret:
            text = text.replace(secret, "…")
    return " ".join(text.split())[:200]
