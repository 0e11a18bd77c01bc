"""The weekly summary: once per ISO week and recipient, whatever restarts, downtime and several workers do."""

from collections.abc import Callable

from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError

from mailbot.core.desk.letters import Letter
from mailbot.core.desk.policy import Policy
from mailbot.core.mail.message import Address
from mailbot.core.report.own import OwnWeek, gets_summary, own_week
from mailbot.core.report.summary import Summary, summarise
from mailbot.core.report.week import Schedule, Week, owed
from mailbot.desk import Desk
from mailbot.edge.db import report, weekly
from mailbot.edge.db.settings import installed_at
from mailbot.letters import queue_for_operators, queue_letter
from mailbot.log import log

Stopping = Callable[[], bool]


def send_owed(desk: Desk, schedule: Schedule, stopping: Stopping = lambda: False) -> int:
    """Queue every summary that is owed and return how many those were; a missed week is sent late, oldest first.

    `stopping` is asked between one summary and the next.
    """
    now = desk.clock()
    with desk.database.reading() as transaction:
        since = installed_at(transaction) or now
        weeks = schedule.due(schedule.week_of(since), now)
        pairs = owed(schedule, since, weekly.sent(transaction, weeks, schedule.recipients), now)
    queued = sum(send(desk, week, recipient) for week, recipient in pairs if not stopping())
    return queued + _send_to_clients(desk, schedule, stopping)


def send(desk: Desk, week: Week, recipient: str) -> bool:
    """Queue one operator's summary; False when another worker was faster."""
    try:
        with desk.database.writing() as transaction:
            now = desk.clock()
            outbox_id = queue_for_operators(transaction, desk, letter(desk, summary_of(transaction, desk, week), recipient), now)
            weekly.remember(transaction, week, recipient, outbox_id)
    except IntegrityError:
        return False
    log.info("summary", week=str(week), to=recipient)
    return True


def summary_of(transaction: Connection, desk: Desk, week: Week) -> Summary:
    """The numbers of a week; of one that is not over yet, those until now."""
    policy = desk.policy
    rows = report.rows_of(transaction, week, policy.timezone, policy.money.months)
    return summarise(week, rows, policy.timezone, desk.clock(), policy.money)


def letter(desk: Desk, summary: Summary, recipient: str) -> Letter:
    """The summary as a letter to one operator."""
    return _letter(desk.policy, "summary", desk.policy.language, recipient, summary)


def _letter(policy: Policy, template: str, language: str, recipient: str, summary: Summary | OwnWeek) -> Letter:
    return Letter(
        kind="summary",
        template=template,
        language=language,
        to=Address("", recipient),
        sender=policy.originator,
        role="o" if template == "summary" else "t",
        ticket=0,
        subject=f"{policy.name}: {summary.week}",
        context={"summary": summary},
        automatic="auto-generated",
    )


# Clients


def _send_to_clients(desk: Desk, schedule: Schedule, stopping: Stopping) -> int:
    """The clients' own summaries, from the week on in which `[summary] clients` was switched on."""
    with desk.database.reading() as transaction:
        first = weekly.clients_from(transaction)
    if first is None or not schedule.clients:
        if schedule.clients or first is not None:
            _switch(desk, schedule)
        return 0
    queued = 0
    for week in schedule.due(first, desk.clock()):
        with desk.database.reading() as transaction:
            contacts = weekly.contacts_owed(transaction, week, schedule.timezone, desk.clock())
        for client_id, addr in contacts:
            if stopping():
                return queued
            queued += gets_summary(addr, desk.policy) and send_to_client(desk, week, client_id, addr)
        with desk.database.writing() as transaction:
            weekly.clients_done(transaction, week)
    return queued


def _switch(desk: Desk, schedule: Schedule) -> None:
    with desk.database.writing() as transaction:
        if schedule.clients:
            weekly.begin_clients(transaction, schedule.week_of(desk.clock()))
        else:
            weekly.end_clients(transaction)


def send_to_client(desk: Desk, week: Week, client_id: int, addr: str) -> bool:
    """Queue a client's summary to one of its contacts; False when another worker was faster, or the client is gone."""
    try:
        with desk.database.writing() as transaction:
            one = client_letter(transaction, desk, week, client_id, addr)
            if one is None:
                return False
            outbox_id, _ = queue_letter(transaction, desk, one, desk.clock())
            weekly.remember(transaction, week, addr, outbox_id)
    except IntegrityError:
        return False
    log.info("summary", week=str(week), to=addr)
    return True


def client_letter(transaction: Connection, desk: Desk, week: Week, client_id: int, addr: str) -> Letter | None:
    """A client's summary as a letter to one of its contacts, in the client's language; None when the client is gone."""
    policy = desk.policy
    found = weekly.own_rows(transaction, client_id, week, policy.timezone)
    if found is None:
        return None
    rows, language = found
    summary = own_week(week, rows, policy.timezone, policy.money)
    return _letter(policy, "client-summary", language or policy.language, addr, summary)
