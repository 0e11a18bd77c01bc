"""Builders of the values that decisions are made of: each has a plain default, a test names what matters to it."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from mailbot.core.desk.case import Case, Decision
from mailbot.core.desk.decide import decide
from mailbot.core.desk.facts import Client, Facts, TicketFacts
from mailbot.core.desk.hours import parse_hours
from mailbot.core.desk.manners import answer_address
from mailbot.core.desk.policy import Limits, Money, Policy
from mailbot.core.desk.words import words_digest
from mailbot.core.mail.message import Address, Attachment, Mail
from mailbot.core.mail.screen import screen
from mailbot.core.mail.threading import Signer, threads_of

MOSCOW = ZoneInfo("Europe/Moscow")
NOW = datetime(2026, 11, 18, 9, 0, tzinfo=UTC)  # a Wednesday, 12:00 in Moscow
DESK = "support@studio.example"
BOSS = "boss@studio.example"
ANNA = "anna@rose.example"
SIGNER = Signer(b"a secret of the tests", DESK)


def mail(sender: str | None = ANNA, **values) -> Mail:
    """A person's mail to the desk; `fields` as {name: body or bodies}."""
    fields = {name: (bodies,) if isinstance(bodies, str) else tuple(bodies) for name, bodies in values.pop("fields", {}).items()}
    text = values.pop("text", "Please put the new price list on the page of roses.")
    values.setdefault("message_id", "1@rose.example")
    values.setdefault("subject", "Price list")
    values.setdefault("to", (Address("", DESK),))
    values.setdefault("visible", text)
    return Mail(originator=Address("Anna", sender) if sender is not None else None, fields=fields, text=text, **values)


def file(sha256: str, inline: bool = False) -> Attachment:
    """An attachment of these octets."""
    return Attachment("list.pdf", "application/pdf", 10, sha256, None, inline, 0, 10, "base64")


def policy(**values) -> Policy:
    """The desk of a studio in Moscow."""
    settings = {
        "name": "Web Studio",
        "address": DESK,
        "ours": frozenset((DESK, "help@studio.example")),
        "operators": (BOSS,),
        "language": "ru",
        "timezone": MOSCOW,
        "hours": parse_hours("Mon-Fri 10:00-19:00", MOSCOW),
        "signer": SIGNER,
        "money": Money("RUB", Decimal(2000), Decimal(500), 15, 3, {"standard": Decimal("0.30"), "premium": Decimal("1.00")}),
        "limits": Limits(5, 3, 200),
    }
    return Policy(**{**settings, **values})


def client(**values) -> Client:
    """A client without a contract, whose courtesy is used."""
    return Client(**{"id": 1, "name": "Rose Shop", "courtesy_used": True, **values})


def ticket(number: int = 12, **values) -> TicketFacts:
    """An open ticket of Anna's, to which the sender does not belong unless the test says so."""
    settings = {
        "number": number,
        "status": "open",
        "subject": "Price list",
        "requester": ANNA,
        "requester_name": "Anna",
        "answer_to": ANNA,
        "language": "en",
        "opened_at": NOW - timedelta(days=2),
        "verdict_due_at": None,
        "closed_at": None,
        "sender_belongs": False,
    }
    return TicketFacts(**{**settings, **values})


def facts(*named: TicketFacts, **values) -> Facts:
    """What is known of the world: these tickets, and nothing else."""
    return Facts(named={one.number: one for one in named}, **values)


def case(message: Mail, known: Facts | None = None, rules: Policy | None = None, now: datetime = NOW) -> Case:
    """The message with what is known, screened and threaded as the daemon does it."""
    rules = rules or policy()
    known = known or facts()
    answer_to = answer_address(message, rules, one_party=known.client is None)
    return Case(message, screen(message), threads_of(message, rules.signer), words_digest(message), answer_to, known, rules, now)


def decided(message: Mail, known: Facts | None = None, rules: Policy | None = None, now: datetime = NOW) -> Decision:
    """What becomes of the message."""
    return decide(case(message, known, rules, now))
