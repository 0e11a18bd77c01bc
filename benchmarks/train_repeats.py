"""Trains the weights of the score that suggests repeats, on the `dev` half of labelled streams.

`python -m benchmarks.train_repeats STREAM.jsonl [...]` learns from the first stream; the others only add their words to the table of
common stems. Cross-validation leaves whole clients out.
"""

import argparse
import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from zlib import crc32

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from benchmarks.repeats import RATE, Judged, Row, figures, judged, load, lowest, ranked, walk, wording
from mailbot.core.desk.repeats import score, terms

FOLDS = 5
STIFFNESS = 0.3  # of the weights: how much a feature must explain
# A candidate more alike is never less probable, but for these. What is left free tells a repeat from a template that everybody copies:
# much is shared, and nothing of it is rare or in the subject.
FREE = frozenset(("texts", "subjects", "of old", "shorter", "new size"))
LEAST = 3  # messages with a stem, for it to be called common

Table = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Example:
    """One message that has candidates: their features, and which of them it repeats."""

    table: Table
    right: Table
    repeats: bool


def common_stems(streams: Sequence[Sequence[Row]]) -> dict[int, float]:
    """The share of messages that each term of at least `LEAST` of a stream stands in; of two streams the greater share."""
    shares: dict[int, float] = {}
    for rows in streams:
        having: Counter[int] = Counter()
        for row in rows:
            having.update({terms.term(word) for part in (row["subject"], row["text"]) for word in terms.words(part)})
        for one, count in having.items():
            if count >= LEAST:
                shares[one] = max(shares.get(one, 0.0), round(count / len(rows), 4))
    return shares


def examples(rows: Sequence[Row], model: score.Model) -> list[Example]:
    """What is learned from: the messages that have candidates."""
    found = []
    for one in walk(rows, model):
        if one.listed:
            table = score.Comparison(model, wording(one.row), [wording(old) for old in one.listed], one.context).table()
            right = np.array([old["cluster"] == one.row["cluster"] for old in one.listed], float)
            found.append(Example(np.array([list(each.values()) for each in table]), right, bool(right.any())))
    return found


def fit(given: Sequence[Example], names: Sequence[str]) -> tuple[dict[str, float], float]:
    """The most likely weights of the features and of "none of them", with signs as `FREE` says, where `RATE` of messages are repeats."""
    features, right = np.vstack([one.table for one in given]), np.concatenate([one.right for one in given])
    middle, spread = features.mean(0), features.std(0) + 1e-9
    features = (features - middle) / spread
    counts = [len(one.right) for one in given]
    starts, owner = np.cumsum([0, *counts[:-1]]), np.repeat(np.arange(len(given)), counts)
    repeats = np.array([one.repeats for one in given])
    importance = np.where(repeats, 1.0, repeats.sum() * (1 / RATE - 1) / max(len(given) - repeats.sum(), 1))
    importance /= importance.mean()

    def loss(point: Table) -> tuple[float, Table]:
        weights, none = point[:-1], point[-1]
        points = features @ weights
        top = np.maximum(np.maximum.reduceat(points, starts), none)
        powers, of_none = np.exp(points - top[owner]), np.exp(none - top)
        total = np.add.reduceat(powers, starts) + of_none
        hit = np.add.reduceat(powers * right, starts)
        wanted = np.where(repeats, hit, of_none)
        value = importance @ (np.log(total) - np.log(wanted)) + STIFFNESS * weights @ weights
        by_point = importance[owner] * powers * (1 / total[owner] - right / np.where(repeats, hit, 1)[owner])
        by_none = importance @ (of_none / total - ~repeats)
        return float(value), np.append(features.T @ by_point + 2 * STIFFNESS * weights, by_none)

    bounds = [(None if name in FREE else 0.0, None) for name in names] + [(None, None)]
    best = minimize(loss, np.zeros(len(names) + 1), jac=True, method="L-BFGS-B", bounds=bounds, options={"maxiter": 1000}).x
    weights = best[:-1] / spread
    return dict(zip(names, map(float, weights), strict=True)), float(best[-1] + weights @ middle)


def names_of() -> list[str]:
    """The features, in the order of their table."""
    now = datetime(2026, 1, 1)  # noqa: DTZ001 -- only the names are read
    empty = score.Wording("", "", now, "")
    return list(score.Comparison(score.Model({}, 0.0, {}), empty, [empty], score.Context([b""])).table()[0])


def train(rows: Sequence[Row], common: Mapping[int, float]) -> score.Model:
    """A model of labelled messages, in order of arrival."""
    weights, none = fit(examples(rows, score.Model({}, 0.0, common)), names_of())
    return score.Model(weights, none, common)


def folds(rows: Sequence[Row]) -> Iterator[tuple[list[Row], list[Row]]]:
    """What is learned from and what it is tried on, whole clients apart."""
    clients = sorted({row["client"] for row in rows}, key=lambda name: crc32(name.encode()))
    place = {client: number % FOLDS for number, client in enumerate(clients)}
    for fold in range(FOLDS):
        yield [row for row in rows if place[row["client"]] != fold], [row for row in rows if place[row["client"]] == fold]


def crossed(rows: Sequence[Row], others: Sequence[Sequence[Row]]) -> list[Judged]:
    """Every message judged by a model that knows nothing of its client."""
    found: list[Judged] = []
    for learned, tried in folds(rows):
        model = train(learned, common_stems([learned, *others]))
        found += [judged(one, ranked(one, model)) for one in walk(tried, model) if one.asked]
    return found


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.train_repeats", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("streams", type=Path, nargs="+", metavar="STREAM.jsonl")
    parser.add_argument("--out", type=Path, default=Path(score.__file__).with_name("weights.json"))
    given = parser.parse_args()
    first, *others = ([row for row in load(stream) if row["split"] == "dev"] for stream in given.streams)
    tried = crossed(first, others)
    half = lowest(tried, 0.5)
    found = {name: round(value, 3) for name, value in figures(tried, half).items()}
    model = train(first, common_stems([first, *others]))
    made = {
        "learned from": f"the dev half of {given.streams[0].name}, {len(first)} messages; common stems also of "
        + (", ".join(stream.name for stream in given.streams[1:]) or "nothing else"),
        "cross-validation by client": {**found, "suggestions from": round(half, 3)},
        "weights": {name: round(value, 5) for name, value in model.weights.items()},
        "none": round(model.none, 5),
        "common": {f"{one:x}": share for one, share in sorted(model.common.items())},
    }
    # The table of stems in one line: nobody reads it.
    *head, table = ([name, json.dumps(value, separators=(",", ":") if name == "common" else None)] for name, value in made.items())
    given.out.write_text("{\n" + ",\n".join(f" {json.dumps(name)}: {value}" for name, value in [*head, table]) + "\n}\n", "utf-8")
    print(json.dumps(made["cross-validation by client"], indent=1))
    print(f"{given.out}: {len(model.common)} common stems, {given.out.stat().st_size} octets")


if __name__ == "__main__":
    main()
