"""Promised first answers: the operators are reminded before one is broken, and told when it is (R6)."""

from datetime import timedelta

from mailbot.core.desk.promises import Promise, What, letter, state_of
from mailbot.desk import Desk
from mailbot.edge.db import promises as rows
from mailbot.letters import queue_for_operators
from mailbot.log import log

_HORIZON = timedelta(days=14)  # of open time that is not far in business hours


def look_after(desk: Desk) -> int:
    """Queue what operators have to hear; returns of how many promises that is."""
    now = desk.clock()
    with desk.database.reading() as transaction:
        due = rows.due(transaction, now + _HORIZON)
        known = rows.told(transaction, due) if due else set()
    fresh = [(one, what) for one in due if (what := state_of(one, desk.policy, now)) and (one.ticket, one.due_at, what) not in known]
    if not fresh:
        return 0
    with desk.database.writing() as transaction:
        told: dict[What, list[Promise]] = {"soon": [], "broken": []}
        for one, what in fresh:
            if rows.tell(transaction, one, what, now):
                told[what].append(one)
        for what, promises in told.items():
            for operator in desk.policy.operators if promises else ():
                queue_for_operators(transaction, desk, letter(operator, what, promises, desk.policy), now)
    for what, promises in told.items():
        if promises:
            log.info("promise", state=what, tickets=[one.ticket for one in promises])
    return sum(map(len, told.values()))
