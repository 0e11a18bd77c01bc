"""Metrics: how the desk is, in numbers. No label comes from a stranger's mail."""

from collections.abc import Mapping
from datetime import datetime

from mailbot.core.report.measures import Measure
from mailbot.desk import Desk
from mailbot.edge.db.measures import measures


def take(desk: Desk, looked: Mapping[str, datetime], failures: Mapping[str, int]) -> list[Measure]:
    """All measures as they are now. `looked`: when each mailbox was last looked at with success; `failures`: of each duty in a row."""
    now = desk.clock()
    with desk.database.reading() as transaction:
        found = measures(transaction, now)
    # Another thread writes into both: the copies are of one moment.
    ages = {name: (now - at).total_seconds() for name, at in dict(looked).items()}
    return [
        *found,
        Measure("mailbox_look_age_seconds", "Seconds since a mailbox was last looked at with success", "mailbox", ages),
        Measure("duty_failures", "Failures of a duty in a row; those that succeed are not named", "duty", dict(failures)),
    ]
