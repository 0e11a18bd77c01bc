"""What a delivery report says: its message/delivery-status parts, and the message that came back with it."""

import re
from collections.abc import Sequence

from mailbot.core.mail.message import Bounce, Original
from mailbot.edge.parse import fields
from mailbot.edge.parse.decode import decoded_body, text_of
from mailbot.edge.parse.structure import Part, leaves, split

ORIGINALS = ("message/rfc822", "message/rfc822-headers", "text/rfc822-headers", "message/global", "message/global-headers")
_STATUS = re.compile(r"\b[245]\.\d{1,3}\.\d{1,3}\b")
_ORIGINAL_ID = re.compile(r"^(?:x-)?original-message-id[ \t]{0,9}:([^\n]{0,1200}(?:\n[ \t][^\n]{1,1200})?)", re.IGNORECASE | re.MULTILINE)
_DELIVERED = ("delivered", "relayed", "expanded")
_MAX_BLOCKS = 200  # recipients of one report


def report_of(texts: Sequence[str], original: Original | None) -> Bounce | None:
    """The report of these delivery-status parts (RFC 3464 section 2), None when there is none.

    Who was reached (delivered, relayed, expanded) is no recipient of a bounce; `action` is the worst one. The recipient is the original
    one where the report knows it (section 2.3.1): it is the address that was written to.
    """
    if not texts:
        return None
    recipients: list[str] = []
    statuses: list[str] = []
    actions: list[str] = []
    for block in _blocks(texts):
        action = (block.get("action", "").split() or [""])[0].lower().strip(";")
        actions += [action] if action else []
        if action in _DELIVERED:
            continue
        found = [_address(block[name]) for name in ("original-recipient", "final-recipient") if block.get(name)]
        recipients += [addr for addr in found if "@" in addr][:1] or found[-1:]  # an X.400 name has no "@"
        said = _STATUS.findall(block.get("status", ""))[:1]
        if not said or said[0].endswith(".0.0"):  # many a relay tells more in its diagnostic: "Status: 5.0.0", "550 5.1.1 …"
            said += _STATUS.findall(block.get("diagnostic-code", ""))[:1]
        statuses += said
    worst = next((one for one in ("failed", "delayed") if one in actions), actions[0] if actions else None)
    return Bounce(tuple(dict.fromkeys(recipients)), tuple(dict.fromkeys(statuses)), worst, original.message_id if original else None)


def original_named(texts: Sequence[str]) -> str | None:
    """The id, without `<>`, by which a report names the original (RFC 8098 section 3.2.5): receipts do, and Gmail's bounces."""
    found = next((match for text in texts if (match := _ORIGINAL_ID.search(text))), None)
    return fields.message_id(found[1].encode()) if found else None


def _blocks(texts: Sequence[str]) -> list[dict[str, str]]:
    """The per-recipient blocks; the fields about the message as a whole stand in the first block of each part and are none."""
    blocks: list[dict[str, str]] = []
    for text in texts:
        for block in re.split(r"\n[ \t]*\n", re.sub(r"\n[ \t]+(?=\S)", " ", text))[:_MAX_BLOCKS]:
            found: dict[str, str] = {}
            for line in block.split("\n"):
                name, colon, value = line.partition(":")
                if colon:
                    found.setdefault(name.strip().lower(), value.strip())
            if "final-recipient" in found or "original-recipient" in found:
                blocks.append(found)
    return blocks


def _address(value: str) -> str:
    """`rfc822; <anna@rose.example>` → `anna@rose.example`."""
    return fields.clean_addr(value.rpartition(";")[2].strip().strip("<>\"'"))


def status_text(part: Part, octets: bytes) -> str:
    """A message/delivery-status part as text."""
    return text_of(decoded_body(octets[part.body : part.end], part.encoding, []), "utf-8", [])[0]


def original_of(part: Part, octets: bytes) -> tuple[Original, list[str]]:
    """The message that a part holds, whole or only its fields, and the delivery-status parts in it.

    A virus scanner or a forwarding server wraps a report into a message of its own: then the original is the one inside the report.
    """
    inner = decoded_body(octets[part.body : part.end], part.encoding, [])
    root = split(inner, [])
    texts: list[str] = []
    if root.content_type == "multipart/report":
        parts = list(leaves(root))
        texts = [status_text(one, inner) for one in parts if one.content_type.endswith("delivery-status")]
        if returned := next((one for one in parts if one.content_type in ORIGINALS), None):
            root = split(decoded_body(inner[returned.body : returned.end], returned.encoding, []), [])
    return Original(fields.message_id(root.first("message-id")), fields.addresses(root.fields.get("to", [])[:1], [])), texts
