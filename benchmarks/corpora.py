"""How well real mail is understood: every message of a labelled corpus by the code of the daemon, scored by the corpus's own comparisons.

`python -m benchmarks.corpora DIR` reads `DIR/MANIFEST.jsonl` (an object a message: its file, and what is expected of it) and
`DIR/score.py` (how an expectation is compared), parses all messages in one process, prints a table with a row for each source, and
writes what falls short with what was found instead.
"""

import argparse
import importlib.util
import json
import sys
import time
import traceback
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol, cast

from benchmarks.ingest import machine
from mailbot.cli.seen import seen
from mailbot.core.mail.screen import screen
from mailbot.edge.parse import parse

Row = dict[str, Any]
PARSED = (
    "subject",
    "from_addr",
    "from_name",
    "to",
    "message_id",
    "in_reply_to",
    "body",
    "html_present",
    "attachments",
    "attachments_count",
)


class Comparisons(Protocol):
    """What a corpus's `score.py` offers."""

    check: Callable[[Row, Row], dict[str, bool]]
    check_class: Callable[[Row, Row], dict[str, bool]]
    check_visible: Callable[[Row, str], str | None]


def comparisons(corpus: Path) -> Comparisons:
    """The corpus's own comparisons."""
    spec = importlib.util.spec_from_file_location("score", corpus / "score.py")
    if spec is None or spec.loader is None:
        sys.exit(f"{corpus / 'score.py'}: cannot be read as a module")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return cast("Comparisons", module)


def scored(row: Row, found: Row, by: Comparisons) -> dict[str, bool]:
    """Which expectations of a message hold; those that it carries no label for are left out."""
    checks = {name: bool(holds) for name, holds in by.check(row, found).items()}
    if parsed := [checks[name] for name in PARSED if name in checks]:
        checks["all of parse"] = all(parsed)
    if visible := by.check_visible(row, found["visible_reply"]):
        checks["visible exact"] = visible == "exact"
        checks["visible loose"] = visible != "fail"
    checks.update(by.check_class(row, found))
    labelled = row["kind_basis"] in ("source", "hand")
    if labelled and row["kind"] == "bounce":
        checks["bounce found"] = found["kind"] == "bounce"
    elif labelled or row.get("not_bounce") or row["auto_basis"] == "presumed":
        checks["no bounce"] = found["kind"] != "bounce"
    if row["auto_basis"] in ("source", "hand"):
        checks["silent" if row["must_not_auto_reply"] else "answered"] = found["auto_reply_allowed"] is not row["must_not_auto_reply"]
    elif row["auto_basis"] == "presumed":
        checks["presumed"] = bool(found["auto_reply_allowed"])
    return checks


def wanted(row: Row, check: str) -> Any:
    """The label that a failed check compares with."""
    names = {"body": ("body_contains", "text_equals"), "to": ("to", "to_contains"), "auto_reply": ("must_not_auto_reply",)}
    names |= {"visible exact": ("visible_reply",), "visible loose": ("visible_reply", "visible_contains", "visible_absent")}
    return {name: row[name] for name in names.get(check, (check,)) if name in row}


@dataclass
class Scores:
    """What came of a corpus: for each source and check how many hold of how many, and each message that falls short."""

    tallies: dict[str, dict[str, list[int]]] = field(default_factory=lambda: defaultdict(lambda: defaultdict(lambda: [0, 0])))
    short: list[Row] = field(default_factory=list)
    crashes: int = 0
    spent: float = 0.0  # CPU seconds of parse (visible reply and language in it) and screen
    slowest: tuple[float, str] = (0.0, "")

    def take(self, row: Row, octets: bytes, by: Comparisons) -> None:
        """Parse, screen and score one message."""
        begin = time.process_time()
        try:
            mail = parse(octets)
            verdict = screen(mail)
        except Exception:  # noqa: BLE001 -- a crash is a figure here, and its traceback is in the file
            self.crashes += 1
            self.short.append({"id": row["id"], "crash": traceback.format_exc()})
            return
        took = time.process_time() - begin
        self.spent += took
        self.slowest = max(self.slowest, (took, row["id"]))
        found = seen(mail, verdict, octets)
        checks = scored(row, found, by)
        for name, holds in checks.items():
            for tally in (self.tallies[row["source"]][name], self.tallies[""][name]):
                tally[0] += holds
                tally[1] += 1
        if failed := [name for name, holds in checks.items() if not holds]:
            instead = {key: value for key, value in found.items() if key not in ("text", "html")}
            self.short.append({"id": row["id"], "failed": failed, "wanted": [wanted(row, name) for name in failed], "found": instead})


def report(scores: Scores, count: int) -> None:
    """Print a line for each source, then the whole."""
    for source, checks in sorted(scores.tallies.items()):
        if source:
            print(f"{source:28} " + "  ".join(f"{name} {good}/{total}" for name, (good, total) in sorted(checks.items())))
    slowest, where = scores.slowest
    print(f"\n{count} messages, {scores.crashes} crashes, {scores.spent:.2f} CPU s, the slowest {slowest * 1000:.0f} ms ({where})")
    print(machine())
    for name, (good, total) in sorted(scores.tallies[""].items()):
        print(f"  {name:20} {good:5} of {total:5}  {good / total:7.2%}")


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.corpora", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("corpus", type=Path, metavar="DIR", help="a folder with MANIFEST.jsonl, score.py and the messages")
    parser.add_argument("--source", help="only the messages of this source")
    parser.add_argument("--out", type=Path, metavar="FILE", help="write what falls short there, a JSON object a message")
    given = parser.parse_args()
    by = comparisons(given.corpus)
    rows = [json.loads(line) for line in (given.corpus / "MANIFEST.jsonl").read_text(encoding="utf-8").splitlines()]
    rows = [row for row in rows if given.source in (None, row["source"])]
    scores = Scores()
    for row in rows:
        scores.take(row, (given.corpus / row["file"]).read_bytes(), by)
    report(scores, len(rows))
    if given.out:
        given.out.write_text("".join(json.dumps(one, ensure_ascii=False, default=str) + "\n" for one in scores.short), encoding="utf-8")
        print(f"\n{len(scores.short)} messages that fall short are in {given.out}")
    if scores.crashes:
        sys.exit(1)


if __name__ == "__main__":
    main()
