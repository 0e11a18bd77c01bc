"""Whether two requests are surely the same: every difference between their words must be one that changes nothing.

The differences are found sentence by sentence and then word by word in their places, so that "browser A" and "browser B", "add" and
"remove" or a new "not" are seen as what they are, however much else is equal.
"""

import re
from collections import Counter
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import Match, SequenceMatcher
from itertools import pairwise

from rapidfuzz.distance import OSA

from mailbot.core.desk.repeats.lexicon import days, is_somebody, little
from mailbot.core.desk.repeats.reading import Reading, Word, in_script
from mailbot.core.desk.repeats.remarks import has_content, is_idle, is_remark
from mailbot.core.desk.repeats.vocabulary import is_known, is_typing_error, other_layout, root, twin

ENOUGH = 5  # words with content that two requests share before anything but equality makes them the same
EXCERPT_SHARE = 0.2  # of the longer request's words with content that an excerpt has
_NEARLY_ALL = 0.75  # of the words with content are equal where one difference makes another request
_INITIAL = re.compile(r"[^\W\d_]\.$")
_MOVABLE = 7  # words of a sentence that may stand elsewhere
_FEW = 3  # words that differ in one place
_MOST_ERRORS = 0.3  # of the words may be typed wrongly
_SHARED = 0.4  # of the words of the request with fewer different ones
_MOST_WORK = 20_000  # pairs of equal elements that are looked at
_MOST_PAIRS = 2_500  # pairs of sentences
_STRANGERS = 60  # words that the other side has not; with more there is no need to look for slips
# Who leaves such a sentence out asks for something else.
_LIMITS = re.compile(r"^(?:but|но)\b|\b(?:only|unless|once|except|against|только|кроме|не раньше|раньше нельзя|против|исключая)\b")

Sentence = tuple[Word, ...]


@dataclass(frozen=True, slots=True)
class Likeness:
    """`same`: surely the same request; `other`: nearly the same words, yet surely another; `because`: what differs, or why not.

    `added`, `missing`: the words, as written, that only the new and only the old request has; `shared`: how many with content both have.
    """

    same: bool
    because: str
    other: bool = False
    added: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    shared: int = 0


@dataclass(frozen=True, slots=True)
class Difference:
    """Words in one place: `missing` of the old request, `added` of the new one; `whole` when they are whole sentences."""

    missing: Sentence
    added: Sentence
    whole: bool


def likeness(new: Reading, old: Reading) -> Likeness:
    """Compare a new request with an earlier one."""
    if reason := _incomparable(new, old):
        return Likeness(False, reason)
    new, errors = _corrected(new, old)
    if errors > max(2, _MOST_ERRORS * len(new.words)):
        return Likeness(False, "too many words differ")
    left = _left_over(_sentences(new), _sentences(old))
    if left is None:
        return Likeness(False, "too long to compare")
    best: Likeness | None = None
    for find in (_by_sentence, _by_word):
        differences = find(*left)
        if differences is None:
            continue
        found = _judged(differences, new, old, errors)
        if found.same:
            return found
        best = best if best and (best.other or not found.other) else found
    return best or Likeness(False, "too long to compare")


def _incomparable(new: Reading, old: Reading) -> str | None:
    """Why two requests cannot be the same at first sight; None when they may be."""
    if new.cut or old.cut:
        return "too long to compare"
    ours, theirs = set(_texts(new.words)), set(_texts(old.words))
    if not ours or not theirs:
        return "no words to compare"
    return "too many words differ" if len(ours & theirs) < _SHARED * min(len(ours), len(theirs)) else None


def _sentences(reading: Reading) -> list[Sentence]:
    found: list[list[Word]] = [[] for _ in range(reading.sentences)]
    for word in reading.words:
        found[word.sentence].append(word)
    return [tuple(words) for words in found]


def _texts(words: Iterable[Word]) -> tuple[str, ...]:
    return tuple(word.text for word in words)


def _corrected(new: Reading, old: Reading) -> tuple[Reading, int]:
    """The new reading with the old one's words where it has them mistyped or in another layout, and how many are mistyped."""
    theirs = {word.text: word for word in sorted(old.words, key=lambda word: not word.is_name)}
    strange = {place: word for place, word in enumerate(new.words) if word.text not in theirs}
    twins = {twin(text): text for text in theirs}
    change: dict[int, str] = {}
    for place, word in strange.items():
        if meant := _typed_otherwise(word, theirs, twins):
            change[place] = meant
    errors = {place: word for place, word in strange.items() if place not in change and word.kind == "word" and not word.is_name}
    if len(errors) > _STRANGERS:
        return in_script(new, change), 0
    words = [word.text for word in theirs.values() if word.kind in ("word", "not") and not word.is_name and len(word.text) > 3]
    unknown = [text for text in words if not is_known(text)]
    mistyped = 0
    for place, word in errors.items():
        # Of two words that both exist neither is mistyped.
        rivals = unknown if is_known(word.text) else words
        match = next((text for text in rivals if abs(len(text) - len(word.text)) <= 2 and is_typing_error(word.text, text)), None)
        if match is not None:
            change[place] = match
            mistyped += 1
    return in_script(new, change), mistyped


def _typed_otherwise(new: Word, theirs: Mapping[str, Word], twins: Mapping[str, str]) -> str | None:
    """The old word that a new one is with letters of another alphabet that look alike, or in the other keyboard layout."""
    if meant := twins.get(twin(new.text)):
        return meant
    bare = new.raw.strip("«»“”„()")
    for raw in dict.fromkeys((bare, bare.rstrip(".,"))):
        typed = other_layout(raw).casefold().replace("ё", "е")
        for one in (typed, typed.strip(".,;:!?\"'")):
            if one in theirs:
                return one
    # A stop at the end of a word that was typed in the other layout is a letter in this one.
    return new.text[:-1] if new.text[-1:] in ("ю", "б") and new.text[:-1] in theirs else None


def _left_over(new: list[Sentence], old: list[Sentence]) -> tuple[list[Sentence], list[Sentence]] | None:
    """The sentences that the other side has not in the same order; a long one may stand anywhere, for nothing refers to its place.

    None for texts of which it would take too long to tell.
    """
    added, missing = [(_texts(one), one) for one in new if one], [(_texts(one), one) for one in old if one]
    blocks = _blocks([texts for texts, _ in missing], [texts for texts, _ in added])
    if blocks is None:
        return None
    for i, j, size in reversed(blocks):
        del missing[i : i + size], added[j : j + size]
    moved = Counter(texts for texts, _ in missing) & Counter(texts for texts, _ in added if len(texts) >= _MOVABLE)
    return _without_some(added, moved), _without_some(missing, moved)


def _without_some(sentences: list[tuple[tuple[str, ...], Sentence]], some: Counter[tuple[str, ...]]) -> list[Sentence]:
    left, kept = Counter(some), []
    for texts, sentence in sentences:
        if left[texts]:
            left[texts] -= 1
        else:
            kept.append(sentence)
    return kept


def _blocks(old: Sequence[Hashable], new: Sequence[Hashable]) -> list[Match] | None:
    """What two sequences have in common in the same order; None when too many of their elements are equal to find that out."""
    held = Counter(old)
    if sum(held[one] for one in new) > _MOST_WORK:
        return None
    return SequenceMatcher(None, old, new, autojunk=False).get_matching_blocks()


def _by_sentence(new: list[Sentence], old: list[Sentence]) -> list[Difference] | None:
    """Differences of sentences that have most of their words in common; the others are added or missing as a whole."""
    if len(new) * len(old) > _MOST_PAIRS:
        return None
    open_ones = [(set(_texts(one)), one) for one in old]
    differences: list[Difference] = []
    for sentence in new:
        words = set(_texts(sentence))
        rated = [(len(words & theirs) / max(len(words), len(theirs)), place) for place, (theirs, _) in enumerate(open_ones)]
        share, place = max(rated, default=(0.0, -1))
        if share >= 0.5 and _texts(open_ones[place][1]) != _texts(sentence):  # the same one elsewhere is of another order
            found = _places(open_ones.pop(place)[1], sentence)
            if found is None:
                return None
            differences += found
        else:
            differences.append(Difference((), sentence, True))
    return differences + [Difference(sentence, (), True) for _, sentence in open_ones]


def _by_word(new: list[Sentence], old: list[Sentence]) -> list[Difference] | None:
    """Differences of all words in their order: what one side has as two sentences may be one on the other.

    None when one of the sentences only stands elsewhere: its words would be equal, and what it was moved over is not among these.
    """
    if not {_texts(one) for one in new}.isdisjoint(map(_texts, old)):
        return None
    return _places(tuple(word for sentence in old for word in sentence), tuple(word for sentence in new for word in sentence))


def _places(old: Sentence, new: Sentence) -> list[Difference] | None:
    """Where the words of two passages differ; None when it would take too long to tell."""
    blocks = _blocks(_texts(old), _texts(new))
    if blocks is None:
        return None
    found: list[Difference] = []
    i = j = 0
    for k, m, size in blocks:
        if i < k or j < m:
            found.append(Difference(old[i:k], new[j:m], _is_whole(old, i, k) and _is_whole(new, j, m)))
        i, j = k + size, m + size
    return found


def _is_whole(words: Sentence, start: int, end: int) -> bool:
    """Whether the words from start to end are whole sentences, or none."""
    return start == end or (
        (start == 0 or words[start - 1].sentence != words[start].sentence)
        and (end == len(words) or words[end - 1].sentence != words[end].sentence)
    )


def _judged(differences: list[Difference], new: Reading, old: Reading, errors: int) -> Likeness:
    added = [word for one in differences for word in one.added]
    missing = [word for one in differences for word in one.missing]
    shown = _written(added), _written(missing)
    shared = [word for word in _without(old.words, missing) if has_content(word)]
    long = sum(has_content(word) for word in old.words)
    wrong = _first_wrong(differences, old, new)
    if wrong is None and len(shared) < ENOUGH and any(one.whole or not _is_nothing(one) for one in differences):
        wrong = "too few words in common"
    if wrong is None and len(shared) < EXCERPT_SHARE * long:
        wrong = "too small a part of it"
    if wrong is not None:
        most = max(long, sum(has_content(word) for word in new.words))
        telling = [one for one in differences if not (is_idle(one.added) and is_idle(one.missing))]
        other = bool(telling) and len(shared) >= _NEARLY_ALL * most and all(_contrasts(one) for one in telling)
        return Likeness(False, wrong, other, *shown, len(shared))
    return Likeness(True, _because(differences, errors), False, *shown, len(shared))


def _without(words: Sequence[Word], missing: list[Word]) -> list[Word]:
    gone = {id(word) for word in missing}
    return [word for word in words if id(word) not in gone]


def _because(differences: list[Difference], errors: int) -> str:
    said = []
    if added := [word for one in differences for word in one.added]:
        said.append(f"what is added says nothing new (“{_quoted(tuple(added))}”)")
    if any(one.missing for one in differences):
        said.append("a part of it is left out")
    if errors:
        said.append(f"{errors} mistyped")
    return ", ".join(said)


def _first_wrong(differences: list[Difference], old: Reading, new: Reading) -> str | None:
    """The first difference that may change the request, in words; None when there is none."""
    known = {root(word.text) for word in old.words if word.kind == "word"} | {word.text for word in old.words}
    lost = [one.missing for one in differences if one.missing and one.missing[0].sentence and not is_idle(one.missing)]
    for words in (one.missing for one in differences if one.missing):
        if any(_LIMITS.search(" ".join(_texts(sentence))) for sentence in _by_number(words)):
            return f"“{_quoted(words)}” is gone"
    for one in differences:
        if not one.whole and not _is_nothing(one) and not _is_in_subject(one):
            return f"“{_quoted(one.missing)}” became “{_quoted(one.added)}”"
        for sentence in _by_number(one.added):
            if not one.whole or sentence[0].sentence == 0:
                continue
            # What stands where something else stood must speak of waiting; a name may be the signature of both.
            if not is_remark(sentence, known) and not (_is_signed(sentence, new) and not lost):
                return f"“{_quoted(sentence)}” is new"
    return _wrong_subject(differences, known, {root(word.text) for word in new.words})


def _is_in_subject(one: Difference) -> bool:
    return all(word.sentence == 0 for word in (*one.missing, *one.added))


def _wrong_subject(differences: list[Difference], known: set[str], ours: set[str]) -> str | None:
    """Why the new subject is of another request: it has words that the old request has not, or others in the place of some of them."""
    of_subject = [one for one in differences if any(word.sentence == 0 for word in (*one.missing, *one.added))]
    added = tuple(word for one in of_subject for word in one.added if word.sentence == 0)
    missing = tuple(word for one in of_subject for word in one.missing if word.sentence == 0)
    fresh = tuple(word for word in added if not is_idle((word,)))
    gone = tuple(word for word in missing if not is_idle((word,)) and root(word.text) not in ours)
    unknown = [word for word in fresh if word.text not in known and (word.is_name or root(word.text) not in known)]
    if unknown or (fresh and gone):
        return f"the subject “{_quoted(missing)}” became “{_quoted(added)}”"
    return None


def _is_signed(sentence: Sentence, reading: Reading) -> bool:
    """Whether a sentence is the last one and a name."""
    last = sentence[0].sentence == reading.sentences - 1
    return last and len(sentence) <= 3 and all(is_somebody(word.raw.strip(".,;:!?")) or _INITIAL.match(word.raw) for word in sentence)


def _by_number(words: Sentence) -> list[Sentence]:
    numbers = dict.fromkeys(word.sentence for word in words)
    return [tuple(word for word in words if word.sentence == number) for number in numbers]


def _is_nothing(one: Difference) -> bool:
    """Whether a difference within a sentence is none: the same letters written apart or together, mistyped, or words of no weight."""
    plain = all(word.kind not in ("number", "place") for word in (*one.missing, *one.added))
    if plain and "".join(_texts(one.missing)).replace("-", "") == "".join(_texts(one.added)).replace("-", ""):
        return True
    old, new = ({word.raw.casefold().strip(".,;:!?") for word in words} for words in (one.missing, one.added))
    if len(old) == len(new) == 1 and _is_mistyped(new.pop(), old.pop()):  # 'doesnt' is two words here
        return True
    return all(word.kind == "word" and not word.is_name and _joins(word.text) for word in (*one.missing, *one.added))


def _is_mistyped(new: str, old: str) -> bool:
    return "n" in old and old.endswith("t") and (other_layout(new) == old or (not is_known(new) and OSA.distance(new, old) == 1))


def _joins(word: str) -> bool:
    """Whether a word may come and go within a sentence, mistyped perhaps ('teh')."""
    return root(word) in little() or (len(word) > 2 and not is_known(word) and any(OSA.distance(word, one) == 1 for one in little()))


def _contrasts(one: Difference) -> bool:
    """Whether a difference in one place tells two requests apart: a number, an address, a name, a day or a negation."""
    words = (*one.missing, *one.added)
    few = not one.whole and len(one.missing) <= _FEW and len(one.added) <= _FEW
    return few and any(word.kind != "word" or word.is_name or root(word.text) in days() for word in words)


def _quoted(words: Sentence) -> str:
    written = _written(words)
    text = " ".join(written[:8])
    return text if len(written) <= 8 else f"{text} …"


def _written(words: Sequence[Word]) -> tuple[str, ...]:
    """The words as they were written: the two of "doesn't" once."""
    pairs = pairwise((None, *words))
    return tuple(word.raw for above, word in pairs if word and not (above and word.kind == "not" != above.kind and word.raw == above.raw))
