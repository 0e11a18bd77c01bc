"""Replies to offers (R4): who may agree, what is doubtful, and what it settles."""

from dataclasses import replace
from typing import Any

import pytest

from mailbot.core.desk.facts import OfferFacts
from mailbot.core.desk.offers import agreement, answers, because
from mailbot.core.mail.message import Address, Attachment
from tests.core.build import ANNA, case, client, facts, file, mail, policy

ACT = OfferFacts(7, "act", None, 1, ANNA, "abc", "open", 5, 2026)
TERMS = OfferFacts(6, "terms", 12, 1, ANNA, "abd", "open")
YES, TALK = "I agree.", "And the new photo, please."
ROSE = client()


def said(text: str, *offers: OfferFacts, known: Any = ROSE, authserv: str | None = None, **values: Any) -> list[tuple[int, str]]:
    read = answers(case(mail(text=text, **values), facts(client=known, offers=offers), policy(trusted_authserv=authserv)))
    return [(one.offer.id, one.verdict) for one in read]


def test_a_contact_of_the_client_agrees() -> None:
    (one,) = answers(case(mail(text=YES), facts(client=ROSE, offers=(ACT,))))
    assert (one.offer, one.verdict, one.words, one.authenticated) == (ACT, "agreed", YES, "")


WHO = {
    "a contact of another client": (client(id=2), ACT, []),
    "somebody unknown, to a client's offer": (None, ACT, []),
    "the one to whom it went, who is no client": (None, replace(ACT, client_id=None), [(7, "agreed")]),
    "written in capitals": (None, replace(ACT, client_id=None, to_addr=ANNA.upper()), [(7, "agreed")]),
    "another than the one to whom it went": (None, replace(ACT, client_id=None, to_addr="boris@rose.example"), []),
    "a client's contact, to an offer that went to an address": (ROSE, replace(ACT, client_id=None, to_addr="b@rose.example"), []),
}


@pytest.mark.parametrize(("known", "offer", "found"), WHO.values(), ids=WHO)
def test_only_the_client_may_answer(known: Any, offer: OfferFacts, found: list[tuple[int, str]]) -> None:
    assert said(YES, offer, known=known) == found


def test_the_newest_offer_that_is_answered_counts() -> None:
    assert said(YES, TERMS, ACT) == [(7, "agreed")]
    assert said(YES, ACT, TERMS) == [(7, "agreed")]
    assert said(YES, TERMS, replace(ACT, client_id=2)) == [(6, "agreed")]


def test_a_reply_that_says_nothing_clear_is_unclear_but_to_terms() -> None:
    assert said(TALK, ACT) == [(7, "unclear")]
    assert said(TALK, replace(ACT, state="agreed")) == []
    assert said(TALK, TERMS) == []


def test_unclear_words_are_kept_to_some_length() -> None:
    long = "Look at this. " * 1000
    (one,) = answers(case(mail(text=long), facts(client=ROSE, offers=(ACT,))))
    assert one.verdict == "unclear"
    assert long.startswith(one.words)
    assert 100 < len(one.words) < 5000
    assert one.authenticated == ""


def test_what_was_taken_back_or_struck_out_is_unclear() -> None:
    assert said(YES, replace(ACT, state="withdrawn")) == [(7, "unclear")]
    assert said(YES, replace(ACT, state="objected")) == [(7, "agreed")]
    for struck in (
        "<s>I agree.</s>",
        "<del class='a'>I agree.</del>",
        "<STRIKE>I agree.</STRIKE>",
        '<p style="text-decoration:line-through">',
    ):
        assert said(YES, ACT, html=struck) == [(7, "unclear")], struck
    assert said(YES, ACT, html="<span>I agree.</span>") == [(7, "agreed")]


AUTHSERV = "mx.studio.example"
PROOFS = {
    "the server believes the sender": (f"{AUTHSERV}; dmarc=pass header.from=rose.example", "agreed"),
    "the server does not": (f"{AUTHSERV}; dmarc=none header.from=rose.example; spf=fail", "unclear"),
}


@pytest.mark.parametrize(("results", "verdict"), PROOFS.values(), ids=PROOFS)
def test_agreement_needs_a_sender_whom_the_mailboxs_server_believes(results: str, verdict: str) -> None:
    message = mail(text=YES, fields={"authentication-results": results})
    (one,) = answers(case(message, facts(client=ROSE, offers=(ACT,)), policy(trusted_authserv=AUTHSERV)))
    assert one.verdict == verdict
    assert one.authenticated


def test_machines_and_old_mail_agree_to_nothing() -> None:
    assert said(YES, ACT, fields={"auto-submitted": "auto-replied"}) == []
    assert answers(case(mail(text=YES), facts(client=ROSE, offers=(ACT,), imported=True))) == ()


def test_agreement_with_what_belongs_to_no_ticket_needs_no_work() -> None:
    (consent,) = answers(case(mail(text=YES), facts(client=ROSE, offers=(ACT,))))
    decision = agreement(case(mail(text=YES), facts(client=ROSE, offers=(ACT,))))
    assert decision is not None
    assert (decision.outcome, decision.consents, decision.ticket, decision.opens) == ("follow-up", (consent,), None, False)
    assert decision.because == ("agreed: act 5 of 2026, version abc",)
    assert decision.language == "ru"  # the desk's: neither the client nor the mail says one


LOGO = Attachment("logo.png", "image/png", 10, "0" * 64, None, True, 0, 10, "base64")
NO_AGREEMENT = {
    "terms of a ticket": (YES, TERMS, ()),
    "an objection": ("I do not agree.", ACT, ()),
    "nothing clear": (TALK, ACT, ()),
    "a file comes with it": (YES, ACT, (file("1" * 64),)),
}


@pytest.mark.parametrize(("text", "offer", "files"), NO_AGREEMENT.values(), ids=NO_AGREEMENT)
def test_anything_else_that_answers_an_offer_is_a_request(text: str, offer: OfferFacts, files: tuple[Attachment, ...]) -> None:
    assert agreement(case(mail(text=text, attachments=files), facts(client=ROSE, offers=(offer,)))) is None


def test_the_reasons_tell_what_was_before_and_what_the_server_said() -> None:
    message = mail(text=YES, fields={"authentication-results": f"{AUTHSERV}; dmarc=pass header.from=rose.example"})
    consents = answers(case(message, facts(client=ROSE, offers=(replace(ACT, state="objected"),)), policy(trusted_authserv=AUTHSERV)))
    (told,) = because(consents)
    assert told == f"agreed: act 5 of 2026, which was objected before, version abc, sender: {consents[0].authenticated}"
    assert [OfferFacts(7, kind, ticket, 1, ANNA, "a", "open").name for kind, ticket in (("terms", 12), ("proposal", None))] == [
        "terms of ticket 12",
        "proposal 7",
    ]


def test_the_senders_own_name_below_his_yes_is_no_other_word() -> None:
    signed = mail(text="I agree.\n\nAnna")
    for originator, verdict in ((signed.originator, "agreed"), (Address("", ANNA), "unclear"), (Address("Boris", ANNA), "unclear")):
        (one,) = answers(case(replace(signed, originator=originator), facts(client=ROSE, offers=(ACT,))))
        assert one.verdict == verdict
