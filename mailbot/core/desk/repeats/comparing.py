"""Two mails as requests: their words, which of many are nearest, and whether the one is the other."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from mailbot.core.desk.repeats.likeness import Likeness, likeness
from mailbot.core.desk.repeats.reading import Reading, joined, read
from mailbot.core.desk.repeats.score import Context, shortlist
from mailbot.core.desk.repeats.vocabulary import in_its_layout
from mailbot.core.mail.visible import own_words
from mailbot.core.mail.visible.quoted import quoted_words

CANDIDATES = 200  # messages of a client whose sketches are looked at, open tickets' and the newest first
ALIKE = 0.6  # of the smaller one's terms, before two texts are compared word by word: slips and forwards leave as much
_READ = 6000  # characters of a text that sketch and score read
_LEVELS = 3  # forwards of forwards
_FEW = 40  # words: what stands above a quote and is shorter may only point at it
_RUNNING = 50  # characters of a line of text; those of a signature, with its telephone, are shorter
_RUN = re.compile(r"[^\W_]+")  # of letters and digits; one expression for those with a digit would try each letter of a long word anew
_DIGIT = re.compile(r"\d")
_BETWEEN = re.compile(r"[\W_]+")


_own_words = lru_cache(64)(own_words)  # sketch, score and comparing ask for those of the same texts


@dataclass(frozen=True, slots=True)
class Nearest:
    """A client's messages most like a new one. `found`: (index, share of the smaller one's terms that both have), the best first."""

    context: Context
    found: tuple[tuple[int, float], ...]


@lru_cache(64)
def asked(text: str) -> str:
    """What a mail asks, for sketch and score: its own words, with the mail below them when they are few."""
    own = _own_words(text[: 4 * _READ])
    quoted = _own_words(quoted_words(text[: 4 * _READ])) if len(own.split()) < _FEW else ""
    words = "\n".join(part for part in (own, quoted) if part) or text
    return "\n".join(in_its_layout(line) for line in words[:_READ].split("\n"))


@lru_cache(64)
def _numbers(subject: str, text: str) -> tuple[frozenset[str], str]:
    """The numbers and codes of a mail, without its signature's, and all that it says in one piece."""
    folded = unicodedata.normalize("NFKC", f"{subject}\n{asked(text)}").casefold()
    lines = folded.split("\n")
    running = (line for above, line in pairwise(lines) if max(len(above), len(line)) >= _RUNNING)
    return frozenset(filter(_DIGIT.search, _RUN.findall("\n".join([lines[0], *running])))), _BETWEEN.sub("", folded)


def numbers_differ(new: tuple[str, str], old: tuple[str, str]) -> bool:
    """Whether each of two mails, as (subject, text), has a number that the other has nowhere: then they are two requests."""
    (ours, all_ours), (theirs, all_theirs) = _numbers(*new), _numbers(*old)
    return any(one not in all_theirs for one in ours - theirs) and any(one not in all_ours for one in theirs - ours)


def nearest(new: bytes, earlier: Sequence[bytes]) -> Nearest:
    """Choose by sketches the messages whose texts are worth comparing; `earlier`: the messages that come first among equals first."""
    return Nearest(Context([new, *earlier]), tuple(shortlist(new, earlier)))


@lru_cache(64)
def readings(subject: str, text: str) -> tuple[Reading, ...]:
    """How a mail can be read as a request: what its sender wrote, that with the mail that he quotes or passes on, and so on below."""
    own = _own_words(text)
    found = [read(subject, own)] if own else []
    below = text
    for _ in range(_LEVELS):
        below = quoted_words(below)
        words = _own_words(below)
        if words:
            found.append(joined(found[-1], read("", words)) if found else read(subject, words))
    return tuple(found) or (read(subject, text),)


def compare(new: tuple[Reading, ...], old: tuple[Reading, ...]) -> Likeness:
    """The best that can be said of two mails, each read narrowly or widely: the same, surely another, or neither."""
    pairs = [(one, other) for one in _ends(new) for other in _ends(old)]
    found = (likeness(one, other) for one, other in pairs)
    return max(found, key=lambda one: (one.same, one.other, bool(one.missing)))


def _ends(readings_of_one: tuple[Reading, ...]) -> tuple[Reading, ...]:
    return readings_of_one if len(readings_of_one) < 2 else (readings_of_one[0], readings_of_one[-1])


@lru_cache(64)
def compared(new: tuple[str, str], old: tuple[str, str]) -> Likeness:
    """`compare` of two mails, each as (subject, text): the rules of one message ask for the same pairs."""
    return compare(readings(*new), readings(*old))
