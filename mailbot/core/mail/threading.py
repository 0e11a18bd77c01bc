"""What ties a message to a ticket: signed reply addresses, signed Message-IDs, references and subject tags."""

import base64
import hmac
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Literal

from mailbot.core.mail.message import Mail

Role = Literal["t", "o", "f"]  # t: the requester's side of a ticket; o: the operators' side; f: an offer that belongs to no ticket
_ROLES: Mapping[str, Role] = {"t": "t", "o": "o", "f": "f"}
_TAG = re.compile(r"\[#(\d{1,9})\]")
_LOCAL_KEY = re.compile(r"([tof])(\d{1,9})-([a-z2-7]{16})")
_ID_KEY = re.compile(r"([tof])(\d{1,9})\.([a-z0-9]{4,32})\.([a-z2-7]{16})")
REFERENCES_READ = 50  # a field of thousands of ids is an attack or a defect: the newest ones decide


@dataclass(frozen=True, slots=True)
class Key:
    """A ticket, or with role f an offer, that a message names by something only we could have written."""

    role: Role
    number: int
    via: Literal["address", "message-id"]


@dataclass(frozen=True, slots=True)
class Signer:
    """Signs what leaves the house, so that nobody can guess his way into a ticket (80 bits of HMAC-SHA256).

    `former`: secrets that signed before; what they signed is still ours.
    """

    secret: bytes
    address: str
    plus_addressing: bool = True
    former: tuple[bytes, ...] = ()

    def _sign(self, *parts: str) -> str:
        return _signature(self.secret, parts)

    def _signed(self, signature: str, *parts: str) -> bool:
        return any(hmac.compare_digest(signature, _signature(secret, parts)) for secret in (self.secret, *self.former))

    @property
    def domain(self) -> str:
        """The domain of our Message-IDs."""
        return self.address.rpartition("@")[2]

    def reply_address(self, role: Role, number: int) -> str:
        """`support+t12-…@studio.example`: mail to it belongs to ticket 12 (RFC 5233 calls the detail after `+` a subaddress)."""
        if not self.plus_addressing:
            return self.address
        local, _, domain = self.address.rpartition("@")
        return f"{local}+{role}{number}-{self._sign('address', role, str(number))}@{domain}"

    def message_id(self, role: Role, number: int, nonce: str) -> str:
        """A Message-ID (without `<>`) that proves the ticket it belongs to; number 0 is no ticket. `nonce`: 4–32 of a-z0-9."""
        return f"{role}{number}.{nonce}.{self._sign('id', role, str(number), nonce)}@{self.domain}"

    def read_address(self, addr: str) -> Key | None:
        """The ticket that a reply address of ours names, or None when it is not ours or its signature is wrong."""
        local, _, domain = addr.lower().rpartition("@")
        ours, _, our_domain = self.address.lower().rpartition("@")
        base, _, detail = local.rpartition("+")
        match = _LOCAL_KEY.fullmatch(detail)
        if match is None or base != ours or domain != our_domain:
            return None
        role, number, signature = match.groups()
        good = self._signed(signature, "address", role, number)
        return Key(_ROLES[role], int(number), "address") if good else None

    def read_message_id(self, message_id: str) -> Key | None:
        """The ticket that a Message-ID of ours names (number 0: a mail of ours that belongs to none), or None."""
        local, _, domain = message_id.lower().rpartition("@")
        match = _ID_KEY.fullmatch(local)
        if match is None or domain != self.domain.lower():
            return None
        role, number, nonce, signature = match.groups()
        good = self._signed(signature, "id", role, number, nonce)
        return Key(_ROLES[role], int(number), "message-id") if good else None


def _signature(secret: bytes, parts: Sequence[str]) -> str:
    digest = hmac.digest(secret, ":".join(parts).encode(), sha256)
    return base64.b32encode(digest[:10]).decode().lower()


@dataclass(frozen=True, slots=True)
class Threads:
    """All that a message says about where it belongs: `signed` is proof, `references` and `tags` need a sender who belongs.

    `offers`: ids of offers that it answers, proved in the same way; `parents`: our Message-IDs that it answers directly, with or without
    a ticket.
    """

    signed: tuple[Key, ...]
    references: tuple[str, ...]
    tags: tuple[int, ...]
    offers: tuple[int, ...] = ()
    parents: tuple[str, ...] = ()


def threads_of(mail: Mail, signer: Signer) -> Threads:
    """Read the keys of a message: recipients first, then In-Reply-To and References (newest first), then `[#12]` in the subject."""
    addressed = [address.addr for address in mail.recipients]
    addressed += [
        body.strip().strip("<>") for name in ("delivered-to", "x-original-to", "envelope-to") for body in mail.fields.get(name, ())
    ]
    signed = [key for addr in addressed if (key := signer.read_address(addr))]
    plain: list[str] = []
    for message_id in dict.fromkeys((*mail.in_reply_to[:REFERENCES_READ], *mail.references[: -REFERENCES_READ - 1 : -1])):
        if key := signer.read_message_id(message_id):
            if key.number:
                signed.append(key)
        else:
            plain.append(message_id)
    tags = tuple(dict.fromkeys(int(number) for number in _TAG.findall(mail.subject)))
    parents = tuple(one for one in (mail.in_reply_to[:1] or mail.references[-1:]) if signer.read_message_id(one))
    named = (signer.read_message_id(one) for one in parents)
    addresses = (signer.read_address(addr) for addr in addressed)
    offers = tuple(dict.fromkeys(key.number for key in (*addresses, *named) if key and key.role == "f"))
    return Threads(tuple(dict.fromkeys(key for key in signed if key.role != "f")), tuple(plain), tags[:5], offers, parents)


def subject_with_tag(subject: str, number: int) -> str:
    """`Re: Broken form [#12]`: one `Re:`, one tag, whatever the subject had."""
    bare = _TAG.sub("", subject).strip()
    bare = re.sub(r"^((re|fwd?|aw|sv|antw|на|отв)(\[\d+\])?\s*:\s*)+", "", bare, flags=re.IGNORECASE)
    bare = re.sub(r"\s+", " ", bare)[:200]
    return f"Re: {bare} [#{number}]" if bare else f"[#{number}]"


def identity(mail: Mail, octets_sha256: str, disowned: bool = False) -> str:
    """What makes two deliveries one message (R2): the Message-ID of the same originator; without one, the same octets.

    A mail that its originator's domain disowns claims only among its like: the true one may come later, and is not lost for it.
    """
    if mail.message_id:
        writer = mail.originator.key if mail.originator else ""
        writer += "\0disowned" if disowned else ""
        return sha256(f"{mail.message_id}\0{writer}".encode("utf-8", "replace")).hexdigest()
    return octets_sha256
