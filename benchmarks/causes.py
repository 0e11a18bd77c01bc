"""How well the classifier of causes learns: trained on one file of labelled texts, asked about another.

`python -m benchmarks.causes --train TRAIN.jsonl --test TEST.jsonl --out PREDICTIONS.jsonl`, each line of the files {"text", "label"}.
--per-class N learns from N texts of each cause alone, --skewed N from N texts of which the causes have very unequal shares, the test
lines likewise. A file that is sorted by cause has no order of arrival: its lines are shuffled.
"""

import argparse
import json
import random
import resource
import subprocess
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

from benchmarks.ingest import machine
from mailbot.core.desk.causes.model import Model

Labelled = tuple[str, str]  # text, cause


def load(path: Path) -> list[Labelled]:
    """The lines of a file."""
    lines = (json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip())
    return [(line["text"], line["label"]) for line in lines]


def by_cause(lines: Sequence[Labelled]) -> dict[str, list[Labelled]]:
    """The lines of each cause."""
    found: dict[str, list[Labelled]] = defaultdict(list)
    for line in lines:
        found[line[1]].append(line)
    return dict(sorted(found.items()))


def arrived(lines: list[Labelled], seed: int) -> list[Labelled]:
    """The lines in an order of arrival: as they are, unless nearly every line has the cause of the one before."""
    if sum(left[1] == right[1] for left, right in pairwise(lines)) > 0.9 * len(lines):
        return random.Random(seed).sample(lines, len(lines))
    return lines


def balanced(lines: Sequence[Labelled], count: int, seed: int) -> list[Labelled]:
    """`count` lines of each cause."""
    draw = random.Random(seed)
    drawn = [line for some in by_cause(lines).values() for line in draw.sample(some, min(count, len(some)))]
    return draw.sample(drawn, len(drawn))


def skewed(lines: Sequence[Labelled], count: int, seed: int, drawn_by: int) -> list[Labelled]:
    """About `count` lines in a mix as mail has it: each cause is 7 % rarer than the one before, the last of them are hardly ever seen."""
    groups = by_cause(lines)
    causes = random.Random(seed).sample(list(groups), len(groups))  # `seed` says which causes are common
    draw = random.Random(drawn_by)
    wanted = Counter(draw.choices(causes, [0.93**place for place in range(len(causes))], k=count))
    drawn = [line for cause, some in wanted.items() for line in draw.sample(groups[cause], min(some, len(groups[cause])))]
    return draw.sample(drawn, len(drawn))


def child(lines: Sequence[Labelled]) -> tuple[bytes, float, float]:
    """A model's octets, seconds and largest MB of training, in a process of its own, as the daemon trains."""
    code = (
        "import json,resource,sys,time;from mailbot.core.desk.causes.training import train;"
        "lines=json.load(sys.stdin);begin=time.process_time();octets=train(lines).to_octets();"
        "most=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss/1024;"
        "sys.stdout.buffer.write(f'{time.process_time()-begin} {most}\\n'.encode()+octets)"
    )
    done = subprocess.run([sys.executable, "-c", code], input=json.dumps(lines).encode(), stdout=subprocess.PIPE, check=True)
    figures, _, octets = done.stdout.partition(b"\n")
    seconds, most = map(float, figures.split())
    return octets, seconds, most


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.causes", description=(__doc__ or "").partition("\n")[0])
    for name in ("train", "test", "out"):
        parser.add_argument(f"--{name}", type=Path, required=True, metavar="FILE")
    parser.add_argument("--per-class", type=int, metavar="N")
    parser.add_argument("--skewed", type=int, metavar="N")
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    lines, test = arrived(load(given.train), given.seed), load(given.test)
    if given.per_class:
        lines = balanced(lines, given.per_class, given.seed)
    elif given.skewed:
        lines = skewed(lines, given.skewed, given.seed, given.seed)
        test = skewed(test, 500, given.seed, given.seed + 1)
    octets, seconds, most = child(lines)
    model = Model.from_octets(octets)
    model.classify(test[0][0])
    begin = time.process_time()
    guesses = [model.classify(text) for text, _ in test]
    each = (time.process_time() - begin) / len(test) * 1000
    rows = [{"label": guess.cause, "confidence": guess.confidence, "abstain": guess.abstains} for guess in guesses]
    given.out.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    said = [guess.cause == cause for guess, (_, cause) in zip(guesses, test, strict=True) if not guess.abstains]
    right = sum(guess.cause == cause for guess, (_, cause) in zip(guesses, test, strict=True))
    print(f"{len(lines)} texts of {len(model.causes)} causes learned, {len(test)} asked\n{machine()}\n")
    print(f"accuracy {right / len(test):.3f}   says {len(said) / len(test):.3f}   of that right {sum(said) / max(len(said), 1):.3f}")
    print(f"training {seconds:.1f} s CPU, {most:.0f} MB; model {len(octets) / 1e6:.2f} MB; a text {each:.3f} ms CPU")
    print(f"this process {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB at most")


if __name__ == "__main__":
    main()
