"""What operators say of repeats: two tickets are one request, or one message is a request of its own."""

from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection

from mailbot.cases import case_again
from mailbot.core.desk.case import Decision
from mailbot.core.desk.decide import new_ticket
from mailbot.core.desk.facts import TicketFacts
from mailbot.core.desk.letters import answer
from mailbot.core.desk.manners import Occasion, silent_because
from mailbot.core.desk.operators import Done
from mailbot.core.desk.parties import party_of
from mailbot.core.desk.repeats.rules import score_of_join
from mailbot.core.money.statement import APART, FREE
from mailbot.desk import Desk
from mailbot.edge.db import journal, learned, outbox, tickets
from mailbot.edge.db import repeats as rows
from mailbot.edge.db.apply import part
from mailbot.edge.db.facts import client_id_of, load_tickets, lock_parties
from mailbot.edge.db.repeats import Standing
from mailbot.edge.parse import parse
from mailbot.errors import ConfigError, PermanentError
from mailbot.letters import queue_letter, write_letters

FASTER = "somebody else has just changed it; nothing was done"


def ticket_of(transaction: Connection, number: int, now: datetime) -> TicketFacts:
    """The ticket of that number. Raises PermanentError when there is none, or it was merged into another."""
    found = load_tickets(transaction, "", None, {number}, now).get(number)
    if found is None:
        raise PermanentError(f"no ticket {number}; `mailbot tickets` lists them")
    if found.number != number:
        raise PermanentError(f"ticket {number} was merged into ticket {found.number}")
    return found


def merge(transaction: Connection, desk: Desk, number: int, of: int, who: str, now: datetime) -> Done:
    """Ticket `number` repeats ticket `of`: all of it moves there, and the client is told. Raises PermanentError when it cannot be."""
    if number == of:
        raise PermanentError(f"ticket {number} cannot repeat itself")
    for one in (number, of):
        ticket_of(transaction, one, now)
    if rows.party(transaction, number) != rows.party(transaction, of):
        raise PermanentError(f"tickets {number} and {of} are of different clients, who must not read each other's mail; nothing was done")
    # No mail of theirs may be on its way to a ticket that moves.
    lock_parties(transaction, rows.everybody(transaction, number) | rows.everybody(transaction, of))
    joining, joined = ticket_of(transaction, number, now), ticket_of(transaction, of, now)
    opening = rows.opening_of(transaction, number)
    if not rows.merge(transaction, number, of, now, f"{who} said that it repeats ticket {of}"):
        raise PermanentError(f"tickets {number} and {of}: {FASTER}")
    tickets.add_event(transaction, number, now, "merged", who, f"into ticket {of}")
    tickets.add_event(transaction, of, now, "merged", who, f"ticket {number} into this one")
    _keep_free(transaction, number, of, now)
    _remember(transaction, number, of, "yes", who, now)
    rows.hurry(transaction, number, of)
    wakes = joined.status in ("waiting", "solved", "closed")
    if wakes:
        tickets.set_status(transaction, of, "open", now, who)
    silent = _tell_client(transaction, desk, joining, replace(joined, status="open") if wakes else joined, opening, wakes, now)
    if silent:
        tickets.add_event(transaction, of, now, "no answer", "mailbot", silent)
    return Done("repeat", of, {"number": number, "of": of, "told": silent is None}, f"/split {opening}" if opening else "")


def _keep_free(transaction: Connection, number: int, of: int, now: datetime) -> None:
    """What was promised free stays free: the work of both is billed as that of the ticket that stays."""
    (_, promised), (_, before) = tickets.covered(transaction, number), tickets.covered(transaction, of)
    if promised in FREE and before not in (*FREE, APART):
        tickets.set_coverage(transaction, of, promised)
        tickets.add_event(transaction, of, now, "coverage", "mailbot", f"{before} → {promised}, as of ticket {number}")


def _tell_client(
    transaction: Connection, desk: Desk, joining: TicketFacts, joined: TicketFacts, opening: int | None, wakes: bool, now: datetime
) -> str | None:
    """Tell the client under which number his request goes on; returns why he is not told, None when he is."""
    entry = journal.entry_of(transaction, opening) if opening else None
    if entry is None or entry.imported or not outbox.acknowledged(transaction, joining.number):
        return f"the client was never told of ticket {joining.number}"
    try:
        case, _ = case_again(transaction, desk, entry, now)
    except PermanentError as error:  # its octets are gone
        return str(error)
    if reason := silent_because(Occasion(case.mail, case.verdict, case.facts, joining.answer_to, joined), desk.policy):
        return reason
    decision = Decision("repeat", (), ticket=joined.number, wakes=wakes, language=joining.language, answer="repeat")
    letter = answer(replace(decision, answer_to=joining.answer_to), case.mail, joined, desk.policy, now)
    # It answers no mail of this moment: RFC 3834 section 5 calls that auto-generated.
    letter = replace(letter, automatic="auto-generated", context={**letter.context, "merged": joining.number})
    try:
        queue_letter(transaction, desk, letter, now)
    except ConfigError as error:
        return str(error)
    return None


def split(transaction: Connection, desk: Desk, journal_id: int, who: str, now: datetime) -> Done:
    """The message leaves its ticket: a merge, a join or a suggestion was wrong. Raises PermanentError when there is nothing to split."""
    standing = _standing(transaction, journal_id)
    sender = standing.from_addr
    lock_parties(transaction, [rows.party(transaction, standing.ticket), party_of(client_id_of(transaction, sender), sender)])
    standing = _standing(transaction, journal_id)
    if standing.merged is not None:
        return _restore(transaction, standing, standing.merged, who, now)
    if standing.kind in ("repeat", "follow-up"):
        return _part(transaction, desk, standing, who, now)
    if standing.kind == "request":
        return refuse(transaction, standing.ticket, who, now)
    raise PermanentError(f"journal entry {journal_id} is no client's request but of kind {standing.kind}; nothing was split")


def _standing(transaction: Connection, journal_id: int) -> Standing:
    if standing := rows.standing_of(transaction, journal_id):
        return standing
    if row := journal.one(transaction, journal_id):
        raise PermanentError(f"journal entry {journal_id} stands on no ticket, it is of outcome {row['outcome']}; nothing was split")
    raise PermanentError(f"no journal entry {journal_id}; `mailbot journal` lists them")


def _restore(transaction: Connection, standing: Standing, number: int, who: str, now: datetime) -> Done:
    """Undo a merge."""
    of = standing.ticket
    opening = rows.opening_of(transaction, number, of)
    if not rows.unmerge(transaction, number, of, f"{who} said that it does not repeat ticket {of}"):
        raise PermanentError(f"ticket {number}: {FASTER}")
    tickets.add_event(transaction, number, now, "split", who, f"from ticket {of}")
    tickets.add_event(transaction, of, now, "split", who, f"ticket {number} from this one")
    _remember(transaction, number, of, "no", who, now)
    first = rows.standing_of(transaction, opening) if opening else None
    withdrawn = _withdraw(transaction, first, of, load_tickets(transaction, "", None, {number}, now)[number].answer_to, who, now)
    return Done("restored", of, {"number": number, "of": of, "withdrawn": withdrawn}, f"/repeat {number} {of}")


def _part(transaction: Connection, desk: Desk, standing: Standing, who: str, now: datetime) -> Done:
    """What mailbot joined by itself becomes a ticket of its own, as if it had just been read."""
    of, was_repeat = standing.ticket, standing.kind == "repeat"
    entry = journal.entry_of(transaction, standing.journal_id)
    if entry is None or not rows.claim(transaction, standing):
        raise PermanentError(f"journal entry {standing.journal_id}: {FASTER}")
    case, sought = case_again(transaction, desk, entry, now)
    decision = new_ticket(case)
    because = (f"{who} said that it {'does not repeat' if was_repeat else 'is no part of'} ticket {of}", *decision.because)
    decision, ticket = part(transaction, case, sought, entry, replace(decision, because=because, related_to=of, suggestions=()), standing)
    tickets.add_event(transaction, ticket.number, now, "split", who, f"from ticket {of}")
    tickets.add_event(transaction, of, now, "split", who, f"journal entry {entry.id}, now ticket {ticket.number}")
    if was_repeat:
        _remember(transaction, ticket.number, of, "no", who, now, score_of_join(standing.because))
    withdrawn = was_repeat and _withdraw(transaction, standing, of, sought.answer_to, who, now)
    decision = write_letters(transaction, desk, case, decision, ticket, entry.id)
    values = {"number": ticket.number, "of": of, "told": decision.answer is not None, "withdrawn": withdrawn}
    return Done("split", of, values, f"/repeat {ticket.number} {of}")


def _withdraw(transaction: Connection, standing: Standing | None, of: int, to: str, who: str, now: datetime) -> bool:
    """Keep the answer "we have it, it is ticket OF" from going out, if it still waits: it is not true any more."""
    if standing is None or standing.message_id is None:
        return False
    due = [row for row, octets in outbox.answers_due(transaction, of, to) if standing.message_id in parse(octets).in_reply_to]
    return sum(outbox.withdraw(transaction, row, f"{who} split it from ticket {of}", now) for row in due) > 0


def refuse(transaction: Connection, number: int, who: str, now: datetime) -> Done:
    """The ticket repeats none of those that mailbot suggested. Raises PermanentError when none is."""
    pending = rows.pending_suggestion(transaction, number)
    if pending is None or not rows.refuse(transaction, number):
        raise PermanentError(f"ticket {number} was opened by that message, and nothing says that it may repeat another; nothing was split")
    for of in rows.suggested(transaction, number):
        _remember(transaction, number, of, "no", who, now)
    tickets.add_event(transaction, number, now, "no repeat", who, f"of ticket {pending}")
    return Done("refused", number, {"of": pending}, f"/repeat {number} {pending}")


def _remember(transaction: Connection, number: int, of: int, same: str, who: str, now: datetime, score: float | None = None) -> None:
    """Keep what an operator said of two tickets, and learn from it when mailbot had thought something of them, whichever came first."""
    for one, other in ((number, of), (of, number)):
        score = score if score is not None else rows.suggested(transaction, one).get(other)
    tickets.add_label(transaction, "repeat", number, same, who, now, of, score)
    if score is not None:
        learned.relearn_repeats(transaction, now)
