"""Who gives tokens: addresses, scopes and habits of the providers."""

from dataclasses import dataclass, field
from datetime import timedelta


@dataclass(frozen=True, slots=True)
class Provider:
    """An authorization server. Of `device_url` (RFC 8628) and `authorize_url` (RFC 6749 section 4.1) one is enough to sign in.

    `disuse`: how long a grant lasts that nobody uses, None where nobody says; `extra`: what its sign-in page wants besides.
    """

    token_url: str
    scope: str
    device_url: str | None = None
    authorize_url: str | None = None
    disuse: timedelta | None = None
    extra: dict[str, str] = field(default_factory=dict)


def google() -> Provider:
    """Gmail and Google Workspace.

    It grants no scope of Gmail to devices, so people sign in with a code that their browser is given (RFC 8252 section 7.3).
    Without `access_type` there is no refresh token, and without `prompt` none at the second sign-in.
    """
    return Provider(
        token_url="https://oauth2.googleapis.com/token",  # nosec B106  # noqa: S106 -- an address
        scope="https://mail.google.com/",
        authorize_url="https://accounts.google.com/o/oauth2/v2/auth",
        disuse=timedelta(days=180),
        extra={"access_type": "offline", "prompt": "consent"},
    )


def microsoft(tenant: str) -> Provider:
    """Microsoft 365. `tenant`: the directory's id or domain. People sign in in any browser with a short code (RFC 8628)."""
    entra = f"https://login.microsoftonline.com/{tenant}/oauth2/v2.0"
    outlook = "https://outlook.office.com"
    return Provider(
        token_url=f"{entra}/token",
        scope=f"{outlook}/IMAP.AccessAsUser.All {outlook}/SMTP.Send offline_access",  # offline_access: a refresh token
        device_url=f"{entra}/devicecode",
        disuse=timedelta(days=90),
    )
