"""The weekly summary: once per ISO week and recipient, whatever restarts, downtime and several workers do."""

import structlog
from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError

from mailbot.core.desk.letters import Letter
from mailbot.core.mail.message import Address
from mailbot.core.report.week import Schedule, Summary, Week, owed, summarise
from mailbot.desk import Desk
from mailbot.edge.db import report
from mailbot.edge.db.settings import installed_at
from mailbot.letters import queue_for_operators

log = structlog.get_logger()


def send_owed(desk: Desk, schedule: Schedule) -> int:
    """Queue every summary that is owed and return how many those were; a missed week is sent late, oldest first."""
    with desk.database.reading() as transaction:
        since = installed_at(transaction)
        pairs = owed(schedule, since, report.sent(transaction), desk.clock()) if since else []
    return sum(send(desk, week, recipient) for week, recipient in pairs)


def send(desk: Desk, week: Week, recipient: str) -> bool:
    """Queue one summary; False when another worker was faster."""
    try:
        with desk.database.writing() as transaction:
            now = desk.clock()
            outbox_id = queue_for_operators(transaction, desk, letter(desk, summary_of(transaction, desk, week), recipient), now)
            report.remember(transaction, week, recipient, outbox_id)
    except IntegrityError:
        return False
    log.info("summary", week=str(week), to=recipient)
    return True


def summary_of(transaction: Connection, desk: Desk, week: Week) -> Summary:
    """The numbers of a week; of one that is not over yet, those until now."""
    return summarise(week, report.rows_of(transaction, week, desk.policy.timezone), desk.policy.timezone, desk.clock())


def letter(desk: Desk, summary: Summary, recipient: str) -> Letter:
    """The summary as a letter to one recipient."""
    policy = desk.policy
    return Letter(
        kind="summary",
        template="summary",
        language=policy.language,
        to=Address("", recipient),
        sender=Address(policy.name, policy.address),
        role="o",
        ticket=0,
        subject=f"{policy.name}: {summary.week}",
        context={"summary": summary},
        automatic="auto-generated",
    )
