"""Files within a body: uuencode, as a transfer encoding or as blocks in a text, and what Outlook packs into winmail.dat."""

import binascii
import re
from dataclasses import dataclass

from mailbot.edge.parse import tnef

MAX_FILES = 100
_BEGIN = re.compile(rb"(?:(?<=[\r\n])|^)begin(?:-base64)? +[0-7]{3,4} +([^\r\n]{1,300}?)[ \t]*(?:\r?\n|\r)")
_END = re.compile(rb"[\r\n]end[ \t]{0,2}(?:\r?\n|\r)?$")
_FULL_LINE = re.compile(rb"(?:(?<=[\r\n])|^)M[ -`]{60}(?=[\r\n]|$)")
_LINE = re.compile(rb"([^\r\n]*)(?:\r?\n|\r|$)")


@dataclass(frozen=True, slots=True)
class Block:
    """A uuencoded file in a text: where its lines begin and end, the name on its first line, its octets."""

    start: int
    end: int
    name: bytes
    body: bytes


def blocks(octets: bytes, *, declared: bool = False) -> list[Block]:
    """The uuencoded files in a text (POSIX uuencode), at most MAX_FILES; one that stops early is read as far as it goes.

    People write lines that begin with `begin`, too: unless uuencode is declared, a file has its line `end` or a full line of 45 octets.
    """
    found: list[Block] = []
    place = 0
    while b"begin" in octets and len(found) < MAX_FILES and (begin := _BEGIN.search(octets, place)):
        place = begin.end()
        body, end = _lines(octets, place)
        if body and (declared or _END.search(octets, max(end - 8, place), end) or _FULL_LINE.search(octets, place, end)):
            found.append(Block(begin.start(), end, begin[1], body))
            place = end
    return found


def without(octets: bytes, found: list[Block]) -> bytes:
    """The text without those blocks."""
    pieces, place = [], 0
    for block in found:
        pieces.append(octets[place : block.start])
        place = block.end
    return b"".join((*pieces, octets[place:]))


def from_uuencode(octets: bytes, defects: list[str]) -> bytes:
    """The first file of a body whose transfer encoding is x-uuencode; the body itself when there is none in it."""
    found = blocks(octets, declared=True)
    if not found:
        defects.append("what is called uuencode is not: taken as it is")
        return octets
    return found[0].body


def file_inside(octets: bytes, kind_and_number: str) -> bytes:
    """The n-th (from 1) file in octets, by what stands behind `;` in an attachment's encoding: `tnef=2`, `uu=1`."""
    kind, _, number = kind_and_number.partition("=")
    bodies = [block.body for block in blocks(octets)] if kind == "uu" else [file.body for file in tnef.unpacked(octets).files]
    place = int(number) if number.isdecimal() else 0
    return bodies[place - 1] if 1 <= place <= len(bodies) else b""


def _lines(octets: bytes, start: int) -> tuple[bytes, int]:
    """The octets that the lines from there encode, and where they end, with the line `end` if it comes."""
    pieces: list[bytes] = []
    place = start
    while place < len(octets) and (line := _LINE.match(octets, place)):
        text = line[1].rstrip()
        if text == b"end":
            return b"".join(pieces), line.end()
        piece = _from_line(line[1])
        if piece is None:
            break
        pieces.append(piece)
        place = line.end()
    return b"".join(pieces), place


def _from_line(line: bytes) -> bytes | None:
    """What a line encodes, or None when it is none of uuencode."""
    if not line.rstrip():
        return b""
    count = (line[0] - 0x20) & 0x3F
    if not 0x20 <= line[0] <= 0x60 or len(line.rstrip()) > 1 + (count + 2) // 3 * 4 + 2:  # a check character may stand at the end
        return None
    # Programs leave bits of the memory behind the last octets of a file, which binascii refuses: read whole groups of three, and cut.
    whole = bytes((0x20 + (count + 2) // 3 * 3,)) + line[1 : 1 + (count + 2) // 3 * 4]
    try:
        return binascii.a2b_uu(whole)[:count]
    except binascii.Error:
        return None
