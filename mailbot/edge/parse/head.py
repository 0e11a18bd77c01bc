"""The fields at the head of a message or a part: where they end, what each says, and its parameters."""

import re

MAX_FIELDS = 2000
MAX_FIELD_OCTETS = 128 * 1024

_UNFOLDED_LINE = re.compile(rb"\r?\n(?![ \t])|\r(?![\n \t])")
# Control characters, line and paragraph separators, surrogates, and marks that turn the direction of text around.
CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff]+")
_NAME = re.compile(rb"^[!-9;-~]{1,120}$")
_FIELD = re.compile(rb"[!-9;-~]{1,120}[ \t]*:")
_FOLD = re.compile(r"\r?\n[ \t]|[\r\n]+")
# A quoted value ends at its quotation mark, unless more than a comment follows: `filename="the "new" list.pdf"`.
_PARAM = re.compile(r';\s*([A-Za-z0-9!#$&+.^_`|~*\'-]+)\s*=\s*("(?:[^"\\]|\\.)*"(?=\s*(?:[;(]|$))|[^;]*)((?:;[^;=]*(?=;|$))*)')
_TYPE = re.compile(r"\"?\s*([\w.+-]+/[\w.+-]+)", re.ASCII)
_SEPARATOR = re.compile(rb">?From (?![ \t]*:)")  # of mbox files, left in by their reader
# Fields that are hardly ever words of a text.
_KNOWN = re.compile(
    rb"(?:from|to|cc|bcc|subject|date|sender|reply-to|message-id|in-reply-to|references|return-path|received|mime-version|delivered-to|"
    rb"content-[a-z-]{2,30}|x-[a-z0-9-]{2,60}|list-[a-z-]{2,30}|auto-submitted|precedence|dkim-signature)[ \t]*:",
    re.IGNORECASE,
)
_DEFINING = re.compile(rb"^(?:from|mime-version|content-type)[ \t]*:", re.IGNORECASE | re.MULTILINE)


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


def start_of_fields(octets: bytes, defects: list[str]) -> int:
    """Where a message's fields begin, behind blank lines and the separator lines of mbox files, when fields follow them."""
    place = 0
    while place < len(octets):
        line_end = octets.find(b"\n", place) + 1 or len(octets)
        if not _SEPARATOR.match(octets, place) and octets[place:line_end].strip():
            break
        place = line_end
    if _KNOWN.match(octets, place):
        if place and not octets.startswith(b"From "):
            defects.append("lines before the fields left out")
        return place
    # Blank lines in front of a text without fields are the end of its fields.
    return octets.find(b"\n") + 1 if octets.startswith(b"From ") and _SEPARATOR.match(octets) else 0


def end_of_fields(octets: bytes, start: int, end: int) -> tuple[int, int]:
    """Where the fields end and where the body begins, at the first blank line whatever its line breaks; (end, end) without one."""
    found = (end, end)
    for blank in (b"\r\n\r\n", b"\n\n", b"\n\r\n", b"\r\r"):  # find is ten times faster than a pattern with options
        place = octets.find(blank, start, min(found[0] + len(blank) - 1, end))
        if 0 <= place < found[0]:
            found = (place, place + len(blank))
    return found


def stray_end(octets: bytes, head: tuple[int, int], start: int, end: int) -> tuple[int, int]:
    """`end_of_fields` once more when a blank line stands among a message's fields: nothing but fields that are known stands behind it,
    one that defines the message among them, and none that stands before it too."""
    if not _KNOWN.match(octets, head[1]):
        return head
    more = end_of_fields(octets, head[1], min(end, head[1] + MAX_FIELD_OCTETS))
    lines = [line for line in _UNFOLDED_LINE.split(octets[head[1] : more[0]]) if line]
    before = {line.partition(b":")[0].strip().lower() for line in _UNFOLDED_LINE.split(octets[start : head[0]])}
    names = [line.partition(b":")[0].strip().lower() for line in lines]
    fields_only = all(map(_KNOWN.match, lines)) and before.isdisjoint(set(names) - {b"received"})
    return more if fields_only and any(map(_DEFINING.match, lines)) else head


def body_without_a_blank_line(octets: bytes, start: int, end: int, none_at_all: bool) -> int | None:
    """Where the body begins among what stands before the first blank line: at the first line that is no field behind the last field
    that is known, when two and more lines stand there, or one and no blank line follows at all. None when all are fields."""
    tail = max(octets.rfind(b"\n", start, end), octets.rfind(b"\r", start, end)) + 1
    if not none_at_all and (octets[tail : tail + 1] in (b" ", b"\t") or _FIELD.match(octets, max(tail, start), end)):
        return None
    place, junk, count = start, None, 0
    for number, line in enumerate(_UNFOLDED_LINE.split(octets[start:end])):
        if number > MAX_FIELDS:
            return None
        if _KNOWN.match(line):
            junk, count = None, 0
        elif junk is not None:
            count += bool(line)
        elif line and not _FIELD.match(line) and place > start:
            junk, count = place, 1
        place += len(line)
        place += 2 if octets.startswith(b"\r\n", place) else 1
    return junk if count > (0 if none_at_all else 1) else None


def fields_of(block: bytes, defects: list[str]) -> dict[str, list[bytes]]:
    """The fields in a block of lines: their bodies, folded as they are, by their names in lower case."""
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
                if last and len(last[-1]) < MAX_FIELD_OCTETS:
                    last[-1] += b" " + line.strip()[:MAX_FIELD_OCTETS]
            continue
        if len(body) > MAX_FIELD_OCTETS:
            defects.append(f"field {name.decode('ascii')} cut at {MAX_FIELD_OCTETS} octets")
            body = body[:MAX_FIELD_OCTETS]
        last = fields.setdefault(name.decode("ascii").lower(), [])
        last.append(body.strip())
    return fields


def media_type(value: str, params: dict[str, str]) -> str | None:
    """The type of a Content-Type's value, or None for one that RFC 2045 section 5.1 has no grammar for."""
    if match := _TYPE.match(value):
        return match[1].lower()
    return "multipart/mixed" if value.lower().startswith("multipart") and "boundary" in params else None


def parameters(value: str) -> tuple[str, dict[str, str]]:
    """`text/plain; charset="utf-8"` → ("text/plain", {"charset": "utf-8"}); names in lower case, values as written."""
    main, semicolon, _ = value.partition(";")
    if "=" in main:  # `text/plain charset=utf-8`
        main, _, rest = main.strip().partition(" ")
        value = f"{main}; {rest}{semicolon}{value.partition(';')[2]}"
    params: dict[str, str] = {}
    for match in _PARAM.finditer(value[: MAX_FIELD_OCTETS // 8]):
        body = match[2].strip()
        if match[3] and match[1].lower() in ("name", "filename"):  # a name with a `;` that is not quoted
            body = (match[2] + match[3]).rstrip("; ")
        if body.startswith('"'):
            body = re.sub(r"\\(.)", r"\1", body.strip('"'))
        params.setdefault(match[1].lower(), body)
    return main.strip().lower(), params
