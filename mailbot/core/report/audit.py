"""What became of the messages, as one line that adds up."""

from collections.abc import Mapping

_NAMES = {
    "ticket": "new",
    "follow-up": "joined",
    "repeat": "joined",
    "operator": "from operators",
    "machine": "machine",
    "bounce": "bounced",
    "duplicate": "delivered twice",
    "refused": "refused",
    "quarantined": "quarantined",
    "pending": "waiting",
}


def audit_parts(outcomes: Mapping[str, int]) -> dict[str, int]:
    """What became of how many messages, in the words of the audit line; the parts add up to all, whatever they are."""
    parts: dict[str, int] = {}
    for outcome, name in _NAMES.items():
        if count := outcomes.get(outcome, 0):
            parts[name] = parts.get(name, 0) + count
    return parts


def audit_line(outcomes: Mapping[str, int]) -> str:
    """`128 received = 97 new + 24 joined + 6 machine + 1 quarantined`."""
    parts, total = audit_parts(outcomes), sum(outcomes.values())
    return f"{total} received = {' + '.join(f'{count} {name}' for name, count in parts.items())}" if total else "0 received"
