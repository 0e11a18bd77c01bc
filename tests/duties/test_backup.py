"""A backup is of one moment, holds up nobody, and gives the same desk back somewhere else."""

import resource
import shutil
import subprocess
import threading
from pathlib import Path
from typing import Any

import pytest

from mailbot.app import App
from mailbot.audit import audit
from tests import servers
from tests.conftest import SECRET, Clock, Studio, make_studio
from tests.duties.mails import mail, mail_with_file


@pytest.fixture
def other(tmp_path: Path, request: pytest.FixtureRequest, any_studio: Studio) -> Any:
    """Another place, with an empty database of the same kind and the same mailbox."""
    folder = tmp_path / "other"
    folder.mkdir()
    is_sqlite = any_studio.database.startswith("sqlite")
    with _database(request, is_sqlite) as url:
        made = make_studio(folder, url, Clock())
        shutil.rmtree(folder / "in")
        (folder / "in").symlink_to(any_studio.folder / "in")
        (folder / "secret").unlink()
        yield made
        made.close()


def _database(request: pytest.FixtureRequest, is_sqlite: bool) -> Any:
    import contextlib

    return contextlib.nullcontext("sqlite:///mailbot.db") if is_sqlite else request.getfixturevalue("postgres").new()


def octets(app: App, rows: list[dict[str, Any]]) -> list[bytes | None]:
    with app.desk.database.reading() as transaction:
        return [app.desk.octets(transaction, one["id"]) for one in rows]


def test_a_backup_taken_while_somebody_writes_is_restored_elsewhere(any_studio: Studio, other: Studio) -> None:
    if not any_studio.database.startswith("sqlite") and not shutil.which("pg_dump"):
        servers.missing("pg_dump")
    app = any_studio.open()
    any_studio.take_in(app, *(mail_with_file(bytes([number]) * 300_000, number=f"large-{number}") for number in range(3)))
    stop, written = threading.Event(), []

    def write() -> None:
        mine = any_studio.open()
        while not stop.is_set():
            any_studio.take_in(mine, mail(f"more-{len(written)}", text=f"Request {len(written)} of its own kind: {'x' * len(written)}."))
            written.append(1)

    writer = threading.Thread(target=write)
    writer.start()
    try:
        for attempt in range(20):  # a write came to its end while the backup was made: nobody waited for it
            before = len(written)
            file = any_studio.folder / f"{attempt}.tar.zst"
            made = any_studio.run("backup", str(file))
            assert made.returncode == 0, made.stderr
            if len(written) > before:
                break
        else:
            pytest.fail("writers waited for the backup")
    finally:
        stop.set()
        writer.join()
    assert file.stat().st_mode & 0o777 == 0o600
    assert not list(any_studio.folder.glob(".*"))

    restored = other.run("restore", str(file))
    assert restored.returncode == 0, restored.stderr
    assert "3 large messages" in restored.stdout
    assert (other.folder / "secret").read_text().strip() == SECRET
    assert (other.folder / "secret").stat().st_mode & 0o777 == 0o600
    there = other.open()
    rows = other.journal(there)
    assert 3 <= len(rows) <= len(any_studio.journal(app))
    live = any_studio.journal(app)
    assert [one["sha256"] for one in rows] == [one["sha256"] for one in live[: len(rows)]]
    decided = [one for one in rows if one["outcome"] != "pending"]  # the last may have been fetched and not yet taken in
    assert decided == live[: len(decided)]
    tickets = other.tickets(there)
    assert tickets == any_studio.tickets(app)[: len(tickets)]
    assert octets(there, rows) == octets(app, rows)
    missing = audit(there.desk, there.mailboxes()).mailboxes[0].missing
    assert len(missing) == len(any_studio.journal(app)) - len(rows)  # what came after the backup, and no more


def test_nothing_that_is_there_is_overwritten(studio: Studio, tmp_path: Path) -> None:
    app = studio.open()
    studio.take_in(app, mail_with_file(b"\1" * 300_000))
    file = studio.folder / "backup.tar.zst"
    assert studio.run("backup", str(file)).returncode == 0
    before = file.read_bytes()
    for words, said in (
        (("backup", str(file)), "exists already"),
        (("restore", str(file)), "mailbot.db: exists already"),
    ):
        ran = studio.run(*words)
        assert (ran.returncode, said in ran.stderr) == (1, True), ran.stderr
    assert file.read_bytes() == before
    app.desk.database.close()
    (studio.folder / "mailbot.db").rename(tmp_path / "away.db")
    assert "large messages is not empty" in studio.run("restore", str(file)).stderr
    shutil.rmtree(studio.folder / "blobs")
    (studio.folder / "secret").write_text("another secret, which is long enough")
    assert "another secret is there already" in studio.run("restore", str(file)).stderr
    assert not (studio.folder / "mailbot.db").exists()


@pytest.mark.parametrize("content", [b"", b"no archive", None], ids=["empty", "something else", "cut off"])
def test_what_is_no_whole_backup_makes_no_database(studio: Studio, content: bytes | None) -> None:
    app = studio.open()
    studio.take_in(app, mail_with_file(bytes(range(256)) * 2000))
    file = studio.folder / "backup.tar.zst"
    assert studio.run("backup", str(file)).returncode == 0
    file.write_bytes(file.read_bytes()[:-5000] if content is None else content)
    app.desk.database.close()
    for one in studio.folder.glob("mailbot.db*"):
        one.unlink()
    shutil.rmtree(studio.folder / "blobs")
    ran = studio.run("restore", str(file))
    assert (ran.returncode, "is no backup of mailbot" in ran.stderr) == (1, True), ran.stderr
    assert not (studio.folder / "mailbot.db").exists()


def test_a_large_message_that_is_lost_is_told_and_the_rest_is_saved(studio: Studio) -> None:
    app = studio.open()
    studio.take_in(app, mail_with_file(b"\1" * 300_000), mail(2))
    shutil.rmtree(studio.folder / "blobs")
    ran = studio.run("backup", "backup.tar.zst")
    assert (ran.returncode, "NOT in it: 1 large messages" in ran.stdout) == (1, True)
    assert (studio.folder / "backup.tar.zst").exists()


def test_without_pg_dump_one_line_says_how_to_get_it(tmp_path: Path, postgres_url: str) -> None:
    made = make_studio(tmp_path, postgres_url, Clock())
    made.open()
    ran = made.run("backup", "backup.tar.zst", PATH=str(tmp_path))
    assert ran.stderr == "mailbot: pg_dump is not installed; apt-get install postgresql-client\n"
    assert not list(tmp_path.glob("*.zst"))
    made.close()


def test_no_password_stands_on_the_command_line_of_postgresqls_programs(tmp_path: Path, postgres_url: str) -> None:
    made = make_studio(tmp_path, postgres_url.replace("mailbot@", "mailbot:s3cret@"), Clock())
    made.open()
    shown = tmp_path / "pg_dump"  # shows what everybody sees in a list of processes
    shown.write_text('#!/bin/sh\necho "$*" >&2\n[ "$PGPASSWORD" = s3cret ] && exit 3\n')
    shown.chmod(0o700)
    ran = made.run("backup", "backup.tar.zst", PATH=f"{tmp_path}:/usr/bin:/bin")
    assert "--dbname=postgresql://mailbot@" in ran.stderr
    assert "s3cret" not in ran.stderr
    made.close()


@pytest.mark.parametrize("ending", ["-wal", "-journal"])
def test_a_log_that_was_left_of_another_database_is_not_put_into_the_restored_one(studio: Studio, ending: str) -> None:
    app = studio.open()
    studio.take_in(app, mail(1))
    assert studio.run("backup", "backup.tar.zst").returncode == 0
    app.desk.database.close()
    for one in studio.folder.glob("mailbot.db*"):
        one.unlink()
    (studio.folder / f"mailbot.db{ending}").write_bytes(b"what a crash has left")
    ran = studio.run("restore", "backup.tar.zst")
    assert (ran.returncode, f"mailbot.db{ending}: exists already" in ran.stderr) == (1, True), ran.stderr
    assert not (studio.folder / "mailbot.db").exists()


def test_a_disk_that_takes_no_copy_is_told_in_a_line(studio: Studio) -> None:
    app = studio.open()
    studio.take_in(app, *(mail(number, text="".join(map(str, range(number, 5000 + number)))) for number in range(20)))

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))

    command = studio.command("backup", str(studio.folder / "backup.tar.zst"))
    ran = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False, preexec_fn=limit)
    (line,) = ran.stderr.splitlines()
    assert ran.returncode == 1
    assert "mailbot.db: cannot be copied" in line
    assert not list(studio.folder.glob("*.zst")) and not list(studio.folder.glob(".*"))


def test_restoring_shows_no_password_that_stands_in_the_url(tmp_path: Path, postgres: servers.Postgres) -> None:
    if not shutil.which("pg_restore"):
        servers.missing("pg_restore")
    with postgres.new() as first, postgres.new() as second:
        made = make_studio(tmp_path, f"{first}&password=s3cret", Clock())
        made.open()
        backup = made.run("backup", "backup.tar.zst")
        assert (backup.returncode, "s3cret" in backup.stdout + backup.stderr) == (0, False)
        made.close()
        made.configure(database={"url": f"{second}&password=s3cret"})
        restored = made.run("restore", "backup.tar.zst")
        assert restored.returncode == 0, restored.stderr
        assert "restored as of" in restored.stdout
        assert "s3cret" not in restored.stdout + restored.stderr
