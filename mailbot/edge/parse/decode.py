"""From encoded octets to decoded ones, and from octets to text."""

import binascii
import codecs
import re

_NOT_BASE64 = re.compile(rb"[^A-Za-z0-9+/]+")
# Text encodings of Python that are charsets of no mail; two of them read backslashes as escapes.
_NO_CHARSETS = frozenset(("idna", "punycode", "raw-unicode-escape", "undefined", "unicode-escape"))
_NOT_PRINTABLE = re.compile(r"[^!-~]+")
_HIGH_WORD = re.compile(rb"[\x80-\xff]{3,}")
_NUL = re.compile(r"[\x00\ud800-\udfff]+")
# Names that mail programs write for charsets that Python knows by another name.
_ALIASES = {
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "x-gbk": "gb18030",
    "gb_2312-80": "gb18030",
    "ks_c_5601-1987": "cp949",
    "iso-8859-8-i": "iso-8859-8",
    "x-mac-cyrillic": "mac-cyrillic",
    "x-sjis": "cp932",
    "shift_jis": "cp932",
    "cp-1251": "cp1251",
    "win-1251": "cp1251",
    "x-cp1251": "cp1251",
    "ansi_x3.110-1983": "latin-1",
    "iso-8859-1": "cp1252",
    "latin-1": "cp1252",
    "us-ascii": "ascii",
    "unicode-1-1-utf-7": "utf-7",
    "utf7": "utf-7",
    "utf16": "utf-16",
    "csiso2022jp": "iso-2022-jp",
}
NOT_ASCII = ("iso2022", "iso-2022", "hz", "utf-7", "utf-16", "utf-32")  # where octets below 80 are not always their ASCII characters


def decoded_body(octets: bytes, encoding: str, defects: list[str]) -> bytes:
    """A part's body without its Content-Transfer-Encoding (RFC 2045 section 6); never raises."""
    if encoding == "base64":
        return _from_base64(octets, defects)
    if encoding == "quoted-printable":
        return binascii.a2b_qp(octets)
    if encoding not in ("7bit", "8bit", "binary", ""):
        defects.append(f"Content-Transfer-Encoding {encoding[:40]!r} is unknown: taken as it is")
    return octets


def _from_base64(octets: bytes, defects: list[str]) -> bytes:
    padding = octets.find(b"=")
    more = octets[padding:].translate(None, b"=\r\n") if padding >= 0 else b""
    if more and not _NOT_BASE64.search(more):  # a list's footer behind it would have blanks
        # Some programs encode piece by piece; a reader that stops at the first padding loses the others.
        defects.append("base64 goes on after its padding")
        return b"".join(_from_base64(piece, []) for piece in re.split(rb"=+", octets))
    try:
        return binascii.a2b_base64(octets)
    except binascii.Error:
        defects.append("base64 that does not add up: read as far as it goes")
        clean = _NOT_BASE64.sub(b"", octets)
        return binascii.a2b_base64(clean[: len(clean) // 4 * 4] + _last_group(clean))


def _last_group(clean: bytes) -> bytes:
    rest = clean[len(clean) // 4 * 4 :]
    return rest + b"=" * (4 - len(rest)) if len(rest) > 1 else b""


def text_of(octets: bytes, charset: str | None, defects: list[str]) -> tuple[str, str]:
    """(text with LF, the charset that was used). Tries the declared charset, then UTF-8, then the likeliest 8-bit one."""
    declared = _NOT_PRINTABLE.sub("", charset or "").strip("\"'").lower()
    codec = _ALIASES.get(declared, declared)
    if octets.isascii() and not codec.startswith(NOT_ASCII):
        return _clean(octets.decode("ascii"), defects), declared or "us-ascii"
    if codec and codec != "ascii":
        try:
            if (found := codecs.lookup(codec))._is_text_encoding and found.name not in _NO_CHARSETS:
                return _clean(octets.decode(codec), defects), declared
        except LookupError:
            defects.append(f"charset {declared[:40]!r} is unknown")
        except UnicodeError:
            defects.append(f"the text is not in {declared[:40]}")
    for candidate in ("utf-8", likely_8bit(octets)):
        try:
            return _clean(octets.decode(candidate), defects), candidate
        except UnicodeError:
            continue
    return _clean(octets.decode("cp1252", "replace"), defects), "windows-1252"


def likely_8bit(octets: bytes) -> str:
    """windows-1251 or koi8-r when most of the high octets are Cyrillic letters there, else windows-1252."""
    sample = octets[:20000]
    high = [octet for octet in sample if octet >= 0x80]
    letters = sum(octet >= 0xC0 for octet in high)
    in_words = sum(map(len, _HIGH_WORD.findall(sample)))  # accented letters of the West stand alone
    if in_words * 2 < len(high) or letters * 10 < len(high) * 9:
        return "windows-1252"
    # Small letters are far more frequent than capitals: windows-1251 has them at E0-FF, koi8-r at C0-DF.
    small = sum(octet >= 0xE0 for octet in high)
    return "windows-1251" if small * 2 > letters else "koi8-r"


def _clean(text: str, defects: list[str]) -> str:
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    if _NUL.search(text):
        defects.append("NUL characters removed")
        text = _NUL.sub("", text)
    return text
