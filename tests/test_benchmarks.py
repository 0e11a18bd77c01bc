"""The benchmarks that score run as their help says, on small corpora of the tests' own."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.duties.mails import mail

# As a corpus brings them: small, and strict enough that a wrong label fails.
COMPARISONS = """
def check(row, found):
    return {"subject": found["subject"] == row["subject"]} if "subject" in row else {}

def check_visible(row, got):
    return None if "visible_reply" not in row else "exact" if got == row["visible_reply"] else "fail"

def check_class(row, found):
    return {"kind": found["kind"] == row["kind"]}
"""
ANSWER = "Thank you!\n\nOn 18 Nov 2026, at 12:00, Web Studio wrote:\n> We have it.\n"
ROWS = [
    {"id": "one", "subject": "Request 1", "kind": "normal", "must_not_auto_reply": False, "auto_basis": "presumed"},
    {"id": "two", "subject": "another label", "kind": "bounce", "must_not_auto_reply": True, "auto_basis": "hand"},
    {"id": "three", "visible_reply": "Thank you!", "kind": "normal", "must_not_auto_reply": False, "auto_basis": "rule"},
]
MAILS = {
    "one": mail(1),
    "two": mail(2, "mailer-daemon@mx.example", Return_Path="<>"),
    "three": mail(3, text=ANSWER),
}


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    """A folder with three labelled messages, one of them labelled wrongly."""
    (tmp_path / "score.py").write_text(COMPARISONS)
    rows = [{"source": "tests", "file": f"{row['id']}.eml", "kind_basis": "hand"} | row for row in ROWS]
    (tmp_path / "MANIFEST.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    for name, octets in MAILS.items():
        (tmp_path / f"{name}.eml").write_bytes(octets)
    return tmp_path


def run(*words: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-m", *map(str, words)], capture_output=True, text=True, timeout=120, check=False)


def figures(printed: str) -> dict[str, tuple[int, int]]:
    """{name: (good, of)} of the lines for the whole corpus."""
    rows = [line.rsplit(" of ", 1) for line in printed.splitlines() if line.startswith("  ") and " of " in line]
    return {good[:22].strip(): (int(good[22:]), int(total.split()[0])) for good, total in rows}


def test_a_labelled_corpus_is_scored(corpus: Path, tmp_path: Path) -> None:
    done = run("benchmarks.corpora", corpus, "--out", tmp_path / "short.jsonl")
    assert (done.returncode, done.stderr) == (0, "")
    assert figures(done.stdout) == {
        "all of parse": (1, 2),
        "subject": (1, 2),
        "visible exact": (1, 1),
        "visible loose": (1, 1),
        "kind": (3, 3),
        "bounce found": (1, 1),
        "no bounce": (2, 2),
        "silent": (1, 1),
        "presumed": (1, 1),
    }
    assert "3 messages, 0 crashes" in done.stdout
    (short,) = [json.loads(line) for line in (tmp_path / "short.jsonl").read_text().splitlines()]
    assert (short["id"], short["failed"]) == ("two", ["subject", "all of parse"])
    assert short["wanted"][0] == {"subject": "another label"}
    assert short["found"]["subject"] == "Request 2"


def test_the_cost_of_understanding_is_told_as_a_ratio(corpus: Path) -> None:
    done = run("benchmarks.parse", "--corpus", corpus, "--runs", "1")
    assert done.returncode == 0
    assert "3 messages" in done.stdout
    assert "mailbot / mail-parser" in done.stdout


def test_a_folder_without_mail_is_one_line(tmp_path: Path) -> None:
    done = run("benchmarks.parse", "--corpus", tmp_path)
    assert (done.returncode, done.stderr.count("\n")) == (1, 1)


def test_a_stream_of_repeats_gets_a_verdict_a_message_and_a_price(tmp_path: Path) -> None:
    texts = ("the form of the shop does not send orders", "a new banner for the winter sale", "orders are not sent by the form of the shop")
    rows = [
        {"id": f"m{day}", "client": "one", "sender": "anna@client.example", "at": f"2026-11-1{day}T12:00:00Z", "subject": "", "text": text}
        | {"cluster": f"c{day % 2}", "split": "test"}
        for day, text in enumerate(texts)
    ]
    (tmp_path / "stream.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    done = run("benchmarks.repeats", tmp_path / "stream.jsonl", "--out", tmp_path / "verdicts.jsonl")
    assert done.returncode == 0, done.stderr
    verdicts = [json.loads(line) for line in (tmp_path / "verdicts.jsonl").read_text().splitlines()]
    assert [(one["id"], one["verdict"], one["of"]) for one in verdicts] == [
        ("m0", "new", None),
        ("m1", "new", None),
        ("m2", "possible", "m0"),
    ]
    assert "ms CPU a message" in done.stdout


def test_a_message_is_timed_among_few_and_many_tickets_side_by_side() -> None:
    done = run("benchmarks.scale", "--tickets", "300", "--messages", "10", "--runs", "1")
    assert done.returncode == 0, done.stderr
    assert "large: {'tickets': 300," in done.stdout
    rows = dict(line.split(":", 1) for line in done.stdout.splitlines() if line.startswith("large, "))
    assert rows["large, without the search for repeats"].endswith("at most 0 candidates")
    for case in ("large, repeats join, suggest = false", "large, repeats join and are suggested"):
        assert re.search(r" [1-9]\d* repeat, [1-9]\d* ticket;.*; at most (1\d\d|200) candidates$", rows[case]), rows[case]


def test_the_summary_of_a_desk_with_many_clients_is_timed_as_a_process() -> None:
    done = run("benchmarks.report", "--tickets", "400", "--clients", "20", "--runs", "1")
    assert done.returncode == 0, done.stderr
    rows = {line[:24].strip(): line[24:].split() for line in done.stdout.splitlines()}
    for command in ("summary", "summary of a client", "client show"):
        seconds, peak, *wrong = map(str, rows[command])
        assert (float(seconds) > 0, float(peak) > 0, wrong) == (True, True, [])
