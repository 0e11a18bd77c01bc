"""A text as hashed features: stems and pairs of stems, and pieces of two to five letters within words.

Pieces recognise a misspelt word, another ending, a compound, in any language; stems and pairs say the same more sharply in English
and Russian. Both are found by their CRC-32, so that a model needs no list of words.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from functools import lru_cache
from itertools import pairwise
from zlib import crc32

import Stemmer

VERSION = 1  # of what this file makes of a text: a model of another version must be trained anew
READ = 4000  # characters of a text that are read: the request stands at its beginning
LONGEST = 30  # letters of a word that are read
PIECES = range(2, 6)
_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)?")  # a name of a cause is read, too: card_arrival is two words
_DIGIT = re.compile(r"\d")
_ENGLISH, _RUSSIAN = Stemmer.Stemmer("english", 0), Stemmer.Stemmer("russian", 0)  # without caches of their own: `stem` has one


def words_of(text: str) -> list[str]:
    """The words of a text in order and in one case; each digit is a 0: which order it is says nothing of the cause."""
    folded = unicodedata.normalize("NFKC", text[:READ]).casefold().replace("ё", "е").replace("’", "'").replace("n't", " not")
    return [_DIGIT.sub("0", word[:LONGEST]) for word in _WORD.findall(folded[: 2 * READ])]


@lru_cache(1024)
def stem(word: str) -> str:
    """The word without its ending; a word of neither English nor Russian letters stays nearly as it is."""
    return str((_RUSSIAN if "а" <= word[0] <= "я" else _ENGLISH).stemWord(word))


@lru_cache(1024)  # each up to two kilobytes
def of_word(word: str) -> tuple[int, ...]:
    """What one word alone brings: first its stem, then its pieces; with the blanks around it, which tell a beginning from a middle."""
    padded = f" {word} "
    pieces = (padded[at : at + size] for size in PIECES for at in range(len(padded) - size + 1))
    return _hash("w", stem(word)), *(_hash("c", piece) for piece in pieces)


def blocks(words: Sequence[str]) -> tuple[Counter[int], Counter[int]]:
    """How often each feature stands in a text: (stems and pairs of neighbours, pieces of words)."""
    stems = ["^", *map(stem, words), "$"]
    pairs = (_hash("p", f"{left} {right}") for left, right in pairwise(stems))
    single = [of_word(word) for word in words]
    return Counter(_chain([parts[0] for parts in single], pairs)), Counter(_chain(*(parts[1:] for parts in single)))


def _chain(*parts: Iterable[int]) -> Iterable[int]:
    return (one for part in parts for one in part)


def _hash(kind: str, piece: str) -> int:
    return crc32(f"{kind}{piece}".encode())
