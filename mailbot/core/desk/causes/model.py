"""A model of causes: what it says of a text, why, and when it rather says nothing. Needs numpy alone; `training` makes one.

Numbers of a model: F features, C causes. A text becomes a row of F values (two blocks of equal length, tf-idf), its product with the
weights one score a cause, the softmax of the scores probabilities, and the lead of the best before the second the confidence.
"""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Self

import numpy as np
import zstandard
from numpy.typing import NDArray

from mailbot.core.desk.causes.features import VERSION, blocks, of_word, words_of

Floats = NDArray[np.float32]
NEVER = math.inf  # the threshold of a model that may say nothing
LEAD = 2.0  # by how much the score of the right cause leads after a correction at least: some seven to one
MOST_LEAD = 6.0  # and at most: a model that must be surer than that before it speaks stays silent until the next training
NAMED = 3  # words that are named as the reason
_BLOCK = math.sqrt(0.5)  # length of each block's part: the row as a whole has length 1
_ROUNDED = 0.2  # what a lead may lose when weights are kept as whole numbers
_SCALE = 127  # weights are kept as whole numbers up to this, a scale for each cause


@dataclass(frozen=True, slots=True)
class Guess:
    """What a model says of a text: the best cause (None: it knows none), the confidence from 0 to 1, and whether to say nothing instead."""

    cause: str | None
    confidence: float
    abstains: bool
    because: str


@dataclass(frozen=True, slots=True, eq=False)
class Model:
    """A trained model. `known`: CRCs of its features, ascending; `idf`: (F,), `weights`: (F, C), `bias`: (C,).

    `threshold` is the least confidence with which it speaks, `labels` how many texts it learned from, `answered` the share
    of those that it would have answered, not having learned from them.
    """

    causes: tuple[str, ...]
    known: NDArray[np.uint32]
    idf: Floats
    weights: Floats
    bias: Floats
    threshold: float = NEVER
    labels: int = 0
    answered: float = 0.0

    def classify(self, text: str) -> Guess:
        """The cause of a text (subject and new words). Never raises; time grows with the text up to a bound."""
        words = words_of(text)
        at, values = self.row(blocks(words))
        if not self.causes or not len(at):
            return Guess(None, 0.0, abstains=True, because="none of its words is known")
        scores = values @ self.weights[at] + self.bias
        best, second, confidence = lead(scores)
        return Guess(
            self.causes[best], confidence, abstains=confidence < self.threshold, because=self._words(words, at, values, best, second)
        )

    def step(self, text: str, cause: str) -> Self:
        """The model after an operator's correction: it says this cause of this text now, if it may speak at all; of others hardly less.

        The smallest change that does it (Crammer and others 2006, passive-aggressive), to the rare features most.
        Until the next training, cheap: no library.
        """
        model = self if cause in self.causes else self._with_cause(cause)
        counts = blocks(words_of(text))
        model = model._with_features(sorted({feature for block in counts for feature in block}))
        at, values = model.row(counts)
        right = model.causes.index(cause)
        scores = values @ model.weights[at] + model.bias
        others = np.delete(scores, right)
        lead = model._speaking_lead()
        gap = max(float(others.max()) + lead - float(scores[right]), 0.0) if len(others) else 0.0
        change = -np.maximum(scores + lead - (scores[right] + gap / 2), 0)
        change[right] = gap / 2
        weights = model.weights.copy()
        rare = values * (model.idf[at] - 1)  # what stands in every text must not turn all others around
        way = rare if rare.any() else values
        weights[at] += np.outer(way / (values @ way), change)
        return replace(model, weights=weights)

    def _speaking_lead(self) -> float:
        """By how much the best score must lead all others, so that its confidence is above the threshold also when the others are equal."""
        if not self.threshold < 1:
            return LEAD if self.threshold == NEVER else MOST_LEAD
        needed = math.log((1 + self.threshold * (len(self.causes) - 1)) / (1 - self.threshold)) + _ROUNDED
        return min(max(needed, LEAD), MOST_LEAD)

    def row(self, text: Sequence[Mapping[int, int]]) -> tuple[NDArray[np.intp], Floats]:
        """Places and values of the known features of a text's blocks."""
        found = [self._block(list(block), list(block.values())) for block in text]
        return np.concatenate([at for at, _ in found]), np.concatenate([values for _, values in found])

    def _block(self, features: list[int], counts: list[int]) -> tuple[NDArray[np.intp], Floats]:
        wanted = np.array(features, dtype=np.uint32)
        at = np.searchsorted(self.known, wanted)
        here = at < len(self.known)
        here[here] = self.known[at[here]] == wanted[here]
        amount = 1 + np.log(np.array(counts, dtype=np.float32))
        values = amount[here] * self.idf[at[here]]
        rest = amount[~here] * self.idf.max(initial=1.0)  # what it does not know takes its share: of a strange text it is less sure
        return at[here], values * np.float32(_BLOCK / (math.sqrt(values @ values + rest @ rest) or 1.0))

    def _words(self, words: Sequence[str], at: NDArray[np.intp], values: Floats, best: int, second: int) -> str:
        """The words that spoke most for the best cause and against the second."""
        weight = dict(zip(self.known[at].tolist(), (values * (self.weights[at, best] - self.weights[at, second])).tolist(), strict=True))
        spoke = {word: sum(weight.get(feature, 0.0) for feature in of_word(word)) for word in dict.fromkeys(words)}
        named = [word for word in sorted(spoke, key=lambda word: -spoke[word])[:NAMED] if spoke[word] > 0]
        return "words like " + ", ".join(named) if named else "no word alone"

    def _with_cause(self, cause: str) -> Self:
        column = np.zeros((len(self.known), 1), np.float32)
        rare = self.bias.min(initial=0.0) - LEAD  # of one text: rarer than all that it learned
        bias = np.append(self.bias, np.float32(rare))
        return replace(self, causes=(*self.causes, cause), weights=np.hstack([self.weights, column]), bias=bias)

    def _with_features(self, features: Sequence[int]) -> Self:
        fresh = np.setdiff1d(np.array(features, dtype=np.uint32), self.known)
        at = np.searchsorted(self.known, fresh)
        rare = self.idf.max(initial=1.0)  # as rare as any that it knows
        return replace(
            self,
            known=np.insert(self.known, at, fresh),
            idf=np.insert(self.idf, at, rare),
            weights=np.insert(self.weights, at, 0, axis=0),
        )

    def to_octets(self) -> bytes:
        """To be kept: a line of JSON and the arrays, compressed."""
        largest = np.abs(self.weights).max(axis=0, initial=0.0)
        scale = (np.where(largest > 0, largest, 1) / _SCALE).astype("<f4")
        head = {"version": VERSION, "causes": self.causes, "features": len(self.known), "labels": self.labels, "answered": self.answered}
        head["threshold"] = None if self.threshold == NEVER else self.threshold
        arrays = (
            np.diff(self.known, prepend=np.uint32(0)).astype("<u4"),
            self.idf.astype("<f4"),
            self.bias.astype("<f4"),
            scale,
            np.rint(self.weights / scale).astype("i1").T,  # column by column: a rare cause's zeros lie together
        )
        body = b"".join(np.ascontiguousarray(array).tobytes() for array in arrays)
        return zstandard.compress(json.dumps(head).encode() + b"\n" + body, 9)

    @classmethod
    def from_octets(cls, octets: bytes) -> Self:
        """What `to_octets` kept, weights rounded to 1/127 of the largest. ValueError: of another version, or damaged; train anew."""
        try:
            line, _, body = zstandard.decompress(octets).partition(b"\n")
            head = json.loads(line)
            if head["version"] != VERSION:
                raise ValueError(f"a model of version {head['version']}, not {VERSION}")
            f, c = int(head["features"]), len(head["causes"])
            cut = np.cumsum([0, 4 * f, 4 * f, 4 * c, 4 * c, f * c]).tolist()
            if len(body) != cut[-1]:
                raise ValueError("a damaged model: its length is wrong")
            parts = [body[start:end] for start, end in pairwise(cut)]
            scale = np.frombuffer(parts[3], "<f4")
            return cls(
                causes=tuple(head["causes"]),
                known=np.cumsum(np.frombuffer(parts[0], "<u4"), dtype=np.uint32),
                idf=np.frombuffer(parts[1], "<f4").astype(np.float32),
                bias=np.frombuffer(parts[2], "<f4").astype(np.float32),
                weights=np.ascontiguousarray((np.frombuffer(parts[4], "i1").reshape(c, f).T * scale).astype(np.float32)),
                threshold=NEVER if head["threshold"] is None else float(head["threshold"]),
                labels=int(head["labels"]),
                answered=float(head["answered"]),
            )
        except (zstandard.ZstdError, LookupError, TypeError, UnicodeDecodeError, ArithmeticError, MemoryError, RecursionError) as error:
            raise ValueError(f"no model: {type(error).__name__}: {error}") from error


def lead(scores: Floats) -> tuple[int, int, float]:
    """(best, second, the lead of the best's probability before the second's); of one cause alone there is no lead."""
    if len(scores) < 2:
        return 0, 0, 0.0
    order = np.argsort(-scores, kind="stable")
    chances = np.exp(scores - scores[order[0]])
    chances /= chances.sum()
    return int(order[0]), int(order[1]), float(chances[order[0]] - chances[order[1]])
