"""Whether two requests are surely the same: every difference between their words must be one that changes nothing.

The differences are found sentence by sentence and then word by word in their places, so that "browser A" and "browser B", "add" and
"remove" or a new "not" are seen as what they are, however much else is equal.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from rapidfuzz.distance import OSA

from mailbot.core.desk.repeats.lexicon import asks_more, asks_something, days, is_moment, joints, little, reminds, says_nothing
from mailbot.core.desk.repeats.reading import Reading, Word, in_script
from mailbot.core.desk.repeats.vocabulary import is_known, is_typing_error, other_layout, root, twin

ENOUGH = 5  # words with content that two requests share before anything but equality makes them the same
EXCERPT_SHARE = 0.2  # of the longer request's words with content that an excerpt has
_NEARLY_ALL = 0.75  # of the words with content are equal where one difference makes another request
_MOST_ERRORS = 0.3  # of the words may be typed wrongly
_MOST_WORK = 250_000  # pairs of words that are compared
_FRESH = 1  # words beyond the known ones that a sentence may have which asks for nothing
_MOST_NEW = 2  # the same for all of them

Sentence = tuple[Word, ...]


@dataclass(frozen=True, slots=True)
class Likeness:
    """`same`: surely the same request; `other`: nearly the same words, yet surely another; `because`: what differs, or why not.

    `added`, `missing`: the words, as written, that only the new and only the old request has.
    """

    same: bool
    because: str
    other: bool = False
    added: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Difference:
    """Words in one place: `missing` of the old request, `added` of the new one; `whole` when they are whole sentences."""

    missing: Sentence
    added: Sentence
    whole: bool


def likeness(new: Reading, old: Reading) -> Likeness:
    """Compare a new request with an earlier one."""
    new, errors = _corrected(new, old)
    if errors > max(2, _MOST_ERRORS * len(new.words)):
        return Likeness(False, "too many words differ")
    plain = _sentences(new), _sentences(old)
    best: Likeness | None = None
    for differences in (_by_sentence(*plain), _by_word(*plain)):
        if differences is None:
            continue
        found = _judged(differences, new, old, errors)
        if found.same:
            return found
        best = best if best and (best.other or not found.other) else found
    return best or Likeness(False, "too long to compare")


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
    words = [word for word in theirs.values() if word.kind in ("word", "not")]
    strange = {place: word for place, word in enumerate(new.words) if word.text not in theirs}
    if len(strange) * len(words) > _MOST_WORK:
        return new, 0
    change: dict[int, str] = {}
    errors = 0
    for place, word in strange.items():
        match = next((other.text for other in words if _is_typed_otherwise(word, other)), None)
        if match is None and word.kind == "word" and not word.is_name:
            match = next((other.text for other in words if not other.is_name and is_typing_error(word.text, other.text)), None)
            errors += match is not None
        if match is not None:
            change[place] = match
    return (in_script(new, change) if change else new), errors


def _is_typed_otherwise(new: Word, old: Word) -> bool:
    """Whether a word is another one with letters of another alphabet that look alike, or in the other keyboard layout."""
    if twin(new.text) == twin(old.text):
        return True
    typed = (other_layout(raw).casefold().replace("ё", "е") for raw in (new.raw.strip("«»“”„()"), new.raw.strip("«»“”„().,")))
    return any(old.text in (one, one.strip(".,;:!?\"'")) for one in typed)


def _by_sentence(new: list[Sentence], old: list[Sentence]) -> list[Difference] | None:
    """Differences of sentences that have most of their words in common; the others are added or missing as a whole."""
    ours, theirs = _left_over(new, old)
    differences: list[Difference] = []
    for sentence in ours:
        words = set(_texts(sentence))
        rated = [(len(words & set(_texts(other))) / max(len(words), len(other)), place) for place, other in enumerate(theirs)]
        share, place = max(rated, default=(0.0, -1))
        if share >= 0.5:
            differences += _places(theirs.pop(place), sentence)
        else:
            differences.append(Difference((), sentence, True))
    return differences + [Difference(sentence, (), True) for sentence in theirs]


def _by_word(new: list[Sentence], old: list[Sentence]) -> list[Difference] | None:
    """Differences of all words in their order: what one side has as two sentences may be one on the other."""
    ours, theirs = _left_over(new, old)
    a, b = [word for sentence in theirs for word in sentence], [word for sentence in ours for word in sentence]
    if len(a) * len(b) > _MOST_WORK:
        return None
    return _places(tuple(a), tuple(b))


def _left_over(new: list[Sentence], old: list[Sentence]) -> tuple[list[Sentence], list[Sentence]]:
    """The sentences that the other side has not, wherever it may have them."""

    def without(sentences: list[Sentence], others: list[Sentence]) -> list[Sentence]:
        held = Counter(_texts(sentence) for sentence in others)
        left = []
        for sentence in sentences:
            texts = _texts(sentence)
            if held[texts]:
                held[texts] -= 1
            elif sentence:
                left.append(sentence)
        return left

    return without(new, old), without(old, new)


def _places(old: Sentence, new: Sentence) -> list[Difference]:
    matcher = SequenceMatcher(None, _texts(old), _texts(new), autojunk=False)
    return [
        Difference(old[i:k], new[j:m], _is_whole(old, i, k) and _is_whole(new, j, m))
        for what, i, k, j, m in matcher.get_opcodes()
        if what != "equal"
    ]


def _is_whole(words: Sentence, start: int, end: int) -> bool:
    """Whether the words from start to end are whole sentences, or none."""
    return start == end or (
        (start == 0 or words[start - 1].sentence != words[start].sentence)
        and (end == len(words) or words[end - 1].sentence != words[end].sentence)
    )


def _judged(differences: list[Difference], new: Reading, old: Reading, errors: int) -> Likeness:
    added = [word for one in differences for word in one.added]
    missing = [word for one in differences for word in one.missing]
    shown = tuple(word.raw for word in added), tuple(word.raw for word in missing)
    shared = [word for word in _without(old.words, missing) if _has_content(word)]
    wrong = _first_wrong(differences, old) if old.words and new.words else "no words to compare"
    if wrong is None and differences and len(shared) < ENOUGH:
        wrong = "too few words in common"
    long = sum(_has_content(word) for word in old.words)
    if wrong is None and len(shared) < EXCERPT_SHARE * long:
        wrong = "too small a part of it"
    if wrong is not None:
        most = max(long, sum(_has_content(word) for word in new.words))
        telling = [one for one in differences if not (_is_idle(one.added) and _is_idle(one.missing))]
        other = len(shared) >= _NEARLY_ALL * most and all(_contrasts(one) for one in telling)
        return Likeness(False, wrong, other, *shown)
    return Likeness(True, _because(differences, errors), False, *shown)


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


def _first_wrong(differences: list[Difference], old: Reading) -> str | None:
    """The first difference that may change the request, in words; None when there is none."""
    known = {root(word.text) for word in old.words if word.kind == "word"} | {word.text for word in old.words}
    lost = [one for one in differences if one.missing and not _is_idle(one.missing)]
    spent = 0
    for one in differences:
        if not one.whole:
            in_subject = all(word.sentence == 0 for word in (*one.missing, *one.added))
            if not _is_nothing(one) and not (in_subject and _is_idle(one.missing) and _is_idle(one.added)):
                return f"“{_quoted(one.missing)}” became “{_quoted(one.added)}”"
            continue
        for sentence in _by_number(one.added):
            fresh = _fresh(sentence, known)
            strict = bool(lost) or sentence[0].sentence == 0
            if not _adds_nothing(sentence, fresh, strict):
                return f"“{_quoted(sentence)}” is new"
            spent += 0 if reminds(_line(sentence)) else len(fresh)
    if spent > _MOST_NEW:
        return "too much is new"
    subject = [word for one in differences for word in one.missing if word.sentence == 0 and word.kind in ("number", "place", "not")]
    if subject and any(one.added and one.added[0].sentence == 0 and not _is_idle(one.added) for one in differences):
        return f"“{_quoted(tuple(subject))}” is gone from the subject"
    return None


def _by_number(words: Sentence) -> list[Sentence]:
    numbers = dict.fromkeys(word.sentence for word in words)
    return [tuple(word for word in words if word.sentence == number) for number in numbers]


def _is_nothing(one: Difference) -> bool:
    """Whether a difference within a sentence is none: the same letters written apart or together, mistyped, or words of no weight."""
    if "".join(_texts(one.missing)).replace("-", "") == "".join(_texts(one.added)).replace("-", ""):
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


def _is_idle(words: Sentence) -> bool:
    """Whether words say nothing of a request."""
    return all(word.kind == "word" and root(word.text) in says_nothing() for word in words)


def _fresh(sentence: Sentence, known: set[str]) -> list[Word]:
    """The words of an added sentence that the old request has not and that may say something."""
    return [
        word
        for word in sentence
        if word.text not in known and (word.kind != "word" or (root(word.text) not in known and root(word.text) not in says_nothing()))
    ]


def _adds_nothing(sentence: Sentence, fresh: list[Word], strict: bool) -> bool:
    """Whether an added sentence only reminds, thanks or complains. `strict`: it stands where something else was said before."""
    if any(word.kind == "place" or root(word.text) in asks_more() for word in fresh):
        return False
    said = [word for word in fresh if word.kind != "not" and not is_moment(word.text) and root(word.text) not in days()]
    if any(word.kind != "word" for word in said):
        return False
    asks = asks_something(_texts(sentence))
    if reminds(_line(sentence)):
        return len(said) <= (0 if sentence[0].sentence == 0 else 1 if asks else 2)
    on_topic = any(word.kind != "word" or root(word.text) not in says_nothing() for word in sentence if word.kind != "not")
    if strict or asks:
        return not on_topic
    moments = any(is_moment(word.text) or root(word.text) in days() for word in fresh)
    denies = any(word.kind == "not" for word in fresh)
    return not moments and len(said) <= (0 if denies else _FRESH) and not any(word.is_name for word in said)


def _contrasts(one: Difference) -> bool:
    """Whether a difference in one place tells two requests apart: a number, an address, a name, a negation, one word for another."""
    words = (*one.missing, *one.added)
    if one.whole or len(one.missing) > 3 or len(one.added) > 3:
        return False
    if any(word.kind != "word" or word.is_name for word in words):
        return True
    return len(one.missing) == len(one.added) == 1 and all(is_known(word.text) for word in words)


def _has_content(word: Word) -> bool:
    return word.kind != "word" or root(word.text) not in joints()


def _line(words: Sentence) -> str:
    return " ".join(_texts(words))


def _quoted(words: Sentence) -> str:
    text = " ".join(word.raw for word in words[:8])
    return text if len(words) <= 8 else f"{text} …"
