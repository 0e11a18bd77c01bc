"""What became of the messages, as one line that adds up."""

from collections.abc import Mapping, Sequence

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

_NAMED = 10  # missing messages that a line names


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


def lasting(before: Mapping[str, Sequence[int | str]], now: Mapping[str, Sequence[int | str]]) -> str:
    """What the journal lacked at the last look and still lacks, by mailbox, as one line; '' when that is nothing."""
    said = []
    for name, uids in now.items():
        known = {str(one) for one in before.get(name, ())}
        if still := [str(one) for one in uids if str(one) in known]:
            more = f" and {len(still) - _NAMED} more" if len(still) > _NAMED else ""
            said.append(f"the journal lacks UID {', '.join(still[:_NAMED])}{more} of mailbox {name}")
    return "; ".join(said)
