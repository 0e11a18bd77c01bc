"""The SASL mechanisms that take an access token: OAUTHBEARER (RFC 7628), and Google's older XOAUTH2, the only one of Microsoft's."""

import json
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, Protocol


class Tokens(Protocol):
    """Where a login gets its access token from; `name` is for `mailbot login NAME`."""

    @property
    def name(self) -> str:
        """Of the sign-in."""

    def token(self, refused: str = "") -> str:
        """An access token, another one than `refused`, which a server has just refused. Raises TransientError or PermanentError."""


@dataclass(frozen=True, slots=True)
class Mechanism:
    """`opening` is formatted with the user's name and the token; `end` answers the challenge that tells of an error."""

    name: str
    opening: str
    end: str

    def first(self, user: str, token: str) -> str:
        """What the client says first."""
        # In the GS2 header "," and "=" are written in code (RFC 5801 section 4).
        named = user.replace("=", "=3D").replace(",", "=2C") if self.name == "OAUTHBEARER" else user
        return self.opening.format(user=named, token=token)


MECHANISMS = (  # the standard first
    Mechanism("OAUTHBEARER", "n,a={user},\x01auth=Bearer {token}\x01\x01", "\x01"),  # RFC 7628 sections 3.1 and 3.2.3
    Mechanism("XOAUTH2", "user={user}\x01auth=Bearer {token}\x01\x01", ""),
)


def choose(announced: Collection[str]) -> Mechanism | None:
    """The best of the mechanisms that a server announces, None when it takes no tokens."""
    known = {name.upper() for name in announced}
    return next((one for one in MECHANISMS if one.name in known), None)


def complaint(challenge: bytes) -> str:
    """What the server says is wrong with the token, from its JSON (RFC 7628 section 3.2.2); '' when it says nothing that can be read."""
    try:
        said: Any = json.loads(challenge)
    except (ValueError, RecursionError):
        return ""
    if not isinstance(said, dict):
        return ""
    return " ".join(f"{name} {said[name]}" for name in ("status", "scope") if isinstance(said.get(name), str | int))[:200]
