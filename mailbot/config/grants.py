"""The grants of a configuration: which tables oauth2 share one, and in which file each is kept."""

import re
from dataclasses import dataclass
from pathlib import Path

from mailbot.config.sections import Config
from mailbot.config.servers import Mailbox, OAuth2, Smtp
from mailbot.errors import ConfigError


@dataclass(frozen=True, slots=True)
class GrantTable:
    """A grant: `name` of its sign-in (the mailbox's, or smtp), the key of its first table, that table, and the account's user name."""

    name: str
    key: str
    oauth2: OAuth2
    username: str


def token_file(config: Config, server: Mailbox | Smtp) -> Path:
    """Where a server's grant is kept: IMAP and SMTP of one account share it unless the configuration says otherwise."""
    named = server.oauth2.token_file if server.oauth2 else None
    return config.at(named or f"token-{re.sub(r'[^A-Za-z0-9@._+-]', '_', server.username or '')}.json")


def grants(config: Config) -> dict[Path, GrantTable]:
    """Each grant by its file. Raises ConfigError when two that differ would share a file or a name."""
    servers: list[tuple[str, str, Mailbox | Smtp]] = [(one.name, f"mailbox.{number}", one) for number, one in enumerate(config.mailbox, 1)]
    found: dict[Path, GrantTable] = {}
    for name, key, server in (*servers, ("smtp", "smtp", config.smtp)):
        if server.oauth2 is None:
            continue
        path = token_file(config, server)
        table = GrantTable(name, f"{key}.oauth2", server.oauth2, server.username or "")
        known = found.setdefault(path, table)
        if (known.oauth2, known.username) != (table.oauth2, table.username):
            raise ConfigError(
                f"{config.file}: {table.key}: differs from {known.key} and is kept in the same {path}; "
                "make the two alike, or give one another token_file"
            )
        if known is table and name in {one.name for one in found.values() if one is not table}:
            raise ConfigError(f"{config.file}: {table.key}: a mailbox is named {name!r} and signs in as well; name it otherwise")
    return found
