"""Words of a message as terms (numbers of stems), and the sketch of a message: its distinct terms in few octets."""

import re
import struct
import unicodedata
from collections.abc import Sequence
from functools import lru_cache
from itertools import islice
from typing import Any
from zlib import crc32

import numpy as np
from numpy.typing import NDArray
from Stemmer import Stemmer

Array = NDArray[Any]

READ = 4000  # characters of a text that are read: what is asked stands at its beginning
READ_SUBJECT = 300
LONGEST = 40  # characters of a word; what is longer is no word of a language, and its beginning tells it apart
SKETCHED_SUBJECT, SKETCHED = 60, 400  # distinct terms that a sketch holds: 1.8 KiB at most
_WORD = re.compile(r"[^\W_]+")
_EMPTY = b"\0\0"
# Without the libraries' own caches: the one below holds the finished number.
_RUSSIAN, _ENGLISH = Stemmer("russian", 0), Stemmer("english", 0)


def words(text: str, most: int = READ) -> list[str]:
    """The words at the beginning of a text, in one case and form; nothing but letters and digits is in a word."""
    folded = unicodedata.normalize("NFKC", text[:most])[:most].casefold().replace("ё", "е")
    return [word[:LONGEST] for word in _WORD.findall(folded)]


@lru_cache(2048)
def term(word: str) -> int:
    """The number of a word's stem. A mail may mix languages: the script of each word says whose rules it follows."""
    stemmer = _RUSSIAN if "а" <= word[0] <= "я" else _ENGLISH
    return crc32(stemmer.stemWord(word).encode())


@lru_cache(1024)  # each half a kilobyte
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


def sketched(octets: bytes) -> tuple[Sequence[int], Sequence[int]]:
    """The terms of a sketch: the subject's, and all; none of octets that are no sketch."""
    (count,), terms, _ = unpacked([octets])
    return terms[:count].tolist(), terms.tolist()


def unpacked(sketches: Sequence[bytes]) -> tuple[Array, Array, Array]:
    """Many sketches at once: how many terms of each are its subject's, all terms in a row, and of each the index of its sketch."""
    whole = [octets if len(octets) % 4 == 2 else _EMPTY for octets in sketches]
    terms = np.frombuffer(b"".join([octets[2:] for octets in whole]), "<u4")
    sizes = [len(octets) // 4 for octets in whole]
    heads = np.frombuffer(b"".join([octets[:2] for octets in whole]), "<u2").astype(int)
    return np.minimum(heads, sizes), terms, np.repeat(np.arange(len(whole)), sizes)


def common_to(ours: Array, theirs: Array) -> tuple[Array, Array]:
    """Where terms of `ours` (each once, in order) stand in `theirs`: the indexes there, and here."""
    near = np.zeros(1 << 16, bool)  # by the lower half of a number most are told apart at once
    near[ours & 0xFFFF] = True
    places = np.nonzero(near[theirs & 0xFFFF])[0]
    which = np.searchsorted(ours, theirs[places])
    met = ours[np.minimum(which, len(ours) - 1)] == theirs[places]
    return places[met], which[met]
