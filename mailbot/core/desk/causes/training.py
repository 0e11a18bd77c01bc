"""Training a model of causes from what operators said. Brings in scikit-learn, so it runs in a process of its own (100 MB and more)."""

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from sklearn.linear_model import LogisticRegression

from mailbot.core.desk.causes.features import blocks, words_of
from mailbot.core.desk.causes.model import NEVER, Model, lead

PROMISE = 0.95  # how much of what it says must be right
SURE = 0.84  # normal deviate of the bound's one-sided certainty, four times in five, in each of two mixes of causes
ENOUGH = 30  # answers that a threshold must rest on: among fewer, one wrong in twenty is easily none by luck
LEAST = 0.2  # confidence below which it never speaks: labels that are all easy would let it guess at texts unlike any of them
LATEST = 20_000  # texts that are learned from: an older one says little of today's causes
MOST = 1 << 16  # features that are kept, the commonest first
PLENTY = 1000  # with so many texts a feature of a single one teaches nothing, and five folds cost each of them little
NAME = 2.0  # how many texts the name of a cause is worth
LOOSENESS = 30.0  # the inverse of regularisation, C; found on banking77 by cross-validation, flat from 10 to 100


Counts = tuple[Counter[int], Counter[int]]  # as features.blocks gives them


def train(labelled: Sequence[tuple[str, str]]) -> Model:
    """A model from (text, cause) in order of arrival; the same from the same. From too few texts it is one that never speaks.

    Causes may be any names: from texts called "project" or "no", "urgent" or "no" it learns large changes and urgency in the same way.
    The name of a cause is learned as a text about it: "hosting" and "billing" say what they mean, and "c17" does no harm.
    """
    labelled = labelled[-LATEST:]
    causes = tuple(sorted({cause for _, cause in labelled}))
    texts = [blocks(words_of(text)) for text, _ in labelled]
    wanted = np.array([causes.index(cause) for _, cause in labelled], dtype=np.intp)
    model = replace(_fit(causes, texts, wanted), labels=len(labelled))
    if len(causes) < 2:
        return model
    confidence, right = _answers(causes, texts, wanted)
    threshold = _threshold(confidence, right, wanted)
    return replace(model, threshold=threshold, answered=float(np.mean(confidence >= threshold)))


def _fit(causes: tuple[str, ...], texts: Sequence[Counts], wanted: NDArray[np.intp]) -> Model:
    """A model without a threshold."""
    names = [blocks(words_of(cause)) for cause in causes]
    texts = [*texts, *names]
    spread = Counter(feature for text in texts for block in text for feature in block)
    least = 2 if len(texts) > PLENTY else 1
    kept = sorted(feature for feature, count in spread.most_common(MOST) if count >= least)
    idf = np.array([math.log((1 + len(texts)) / (1 + spread[feature])) + 1 for feature in kept], dtype=np.float32)
    none = np.zeros((len(kept), len(causes)), np.float32)
    model = Model(causes, np.array(kept, dtype=np.uint32), idf, none, np.zeros(len(causes), np.float32))
    if len(causes) < 2:
        return model
    rows = [model.row(text) for text in texts]
    ends = np.cumsum([0, *(len(at) for at, _ in rows)])
    table = csr_matrix(
        (np.concatenate([values for _, values in rows]), np.concatenate([at for at, _ in rows]), ends), shape=(len(rows), len(kept))
    )
    weight = np.concatenate([np.ones(len(wanted)), np.full(len(causes), NAME)])
    learned = LogisticRegression(C=LOOSENESS, tol=1e-4, max_iter=300)
    learned.fit(table, np.concatenate([wanted, np.arange(len(causes))]), sample_weight=weight)
    weights, bias = learned.coef_.T.astype(np.float32), learned.intercept_.astype(np.float32)
    if len(causes) == 2:  # of two causes it has the weights of the second alone
        weights, bias = np.hstack([-weights, weights]) / 2, np.concatenate([-bias, bias]) / 2
    return replace(model, weights=np.ascontiguousarray(weights), bias=bias)


def _answers(causes: tuple[str, ...], texts: Sequence[Counts], wanted: NDArray[np.intp]) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """(confidence, whether right) of each text by a model that did not learn from it.

    The folds are stretches of time, not a random choice: a request and the same request a day later are in one fold, and a cause that
    came up once for a week is found out as unknown, as it would have been.
    """
    confidence, right = np.zeros(len(texts)), np.zeros(len(texts), dtype=np.bool_)
    edges = np.linspace(0, len(texts), (10 if len(texts) < PLENTY else 5) + 1).astype(int).tolist()
    for start, end in pairwise(edges):
        rest = [*range(start), *range(end, len(texts))]
        if start == end:
            continue
        model = _fit(causes, [texts[one] for one in rest], wanted[rest])
        for one in range(start, end):
            at, values = model.row(texts[one])
            best, _, confidence[one] = lead(values @ model.weights[at] + model.bias)
            right[one] = best == wanted[one]
    return confidence, right


def _threshold(confidence: NDArray[np.float64], right: NDArray[np.bool_], wanted: NDArray[np.intp]) -> float:
    """The least confidence above which the promise holds by its lower bound, in the mix that the labels have and in an equal one.

    Tomorrow's mix is another than that of the labels, and what is rare in them is mistaken most often: of the first mix alone the
    promise came out at 92 to 94 %.
    """
    order = np.argsort(-confidence, kind="stable")
    ranked, good = confidence[order], right[order]
    equal = 1 / np.bincount(wanted)[wanted[order]]
    bound = np.minimum(_lower_bound(good, np.ones(len(order))), _lower_bound(good, equal))
    last = np.append(ranked[:-1] > ranked[1:], True)  # equal confidences are answered together
    kept = np.flatnonzero((bound >= PROMISE) & last & (np.arange(len(order)) >= ENOUGH - 1))
    return max(float(ranked[kept[-1]]), LEAST) if len(kept) else NEVER


def _lower_bound(good: NDArray[np.bool_], weight: NDArray[np.float64]) -> NDArray[np.float64]:
    """Of the share of good ones among the first, the first two and so on: Wilson (1927); weights count as fewer, equal ones (Kish 1965)."""
    total = np.cumsum(weight)
    share, many, square = np.cumsum(weight * good) / total, total**2 / np.cumsum(weight**2), SURE * SURE
    spread = SURE * np.sqrt(share * (1 - share) / many + square / (4 * many * many))
    return np.asarray((share + square / (2 * many) - spread) / (1 + square / many))
