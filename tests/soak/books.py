"""What must hold after a soak: the books, and what the daemon took of the machine."""

import os
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from sqlalchemy import func, select

from mailbot.app import App
from mailbot.audit import audit
from mailbot.edge.db import tables
from tests.conftest import Studio
from tests.soak.writers import Writers, client

GROWTH = 1.10  # of the last quarter over the second


def journalled(app: App) -> int:
    """How many messages the journal has whose outcome is known."""
    with app.desk.database.reading() as transaction:
        return transaction.scalar(select(func.count()).where(tables.journal.c.outcome != "pending")) or 0


def books(studio: Studio, app: App, writers: Writers) -> Iterator[tuple[str, list[str]]]:
    """What must hold, each with what contradicts it."""
    journal = studio.journal(app)
    became: dict[str, list[str]] = {}
    for row in journal:
        became.setdefault(row["sha256"], []).append(row["outcome"])
    differing = [f"{became.get(one)} instead of {wanted}" for one, wanted in writers.outcomes.items() if became.get(one) != wanted]
    yield f"each of {writers.written} mails is journalled once, and has become what it must", differing
    yield "nothing else is in the journal", [one for one in became if one not in writers.outcomes]
    with app.desk.database.reading() as transaction:
        requesters = Counter(transaction.scalars(select(tables.ticket.c.requester)).all())
        minutes = transaction.scalar(select(func.coalesce(func.sum(tables.work.c.minutes), 0)))
        mails = transaction.execute(select(tables.outbox)).all()
    wanted = Counter(client(number) for number in range(1, writers.requests + 1))
    yield f"each of {writers.requests} requests is one ticket", sorted((requesters - wanted) + (wanted - requesters))
    acknowledged = Counter(one.to_addr for one in mails if one.kind == "acknowledgement")
    yield "and is acknowledged once", sorted((acknowledged - wanted) + (wanted - acknowledged))
    yield f"{writers.minutes} minutes of work are entered", [] if minutes == writers.minutes else [f"{minutes} are"]
    known = {one.message_id: one for one in mails}
    yield "nothing went out that is not in the outbox", [one for one in writers.went if one not in known]
    automatic = [one for one in mails if one.automatic]
    yield f"none of {len(automatic)} automatic mails went out twice", [one.kind for one in automatic if writers.went[one.message_id] > 1]
    failed = sum(one.state == "failed" for one in automatic)
    lost = [f"{one.kind}: {one.state}" for one in automatic if not writers.went[one.message_id] and one.state != "failed"]
    yield f"each of them went out, or its failure stands in the outbox, as of {failed}", lost
    others = [one for one in mails if not one.automatic]
    unsent = [f"{one.kind}: {one.error}" for one in others if not writers.went[one.message_id]]
    yield f"each of {len(others)} mails of people went out", unsent
    gaps = audit(app.desk, app.mailboxes())
    yield "the audit is complete", [] if gaps.complete else [str(gaps)]
    logs = [one.name for one in studio.folder.glob("log-*") if "Traceback" in one.read_text()]
    yield "nothing unforeseen is in a log", logs


@dataclass(frozen=True)
class Sample:
    """What the daemon takes, so many seconds after the start: memory in KiB, open descriptors."""

    at: float
    memory: int
    descriptors: int


def sample(pid: int, at: float) -> Sample:
    """From proc(5)."""
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return Sample(at, pages * os.sysconf("SC_PAGE_SIZE") // 1024, len(list(Path(f"/proc/{pid}/fd").iterdir())))


def growth(samples: list[Sample], seconds: float) -> Iterator[tuple[str, list[str]]]:
    """The last quarter beside the second one, in which no kill fell."""
    quarters = [[one for one in samples if quarter <= one.at * 4 / seconds < quarter + 1] for quarter in range(4)]
    for what in ("memory", "descriptors"):
        medians = [int(median(getattr(one, what) for one in quarter)) for quarter in quarters]
        most = max(getattr(one, what) for one in samples)
        unit = " KiB" if what == "memory" else ""
        told = f"{what}, medians of the quarters: {', '.join(map(str, medians))}{unit}; at most {most}{unit}"
        yield told, [] if medians[3] <= medians[1] * GROWTH else [f"{medians[3] / medians[1] - 1:.0%} more"]
