"""Coverage-guided fuzzing of parse → screen → visible reply (`make fuzz`): what raises, takes longer than five seconds or breaks `check`.

Not collected by pytest: it runs as long as it is told to (libFuzzer's options: `-max_total_time=600`), from the odd mails of the tests.
What it finds becomes an .eml of its own there.
"""

import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import atheris

with atheris.instrument_imports(include=["mailbot"]):
    import mailbot.core.mail.screen
    import mailbot.edge.parse  # noqa: F401

from tests.parse.test_mails import check

TESTS = Path(__file__).parent.parent
OPTIONS = ("-timeout=5", "-rss_limit_mb=2048", "-max_len=20000", "-print_final_stats=1")


def understand(octets: bytes) -> None:
    """One input."""
    check(octets)


def main() -> None:
    """Fuzz from a corpus folder of its own, seeded with the tests' mails."""
    with TemporaryDirectory(prefix="mailbot-fuzz-") as corpus:
        for path in TESTS.rglob("*.eml"):
            (Path(corpus) / path.name).write_bytes(path.read_bytes())
        atheris.Setup([sys.argv[0], corpus, *OPTIONS, *sys.argv[1:]], understand)
        atheris.Fuzz()


if __name__ == "__main__":
    main()
