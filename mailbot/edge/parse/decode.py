"""From encoded octets to decoded ones, and from octets to text."""

import binascii
import re

from mailbot.edge.parse import packed
from mailbot.edge.parse.base64_lines import from_base64
from mailbot.edge.parse.charset import STATEFUL, codecs_of, decoded, label, meant, nearly
from mailbot.edge.parse.likely import ASCII, CYRILLIC, cyrillic_score, likely, likely_cyrillic, stands_in_words

_SOFT_BREAK = re.compile(rb"=[ \t]+(?=\r?\n|$)")
_NUL = re.compile(r"[\x00\ud800-\udfff]+")
_JIS_ESCAPES = (b"\x1b$B", b"\x1b$@", b"\x1b(J", b"\x1b(I")
_WESTERN = ("cp1252", "ascii", "iso8859-15")
_OF_ONE_OCTET = ("cp12", "iso8859", "koi8", "mac", "ascii")
_FAMILY = {codecs_of(name)[0]: name for name in CYRILLIC}
PLAIN = ("7bit", "8bit", "binary", "")


def decoded_body(octets: bytes, encoding: str, defects: list[str]) -> bytes:
    """A part's body without its Content-Transfer-Encoding (RFC 2045 section 6); never raises.

    `base64;tnef=2` is the second file inside a winmail.dat that is base64 there, `;uu=1` the first `begin` block of a text.
    """
    encoding, inside, kind_and_number = encoding.partition(";")
    if encoding == "base64":
        octets = from_base64(octets, defects)
    elif encoding in ("quoted-printable", "qp"):
        octets = binascii.a2b_qp(_SOFT_BREAK.sub(b"=", octets) if b"= " in octets or b"=\t" in octets else octets)
    elif encoding == "uuencode":
        octets = packed.from_uuencode(octets, defects)
    elif encoding not in PLAIN:
        defects.append(f"Content-Transfer-Encoding {encoding[:40]!r} is unknown: taken as it is")
    return packed.file_inside(octets, kind_and_number) if inside else octets


def text_of(octets: bytes, charset: str | None, defects: list[str], hint: str | None = None) -> tuple[str, str]:
    """(text with LF, the charset that was used).

    The declared charset is tried first, unless the octets show that it lies; then UTF-8, then `hint` (what another part of the
    same message declares), then the likeliest one.
    """
    declared = label(charset)
    candidates = codecs_of(declared) if declared else ()
    if candidates and meant(declared) != declared:
        defects.append(f"charset {declared[:40]!r} taken as {meant(declared)}")
        declared = meant(declared)
    stateful = bool(candidates) and candidates[0].startswith(STATEFUL)
    if octets.isascii() and not (stateful and (b"\0" in octets or not candidates[0].startswith(("utf-16", "utf-32")))):
        if stateful or b"\x1b" not in octets or not any(escape in octets for escape in _JIS_ESCAPES):
            return _clean(octets.decode("ascii"), defects), declared or "us-ascii"
        candidates, declared = codecs_of("iso-2022-jp"), "iso-2022-jp"
        defects.append("the escapes of ISO-2022-JP, which is not declared")
    if declared and not candidates:
        defects.append(f"charset {declared[:40]!r} is unknown")
    elif candidates and candidates[0] != "ascii":
        if truth := None if stateful else _overruled(octets, candidates[0]):
            defects.append(f"the text says {declared[:40]} and is in {truth}")
            return _clean(decoded(octets, codecs_of(truth)) or octets.decode(codecs_of(truth)[0], "replace"), defects), truth
        if (text := decoded(octets, candidates)) is not None:
            return _clean(text, defects), declared
        defects.append(f"the text is not in {declared[:40]}")
    text, name = _guessed(octets, declared if candidates else "", hint, defects)
    if not declared and name != "utf-8":
        defects.append(f"octets without a charset read as {name}")
    return text, name


def _guessed(octets: bytes, declared: str, hint: str | None, defects: list[str]) -> tuple[str, str]:
    """The text in the first charset that takes it: UTF-8, a hint, one of those with few octets lost, or the likeliest."""
    hinted = label(hint)
    tried = [name for name in ("utf-8", hinted) if name and codecs_of(name) and not codecs_of(name)[0].startswith((*STATEFUL, "ascii"))]
    for name in tried:
        if (text := decoded(octets, codecs_of(name))) is not None and not (name != "utf-8" and _overruled(octets, codecs_of(name)[0])):
            return _clean(text, defects), name
        if name == "utf-8" and (text := _with_strange_lines(octets, defects)) is not None:
            return _clean(text, defects), name
    for name in (declared, *tried):
        if name and codecs_of(name)[0] != "ascii" and (text := nearly(octets, codecs_of(name)[0])) is not None:
            return _clean(text, defects), name
    name = _with_byte_order_mark(octets) or likely(octets)[0]
    return _clean(decoded(octets, codecs_of(name)) or octets.decode(codecs_of(name)[0], "replace"), defects), name


def _with_strange_lines(octets: bytes, defects: list[str]) -> str | None:
    """UTF-8 with lines in another charset, which gateways and list servers put below it; None when it is not mostly UTF-8."""
    lines = octets.split(b"\n")
    texts = [line.decode("utf-8", "replace") for line in lines]
    strange: list[int] = []
    whole = lost = 0
    for number, text in enumerate(texts):
        if not text.isascii():
            broken = text.count("\ufffd")
            valid = sum(char >= "\x80" for char in text) - broken
            if broken > valid:
                strange.append(number)
            else:
                whole, lost = whole + valid, lost + broken
    other = b"\n".join(lines[number] for number in strange)
    if not other or lost * 10 > whole or len(other.translate(None, ASCII)) >= whole * 2:
        return None
    name = likely(other)[0]
    for number in strange:
        texts[number] = decoded(lines[number], codecs_of(name)) or lines[number].decode(codecs_of(name)[0], "replace")
    defects.append(f"lines that are not in utf-8 read as {name}")
    return "\n".join(texts)


def _with_byte_order_mark(octets: bytes) -> str | None:
    return "utf-16" if octets.startswith((b"\xff\xfe", b"\xfe\xff")) and decoded(octets, ("utf-16",)) else None


def _overruled(octets: bytes, codec: str) -> str | None:
    """The charset that the octets are plainly in although another one is declared, or None."""
    if codec == "utf-8":
        return None
    try:
        # Letters of several octets are hardly ever valid UTF-8 by chance; a word or two in a charset of two octets a letter,
        # or in cp866, can be.
        if len(octets) - len(octets.decode("utf-8")) >= (1 if codec in _WESTERN else 2 if codec.startswith(_OF_ONE_OCTET) else 8):
            return "utf-8"
    except UnicodeError:
        pass
    return _other_of_the_family(octets, _FAMILY[codec]) if codec in _FAMILY else _not_western(octets, codec)


def _other_of_the_family(octets: bytes, declared: str) -> str | None:
    """Russian mail programs write one Cyrillic charset and declare another; the declared one stands as long as words come of it."""
    if len(octets.translate(None, ASCII)) < 8 or cyrillic_score(octets, declared, 80) >= 0.4:
        return None  # a word or two are too short to know better than their writer; and of most texts the first words are enough
    best, score = likely_cyrillic(octets)
    return best if score >= 0.6 and cyrillic_score(octets, declared) < score / 3 else None


def _not_western(octets: bytes, codec: str) -> str | None:
    """Programs that know one charset declare ISO-8859-1 whatever is typed."""
    if codec not in _WESTERN or not stands_in_words(octets) or len(set(octets.translate(None, ASCII))) < 6:
        return None
    best, confidence = likely(octets)
    return best if confidence >= 0.2 and codecs_of(best)[0] not in (codec, "cp1252", "cp1250", "iso8859-2", "cp1254") else None


def _clean(text: str, defects: list[str]) -> str:
    text = text.removeprefix("\ufeff")
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    if _NUL.search(text):
        defects.append("NUL characters removed")
        text = _NUL.sub("", text)
    return text
