"""A desk whose mailbox is opened by a token."""

import json
from pathlib import Path
from typing import Any

from mailbot.app import App
from mailbot.signin import SignIn
from tests.conftest import Studio
from tests.tokens import TokenServer

MAIL = (
    b"From: anna@rose.example\r\nTo: support@studio.example\r\nSubject: the form\r\nMessage-ID: <1@rose.example>\r\n\r\nIt is broken.\r\n"
)


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
