"""What operators do to a ticket, by command or by mail: answer, note, close, reopen, name the cause, enter time, settle repeats.

What they say of causes and urgency mailbot learns from.
"""

from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Connection

from mailbot.core.desk.letters import confirmation, notice, reply
from mailbot.core.desk.manners import AGAIN
from mailbot.core.desk.operators import Command, Done, is_file, read_reply
from mailbot.core.desk.words import bare_words, is_short
from mailbot.core.mail.message import Address, Mail
from mailbot.desk import Desk
from mailbot.edge.db import acts, learned, outbox, tickets
from mailbot.edge.db import repeats as rows
from mailbot.edge.db.facts import load_tickets
from mailbot.edge.db.tickets import NewMessage
from mailbot.errors import ConfigError, PermanentError
from mailbot.letters import queue_for_operators, queue_letter
from mailbot.offers import cover, estimate
from mailbot.repeats import merge, refuse, split, ticket_of


def answer(transaction: Connection, desk: Desk, number: int, text: str, who: str, now: datetime, encloses: int | None = None) -> None:
    """Send an operator's words to the requester, from the support address; the first time they are the ticket's first response.

    `encloses`: the journal id of the operator's mail whose files go with it.

    Raises PermanentError when there are no words or nobody to send them to.
    """
    found = ticket_of(transaction, number, now)
    if not text.strip():
        raise PermanentError(f"ticket {number}: there is no text to send; nothing was sent")
    if "@" not in found.answer_to:
        raise PermanentError(f"ticket {number}: its requester left no address; nothing was sent")
    references = tickets.message_ids(transaction, number)
    letter = reply(text.strip(), Address(found.requester_name, found.answer_to), found, desk.policy, references, encloses)
    _, message_id = queue_letter(transaction, desk, letter, now)
    tickets.add_message(
        transaction,
        number,
        NewMessage(
            "out",
            "reply",
            message_id,
            desk.policy.address,
            desk.policy.name,
            now,
            text.strip(),
            because=[f"{who} answered"],
        ),
    )
    tickets.respond(transaction, number, now, who)


def keep_note(transaction: Connection, number: int, text: str, who: str, now: datetime) -> Done:
    """Keep an operator's words on the ticket; the client does not see them."""
    ticket_of(transaction, number, now)
    tickets.add_message(transaction, number, NewMessage("in", "note", None, who, "", now, text.strip(), because=[f"{who} noted"]))
    return Done("note", number)


def close(transaction: Connection, desk: Desk, number: int, cause: str | None, who: str, now: datetime) -> Done:
    """Close the ticket, with its cause when one is given."""
    ticket_of(transaction, number, now)
    if cause is not None:
        name_cause(transaction, desk, number, cause, who, now)
    known, said_by = tickets.cause_of(transaction, number)
    tickets.set_status(transaction, number, "closed", now, who, known or "")
    values = {"cause": known, "proposed": known is not None and said_by is None, "causes": desk.policy.causes}
    return Done("close", number, values, "/reopen")


def reopen(transaction: Connection, number: int, who: str, now: datetime) -> Done:
    """Open a closed ticket again."""
    found = ticket_of(transaction, number, now)
    if found.status not in ("solved", "closed"):
        raise PermanentError(f"ticket {number} is {found.status}; only a closed one can be reopened")
    tickets.set_status(transaction, number, "open", now, who)
    return Done("reopen", number, undo="/close")


def name_cause(transaction: Connection, desk: Desk, number: int, cause: str, who: str, now: datetime) -> Done:
    """Say what the ticket was about; mailbot learns from it."""
    ticket_of(transaction, number, now)
    name = known_cause(desk, cause)
    before, _ = tickets.cause_of(transaction, number)
    tickets.set_cause(transaction, number, name, who)
    tickets.add_event(transaction, number, now, "cause", who, name)
    tickets.add_label(transaction, "cause", number, name, who, now)
    learned.correct(transaction, "cause", number, name)
    return Done("cause", number, {"cause": name}, f"/cause {before}" if before and before != name else "")


def known_cause(desk: Desk, cause: str) -> str:
    """The cause as the tree spells it. Raises PermanentError when the tree has none of that name."""
    name = next((one for one in desk.policy.causes if one.lower() == cause.strip().lower()), None)
    if name is None:
        raise PermanentError(f"cause {cause!r} is not in [causes] tree; known: {', '.join(desk.policy.causes)}")
    return name


def call_urgent(transaction: Connection, desk: Desk, number: int, urgent: bool, who: str, now: datetime) -> Done:
    """Say that a ticket is urgent, or that it is not; the promised first response moves, and mailbot learns from it."""
    found, policy = ticket_of(transaction, number, now), desk.policy
    minutes = policy.verdict_minutes_urgent if urgent else policy.verdict_minutes_normal
    tickets.set_urgent(transaction, number, urgent, policy.hours.add(found.opened_at, minutes))
    tickets.add_event(transaction, number, now, "urgent" if urgent else "not urgent", who)
    value = "yes" if urgent else "no"
    tickets.add_label(transaction, "urgent", number, value, who, now)
    learned.correct(transaction, "urgent", number, value)
    return Done("urgent", number, {"urgent": urgent, "due_at": ticket_of(transaction, number, now).verdict_due_at})


def enter_time(
    transaction: Connection, desk: Desk, number: int, minutes: int, who: str, now: datetime, day: date | None = None, why: str = ""
) -> Done:
    """Enter worked minutes, today when no day is given; negative ones take back what was entered, on the days of the newest entries.

    Raises PermanentError when there is not so much to take back.
    """
    ticket_of(transaction, number, now)
    today = now.astimezone(desk.policy.timezone).date()
    worked = tickets.worked_days(transaction, number) if minutes < 0 else []
    if minutes < 0 and sum(count for _, count in worked) < -minutes:
        had = sum(count for _, count in worked)
        raise PermanentError(f"ticket {number} has {had} minutes, {-minutes} cannot be taken back; nothing was entered")
    parts = [(day or today, minutes)] if minutes >= 0 else _taken(worked, -minutes)
    for of_day, count in parts:
        total = tickets.add_work(transaction, number, count, of_day, who, now, why)
        tickets.add_event(transaction, number, now, "time", who, f"{count} min on {of_day}")
    day = parts[0][0]
    values = {"minutes": minutes, "day": day, "total": total, "billed": _billed(transaction, number, [one for one, _ in parts])}
    return Done("time", number, values, f"/time {-minutes}m")


def _billed(transaction: Connection, number: int, days: list[date]) -> tuple[int, int] | None:
    """(number, year) of the act by which a month of these days is billed already: it takes a correction to bill what is entered now."""
    client_id, _ = tickets.covered(transaction, number)
    if client_id is None:
        return None
    return next((made for day in days if (made := acts.billed_by(transaction, client_id, f"{day:%Y-%m}"))), None)


def _taken(worked: list[tuple[date, int]], minutes: int) -> list[tuple[date, int]]:
    """Which minutes are taken from which days: a month that was billed changes only when what it has is taken back."""
    parts = []
    for day, count in worked:
        if minutes and count > 0:
            parts.append((day, -min(count, minutes)))
            minutes += parts[-1][1]
    return parts


def split_newest(transaction: Connection, desk: Desk, number: int, who: str, now: datetime) -> Done:
    """`/split` without an id: refuse what was suggested of the ticket, else part the newest repeat that stands on it."""
    ticket_of(transaction, number, now)
    if rows.pending_suggestion(transaction, number) is not None:
        return refuse(transaction, number, who, now)
    newest = rows.newest_repeat(transaction, number)
    if newest is None:
        raise PermanentError(f"no repeat stands on ticket {number}; nothing was split")
    return split(transaction, desk, newest, who, now)


Action = Callable[[Connection, Desk, int, Any, str, datetime], Done]
# What each command of a mail does; `number`: the ticket of the mail, `value`: see `core.desk.operators.COMMANDS`.
ACTIONS: Mapping[str, Action] = {
    "close": close,
    "reopen": lambda transaction, _desk, number, _value, who, now: reopen(transaction, number, who, now),
    "cause": name_cause,
    "time": lambda transaction, desk, number, value, who, now: enter_time(transaction, desk, number, value[0], who, now, why=value[1]),
    "note": lambda transaction, _desk, number, value, who, now: keep_note(transaction, number, value, who, now),
    "coverage": cover,
    "estimate": lambda transaction, desk, number, value, who, now: estimate(transaction, desk, number, value[0], value[1], who, now),
    "urgent": call_urgent,
    "repeat": lambda transaction, desk, number, value, who, now: merge(transaction, desk, value[0] or number, value[1], who, now),
    "split": lambda transaction, desk, number, value, who, now: (
        split_newest(transaction, desk, number, who, now) if value is None else split(transaction, desk, value, who, now)
    ),
}


def relay(transaction: Connection, desk: Desk, number: int, mail: Mail, entry_id: int, now: datetime) -> None:
    """Carry out an operator's mail: his new words and files go to the requester, never his address, signature, commands or our forward.

    One mail tells him what his commands did; without commands he hears only of what could not be done. His words stay on the ticket.
    """
    who = mail.originator.key if mail.originator else "operator"
    read = read_reply(mail.text, desk.policy.operators, desk.policy.address)
    wrong: list[str] = []
    week_ago, told_at_most = now - timedelta(days=7), AGAIN
    encloses = entry_id if any(is_file(one) for one in mail.attachments) else None
    if read.doubtful:
        wrong.append("nothing was sent to the client: a line may be a mistyped command")
    elif not encloses and _had_already(transaction, number, read.words, now):
        wrong.append(f"nothing was sent to the client, who has had these words {AGAIN} times within the week; is it an absence note?")
        told_at_most = 1
    elif read.words or encloses or not read.commands:
        try:
            answer(transaction, desk, number, read.words, who, now, encloses)
        except (PermanentError, ConfigError) as error:
            wrong.append(str(error))
    done = _carry_out(transaction, desk, number, read.commands, who, now, wrong)
    number = _standing_at(transaction, number, now)
    ticket = ticket_of(transaction, number, now)
    if wrong:
        tickets.add_event(transaction, number, now, "not done", who, "; ".join(wrong))
    if read.commands:
        queue_for_operators(transaction, desk, confirmation(who, ticket, done, wrong, desk.policy, mail.message_id), now)
    # A responder of his answers notices as well.
    elif wrong and outbox.notices_lately(transaction, who, number, week_ago) < told_at_most:
        queue_for_operators(transaction, desk, notice(who, ticket, "; ".join(wrong), desk.policy, mail.message_id), now)


def _had_already(transaction: Connection, number: int, words: str, now: datetime) -> bool:
    """Whether the client has had these words often enough: an operator's responder answers forwards, and the client's the answer."""
    if is_short(words):
        return False  # "Done." is an answer to everything
    said = bare_words(words, numbers=False)
    sent = outbox.replies_lately(transaction, ticket_of(transaction, number, now).answer_to, now - timedelta(days=7))
    return sum(bare_words(one, numbers=False) == said for one in sent) >= AGAIN


def _carry_out(
    transaction: Connection, desk: Desk, number: int, commands: tuple[Command, ...], who: str, now: datetime, wrong: list[str]
) -> list[Done]:
    """What was done, one after the other; what could not be is added to `wrong`, and leaves no trace."""
    done: list[Done] = []
    for command in commands:
        if command.wrong:
            wrong.append(f"{command.line}: {command.wrong}")
            continue
        try:
            with transaction.begin_nested():
                here = _standing_at(transaction, number, now)  # `/repeat` may have made another ticket of it
                done.append(ACTIONS[command.name](transaction, desk, here, command.value, who, now))
        except (PermanentError, ConfigError) as error:
            wrong.append(f"{command.line}: {error}")
    return done


def _standing_at(transaction: Connection, number: int, now: datetime) -> int:
    return load_tickets(transaction, "", None, {number}, now)[number].number
