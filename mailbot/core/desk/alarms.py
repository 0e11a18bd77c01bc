"""Trouble of the desk itself that operators must hear of by mail: what it is, since when, and how long it may last in silence."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from mailbot.core.desk.letters import Letter, to_operator
from mailbot.core.desk.policy import Policy

AlarmKind = Literal["mailbox", "audit", "grant"]
SILENCE: dict[AlarmKind, timedelta] = {
    "mailbox": timedelta(minutes=15),  # a server that restarts is no alarm
    "audit": timedelta(0),
    "grant": timedelta(0),
}


@dataclass(frozen=True, slots=True)
class Alarm:
    """A trouble that lasts. `name`: of the mailbox, '' for the desk; `because`: in the words of the error."""

    kind: AlarmKind
    name: str
    because: str
    since: datetime


def letter(operator: str, what: Literal["begun", "over"], alarms: Sequence[Alarm], policy: Policy) -> Letter:
    """Tells an operator of trouble, or that it is over."""
    return to_operator(operator, "alarm", {"what": what, "alarms": alarms}, policy)
