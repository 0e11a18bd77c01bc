"""What it costs to understand a message: mailbot's parse, visible reply, language and screening beside mail-parser alone.

`python -m benchmarks.parse --corpus DIR` reads a folder of .eml into memory and takes turns: one pass over all messages with mail-parser
(attachments decoded, as any caller must), one with mailbot. CPU seconds of this process; the ratio of each pair is what counts.
"""

import argparse
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from benchmarks.ingest import machine, read_with_mailparser
from mailbot.core.mail.screen import screen
from mailbot.edge.parse import parse


def understand(octets: bytes) -> object:
    """All that intake learns from the octets alone."""
    return screen(parse(octets))


def spent(read: Callable[[bytes], object], messages: Sequence[bytes]) -> float:
    """CPU seconds of one pass."""
    begin = time.process_time()
    for octets in messages:
        read(octets)
    return time.process_time() - begin


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.parse", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--corpus", type=Path, required=True, metavar="DIR", help="a folder of .eml")
    parser.add_argument("--runs", type=int, default=5, help="how many pairs of passes; medians are printed")
    given = parser.parse_args()
    messages = [path.read_bytes() for path in sorted(given.corpus.rglob("*.eml"))]
    if not messages:
        sys.exit(f"{given.corpus}: no .eml there")
    for read in (read_with_mailparser, understand):  # libraries and models are loaded before the clock starts
        spent(read, messages[:50])
    pairs = [(spent(read_with_mailparser, messages), spent(understand, messages)) for _ in range(given.runs)]
    ratios = [ours / theirs for theirs, ours in pairs]
    print(f"{len(messages)} messages, {sum(map(len, messages)) / 1e6:.1f} MB, {given.runs} pairs\n{machine()}\n")
    for name, column in (("mail-parser alone", 0), ("mailbot: parse, visible reply, language, screen", 1)):
        print(f"{name:50} {statistics.median(pair[column] for pair in pairs) / len(messages) * 1000:7.3f} ms CPU a message")
    print(f"{'mailbot / mail-parser':50} {statistics.median(ratios):7.2f}   ({min(ratios):.2f} to {max(ratios):.2f})")


if __name__ == "__main__":
    main()
