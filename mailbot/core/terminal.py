"""What of a stranger's text may reach a terminal."""

_KEPT = "\n\t\N{NO-BREAK SPACE}\N{NARROW NO-BREAK SPACE}"  # the spaces of amounts and dates


def safe(text: str) -> str:
    """Text without control characters (terminal escapes among them), line breaks kept."""
    return "".join(character if character in _KEPT or character.isprintable() else "\N{REPLACEMENT CHARACTER}" for character in text)
