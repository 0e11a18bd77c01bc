"""A message's MIME tree, as places in its octets.

Written here because attachments are stored as places in the original octets, which no parser tells, and because
splitting by line is what makes the standard library's parser slow on large mail.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice

from mailbot.edge.parse.head import (
    body_without_a_blank_line,
    end_of_fields,
    fields_of,
    media_type,
    parameters,
    raw_text,
    shown,
    start_of_fields,
    stray_end,
)

ENCODINGS = ("7bit", "8bit", "binary", "base64", "quoted-printable")
MAX_DEPTH = 100
MAX_PARTS = 2000

_LINE_BREAK = re.compile(rb"\r?\n|\r")
_ENCODING = re.compile(r"base-?64|quoted[-_ ]?printable|(?:x-)?uu(?:e|encode)?(?![a-z])|[78][- ]?bit|binary")
_PREAMBLE = re.compile(
    rb"\s*(?:This is a (?:cryptographically signed )?(?:multi-?part )?message in MIME format[^\r\n]{0,200}\s*)?--[^\r\n]", re.IGNORECASE
)
# A line that only a delimiter in front of a part can be.
_SHOWN_DELIMITER = re.compile(rb"^--([^\r\n]{1,200}?)[ \t]*(?:\r\n|\r|\n)(?=content-[a-z-]{2,30}[ \t]*:)", re.IGNORECASE | re.MULTILINE)


@dataclass(slots=True)
class Part:
    """One entity (RFC 2045 section 2.4): its fields, and where its body stands in the message's octets."""

    fields: dict[str, list[bytes]]
    body: int
    end: int
    depth: int
    content_type: str = "text/plain"
    params: dict[str, str] = field(default_factory=dict)
    disposition: str = ""
    disposition_params: dict[str, str] = field(default_factory=dict)
    encoding: str = "7bit"
    parent: "Part | None" = None
    children: "list[Part]" = field(default_factory=list)

    def first(self, name: str) -> bytes:
        """The first field of that (lower-case) name, unparsed, or b''."""
        found = self.fields.get(name)
        return found[0] if found else b""


def split(octets: bytes, defects: list[str]) -> Part:
    """The tree of a message. Any octets give a tree; what was wrong, or left unread, is told in `defects`."""
    root = _entity(octets, start_of_fields(octets, defects), len(octets), None, defects)
    waiting, count = [root], 1
    while waiting:
        part = waiting.pop()
        if not part.content_type.startswith("multipart/"):
            continue
        if part.depth >= MAX_DEPTH or count >= MAX_PARTS:
            defects.append(f"nested deeper than {MAX_DEPTH} or more than {MAX_PARTS} parts: the rest is left as it is")
            continue
        for start, end in _bodies(octets, part, defects):
            count += 1
            if count >= MAX_PARTS:
                defects.append(f"more than {MAX_PARTS} parts: the rest is left as it is")
                part.children.append(Part({}, start, part.end, part.depth + 1, parent=part))
                break
            part.children.append(_entity(octets, start, end, part, defects))
        waiting += reversed(part.children)
    return root


def leaves(root: Part) -> Iterator[Part]:
    """The parts that hold something, in the order in which they stand."""
    waiting = [root]
    while waiting:
        part = waiting.pop()
        if part.children:
            waiting += reversed(part.children)
        else:
            yield part


def _entity(octets: bytes, start: int, end: int, parent: Part | None, defects: list[str]) -> Part:
    if octets.startswith((b"\r\n", b"\n"), start):  # no fields at all: RFC 2046 section 5.1 allows it for parts
        return Part(
            {},
            min(start + (2 if octets[start : start + 1] == b"\r" else 1), end),
            end,
            parent.depth + 1 if parent else 0,
            parent=parent,
        )
    head_end, body = head = end_of_fields(octets, start, end)
    if (early := body_without_a_blank_line(octets, start, head_end, head_end == end)) is not None:
        head_end, body = early, early
        defects.append("no blank line between the fields and the body")
    elif parent is None and (stray := stray_end(octets, head, start, end)) != head:
        head_end, body = stray
        defects.append("a blank line among the fields")
    fields = fields_of(octets[start:head_end], defects)
    if not fields:
        body = start  # words where fields should stand are still words
        defects.append("no field at all: taken as bare text")
    part = Part(fields, body, end, parent.depth + 1 if parent else 0, parent=parent)
    _describe(part, octets, defects)
    return part


def _describe(part: Part, octets: bytes, defects: list[str]) -> None:
    """Read what a part's Content- fields say."""
    if content_type := part.first("content-type"):
        value, part.params = parameters(raw_text(content_type))
        known = media_type(value, part.params)
        part.content_type = known or "text/plain"
        if known is None:
            defects.append(f"Content-Type {value[:60]!r} taken as text/plain (RFC 2045 section 5.2)")
    elif part.parent is not None and part.parent.content_type == "multipart/digest":
        part.content_type = "message/rfc822"  # RFC 2046 section 5.1.5
    elif part.parent is None and _PREAMBLE.match(octets, part.body, part.end) and (boundary := _shown_boundary(octets, part)):
        part.content_type, part.params = "multipart/mixed", {"boundary": boundary.decode("utf-8", "surrogateescape")}
        defects.append("a multipart that is not declared")
    if disposition := part.first("content-disposition"):
        part.disposition, part.disposition_params = parameters(raw_text(disposition))
    if encoding := part.first("content-transfer-encoding"):
        part.encoding = _encoding(shown(encoding), defects)


def _encoding(value: str, defects: list[str]) -> str:
    """A transfer encoding by its name (RFC 2045 section 6.1), whatever quotation marks, comments and hyphens stand about it."""
    bare = value.split(";", maxsplit=1)[0].split("(", maxsplit=1)[0].strip().lower()
    if bare in ENCODINGS or not (match := _ENCODING.match(bare.strip(" \"'"))):
        return bare
    known = {"b": "base64", "q": "quoted-printable", "x": "uuencode", "u": "uuencode", "7": "7bit", "8": "8bit"}
    meant = "binary" if match[0] == "binary" else known[match[0][0]]
    if meant != "uuencode":
        defects.append(f"Content-Transfer-Encoding {value[:40]!r} taken as {meant}")
    return meant


def _shown_boundary(octets: bytes, part: Part) -> bytes:
    """The boundary that a body shows: what stands behind `--` on a line in front of a Content- field, and once more at least."""
    found = _SHOWN_DELIMITER.search(octets, part.body, part.end)
    return found[1] if found and octets.find(b"--" + found[1], found.end(), part.end) >= 0 else b""


def _bodies(octets: bytes, part: Part, defects: list[str]) -> Iterator[tuple[int, int]]:
    """(start, end) of each body part between the delimiters (RFC 2046 section 5.1.1); the last one may lack its end."""
    boundary = part.params.get("boundary", "").encode("utf-8", "surrogateescape").strip()
    places = list(islice(_between(octets, part, boundary, defects), MAX_PARTS + 1)) if boundary else []
    if not places and (shown_boundary := _shown_boundary(octets, part)) and shown_boundary != boundary:
        defects.append("the boundary of a multipart is not the one in its body, which is taken")
        places = list(islice(_between(octets, part, shown_boundary, defects), MAX_PARTS + 1))
    if not places:
        defects.append("no delimiter of a multipart found: taken as text" if boundary else "a multipart without a boundary: taken as text")
    yield from places


def _between(octets: bytes, part: Part, boundary: bytes, defects: list[str]) -> Iterator[tuple[int, int]]:
    edge = b"--" + boundary
    start: int | None = None
    place = part.body
    while (place := octets.find(edge, place, part.end)) >= 0:
        after = place + len(edge)
        at_line_start = place == part.body or octets[place - 1] in b"\r\n"
        tail = octets[after : after + 2]
        closes = tail == b"--"
        if not at_line_start or not (closes or not tail or tail[:1] in b"\r\n \t"):
            place = after
            continue
        if start is not None:
            # The line break before a delimiter belongs to the delimiter.
            end = place - 1 if place > start and octets[place - 1] == 0x0A else place
            end = end - 1 if end > start and octets[end - 1] == 0x0D else end
            yield start, max(end, start)
        if closes:
            return
        start = place = _next_line(octets, after, part.end)
    if start is not None:
        defects.append("the last delimiter of a multipart is missing")
        yield start, part.end


def _next_line(octets: bytes, place: int, end: int) -> int:
    line_break = _LINE_BREAK.search(octets, place, end)
    return line_break.end() if line_break else end
