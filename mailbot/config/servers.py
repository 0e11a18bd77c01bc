"""The tables [[mailbox]] and [smtp]: servers, and the secrets that open them."""

from ipaddress import ip_address
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, model_validator

from mailbot.config.kinds import Flag, Port, Section


class Secret(Section):
    """A secret's four sources, of which one is given; it is read by `read_secret`."""

    password: str | None = Field(None, repr=False)
    password_file: str | None = None
    password_env: str | None = None
    password_command: str | None = None


def _an_endpoint(value: str) -> str:
    if not value.startswith("https://") and not (value.startswith("http://") and _is_loopback(urlsplit(value).hostname or "")):
        raise ValueError("must be an address that begins with https://")
    return value


Endpoint = Annotated[str, AfterValidator(_an_endpoint)]
_OF_CUSTOM = ("scope", "token_url", "device_url", "authorize_url")


class OAuth2(Section):
    """[mailbox.oauth2] and [smtp.oauth2]"""

    provider: Literal["google", "microsoft", "custom"]
    tenant: str | None = Field(None, pattern=r"^[A-Za-z0-9.-]+$")
    client_id: str = Field(min_length=1, max_length=300)
    client_secret: str | None = Field(None, repr=False)
    client_secret_file: str | None = None
    client_secret_env: str | None = None
    client_secret_command: str | None = None
    token_file: str | None = None
    scope: str | None = None
    token_url: Endpoint | None = None
    device_url: Endpoint | None = None
    authorize_url: Endpoint | None = None

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if wrong := _contradiction_of_oauth2(self):
            raise ValueError(wrong)
        return self


def _contradiction_of_oauth2(one: OAuth2) -> str | None:  # noqa: PLR0911 -- the same
    """What is wrong with the keys of an [….oauth2] taken together, and the remedy."""
    secrets = [name for name in OAuth2.model_fields if name.startswith("client_secret") and getattr(one, name) is not None]
    if len(secrets) > 1:
        return f"{' and '.join(secrets)} are both given; keep one"
    if (one.provider == "microsoft") != (one.tenant is not None):
        return 'tenant and provider "microsoft" belong together; add tenant = "studio.example", or remove it'
    if one.provider == "google" and not secrets:
        return 'provider "google" needs client_secret_file; add it'
    given = [name for name in _OF_CUSTOM if getattr(one, name) is not None]
    if one.provider != "custom":
        return f'{given[0]} belongs to provider "custom"; remove it' if given else None
    if one.token_url is None or one.scope is None:
        return 'provider "custom" needs token_url and scope; add them'
    if one.device_url is None and one.authorize_url is None:
        return 'provider "custom" needs device_url or authorize_url; add one, or nobody can sign in'
    return None


class Server(Secret):
    """What [[mailbox]] and [smtp] have in common."""

    kind: str
    path: str | None = None
    host: str | None = None
    port: Port
    security: Literal["tls", "starttls", "none"] = "tls"
    username: str | None = None
    oauth2: OAuth2 | None = None

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if wrong := _contradiction(self):
            raise ValueError(wrong)
        return self


class Mailbox(Server):
    """[[mailbox]]"""

    name: str = Field(min_length=1, max_length=60)
    kind: Literal["imap", "maildir"] = "imap"
    port: Port = 993
    folder: str = Field("INBOX", min_length=1)
    idle: Flag = True
    poll_seconds: Annotated[int, Field(strict=True, ge=1, le=86400)] = 60
    done: str = Field("keep", pattern=r"^(keep|delete|move:.+)$")


class Smtp(Server):
    """[smtp]"""

    kind: Literal["smtp", "maildir"] = "smtp"
    port: Port = 465


def _contradiction(one: Server) -> str | None:  # noqa: PLR0911 -- a table of mistakes
    """What is wrong with the keys of a server taken together, and the remedy."""
    if one.kind == "maildir":
        return None if one.path else 'kind "maildir" needs path; add path = "FOLDER"'
    given = [name for name in (*Secret.model_fields, "oauth2") if getattr(one, name) is not None]
    if one.path is not None:
        return 'path belongs to kind "maildir"; remove it'
    if not one.host:
        return f'kind "{one.kind}" needs host; add host = "NAME"'
    if isinstance(one, Mailbox) and one.username is None:
        return 'kind "imap" needs username; add it'
    if one.security == "none" and not _is_loopback(one.host):
        return f'security "none" is for loopback only; use "tls" or "starttls" for {one.host}'
    if isinstance(one, Mailbox) and one.done.removeprefix("move:") == one.folder and one.done != one.folder:
        return f"done moves mail to {one.folder}, where it is fetched from; name another folder"
    if len(given) > 1:
        return f"{' and '.join(given)} are both given; keep one"
    if one.username is not None and not given:
        return "username without a password; add password_file, or oauth2"
    if one.username is None and given:
        return f"{given[0]} without username; add username, or remove it"
    return None


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False
