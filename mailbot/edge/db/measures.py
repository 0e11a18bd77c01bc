"""Numbers of the database for those who watch the desk: a few queries, each answered by an index."""

from datetime import datetime

from sqlalchemy import Connection, func, select

from mailbot.core.report.measures import Measure
from mailbot.edge.db.journal import outcomes
from mailbot.edge.db.tables import alarm, journal, outbox

_STATES = ("due", "sending", "sent", "failed")


def measures(connection: Connection, now: datetime) -> list[Measure]:
    """Messages by outcome, mails by state, how long the oldest of both have waited, and alarms by kind."""
    states = dict.fromkeys(_STATES, 0) | {
        row[0]: row[1] for row in connection.execute(select(outbox.c.state, func.count()).group_by(outbox.c.state))
    }
    alarms = {row[0]: row[1] for row in connection.execute(select(alarm.c.kind, func.count()).group_by(alarm.c.kind))}
    # By id, not by time: the index has it, and they are journalled in that order.
    pending = connection.scalar(select(journal.c.journalled_at).where(journal.c.outcome == "pending").order_by(journal.c.id).limit(1))
    due = connection.scalar(select(func.min(outbox.c.created_at)).where(outbox.c.state == "due"))
    return [
        Measure("messages", "Messages in the journal by what became of them", "outcome", outcomes(connection)),
        Measure("outbox_mails", "Mails of the outbox by state", "state", states),
        Measure(
            "oldest_pending_seconds", "How long the oldest message has waited for intake, 0 when none waits", "", {"": _age(pending, now)}
        ),
        Measure(
            "oldest_due_seconds",
            "How long the oldest mail of the outbox has waited to be sent, 0 when none waits",
            "",
            {"": _age(due, now)},
        ),
        Measure("alarms", "Troubles that last, by kind", "kind", dict.fromkeys(("mailbox", "audit", "grant"), 0) | alarms),
    ]


def _age(since: datetime | None, now: datetime) -> float:
    return 0.0 if since is None else max((now - since).total_seconds(), 0.0)
