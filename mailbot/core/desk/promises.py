"""Promised first answers (R6): which are about to be broken, and which are."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from mailbot.core.desk.letters import Letter, to_operator
from mailbot.core.desk.policy import Policy


@dataclass(frozen=True, slots=True)
class Promise:
    """A first answer that was promised and has not come."""

    ticket: int
    subject: str
    client: str | None
    requester: str
    urgent: bool
    opened_at: datetime
    due_at: datetime


What = Literal["soon", "broken"]


def state_of(promise: Promise, policy: Policy, now: datetime) -> What | None:
    """Whether a promise is broken, or falls due within the business time of which operators want to hear; None when there is time."""
    if promise.due_at <= now:
        return "broken"
    if now - promise.opened_at < (promise.due_at - promise.opened_at) / 2:
        return None  # an urgent request has just been forwarded
    horizon = policy.hours.add(now, policy.remind_before_minutes)
    return "soon" if policy.hours.is_open(now) and horizon is not None and promise.due_at <= horizon else None


def letter(operator: str, what: What, promises: Sequence[Promise], policy: Policy) -> Letter:
    """Tells an operator of promises; one alone stands in the thread of its ticket's forward."""
    alone = promises[0] if len(promises) == 1 else None
    made = to_operator(operator, "promises", {"what": what, "promises": promises}, policy)
    references = (policy.signer.message_id("o", alone.ticket, "thread"),) if alone else ()
    return replace(made, kind="reminder" if what == "soon" else "notice", references=references)
