"""Rules of the configuration: words and senders that say what a request is about, or that it is urgent."""

import re
from dataclasses import dataclass
from functools import lru_cache


@dataclass(frozen=True, slots=True)
class CauseRule:
    """A configured rule: it speaks when each of its conditions that is given holds, and never without words and senders.

    `words`: one of them stands in the text, whole, in any case; "invoic*" takes every ending. `senders`: addresses, or "@example.com".
    """

    cause: str
    words: tuple[str, ...] = ()
    senders: tuple[str, ...] = ()
    language: str | None = None


def spoken(rule: CauseRule, text: str, sender: str, language: str | None) -> str | None:
    """What a configured rule found, or None. `sender`: in small letters."""
    found = _keywords(rule.words).search(text) if rule.words else None
    known = next((one for one in rule.senders if sender == one.lower() or (one.startswith("@") and sender.endswith(one.lower()))), None)
    met = (rule.language in {None, language}, found or not rule.words, known or not rule.senders, found or known)
    return " ".join([*([f"“{found.group(0)}”"] if found else []), *([f"from {known}"] if known else [])]) if all(met) else None


@lru_cache(maxsize=256)
def _keywords(words: tuple[str, ...]) -> re.Pattern[str]:
    """Whole words, whatever signs they begin and end with."""
    alternatives = (re.escape(word.removesuffix("*")) + ("" if word.endswith("*") else r"(?!\w)") for word in words)
    return re.compile(rf"(?<!\w)(?:{'|'.join(alternatives)})", re.IGNORECASE)
