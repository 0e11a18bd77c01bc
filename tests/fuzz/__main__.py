"""Fuzz all targets one after another, each for its share of the time, or a single one: `python -m tests.fuzz --seconds 600 [TARGET]`.

A target is a module with `understand`, which raises for what must not be, and with `SEEDS`, the inputs to begin from, and `WORDS` to mix in. Not collected by
pytest, and the targets do not need Atheris, so that the finds can be tests.
"""

import argparse
import subprocess
import sys
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory

TARGETS = ("messages", "imap", "configuration", "keys")
OPTIONS = ("-timeout=5", "-rss_limit_mb=2048", "-max_len=20000", "-print_final_stats=1")


def fuzz(name: str, seconds: int) -> None:
    """Fuzz one target in this process, which libFuzzer ends."""
    import atheris

    with atheris.instrument_imports(include=["mailbot", "imapclient", "imaplib", "tomllib"]):
        target = import_module(f"tests.fuzz.{name}")
    with TemporaryDirectory(prefix="mailbot-fuzz-") as folder:
        corpus, words = Path(folder) / "corpus", Path(folder) / "words"
        corpus.mkdir()
        for number, octets in enumerate(target.SEEDS):
            (corpus / str(number)).write_bytes(octets)
        words.write_text("".join(f'"{_escaped(word)}"\n' for word in target.WORDS))
        atheris.Setup([name, str(corpus), *OPTIONS, f"-dict={words}", f"-max_total_time={seconds}"], target.understand)
        atheris.Fuzz()


def _escaped(word: bytes) -> str:
    """As libFuzzer's dictionaries have it."""
    return "".join(f"\\x{octet:02x}" for octet in word)


def main() -> int:
    """Each target in a process of its own: libFuzzer ends the one that it works in."""
    options = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    options.add_argument("--seconds", type=int, default=600, help="in all (600)")
    options.add_argument("target", nargs="?", choices=TARGETS, help="one alone")
    given = options.parse_args()
    if given.target:
        fuzz(given.target, given.seconds)
    share = max(given.seconds // len(TARGETS), 1)
    runs = [subprocess.run([sys.executable, "-m", "tests.fuzz", "--seconds", str(share), name], check=False) for name in TARGETS]
    return max(run.returncode != 0 for run in runs)


if __name__ == "__main__":
    sys.exit(main())
