"""Large octets in an S3-compatible store, through boto3: an object a digest."""

from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from hashlib import md5, sha256
from typing import Any

from mailbot.errors import ConfigError, PermanentError, TransientError

CONNECT_SECONDS, READ_SECONDS, TRIES = 10, 30, 3
# What only a person can mend: told as a mistake of the configuration, and mail waits meanwhile.
_REMEDIES = {
    "NoSuchBucket": "make the bucket, or mend [storage] blobs",
    "AccessDenied": "let the key read and write objects of the bucket",
    "403": "let the key read and write objects of the bucket",
    "InvalidAccessKeyId": "mend [storage] access_key",
    "SignatureDoesNotMatch": "mend [storage] secret_key",
    "AuthorizationHeaderMalformed": "mend [storage] region",
    "PermanentRedirect": "mend [storage] region or endpoint_url",
}
_MISSING = ("NoSuchKey", "404")


@dataclass(frozen=True, slots=True)
class Place:
    """Where objects lie, and how to get in; without a key boto3 looks where AWS's programs do. `prefix` ends with / or is empty."""

    bucket: str
    prefix: str = ""
    endpoint_url: str | None = None
    region: str | None = None
    access_key: str | None = None
    secret_key: str | None = field(default=None, repr=False)

    def __str__(self) -> str:
        return f"s3://{self.bucket}/{self.prefix}"


class S3Blobs:
    """A store of octets by their SHA-256 (hex). `put` returns only when the server has them.

    Errors are TransientError (the server, the network), ConfigError (bucket, key, region) and PermanentError (no such octets).
    """

    def __init__(self, place: Place) -> None:
        self.place = place

    @cached_property
    def _client(self) -> Any:
        import boto3  # a fifth of a second, for those who need it
        from botocore.config import Config

        return boto3.client(
            "s3",
            endpoint_url=self.place.endpoint_url,
            region_name=self.place.region,
            aws_access_key_id=self.place.access_key,
            aws_secret_access_key=self.place.secret_key,
            config=Config(
                connect_timeout=CONNECT_SECONDS,
                read_timeout=READ_SECONDS,
                retries={"mode": "standard", "total_max_attempts": TRIES},
                # Many stores that are not AWS's know nothing of the checksums that boto3 would add.
                request_checksum_calculation="when_required",
                response_checksum_validation="when_required",
            ),
        )

    def _where(self, digest: str) -> dict[str, str]:
        return {"Bucket": self.place.bucket, "Key": f"{self.place.prefix}{digest[:2]}/{digest}"}

    def put(self, digest: str, octets: bytes) -> None:
        """Store octets under their digest; storing them again changes nothing."""
        check = b64encode(md5(octets, usedforsecurity=False).digest()).decode()  # the server refuses what arrives otherwise
        with self._as_ours():
            self._client.put_object(**self._where(digest), Body=octets, ContentMD5=check)

    def get(self, digest: str) -> bytes:
        """The octets under a digest, which they are compared with. Raises PermanentError when there are none, or others."""
        with self._as_ours(digest):
            octets = bytes(self._client.get_object(**self._where(digest))["Body"].read())
        if sha256(octets).hexdigest() != digest:
            raise PermanentError(f"blob store {self.place}: {digest} is damaged; restore it from a backup, then `mailbot replay`")
        return octets

    def has(self, digest: str) -> bool:
        """Whether octets are stored under a digest."""
        try:
            with self._as_ours(digest):
                self._client.head_object(**self._where(digest))
        except PermanentError:
            return False
        return True

    def older_than(self, moment: datetime) -> Iterator[str]:
        """The digests of what was stored before a moment."""
        with self._as_ours():
            pages = self._client.get_paginator("list_objects_v2").paginate(Bucket=self.place.bucket, Prefix=self.place.prefix)
            for one in (found for page in pages for found in page.get("Contents", ())):
                digest = one["Key"].rpartition("/")[2]
                if len(digest) == 64 and one["LastModified"] < moment:
                    yield digest

    def drop(self, digest: str) -> bool:
        """Remove the octets under a digest; False when there were none."""
        if not self.has(digest):
            return False
        with self._as_ours():
            self._client.delete_object(**self._where(digest))
        return True

    @contextmanager
    def _as_ours(self, digest: str = "") -> Iterator[None]:
        """Turns what boto3 raises into errors named for what to do. `digest`: what is asked for."""
        from botocore.exceptions import BotoCoreError, ClientError, NoCredentialsError, PartialCredentialsError

        try:
            yield
        except ClientError as error:
            code = str(error.response.get("Error", {}).get("Code", ""))
            said = f"blob store {self.place}: {code or 'no reason given'}"
            if digest and code in _MISSING:
                raise PermanentError(
                    f"blob store {self.place}: {digest} is missing; restore it from a backup, then `mailbot replay`"
                ) from error
            if code in _REMEDIES:
                raise ConfigError(f"{said}; {_REMEDIES[code]}") from error
            raise TransientError(f"{said}; will try again") from error
        except (NoCredentialsError, PartialCredentialsError) as error:
            raise ConfigError(f"blob store {self.place}: no key is given; add access_key and secret_key_file to [storage]") from error
        except (BotoCoreError, OSError) as error:
            raise TransientError(f"blob store {self.place}: {type(error).__name__}; will try again") from error
