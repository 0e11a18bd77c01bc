"""Whole decisions with all their reasons, where THE specification (test_decide) has rows of outcomes: proof, offers, repeats, machines."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from mailbot.core.desk.causes.configured import CauseRule
from mailbot.core.desk.facts import Earlier, OfferFacts
from mailbot.core.desk.manners import AGAIN
from mailbot.core.desk.repeats.rules import repeats_closed
from mailbot.core.mail.message import Address, Bounce
from tests.core.build import ANNA, BOSS, DESK, NOW, SIGNER, case, client, decided, facts, file, mail, policy, ticket

AUTHSERV = "mx.studio.example"
TRUSTING = policy(trusted_authserv=AUTHSERV)
FAILS, NONE = {"authentication-results": f"{AUTHSERV}; dmarc=fail"}, {"authentication-results": f"{AUTHSERV}; spf=none"}
PASSES = {"authentication-results": f"{AUTHSERV}; dmarc=pass header.from=studio.example"}
FORGED = "it is not proved that anna@rose.example wrote it (dmarc=fail)"
T12, O12 = ((Address("", SIGNER.reply_address(role, 12)),) for role in "to")
PROPOSAL = OfferFacts(7, "proposal", None, 1, ANNA, "abc", "open")
TERMS = OfferFacts(6, "terms", 12, 1, ANNA, "abd", "open")
TEXT = "The order form on page four of our catalogue loses the second line of the delivery address, please repair it."
COVERAGE = "coverage none: the sender is no known client"


def earlier(number: int = 12, text: str = TEXT, days: float = 2, overlap: float = 1.0, **values: Any) -> Earlier:
    return Earlier(ticket(number, subject="Form", **values), NOW - timedelta(days=days), ANNA, text, overlap)


def test_a_forged_reply_is_a_ticket_of_its_own_beside_the_one_that_it_names() -> None:
    decision = decided(mail(to=T12, fields=FAILS), facts(ticket()), TRUSTING)
    assert decision.because[:2] == (f"the signed reply address of ticket 12, but {FORGED}", "a new request")
    assert (decision.outcome, decision.ticket, decision.opens, decision.related_to) == ("ticket", None, True, 12)
    assert (decision.forward, decision.words) == (True, None)


def test_a_forged_repeat_joins_nothing_and_nothing_joins_it() -> None:
    same = ticket(since_same_words=NOW - timedelta(days=2))
    decision = decided(mail(fields=FAILS), facts(same_words=same), TRUSTING)
    assert decision.because[:2] == (f"the same words as in ticket 12 of 2026-11-16 12:00, but {FORGED}", "a new request")
    assert (decision.outcome, decision.related_to, decision.words) == ("ticket", 12, None)
    assert decided(mail(), facts(same_words=same), TRUSTING).outcome == "repeat"


def test_a_forged_request_says_that_it_is_forged() -> None:
    decision = decided(mail(fields=FAILS), facts(), TRUSTING)
    assert decision.because[:2] == (FORGED, "a new request")
    assert (decision.outcome, decision.related_to, decision.words) == ("ticket", None, None)
    honest = decided(mail(), facts(), TRUSTING)
    assert honest.because[0] == "a new request"
    assert honest.words == case(mail()).words is not None


def test_a_forged_request_spends_no_courtesy() -> None:
    unused = client(courtesy_used=False)
    urgent = mail(subject="URGENT: price list")
    assert decided(urgent, facts(client=unused), TRUSTING).coverage.kind == "courtesy"  # type: ignore[union-attr]
    for untold in (
        decided(mail(subject="URGENT: price list", fields=FAILS), facts(client=unused), TRUSTING),
        decided(urgent, facts(client=unused, imported=True), TRUSTING),
        decided(urgent, facts(client=unused, not_delivering=True), TRUSTING),
    ):
        assert untold.coverage is not None
        assert untold.coverage.kind == "none"


OPERATORS = {
    "with a good word of the mailbox's server": (PASSES, TRUSTING, "operator"),
    "with a bad one": (FAILS, TRUSTING, "ticket"),
    "with none": (NONE, TRUSTING, "ticket"),
    "where no server is asked": ({}, policy(), "operator"),
}


@pytest.mark.parametrize(("fields", "rules", "outcome"), OPERATORS.values(), ids=OPERATORS)
def test_an_operator_is_believed(fields: dict[str, str], rules: Any, outcome: str) -> None:
    decision = decided(mail(BOSS, to=O12, fields=fields), facts(ticket()), rules)
    assert decision.outcome == outcome
    if outcome == "operator":
        assert decision.because == (f"{BOSS} is an operator", "the signed reply address of ticket 12")
        assert (decision.relays, decision.answer_to, decision.language) == (True, ANNA, "en")
    else:
        assert decision.because[0].startswith(f"the signed reply address of ticket 12, but it is not proved that {BOSS} wrote it (")


def test_an_operator_is_known_by_a_message_id_as_well() -> None:
    sent = SIGNER.message_id("o", 12, "abcd1234")
    decision = decided(mail(BOSS, in_reply_to=(sent,)), facts(ticket(language="ru")))
    assert decision.because == (f"{BOSS} is an operator", "a signed Message-ID of ticket 12")
    assert decision.language == "ru"


def test_a_stranger_is_told_from_an_operator_without_proof() -> None:
    decision = decided(mail("eve@evil.example", subject="[#12]", fields=NONE), facts(ticket()), TRUSTING)
    assert decision.because[0] == "the subject tag [#12], but eve@evil.example does not belong to it"
    assert decided(mail(None, subject="[#12]"), facts(ticket())).because[0] == "the subject tag [#12], but the sender does not belong to it"


OWN = {
    "by its Message-ID": ({"message_id": SIGNER.message_id("t", 12, "abcd1234")}, "our own mail came back: the Message-ID is signed by us"),
    "by X-Loop": ({"fields": {"x-loop": ("a@b.example", f" {DESK.upper()} ")}}, "our own mail came back: field X-Loop"),
}


@pytest.mark.parametrize(("values", "why"), OWN.values(), ids=OWN)
def test_our_own_mail_is_known(values: dict[str, Any], why: str) -> None:
    decision = decided(mail(**values))
    assert (decision.outcome, decision.because) == ("machine", (why,))


def bounce(original: str | None, known: Any, **values: Any) -> Any:
    said = {"recipients": (ANNA, BOSS), "statuses": ("5.1.1",), "action": "failed", **values}
    of_report = {"content_type": "multipart/report", "content_params": {"report-type": "delivery-status"}}
    return decided(mail("mailer-daemon@mx.example", report=Bounce(original_message_id=original, **said), **of_report), known)


OFFERED = SIGNER.message_id("f", 7, "abcd1234")


def test_a_bounce_of_an_offer_returns_it_and_its_address_is_dead() -> None:
    other = replace(PROPOSAL, id=8, to_addr="b@rose.example")
    decision = bounce(OFFERED, facts(offers=(other, PROPOSAL)))
    assert (decision.outcome, decision.ticket, decision.wakes, decision.forward) == ("bounce", None, False, False)
    assert (decision.returned, decision.dead_addresses) == (PROPOSAL, (ANNA,))
    assert decision.because[-2:] == (f"it reports on {OFFERED}", f"failed: {ANNA}, {BOSS}")


@pytest.mark.parametrize("action", ["delayed", "delivered", "relayed", "expanded"])
def test_an_offer_that_is_on_its_way_is_not_returned(action: str) -> None:
    decision = bounce(OFFERED, facts(offers=(PROPOSAL,)), action=action)
    assert (decision.outcome, decision.returned, decision.dead_addresses) == ("bounce", None, ())
    assert decision.because[-1] == f"{action}: {ANNA}, {BOSS}"


@pytest.mark.parametrize(("statuses", "dead"), [(("5.1.7",), ()), (("5.1.8",), ()), (("5.2.2",), ()), (("4.4.1", "5.1.1"), (ANNA,))])
def test_an_address_is_dead_when_the_report_is_about_it(statuses: tuple[str, ...], dead: tuple[str, ...]) -> None:
    assert bounce(OFFERED, facts(offers=(PROPOSAL,)), statuses=statuses).dead_addresses == dead
    assert bounce(SIGNER.message_id("t", 12, "abcd1234"), facts(ticket()), statuses=statuses).dead_addresses == dead


def test_a_bounce_of_a_ticket_returns_no_offer() -> None:
    sent = SIGNER.message_id("t", 7, "abcd1234")
    decision = bounce(sent, facts(ticket(7), offers=(PROPOSAL,)), action=None)
    assert (decision.ticket, decision.returned, decision.forward) == (7, None, True)
    assert decision.because[-2:] == (f"it reports on {sent}", f"failed: {ANNA}, {BOSS}")


def test_a_reply_to_an_offer_is_a_request_that_says_so() -> None:
    to_offer = mail(to=(Address("", SIGNER.reply_address("f", 7)),), text="Which hours are in it?")
    other = replace(PROPOSAL, id=8)
    decision = decided(to_offer, facts(client=client(id=2), offers=(other, PROPOSAL)))
    assert decision.because[:2] == ("a reply to proposal 7", "a new request")
    assert (decision.outcome, decision.terms, decision.consents) == ("ticket", False, ())
    assert decided(mail(), facts(client=client())).terms is True


def test_a_reply_that_answers_an_offer_keeps_what_it_says() -> None:
    to_offer = mail(to=(Address("", SIGNER.reply_address("f", 7)),), text="I do not agree.")
    decision = decided(to_offer, facts(client=client(), offers=(PROPOSAL,)))
    assert decision.because[:2] == ("objected: proposal 7, version abc", "a new request")
    assert [(one.offer, one.verdict) for one in decision.consents] == [(PROPOSAL, "objected")]
    joined = decided(mail(to=T12, text="I agree."), facts(ticket(status="closed", closed_at=NOW), client=client(), offers=(TERMS,)))
    reasons = ("the signed reply address of ticket 12", "it was closed and is open again", "agreed: terms of ticket 12, version abd")
    assert (joined.outcome, joined.because) == ("follow-up", reasons)
    assert [(one.offer, one.verdict) for one in joined.consents] == [(TERMS, "agreed")]


def test_a_new_request_has_its_cause_and_the_reason() -> None:
    rules = policy(causes=("prices", "photos"), cause_rules=(CauseRule("prices", ("price list",), (), None),))
    decision = decided(mail(), facts(), rules)
    assert decision.cause is not None
    assert decision.cause.cause == "prices"
    assert decision.because == ("a new request", f"cause prices: {decision.cause.because}", COVERAGE, *decision.because[3:])


def test_imported_mail_promises_nothing() -> None:
    decision = decided(mail(), facts(imported=True))
    assert (decision.verdict_due_at, decision.forward, decision.answer) == (None, False, None)
    assert decided(mail(), facts()).verdict_due_at == policy().hours.add(NOW, 480)


SEEN = {
    "a new request, however often": (mail(), {"same": 9}, True),
    "a follow-up for the third time": (mail(to=T12), {"same": AGAIN - 1}, True),
    "a follow-up for the fourth": (mail(to=T12), {"same": AGAIN}, False),
    "a machine's on a ticket": (mail(to=T12, fields={"return-path": "<>"}), {"same": AGAIN}, False),
    "a request without an answer for the fourth time": (mail(fields={"return-path": "<>"}), {"same": AGAIN}, False),
    "an operator's without its key for the third time": (mail(BOSS), {"alike": AGAIN - 1, "same": AGAIN}, True),
    "an operator's without its key for the fourth": (mail(BOSS), {"alike": AGAIN}, False),
    "another's that is alike but for numbers": (mail(to=T12), {"alike": AGAIN}, True),
}


@pytest.mark.parametrize(("message", "counts", "forward"), SEEN.values(), ids=SEEN)
def test_what_operators_have_read_three_times_is_not_forwarded(message: Any, counts: dict[str, int], forward: bool) -> None:
    decision = decided(message, facts(ticket(), **counts))
    assert decision.forward is forward
    told = "not forwarded: the same words came 3 times within the week"
    assert (told in decision.because) is not forward
    assert len(decision.because) > 1 or forward


def test_a_repeat_is_not_forwarded_for_ever_and_a_bounce_is() -> None:
    same = ticket(since_same_words=NOW - timedelta(days=2))
    assert decided(mail(), facts(same_words=same, same=AGAIN)).forward is False
    assert bounce(SIGNER.message_id("t", 12, "abcd1234"), facts(ticket(), same=AGAIN)).forward is True
    agreed = decided(mail(to=T12, text="I agree."), facts(ticket(), client=client(), offers=(TERMS,), same=AGAIN))
    assert agreed.forward is True


def test_a_near_repeat_joins_with_its_reasons() -> None:
    decision = decided(mail(subject="Form", text=f"Hello!\n\n{TEXT}"), facts(earlier=(earlier(),)))
    assert (decision.outcome, decision.because) == ("repeat", ("the same words as in ticket 12 of 2026-11-16 12:00",))
    assert (decision.ticket, decision.wakes, decision.urgent, decision.verdict_due_at) == (12, False, False, None)
    assert (decision.answer, decision.answer_to, decision.forward) == ("repeat", ANNA, True)
    assert decision.words == case(mail(subject="Form", text=f"Hello!\n\n{TEXT}")).words


def test_an_urgent_repeat_gets_an_earlier_promise_and_wakes_its_ticket() -> None:
    urgent = mail(subject="Form", text=TEXT, fields={"importance": "High"})
    decision = decided(urgent, facts(earlier=(earlier(status="waiting"),)))
    assert (decision.outcome, decision.wakes, decision.urgent) == ("repeat", True, True)
    assert decision.verdict_due_at == policy().hours.add(NOW, 60)
    assert decision.because[-1] == "urgent: Importance: high"
    imported = decided(urgent, facts(earlier=(earlier(status="waiting"),), imported=True))
    assert (imported.outcome, imported.wakes, imported.urgent, imported.forward) == ("repeat", False, False, False)
    assert imported.verdict_due_at is None


NO_REPEATS = {
    "another text": earlier(text="Please change the photo of the office to the new one that Boris took last week in spring."),
    "too little in common": earlier(overlap=0.1),
    "closed for good": earlier(status="closed", closed_at=NOW - timedelta(days=15)),
    "somebody else's": earlier(answer_to="boris@rose.example"),
}


@pytest.mark.parametrize("one", NO_REPEATS.values(), ids=NO_REPEATS)
def test_what_is_no_repeat(one: Earlier) -> None:
    assert decided(mail(subject="Form", text=TEXT), facts(earlier=(one,))).outcome == "ticket"
    assert decided(mail(subject="Form", text=TEXT), facts(earlier=(one, earlier(13)))).ticket == 13


def test_a_repeat_brings_no_files_that_the_ticket_has_not() -> None:
    new, known = mail(subject="Form", text=TEXT, attachments=(file("1" * 64),)), replace(earlier(), files=frozenset({"1" * 64}))
    assert decided(new, facts(earlier=(earlier(),))).outcome == "ticket"
    assert decided(new, facts(earlier=(known,))).outcome == "repeat"


def test_few_words_repeat_within_a_day_alone() -> None:
    few = mail(subject="Form", text="Please repair it.")
    ago = {days: decided(few, facts(earlier=(earlier(text="Please repair it.", days=days),))).outcome for days in (0.9, 1.0, 1.1)}
    assert ago == {0.9: "repeat", 1.0: "repeat", 1.1: "ticket"}


def test_what_repeats_a_ticket_closed_for_good_is_a_new_one_beside_it() -> None:
    closed = {"status": "closed", "closed_at": NOW - timedelta(days=15)}
    message = mail(subject="Form", text=TEXT)
    decision = decided(message, facts(earlier=(earlier(13, "Another thing altogether, the photo."), earlier(**closed))))
    told = "the same words as in ticket 12, but it was closed more than 14 days ago"
    assert decision.because[:2] == (told, "a new request")
    assert (decision.outcome, decision.related_to) == ("ticket", 12)
    same = ticket(since_same_words=NOW - timedelta(days=20), **closed)
    assert repeats_closed(case(message, facts(same_words=same))) == 12
    assert repeats_closed(case(message, facts(same_words=replace(same, status="open", closed_at=None)))) is None
    assert repeats_closed(case(message, facts(earlier=(earlier(),)))) is None
    named = decided(replace(message, to=T12), facts(ticket(**closed), earlier=(earlier(13, **closed),)))
    assert named.because[0] == "the signed reply address of ticket 12, but it was closed more than 14 days ago"
    assert named.related_to == 12
    assert not any("13" in one for one in named.because)
