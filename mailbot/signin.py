"""Signing in with OAuth2: a token for whoever logs in, renewed in time and kept before it is used."""

from collections.abc import Callable
from datetime import datetime

from mailbot import alarms
from mailbot.core.oauth.grant import WARN_BEFORE, Grant
from mailbot.desk import Desk
from mailbot.edge import oauth
from mailbot.edge.tokens import TokenFile
from mailbot.errors import PermanentError


class SignIn:
    """One grant, which may open a mailbox and its SMTP server. Errors are TransientError (the endpoint, the disk) and
    PermanentError (somebody must sign in again, or mend the configuration)."""

    def __init__(self, client: oauth.Client, file: TokenFile, clock: Callable[[], datetime]) -> None:
        self.client, self.file, self.clock = client, file, clock
        self._unsaved: Grant | None = None  # renewed, and the disk did not take it: a refresh token may be good for one use

    @property
    def name(self) -> str:
        """What `mailbot login` calls it."""
        return self.client.name

    def grant(self) -> Grant:
        """What is kept. Raises PermanentError when nobody has signed in."""
        kept = self.file.read()
        found = max(filter(None, (self._unsaved, kept)), key=lambda one: one.renewed_at, default=None)
        if found is None:
            raise PermanentError(f"sign-in {self.name}: nobody has signed in yet; `mailbot login {self.name}`")
        return found

    def token(self, refused: str = "") -> str:
        """An access token that holds for some minutes. `refused`: one that a server has just refused; it is not given again."""
        grant = self.grant()
        if grant.access_token != refused and grant.fresh(self.clock()) and self._unsaved is None:
            return grant.access_token
        return self.renew(grant if grant.access_token == refused else None).access_token

    def renew(self, stale: Grant | None) -> Grant:
        """The grant with a new access token, unless another process has been faster. `stale`: one that must be renewed however fresh."""
        with self.file.locked():
            grant = self.grant()
            if grant is self._unsaved:
                self._keep(grant)
            if not grant.fresh(self.clock()) or (stale is not None and grant.access_token == stale.access_token):
                grant = oauth.renew(self.client, grant, self.clock())
                self._keep(grant)
            return grant

    def keep(self, grant: Grant) -> None:
        """Keep a grant that somebody has just given."""
        with self.file.locked():
            self._keep(grant)

    def _keep(self, grant: Grant) -> None:
        self._unsaved = grant
        self.file.write(grant)
        self._unsaved = None

    def ends_at(self, grant: Grant) -> datetime | None:
        """When somebody must sign in again, as far as that is known."""
        return grant.ends(self.client.provider.disuse)

    def look_after(self, desk: Desk) -> None:
        """Renew the token in time, whether or not anybody logs in. Operators hear at once that somebody must sign in, and a week before."""
        try:
            self.token()
            ends_at = self.ends_at(self.grant())
        except PermanentError as error:
            alarms.begin(desk, "grant", self.name, str(error).removeprefix(f"sign-in {self.name}: "))
            raise
        if ends_at is not None and desk.clock() >= ends_at - WARN_BEFORE:
            alarms.begin(desk, "grant", self.name, f"the grant ends on {ends_at:%Y-%m-%d}; sign in again: `mailbot login {self.name}`")
        else:
            alarms.end(desk, "grant", self.name)
