"""The configuration: TOML in, checked values out."""

from mailbot.config.files import DEFAULT_PATHS, explain, find, load, read_toml
from mailbot.config.grants import GrantTable, grants, token_file
from mailbot.config.kinds import Section
from mailbot.config.secrets import read_secret, read_secret_file
from mailbot.config.sections import Config
from mailbot.config.servers import Mailbox, OAuth2, Smtp

__all__ = [
    "DEFAULT_PATHS",
    "Config",
    "GrantTable",
    "Mailbox",
    "OAuth2",
    "Section",
    "Smtp",
    "explain",
    "find",
    "grants",
    "load",
    "read_secret",
    "read_secret_file",
    "read_toml",
    "token_file",
]
