"""Signing in on the provider's page, with a browser that may be on another computer (RFC 6749 section 4.1, RFC 7636, RFC 8252)."""

from base64 import urlsafe_b64encode
from dataclasses import dataclass, field
from hashlib import sha256
from urllib.parse import parse_qs, urlencode, urlsplit

from mailbot.core.oauth.providers import Provider

# Nobody listens there: the browser shows an error, and the address with the code stands in its address bar. Google takes
# any port of loopback from a desktop client (RFC 8252 section 7.3), and no longer shows codes on a page of its own.
REDIRECT = "http://127.0.0.1:8765/"


@dataclass(frozen=True, slots=True)
class Page:
    """A sign-in that has begun. `state` comes back with the code; `verifier`: 43 to 128 characters that prove who began."""

    url: str
    state: str
    verifier: str = field(repr=False)


def begin(provider: Provider, client_id: str, user: str, state: str, verifier: str) -> Page:
    """The page where `user` signs in. `state` and `verifier` must be random."""
    challenge = urlsafe_b64encode(sha256(verifier.encode()).digest()).rstrip(b"=").decode()
    query = {
        "response_type": "code",
        "client_id": client_id,
        "redirect_uri": REDIRECT,
        "scope": provider.scope,
        "state": state,
        "code_challenge": challenge,
        "code_challenge_method": "S256",
        "login_hint": user,
    }
    joint = "&" if urlsplit(provider.authorize_url or "").query else "?"
    return Page(f"{provider.authorize_url}{joint}{urlencode(query | provider.extra)}", state, verifier)


def code_of(page: Page, pasted: str) -> str:
    """The code in the address to which the browser was sent. Raises ValueError, in words, when there is none."""
    query = parse_qs(urlsplit(pasted.strip()).query, max_num_fields=100)
    if "error" in query:
        raise ValueError(f"the provider says {query['error'][0][:100]}")
    if "code" not in query:
        raise ValueError("there is no code in it; paste the whole address, from http:// to its end")
    if query.get("state") != [page.state]:
        raise ValueError("it belongs to another sign-in; begin anew and use the newest address")
    return query["code"][0]
