"""Errors, named for what the caller must do."""


class MailbotError(Exception):
    """One line for a person: what, where, what to do."""


class ConfigError(MailbotError):
    """The configuration, or the state of the installation, must be mended first: exit status 2, systemd does not restart."""


class TransientError(MailbotError):
    """Leave it where it is and try again: a server is away, the database is locked, the disk is full."""


class PermanentError(MailbotError):
    """Trying again will not help: set it aside and tell a person."""
