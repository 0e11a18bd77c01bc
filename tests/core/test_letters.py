"""The contents of each letter: to whom, from whom, in which thread, with what. Words are the templates'."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from mailbot.core.desk import alarms, letters, offer_letters
from mailbot.core.desk.case import Consent, Decision
from mailbot.core.desk.coverage import Coverage
from mailbot.core.desk.facts import OfferFacts, WaitingOffer
from mailbot.core.desk.letters import FORWARD_OCTETS, FORWARD_TAGS, FORWARD_TEXT, Letter
from mailbot.core.desk.operators import Done
from mailbot.core.desk.policy import Offers
from mailbot.core.mail.message import Address, Attachment, Mail
from mailbot.core.mail.visible import MARKER
from mailbot.core.money.quote import quote_of
from tests.core.build import ANNA, BOSS, DESK, NOW, SIGNER, case, client, facts, mail, policy, ticket

STUDIO = Address("Web Studio", DESK)
THREE = ("1@rose.example", "2@rose.example", "3@rose.example")
TERMS = Coverage("none", "the sender is no known client", rate=Decimal(2000))
EVENING = datetime(2026, 11, 18, 17, 0, tzinfo=UTC)  # 20:00 in Moscow; the desk opens at 10:00
OFFER = OfferFacts(7, "proposal", None, 1, ANNA, "abc", "open")
WAITING = WaitingOffer(7, "estimate", 1, 12, ANNA, "ru", {"minutes": 60}, "o@studio.example", NOW, 0, NOW, True, None, None)


def of(letter: Letter, *names: str) -> tuple[Any, ...]:
    return tuple(getattr(letter, name) for name in names)


def decision(**values: Any) -> Decision:
    return Decision("ticket", ("a new request",), **{"answer_to": ANNA, "language": "ru", "coverage": TERMS, "opens": True, **values})


def test_an_acknowledgement_answers_the_sender_in_the_ticket() -> None:
    asked = mail(message_id="2@rose.example", references=("1@rose.example",))
    due = NOW + timedelta(hours=8)
    made = letters.answer(decision(answer="acknowledgement", urgent=True, verdict_due_at=due), asked, ticket(), policy(), NOW)
    assert of(made, "kind", "template", "language", "role", "ticket") == ("acknowledgement", "acknowledgement", "ru", "t", 12)
    assert of(made, "to", "sender", "subject") == (Address("Anna", ANNA), STUDIO, "Re: Price list [#12]")
    assert of(made, "automatic", "limited", "encloses", "offer", "files") == ("auto-replied", True, None, 0, ())
    assert of(made, "in_reply_to", "references") == ("2@rose.example", ("1@rose.example", "2@rose.example"))
    assert made.context == {
        "ticket": ticket(),
        "coverage": TERMS,
        "urgent": True,
        "verdict_due_at": due,
        "opens_at": None,
        "increment_minutes": 15,
        "estimate_above_minutes": 120,
        "warranty_days": 30,
        "closed_at": None,
        "merged": None,
    }


def test_the_answer_to_a_repeat_wakes_what_was_closed_and_says_when_the_desk_opens() -> None:
    closed = ticket(status="closed", closed_at=NOW - timedelta(days=1))
    made = letters.answer(decision(answer="repeat", wakes=True, terms=False), mail(subject=""), closed, policy(), EVENING)
    assert of(made, "kind", "template", "subject") == ("repeat", "repeat", "Re: Price list [#12]")
    assert made.context["closed_at"] == closed.closed_at
    assert made.context["coverage"] is None
    assert letters.answer(decision(answer="repeat"), mail(), closed, policy(), NOW).context["closed_at"] is None
    assert made.context["opens_at"] == datetime(2026, 11, 19, 7, 0, tzinfo=UTC)


def test_an_answer_to_nobody_in_particular_goes_where_it_was_decided() -> None:
    made = letters.answer(decision(answer_to="robot@rose.example"), mail(sender=None, message_id=None), ticket(), policy(), NOW)
    assert of(made, "kind", "to") == ("acknowledgement", Address("", "robot@rose.example"))
    assert of(made, "in_reply_to", "references") == (None, ())


def test_a_long_thread_keeps_its_first_and_its_last_messages() -> None:
    many = [f"{number}@rose.example" for number in range(20)]
    assert letters.thread(many, "new@rose.example") == ("0@rose.example", *many[-11:], "new@rose.example")
    assert letters.thread(many[:12], "new@rose.example") == (*many[:12], "new@rose.example")
    assert letters.thread(many[:13], "new@rose.example") == ("0@rose.example", *many[2:13], "new@rose.example")
    assert letters.thread(["1@rose.example", "2@rose.example"], "1@rose.example") == ("2@rose.example", "1@rose.example")
    assert letters.thread(["1@rose.example"], None) == ("1@rose.example",)


def forward(message: Any = None, of_ticket: Any = None, **values: Any) -> Letter:
    (made,) = letters.forwards(decision(forward=True, **values), message or mail(), of_ticket or ticket(), policy(), 5)
    return made


def test_a_forward_goes_to_each_operator_in_the_thread_of_its_ticket() -> None:
    both = policy(operators=(BOSS, "anton@studio.example"))
    made = letters.forwards(decision(forward=True), mail(), ticket(), both, 5)
    assert [one.to for one in made] == [Address("", BOSS), Address("", "anton@studio.example")]
    for one in made:
        assert of(one, "kind", "template", "language", "role", "ticket") == ("forward", "forward", "ru", "o", 12)
        assert of(one, "sender", "subject") == (Address("Anna (Web Studio)", DESK), "[#12] Price list")
        assert of(one, "automatic", "limited", "encloses", "in_reply_to") == ("auto-generated", False, None, None)
        assert one.references == (SIGNER.message_id("o", 12, "thread"),)
    assert letters.forwards(decision(forward=False), mail(), ticket(), both, 5) == []


def test_a_forward_tells_what_was_decided_and_why() -> None:
    asked = mail(subject="Price\n  list  two")
    made = forward(asked, ticket(verdict_due_at=NOW))
    assert made.subject == "[#12] Price list two"
    shown = {name: made.context[name] for name in ("ticket", "coverage", "mail", "text", "cut", "html", "enclosed", "marker", "entry")}
    assert shown == {
        "ticket": ticket(verdict_due_at=NOW),
        "coverage": TERMS,
        "mail": asked,
        "text": asked.text,
        "cut": False,
        "html": None,
        "enclosed": True,
        "marker": MARKER,
        "entry": 5,
    }
    assert made.context["verdict_due_at"] == NOW
    assert forward(verdict_due_at=EVENING).context["verdict_due_at"] == EVENING
    silent = Decision("ticket", ("a new request", "no answer: it wants none"), forward=True, opens=True)
    (told,) = letters.forwards(silent, mail(), ticket(), policy(), 5)
    assert told.context["why"] == ["a new request"]
    assert told.context["decision"] is silent


def test_a_forward_shows_of_a_reply_what_is_new_and_counts_the_rest() -> None:
    reply = mail(text="Yes.\n\n> Shall we?", visible="Yes.")
    joined = forward(reply, opens=False).context
    assert joined["text"] == "Yes."
    assert joined["left_out"]
    assert forward(reply).context["text"] == reply.text
    assert not forward(reply).context["left_out"]


@pytest.mark.parametrize(("length", "cut"), [(FORWARD_TEXT, False), (FORWARD_TEXT + 1, True)])
def test_a_forward_repeats_so_much_of_a_text(length: int, cut: bool) -> None:
    context = forward(mail(text="a" * length)).context
    assert (len(context["text"]), context["cut"]) == (FORWARD_TEXT, cut)


def sized(size: int) -> Attachment:
    return Attachment("list.pdf", "application/pdf", size, "0" * 64, None, False, 0, size, "base64")


@pytest.mark.parametrize(("sizes", "encloses"), [((), None), ((10,), 5), ((FORWARD_OCTETS - 1, 1), 5), ((FORWARD_OCTETS, 1), None)])
def test_files_go_with_a_forward_while_they_are_few(sizes: tuple[int, ...], encloses: int | None) -> None:
    made = forward(mail(attachments=tuple(map(sized, sizes))))
    assert made.encloses == encloses
    assert made.context["enclosed"] is (encloses is not None or not sizes)


HTML = {
    "the only text of a request": ({"html": "<p>a</p>"}, True, True),
    "beside a text": ({"html": "<p>a</p>", "part_types": ("text/plain", "text/html")}, True, False),
    "of a reply": ({"html": "<p>a</p>"}, False, False),
    "none": ({"html": None}, True, False),
    "as long as may be": ({"html": "a" * FORWARD_TEXT}, True, True),
    "longer": ({"html": "a" * (FORWARD_TEXT + 1)}, True, False),
    "with as many tags as may be": ({"html": "<" * FORWARD_TAGS}, True, True),
    "with more": ({"html": "<" * (FORWARD_TAGS + 1)}, True, False),
}


@pytest.mark.parametrize(("values", "opens", "shown"), HTML.values(), ids=HTML)
def test_a_forward_shows_html_where_it_is_what_the_client_wrote(values: dict[str, Any], opens: bool, shown: bool) -> None:
    values = {"part_types": ("text/html",)} | values
    assert forward(mail(**values), opens=opens).context["html"] == (values["html"] if shown else None)


WRITERS = {
    "a name": (mail(), "Anna (Web Studio)"),
    "an address alone": (Mail(originator=Address("", ANNA), fields={}, text="a"), f"{ANNA} (Web Studio)"),
    "nobody": (mail(sender=None), "? (Web Studio)"),
    "a long name": (Mail(originator=Address("A" * 90, ANNA), fields={}, text="a"), f"{'A' * 80} (Web Studio)"),
}


@pytest.mark.parametrize(("message", "name"), WRITERS.values(), ids=WRITERS)
def test_a_forward_says_who_wrote(message: Any, name: str) -> None:
    assert forward(message).sender == Address(name, DESK)


def test_a_long_subject_is_cut_and_a_missing_one_is_the_tickets() -> None:
    assert forward(mail(subject="a" * 300)).subject == f"[#12] {'a' * 200}"
    assert forward(mail(subject="")).subject == "[#12] Price list"


def test_an_operators_words_go_to_the_requester_in_his_language() -> None:
    to = Address("Anna", ANNA)
    made = letters.reply("It is done.", to, ticket(), policy(), THREE, encloses=8)
    assert of(made, "kind", "template", "language", "to", "sender", "role", "ticket") == ("reply", "reply", "en", to, STUDIO, "t", 12)
    assert of(made, "subject", "context") == ("Re: Price list [#12]", {"ticket": ticket(), "text": "It is done."})
    assert of(made, "in_reply_to", "references") == ("3@rose.example", THREE)
    assert of(made, "automatic", "limited", "encloses") == (None, False, 8)
    assert of(letters.reply("a", to, ticket(), policy(), ()), "in_reply_to", "references", "encloses") == (None, (), None)


TO_BOSS = ("ru", Address("", BOSS), STUDIO, "o")


def test_an_operator_hears_what_his_commands_did() -> None:
    done = [Done("closed", 12)]
    made = letters.confirmation(BOSS, ticket(), done, ["no such word"], policy(), "3@studio.example")
    assert of(made, "kind", "template", "ticket", "subject") == ("confirmation", "confirmation", 12, "[#12] Price list")
    assert of(made, "language", "to", "sender", "role") == TO_BOSS
    assert made.context == {"ticket": ticket(), "done": done, "wrong": ["no such word"], "marker": MARKER}
    assert of(made, "automatic", "in_reply_to", "references") == ("auto-replied", "3@studio.example", ("3@studio.example",))
    assert letters.confirmation(BOSS, ticket(), (), (), policy(), None).references == ()


def test_an_operator_hears_why_his_mail_could_not_be_carried_out() -> None:
    made = letters.notice(BOSS, ticket(), "the ticket is erased", policy(), "3@studio.example")
    assert of(made, "kind", "template", "ticket", "subject") == ("notice", "notice", 12, "[#12] Price list")
    assert of(made, "language", "to", "sender", "role") == TO_BOSS
    assert made.context == {"ticket": ticket(), "reason": "the ticket is erased"}
    assert of(made, "automatic", "in_reply_to", "references") == ("auto-replied", "3@studio.example", ("3@studio.example",))


@pytest.mark.parametrize(("known", "name"), [(client(), "Rose Shop"), (None, ANNA)], ids=["a client", "somebody"])
def test_an_operator_hears_what_was_said_to_an_offer(known: Any, name: str) -> None:
    consents = (Consent(OFFER, "agreed", "I agree.", ""),)
    told = case(mail(subject=f"Act  5\n{'a' * 200}"), facts(client=known))
    made = letters.answered(BOSS, told, decision(consents=consents), 5)
    assert of(made, "kind", "template", "ticket", "subject") == ("notice", "answered", 0, f"{name}: Act 5 {'a' * 144}")
    assert of(made, "language", "to", "sender", "role", "automatic") == (*TO_BOSS, "auto-generated")
    assert made.context == {"client": name, "sender": ANNA, "consents": consents, "entry": 5}


def test_an_operator_hears_that_an_offer_came_back() -> None:
    made = letters.returned(BOSS, case(mail()), OFFER, 5)
    assert of(made, "kind", "template", "ticket", "subject") == ("notice", "returned", 0, "Web Studio")
    assert of(made, "language", "to", "sender", "role", "automatic") == (*TO_BOSS, "auto-generated")
    assert made.context == {"one": {"offer": OFFER}, "entry": 5}


def test_an_operator_hears_of_trouble() -> None:
    trouble = [alarms.Alarm("mailbox", "support", "connection refused", NOW)]
    made = alarms.letter(BOSS, "begun", trouble, policy())
    assert of(made, "kind", "template", "ticket", "subject") == ("notice", "alarm", 0, "Web Studio")
    assert of(made, "language", "to", "sender", "role", "automatic", "limited") == (*TO_BOSS, "auto-generated", False)
    assert made.context == {"what": "begun", "alarms": trouble}


TO_ANNA = ("en", Address("Anna", ANNA), STUDIO, "t", 12, "Re: Price list [#12]")


def test_a_client_hears_what_covers_his_request() -> None:
    made = offer_letters.coverage_changed(ticket(), TERMS, policy(), THREE)
    assert of(made, "kind", "template", "automatic", "limited") == ("reply", "coverage", None, False)
    assert of(made, "language", "to", "sender", "role", "ticket", "subject") == TO_ANNA
    assert of(made, "in_reply_to", "references") == ("3@rose.example", THREE)
    terms = {"coverage": TERMS, "increment_minutes": 15, "estimate_above_minutes": 120, "warranty_days": 30}
    assert made.context == {"ticket": ticket(), **terms}
    assert of(offer_letters.coverage_changed(ticket(), TERMS, policy(), ()), "in_reply_to", "references") == (None, ())


def test_a_client_gets_an_estimate() -> None:
    made = offer_letters.estimate_letter(ticket(), 90, Decimal(3000), Decimal(2000), "  As agreed.\n", policy(), ("1@rose.example",))
    assert of(made, "kind", "template", "automatic") == ("reply", "estimate", None)
    assert of(made, "language", "to", "sender", "role", "ticket", "subject") == TO_ANNA
    assert of(made, "in_reply_to", "references") == ("1@rose.example", ("1@rose.example",))
    assert made.context == {"ticket": ticket(), "minutes": 90, "amount": Decimal(3000), "rate": Decimal(2000), "words": "As agreed."}


def test_a_client_gets_a_price() -> None:
    quote = quote_of(client(months=(60, 60, 60)), NOW.date(), policy().money)
    made = offer_letters.proposal_letter(quote, ANNA, "en", 7, policy())
    assert of(made, "kind", "template", "language", "to", "sender") == ("reply", "proposal", "en", Address("", ANNA), STUDIO)
    assert of(made, "role", "ticket", "offer", "subject", "automatic") == ("f", 0, 7, "Web Studio", None)
    assert made.context == {"quote": quote}


@pytest.mark.parametrize(("reminders", "last"), [(0, False), (1, False), (2, True)])
def test_a_client_is_reminded_of_an_offer(reminders: int, last: bool) -> None:
    rules = policy(offers=Offers(7, 3))
    waiting = replace(WAITING, reminders=reminders)
    made = offer_letters.reminder(waiting, rules)
    assert of(made, "kind", "template", "language", "to", "sender") == ("reminder", "reminder", "ru", Address("", ANNA), STUDIO)
    assert of(made, "role", "ticket", "offer", "subject") == ("f", 12, 7, "Web Studio")
    assert of(made, "automatic", "limited") == ("auto-generated", True)
    assert of(made, "in_reply_to", "references") == ("o@studio.example", ("o@studio.example",))
    assert made.context == {"offer": waiting, "last": last}


def test_a_reminder_of_a_lost_letter_begins_a_thread() -> None:
    lost = replace(WAITING, first=None, ticket=None)
    assert of(offer_letters.reminder(lost, policy()), "ticket", "in_reply_to", "references") == (0, None, ())
