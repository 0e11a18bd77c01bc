"""The command `login`: somebody signs in at the provider, once, with a browser that may be on another computer."""

import secrets
import sys
import time
from typing import TYPE_CHECKING, Annotated

import typer

from mailbot.cli.common import cell, desk, say
from mailbot.core.terminal import safe
from mailbot.errors import ConfigError, PermanentError

if TYPE_CHECKING:
    from mailbot.app import App
    from mailbot.core.oauth.grant import Grant
    from mailbot.signin import SignIn


def register(app: typer.Typer) -> None:
    """Add this command to the program."""
    app.command()(login)


def login(name: Annotated[str, typer.Argument(metavar="NAME", help="The mailbox's name; smtp for [smtp].")]) -> None:
    """Sign in to a mailbox with OAuth2; any browser will do, on this computer or another."""
    app = desk(prepared=False)
    sign_in, user = _find(app, name)
    give = _with_code if sign_in.client.provider.device_url else _with_page
    sign_in.keep(give(app, sign_in, user))
    say(f"{sign_in.file.path}: kept. `mailbot check` tries the mailbox.")


def _find(app: "App", name: str) -> tuple["SignIn", str]:
    """The sign-in of a mailbox or of SMTP, and who must sign in."""
    from mailbot.config import token_file

    servers = {"smtp": app.config.smtp} | {one.name: one for one in app.config.mailbox}
    able = [one for one, server in servers.items() if server.oauth2]
    if name not in able:
        said = f"with oauth2: {', '.join(sorted(able))}" if able else "none has a table oauth2; README.md tells how to make it"
        raise ConfigError(f"{app.config.file}: {name!r} is no mailbox with oauth2; {said}")
    return app.sign_in(token_file(app.config, servers[name])), servers[name].username or ""


def _with_code(app: "App", sign_in: "SignIn", user: str) -> "Grant":
    """By a short code that is typed on the provider's page (RFC 8628)."""
    from mailbot.edge import oauth

    code = oauth.ask_for_code(sign_in.client, app.desk.clock())
    say(f"1. Open {safe(code.url)} in a browser, on any computer.")
    say(f"2. Type the code {safe(code.user_code)} there, before {cell(code.ends_at)}.")
    say(f"3. Sign in as {user} and agree. This command waits for that.")
    sys.stdout.flush()
    return oauth.wait_for_grant(sign_in.client, code, app.desk.clock, time.sleep)


def _with_page(app: "App", sign_in: "SignIn", user: str) -> "Grant":
    """By the address to which the provider's page sends the browser (RFC 8252)."""
    from mailbot.core.oauth import page
    from mailbot.edge import oauth

    client = sign_in.client
    begun = page.begin(client.provider, client.client_id, user, secrets.token_urlsafe(16), secrets.token_urlsafe(48))
    say(f"1. Open this address in a browser, on any computer, sign in as {user} and agree:\n\n{begun.url}\n")
    say(f"2. The browser then goes to an address that begins with {page.REDIRECT} and cannot show it. That is as it should be.")
    say("3. Copy that whole address from the browser's address bar, paste it here and press Enter:")
    sys.stdout.flush()
    try:
        code = page.code_of(begun, sys.stdin.readline() if sys.stdin else "")
    except ValueError as error:
        raise PermanentError(f"sign-in {sign_in.name}: {safe(str(error))}; begin anew: `mailbot login {sign_in.name}`") from error
    return oauth.redeem(client, begun, code, app.desk.clock())
