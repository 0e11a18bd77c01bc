"""How well mailbot finds the earlier request that a message repeats, and what it costs: a labelled stream, walked in order of arrival.

`python -m benchmarks.repeats STREAM.jsonl --out VERDICTS.jsonl` reads one message a line (`id`, `client`, `sender`, `at`, `subject`,
`text`, `cluster`, `split`) and writes one verdict a line. Precision is reweighted so that one asked message in ten is a repeat.
"""

import argparse
import json
import sys
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from itertools import islice
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from benchmarks.ingest import machine
from mailbot.core.desk.case import Case
from mailbot.core.desk.facts import Earlier, Facts, TicketFacts
from mailbot.core.desk.hours import parse_hours
from mailbot.core.desk.policy import Limits, Money, Policy
from mailbot.core.desk.repeats import score
from mailbot.core.desk.repeats.comparing import CANDIDATES, asked, nearest
from mailbot.core.desk.repeats.rules import likely, near_repeat, suggestions_for
from mailbot.core.desk.repeats.terms import sketch
from mailbot.core.mail.message import Address, Mail
from mailbot.core.mail.screen import Verdict
from mailbot.core.mail.threading import Signer, Threads
from mailbot.core.mail.visible import visible_reply

RATE = 0.10

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Found:
    """A message, its candidates (at most `score.MOST`), and whether any earlier message of its client is the same request."""

    row: Row
    listed: list[Row]
    context: score.Context
    asked: bool
    repeats: bool


@dataclass(frozen=True, slots=True)
class Judged:
    """What was found of an asked message: the best score, whether the best candidate is right, whether one of five is."""

    split: str
    repeats: bool
    score: float
    first: bool
    five: bool


def wording(row: Row) -> score.Wording:
    """What the daemon hands to the score."""
    return score.Wording(row["subject"], row["text"], datetime.fromisoformat(row["at"]), row["sender"])


def walk(rows: Sequence[Row], trained: score.Model | None = None) -> Iterator[Found]:
    """Each message with the candidates that the daemon would load."""
    clients: dict[str, list[tuple[Row, bytes]]] = defaultdict(list)
    for row in rows:
        earlier = clients[row["client"]]
        newest = earlier[: -CANDIDATES - 1 : -1]
        new = sketch(row["subject"], row["text"])
        context = score.Context([new, *(octets for _, octets in newest)])
        listed = [newest[index][0] for index, _ in score.shortlist(new, [octets for _, octets in newest], trained=trained)]
        yield Found(row, listed, context, bool(earlier), any(one["cluster"] == row["cluster"] for one, _ in earlier))
        earlier.append((row, new))


def ranked(found: Found, trained: score.Model | None = None) -> list[tuple[float, Row]]:
    """The candidates with their scores, best first."""
    given = score.scores(wording(found.row), [wording(one) for one in found.listed], found.context, trained=trained)
    return sorted(zip(given, found.listed, strict=True), key=lambda pair: -pair[0])


def judged(found: Found, best: Sequence[tuple[float, Row]]) -> Judged:
    """The truth about a ranking."""
    hits = [one["cluster"] == found.row["cluster"] for _, one in best[:5]]
    return Judged(found.row.get("split", "all"), found.repeats, best[0][0] if best else 0.0, bool(hits) and hits[0], any(hits))


def curve(rows: Sequence[Judged]) -> list[tuple[float, float, float]]:
    """(score, precision, recall) from the highest score on."""
    repeats = sum(one.repeats for one in rows)
    weight = repeats * (1 / RATE - 1) / max(len(rows) - repeats, 1)
    right = wrong = 0.0
    points = []
    for one in sorted(rows, key=lambda one: -one.score):
        right += one.first
        wrong += 0.0 if one.first else 1.0 if one.repeats else weight
        points.append((one.score, right / max(right + wrong, 1e-9), right / max(repeats, 1)))
    return points


def figures(rows: Sequence[Judged], threshold: float = score.SUGGEST) -> dict[str, float]:
    """Average precision, recall at 1 and 5, and precision and recall from a threshold on."""
    points = curve(rows)
    repeats = max(sum(one.repeats for one in rows), 1)
    average = sum(
        precision * (recall - last) for (_, precision, recall), (_, _, last) in zip(points, [(0.0, 0.0, 0.0), *points], strict=False)
    )
    over = [point for point in points if point[0] >= threshold]
    return {
        "messages": len(rows),
        "repeats": sum(one.repeats for one in rows),
        "AP": average,
        "recall@1": sum(one.first for one in rows if one.repeats) / repeats,
        "recall@5": sum(one.five for one in rows if one.repeats) / repeats,
        "suggestions, precision": over[-1][1] if over else 0.0,
        "suggestions, recall": over[-1][2] if over else 0.0,
    }


def lowest(rows: Sequence[Judged], precision: float) -> float:
    """The lowest score from which so many of the suggestions are right."""
    return min((point[0] for point in curve(rows) if point[1] >= precision), default=1.0)


def load(stream: Path) -> list[Row]:
    """The messages of a stream, in order of arrival."""
    return [json.loads(line) for line in stream.read_text("utf-8").splitlines() if line]


POLICY = Policy(
    name="Studio",
    address="support@studio.example",
    ours=frozenset({"support@studio.example"}),
    operators=(),
    language="en",
    timezone=ZoneInfo("UTC"),
    hours=parse_hours("Mon-Sun 00:00-24:00", ZoneInfo("UTC")),
    signer=Signer(b"a secret of the benchmark", "support@studio.example"),
    money=Money("EUR", Decimal(60), Decimal(10), 15, 3, {}),
    limits=Limits(0, 0, 0),
)


@dataclass(frozen=True, slots=True)
class Filed:
    """A message as the desk keeps it: its ticket, and its sketch."""

    row: Row
    ticket: TicketFacts
    sketch: bytes

    def earlier(self, overlap: float) -> Earlier:
        """The same as the daemon's rules see it."""
        return Earlier(self.ticket, datetime.fromisoformat(self.row["at"]), self.row["sender"], self.row["text"], overlap)


class Desk:
    """Files the messages of a stream by the daemon's rules, from the sketches to the decision; only database and window are left out."""

    def __init__(self) -> None:
        self.clients: dict[str, list[Filed]] = defaultdict(list)
        self.tickets = 0

    def take(self, row: Row) -> dict[str, Any]:
        """Decide one message, file it, and return its line of the file of verdicts."""
        client = self.clients[row["client"]]
        newest = client[: -CANDIDATES - 1 : -1]
        mail = Mail(originator=Address("", row["sender"]), subject=row["subject"], text=row["text"], visible=visible_reply(row["text"]))
        new = sketch(mail.subject, asked(mail.text))
        found = nearest(new, [one.sketch for one in newest])
        facts = Facts(earlier=tuple(newest[index].earlier(overlap) for index, overlap in found.found), context=found.context)
        at = datetime.fromisoformat(row["at"])
        case = Case(mail, Verdict("normal", True, ()), Threads((), (), ()), None, row["sender"], facts, POLICY, at)
        joins = near_repeat(case)
        rated = [*islice(likely(case), 5)]
        ids = {newest[index].ticket.number: newest[index].row["id"] for index, _ in reversed(found.found)}
        candidates = [(ids[one.earlier.ticket.number], one.score) for one in rated]
        if joins and joins.ticket:  # what joins is beyond the score's doubt
            candidates = [(ids[joins.ticket], 1.0), *((one, score) for one, score in candidates if one != ids[joins.ticket])][:5]
            ticket = next(one.ticket for one in newest if one.ticket.number == joins.ticket)
        else:
            self.tickets += 1
            ticket = TicketFacts(self.tickets, "open", row["subject"], row["sender"], "", row["sender"], "en", at, None, None, True)
        client.append(Filed(row, ticket, new))
        verdict = "repeat" if joins else "possible" if suggestions_for(case) else "new"
        return {
            "id": row["id"],
            "verdict": verdict,
            "of": candidates[0][0] if verdict != "new" else None,
            "score": candidates[0][1] if candidates else 0.0,
            "candidates": [one for one, _ in candidates],
            "scores": [score for _, score in candidates],
        }


def report(rows: Sequence[Row], verdicts: Sequence[Mapping[str, Any]]) -> dict[str, dict[str, float]]:
    """The figures of each split. A `repeat` of another request counts against it as `weight` says, as in `curve`."""
    clusters = {row["id"]: row["cluster"] for row in rows}
    seen: dict[str, set[str]] = defaultdict(set)
    asked: dict[str, list[tuple[Judged, bool]]] = defaultdict(list)
    for row, verdict in zip(rows, verdicts, strict=True):
        earlier = seen[row["client"]]
        hits = [clusters[one] == row["cluster"] for one in verdict["candidates"]]
        one = Judged(row.get("split", "all"), row["cluster"] in earlier, verdict["score"], bool(hits) and hits[0], any(hits))
        if earlier:
            asked[one.split].append((one, verdict["verdict"] == "repeat"))
        earlier.add(row["cluster"])
    found = {}
    for split, judged_rows in sorted(asked.items()):
        joined = [one for one, joins in judged_rows if joins]
        found[split] = figures([one for one, _ in judged_rows]) | {
            "joined": len(joined),
            "of them wrong": sum(not one.first for one in joined),
        }
    return found


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.repeats", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("stream", type=Path, metavar="STREAM.jsonl")
    parser.add_argument("--out", type=Path, required=True, metavar="VERDICTS.jsonl")
    given = parser.parse_args()
    rows = load(given.stream)
    if not rows:
        sys.exit(f"{given.stream}: no message there")
    Desk().take(rows[0])  # weights and dictionaries are read before the clock starts
    desk = Desk()
    begin = time.process_time()
    verdicts = [desk.take(row) for row in rows]
    spent = time.process_time() - begin
    given.out.write_text("".join(json.dumps(verdict) + "\n" for verdict in verdicts), "utf-8")
    # A client of 200 messages is not in every stream: all messages as one client's.
    desk = Desk()
    begin = time.process_time()
    for row in rows:
        desk.take({**row, "client": ""})
    together = time.process_time() - begin
    sizes = sorted(len(sketch(row["subject"], row["text"])) for row in rows)
    print(f"{len(rows)} messages from {given.stream}\n{machine()}\n")
    for split, values in report(rows, verdicts).items():
        print(f"{split}: " + ", ".join(f"{name} {value:.3g}" for name, value in values.items()))
    print(f"\n{spent / len(rows) * 1000:.2f} ms CPU a message; {together / len(rows) * 1000:.2f} among {CANDIDATES} messages of one client")
    print(f"sketches: {sizes[len(sizes) // 2]} octets in the middle, {sizes[-1]} at most")


if __name__ == "__main__":
    main()
