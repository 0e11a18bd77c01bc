"""What becomes of a message: the first rule that speaks decides, and says why."""

from dataclasses import replace

from mailbot.core.desk.case import Case, Decision, Rule, silence, sleeps, with_answer
from mailbot.core.desk.causes.rules import propose
from mailbot.core.desk.coverage import Request, coverage_of
from mailbot.core.desk.manners import AGAIN, is_own_list
from mailbot.core.desk.offers import agreement, answers
from mailbot.core.desk.offers import because as because_of
from mailbot.core.desk.repeats.rules import REPEATS, repeats_closed, suggestions_for
from mailbot.core.desk.urgency import urgency


def duplicate(case: Case) -> Decision | None:
    """The same message delivered twice is one message."""
    if case.facts.duplicate_of is None:
        return None
    what = "Message-ID and originator" if case.mail.message_id else "octets"
    return Decision("duplicate", (f"the same {what} as journal entry {case.facts.duplicate_of}",))


def own_mail(case: Case) -> Decision | None:
    """What we sent ourselves came back, by a forwarding rule or a list: keep it, or it answers itself for ever."""
    message_id = case.mail.message_id or ""
    if case.policy.signer.read_message_id(message_id):
        return Decision("machine", ("our own mail came back: the Message-ID is signed by us",))
    looped = case.policy.address in {body.strip().lower() for body in case.mail.fields.get("x-loop", ())}
    return Decision("machine", ("our own mail came back: field X-Loop",)) if looped else None


def bounce(case: Case) -> Decision | None:
    """A bounce is filed on the ticket whose answer came back; one of a mail that we never sent is only kept.

    Which answer it was, the Message-ID of what came back tells, or a signed address or Message-ID in the bounce's own fields.
    """
    if case.verdict.kind != "bounce":
        return None
    report = case.verdict.bounce
    original = report.original_message_id if report else None
    key = (case.policy.signer.read_message_id(original) if original else None) or next(iter(case.threads.signed), None)
    number = key.number if key and key.role != "f" else 0  # an offer's letter may belong to no ticket
    ticket = case.facts.ticket(number)
    if key is None or report is None or (number and ticket is None):
        if case.verdict.doubtful:
            return None  # perhaps somebody passes a bounce on: a ticket, unanswered
        return Decision("machine", (*case.verdict.because, "it reports on no mail of ours"))
    failed = report.action not in ("delayed", "delivered", "relayed", "expanded")
    # Whoever had a mail of ours can write a report: it proves nothing about any other address, and one about a forward
    # is not forwarded, or it would come back for ever.
    to_requester = failed and key.role == "t"
    # RFC 3463 section 3.2: 5.1.7 and 5.1.8 are about the sender's address.
    unknown = failed and any(status.startswith("5.1.") and status not in ("5.1.7", "5.1.8") for status in report.statuses)
    offer = next((one for one in case.facts.offers if key.role == "f" and one.id == key.number), None)
    gone = (offer.to_addr,) if offer and unknown else ()
    reached_not = report.recipients or ((ticket.answer_to,) if ticket else ())  # a notice that names nobody is about whom we wrote to
    dead = tuple(addr for addr in reached_not if to_requester and unknown and ticket and addr.lower() == ticket.answer_to.lower())
    because = (
        *case.verdict.because,
        f"it reports on {original or f'a mail of ticket {number}'}",
        f"{report.action or 'failed'}: {', '.join(report.recipients)}",
    )
    return Decision(
        "bounce",
        because,
        ticket=number or None,
        wakes=to_requester and ticket is not None and sleeps(ticket),
        forward=to_requester and not case.facts.imported,
        dead_addresses=dead + gone,
        returned=offer if failed else None,
    )


def machine(case: Case) -> Decision | None:
    """Machine mail is kept, on the ticket it belongs to, and answered by nobody."""
    kind = case.verdict.kind
    if kind not in ("auto_reply", "list", "challenge", "spam", "loop"):
        return None
    if kind == "list" and is_own_list(case.mail, case.policy):
        return None  # the desk's own group: everybody writes to it
    named = case.named()
    joined = next((ticket for ticket, _, joins in named if joins), None)
    if kind == "spam" and (joined or case.facts.client or operator_reply(case)):
        return None  # a filter's word does not outweigh somebody whom we know
    because = (kind.replace("_", "-"), *case.verdict.because)
    return Decision("machine", because, ticket=joined.number if joined else None)


def operator_reply(case: Case) -> Decision | None:
    """An operator's reply to a forward goes on to the requester; only from an operator, only with the operators' key.

    Where the mailbox's own server has a word on the sender, it must be a good one.
    """
    proof = case.proof
    if case.sender not in case.policy.operators or (proof is not None and not proof.passed):
        return None
    for key in case.threads.signed:
        ticket = case.facts.ticket(key.number)
        if key.role == "o" and ticket:
            because = (
                f"{case.sender} is an operator",
                f"{'the signed reply address' if key.via == 'address' else 'a signed Message-ID'} of ticket {key.number}",
            )
            return Decision(
                "operator",
                because,
                ticket=ticket.number,
                relays=not case.facts.imported,
                answer_to=ticket.answer_to,
                language=ticket.language,
            )
    return None


def disowned(case: Case) -> Decision | None:
    """Mail that the sender's own domain disowns (RFC 7489 section 6.3) joins nothing, and nothing joins it by its words (R2).

    It is a ticket of its own all the same: domains publish a policy and forget a server of theirs, and forwarding breaks signatures.
    """
    if case.disowned is None:
        return None
    alike = next((found for rule in REPEATS if (found := rule(case))), None)
    decision = new_ticket(case)
    how = f"{alike.because[0]}, but {case.disowned}" if alike and decision.related_to is None else case.disowned
    known = any(case.disowned in one for one in decision.because)
    because = decision.because if known else (how, *decision.because)
    return replace(decision, because=because, related_to=decision.related_to or (alike.ticket if alike else None), words=None)


def follow_up(case: Case) -> Decision | None:
    """A reply joins its ticket (R2); after `reopen_days` a closed ticket stays closed and the reply opens a new one."""
    for ticket, how, joins in case.named():
        if not joins or case.closed_for_good(ticket):
            continue
        consents = answers(case)
        again = [f"it was {ticket.status} and is open again"] if ticket.status in ("solved", "closed") else []
        because = (how, *again, *because_of(consents))
        return Decision(
            "follow-up",
            because,
            ticket=ticket.number,
            wakes=sleeps(ticket) and not case.facts.imported,
            forward=not case.facts.imported,
            language=ticket.language,
            consents=consents,
        )
    return None


def new_ticket(case: Case) -> Decision:
    """Everything else is a request: nothing is lost because no rule knew it."""
    mail, policy, facts = case.mail, case.policy, case.facts
    urgent = urgency(mail, policy.urgent_rules, facts.urgency)
    consents = answers(case)
    because = because_of(consents) or [f"a reply to {one.name}" for one in facts.offers if one.id in case.threads.offers]
    named = next(iter(case.named()), None)
    if named:
        _, how, joins = named
        stranger = case.disowned or f"{case.sender or 'the sender'} does not belong to it"
        proof = case.proof if case.sender in policy.operators else None
        if proof is not None and not proof.passed:
            stranger = f"it is not proved that {case.sender} wrote it ({proof.said})"
        because.append(f"{how}, but {f'it was closed more than {policy.reopen_days} days ago' if joins else stranger}")
    closed = repeats_closed(case) if named is None else None
    if closed:
        because.append(f"the same words as in ticket {closed}, but it was closed more than {policy.reopen_days} days ago")
    because.append("a new request")
    suggestions = suggestions_for(case)
    because += [f"perhaps it repeats ticket {one.number} ({one.likely:.0%})" for one in suggestions[:1]]
    if urgent:
        because.append(urgent)
    cause = propose(mail.subject, mail.visible, case.sender, mail.language, policy.causes, policy.cause_rules, facts.causes)
    if cause:
        because.append(f"cause {cause.cause}: {cause.because}")
    # A courtesy is for somebody who asked for it and is told of it.
    untold = facts.imported or case.disowned is not None or silence(case, None) is not None
    client = replace(facts.client, courtesy_used=True) if facts.client and untold else facts.client
    coverage = coverage_of(Request(client, mail, urgent is not None, case.now), policy)
    minutes = policy.verdict_minutes_urgent if urgent else policy.verdict_minutes_normal
    decision = Decision(
        "ticket",
        (*because, f"coverage {coverage.kind}: {coverage.because}"),
        terms=not case.threads.offers,
        opens=True,
        related_to=named[0].number if named else closed,
        urgent=urgent is not None,
        coverage=coverage,
        verdict_due_at=None if facts.imported else policy.hours.add(case.now, minutes),
        language=case.language,
        forward=not facts.imported,
        words=case.words,
        suggestions=suggestions,
        cause=cause,
        consents=consents,
    )
    return with_answer(decision, "acknowledgement", case, None)


RULES: tuple[Rule, ...] = (duplicate, own_mail, bounce, machine, disowned, operator_reply, agreement, follow_up, *REPEATS)


def decide(case: Case) -> Decision:
    """Decide one message. Pure: the same case gives the same decision."""
    return _untold(case, next((decision for rule in RULES if (decision := rule(case))), None) or new_ticket(case))


def _untold(case: Case, decision: Decision) -> Decision:
    """What operators have read three times within the week is not forwarded again: forwards, too, get answers from machines (R10).

    It stands on its ticket all the same. A new ticket of a person is forwarded whatever it says, and so is an answer to an offer.
    """
    joins = decision.outcome in ("follow-up", "repeat") or not case.verdict.answerable
    count = case.facts.alike if case.sender in case.policy.operators else case.facts.same if joins else 0
    if not decision.forward or count < AGAIN or decision.outcome == "bounce" or decision.consents:
        return decision
    return replace(
        decision, forward=False, because=(*decision.because, f"not forwarded: the same words came {AGAIN} times within the week")
    )
