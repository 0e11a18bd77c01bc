"""Words of a message as terms (numbers of stems), and the sketch of a message: its distinct terms in few octets."""

import re
import struct
import unicodedata
from collections.abc import Sequence
from functools import lru_cache
from itertools import islice
from zlib import crc32

from Stemmer import Stemmer

READ = 4000  # characters of a text that are read: what is asked stands at its beginning
READ_SUBJECT = 300
LONGEST = 40  # characters of a word; what is longer is no word of a language, and its beginning tells it apart
SKETCHED_SUBJECT, SKETCHED = 60, 400  # distinct terms that a sketch holds: 1.8 KiB at most
_WORD = re.compile(r"[^\W_]+")
# Without the libraries' own caches: the one below holds the finished number.
_RUSSIAN, _ENGLISH = Stemmer("russian", 0), Stemmer("english", 0)


def words(text: str, most: int = READ) -> list[str]:
    """The words at the beginning of a text, in one case and form; nothing but letters and digits is in a word."""
    folded = unicodedata.normalize("NFKC", text[:most])[:most].casefold().replace("ё", "е")
    return [word[:LONGEST] for word in _WORD.findall(folded)]


@lru_cache(16384)
def term(word: str) -> int:
    """The number of a word's stem. A mail may mix languages: the script of each word says whose rules it follows."""
    stemmer = _RUSSIAN if "а" <= word[0] <= "я" else _ENGLISH
    return crc32(stemmer.stemWord(word).encode())


@lru_cache(16384)
def grams(word: str) -> tuple[str, ...]:
    """The runs of four characters of a word and the spaces around it: they see through typos, endings and compounds."""
    padded = f" {word} "
    return tuple(padded[start : start + 4] for start in range(max(1, len(padded) - 3)))


def sketch(subject: str, text: str) -> bytes:
    """The distinct terms of a message: how many are the subject's (2 octets), the subject's, the others (4 octets each, little-endian)."""
    of_subject = list(islice(dict.fromkeys(map(term, words(subject, READ_SUBJECT))), SKETCHED_SUBJECT))
    known = set(of_subject)
    others = list(islice((one for one in dict.fromkeys(map(term, words(text))) if one not in known), SKETCHED))
    return struct.pack(f"<H{len(of_subject) + len(others)}I", len(of_subject), *of_subject, *others)


@lru_cache(512)  # the same ones are read two and three times a message
def sketched(octets: bytes) -> tuple[Sequence[int], Sequence[int]]:
    """The terms of a sketch: the subject's, and all; none of octets that are no sketch."""
    if len(octets) % 4 != 2:
        return (), ()
    (count,), terms = struct.unpack_from("<H", octets), struct.unpack_from(f"<{len(octets) // 4}I", octets, 2)
    return terms[:count], terms
