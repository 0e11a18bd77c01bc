"""Charsets of mail: what a declared name means to Python, and octets decoded the way mail programs encoded them."""

import codecs
import re
from encodings import normalize_encoding
from encodings.aliases import aliases
from functools import lru_cache

# Text encodings of Python that are charsets of no mail; two of them read backslashes as escapes.
_NO_CHARSETS = frozenset(("idna", "punycode", "raw-unicode-escape", "undefined", "unicode-escape", "mbcs", "oem"))
_NOT_PRINTABLE = re.compile(r"[^!-~]+")
_COMMENT = re.compile(r"\([^()]*\)")
# Python looks for a file for each name that it does not know, and remembers the name for ever: strangers' names are not asked for.
_PYTHONS = frozenset((*aliases, *aliases.values(), "cp1006", "cp720", "cp737", "cp856", "cp874", "koi8_t", "koi8_u"))
# Names that mail programs write and Python does not know.
_ALIASES = {
    "ansi_x3.110-1983": "iso-8859-1",
    "iso-8859-8-i": "iso-8859-8",
    "iso-8859-6-i": "iso-8859-6",
    "gb_2312-80": "gb2312",
    "x-mac-cyrillic": "mac-cyrillic",
    "x-mac-roman": "mac-roman",
    "x-windows-949": "cp949",
    "windows-31j": "cp932",
    "windows-874": "cp874",
    "x-sjis": "shift_jis",
    "x-gbk": "gbk",
    "unicode-1-1-utf-7": "utf-7",
    "unicode-1-1-utf-8": "utf-8",
    "utf7": "utf-7",
}
# Charsets whose octets mail programs write in a larger one (what WHATWG's Encoding Standard says of the web holds for mail), by the
# names that Python gives them. Of several codecs the first that takes all octets is the one.
_WIDER = {
    "iso8859-1": ("cp1252",),
    "iso8859-9": ("cp1254",),
    "iso8859-11": ("cp874",),
    "tis-620": ("cp874",),
    "gb2312": ("gb18030",),
    "gbk": ("gb18030",),
    "big5": ("big5", "cp950", "big5hkscs"),
    "shift_jis": ("cp932", "shift_jis_2004"),
    "euc_jp": ("euc_jp", "euc_jis_2004"),
    "euc_kr": ("cp949",),
    "iso2022_jp": ("iso2022_jp", "iso2022_jp_ext", "iso2022_jp_2"),
}
# A charset's name within a longer one, as in `iso-gb2312`, `windows-1252http-equiv`, `x-cp1251` or `utf8mb4`.
_WITHIN = (
    (re.compile(r"utf[-_ ]?8"), "utf-8"),
    (re.compile(r"(?:windows|win|cp|ansi|ms)[-_]?(125[0-8])"), r"windows-\1"),
    (re.compile(r"(?:windows|win|cp|ibm|ms)[-_]?(866|932|936|949|950|874)"), r"cp\1"),
    (re.compile(r"iso[-_]?8859[-_](1[0-6]|[1-9])"), r"iso-8859-\1"),
    (re.compile(r"koi8[-_]?u"), "koi8-u"),
    (re.compile(r"koi8"), "koi8-r"),
    (re.compile(r"mac[-_]?(?:os[-_]?)?cyrillic"), "mac-cyrillic"),
    (re.compile(r"gb[-_]?(?:2312|18030|k)"), "gb18030"),
    (re.compile(r"big[-_]?5"), "big5"),
    (re.compile(r"iso[-_]?2022[-_]?(jp|kr)"), r"iso-2022-\1"),
    (re.compile(r"s(?:hift)?[-_]?jis"), "shift_jis"),
    (re.compile(r"euc[-_]?(jp|kr)"), r"euc-\1"),
    (re.compile(r"ascii"), "us-ascii"),
)
STATEFUL = ("iso2022", "hz", "utf-7", "utf-16", "utf-32")  # where octets below 80 are not always their ASCII characters
_JIS_ROWS = re.compile(rb"\x1b\$(?:[@B]|\(B)([!-~\r\n ]*)")


def label(declared: str | None) -> str:
    """A declared name without quotes, comments, blanks and a repeated `charset=`, in lower case; at most 60 characters."""
    return _label(declared[:200]) if declared else ""


@lru_cache(maxsize=256)
def _label(declared: str) -> str:
    bare = _NOT_PRINTABLE.sub("", _COMMENT.sub("", declared)).strip("\"';,=").lower()
    return bare.rpartition("charset=")[2].strip("\"';,")[:60]


@lru_cache(maxsize=256)
def meant(name: str) -> str:
    """The name (lower case) when it is known, else a known one within it; '' for one that nobody knows."""
    known = _ALIASES.get(name, name)
    if normalize_encoding(known).lower() in _PYTHONS:
        try:
            found = codecs.lookup(known)
            return name if found._is_text_encoding and found.name not in _NO_CHARSETS else ""
        except LookupError:  # the code page of Windows has a name elsewhere, too
            return ""
    for pattern, within in _WITHIN:
        if (match := pattern.search(name)) and match.expand(within) != name:
            return meant(match.expand(within))
    return ""


@lru_cache(maxsize=256)
def codecs_of(name: str) -> tuple[str, ...]:
    """Python's codecs for a charset's name (lower case), to be tried in this order; () for one that nobody knows."""
    known = meant(name)
    if not known:
        return ()
    found = codecs.lookup(_ALIASES.get(known, known)).name
    return _WIDER.get(found, (found,))


def decoded(octets: bytes, candidates: tuple[str, ...]) -> str | None:
    """The text by the first codec that takes all octets, or None. ISO-2022-JP of Windows and of phones (code page 50221) is taken too."""
    for codec in candidates:
        try:
            return octets.decode(codec)
        except UnicodeError:
            continue
    return _from_jis(octets) if candidates and candidates[0] == "iso2022_jp" and octets.isascii() else None


def nearly(octets: bytes, codec: str) -> str | None:
    """The text when all but few characters of it are in that charset: one octet lost on the way must not cost the whole text."""
    sample = octets[:20_000].decode(codec, "replace")
    lost = sample.count("\ufffd")
    high = sum(char >= "\x80" for char in sample)
    return octets.decode(codec, "replace") if lost * 10 <= high - lost else None


def _from_jis(octets: bytes) -> str | None:
    """ISO-2022-JP with the rows that NEC and IBM added (circled digits, Roman numerals), which only cp932 knows."""

    def shifted(match: re.Match[bytes]) -> bytes:
        pairs = match[1].translate(None, b"\r\n ")
        found = bytearray()
        for row, cell in zip(pairs[::2], pairs[1::2], strict=False):
            # JIS X 0208 Annex 1: two rows of 94 to a lead octet of Shift_JIS.
            lead = (row - 0x21) // 2 + 0x81
            found.append(lead if lead <= 0x9F else lead + 0x40)
            found.append(cell + (0x1F if cell < 0x60 else 0x20) if row % 2 else cell + 0x7E)
        return bytes(found)

    try:
        return re.sub(rb"\x1b\([BJI]", b"", _JIS_ROWS.sub(shifted, octets)).decode("cp932")
    except UnicodeError:
        return None
