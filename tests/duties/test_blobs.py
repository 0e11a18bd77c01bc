"""Large octets, in a folder and in S3: the same promises on both; and what only S3 can do wrong, against a server on loopback."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path

import boto3
import pytest
import requests
from moto.server import ThreadedMotoServer

from mailbot.desk import BlobStore
from mailbot.edge.blobs import Blobs
from mailbot.edge.s3 import Place, S3Blobs
from mailbot.errors import ConfigError, PermanentError, TransientError
from tests.conftest import Studio
from tests.servers import free_port

OCTETS = bytes(range(256)) * 2000
DIGEST = sha256(OCTETS).hexdigest()


@pytest.fixture(scope="module")
def endpoint() -> Iterator[str]:
    """An S3 server with the bucket `mail`."""
    server = ThreadedMotoServer(port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def s3(endpoint: str) -> S3Blobs:
    """An empty store in that bucket."""
    requests.post(f"{endpoint}/moto-api/reset", timeout=10)
    made = S3Blobs(Place("mail", "desk/", endpoint.replace("0.0.0.0", "127.0.0.1"), "us-east-1", "key", "secret-key"))  # noqa: S104
    client(made).create_bucket(Bucket="mail")
    return made


def client(store: S3Blobs) -> "boto3.session.Session.client":
    """Another program's way to the same server."""
    return boto3.client(
        "s3", endpoint_url=store.place.endpoint_url, region_name="us-east-1", aws_access_key_id="key", aws_secret_access_key="secret-key"
    )


@pytest.fixture(params=["folder", "s3"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> BlobStore:
    """An empty store of either kind."""
    return Blobs(tmp_path / "blobs") if request.param == "folder" else request.getfixturevalue("s3")


def test_what_was_stored_is_given_back_also_to_another_process(store: BlobStore) -> None:
    assert not store.has(DIGEST)
    store.put(DIGEST, OCTETS)
    assert store.has(DIGEST)
    assert store.get(DIGEST) == OCTETS
    again = Blobs(store.folder) if isinstance(store, Blobs) else S3Blobs(store.place)  # type: ignore[attr-defined]
    assert again.get(DIGEST) == OCTETS


def test_storing_again_changes_nothing(store: BlobStore) -> None:
    for _ in range(2):
        store.put(DIGEST, OCTETS)
    assert store.get(DIGEST) == OCTETS


def test_octets_that_are_not_there_are_one_line_that_says_what_to_do(store: BlobStore) -> None:
    store.put(DIGEST, OCTETS)
    other = sha256(b"other").hexdigest()
    with pytest.raises(PermanentError, match=rf"^blob store [^\n]+: {other} is missing; restore it from a backup, then `mailbot replay`$"):
        store.get(other)


def test_octets_lie_below_the_prefix_by_their_digest(s3: S3Blobs) -> None:
    s3.put(DIGEST, OCTETS)
    assert [one["Key"] for one in client(s3).list_objects_v2(Bucket="mail")["Contents"]] == [f"desk/{DIGEST[:2]}/{DIGEST}"]


def test_octets_that_changed_are_not_given_out(s3: S3Blobs) -> None:
    s3.put(DIGEST, OCTETS)
    client(s3).put_object(Bucket="mail", Key=f"desk/{DIGEST[:2]}/{DIGEST}", Body=OCTETS[:-1] + b"x")
    with pytest.raises(PermanentError, match=r"is damaged; restore it from a backup"):
        s3.get(DIGEST)
    s3.put(DIGEST, OCTETS)
    assert s3.get(DIGEST) == OCTETS


def test_what_a_crash_has_left_of_octets_goes_with_them(tmp_path: Path) -> None:
    store = Blobs(tmp_path / "blobs")
    store.put(DIGEST, OCTETS)
    (tmp_path / "blobs" / DIGEST[:2] / f"{DIGEST}.4711.tmp").write_bytes(OCTETS[:100])
    (tmp_path / "blobs" / DIGEST[:2] / f"{DIGEST[:2]}{'0' * 62}").write_bytes(b"another one's")
    assert (store.drop(DIGEST), store.drop(DIGEST)) == (True, False)
    assert [one.read_bytes() for one in (tmp_path / "blobs").glob("*/*")] == [b"another one's"]


def test_octets_are_dropped_once_and_the_old_ones_are_found(s3: S3Blobs) -> None:
    s3.put(DIGEST, OCTETS)
    client(s3).put_object(Bucket="mail", Key=f"elsewhere/{DIGEST}", Body=b"")
    now = datetime.now(UTC)
    assert list(s3.older_than(now - timedelta(hours=1))) == []
    assert list(s3.older_than(now + timedelta(hours=1))) == [DIGEST]
    assert (s3.drop(DIGEST), s3.drop(DIGEST)) == (True, False)


WRONG = {
    "a bucket that is not there": ({"bucket": "nowhere"}, ConfigError, r"NoSuchBucket; make the bucket, or mend \[storage\] blobs"),
    "a server that is away": ({"endpoint_url": "http://127.0.0.1:1"}, TransientError, r"EndpointConnectionError; will try again"),
}


@pytest.mark.parametrize(("change", "kind", "says"), WRONG.values(), ids=WRONG.keys())
@pytest.mark.parametrize("act", ["put", "get", "has", "drop", "older than"])
def test_what_is_wrong_with_the_store_is_one_line(s3: S3Blobs, act: str, change: dict[str, str], kind: type[Exception], says: str) -> None:
    wrong = S3Blobs(replace(s3.place, **change))  # type: ignore[arg-type]
    works = {
        "put": lambda: wrong.put(DIGEST, OCTETS),
        "has": lambda: wrong.has(DIGEST),
        "get": lambda: wrong.get(DIGEST),
        "drop": lambda: wrong.drop(DIGEST),
        "older than": lambda: list(wrong.older_than(datetime.now(UTC))),
    }
    if act in ("has", "drop") and kind is ConfigError:
        assert works[act]() is False  # an answer to HEAD has no body, so a missing bucket looks like a missing object
        return
    with pytest.raises(kind, match=rf"^blob store s3://[^\n]+: {says}$"):
        works[act]()


@pytest.fixture
def strict(endpoint: str) -> Iterator[None]:
    """The server looks at keys."""
    requests.post(f"{endpoint}/moto-api/reset-auth", data="0", timeout=10)
    yield
    requests.post(f"{endpoint}/moto-api/reset-auth", data="inf", timeout=10)


def test_a_key_that_the_server_does_not_know_is_one_line_without_the_secret(s3: S3Blobs, strict: None) -> None:
    with pytest.raises(ConfigError, match=r"^blob store s3://mail/desk/: InvalidAccessKeyId; mend \[storage\] access_key$") as told:
        s3.put(DIGEST, OCTETS)
    assert "secret-key" not in f"{told.value!r} {s3.place!r}"


def test_no_key_at_all_is_one_line(s3: S3Blobs, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    for name in ("AWS_SHARED_CREDENTIALS_FILE", "AWS_CONFIG_FILE"):
        monkeypatch.setenv(name, str(tmp_path / "none"))
    keyless = S3Blobs(replace(s3.place, access_key=None, secret_key=None))
    with pytest.raises(ConfigError, match=r"no key is given; add access_key and secret_key_file to \[storage\]$"):
        keyless.put(DIGEST, OCTETS)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "key")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "of the environment")
    S3Blobs(keyless.place).put(DIGEST, OCTETS)


# The whole desk


def configure(studio: Studio, s3: S3Blobs, **changes: str) -> None:
    storage = {"blobs": "s3://mail/desk", "endpoint_url": s3.place.endpoint_url, "region": "us-east-1", "access_key": "key"}
    (studio.folder / "s3").write_text("secret-key\n")
    studio.configure(storage=storage | {"secret_key_file": "s3"} | changes)


def large() -> bytes:
    return (
        b"From: anna@rose.example\r\nTo: support@studio.example\r\nMessage-ID: <1@rose.example>\r\n\r\n"
        + b"the form is broken\r\n" * 20_000
    )


def test_a_large_message_lies_in_s3_and_becomes_a_ticket(studio: Studio, s3: S3Blobs) -> None:
    configure(studio, s3)
    app = studio.open()
    (row,) = studio.take_in(app, large())
    assert row["outcome"] == "ticket"
    assert s3.get(row["sha256"]) == large()
    assert not (studio.folder / "s3:").exists()


def test_a_large_message_waits_while_the_store_is_away_and_is_not_quarantined(studio: Studio, s3: S3Blobs) -> None:
    configure(studio, s3, endpoint_url=f"http://127.0.0.1:{free_port()}")
    studio.arrive(large())
    with pytest.raises(TransientError):
        studio.take_in(studio.open())
    configure(studio, s3)
    assert [row["outcome"] for row in studio.take_in(studio.open())] == ["ticket"]


def test_check_tries_the_store(studio: Studio, s3: S3Blobs) -> None:
    configure(studio, s3)
    assert "ok    blob store: s3://mail/desk" in studio.run("check").stdout
    configure(studio, s3, blobs="s3://nowhere")
    ended = studio.run("check")
    assert ended.returncode == 1
    assert "WRONG blob store: blob store s3://nowhere/: NoSuchBucket; make the bucket" in ended.stdout
    assert "secret-key" not in ended.stdout
