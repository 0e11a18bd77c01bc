"""The tables [[mailbox]] and [smtp]: servers, and the secrets that open them."""

from ipaddress import ip_address
from typing import Annotated, Any, Literal, Self

from pydantic import Field, model_validator

from mailbot.config.kinds import Flag, Port, Section


class Secret(Section):
    """A secret's four sources, of which one is given; it is read by `read_secret`."""

    password: str | None = Field(None, repr=False)
    password_file: str | None = None
    password_env: str | None = None
    password_command: str | None = None


class Server(Secret):
    """What [[mailbox]] and [smtp] have in common."""

    kind: str
    path: str | None = None
    host: str | None = None
    port: Port
    security: Literal["tls", "starttls", "none"] = "tls"
    username: str | None = None

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
    oauth2: dict[str, Any] | None = None


class Smtp(Server):
    """[smtp]"""

    kind: Literal["smtp", "maildir"] = "smtp"
    port: Port = 465


def _contradiction(one: Server) -> str | None:  # noqa: PLR0911, C901 -- a table of mistakes
    """What is wrong with the keys of a server taken together, and the remedy."""
    if one.kind == "maildir":
        return None if one.path else 'kind "maildir" needs path; add path = "FOLDER"'
    given = [name for name in Secret.model_fields if getattr(one, name) is not None]
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
    if isinstance(one, Mailbox) and one.oauth2 is not None:
        return "oauth2 is not there yet; use password_file"
    if len(given) > 1:
        return f"{' and '.join(given)} are both given; keep one"
    if one.username is not None and not given:
        return "username without a password; add password_file"
    if one.username is None and given:
        return f"{given[0]} without username; add username, or remove it"
    return None


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False
