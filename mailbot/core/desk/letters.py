"""What the desk writes, to whom and about what: the contents of each mail, before a template gives it words."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from mailbot.core.desk.case import Case, Decision
from mailbot.core.desk.facts import OfferFacts, TicketFacts
from mailbot.core.desk.operators import Done
from mailbot.core.desk.policy import Policy
from mailbot.core.mail.compose import File
from mailbot.core.mail.message import Address, Mail
from mailbot.core.mail.threading import Role, subject_with_tag
from mailbot.core.mail.visible import MARKER, left_out

FORWARD_OCTETS = 7 * 1024 * 1024  # above this files are only named to the operators: base64 makes it the 10 MB that many servers take
FORWARD_TEXT = 100_000  # characters of a message that a forward repeats
FORWARD_TAGS = 5_000  # of its HTML: cleaning takes the square of how deep they stand in each other


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail to be rendered. `role` says whose reply address it carries; `offer`: with role f, which offer its Message-ID names.
    `encloses`: the journal id of a message whose files go with it; `files`: files of ours.

    `automatic`: its Auto-Submitted value (RFC 3834), None when a person wrote it.
    `limited`: an answer of which nobody asked for the sending; it counts for the limits and is not sent twice in doubt.
    """

    kind: str
    template: str
    language: str
    to: Address
    sender: Address
    role: Role
    ticket: int
    subject: str
    context: Mapping[str, Any] = field(default_factory=dict)
    automatic: str | None = None
    limited: bool = False
    in_reply_to: str | None = None
    references: Sequence[str] = ()
    encloses: int | None = None
    offer: int = 0
    files: Sequence[File] = ()


def answer(decision: Decision, mail: Mail, ticket: TicketFacts, policy: Policy, now: datetime) -> Letter:
    """The automatic answer to a message: an acknowledgement, or the repeat's."""
    kind = decision.answer or "acknowledgement"
    context = {
        "ticket": ticket,
        "coverage": decision.coverage if decision.terms else None,
        "urgent": decision.urgent,
        "verdict_due_at": decision.verdict_due_at,
        "opens_at": None if policy.hours.is_open(now) else policy.hours.next_opening(now),
        "increment_minutes": policy.money.increment_minutes,
        "estimate_above_minutes": policy.estimate_above_minutes,
        "warranty_days": policy.warranty_days,
        "closed_at": ticket.closed_at if decision.wakes else None,  # it was closed until this mail came
        "merged": None,
    }
    return Letter(
        kind=kind,
        template=kind,
        language=decision.language,
        to=Address(mail.originator.name if mail.originator else "", decision.answer_to),
        sender=policy.originator,
        role="t",
        ticket=ticket.number,
        subject=subject_with_tag(mail.subject or ticket.subject, ticket.number),
        context=context,
        automatic="auto-replied",
        limited=True,
        in_reply_to=mail.message_id,
        references=thread(mail.references, mail.message_id),
    )


def to_operator(operator: str, template: str, context: Mapping[str, Any], policy: Policy, subject: str = "") -> Letter:
    """What the desk by itself tells an operator, on no ticket. `subject`: where the template has none."""
    return Letter(
        kind="notice",
        template=template,
        language=policy.language,
        to=Address("", operator),
        sender=policy.originator,
        role="o",
        ticket=0,
        subject=subject or policy.name,
        context=context,
        automatic="auto-generated",
    )


def answered(operator: str, case: Case, decision: Decision, entry_id: int) -> Letter:
    """Tells an operator what a client said to an offer that belongs to no ticket."""
    name = case.facts.client.name if case.facts.client else case.sender
    context = {"client": name, "sender": case.sender, "consents": decision.consents, "entry": entry_id}
    return to_operator(operator, "answered", context, case.policy, f"{name}: {' '.join(case.mail.subject.split())[:150]}")


def returned(operator: str, case: Case, offer: OfferFacts, entry_id: int) -> Letter:
    """Tells an operator that the letter of an offer did not reach the client."""
    return to_operator(operator, "returned", {"one": {"offer": offer}, "entry": entry_id}, case.policy)


def thread(references: Sequence[str], message_id: str | None) -> tuple[str, ...]:
    """References of an answer (RFC 5322 section 3.6.4): the parent's and the parent; long threads keep their first and last ones."""
    known = [one for one in references if one != message_id]
    if len(known) > 12:
        known = [known[0], *known[-11:]]
    return (*known, *([message_id] if message_id else []))


def forwards(decision: Decision, mail: Mail, ticket: TicketFacts, policy: Policy, entry_id: int) -> list[Letter]:
    """The message for the operators, one letter each."""
    return [_forward(operator, decision, mail, ticket, policy, entry_id) for operator in policy.operators] if decision.forward else []


def _forward(operator: str, decision: Decision, mail: Mail, ticket: TicketFacts, policy: Policy, entry_id: int) -> Letter:
    files = list(mail.attachments)
    enclosed = sum(one.size for one in files) <= FORWARD_OCTETS
    who = mail.originator.name if mail.originator and mail.originator.name else (mail.originator.addr if mail.originator else "?")
    shown = mail.text if decision.opens else mail.visible
    context = {
        "ticket": ticket,
        "decision": decision,
        "coverage": decision.coverage,
        "mail": mail,
        "text": shown[:FORWARD_TEXT],
        "cut": len(shown) > FORWARD_TEXT,
        "left_out": left_out(mail.text, shown),
        # Clean HTML only where the text was made of it: then it is what the client saw.
        "html": mail.html if mail.html and decision.opens and "text/plain" not in mail.part_types and _is_modest(mail.html) else None,
        "enclosed": enclosed,
        "marker": MARKER,
        "verdict_due_at": decision.verdict_due_at or ticket.verdict_due_at,
        "entry": entry_id,
        "why": [one for one in decision.because if not one.startswith("no answer: ")],
    }
    subject = " ".join((mail.subject or ticket.subject).split())[:200]
    return Letter(
        kind="forward",
        template="forward",
        language=policy.language,
        to=Address("", operator),
        sender=Address(f"{who[:80]} ({policy.name})", policy.address),
        role="o",
        ticket=ticket.number,
        subject=f"[#{ticket.number}] {subject}",
        context=context,
        automatic="auto-generated",
        # The operators' copies of one ticket hang together under an id that is signed for them.
        references=(policy.signer.message_id("o", ticket.number, "thread"),),
        encloses=entry_id if files and enclosed else None,
    )


def _is_modest(html: str) -> bool:
    return len(html) <= FORWARD_TEXT and html.count("<") <= FORWARD_TAGS


def reply(text: str, to: Address, ticket: TicketFacts, policy: Policy, references: Sequence[str], encloses: int | None = None) -> Letter:
    """An operator's words to the requester, from the support address. `encloses`: the journal id of his mail when files go with it."""
    return Letter(
        kind="reply",
        template="reply",
        language=ticket.language,
        to=to,
        sender=policy.originator,
        role="t",
        ticket=ticket.number,
        subject=subject_with_tag(ticket.subject, ticket.number),
        context={"ticket": ticket, "text": text},
        in_reply_to=references[-1] if references else None,
        references=thread(references[:-1], references[-1]) if references else (),
        encloses=encloses,
    )


def confirmation(
    operator: str, ticket: TicketFacts, done: Sequence[Done], wrong: Sequence[str], policy: Policy, in_reply_to: str | None
) -> Letter:
    """Tells an operator what the commands of his mail did, how to take it back, and what could not be done."""
    return Letter(
        kind="confirmation",
        template="confirmation",
        language=policy.language,
        to=Address("", operator),
        sender=policy.originator,
        role="o",
        ticket=ticket.number,
        subject=f"[#{ticket.number}] {ticket.subject}",
        context={"ticket": ticket, "done": done, "wrong": wrong, "marker": MARKER},
        automatic="auto-replied",
        in_reply_to=in_reply_to,
        references=thread((), in_reply_to),
    )


def notice(operator: str, ticket: TicketFacts, reason: str, policy: Policy, in_reply_to: str | None) -> Letter:
    """Tells an operator that his mail could not be carried out, and why."""
    return Letter(
        kind="notice",
        template="notice",
        language=policy.language,
        to=Address("", operator),
        sender=policy.originator,
        role="o",
        ticket=ticket.number,
        subject=f"[#{ticket.number}] {ticket.subject}",
        context={"ticket": ticket, "reason": reason},
        automatic="auto-replied",
        in_reply_to=in_reply_to,
        references=thread((), in_reply_to),
    )
