"""A year of weekly summaries by two daemons that are looked at, stopped and started at random: each week once, none missed."""

import random
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import insert, select

from mailbot.core.report.week import Week
from mailbot.edge.db import clients, tables
from mailbot.weekly import send_owed
from tests.conftest import Studio

BOSS, ANN, ANNA = "boss@studio.example", "ann@studio.example", "anna@rose.example"
INSTALLED = datetime(2026, 1, 7, 12, 0, tzinfo=UTC)  # a Wednesday
DAYS = {"sqlite": 371, "postgresql": 42}
SUMMARIES = {"sqlite": 52, "postgresql": 5}


def looks(chance: random.Random, days: int) -> Iterator[datetime]:
    """When a daemon looks at what is owed: some times on a day, at any second; now and then it is stopped, for up to three weeks."""
    day = 0
    while day < days:
        if chance.random() < 0.08:
            day += chance.randint(1, 21)
            continue
        for _ in range(chance.randint(0, 4)):
            yield INSTALLED + timedelta(days=day, seconds=chance.randrange(86400))
        day += 1
    yield INSTALLED + timedelta(days=days)


@pytest.mark.parametrize("zone", ["Europe/Berlin", "Asia/Tokyo"])
@pytest.mark.parametrize("seed", [1, 2])
def test_a_year_has_one_summary_for_each_week_and_recipient(any_studio: Studio, zone: str, seed: int) -> None:
    chance, timezone = random.Random(f"{zone} {seed}"), ZoneInfo(zone)
    # 02:30 is the hour that Berlin leaves out in March and has twice in October; both are Sundays, when it is due for the week before.
    any_studio.configure(desk={"timezone": zone}, summary={"day": "sunday", "at": "02:30", "recipients": [BOSS, ANN], "clients": True})
    any_studio.clock.now = INSTALLED
    daemons = [any_studio.open() for _ in range(2)]
    kind = "sqlite" if daemons[0].desk.database.is_sqlite else "postgresql"
    schedule, days = daemons[0].schedule, DAYS[kind]
    with daemons[0].desk.database.writing() as transaction:
        clients.save(transaction, clients.ClientRecord("Rose Shop", contacts=[ANNA]), INSTALLED)
        usual = {"status": "open", "client_id": 1, "requester": ANNA, "requester_name": "", "answer_to": ANNA, "language": "en"}
        usual |= {"subject": "a request", "coverage": "none", "urgent": False, "repeats": 0, "opened_at": INSTALLED}
        transaction.execute(insert(tables.ticket).values(usual))
    send_owed(daemons[0].desk, schedule)
    moments = sorted(moment for _ in daemons for moment in looks(chance, days))
    late = 0
    for moment in moments:
        any_studio.clock.now = moment
        late += send_owed(chance.choice(daemons).desk, schedule) > 3
    with daemons[0].desk.database.reading() as transaction:
        rows = transaction.execute(
            select(tables.weekly.c.week, tables.weekly.c.recipient, tables.outbox.c.created_at).join(
                tables.outbox, tables.outbox.c.id == tables.weekly.c.outbox_id
            )
        ).all()
    first = Week.of(INSTALLED.astimezone(timezone).date())
    due = [first.plus(number) for number in range(days) if schedule.due_at(first.plus(number)) <= moments[-1]]
    assert len(due) == SUMMARIES[kind]
    assert Counter((row.week, row.recipient) for row in rows) == Counter((str(week), to) for week in due for to in (BOSS, ANN, ANNA))
    assert len(any_studio.outbox(daemons[0], "summary")) == len(rows)
    for row in rows:
        owed_since = schedule.due_at(Week.parse(row.week))
        # At the first look after its time: never before, and not a look later.
        assert row.created_at == next(moment for moment in moments if moment >= owed_since)
    if kind == "sqlite":
        assert late, "the daemons were stopped for longer than a week at least once"
