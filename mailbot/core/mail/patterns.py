"""Patterns made of many alternatives, a line for each kind, so that a table of words stays one that people can read."""

import re


def any_of(*alternatives: str, before: str = "", after: str = "") -> re.Pattern[str]:
    """A pattern, without case, of `before`, any of the alternatives, and `after`."""
    return re.compile(f"{before}(?:{'|'.join(alternatives)}){after}", re.IGNORECASE)
