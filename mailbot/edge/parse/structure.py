"""A message's MIME tree, as places in its octets.

Written here because attachments are stored as places in the original octets, which no parser tells, and because
splitting by line is what makes the standard library's parser slow on large mail.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

MAX_DEPTH = 100
MAX_PARTS = 2000
MAX_FIELDS = 2000
MAX_FIELD_OCTETS = 128 * 1024

_UNFOLDED_LINE = re.compile(rb"\r?\n(?![ \t])|\r(?![\n \t])")
# Control characters, line and paragraph separators, surrogates, and marks that turn the direction of text around.
CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff]+")
_NAME = re.compile(rb"^[!-9;-~]{1,120}$")
_FOLD = re.compile(r"\r?\n[ \t]|[\r\n]+")
_PARAM = re.compile(r';\s*([A-Za-z0-9!#$&+.^_`|~*\'-]+)\s*=\s*("(?:[^"\\]|\\.)*"?|[^;]*)')


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


def raw_text(body: bytes) -> str:
    """A field body as text, unfolded; octets that are not UTF-8 become surrogates until somebody decodes them."""
    text = body.decode("utf-8", "surrogateescape")
    return _FOLD.sub(" ", text).strip() if "\n" in text or "\r" in text else text.strip()


def shown(body: bytes) -> str:
    """A field body as text that can be written down anywhere: without NUL, other controls and what is not UTF-8."""
    return printable(raw_text(body))


def printable(text: str) -> str:
    """The text without controls and lone surrogates."""
    return text if text.isprintable() else CONTROLS.sub(" ", text).strip()


def split(octets: bytes, defects: list[str]) -> Part:
    """The tree of a message. Any octets give a tree; what was wrong, or left unread, is told in `defects`."""
    start = 0
    if octets.startswith(b"From "):  # an mbox separator that its reader left in
        start = octets.find(b"\n") + 1
    root = _entity(octets, start, len(octets), None, defects)
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
    head_end, body = _end_of_fields(octets, start, end)
    fields = _fields(octets[start:head_end], defects)
    if not fields:
        body = start  # words where fields should stand are still words
        defects.append("no field at all: taken as bare text")
    part = Part(fields, body, end, parent.depth + 1 if parent else 0, parent=parent)
    if content_type := part.first("content-type"):
        value, part.params = _parameters(raw_text(content_type))
        part.content_type = value if re.match(r"^[\w.+-]+/[\w.+-]+$", value, re.ASCII) else "text/plain"
        if part.content_type != value:
            defects.append(f"Content-Type {value[:60]!r} taken as text/plain (RFC 2045 section 5.2)")
    elif parent is not None and parent.content_type == "multipart/digest":
        part.content_type = "message/rfc822"  # RFC 2046 section 5.1.5
    if disposition := part.first("content-disposition"):
        part.disposition, part.disposition_params = _parameters(raw_text(disposition))
    if encoding := part.first("content-transfer-encoding"):
        part.encoding = shown(encoding).split(";")[0].split("(")[0].strip().lower()
    return part


def _end_of_fields(octets: bytes, start: int, end: int) -> tuple[int, int]:
    """Where the fields end and where the body begins, at the first blank line whatever its line breaks; (end, end) without one."""
    found = (end, end)
    for blank in (b"\r\n\r\n", b"\n\n", b"\n\r\n", b"\r\r"):  # find is ten times faster than a pattern with options
        place = octets.find(blank, start, min(found[0] + len(blank) - 1, end))
        if 0 <= place < found[0]:
            found = (place, place + len(blank))
    return found


def _fields(block: bytes, defects: list[str]) -> dict[str, list[bytes]]:
    fields: dict[str, list[bytes]] = {}
    last: list[bytes] | None = None
    for number, line in enumerate(_UNFOLDED_LINE.split(block)):
        if number >= MAX_FIELDS:
            defects.append(f"more than {MAX_FIELDS} fields: the rest is not read")
            break
        name, colon, body = line.partition(b":")
        name = name.rstrip(b" \t")
        if not colon or not _NAME.match(name):
            if line.strip():
                # An unindented continuation, or junk: belongs to the field above it if there is one.
                defects.append("a line among the fields that is no field")
                if last:
                    last[-1] += b" " + line.strip()[:MAX_FIELD_OCTETS]
            continue
        if len(body) > MAX_FIELD_OCTETS:
            defects.append(f"field {name.decode('ascii')} cut at {MAX_FIELD_OCTETS} octets")
            body = body[:MAX_FIELD_OCTETS]
        last = fields.setdefault(name.decode("ascii").lower(), [])
        last.append(body.strip())
    return fields


def _parameters(value: str) -> tuple[str, dict[str, str]]:
    """`text/plain; charset="utf-8"` → ("text/plain", {"charset": "utf-8"}); names in lower case, values as written."""
    main = value.split(";", 1)[0].strip().lower()
    params: dict[str, str] = {}
    for match in _PARAM.finditer(value[: MAX_FIELD_OCTETS // 8]):
        body = match[2].strip()
        if body.startswith('"'):
            body = re.sub(r"\\(.)", r"\1", body.strip('"'))
        params.setdefault(match[1].lower(), body)
    return main, params


def _bodies(octets: bytes, part: Part, defects: list[str]) -> Iterator[tuple[int, int]]:
    """(start, end) of each body part between the delimiters (RFC 2046 section 5.1.1); the last one may lack its end."""
    boundary = part.params.get("boundary", "").encode("utf-8", "surrogateescape").rstrip()
    if not boundary:
        defects.append("a multipart without a boundary: taken as text")
        return
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
        line_end = octets.find(b"\n", after, part.end)
        start = place = part.end if line_end < 0 else line_end + 1
    if start is None:
        defects.append("no delimiter of a multipart found: taken as text")
        return
    defects.append("the last delimiter of a multipart is missing")
    yield start, part.end
