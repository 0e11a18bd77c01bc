"""THE specification: what becomes of a message, and why. A row is a message, what is known of the world, and the decision."""

from datetime import timedelta

import pytest

from mailbot.core.desk.causes.configured import CauseRule
from mailbot.core.desk.urgency import urgency
from mailbot.core.mail.message import Address, Bounce
from tests.core.build import ANNA, BOSS, DESK, NOW, SIGNER, client, decided, facts, file, mail, policy, ticket

STRANGER = "eve@evil.example"
COLLEAGUE = "olga@rose.example"
T12 = (Address("", SIGNER.reply_address("t", 12)),)
O12 = (Address("", SIGNER.reply_address("o", 12)),)
SENT_T12 = SIGNER.message_id("t", 12, "abcd1234")
SENT_O12 = SIGNER.message_id("o", 12, "abcd1234")
LIST = {"list-id": "<news.rose.example>"}
ABSENT = {"auto-submitted": "auto-replied"}
SPAM = {"x-spam-flag": "YES"}
LONG_AGO = NOW - timedelta(days=15)
RECENTLY = NOW - timedelta(days=13)
BELONGS = ticket(sender_belongs=True)


def report(original: str | None, **values) -> dict:
    said = {"recipients": (ANNA,), "statuses": ("5.1.1",), "action": "failed", **values}
    return {
        "sender": "mailer-daemon@mx.example",
        "content_type": "multipart/report",
        "content_params": {"report-type": "delivery-status"},
        "report": Bounce(original_message_id=original, **said),
    }


def repeated(days: float = 2, **values):
    """Ticket 12, which has the same words since so many days."""
    return ticket(**{"since_same_words": NOW - timedelta(days=days), "sender_belongs": True, **values})


# name: (message, facts, what the decision says)
OUTCOMES = {
    # -- one message is one message
    "the same message delivered twice is a duplicate": (
        mail(),
        facts(duplicate_of=7),
        {
            "outcome": "duplicate",
            "ticket": None,
            "answer": None,
            "forward": False,
            "because": ("the same Message-ID and originator as journal entry 7",),
        },
    ),
    "the same octets without a Message-ID are a duplicate": (
        mail(message_id=None),
        facts(duplicate_of=7),
        {"outcome": "duplicate", "because": ("the same octets as journal entry 7",)},
    ),
    "a duplicate of a reply joins nothing again": (mail(to=T12), facts(BELONGS, duplicate_of=7), {"outcome": "duplicate", "ticket": None}),
    # -- our own mail
    "our own answer that comes back is kept and answered by nobody": (
        mail(DESK, message_id=SENT_T12),
        facts(BELONGS),
        {"outcome": "machine", "ticket": None, "answer": None, "forward": False},
    ),
    "a mail that carries our X-Loop is our own": (
        mail(fields={"x-loop": "Support@Studio.example"}),
        facts(),
        {"outcome": "machine", "answer": None},
    ),
    "somebody else's X-Loop is none of ours": (mail(fields={"x-loop": "x@other.example"}), facts(), {"outcome": "ticket"}),
    # -- bounces
    "a bounce of our answer is filed on its ticket, woken for the operators, and the address is remembered": (
        mail(**report(SENT_T12)),
        facts(ticket(status="waiting")),
        {"outcome": "bounce", "ticket": 12, "wakes": True, "forward": True, "dead_addresses": (ANNA,), "answer": None},
    ),
    "a full mailbox is no dead address": (
        mail(**report(SENT_T12, statuses=("5.2.2",))),
        facts(ticket(status="waiting")),
        {"outcome": "bounce", "ticket": 12, "wakes": True, "dead_addresses": ()},
    ),
    "a delayed mail wakes nobody": (
        mail(**report(SENT_T12, action="delayed", statuses=("4.4.1",))),
        facts(ticket(status="waiting")),
        {"outcome": "bounce", "ticket": 12, "wakes": False, "forward": False, "dead_addresses": ()},
    ),
    "a report without an action counts as failed": (
        mail(**report(SENT_T12, action=None)),
        facts(ticket(status="waiting")),
        {"outcome": "bounce", "wakes": True},
    ),
    "a forged report silences no other address than the one that we wrote to": (
        mail(**report(SENT_T12, recipients=(STRANGER, ANNA.upper()))),
        facts(ticket()),
        {"outcome": "bounce", "dead_addresses": (ANNA.upper(),)},
    ),
    "a bounce of a forward to an operator is not forwarded, or it would come back for ever": (
        mail(**report(SENT_O12, recipients=(BOSS,))),
        facts(ticket(status="waiting")),
        {"outcome": "bounce", "ticket": 12, "wakes": False, "forward": False, "dead_addresses": ()},
    ),
    "a bounce of a weekly summary is filed on no ticket": (
        mail(**report(SIGNER.message_id("o", 0, "week"), recipients=(BOSS,))),
        facts(),
        {"outcome": "bounce", "ticket": None, "forward": False},
    ),
    "a bounce of a mail that we never sent is only kept": (
        mail(**report("spam@studio.example")),
        facts(ticket()),
        {"outcome": "machine", "ticket": None, "forward": False, "answer": None},
    ),
    "a bounce that names no mail is only kept": (mail(**report(None)), facts(ticket()), {"outcome": "machine", "ticket": None}),
    "a bounce of a ticket that does not exist is only kept": (mail(**report(SENT_T12)), facts(), {"outcome": "machine", "ticket": None}),
    "a bounce without a report is only kept": (mail("mailer-daemon@mx.example", subject="Returned mail"), facts(), {"outcome": "machine"}),
    "a bounce without a report is filed by the Message-ID in the copy": (
        mail("mailer-daemon@mx.example", text=f"<{ANNA}>:\nno such user\n\n--- Original message follows.\n\nMessage-ID: <{SENT_T12}>\n"),
        facts(ticket(status="waiting")),
        {"outcome": "bounce", "ticket": 12, "wakes": True, "forward": True, "dead_addresses": (ANNA,), "answer": None},
    ),
    "a bounce that names nobody is about whom we wrote to": (
        mail("mailer-daemon@mx.example", text="No such user here.", in_reply_to=(SENT_T12,)),
        facts(ticket(status="waiting")),
        {"outcome": "bounce", "ticket": 12, "dead_addresses": (ANNA,)},
    ),
    "a bounce to the reply address is filed by it": (
        mail("mailer-daemon@mx.example", text=f"<{ANNA}>: mailbox full", to=T12),
        facts(ticket(status="waiting")),
        {"outcome": "bounce", "ticket": 12, "wakes": True, "dead_addresses": ()},
    ),
    "a rejection for our own domain silences no client": (
        mail(**report(SENT_T12, statuses=("5.1.8",))),
        facts(ticket(status="waiting")),
        {"outcome": "bounce", "wakes": True, "dead_addresses": ()},
    ),
    "what a postmaster passes on of mail that is none of ours is a request, unanswered": (
        mail("postmaster@rose.example", subject="Undelivered mail", text="It was not delivered to:\n\nolga@rose.example\n\nWhat is wrong?"),
        facts(),
        {"outcome": "ticket", "answer": None, "forward": True},
    ),
    "a report that all went well wakes nobody": (
        mail(**report(SENT_T12, recipients=(), statuses=(), action="delivered")),
        facts(ticket(status="waiting")),
        {"outcome": "bounce", "ticket": 12, "wakes": False, "forward": False, "dead_addresses": ()},
    ),
    "a mail that went round fifty servers is kept": (mail(hops=51), facts(), {"outcome": "machine", "answer": None, "forward": False}),
    # -- machines
    "an absence note is kept": (mail(fields=ABSENT), facts(), {"outcome": "machine", "ticket": None, "answer": None, "forward": False}),
    "an absence note to our answer stands on its ticket and wakes nobody": (
        mail(to=T12, fields=ABSENT),
        facts(ticket(status="waiting")),
        {"outcome": "machine", "ticket": 12, "wakes": False, "forward": False, "answer": None},
    ),
    "an operator's absence note goes to no client": (
        mail(BOSS, to=O12, fields=ABSENT),
        facts(ticket()),
        {"outcome": "machine", "ticket": None, "relays": False},
    ),
    "list mail is kept": (mail(fields=LIST), facts(client=client()), {"outcome": "machine", "answer": None, "forward": False}),
    "a challenge is kept": (mail(fields={"x-challenge": "1"}), facts(), {"outcome": "machine", "answer": None}),
    "a client who writes about automatic replies is heard": (
        mail(subject="Automatic reply of our contact form is broken"),
        facts(client=client()),
        {"outcome": "ticket", "answer": "acknowledgement", "forward": True},
    ),
    "what came through the desk's own group is a request": (
        mail(fields={"list-id": "Support <support.studio.example>", "precedence": "list"}),
        facts(),
        {"outcome": "ticket", "answer": "acknowledgement", "forward": True},
    ),
    "what came through another group is kept": (
        mail(fields={"list-id": "Support <support.other.example>", "precedence": "list"}),
        facts(),
        {"outcome": "machine", "answer": None, "forward": False},
    ),
    "a form's visitor is answered where he reads": (
        mail("noreply@rose.example", reply_to=(Address("Ivan", "ivan@mail.example"),)),
        facts(),
        {"outcome": "ticket", "answer": "acknowledgement", "answer_to": "ivan@mail.example"},
    ),
    "a client's form is not answered where nobody reads": (
        mail("noreply@rose.example", reply_to=(Address("Ivan", "ivan@mail.example"),)),
        facts(client=client()),
        {"outcome": "ticket", "answer": None, "answer_to": "noreply@rose.example"},
    ),
    "spam of a stranger is kept": (mail(STRANGER, fields=SPAM), facts(), {"outcome": "machine", "answer": None}),
    "a client whom the spam filter mistakes is heard, and not answered by machine": (
        mail(fields=SPAM),
        facts(client=client()),
        {"outcome": "ticket", "answer": None, "forward": True},
    ),
    "a reply that the spam filter mistakes joins its ticket": (
        mail(to=T12, fields=SPAM),
        facts(ticket()),
        {"outcome": "follow-up", "ticket": 12},
    ),
    "an operator's reply that the spam filter mistakes goes on": (
        mail(BOSS, to=O12, fields=SPAM),
        facts(ticket()),
        {"outcome": "operator", "relays": True},
    ),
    "an invitation is a request that is not answered": (
        mail(calendar_method="REQUEST"),
        facts(),
        {"outcome": "ticket", "answer": None, "forward": True},
    ),
    # -- operators
    "an operator's reply to the signed address goes on to the requester": (
        mail(BOSS, to=O12),
        facts(ticket()),
        {"outcome": "operator", "ticket": 12, "relays": True, "answer_to": ANNA, "answer": None, "forward": False, "language": "en"},
    ),
    "an operator's reply is known by our signed Message-ID too": (
        mail(BOSS, in_reply_to=(SENT_O12,)),
        facts(ticket()),
        {"outcome": "operator", "ticket": 12, "relays": True},
    ),
    "an operator is known without case": (mail("Boss@Studio.example", to=O12), facts(ticket()), {"outcome": "operator", "relays": True}),
    "an operator without the operators' key opens a ticket and is not answered": (
        mail(BOSS),
        facts(ticket()),
        {"outcome": "ticket", "relays": False, "answer": None, "forward": True},
    ),
    "who writes as an operator and guesses a number relays nothing": (
        mail(BOSS, subject="Re: [#12]", to=(Address("", "support+o12-aaaaaaaaaaaaaaaa@studio.example"),)),
        facts(ticket()),
        {"outcome": "ticket", "relays": False, "related_to": 12},
    ),
    "who writes as an operator with a client's key relays nothing": (
        mail(BOSS, to=T12),
        facts(ticket()),
        {"outcome": "follow-up", "relays": False, "ticket": 12},
    ),
    "an operator's key of a ticket that does not exist relays nothing": (
        mail(BOSS, to=O12),
        facts(),
        {"outcome": "ticket", "relays": False},
    ),
    "a stranger with the operators' key opens a ticket of his own": (
        mail(STRANGER, to=O12),
        facts(ticket()),
        {"outcome": "ticket", "ticket": None, "related_to": 12, "relays": False},
    ),
    "a client with the operators' key, who belongs to the ticket, joins it": (
        mail(to=O12),
        facts(BELONGS),
        {"outcome": "follow-up", "ticket": 12, "relays": False},
    ),
    # -- strangers
    "a guessed tag opens no door": (
        mail(STRANGER, subject="Re: Price list [#12]"),
        facts(ticket()),
        {"outcome": "ticket", "ticket": None, "opens": True, "related_to": 12, "answer": "acknowledgement"},
    ),
    "a copied reference opens no door": (
        mail(STRANGER, in_reply_to=("1@rose.example",)),
        facts(ticket(), referenced=(12,)),
        {"outcome": "ticket", "ticket": None, "related_to": 12},
    ),
    "a tag of a ticket that does not exist is no more than words": (
        mail(subject="[#99]"),
        facts(),
        {"outcome": "ticket", "related_to": None},
    ),
    "a forged signature opens no door": (
        mail(STRANGER, to=(Address("", "support+t12-aaaaaaaaaaaaaaaa@studio.example"),)),
        facts(ticket()),
        {"outcome": "ticket", "ticket": None, "related_to": None},
    ),
    # -- follow-ups
    "a reply to the signed address joins, whoever writes it": (
        mail(STRANGER, to=T12),
        facts(ticket()),
        {"outcome": "follow-up", "ticket": 12, "forward": True, "answer": None, "because": ("the signed reply address of ticket 12",)},
    ),
    "a reply to a signed Message-ID joins, whoever writes it": (
        mail(STRANGER, in_reply_to=(SENT_T12,)),
        facts(ticket()),
        {"outcome": "follow-up", "ticket": 12, "because": ("a signed Message-ID of ours of ticket 12",)},
    ),
    "a reference to any message of the ticket joins when the sender belongs to it": (
        mail(COLLEAGUE, references=("1@rose.example",)),
        facts(BELONGS, referenced=(12,)),
        {"outcome": "follow-up", "ticket": 12, "because": ("a reference to a message of ticket 12",)},
    ),
    "a subject tag joins when the sender belongs to the ticket": (
        mail(subject="Re: Price list [#12]"),
        facts(BELONGS),
        {"outcome": "follow-up", "ticket": 12, "because": ("the subject tag [#12]",)},
    ),
    "proof comes before hints": (
        mail(to=T12, subject="Re: [#13]"),
        facts(ticket(12), ticket(13, sender_belongs=True)),
        {"outcome": "follow-up", "ticket": 12},
    ),
    "a hint that fails does not hide one that holds": (
        mail(subject="Re: [#13] [#12]"),
        facts(ticket(13), BELONGS),
        {"outcome": "follow-up", "ticket": 12},
    ),
    "a follow-up keeps the language of its ticket": (
        mail(to=T12, language="en"),
        facts(ticket(language="ru"), client=client(language="en")),
        {"outcome": "follow-up", "language": "ru"},
    ),
    "a reply to a ticket just solved opens it again": (
        mail(to=T12),
        facts(ticket(status="solved", closed_at=RECENTLY)),
        {"outcome": "follow-up", "ticket": 12, "wakes": True},
    ),
    "a reply within reopen_days opens a closed ticket again": (
        mail(to=T12),
        facts(ticket(status="closed", closed_at=NOW - timedelta(days=14))),
        {"outcome": "follow-up", "ticket": 12, "wakes": True},
    ),
    "a reply after reopen_days opens a ticket of its own, related to the old one": (
        mail(to=T12),
        facts(ticket(status="closed", closed_at=LONG_AGO)),
        {"outcome": "ticket", "ticket": None, "opens": True, "related_to": 12, "answer": "acknowledgement"},
    ),
    "a reply to a ticket that waits for the client wakes it": (
        mail(to=T12),
        facts(ticket(status="waiting")),
        {"outcome": "follow-up", "wakes": True},
    ),
    "a reply to an open ticket wakes nothing": (
        mail(to=T12),
        facts(ticket()),
        {"outcome": "follow-up", "wakes": False},
    ),
    # -- repeats
    "the same words again join the ticket that has them, and the answer says so": (
        mail(message_id="2@rose.example"),
        facts(same_words=repeated()),
        {"outcome": "repeat", "ticket": 12, "opens": False, "wakes": False, "answer": "repeat", "answer_to": ANNA, "forward": True},
    ),
    "a repeat of a solved ticket opens it again": (
        mail(),
        facts(same_words=repeated(status="solved", closed_at=RECENTLY)),
        {"outcome": "repeat", "ticket": 12, "wakes": True},
    ),
    "few words repeat a request within a day": (
        mail(text="Any news?"),
        facts(same_words=repeated(days=0.9)),
        {"outcome": "repeat", "ticket": 12},
    ),
    "few words after a day are another request": (
        mail(text="Any news?"),
        facts(same_words=repeated(days=1.1)),
        {"outcome": "ticket", "ticket": None},
    ),
    "the same words with another file are another request": (
        mail(attachments=(file("new"),)),
        facts(same_words=repeated(attachments=frozenset({"old"}))),
        {"outcome": "ticket", "ticket": None},
    ),
    "the same words with the same file are a repeat": (
        mail(attachments=(file("old"),)),
        facts(same_words=repeated(attachments=frozenset({"old"}))),
        {"outcome": "repeat", "ticket": 12},
    ),
    "the same words with another pasted picture are another request": (
        mail(attachments=(file("screenshot", inline=True),)),
        facts(same_words=repeated()),
        {"outcome": "ticket"},
    ),
    "a reply to a ticket is a follow-up before it is a repeat": (
        mail(to=T12),
        facts(ticket(12), same_words=repeated(number=9)),
        {"outcome": "follow-up", "ticket": 12},
    ),
    # -- new requests
    "everything else is a request": (
        mail(),
        facts(),
        {"outcome": "ticket", "opens": True, "answer": "acknowledgement", "answer_to": ANNA, "forward": True, "related_to": None},
    ),
    "a mail that nobody signed is a request that nobody can be answered for": (
        mail(None),
        facts(),
        {"outcome": "ticket", "answer": None, "answer_to": "", "forward": True},
    ),
    "an empty mail is a request": (mail(subject="", text=""), facts(), {"outcome": "ticket", "words": None, "answer": "acknowledgement"}),
    "a contact form is answered at its Reply-To": (
        mail("www@rose.example", reply_to=(Address("", "visitor@mail.example"),)),
        facts(),
        {"outcome": "ticket", "answer": "acknowledgement", "answer_to": "visitor@mail.example"},
    ),
    # -- what was imported
    "an imported request is filed, answered to nobody and forwarded to nobody": (
        mail(),
        facts(imported=True),
        {"outcome": "ticket", "answer": None, "forward": False},
    ),
    "an imported reply is filed and forwarded to nobody": (
        mail(to=T12),
        facts(ticket(), imported=True),
        {"outcome": "follow-up", "ticket": 12, "forward": False},
    ),
    "an imported repeat is filed and answered to nobody": (
        mail(),
        facts(same_words=repeated(), imported=True),
        {"outcome": "repeat", "ticket": 12, "answer": None, "forward": False},
    ),
    "an imported reply of an operator goes on to nobody": (
        mail(BOSS, to=O12),
        facts(ticket(), imported=True),
        {"outcome": "operator", "ticket": 12, "relays": False, "forward": False},
    ),
    "an imported bounce is forwarded to nobody": (
        mail(**report(SENT_T12)),
        facts(ticket(), imported=True),
        {"outcome": "bounce", "ticket": 12, "forward": False},
    ),
    # -- limits
    "the fifth answer within the hour goes out": (
        mail(),
        facts(automatic_to_address_last_hour=4),
        {"outcome": "ticket", "answer": "acknowledgement"},
    ),
    "the sixth answer within the hour does not, and the request is kept": (
        mail(),
        facts(automatic_to_address_last_hour=5),
        {"outcome": "ticket", "answer": None, "forward": True},
    ),
    "the fourth answer of a ticket within the day does not go out": (
        mail(),
        facts(same_words=repeated(automatic_today=3)),
        {"outcome": "repeat", "ticket": 12, "answer": None},
    ),
    "the limit of all answers silences everybody": (mail(), facts(automatic_last_hour=200), {"outcome": "ticket", "answer": None}),
    "an address that does not deliver is not answered": (mail(), facts(not_delivering=True), {"outcome": "ticket", "answer": None}),
}


@pytest.mark.parametrize(("message", "known", "expected"), OUTCOMES.values(), ids=OUTCOMES)
def test_what_becomes_of_a_message(message, known, expected):
    decision = decided(message, known)
    assert {name: getattr(decision, name) for name in expected} == expected
    assert decision.because
    assert all(decision.because)


@pytest.mark.parametrize(("message", "known", "expected"), OUTCOMES.values(), ids=OUTCOMES)
def test_an_answer_goes_out_only_with_a_ticket_and_an_address(message, known, expected):
    decision = decided(message, known)
    if decision.answer:
        assert decision.opens or decision.ticket
        assert "@" in decision.answer_to
    else:
        assert decision.outcome not in ("ticket", "repeat") or decision.because[-1].startswith("no answer: ")


@pytest.mark.parametrize(
    ("message", "known", "reason"),
    [
        (mail(STRANGER, subject="[#12]"), facts(ticket()), "the subject tag [#12], but eve@evil.example does not belong to it"),
        (
            mail(to=T12),
            facts(ticket(status="closed", closed_at=LONG_AGO)),
            "the signed reply address of ticket 12, but it was closed more than 14 days ago",
        ),
        (mail(to=T12), facts(ticket(status="solved", closed_at=RECENTLY)), "it was solved and is open again"),
        (mail(), facts(same_words=repeated()), "the same words as in ticket 12 of 2026-11-16 12:00"),
        (mail(subject="URGENT: price list"), facts(), "urgent: “URGENT”"),
        (mail(), facts(client=client()), "coverage none: Rose Shop has no contract"),
        (mail(fields={"return-path": "<>"}), facts(), "no answer: its reverse-path is null"),
        (mail(BOSS), facts(), "no answer: an operator wrote it"),
        (mail(**report("x@y")), facts(), "it reports on no mail of ours"),
        (mail(**report(SENT_T12)), facts(ticket()), f"failed: {ANNA}"),
    ],
)
def test_a_decision_says_why(message, known, reason):
    assert reason in decided(message, known).because


@pytest.mark.parametrize(
    ("message", "reason"),
    [
        (mail(subject="Срочно: прайс"), "urgent: “Срочно”"),
        (mail(text="Our site is down since this morning."), "urgent: “site is down”"),
        (mail(fields={"importance": "High"}), "urgent: Importance: high"),
        (mail(fields={"x-priority": "1 (Highest)"}), "urgent: X-Priority"),
        (mail(fields={"x-priority": "2"}), "urgent: X-Priority"),
        (mail(fields={"priority": "Urgent "}), "urgent: Priority: urgent"),
        (mail(fields={"priority": "normal"}), None),
        (mail(fields={"x-priority": "3 (Normal)", "importance": "normal"}), None),
        (mail(text="It is not urgent.", subject="Price list"), None),
        (mail(text="quoted above: urgent", visible="Thank you"), None),
    ],
    ids=[
        "subject",
        "text",
        "Importance",
        "X-Priority 1",
        "X-Priority 2",
        "Priority",
        "Priority normal",
        "normal",
        "not urgent",
        "in the quoted history",
    ],
)
def test_urgency_comes_from_the_senders_words_and_fields(message, reason):
    assert urgency(message, ()) == reason


@pytest.mark.parametrize(
    ("message", "reason"),
    [
        (mail(text="A payment is missing since this morning."), "urgent: configured: “payment”"),
        (mail("alarm@bank.example"), "urgent: configured: from @bank.example"),
        (mail(text="The newsletter has a typo."), None),
    ],
    ids=["its words", "its senders", "neither"],
)
def test_urgency_comes_from_the_desks_own_rules(message, reason):
    rules = (CauseRule("urgent", words=("payment*",)), CauseRule("urgent", senders=("@bank.example",)))
    assert urgency(message, rules) == reason


def test_an_urgent_request_gets_an_earlier_promise():
    urgent, normal = decided(mail(subject="Urgent!")), decided(mail())
    assert (urgent.urgent, normal.urgent) == (True, False)
    assert urgent.verdict_due_at == NOW + timedelta(minutes=60)
    assert normal.verdict_due_at == NOW + timedelta(hours=8 + 15)  # seven hours today, one after 10:00 tomorrow


@pytest.mark.parametrize(
    ("of_client", "of_mail", "expected"),
    [("en", "ru", "en"), (None, "en", "en"), (None, None, "ru"), (None, "uk", "ru"), (None, "de", "en")],
    ids=["the client's", "else the mail's", "else the desk's", "Russian for a Ukrainian", "English for a German"],
)
def test_the_language_of_an_answer_is(of_client, of_mail, expected):
    known = facts(client=client(language=of_client))
    assert decided(mail(language=of_mail), known).language == expected
    assert decided(mail(language=of_mail), facts(client=known.client, same_words=repeated())).language == expected


def test_reopen_days_are_a_setting():
    known = facts(ticket(status="closed", closed_at=NOW - timedelta(days=3)))
    assert decided(mail(to=T12), known, policy(reopen_days=2)).outcome == "ticket"
    assert decided(mail(to=T12), known, policy(reopen_days=3)).outcome == "follow-up"


def test_without_plus_addressing_a_reply_is_known_by_its_references():
    rules = policy(signer=type(SIGNER)(SIGNER.secret, DESK, plus_addressing=False))
    decision = decided(
        mail(STRANGER, to=(Address("", rules.signer.reply_address("t", 12)),), in_reply_to=(SENT_T12,)), facts(ticket()), rules
    )
    assert (decision.outcome, decision.ticket) == ("follow-up", 12)


def test_the_same_case_gives_the_same_decision():
    for message, known, _ in OUTCOMES.values():
        assert decided(message, known) == decided(message, known)


def test_a_request_in_the_night_is_promised_for_the_day():
    night = NOW.replace(hour=20)  # 23:00 in Moscow
    due = decided(mail(subject="Urgent!"), now=night).verdict_due_at
    assert due is not None
    assert due.isoformat() == "2026-11-19T11:00:00+03:00"
