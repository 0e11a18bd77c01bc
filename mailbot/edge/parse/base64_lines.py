"""Base64 as it comes: in pieces, with plain lines behind it (list servers, virus scanners), damaged, or none at all."""

import binascii
import re

_OUTSIDE = re.compile(rb"[^A-Za-z0-9+/]+")
_ALPHABET = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
_LINE = re.compile(rb"[A-Za-z0-9+/]*={0,2}")
_RUN = re.compile(rb"[A-Za-z0-9+/]{12,}")
_SCRAMBLED = re.compile(rb"[a-z0-9][A-Z]")
_WORD = re.compile(rb"[A-Z]?[a-z]+")
_WHOLE = 40  # octets of a line without a blank that can only be base64
_CONTROLS = bytes({*range(0x20), 0x7F} - set(b"\t\n\f\r\x0e\x0f\x1b"))  # without those that text and ISO-2022 hold
_NONE = "what is called base64 is not: taken as it is"


def from_base64(octets: bytes, defects: list[str]) -> bytes:
    """What base64 encodes, without plain lines behind it; the octets themselves when they are none."""
    end = end_of_base64(octets)
    if end == 0 and octets:
        defects.append(_NONE)
        return octets
    if end < len(octets):
        defects.append("plain lines behind base64")
        octets = octets[:end]
    padding = octets.find(b"=")
    more = b"".join(map(bytes.strip, octets[padding:].splitlines())).translate(None, b"=") if padding >= 0 else b""
    if more and not _OUTSIDE.search(more):
        # Some programs encode piece by piece; a reader that stops at the first padding loses the others.
        defects.append("base64 goes on after its padding")
        return b"".join(_decoded(piece, []) for piece in re.split(rb"=+", octets))
    return _decoded(octets, defects)


def words_from_base64(octets: bytes, charset: str | None, defects: list[str]) -> tuple[bytes, bytes]:
    """(what base64 encodes, plain lines behind it) of a text in that charset, if known.

    Short words that happen to be in base64's alphabet are taken as they are.
    """
    end = end_of_base64(octets)
    found = from_base64(octets, defects)
    controls = len(found) - len(found.translate(None, _CONTROLS))
    in_two_octets = b"\0" in found or (charset or "").lower().startswith(("utf-16", "utf-32"))
    if controls * 20 > len(found) and not in_two_octets and all(len(line) < _WHOLE for line in octets.split()):
        defects.append(_NONE)
        return octets, b""
    return found, octets[end:] if end else b""


def end_of_base64(octets: bytes) -> int:
    """Where plain lines behind base64 begin; the length when there are none, 0 when all lines are such."""
    if not octets.translate(None, _ALPHABET + b"=\r\n") and b"===" not in octets:
        return len(octets)
    place, begin = 0, -1
    for line in octets.splitlines(keepends=True):
        bare = line.strip()
        if _is_plain(bare):
            begin = place if begin < 0 else begin
        elif len(bare) >= _WHOLE and _LINE.fullmatch(bare):
            begin = -1  # the lines above were damaged ones
        place += len(line)
    if begin < 0:
        return len(octets)
    # A footer or a letter may begin with a word that stands alone on its line.
    behind_padding = octets.rfind(b"=", 0, begin) + 1
    last = octets[behind_padding:begin].split()
    if any(len(line) >= _WHOLE for line in last):
        return begin
    fits = sum(map(len, last)) % 4 == 0 and not any(_WORD.fullmatch(line) for line in last)
    return begin if fits and (last or behind_padding) else behind_padding


def _is_plain(line: bytes) -> bool:
    """Whether a line is no base64, and not a damaged line of it, either: that has letters in both cases without an order."""
    return _LINE.fullmatch(line) is None and not any(_SCRAMBLED.search(run) for run in _RUN.findall(line))


def _decoded(octets: bytes, defects: list[str]) -> bytes:
    try:
        return binascii.a2b_base64(octets)
    except binascii.Error:
        defects.append("base64 that does not add up: read as far as it goes")
        clean = _OUTSIDE.sub(b"", octets)
        return binascii.a2b_base64(clean[: len(clean) // 4 * 4] + _last_group(clean))


def _last_group(clean: bytes) -> bytes:
    rest = clean[len(clean) // 4 * 4 :]
    return rest + b"=" * (4 - len(rest)) if len(rest) > 1 else b""
