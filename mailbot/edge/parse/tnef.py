"""What Outlook packs into winmail.dat (Transport Neutral Encapsulation Format, [MS-OXTNEF]): files, and a text.

Read here because the libraries that read it trust every length and count in it: sixty octets of a stranger keep them busy for hours.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field

from mailbot.edge.parse.charset import codecs_of

SIGNATURE = b"\x78\x9f\x3e\x22"
MAX_FILES = 100
_MAX_ATTRIBUTES = 10_000
# Attributes, [MS-OXTNEF] section 2.1.2.
_BODY, _ATTACH_DATA, _ATTACH_TITLE, _MESSAGE_PROPS, _ATTACH_REND, _ATTACHMENT, _CODE_PAGE = (
    0x800C,
    0x800F,
    0x8010,
    0x9003,
    0x9002,
    0x9005,
    0x9007,
)
# Properties, [MS-OXPROPS]: the low octets of PidTagBody and so on.
_TEXT, _HTML, _OBJECT, _LONG_NAME, _MIME_TAG, _CONTENT_ID, _INTERNET_CODE_PAGE = 0x1000, 0x1013, 0x3701, 0x3707, 0x370E, 0x3712, 0x3FDE
_FIXED = {
    0x0001: 0,
    0x0002: 4,
    0x0003: 4,
    0x0004: 4,
    0x0005: 8,
    0x0006: 8,
    0x0007: 8,
    0x000A: 4,
    0x000B: 4,
    0x0014: 8,
    0x0040: 8,
    0x0048: 16,
}
_VARIABLE = frozenset((0x000D, 0x001E, 0x001F, 0x0102))
_UNICODE = 0x001F
_EMBEDDED_MESSAGE = bytes.fromhex("0703020000000000c000000000000046")  # IID_IMessage: an embedded message follows, packed as TNEF again


@dataclass(slots=True)
class File:
    """A file in winmail.dat; `content_type` and `content_id` are '' when it does not tell them."""

    name: str = ""
    body: bytes = b""
    content_type: str = ""
    content_id: str = ""


@dataclass(slots=True)
class Unpacked:
    """What a winmail.dat holds. `whole` is False when it ends early or does not follow its own lengths."""

    files: list[File] = field(default_factory=list)
    text: str = ""
    html: str = ""
    whole: bool = False


def unpacked(octets: bytes) -> Unpacked:
    """The files and the text in a winmail.dat. Never raises: what cannot be read is left out."""
    found = Unpacked()
    codec = "cp1252"
    for attribute, data in _attributes(octets, found):
        if attribute == _CODE_PAGE and len(data) >= 4:
            codec = _codec(data) or codec
        elif attribute == _BODY:
            found.text = found.text or _text(data, codec)
        elif attribute == _MESSAGE_PROPS:
            _take_message(found, data, codec)
        elif attribute == _ATTACH_REND:  # opens each file
            if len(found.files) >= MAX_FILES:
                found.whole = False
                break
            found.files.append(File())
        elif found.files:
            _take_file(found.files[-1], attribute, data, codec)
    return found


def _attributes(octets: bytes, found: Unpacked) -> Iterator[tuple[int, bytes]]:
    """(attribute, data) in order: level 1 octet, attribute 2, type 2, length 4, data, checksum 2 ([MS-OXTNEF] section 2.1.3.1)."""
    place = 6  # the signature and a key that nothing uses
    for _ in range(_MAX_ATTRIBUTES if octets.startswith(SIGNATURE) else 0):
        if place + 9 > len(octets):
            found.whole = place >= len(octets)
            return
        attribute, _, length = struct.unpack_from("<HHI", octets, place + 1)
        if place + 9 + length > len(octets):
            return
        yield attribute, octets[place + 9 : place + 9 + length]
        place += 9 + length + 2


def _properties(data: bytes) -> Iterator[tuple[int, int, bytes]]:
    """(property, type, its first value) in a list of properties ([MS-OXTNEF] section 2.1.3.4); stops where it cannot be followed."""
    place = 4
    while place + 8 <= len(data):
        kind, name = struct.unpack_from("<HH", data, place)
        place = _past_the_name(data, place + 4, name)
        count, many, kind = 1, kind & 0x1000, kind & 0x0FFF
        if many or kind in _VARIABLE:
            count, place = _number(data, place), place + 4
        if kind in _FIXED:
            yield name, kind, data[place : place + _FIXED[kind]]
            place += _FIXED[kind] * count
        elif kind in _VARIABLE:
            for number in range(min(count, (len(data) - place) // 4)):
                length = _number(data, place)
                if number == 0:
                    yield name, kind, data[place + 4 : place + 4 + length]
                place += 4 + _padded(length)
        else:
            return


def _past_the_name(data: bytes, place: int, name: int) -> int:
    """Where a property's values begin: a named one has its set before them, and a number or a name."""
    if name < 0x8000:
        return place
    by_name, length = _number(data, place + 16), _number(data, place + 20)
    return place + 24 + (_padded(length) if by_name else 0)


def _number(data: bytes, place: int) -> int:
    """Four octets, those beyond the end as 0."""
    return int.from_bytes(data[place : place + 4], "little")


def _padded(length: int) -> int:
    return length + -length % 4


def _take_message(found: Unpacked, data: bytes, codec: str) -> None:
    html, html_codec = b"", codec
    for name, kind, value in _properties(data):
        if name == _TEXT:
            found.text = found.text or _text(value, "utf-16-le" if kind == _UNICODE else codec)
        elif name == _HTML:
            html = value
        elif name == _INTERNET_CODE_PAGE:
            html_codec = _codec(value) or codec
    found.html = found.html or _text(html, html_codec)


def _take_file(file: File, attribute: int, data: bytes, codec: str) -> None:
    if attribute == _ATTACH_TITLE:
        file.name = file.name or _text(data, codec)
    elif attribute == _ATTACH_DATA:
        file.body = data
    elif attribute == _ATTACHMENT:
        for name, kind, value in _properties(data):
            if name == _OBJECT:
                file.body = file.body or value.removeprefix(_EMBEDDED_MESSAGE)
                continue
            text = _text(value, "utf-16-le" if kind == _UNICODE else codec) if kind in _VARIABLE else ""
            if name == _LONG_NAME and text:
                file.name = text
            elif name == _MIME_TAG:
                file.content_type = text.lower()
            elif name == _CONTENT_ID:
                file.content_id = text.strip("<> ")


def _codec(value: bytes) -> str | None:
    """Python's codec for a Windows code page."""
    number = int.from_bytes(value[:4], "little")
    known = {20127: "ascii", 20866: "koi8-r", 21866: "koi8-u", 28595: "iso-8859-5", 28591: "cp1252", 50220: "iso2022_jp", 65001: "utf-8"}
    candidates = (known[number],) if number in known else codecs_of(f"cp{number}")
    return candidates[0] if candidates else None


def _text(value: bytes, codec: str) -> str:
    return value.decode(codec, "replace").rstrip("\0")
