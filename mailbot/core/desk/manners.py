"""When an automatic answer is not sent (R10). Each rule returns its reason; any reason means silence."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from mailbot.core.desk.facts import Facts, TicketFacts
from mailbot.core.desk.policy import Policy
from mailbot.core.mail.message import Mail
from mailbot.core.mail.screen import Verdict
from mailbot.core.mail.screen.silence import read_by_nobody


@dataclass(frozen=True, slots=True)
class Occasion:
    """An answer that would go out: to whom, about which mail, on which ticket (None: one that is being opened)."""

    mail: Mail
    verdict: Verdict
    facts: Facts
    answer_to: str
    ticket: TicketFacts | None


Rule = Callable[[Occasion, Policy], str | None]
AGAIN = 3  # times that somebody's same words cause a mail within a week: a responder without a field says the same whatever it gets


def imported(occasion: Occasion, _policy: Policy) -> str | None:
    """Old mail is filed, not answered."""
    return "it was imported" if occasion.facts.imported else None


def screened(occasion: Occasion, policy: Policy) -> str | None:
    """Screening found a machine, or a sign that nobody would read the answer."""
    verdict = occasion.verdict
    answerable = verdict.answerable or (verdict.kind == "list" and is_own_list(occasion.mail, policy))
    return None if answerable else "; ".join(verdict.because) or verdict.kind


def no_address(occasion: Occasion, _policy: Policy) -> str | None:
    """There must be somebody to answer."""
    local, at, domain = occasion.answer_to.rpartition("@")
    return None if at and local and domain and " " not in occasion.answer_to else "it names no address to answer"


def unread(occasion: Occasion, _policy: Policy) -> str | None:
    """A form's Reply-To may be a reader's and not count, because it is somebody else's: then nobody reads what goes to the form."""
    return f"{occasion.answer_to} is read by nobody" if read_by_nobody(occasion.answer_to) else None


def ourselves(occasion: Occasion, policy: Policy) -> str | None:
    """Never to an address of the desk: that is a loop of one."""
    addr = occasion.answer_to.lower()
    return f"{addr} is our own address" if is_ours(addr, policy) else None


def not_delivering(occasion: Occasion, _policy: Policy) -> str | None:
    """A mail to this address came back."""
    return f"{occasion.answer_to} does not deliver" if occasion.facts.not_delivering else None


def address_limit(occasion: Occasion, policy: Policy) -> str | None:
    """`[automatic] per_address_per_hour`."""
    limit = policy.limits.per_address_per_hour
    reached = occasion.facts.automatic_to_address_last_hour >= limit
    return f"{occasion.answer_to} had {limit} automatic answers within the hour" if reached else None


def ticket_limit(occasion: Occasion, policy: Policy) -> str | None:
    """`[automatic] per_ticket_per_day`."""
    limit, ticket = policy.limits.per_ticket_per_day, occasion.ticket
    return f"ticket {ticket.number} had {limit} automatic answers within the day" if ticket and ticket.automatic_today >= limit else None


def says_the_same(occasion: Occasion, _policy: Policy) -> str | None:
    """A responder that answers slowly stays below every limit of an hour or a day. A person has been told by now.

    Requests that are told apart by a number are several ("add product 12"); of answers a number says nothing.
    """
    is_answer = bool(occasion.mail.in_reply_to or occasion.mail.references)
    count = occasion.facts.alike if is_answer else occasion.facts.same
    return f"the same words came {AGAIN} times within the week" if count >= AGAIN else None


def total_limit(occasion: Occasion, policy: Policy) -> str | None:
    """`[automatic] total_per_hour`."""
    limit = policy.limits.total_per_hour
    return f"{limit} automatic answers went out within the hour" if occasion.facts.automatic_last_hour >= limit else None


def operators_own(occasion: Occasion, policy: Policy) -> str | None:
    """An operator who writes to the desk knows that it works."""
    writer = occasion.mail.originator
    return "an operator wrote it" if writer and writer.key in policy.operators else None


RULES: tuple[Rule, ...] = (
    imported,
    screened,
    no_address,
    unread,
    ourselves,
    not_delivering,
    address_limit,
    ticket_limit,
    says_the_same,
    total_limit,
    operators_own,
)


def silent_because(occasion: Occasion, policy: Policy) -> str | None:
    """Why no automatic answer goes out, or None when one may."""
    return next((reason for rule in RULES if (reason := rule(occasion, policy))), None)


def is_ours(addr: str, policy: Policy) -> bool:
    """Whether an address is the desk's own, with or without a subaddress."""
    local, _, domain = addr.lower().rpartition("@")
    pieces = local.split("+")  # an address of ours may have a `+` of its own
    return any(f"{'+'.join(pieces[:count])}@{domain}" in policy.ours for count in range(1, len(pieces) + 1))


def is_own_list(mail: Mail, policy: Policy) -> bool:
    """Whether the list that a mail came through is an address of the desk: a group that shares the support mailbox."""
    named = " ".join(mail.first(name).lower() for name in ("list-id", "list-post", "x-beenthere", "mailing-list"))
    ids = (form for ours in policy.ours for form in (ours, ours.replace("@", ".")))
    return any(re.search(rf"(?<![\w.+-]){re.escape(one)}(?![\w-]|\.\w)", named) for one in ids)


def answer_address(mail: Mail, policy: Policy, one_party: bool) -> str:
    """Where an answer to this mail goes: its one Reply-To when that is not ours, else its originator; '' when it names nobody.

    RFC 3834 section 4 lets a responder that acts for a service use Reply-To; a site's contact form depends on it. But a
    client's terms are for the client: `one_party` is false when the Reply-To is somebody else's, and then it does not count.
    """
    address = reply_address(mail)
    if address and one_party and not is_ours(address, policy):
        return address
    return mail.originator.addr if mail.originator and not _is_encoded(mail.originator.addr) else ""


def reply_address(mail: Mail) -> str:
    """The address that the mail wants answers to, '' when it names none or several."""
    only = mail.reply_to[0].addr if len(mail.reply_to) == 1 else ""
    return only if "@" in only and not _is_encoded(only) else ""


def _is_encoded(addr: str) -> bool:
    """An encoded-word in an addr-spec, which RFC 2047 section 5 forbids: whoever decodes it on the way may find a line break in it."""
    return "=?" in addr
