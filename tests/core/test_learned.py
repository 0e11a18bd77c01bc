"""What operators taught takes part in a decision, behind what the desk has configured and what the sender says himself."""

import random

import pytest

from mailbot.core.desk.causes.configured import CauseRule
from mailbot.core.desk.causes.training import train
from tests.core.build import ANNA, decided, facts, mail, policy

URGENT = "shop checkout outage customers lost orders broken money".split()
CALM = "picture gallery banner colour spring poem garden violet".split()


def model(**words):
    """Learned from eighty texts of each label, made of its words."""
    draw = random.Random(1)
    return train([(" ".join(draw.sample(some, 5)), label) for _ in range(80) for label, some in words.items()])


@pytest.fixture(scope="module")
def urgency():
    return model(yes=URGENT, no=CALM)


@pytest.fixture(scope="module")
def causes():
    return model(hosting=URGENT, content=CALM)


LEARNED_URGENCY = {
    "words of urgent requests": ("Shop outage: checkout broken, customers lost orders, money.", True),
    "words of others": ("The gallery needs another picture of violet colour.", False),
    "words of neither": ("Zyx qwv", False),
}


@pytest.mark.parametrize(("text", "urgent"), LEARNED_URGENCY.values(), ids=LEARNED_URGENCY)
def test_urgency_is_learned(urgency, text, urgent):
    made = decided(mail(subject="Site", text=text), facts(urgency=urgency))
    assert made.urgent is urgent
    assert any(reason.startswith("urgent: learned: ") for reason in made.because) is urgent


LEARNED_CAUSES = {
    "of the words": ("Site", "Shop outage: checkout broken, customers lost orders, money.", "hosting"),
    "of the subject": ("Shop outage: checkout broken, customers lost orders, money", "?", "hosting"),
    "of neither": ("Zyx", "qwv", None),
}


@pytest.mark.parametrize(("subject", "text", "cause"), LEARNED_CAUSES.values(), ids=LEARNED_CAUSES)
def test_a_cause_is_learned(causes, subject, text, cause):
    made = decided(mail(subject=subject, text=text), facts(causes=causes), policy(causes=("hosting", "content")))
    assert (made.cause.cause if made.cause else None) == cause


def test_quoted_history_has_no_cause(causes):
    tree = policy(causes=("hosting", "content"))
    message = mail(subject="Site", text="?\n> Shop outage: checkout broken, customers lost orders, money.", visible="?")
    assert decided(message, facts(causes=causes), tree).cause is None


RULES = {
    "in its language": ("ru", "hosting"),
    "in another language": ("en", None),
    "in no language that can be told": (None, None),
}


@pytest.mark.parametrize(("language", "cause"), RULES.values(), ids=RULES)
def test_a_configured_cause_of_one_language(language, cause):
    rule = CauseRule("hosting", words=("qwv",), language="ru")
    urgent = CauseRule("urgent", words=("qwv",), language="ru")
    desk = policy(causes=("hosting",), cause_rules=(rule,), urgent_rules=(urgent,))
    made = decided(mail(subject="Zyx", text="qwv", language=language), None, desk)
    assert (made.cause.cause if made.cause else None, made.urgent) == (cause, cause is not None)


def test_who_is_unknown_is_none_of_the_configured_senders():
    rules = (CauseRule("hosting", senders=(ANNA,)),)
    assert decided(mail(None, subject="Zyx", text="qwv"), None, policy(causes=("hosting",), cause_rules=rules)).cause is None
