"""A message as mailbot sees it: values only, made of octets by `mailbot.edge.parse`."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Address:
    """A mailbox of RFC 5322 section 3.4: `display-name <addr-spec>`; `name` is decoded, `addr` as written."""

    name: str
    addr: str

    @property
    def key(self) -> str:
        """The addr-spec for comparing: mailboxes are compared without case, as every large provider does."""
        return self.addr.lower()


@dataclass(frozen=True, slots=True)
class Attachment:
    """A part that is a file to its reader; it points into the message's octets and is stored nowhere else.

    `start` and `end` delimit the encoded body in the octets; `encoding` is its Content-Transfer-Encoding.
    `size` (octets) and `sha256` (hex) are of the decoded body.
    """

    filename: str | None
    content_type: str
    size: int
    sha256: str
    content_id: str | None
    inline: bool
    start: int
    end: int
    encoding: str


@dataclass(frozen=True, slots=True)
class Bounce:
    """What a report of failed delivery says (RFC 3464): addresses, enhanced statuses (RFC 3463), failed or delayed, which message.

    `original_message_id` is without `<>`.
    """

    recipients: tuple[str, ...]
    statuses: tuple[str, ...]
    action: str | None
    original_message_id: str | None


@dataclass(frozen=True, slots=True)
class Original:
    """The message that came back with a report: its Message-ID without `<>`, and whom it was for."""

    message_id: str | None
    to: tuple[Address, ...] = ()


@dataclass(frozen=True, slots=True)
class Mail:
    """One message. Message-IDs are without `<>`; `fields` maps lower-case field names to their unfolded bodies in order.

    `report` is what its delivery-status parts say, `original` the message that it encloses, `hops` the number of its Received fields.
    """

    message_id: str | None = None
    originator: Address | None = None
    reply_to: tuple[Address, ...] = ()
    to: tuple[Address, ...] = ()
    cc: tuple[Address, ...] = ()
    date: datetime | None = None
    subject: str = ""
    in_reply_to: tuple[str, ...] = ()
    references: tuple[str, ...] = ()
    text: str = ""
    html: str | None = None
    attachments: tuple[Attachment, ...] = ()
    fields: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    content_type: str = "text/plain"
    content_params: Mapping[str, str] = field(default_factory=dict)
    part_types: tuple[str, ...] = ()
    report: Bounce | None = None
    original: Original | None = None
    hops: int = 0
    calendar_method: str | None = None
    visible: str = ""
    language: str | None = None
    charset: str | None = None
    defects: tuple[str, ...] = ()

    def first(self, name: str) -> str:
        """The first field of that (lower-case) name, or ''."""
        bodies = self.fields.get(name)
        return bodies[0] if bodies else ""

    def has(self, name: str) -> bool:
        """Whether a field of that (lower-case) name stands in the message."""
        return name in self.fields

    @property
    def recipients(self) -> tuple[Address, ...]:
        """Everyone in To and Cc."""
        return self.to + self.cc
