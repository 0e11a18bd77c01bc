"""mailbot turns a support mailbox into tickets and answers."""

__version__ = "0.1.0"
