"""What `make audit` makes of a report."""

import pytest

from tests.audit import judged

CLEAN = {"name": "roses", "version": "1.0", "vulns": []}
MENDED = {"name": "tulips", "version": "1.0", "vulns": [{"id": "X-1", "fix_versions": ["1.1", "2.0"]}]}
OPEN = {"name": "irises", "version": "1.0", "vulns": [{"id": "X-2", "fix_versions": []}]}
UNKNOWN = {"name": "mailbot", "skip_reason": "not found"}


@pytest.mark.parametrize(
    ("report", "status", "says"),
    [
        ([CLEAN, UNKNOWN], 0, ["audit: 1 libraries looked at, 1 that the service does not know"]),
        ([MENDED], 1, ["audit: tulips 1.0: X-1; install 1.1 or 2.0"]),
        ([OPEN], 0, ["audit: irises 1.0: X-2; no version mends it yet"]),
        ([MENDED, OPEN], 1, ["audit: tulips 1.0: X-1; install 1.1 or 2.0", "audit: irises 1.0: X-2; no version mends it yet"]),
    ],
    ids=["nothing known", "a newer version mends it", "nothing mends it yet", "both"],
)
def test_only_what_can_be_mended_fails(report: list[dict[str, object]], status: int, says: list[str]) -> None:
    lines, ended = judged(report)
    assert ended == status
    assert lines[: len(says)] == says
