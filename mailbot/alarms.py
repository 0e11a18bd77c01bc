"""Alarms: operators hear by mail of trouble that lasts, once, and once that it is over. A restart forgets none."""

from collections.abc import Collection
from typing import Literal

from sqlalchemy import Connection

from mailbot.core.desk.alarms import SILENCE, Alarm, AlarmKind, letter
from mailbot.desk import Desk
from mailbot.edge.db import alarms as rows
from mailbot.letters import queue_for_operators
from mailbot.log import log


def begin(desk: Desk, kind: AlarmKind, name: str, because: str) -> None:
    """There is trouble, as `because` says (one line); operators hear of it when it lasts."""
    now = desk.clock()
    with desk.database.writing() as transaction:
        rows.begin(transaction, kind, name, because, now, now + SILENCE[kind])


def end(desk: Desk, kind: AlarmKind, name: str) -> None:
    """All is well; operators who had heard of trouble hear of that."""
    with desk.database.reading() as transaction:
        if name not in rows.standing(transaction, kind):
            return
    with desk.database.writing() as transaction:
        if over := rows.end(transaction, kind, name):
            _queue(transaction, desk, "over", [over])


def forget(desk: Desk, kind: AlarmKind, but: Collection[str]) -> None:
    """Trouble of what is no longer configured is none, and nobody would ever end it. `but`: the names that are configured."""
    with desk.database.writing() as transaction:
        for name in rows.standing(transaction, kind) - set(but):
            rows.end(transaction, kind, name)
            log.info("alarm", state="forgotten: no longer configured", of=f"{kind} {name}")


def tell(desk: Desk) -> int:
    """Queue the alarms that are due; returns of how many troubles that is."""
    now = desk.clock()
    with desk.database.reading() as transaction:
        found = rows.due(transaction, now)
    if not found:
        return 0
    with desk.database.writing() as transaction:
        if fresh := [one for one in found if rows.tell(transaction, one, now)]:
            _queue(transaction, desk, "begun", fresh)
    return len(fresh)


def _queue(transaction: Connection, desk: Desk, what: Literal["begun", "over"], alarms: list[Alarm]) -> None:
    for operator in desk.policy.operators:
        queue_for_operators(transaction, desk, letter(operator, what, alarms, desk.policy), desk.clock())
    log.warning("alarm", state=what, of=[f"{one.kind} {one.name}".strip() for one in alarms])
