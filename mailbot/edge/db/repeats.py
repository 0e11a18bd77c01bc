"""Repeats as operators see them: which rows move when two tickets become one, and when they part again."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, case, func, insert, select, update

from mailbot.core.desk.facts import Suggestion
from mailbot.core.desk.parties import party_of
from mailbot.edge.db import tickets
from mailbot.edge.db.facts import client_id_of
from mailbot.edge.db.tables import journal, message, participant, suggestion, ticket
from mailbot.edge.db.tickets import Trace

WORDS_KEPT = 12  # of those that differ


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a journalled message stands. `merged`: the ticket with which it came there, if it is still merged."""

    message: int
    journal_id: int
    ticket: int
    kind: str
    from_addr: str
    message_id: str | None
    because: Sequence[str]
    merged: int | None


def standing_of(connection: Connection, journal_id: int) -> Standing | None:
    """Where the message of a journal entry stands, None when it stands on no ticket."""
    row = connection.execute(
        select(
            message.c.id,
            message.c.ticket,
            message.c.kind,
            message.c.from_addr,
            message.c.message_id,
            message.c.because,
            message.c.from_ticket,
        ).where(message.c.journal_id == journal_id)
    ).first()
    if row is None:
        return None
    merged = row.from_ticket if row.from_ticket in _parts(connection, row.ticket) else None
    return Standing(row.id, journal_id, row.ticket, row.kind, row.from_addr, row.message_id, row.because, merged)


def newest_repeat(connection: Connection, number: int) -> int | None:
    """The journal id of the newest repeat that stands on a ticket."""
    newest: int | None = connection.scalar(
        select(func.max(message.c.journal_id)).where(message.c.ticket == number, message.c.kind == "repeat")
    )
    return newest


def opening_of(connection: Connection, number: int, of: int | None = None) -> int | None:
    """The journal id of the message that opened a ticket; `of`: the ticket on which it stands since a merge."""
    if of is None:
        return connection.scalar(select(message.c.journal_id).where(message.c.ticket == number, message.c.kind == "request"))
    row = connection.execute(select(message.c.journal_id).where(message.c.id == _opening_row(number, of))).first()
    return row.journal_id if row else None


def _opening_row(number: int, of: int) -> Any:
    """The message that opened a merged ticket is the first one that came with it and counts as a repeat."""
    came = (message.c.ticket == of, message.c.from_ticket == number, message.c.kind == "repeat")
    return select(func.min(message.c.id)).where(*came).scalar_subquery()


def party(connection: Connection, number: int) -> str:
    """Whose ticket it is: see `party_of`."""
    row = connection.execute(select(ticket.c.client_id, ticket.c.requester).where(ticket.c.number == number)).one()
    return party_of(row.client_id, row.requester)


def everybody(connection: Connection, number: int) -> set[str]:
    """The parties of all who may write on a ticket."""
    others = connection.scalars(select(participant.c.addr).where(participant.c.ticket == number))
    return {party(connection, number), *(party_of(client_id_of(connection, addr), addr) for addr in others)}


# Suggestions


def suggest(connection: Connection, number: int, suggestions: Sequence[Suggestion], timezone: ZoneInfo) -> None:
    """Remember which tickets a new one may repeat, and why."""
    if suggestions:
        connection.execute(
            insert(suggestion),
            [{"ticket": number, "of": one.number, "score": one.score, "because": _because(one, timezone)} for one in suggestions],
        )


def _because(one: Suggestion, timezone: ZoneInfo) -> list[str]:
    said = [f"ticket {one.number} of {one.at.astimezone(timezone):%Y-%m-%d %H:%M}"]
    for which, words in (("new", one.added), ("old", one.missing)):
        said += [f"only the {which} one has: {', '.join(word[:40] for word in words[:WORDS_KEPT])}"] if words else []
    return said


def suggested(connection: Connection, number: int) -> dict[int, float]:
    """The tickets that a ticket may repeat, with their scores."""
    rows = connection.execute(select(suggestion.c.of, suggestion.c.score).where(suggestion.c.ticket == number))
    return {row.of: row.score for row in rows}


def pending_suggestion(connection: Connection, number: int) -> int | None:
    """The ticket that this one may repeat, when nobody has decided it."""
    return connection.scalar(select(ticket.c.possible_repeat_of).where(ticket.c.number == number))


def refuse(connection: Connection, number: int) -> bool:
    """The ticket repeats none of those that were suggested; False when that was decided before."""
    pending = update(ticket).where(ticket.c.number == number, ticket.c.possible_repeat_of.is_not(None))
    return connection.execute(pending.values(possible_repeat_of=None)).rowcount == 1


# Two become one


def merge(connection: Connection, number: int, of: int, now: datetime, because: str) -> bool:
    """Move all of a ticket to another one; False when one of the two was merged before (the UPDATE decides, not a look)."""
    closing = update(ticket).where(ticket.c.number == number, ticket.c.merged_into.is_(None))
    joined = update(ticket).where(ticket.c.number == of, ticket.c.merged_into.is_(None))
    again = 1 + (connection.scalar(select(ticket.c.repeats).where(ticket.c.number == number)) or 0)
    if connection.execute(closing.values(status="closed", closed_at=now, merged_into=of)).rowcount != 1:
        return False
    if connection.execute(joined.values(repeats=ticket.c.repeats + again)).rowcount != 1:
        return False
    # Which of the two came first no longer matters.
    mutual = update(ticket).where(ticket.c.number == of, ticket.c.possible_repeat_of == number)
    connection.execute(mutual.values(possible_repeat_of=None))
    inner = list(_parts(connection, number))
    # A message that was split from one of these is the other ticket's own: it must not leave with those that come now.
    split = update(message).where(message.c.ticket == of, message.c.from_ticket.in_([number, *inner]))
    connection.execute(split.values(from_ticket=None))
    opening = select(message.c.id, message.c.journal_id).where(message.c.ticket == number, message.c.kind == "request")
    for row in connection.execute(opening).all():
        _become(connection, row.id, row.journal_id, "repeat", because)
    _move_journal(connection, number, of)
    # What came with an earlier merge keeps the ticket that it came with.
    moved = case((message.c.from_ticket.in_(inner), message.c.from_ticket), else_=number)
    connection.execute(update(message).where(message.c.ticket == number).values(ticket=of, from_ticket=moved))
    return True


def hurry(connection: Connection, number: int, of: int) -> None:
    """A ticket that an urgent one joins is urgent, and what was promised of the urgent one holds."""
    urgent, due_at = connection.execute(select(ticket.c.urgent, ticket.c.verdict_due_at).where(ticket.c.number == number)).one()
    if urgent:
        tickets.make_urgent(connection, of, due_at)


def _move_journal(connection: Connection, number: int, to: int) -> None:
    of_ticket = select(message.c.journal_id).where(message.c.ticket == number, message.c.journal_id.is_not(None))
    connection.execute(update(journal).where(journal.c.id.in_(of_ticket)).values(ticket=to))


_OUTCOMES = {"request": "ticket", "repeat": "repeat"}


def _become(connection: Connection, message_row: int, journal_id: int | None, kind: str, because: str) -> None:
    """A request is a repeat from now on, or the other way round, and says why."""
    known = connection.scalar(select(message.c.because).where(message.c.id == message_row)) or []
    connection.execute(update(message).where(message.c.id == message_row).values(kind=kind, because=[*known, because]))
    known = connection.scalar(select(journal.c.because).where(journal.c.id == journal_id)) or []
    before = next(outcome for other, outcome in _OUTCOMES.items() if other != kind)
    was = update(journal).where(journal.c.id == journal_id, journal.c.outcome == before)
    connection.execute(was.values(outcome=_OUTCOMES[kind], because=[*known, because]))


# One becomes two


def unmerge(connection: Connection, number: int, of: int, because: str) -> bool:
    """Give a merged ticket back all that came with it from the ticket `of` on which it stands; False when that was done before."""
    parts = _parts(connection, of)
    back = update(ticket).where(ticket.c.number == number, ticket.c.merged_into.is_not(None))
    status = case((ticket.c.first_response_at.is_(None), "new"), else_="open")
    pending = case((ticket.c.possible_repeat_of == parts.get(number), None), else_=ticket.c.possible_repeat_of)
    if connection.execute(back.values(status=status, closed_at=None, merged_into=None, possible_repeat_of=pending)).rowcount != 1:
        return False
    inner = [one for one in parts if number in _way(parts, one) and one != number]
    above = _way(parts, number)[1:]
    again = 1 + (connection.scalar(select(ticket.c.repeats).where(ticket.c.number == number)) or 0)
    connection.execute(update(ticket).where(ticket.c.number.in_(above)).values(repeats=ticket.c.repeats - again))
    came = (message.c.ticket == of, message.c.from_ticket.in_([number, *inner]))
    row = connection.execute(select(message.c.id, message.c.journal_id).where(message.c.id == _opening_row(number, of))).first()
    if row is not None:
        _become(connection, row.id, row.journal_id, "request", because)
    moved = case((message.c.from_ticket == number, None), else_=message.c.from_ticket)
    connection.execute(update(message).where(*came).values(ticket=number, from_ticket=moved))
    _move_journal(connection, number, number)
    return True


def _parts(connection: Connection, number: int) -> dict[int, int]:
    """The tickets that were merged into this one, each with the one that it joined first.

    They are found by the messages that they left there.
    """
    came = select(message.c.from_ticket).where(message.c.ticket == number, message.c.from_ticket.is_not(None))
    rows = connection.execute(select(ticket.c.number, ticket.c.merged_into).where(ticket.c.number.in_(came)))
    into = {row.number: row.merged_into for row in rows if row.merged_into is not None}
    return {one: joined for one, joined in into.items() if _way(into, one)[-1] == number}


def _way(into: dict[int, int], number: int) -> list[int]:
    """The ticket, the one that it joined, and so on."""
    way = [number]
    while (following := into.get(way[-1])) is not None and following not in way:
        way.append(following)
    return way


def claim(connection: Connection, standing: Standing) -> bool:
    """Take a message that joined a ticket, to make a ticket of it; False when somebody was faster (the UPDATE decides, not a look)."""
    still = update(message).where(message.c.id == standing.message, message.c.ticket == standing.ticket, message.c.kind == standing.kind)
    return connection.execute(still.values(kind="request", from_ticket=standing.ticket)).rowcount == 1


def move(connection: Connection, standing: Standing, number: int, because: Sequence[str], trace: Trace) -> None:
    """A claimed message is the one that opened ticket `number`."""
    # The first mail of a ticket is kept whole.
    values = {"ticket": number, "because": list(because), "visible": None, **asdict(trace)}
    connection.execute(update(message).where(message.c.id == standing.message).values(values))
    here = update(journal).where(journal.c.id == standing.journal_id)
    connection.execute(here.values(outcome="ticket", ticket=number, because=list(because)))
    if standing.kind == "repeat":
        connection.execute(update(ticket).where(ticket.c.number == standing.ticket).values(repeats=ticket.c.repeats - 1))
