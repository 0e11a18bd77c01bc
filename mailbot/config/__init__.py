"""The configuration: TOML in, checked values out."""

from mailbot.config.files import DEFAULT_PATHS, explain, find, load, read_toml
from mailbot.config.kinds import Section
from mailbot.config.secrets import read_secret, read_secret_file
from mailbot.config.sections import Config
from mailbot.config.servers import Mailbox, Smtp

__all__ = [
    "DEFAULT_PATHS",
    "Config",
    "Mailbox",
    "Section",
    "Smtp",
    "explain",
    "find",
    "load",
    "read_secret",
    "read_secret_file",
    "read_toml",
]
