"""Which words there are, and what their roots are: a word that is in a dictionary is no typing error of another one.

The dictionaries are read when the first mail needs them: most mails repeat nothing.
"""

import re
from collections import defaultdict
from collections.abc import Iterable
from functools import cache, lru_cache
from itertools import islice

import pymorphy3
import Stemmer
from rapidfuzz.distance import OSA
from spellchecker import SpellChecker

_ENGLISH = str.maketrans(
    "qwertyuiop[]asdfghjkl;'zxcvbnm,.`QWERTYUIOP{}ASDFGHJKL:\"ZXCVBNM<>~",
    "йцукенгшщзхъфывапролджэячсмитьбюёЙЦУКЕНГШЩЗХЪФЫВАПРОЛДЖЭЯЧСМИТЬБЮЁ",
)
_RUSSIAN = {new: old for old, new in _ENGLISH.items()}
# Where a Russian keyboard has its stops.
_ENGLISH |= {
    ord("/"): ord("."),
    ord("?"): ord(","),
    ord("&"): ord("?"),
    ord("^"): ord(":"),
    ord("$"): ord(";"),
}
_WORDS = 1024  # that are remembered: a text has few others, and each takes 100 to 300 octets in each of the caches
_STOPS = ".,!?:;/"
_SAMPLE = 8  # words that show how a text was typed
_TWINS = str.maketrans("асеорхукіѕ", "aceopxykis")  # letters that look alike; people who switch keyboards mix them
_CYRILLIC = re.compile("[а-яё]", re.IGNORECASE)
_LATIN = re.compile("[a-z]", re.IGNORECASE)
_NO_WORD = re.compile(r"https?:|www\.|@|\d|\.(?:ru|com|net|org|example|html?|php|pdf|jpe?g|png|docx?|xlsx?)\b", re.IGNORECASE)


def other_layout(text: str) -> str:
    """The text as if each key had been pressed with the other keyboard layout in force ('ghbdtn' and 'привет')."""
    return text.translate(_RUSSIAN if _CYRILLIC.search(text) else _ENGLISH)


def in_its_layout(text: str) -> str:
    """The text; words that exist only with the other keyboard layout are typed anew, with those beside them in the same alphabet."""
    if (text.isascii() or not _LATIN.search(text)) and not _is_wrong(word for word in text.split() if _script(word)):
        return text
    parts = re.split(r"(\s+)", text)
    begin = 0
    while begin < len(parts):
        script = _script(parts[begin])
        end = begin + 1
        while end < len(parts) and _script(parts[end]) in (script, None):
            end += 1
        if script and _is_wrong(part for part in parts[begin:end] if _script(part)):
            parts[begin:end] = [_retyped(part) if _script(part) else part for part in parts[begin:end]]
        begin = end
    return "".join(parts)


@lru_cache(_WORDS)
def _script(word: str) -> str | None:
    """In which alphabet a word is; None for what tells nothing: white space, numbers, addresses."""
    if _NO_WORD.search(word):
        return None
    return "ru" if _CYRILLIC.search(word) else "en" if _LATIN.search(word) else None


def _is_wrong(words: Iterable[str]) -> bool:
    """Whether half of the first words of a passage exist with the other layout alone."""
    sample = list(islice((word for word in words if len(word) > 2), _SAMPLE))
    wrong = sum(map(_is_meant, sample))
    return 0 < len(sample) <= wrong * 2 and (wrong > 1 or len(sample[0]) > 3)  # a short one may be an abbreviation


@lru_cache(_WORDS)
def _is_meant(word: str) -> bool:
    """Whether a word exists with the other layout alone; a stop at its end may be a letter there."""
    return not is_known(_letters(word)) and any(is_known(_letters(other_layout(one))) for one in (word, word.rstrip(_STOPS)))


def _retyped(word: str) -> str:
    bare = word.rstrip(".,:;!")
    if not is_known(_letters(other_layout(word))) and is_known(_letters(other_layout(bare))):
        return other_layout(bare) + word[len(bare) :]
    return word if is_known(_letters(word)) and not is_known(_letters(other_layout(word))) else other_layout(word)


def _letters(word: str) -> str:
    return word.strip(_STOPS + "\"'()«»-–—").casefold().replace("ё", "е")


def twin(word: str) -> str:
    """The word with one letter for all that look alike."""
    return word.translate(_TWINS)


@cache
def _russian() -> pymorphy3.MorphAnalyzer:
    return pymorphy3.MorphAnalyzer(lang="ru")


@cache
def _english() -> dict[str, str]:
    """The words by their first two letters, a space before and behind each: a set of 160,000 strings would take 20 MB more."""
    words: dict[str, list[str]] = defaultdict(list)
    for word in SpellChecker(language="en").word_frequency.words():
        words[word[:2]].append(word)
    return {begin: f" {' '.join(found)} " for begin, found in words.items()}


@cache
def _stemmer() -> Stemmer.Stemmer:
    return Stemmer.Stemmer("english", 0)  # without a cache of its own: `root` has one, and ten thousand words take megabytes


@lru_cache(_WORDS)
def is_known(word: str) -> bool:
    """Whether a folded word is in the dictionary of its script."""
    if _CYRILLIC.search(word):
        return not _LATIN.search(word) and bool(_russian().word_is_known(word))
    return f" {word} " in _english().get(word[:2], "")


@lru_cache(_WORDS)
def root(word: str) -> str:
    """What all forms of a word have in common: the dictionary's form in Russian, the stem in English."""
    if _CYRILLIC.search(word):
        return str(_russian().parse(word)[0].normal_form).replace("ё", "е")
    return str(_stemmer().stemWord(word))


@lru_cache(_WORDS)
def grammar(word: str) -> frozenset[str]:
    """What a folded Russian word most likely is, in the names of OpenCorpora ('NOUN', 'VERB', …); nothing of other words."""
    return frozenset(_russian().parse(word)[0].tag.grammemes) if _CYRILLIC.search(word) else frozenset()


@lru_cache(_WORDS)
def may_be(word: str) -> frozenset[str]:
    """All that a folded Russian word of the dictionary can be ('impr', 'Name', …)."""
    if not _CYRILLIC.search(word) or not is_known(word):
        return frozenset()
    return frozenset(said for parse in _russian().parse(word) for said in parse.tag.grammemes)


def is_imperative(word: str) -> bool:
    """Whether a folded Russian word tells somebody to do something ('добавьте'); 'день' could, but does not."""
    return "impr" in grammar(word) or (word.endswith(("те", "тесь")) and "impr" in may_be(word))


def is_typing_error(one: str, other: str) -> bool:
    """Whether one of two folded words is the other with a typing error or two; of two words that both exist neither is."""
    shorter = min(len(one), len(other))
    distance = OSA.distance(one, other, score_cutoff=2)
    if shorter < 4 or distance > (1 if shorter < 8 else 2):
        return False
    if is_known(one) or is_known(other):
        return not (is_known(one) and is_known(other))
    return shorter >= 7 and distance == 1 and _is_slip(one, other)


def _is_slip(one: str, other: str) -> bool:
    """Whether fingers slipped in the midst of a word: two letters changed places, or one is there twice."""
    if one[:2] != other[:2] or one[-1] != other[-1]:
        return False
    if len(one) == len(other):
        return sorted(one) == sorted(other)
    return re.sub(r"(.)\1", r"\1", one) == re.sub(r"(.)\1", r"\1", other)
