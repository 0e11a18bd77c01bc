"""The files of a message as places in its octets: attached parts, and what is packed within them or within a text."""

import mimetypes
import re
from hashlib import sha256

from mailbot.core.mail.message import Attachment
from mailbot.edge.parse import fields, packed, tnef
from mailbot.edge.parse.decode import decoded_body
from mailbot.edge.parse.names import filename, terminal
from mailbot.edge.parse.structure import Part, split
from mailbot.edge.parse.words import words

# Transfer encodings that are undone, and how they are written in front of `;tnef=2`: a database keeps 20 characters.
_WITHIN = {"base64": "base64", "quoted-printable": "qp", "uuencode": "uuencode"}
_TNEF_TYPES = ("application/ms-tnef", "application/vnd.ms-tnef")
_SEALED = ("application/pkcs7-mime", "application/x-pkcs7-mime")  # RFC 8551 section 3: the whole message, signed or encrypted
_MEDIA_TYPE = re.compile(r"[\w.+-]{1,90}/[\w.+-]{1,90}", re.ASCII)
# Text that its reader does not read as such: objects of programs, which are files even without a name.
_NO_WORDS = frozenset(
    f"text/{kind}" for kind in ("calendar", "vcard", "x-vcard", "directory", "csv", "css", "javascript", "rtf", "xml", "rfc822-headers")
)
CALENDARS = ("text/calendar", "application/ics")
_METHOD = re.compile(rb"^METHOD[ \t]{0,9}:[ \t]{0,9}([A-Za-z-]{1,40})", re.IGNORECASE | re.MULTILINE)
_ENRICHED = re.compile(r"<param>[^<]{0,200}</param>|<[^<>]{0,60}>", re.IGNORECASE)


def is_text(part: Part) -> bool:
    """Whether a part's type is one of texts for people."""
    return part.content_type.startswith("text/") and part.content_type not in _NO_WORDS


def is_inline_text(part: Part) -> bool:
    """Whether its reader sees a part as text in the message."""
    return is_text(part) and part.disposition != "attachment"


def is_another_form(part: Part) -> bool:
    """Whether a part says once more what a plain or HTML part beside it says (RFC 2046 section 5.1.4): enriched text, AMP."""
    parent = part.parent
    if parent is None or parent.content_type != "multipart/alternative" or not is_inline_text(part):
        return False
    usual = ("text/plain", "text/html")
    return part.content_type not in usual and any(one.content_type in usual for one in parent.children)


def method_within(calendar: bytes) -> str | None:
    """The method among the first properties of a calendar object (RFC 5545 section 3.7.2), in capitals.

    PUBLISH is none: it asks for nothing, and programs write it into the calendars that people save and attach.
    """
    match = _METHOD.search(calendar.partition(b"BEGIN:VEVENT")[0])
    method = match[1].decode().upper() if match else None
    return None if method == "PUBLISH" else method


def from_enriched(text: str) -> str:
    """text/enriched (RFC 1896) and text/richtext without their commands."""
    return "<".join(_ENRICHED.sub("", piece) for piece in text.split("<<"))


def attached(octets: bytes, part: Part, defects: list[str], hint: str | None) -> tuple[list[Attachment], tnef.Unpacked | None]:
    """The file that a part is; of a winmail.dat the files in it, and what it says besides."""
    body = decoded_body(octets[part.body : part.end], part.encoding, defects)
    name = filename(part, defects, hint)
    if body.startswith(tnef.SIGNATURE) and (part.content_type in _TNEF_TYPES or (name or "").lower().endswith(".dat")):
        found = tnef.unpacked(body)
        if found.whole or found.files or found.text or found.html:
            return _unpacked(part, found, defects), found
        defects.append("winmail.dat that cannot be unpacked")
    if name is None and part.content_type == "message/rfc822":
        name = _name_of_message(body)
    if part.content_type in _SEALED:
        defects.append("S/MIME: the words of the message are within its attachment")
    content_id = fields.content_id(part)
    inline = part.disposition == "inline" or (part.disposition != "attachment" and content_id is not None)
    encoding = part.encoding if part.encoding in _WITHIN else ""
    return [_place(part, name, part.content_type[:200], body, encoding, content_id, inline)], None


def without_doubles(attachments: list[Attachment]) -> tuple[Attachment, ...]:
    """The attachments without the calendar object among the forms of the text when it is attached as a file, too (Google's invitations)."""
    named = any(one.filename and one.filename.lower().endswith(".ics") for one in attachments)
    return tuple(one for one in attachments if not (named and one.content_type == "text/calendar" and one.filename is None))


def without_uuencoded(part: Part, text: bytes, defects: list[str], hint: str | None) -> tuple[bytes, list[Attachment]]:
    """(a decoded text without its uuencoded files, these files)."""
    found = packed.blocks(text) if b"begin" in text else []
    files = []
    for number, block in enumerate(found, 1):
        name = terminal(words(block.name, defects, hint))
        defects.append("a uuencoded file in the text")
        files.append(_place(part, name, _type_of(name), block.body, f"{_WITHIN.get(part.encoding, '')};uu={number}", None, False))
    return (packed.without(text, found) if found else text), files


def _unpacked(part: Part, found: tnef.Unpacked, defects: list[str]) -> list[Attachment]:
    defects.append("winmail.dat unpacked" if found.whole else "winmail.dat ends early: unpacked as far as it goes")
    files = []
    for number, file in enumerate(found.files, 1):
        name = terminal(file.name)
        kind = file.content_type if _MEDIA_TYPE.fullmatch(file.content_type) else _type_of(name)
        encoding = f"{_WITHIN.get(part.encoding, '')};tnef={number}"
        files.append(_place(part, name, kind, file.body, encoding, file.content_id[:998] or None, False))
    return files


def _type_of(name: str | None) -> str:
    return mimetypes.guess_type(name or "")[0] or "application/octet-stream"


def _name_of_message(body: bytes) -> str | None:
    """A name for a message that is attached without one: its subject."""
    subject = words(split(body[:64_000], []).first("subject"), [])
    return re.sub(r"[/\\:]+", "_", subject)[:100].strip() + ".eml" if subject else None


def _place(part: Part, name: str | None, kind: str, body: bytes, encoding: str, content_id: str | None, inline: bool) -> Attachment:
    return Attachment(name, kind, len(body), sha256(body).hexdigest(), content_id, inline, part.body, part.end, encoding)
