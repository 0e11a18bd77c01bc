"""How probable it is that a message repeats an earlier one of the same client: features of a pair, and trained weights.

The model is a softmax over the candidates and "none of them": each candidate competes with the others, as one message repeats one request.
Its weights (`weights.json`) are made by `benchmarks/train_repeats.py`.
"""

import json
import math
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache, cached_property
from importlib.resources import files
from itertools import chain, pairwise
from statistics import median

import numpy as np

from mailbot.core.desk.repeats.terms import READ_SUBJECT, common_to, grams, term, unpacked, words

MOST = 12  # candidates whose texts are compared; the right one is among them in 99 of 100 repeats
FAINT = 0.02  # odds of a rival that need no attention
EXTREME = 12.0  # logarithm of odds
FORESIGHT = 50  # as how many messages of the client the background frequencies count
# From here on half of what is suggested is right, where one message in ten is a repeat; two repeats in three are found so.
SUGGEST = 0.12


@dataclass(frozen=True, slots=True)
class Wording:
    """What the score reads of a message: its visible text, when it came (aware) and from which address."""

    subject: str
    text: str
    at: datetime
    sender: str


class Context:
    """The sketches of a client's messages. `having`: in how many each term stands, counted when a score asks: what joins needs none."""

    def __init__(self, sketches: Iterable[bytes]) -> None:
        self._sketches = list(sketches)
        self.messages = len(self._sketches)

    @cached_property
    def having(self) -> Mapping[int, int]:
        terms, counts = np.unique(unpacked(self._sketches)[1], return_counts=True)
        return dict(zip(terms.tolist(), counts.tolist(), strict=True))


@dataclass(frozen=True, slots=True)
class Model:
    """Trained weights: of each feature, of none of the candidates, and the share of messages that each common term stands in."""

    weights: Mapping[str, float]
    none: float
    common: Mapping[int, float]

    def odds(self, row: Mapping[str, float]) -> float:
        """Of a candidate with these features against none of the candidates; bounded, so that none is ever certain."""
        return math.exp(max(-EXTREME, min(EXTREME, sum(self.weights[name] * value for name, value in row.items()) - self.none)))

    def rarity(self, messages: int, having: Mapping[int, int], terms: Iterable[int]) -> dict[int, float]:
        """The weight of each term: the logarithm of how few of the client's messages, and of messages at large, have it."""
        most = messages + FORESIGHT + 1
        held, common = having.get, self.common.get
        return {one: math.log(most / (held(one, 0) + FORESIGHT * common(one, 0.0) + 0.5)) for one in terms}


@cache
def model() -> Model:
    """The weights that lie beside this file."""
    raw = json.loads(files(__package__).joinpath("weights.json").read_text("utf-8"))
    # Terms stand there as numbers: the words they were learned from are not ours to give away.
    return Model(raw["weights"], raw["none"], {int(one, 16): share for one, share in raw["common"].items()})


def shortlist(new: bytes, earlier: Sequence[bytes], most: int = MOST, trained: Model | None = None) -> list[tuple[int, float]]:
    """The sketches most like the new one, best first: (index, share of the smaller one's terms that both have); of equal ones the first.

    A shared term counts by the square of its rarity, and three times where it stands in a subject of the two, five times where in both.
    """
    (head,), ours, _ = unpacked([new])
    heads, terms, owners = unpacked(earlier)
    ordered = np.argsort(ours)
    ours = ours[ordered]
    places, which = common_to(ours, terms)
    having = dict(zip(ours.tolist(), (1 + np.bincount(which, minlength=len(ours))).tolist(), strict=True))
    rarity = (trained or model()).rarity(len(earlier) + 1, having, having)
    squares = np.fromiter(rarity.values(), float, len(ours)) ** 2
    sizes = np.bincount(owners, minlength=len(earlier))
    begins = np.cumsum(sizes) - sizes
    of_shared = owners[places]
    in_subjects = (places < (begins + heads)[of_shared]).astype(int) + (ordered < head)[which]
    sums = np.bincount(of_shared, squares[which] * (1 + 2 * in_subjects), len(earlier))
    likeness = sums / np.sqrt(sizes + 20)
    overlaps = np.bincount(of_shared, minlength=len(earlier)) / np.maximum(np.minimum(sizes, len(ours)), 1)
    best = np.argsort(-likeness, kind="stable")[:most]
    return [(int(index), float(overlaps[index])) for index in best if likeness[index] > 0]


_LOGARITHMS = (0.0, *(1 + math.log(count) for count in range(1, 10)))  # of nearly all counts


class Read:
    """A message as the features see it: sets and counts of its terms, pairs of neighbours, and runs of characters of the subject."""

    __slots__ = ("all", "at", "counts", "letters", "numbers", "pairs", "size", "subject", "text")

    def __init__(self, wording: Wording) -> None:
        head, body = words(wording.subject, READ_SUBJECT), words(wording.text)
        subject, text = [*map(term, head)], [*map(term, body)]
        self.at = wording.at
        self.subject, self.text = frozenset(subject), frozenset(text)
        self.counts = {one: _LOGARITHMS[count] if count < 10 else 1 + math.log(count) for one, count in Counter(subject + text).items()}
        self.all = self.counts.keys()
        self.size = math.log1p(len(subject) + len(text))
        self.pairs = frozenset(chain(pairwise(subject), pairwise(text)))
        self.letters = frozenset(chain.from_iterable(map(grams, head)))
        self.numbers = frozenset(word for word in {*head, *body} if not word.isalpha())


@dataclass(frozen=True, slots=True)
class Sums:
    """Of one message: the rarity of all its terms and of the subject's; squared lengths as vectors of terms and of characters."""

    all: float
    subject: float
    length: float
    subject_length: float
    text_length: float
    letters_length: float


def _share(part: float, whole: float) -> float:
    return part / whole if whole > 0 else 0.0


def _cosine(product: float, left: float, right: float) -> float:
    return product / math.sqrt(left * right) if left > 0 and right > 0 else 0.0


class Comparison:
    """A new message beside the candidates: the weights of all their terms, and what is summed up once a message."""

    def __init__(self, trained: Model, new: Wording, earlier: Sequence[Wording], context: Context) -> None:
        self.new, self.earlier = Read(new), [Read(one) for one in earlier]
        reads = [self.new, *self.earlier]
        self.rarity = trained.rarity(context.messages, context.having, set(chain.from_iterable(one.all for one in reads)))
        self.squares = {one: weight * weight for one, weight in self.rarity.items()}
        having = Counter(chain.from_iterable(one.letters for one in reads))
        self.letters = {one: math.log((len(reads) + 1) / (count + 0.5)) ** 2 for one, count in having.items()}
        # An age counts beside those of the other candidates: one client asks daily, another twice a year.
        self.ages = [max((self.new.at - one.at).total_seconds(), 0) / 3600 for one in self.earlier]
        self.usual_age = median(self.ages)
        self.new_sums, self.old_sums = self._sums(self.new), [self._sums(one) for one in self.earlier]

    def mass(self, terms: Collection[int]) -> float:
        """How rare these terms are together."""
        return sum(map(self.rarity.__getitem__, terms))

    def square(self, terms: Collection[int]) -> float:
        """The same of squares: the product of two sets of terms as vectors."""
        return sum(map(self.squares.__getitem__, terms))

    def letter(self, some: Collection[str]) -> float:
        """The same of runs of characters."""
        return sum(map(self.letters.__getitem__, some))

    def product(self, one: Read, other: Read) -> float:
        """The product of two messages as vectors of logarithmic counts."""
        left, right, squares = one.counts, other.counts, self.squares
        return sum(left[each] * right[each] * squares[each] for each in left.keys() & right.keys())

    def alike(self, one: int, other: int) -> float:
        """How much two candidates say the same, 0 to 1."""
        return _cosine(self.product(self.earlier[one], self.earlier[other]), self.old_sums[one].length, self.old_sums[other].length)

    def _sums(self, one: Read) -> Sums:
        return Sums(
            all=self.mass(one.all),
            subject=self.mass(one.subject),
            length=self.product(one, one),
            subject_length=self.square(one.subject),
            text_length=self.square(one.text),
            letters_length=self.letter(one.letters),
        )

    def features(self, index: int, later: int) -> dict[str, float]:
        """What is measured of one candidate; `later` counts the candidates that came after it."""
        new, old, ours, theirs = self.new, self.earlier[index], self.new_sums, self.old_sums[index]
        subject = new.subject & old.subject
        shared = sorted(map(self.rarity.__getitem__, new.all & old.all), reverse=True)
        return {
            "cosine": _cosine(self.product(new, old), ours.length, theirs.length),
            "texts": _cosine(self.square(new.text & old.text), ours.text_length, theirs.text_length),
            "of old": _share(sum(shared), theirs.all),
            "rarest": shared[0] if shared else 0.0,
            "rarest three": sum(shared[:3]) / 3,
            "pairs": math.log1p(sum(self.rarity[left] + self.rarity[right] for left, right in new.pairs & old.pairs)),
            "subjects": _cosine(self.square(subject), ours.subject_length, theirs.subject_length),
            "subjects, sum": math.log1p(self.mass(subject)),
            "subjects, characters": _cosine(self.letter(new.letters & old.letters), ours.letters_length, theirs.letters_length),
            "new subject": _share(self.mass(new.subject & old.all), ours.subject),
            "old subject": _share(self.mass(old.subject & new.all), theirs.subject),
            "numbers differ": -math.log1p(len(new.numbers ^ old.numbers)),
            "new size": new.size,
            "shorter": min(new.size, old.size),
            "sizes differ": -abs(new.size - old.size),
            "sooner": -math.log((self.ages[index] + 1) / (self.usual_age + 1)),
            "later": -math.log1p(later),
        }

    def table(self) -> list[dict[str, float]]:
        """The features of all candidates."""
        newest = sorted(range(len(self.earlier)), key=lambda index: self.earlier[index].at, reverse=True)
        later = {index: place for place, index in enumerate(newest)}
        return [self.features(index, later[index]) for index in range(len(self.earlier))]


def scores(new: Wording, earlier: Sequence[Wording], context: Context, trained: Model | None = None) -> list[float]:
    """For each candidate (at most `MOST` of a shortlist) the probability, where one message in ten is a repeat, that it is repeated."""
    if not earlier:
        return []
    trained = trained or model()
    compared = Comparison(trained, new, earlier, context)
    return odds_to_scores(compared, [trained.odds(row) for row in compared.table()])


def odds_to_scores(compared: Comparison, odds: Sequence[float]) -> list[float]:
    """Probabilities of odds against "none of them". Candidates that say the same do not compete: a third call repeats both earlier ones."""
    rivals = [other for other, one in enumerate(odds) if one > FAINT]
    return [
        one / (1 + one + sum(odds[other] * (1 - min(compared.alike(index, other), 1.0)) for other in rivals if other != index))
        for index, one in enumerate(odds)
    ]
