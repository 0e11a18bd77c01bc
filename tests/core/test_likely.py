"""Likely repeats: which tickets are suggested, and when operators' answers let one join (R7)."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from mailbot.core.desk.case import Case
from mailbot.core.desk.facts import Earlier
from mailbot.core.desk.repeats.learning import Learned
from mailbot.core.desk.repeats.rules import SHOWN, SUGGESTIONS, likely, proved_repeat, score_of_join, suggestions_for
from mailbot.core.desk.repeats.score import SUGGEST, Context
from mailbot.core.desk.repeats.terms import sketch
from tests.core.build import ANNA, NOW, case, decided, facts, file, mail, policy, ticket

FORM = "The order form on page four of our catalogue loses the second line of the delivery address, please repair it."
AGAIN = "On page four of the catalogue the second line of the delivery address gets lost by the order form. Could you repair it?"
PHOTO = "The photo of our office in Tver must be replaced by the new one that Boris took."
PRICES = "The new price list of roses is attached, put it on the page of prices."
CONTEXT = Context([sketch("Form", FORM), sketch("Photo", PHOTO), sketch("Prices", PRICES)])
TAUGHT = Learned(joins_from=0.5)


def earlier(number: int = 12, text: str = FORM, subject: str = "Form", overlap: float = 0.6, **values: Any) -> Earlier:
    return Earlier(ticket(number, subject=subject, **values), NOW - timedelta(days=2), ANNA, text, overlap)


def asked(*known: Earlier, text: str = AGAIN, subject: str = "Form", learned: Learned = TAUGHT, rules: Any = None, **values: Any) -> Case:
    return case(mail(subject=subject, text=text, **values), facts(earlier=known, context=CONTEXT, learned=learned), rules)


def numbers(of: Case) -> list[int]:
    return [one.earlier.ticket.number for one in likely(of)]


def test_the_likeliest_ticket_comes_first_and_each_once() -> None:
    photo, older = earlier(13, PHOTO, "Photo", 0.1), replace(earlier(text=PHOTO), at=NOW - timedelta(days=9))
    assert numbers(asked(photo, earlier(), older)) == [12, 13]
    first = next(likely(asked(photo, older, earlier())))
    assert first.earlier.text == FORM
    assert first.score > 0.9
    assert first.believed == TAUGHT.believed(first.score)


def test_what_operators_say_changes_what_is_believed() -> None:
    doubting = Learned(slope=1.0, height=-30.0)
    found = next(likely(asked(earlier(), learned=doubting)))
    assert found.believed == doubting.believed(found.score) < SUGGEST
    assert suggestions_for(asked(earlier(), learned=doubting)) == ()


def test_a_ticket_has_to_do_with_a_message_that_names_it_or_resembles_one_of_its_mails() -> None:
    known = facts(ticket(12), earlier=(earlier(13),))
    assert [found.number if (found := known.ticket(number)) else None for number in (12, 13, 14)] == [12, 13, None]


NONE_LIKELY = {
    "nothing came before": case(mail(text=AGAIN), facts(context=CONTEXT)),
    "how common words are is not known": case(mail(text=AGAIN), facts(earlier=(earlier(),))),
    "it has few words": case(mail(subject="Hi", text="Repair it."), facts(earlier=(earlier(),), context=CONTEXT)),
    "its ticket is closed for good": asked(earlier(status="closed", closed_at=NOW - timedelta(days=15))),
}


@pytest.mark.parametrize("of", NONE_LIKELY.values(), ids=NONE_LIKELY)
def test_nothing_is_likely_where(of: Case) -> None:
    assert list(likely(of)) == []
    assert suggestions_for(of) == ()


def test_nearly_the_same_with_another_number_is_left_out() -> None:
    other = FORM.replace("page four", "page 4")
    of = asked(earlier(text=other.replace("4", "5"), overlap=0.95), text=other)
    assert numbers(of) == []
    assert numbers(asked(earlier(text=other.replace("4", "5"), overlap=0.5), text=other)) == [12]  # nobody would have compared them


def test_a_suggestion_shows_what_differs() -> None:
    (one,) = suggestions_for(
        asked(earlier(status="waiting"), earlier(13, PHOTO, "Photo", 0.1), text=f"{AGAIN} It hurts the wholesale trade.")
    )
    assert (one.number, one.subject, one.status, one.at) == (12, "Form", "waiting", NOW - timedelta(days=2))
    assert one.score > 0.5
    assert one.likely == TAUGHT.believed(one.score)
    assert "wholesale" in one.added
    assert "wholesale" not in one.missing


def test_a_suggestion_shows_few_words() -> None:
    many = " ".join(
        f"{word} is broken as well." for word in "slider gallery footer basket archive newsletter certificate discount banner".split()
    )
    (one,) = suggestions_for(asked(earlier(text=f"{FORM} {many}")))
    assert len(one.missing) == SHOWN
    assert one.missing[0] == "slider"


def test_few_tickets_are_suggested() -> None:
    same = [earlier(number, overlap=0.5) for number in range(20, 20 + SUGGESTIONS + 2)]
    assert len(suggestions_for(asked(*same))) == SUGGESTIONS
    told = decided(mail(subject="Form", text=AGAIN), facts(earlier=tuple(same), context=CONTEXT))
    assert len(told.suggestions) == SUGGESTIONS
    assert sum(one.startswith("perhaps it repeats ticket ") for one in told.because) == 1
    first = told.suggestions[0]
    assert f"perhaps it repeats ticket {first.number} ({first.likely:.0%})" in told.because


def test_the_desk_may_want_no_suggestions() -> None:
    quiet = policy(suggest_repeats=False)
    assert suggestions_for(asked(earlier(), rules=quiet)) == ()
    assert proved_repeat(asked(earlier(), rules=quiet)) is None


def test_a_subject_alone_proves_nothing() -> None:
    of = asked(earlier(13, PHOTO, "Question about"), text=PRICES, subject="Question about")
    assert suggestions_for(of) == ()


def test_a_likely_repeat_joins_where_operators_have_confirmed_all_like_it() -> None:
    of = asked(earlier(status="waiting"), earlier(13, PHOTO, "Photo", 0.1))
    decision = proved_repeat(of)
    assert decision is not None
    score = next(likely(of)).score
    how = f"likely, with a score of {score:.4f}; operators confirmed all suggestions from 0.50 on"
    assert decision.because == ("the same words as in ticket 12 of 2026-11-16 12:00", how)
    assert (decision.outcome, decision.ticket, decision.wakes) == ("repeat", 12, True)
    assert score_of_join(decision.because) == float(f"{score:.4f}")
    assert score_of_join(("the same words as in ticket 12", "a new request")) is None


FORWARDED = f"-----Original Message-----\nFrom: Eve <eve@evil.example>\nTo: a@rose.example\nSubject: Form\n\n{AGAIN}"
NOT_PROVED = {
    "operators have said too little": asked(earlier(), learned=Learned()),
    "the score is less": asked(earlier(), learned=Learned(joins_from=1.0)),
    "nothing is likely": asked(),
    "only subjects are alike": asked(
        earlier(13, PHOTO, "Question about"), text=PRICES, subject="Question about", learned=Learned(joins_from=0.0)
    ),
    "another file comes with it": asked(earlier(), attachments=(file("1" * 64),)),
    "another link comes with it": asked(earlier(), html='<a href="https://shop.example/new">page</a>'),
    "another number stands in its text": asked(earlier(), text=f"{AGAIN} It was order 4711."),
    "another address stands in its text": asked(earlier(), text=f"{AGAIN} See https://shop.example/delivery for it."),
    "it is passed on from somebody else": asked(earlier(), text=FORWARDED),
    "it is for somebody else": asked(earlier(answer_to="boris@rose.example")),
}


@pytest.mark.parametrize("of", NOT_PROVED.values(), ids=NOT_PROVED)
def test_no_likely_repeat_joins_where(of: Case) -> None:
    assert proved_repeat(of) is None


def test_a_likely_repeat_may_leave_numbers_and_addresses_out() -> None:
    assert proved_repeat(asked(earlier(text=f"{FORM} It was order 4711, see https://shop.example/delivery for it."))) is not None


def test_the_least_score_that_operators_confirmed_joins() -> None:
    score = next(likely(asked(earlier()))).score
    assert proved_repeat(asked(earlier(), learned=Learned(joins_from=score))) is not None
