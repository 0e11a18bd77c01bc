"""Export: everything that a studio would want to take away, as files that any program reads.

tickets, messages, work, clients, consents, acts, journal…   TABLE.jsonl, a JSON object a line, in the order of the key
messages as they came                                        mail/0000/00000012.eml, by journal id
mails as they were composed                                  sent/0000/00000034.eml, by outbox id
acts                                                         acts/2026-7.html and .pdf
"""

import json
from collections.abc import Callable, Iterable, Iterator
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from sqlalchemy import Connection

from mailbot import __version__
from mailbot.desk import Desk
from mailbot.edge.db import taking_away
from mailbot.edge.db.journal import unpack
from mailbot.edge.new_folder import NewFolder
from mailbot.errors import PermanentError


def export(desk: Desk, folder: Path, on_file: Callable[[], None] = lambda: None) -> dict[str, int]:
    """Write everything, as it is at one moment, into a new folder; returns how many of what. Memory does not grow with the desk.

    `missing` counts large messages that the blob store lacks. Raises PermanentError when there is something in the folder.
    """
    target = NewFolder(folder)
    counts: dict[str, int] = {}
    with desk.database.reading() as transaction:
        taking_away.one_moment(transaction)
        for table in taking_away.TABLES:
            lines = _counted(counts, table.name, taking_away.rows(transaction, table))
            target.write(f"{table.name}.jsonl", map(_line, lines))
            on_file()
        counts |= {"mail": 0, "sent": 0, "missing": 0}
        _write_messages(transaction, desk, target, counts, on_file)
        for number, packed in taking_away.mails(transaction):
            target.write(f"sent/{_place(number)}", [unpack(packed)])
            counts["sent"] += 1
            on_file()
        for year, number, html, pdf in taking_away.papers(transaction):
            target.write(f"acts/{year}-{number}.html", [unpack(html)])
            if pdf is not None:
                target.write(f"acts/{year}-{number}.pdf", [pdf])
    # Last: a folder that has it is whole.
    about = {"mailbot": __version__, "at": desk.clock(), "desk": desk.policy.address, "counts": counts}
    target.write("export.json", [_line(about)])
    return counts


def _write_messages(transaction: Connection, desk: Desk, target: NewFolder, counts: dict[str, int], on_file: Callable[[], None]) -> None:
    for entry, packed, digest in taking_away.messages(transaction):
        try:
            octets = desk.blobs.get(digest) if packed is None else unpack(packed)
        except PermanentError:
            counts["missing"] += 1
            continue
        target.write(f"mail/{_place(entry)}", [octets])
        counts["mail"] += 1
        on_file()


def _place(number: int) -> str:
    """A thousand files a folder."""
    return f"{number // 1000:04}/{number:08}.eml"


def _counted(counts: dict[str, int], name: str, rows: Iterable[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    counts[name] = 0
    for row in rows:
        counts[name] += 1
        yield row


def _line(value: dict[str, Any]) -> bytes:
    return json.dumps(value, ensure_ascii=False, default=_plain).encode("utf-8", "replace") + b"\n"


def _plain(value: Any) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, date | Decimal):
        return str(value)
    raise TypeError(type(value).__name__)
