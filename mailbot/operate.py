"""What operators do to a ticket, by command or by mail: answer, note, close, reopen, enter time."""

from datetime import date, datetime

from sqlalchemy import Connection

from mailbot.core.desk.facts import TicketFacts
from mailbot.core.desk.letters import notice, reply
from mailbot.core.desk.operators import is_file, read_reply
from mailbot.core.mail.message import Address, Mail
from mailbot.desk import Desk
from mailbot.edge.db import tickets
from mailbot.edge.db.facts import load_tickets
from mailbot.edge.db.tickets import NewMessage
from mailbot.errors import ConfigError, PermanentError
from mailbot.letters import queue_for_operators, queue_letter


def ticket_of(transaction: Connection, number: int, now: datetime) -> TicketFacts:
    """The ticket of that number. Raises PermanentError when there is none."""
    found = load_tickets(transaction, "", None, {number}, now).get(number)
    if found is None:
        raise PermanentError(f"no ticket {number}; `mailbot tickets` lists them")
    return found


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


def keep_note(transaction: Connection, number: int, text: str, who: str, now: datetime) -> None:
    """Keep an operator's words on the ticket; the client does not see them."""
    ticket_of(transaction, number, now)
    tickets.add_message(transaction, number, NewMessage("in", "note", None, who, "", now, text.strip(), because=[f"{who} noted"]))


def close(transaction: Connection, number: int, cause: str | None, who: str, now: datetime) -> None:
    """Close the ticket, with its cause when one is given."""
    ticket_of(transaction, number, now)
    tickets.set_status(transaction, number, "closed", now, who, cause)


def reopen(transaction: Connection, number: int, who: str, now: datetime) -> None:
    """Open a closed ticket again."""
    found = ticket_of(transaction, number, now)
    if found.status not in ("solved", "closed"):
        raise PermanentError(f"ticket {number} is {found.status}; only a closed one can be reopened")
    tickets.set_status(transaction, number, "open", now, who)


def enter_time(transaction: Connection, number: int, minutes: int, day: date, who: str, now: datetime, why: str = "") -> int:
    """Enter worked minutes and return the ticket's total."""
    ticket_of(transaction, number, now)
    total = tickets.add_work(transaction, number, minutes, day, who, now, why)
    tickets.add_event(transaction, number, now, "time", who, f"{minutes} min on {day}")
    return total


def relay(transaction: Connection, desk: Desk, number: int, mail: Mail, entry_id: int, now: datetime) -> None:
    """Send an operator's mail on to the requester: his new words and files, never his address, his signature or our forward.

    What cannot be done the operator learns from a notice that says why; his words stay on the ticket.
    """
    who = mail.originator.key if mail.originator else "operator"
    read = read_reply(mail.text, desk.policy.operators, desk.policy.address)
    wrong: list[str] = []
    encloses = entry_id if any(is_file(one) for one in mail.attachments) else None
    try:
        answer(transaction, desk, number, read.words, who, now, encloses)
    except (PermanentError, ConfigError) as error:
        wrong.append(str(error))
    if read.commands:
        wrong.append(f"commands by mail are not there yet, use the command line: {', '.join(read.commands)}")
    if wrong:
        reason = "; ".join(wrong)
        tickets.add_event(transaction, number, now, "not done", who, reason)
        ticket = ticket_of(transaction, number, now)
        queue_for_operators(transaction, desk, notice(who, ticket, reason, desk.policy, mail.message_id), now)
