"""What operators say of suggestions moves the threshold and the belief, never faster than it is proved."""

import math
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
        pytest.param([(0.7, True)] + [(0.9, True)] * (NEEDED - 1), 0.7, id="even of a single one"),
        pytest.param([(0.8, True)] * 500 + [(0.95, False)], None, id="a refusal above all of them"),
        pytest.param([(0.8, True)] * 10 + [(0.85, False)] + [(0.9, True)] * NEEDED, 0.9, id="only what is above the refusal counts"),
    ],
)
def test_likely_repeats_join_only_where_enough_were_confirmed_in_a_row(labels, joins_from) -> None:
    assert learn(labels).joins_from == joins_from


def test_nothing_learned_believes_the_score_as_it_is() -> None:
    assert learn([]) == Learned()
    assert learn([]).believed(0.3) == pytest.approx(0.3)


def test_what_operators_said_is_counted() -> None:
    learned = learn([(0.9, True), (0.8, True), (0.7, True), (0.6, False)])
    assert (learned.confirmed, learned.refused) == (3, 1)


@pytest.mark.parametrize(
    "labels",
    [
        pytest.param([(0.9, False)] * 3, id="three refused"),
        pytest.param([(0.9, True)] * 40 + [(0.6, False)] * 30 + [(0.3, False)] * 5, id="the sure ones are right and the others are not"),
        pytest.param([(0.2, True), (0.2, False)] * 10 + [(0.4, True)] * 8, id="unlikely ones are right more often than they look"),
    ],
)
def test_labels_teach_the_curve_that_they_and_what_was_shipped_make_likeliest(labels) -> None:
    def likelihood(slope: float, height: float) -> float:
        """Its logarithm: what was shipped, slope 1 and height 0, is worth four labels, the variance of each is a quarter."""
        logits = ((math.log(score / (1 - score)), same) for score, same in labels)
        said = sum(-math.log1p(math.exp(-(slope * x + height) if same else slope * x + height)) for x, same in logits)
        return said - 4 / 2 * ((slope - 1) ** 2 + height**2)

    learned = learn(labels)
    best = likelihood(learned.slope, learned.height)
    for slope, height in ((0.001, 0.0), (-0.001, 0.0), (0.0, 0.001), (0.0, -0.001)):
        assert likelihood(learned.slope + slope, learned.height + height) < best


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


def test_where_labels_contradict_the_score_they_are_believed_by_their_share_alone() -> None:
    # The slope stays at 0. Then the likeliest height h solves 28·σ(h) + 4·h = 20, for 20 of 28 confirmed: h = 0.554.
    learned = learn([(0.2, True)] * 20 + [(0.4, False)] * 8)
    assert learned.slope == 0
    assert learned.height == pytest.approx(0.554, abs=0.001)
    assert 28 / (1 + math.exp(-learned.height)) + 4 * learned.height == pytest.approx(20, abs=0.001)


@pytest.mark.parametrize("labels", [[(0.0, True)] * 500, [(1.0, False)] * 500, [(1.0, True), (0.0, False)] * 500])
def test_extreme_scores_and_one_sided_labels_are_bounded(labels) -> None:
    learned = learn(labels)
    assert 0.0 <= learned.believed(0.0) <= learned.believed(1.0) <= 1.0
