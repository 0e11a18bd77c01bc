"""Everything can be taken away, as files that any program reads."""

import json
import tracemalloc
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert, select, update

from mailbot.app import App
from mailbot.edge.db import clients, journal, tables, tickets
from mailbot.edge.db.clients import ClientRecord
from mailbot.errors import PermanentError
from mailbot.export import export
from tests.conftest import Studio
from tests.duties.mails import mail, mail_with_file


@pytest.fixture
def app(any_studio: Studio) -> App:
    return any_studio.open()


def lines(folder: Path, name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (folder / f"{name}.jsonl").read_text("utf-8").splitlines()]


def add_act(app: App, studio: Studio) -> None:
    with app.desk.database.writing() as transaction:
        row = {"year": 2026, "number": 7, "client_id": 1, "period": "2026-10", "edition": 1, "total": "120.50", "content": {"день": 1}}
        row |= {"html": journal.pack(b"<p>act</p>"), "pdf": b"%PDF", "made_at": studio.clock(), "made_by": "boss"}
        transaction.execute(insert(tables.act), row)


def test_all_of_a_desk_is_there(any_studio: Studio, app: App) -> None:
    with app.desk.database.writing() as transaction:
        clients.save(transaction, ClientRecord("Розы", contacts=["anna@rose.example"]), any_studio.clock())
    originals = [mail(1), mail_with_file(bytes(range(256)) * 2000, number=2), mail(3)]
    any_studio.take_in(app, *originals)
    add_act(app, any_studio)
    with app.desk.database.writing() as transaction:
        tickets.add_work(transaction, 1, 40, any_studio.clock().date(), "boss", any_studio.clock(), "mended")
        transaction.execute(update(tables.journal).where(tables.journal.c.id == 3).values(octets=journal.GONE))
    folder = any_studio.folder / "all" / "of it"
    counts = export(app.desk, folder)
    names = {one.name for one in folder.glob("*.jsonl")}
    assert names == {f"{one}.jsonl" for one in tables.metadata.tables if one not in ("alarm", "learned", "mailbox", "setting")}
    with app.desk.database.reading() as transaction:
        for table in tables.metadata.tables.values():
            if f"{table.name}.jsonl" in names:
                assert len(lines(folder, table.name)) == len(transaction.execute(select(table)).all()) == counts[table.name]
    assert [one["number"] for one in lines(folder, "ticket")] == [1, 2, 3]
    assert lines(folder, "client")[0]["name"] == "Розы"
    assert lines(folder, "work")[0]["day"] == any_studio.clock().date().isoformat()
    assert lines(folder, "journal")[0]["received_at"].endswith("+00:00")
    assert lines(folder, "act")[0]["content"] == {"день": 1}
    assert "party" not in lines(folder, "message")[0]
    came = sorted((folder / "mail").rglob("*.eml"))
    assert [str(one.relative_to(folder)) for one in came] == ["mail/0000/00000001.eml", "mail/0000/00000002.eml"]
    assert [one.read_bytes() for one in came] == originals[:2]
    assert len(list((folder / "sent").rglob("*.eml"))) == len(any_studio.outbox(app)) == counts["sent"]
    assert ((folder / "acts" / "2026-7.html").read_bytes(), (folder / "acts" / "2026-7.pdf").read_bytes()) == (b"<p>act</p>", b"%PDF")
    assert json.loads((folder / "export.json").read_text())["counts"] == counts
    assert {one.stat().st_mode & 0o777 for one in folder.rglob("*") if one.is_file()} == {0o600}


def test_the_same_desk_gives_the_same_files(studio: Studio) -> None:
    app = studio.open()
    studio.take_in(app, mail(1), mail(2))
    for name in ("one", "two"):
        export(app.desk, studio.folder / name)
    one, two = (
        {file.relative_to(folder): file.read_bytes() for file in folder.rglob("*.*")}
        for folder in (studio.folder / "one", studio.folder / "two")
    )
    assert one == two


def test_a_folder_with_something_in_it_is_left_alone(studio: Studio) -> None:
    app = studio.open()
    with pytest.raises(PermanentError, match="not empty"):
        export(app.desk, studio.folder)
    assert not list(studio.folder.glob("*.jsonl"))


def test_memory_does_not_grow_with_the_desk(any_studio: Studio, app: App) -> None:
    with app.desk.database.writing() as transaction:
        at = any_studio.clock()
        row = {"mailbox": "m", "uidvalidity": 0, "sha256": "0" * 64, "size": 1, "imported": True, "outcome": "machine", "attempts": 0}
        row |= {"received_at": at, "journalled_at": at, "octets": journal.pack(b"x"), "because": ["x" * 20_000]}
        for start in range(0, 2000, 100):
            transaction.execute(insert(tables.journal), [row | {"uid": str(start + number)} for number in range(100)])
    tracemalloc.start()
    try:
        counts = export(app.desk, any_studio.folder / "all")
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert counts["journal"] == 2000
    assert (any_studio.folder / "all" / "journal.jsonl").stat().st_size > 40_000_000
    assert peak < 15_000_000


def test_the_command_tells_what_it_wrote_and_what_is_lost(studio: Studio) -> None:
    app = studio.open()
    studio.take_in(app, mail(1), mail_with_file(b"\1" * 300_000, number=2))
    ran = studio.run("export", "all")
    assert (ran.returncode, ran.stderr) == (0, "")
    assert ran.stdout == "all: 2 tickets, 2 messages, 4 mails of the outbox, 0 acts\n"
    for blob in studio.folder.glob("blobs/*/*"):
        blob.unlink()
    ran = studio.run("export", "again")
    assert (ran.returncode, ran.stderr) == (1, "NOT in it: 1 large messages that the blob store lacks\n")
