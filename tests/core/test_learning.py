"""What operators say of suggestions moves the threshold and the belief, never faster than it is proved."""

import random

import pytest

from mailbot.core.desk.repeats.learning import NEEDED, Learned, learn


@pytest.mark.parametrize(
    ("labels", "joins_from"),
    [
        pytest.param([], None, id="without labels nothing joins"),
        pytest.param([(0.9, True)] * (NEEDED - 1), None, id="one confirmation too few"),
        pytest.param([(0.9, True)] * NEEDED, 0.9, id="enough in a row"),
        pytest.param([(0.9, True)] * NEEDED + [(0.5, False)], 0.9, id="a refusal below does not matter"),
        pytest.param([(0.9, True)] * NEEDED + [(0.9, False)], None, id="a refusal at the same score ends the row"),
        pytest.param([(0.8, True)] * 200 + [(0.9, True)] * 99, 0.8, id="the threshold is the lowest score of the row"),
        pytest.param([(0.8, True)] * 500 + [(0.95, False)], None, id="a refusal above all of them"),
        pytest.param([(0.8, True)] * 10 + [(0.85, False)] + [(0.9, True)] * NEEDED, 0.9, id="only what is above the refusal counts"),
    ],
)
def test_likely_repeats_join_only_where_enough_were_confirmed_in_a_row(labels, joins_from) -> None:
    assert learn(labels).joins_from == joins_from


def test_nothing_learned_believes_the_score_as_it_is() -> None:
    assert learn([]) == Learned()
    assert learn([]).believed(0.3) == pytest.approx(0.3)


def test_a_desk_whose_suggestions_are_refused_believes_them_less() -> None:
    chance = random.Random(1)
    scores = [chance.uniform(0.05, 0.95) for _ in range(400)]
    half_as_likely = learn([(score, chance.random() < score / 2) for score in scores])
    assert half_as_likely.believed(0.8) == pytest.approx(0.4, abs=0.1)
    assert half_as_likely.believed(0.2) < half_as_likely.believed(0.8)
    assert learn([(0.9, False)] * 3).believed(0.9) < 0.9


def test_labels_that_contradict_the_score_never_turn_it_round() -> None:
    upside_down = learn([(0.9, False), (0.1, True)] * 300)
    assert upside_down.believed(0.9) >= upside_down.believed(0.1)


@pytest.mark.parametrize("labels", [[(0.0, True)] * 500, [(1.0, False)] * 500, [(1.0, True), (0.0, False)] * 500])
def test_extreme_scores_and_one_sided_labels_are_bounded(labels) -> None:
    learned = learn(labels)
    assert 0.0 <= learned.believed(0.0) <= learned.believed(1.0) <= 1.0
