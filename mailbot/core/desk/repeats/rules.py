"""The rules of repeats (R2): what joins a ticket, and what is suggested to the operators."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from itertools import islice

from mailbot.core.desk.case import Case, Decision, Rule, sleeps, with_answer
from mailbot.core.desk.facts import Earlier, Suggestion, TicketFacts
from mailbot.core.desk.repeats.comparing import ALIKE, asked, compared, numbers_differ, readings
from mailbot.core.desk.repeats.likeness import ENOUGH, Likeness
from mailbot.core.desk.repeats.reading import Reading
from mailbot.core.desk.repeats.remarks import is_idle
from mailbot.core.desk.repeats.score import SUGGEST, Wording, scores
from mailbot.core.desk.repeats.trimming import OUTSIDE
from mailbot.core.desk.repeats.vocabulary import root
from mailbot.core.desk.urgency import urgency
from mailbot.core.desk.words import is_short, link_hashes
from mailbot.core.mail.message import Mail
from mailbot.core.mail.visible.quoted import quoted_originator

_COMMON, _SENTENCE = 2, 3  # words that say something and that two texts have in common at least, or else two subjects
_JOINED = re.compile(r"likely, with a score of (\d\.\d+)")
SUGGESTIONS = 3
_TRIED = 5  # of the nearest messages are compared word by word: one that is the same is among the first
SHOWN = 8  # words that differ


def repeat(case: Case) -> Decision | None:
    """The same words from the same client within the window join the ticket that has them, and the answer says so."""
    ticket, mail = case.facts.same_words, case.mail
    if ticket is None or ticket.since_same_words is None or case.closed_for_good(ticket):
        return None
    if is_short(mail.visible) and case.now - ticket.since_same_words > timedelta(days=1):
        return None
    if _other_files(mail, ticket.attachments) or _is_for_another(case, ticket):
        return None
    return _repeats(case, ticket, ticket.since_same_words)


def near_repeat(case: Case) -> Decision | None:
    """A request whose differences from an earlier one change nothing repeats it: another greeting, a forward, a reminder, slips."""
    earlier = _same(case, [one for one in case.facts.earlier if not case.closed_for_good(one.ticket)])
    return _repeats(case, earlier[0].ticket, earlier[0].at, earlier[1].because) if earlier else None


def repeats_closed(case: Case) -> int | None:
    """The number of a ticket that was closed for good, when the message repeats it: the operators learn of it."""
    ticket = case.facts.same_words
    if ticket and case.closed_for_good(ticket):
        return ticket.number
    earlier = _same(case, [one for one in case.facts.earlier if case.closed_for_good(one.ticket)])
    return earlier[0].ticket.number if earlier else None


def _same(case: Case, earlier: Sequence[Earlier]) -> tuple[Earlier, Likeness] | None:
    """The first of the earlier messages that the mail surely repeats."""
    near = (one for one in earlier if one.overlap >= ALIKE)
    for one in islice(near, _TRIED):
        if numbers_differ(*_pair(case.mail, one)):
            continue
        found = _compared(case.mail, one)
        recent = case.now - one.at <= timedelta(days=1)
        if found.same and (recent or found.shared >= ENOUGH) and _brings_nothing(case.mail, one) and _has_the_same_origin(case, one):
            return one, found
    return None


def _compared(mail: Mail, earlier: Earlier) -> Likeness:
    return compared(*_pair(mail, earlier))


def _pair(mail: Mail, earlier: Earlier) -> tuple[tuple[str, str], tuple[str, str]]:
    return (mail.subject, mail.text), (earlier.ticket.subject, earlier.text)


@dataclass(frozen=True, slots=True)
class Likely:
    """An earlier request with what the trained score says of it, and what is believed after the operators' answers. Both 0 to 1."""

    earlier: Earlier
    score: float
    believed: float


def proved_repeat(case: Case) -> Decision | None:
    """A likely repeat joins where operators have confirmed so many such suggestions in a row that it needs no question (see `learn`)."""
    threshold = case.facts.learned.joins_from
    best = next(likely(case), None) if threshold is not None else None
    if best is None or threshold is None or best.score < threshold or not case.policy.suggest_repeats:
        return None
    earlier = best.earlier
    if not (_share_text(case.mail, earlier) and _brings_nothing(case.mail, earlier) and _has_the_same_origin(case, earlier)):
        return None
    if _names_new_places(case.mail, earlier):
        return None
    how = f"likely, with a score of {best.score:.4f}; operators confirmed all suggestions from {threshold:.2f} on"
    return _repeats(case, best.earlier.ticket, best.earlier.at, how)


def likely(case: Case) -> Iterator[Likely]:
    """The tickets that the message may repeat, the likeliest first, one message of each; each is looked at when it is asked for.

    Left out are those that are nearly the same and yet another request: another number, page or name.
    """
    facts = case.facts
    if not facts.earlier or facts.context is None or is_short(f"{case.mail.subject}\n{asked(case.mail.text)}"):
        return
    new = Wording(case.mail.subject, asked(case.mail.text), case.now, case.sender)
    earlier = [Wording(one.ticket.subject, asked(one.text), one.at, one.sender) for one in facts.earlier]
    found: dict[int, Likely] = {}
    rated = sorted(zip(scores(new, earlier, facts.context), facts.earlier, strict=True), key=lambda pair: -pair[0])
    for score, one in rated:
        known = found.get(one.ticket.number)
        if known is None and not case.closed_for_good(one.ticket):
            found[one.ticket.number] = Likely(one, score, facts.learned.believed(score))
    for place, likely_one in enumerate(found.values()):
        if place >= _TRIED or likely_one.believed < SUGGEST or not _is_another(case.mail, likely_one.earlier):
            yield likely_one


def suggestions_for(case: Case) -> tuple[Suggestion, ...]:
    """The tickets that a new one may repeat, likely enough to ask the operators about, the likeliest first."""
    if not case.policy.suggest_repeats:
        return ()
    worth = (one for one in likely(case) if one.believed >= SUGGEST and _share_text(case.mail, one.earlier))
    return tuple(_suggestion(case.mail, one) for one in islice(worth, SUGGESTIONS))


def _suggestion(mail: Mail, one: Likely) -> Suggestion:
    ticket = one.earlier.ticket
    new, old = readings(mail.subject, mail.text)[-1], readings(ticket.subject, one.earlier.text)[-1]
    added, missing = _apart(new, old), _apart(old, new)
    return Suggestion(ticket.number, ticket.subject, ticket.status, one.earlier.at, one.score, one.believed, added, missing)


def _share_text(mail: Mail, earlier: Earlier) -> bool:
    """Whether the texts have something in common: subjects such as "Question" or "Price list" are the same of many requests.

    A subject that is nearly a sentence is a text.
    """
    ours, theirs = (_said(subject, text) for subject, text in ((mail.subject, mail.text), (earlier.ticket.subject, earlier.text)))
    return len(ours[0] & theirs[0]) >= _SENTENCE or len(ours[1] & theirs[1]) >= _COMMON


@lru_cache(64)
def _said(subject: str, text: str) -> tuple[set[str], set[str]]:
    """The roots of what the widest reading of a mail says in its subject, and below it; of a mail without a text the subject is one."""
    words = [word for word in readings(subject, text)[-1].words if not is_idle((word,))]
    head, body = ({root(word.text) for word in words if bool(word.sentence) is below} for below in (False, True))
    return head, body or head


def _apart(one: Reading, other: Reading) -> tuple[str, ...]:
    """The first words of one that say something and that the other has in no form, as they were written."""
    theirs = {root(word.text) for word in other.words}
    words = (word for word in one.words if root(word.text) not in theirs and not is_idle((word,)))
    found: dict[str, None] = {}
    for word in words:
        found[word.raw.strip(OUTSIDE)] = None
        if len(found) == SHOWN:
            break
    return tuple(found)


def _is_another(mail: Mail, earlier: Earlier) -> bool:
    return earlier.overlap >= ALIKE and _compared(mail, earlier).other


def _brings_nothing(mail: Mail, earlier: Earlier) -> bool:
    """Whether no files and no links came that the earlier request has not."""
    return not _other_files(mail, earlier.files) and not link_hashes(mail) - earlier.links


def _names_new_places(mail: Mail, earlier: Earlier) -> bool:
    """Whether a number or an address stands in the text that the earlier request has not: no score weighs what one of them changes."""
    ours, theirs = (
        {word.text for word in readings(subject, text)[-1].words if word.kind in ("number", "place")}
        for subject, text in _pair(mail, earlier)
    )
    return not ours <= theirs


def score_of_join(because: Sequence[str]) -> float | None:
    """The score with which `proved_repeat` joined a message, by the reasons that stand with it; None when another rule did."""
    found = next((match for one in because if (match := _JOINED.match(one))), None)
    return float(found[1]) if found else None


def _is_for_another(case: Case, ticket: TicketFacts) -> bool:
    """Whether the sender writes for somebody else than that ticket's requester: a site's form writes for every visitor.

    Of an address that is no client's, that holds the other way as well: a Reply-To must not draw answers to what its owner writes later.
    """
    answer_to, other = case.answer_to.lower(), case.answer_to.lower() != ticket.answer_to.lower()
    wanted = {one.key for one in case.mail.reply_to} - {case.sender}
    return (answer_to not in wanted or other) if wanted else (case.facts.client is None and other)


def _has_the_same_origin(case: Case, earlier: Earlier) -> bool:
    """Whether a mail that somebody passes on is of the same originator: two clients may complain in the same words."""
    new, old = quoted_originator(case.mail.text), quoted_originator(earlier.text)
    ours = {None, *case.policy.ours}
    known = {case.sender, earlier.sender, earlier.ticket.requester}
    same = (new in ours and old in ours) or new == old or (old in ours and new in known) or (new in ours and old in known)
    return same and not _is_for_another(case, earlier.ticket)


def _other_files(mail: Mail, held: frozenset[str]) -> bool:
    """Whether files came that the ticket has not: "see the attached" with another file is another request."""
    return any(one.sha256 not in held for one in mail.attachments)


def _repeats(case: Case, ticket: TicketFacts, at: datetime, how: str = "") -> Decision:
    said = f"the same words as in ticket {ticket.number} of {at.astimezone(case.policy.timezone):%Y-%m-%d %H:%M}"
    urgent = None if case.facts.imported else urgency(case.mail, case.policy.urgent_rules, case.facts.urgency)
    decision = Decision(
        "repeat",
        tuple(reason for reason in (said, how, urgent) if reason),
        ticket=ticket.number,
        wakes=sleeps(ticket) and not case.facts.imported,
        urgent=urgent is not None,
        verdict_due_at=case.policy.hours.add(case.now, case.policy.verdict_minutes_urgent) if urgent else None,
        forward=not case.facts.imported,
        language=case.language,
        words=case.words,
    )
    return with_answer(decision, "repeat", case, ticket)


REPEATS: tuple[Rule, ...] = (repeat, near_repeat, proved_repeat)
