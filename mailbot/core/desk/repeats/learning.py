"""What operators said of suggestions: how far the score can be believed, and from where on it may join by itself."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

NEEDED = 299  # confirmed in a row: with fewer, and none refused, a precision of 0.99 is not shown (0.99 ** 299 < 0.05)
_PRIOR = 4.0  # how many labels the shipped score is worth for its slope, and for its height
_STEPS = 50


@dataclass(frozen=True, slots=True)
class Learned:
    """What the labels of suggestions teach. `joins_from`: the score from which a likely repeat joins, None when nothing justifies it.

    The believed probability of a score's logit x is logistic(slope * x + height).
    """

    confirmed: int = 0
    refused: int = 0
    joins_from: float | None = None
    slope: float = 1.0
    height: float = 0.0

    def believed(self, score: float) -> float:
        """The score, corrected by what operators said of such scores."""
        return _logistic(self.slope * _logit(score) + self.height)


UNTAUGHT = Learned()


def learn(labels: Sequence[tuple[float, bool]]) -> Learned:
    """Learn from (score as shipped, whether it was the same request) of each suggestion that an operator decided."""
    slope, height = _fitted(labels)
    confirmed = sum(same for _, same in labels)
    return Learned(confirmed, len(labels) - confirmed, _joins_from(labels), slope, height)


def _joins_from(labels: Sequence[tuple[float, bool]]) -> float | None:
    """The lowest score above all that were refused, when enough were confirmed from there on."""
    refused = max((score for score, same in labels if not same), default=-1.0)
    above = sorted(score for score, same in labels if same and score > refused)
    return above[0] if len(above) >= NEEDED else None


def _fitted(labels: Sequence[tuple[float, bool]]) -> tuple[float, float]:
    """Slope and height of the logistic curve that the labels and a normal prior around (1, 0) make likeliest, by Newton's method."""
    slope, height = 1.0, 0.0
    points = [(_logit(score), float(same)) for score, same in labels]
    for _ in range(_STEPS):
        by_slope, by_height = _PRIOR * (slope - 1.0), _PRIOR * height
        both, slopes, heights = 0.0, _PRIOR, _PRIOR
        for x, same in points:
            p = _logistic(slope * x + height)
            by_slope += (p - same) * x
            by_height += p - same
            weight = p * (1 - p)
            slopes, both, heights = slopes + weight * x * x, both + weight * x, heights + weight
        size = slopes * heights - both * both
        down_slope = (heights * by_slope - both * by_height) / size
        down_height = (slopes * by_height - both * by_slope) / size
        if slope < down_slope:  # a higher score is never a worse one: at the bound the height finds its place alone
            down_slope, down_height = slope, by_height / heights
        slope, height = slope - down_slope, height - down_height
        if abs(down_slope) + abs(down_height) < 1e-6:
            break
    return slope, height


def _logit(score: float) -> float:
    bounded = min(max(score, 1e-6), 1 - 1e-6)
    return math.log(bounded / (1 - bounded))


def _logistic(x: float) -> float:
    return 1 / (1 + math.exp(-max(min(x, 700.0), -700.0)))
