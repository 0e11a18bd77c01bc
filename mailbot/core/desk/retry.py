"""What becomes of a mail after an attempt to send it: a pure function of the server's answer, the attempts and the clock."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

# Growing, because a server that says "later" means it; the last one repeats until `GIVE_UP` (RFC 5321 section 4.5.4.1).
DELAYS = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 30, 60, 120, 240))
GIVE_UP = timedelta(days=4)
UNREACHABLE_DELAY = timedelta(seconds=30)
IN_DOUBT = "in doubt whether the server accepted it"


@dataclass(frozen=True, slots=True)
class Attempt:
    """How an attempt ended. `transient` and `permanent` are reply codes 4yz and 5yz; `unreachable`: no server was there to
    ask; `doubt`: the connection broke between the final dot and its answer, so the mail may have been accepted; `stopped`: mailbot
    died at any moment of the attempt, so it may have been, too."""

    ended: Literal["accepted", "transient", "permanent", "unreachable", "doubt", "stopped"]
    said: str = ""


@dataclass(frozen=True, slots=True)
class Settlement:
    """What to write down: `sent`, `failed` for good, or `due` again at a moment."""

    state: Literal["sent", "failed", "due"]
    error: str | None = None
    next_attempt_at: datetime | None = None


def settle(
    attempt: Attempt,
    automatic: bool,
    attempts: int,
    created_at: datetime,
    now: datetime,
    jitter: float,
    doubted: bool = False,
) -> Settlement:
    """The settlement of an attempt, the `attempts`-th of this mail.

    `jitter` in [0, 1) spreads the mails that one outage piled up over a quarter of their delay. A mail in doubt is not sent
    again when it is an automatic answer, and once more (`doubted` says it was already) when a person waits for it. What mailbot's own
    end left in doubt is sent until its end is known: the server may not have heard of the mail at all.
    """
    match attempt.ended:
        case "accepted":
            return Settlement("sent")
        case "permanent":
            return Settlement("failed", attempt.said)
        case "doubt" | "stopped" if automatic or (doubted and attempt.ended == "doubt"):
            return Settlement("failed", f"{IN_DOUBT}: {attempt.said}")
        case "doubt":
            return Settlement("due", f"{IN_DOUBT}: {attempt.said}", now + DELAYS[0])
        case "stopped":
            delay = DELAYS[0]
        case "unreachable":
            delay = UNREACHABLE_DELAY
        case _:  # transient
            delay = DELAYS[min(max(attempts, 1), len(DELAYS)) - 1]
    if now - created_at > GIVE_UP:
        return Settlement("failed", f"given up after {GIVE_UP.days} days: {attempt.said}")
    return Settlement("due", attempt.said, now + delay * (1 + jitter / 4))


def pause_after(failures: int) -> timedelta:
    """How long a mailbox or server that failed so often in a row is left alone: 5 s, doubling up to 5 minutes."""
    return timedelta(seconds=min(300, 5 * 2 ** min(failures - 1, 6)))
