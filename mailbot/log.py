"""The log: one line an event on stderr, for journald and for people."""

import logging
import os
import sys
from collections.abc import MutableMapping
from typing import Any

import structlog

from mailbot.core.terminal import safe

log = structlog.get_logger()


def set_up_log(least: int = logging.INFO) -> None:
    """Write events of at least that level as `key=value` lines; with a time in front unless the service manager's journal adds its own."""
    under_journald = "JOURNAL_STREAM" in os.environ
    processors: list[Any] = [structlog.processors.add_log_level, structlog.processors.format_exc_info]
    if not under_journald:
        processors.append(structlog.processors.TimeStamper(fmt="iso", utc=False))
    processors.append(_safe_values)
    processors.append(structlog.processors.LogfmtRenderer(key_order=["timestamp", "level", "event"], drop_missing=True, bool_as_flag=False))
    structlog.configure(
        processors=processors,
        wrapper_class=structlog.make_filtering_bound_logger(least),
        logger_factory=lambda *_: structlog.PrintLogger(sys.stderr),
    )


def _safe_values(_logger: object, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """A stranger's subject or address stands in the reasons: its control characters must not reach a terminal."""
    for name, value in event.items():
        if isinstance(value, str) and not value.isprintable():
            event[name] = safe(value)
    return event


def silence() -> None:
    """No log: the command tells by itself what it did."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))


set_up_log(logging.WARNING)  # a command tells by itself what it did, and stdout is its own; the daemon asks for more
