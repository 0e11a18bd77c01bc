"""A request as comparing reads it: words in their order, each with its sentence, without greeting and closing."""

import re
import unicodedata
from dataclasses import dataclass, replace
from typing import Literal

from mailbot.core.desk.repeats.vocabulary import in_its_layout
from mailbot.core.desk.words import bare_subject

READ = 20_000  # characters; of longer texts only equal ones are the same
_WIDEST = 100  # characters of a line that a program has wrapped
_LONGEST_SUBJECT = 300  # characters
_LONGEST = 1500  # words that are compared

Kind = Literal["word", "number", "place", "not"]

_THOUSANDS = re.compile(r"(?<=\d)[ \u00a0\u202f'](?=\d{3}(?:\D|$))")
_UNIT = re.compile(r"(?<=\d) (?=[%°€$₽£])")
_PLACE = re.compile(r"(?:https?://|ftp://|www\.|\S+@\S+\.\w|/[a-zа-я_])|\w[\w-]*(?:\.[\w-]+)*\.[a-zа-я]{2,6}(?:[/?#:]\S*)?$", re.IGNORECASE)
_SCHEME = re.compile(r"^(?:https?://)?(?:www\.)?", re.IGNORECASE)
_OUTSIDE = ".,;:!?…\"'`«»“”„‘’()[]{}<>*_-–—|~=•·"
_END = re.compile(r"[.!?…]+[\"'»”)\]]*$")
_ABBREVIATION = re.compile(
    r"(?:^|[(«\"])(?:[^\W\d_]|e\.g|i\.e|etc|mr|mrs|ms|dr|st|vs|approx|т\.[дпек]|тел|стр|ул|руб|др|пр|им|см|рис)\.$", re.IGNORECASE
)
_BULLET = re.compile(r"\s*(?:[-–—*•·+]|\d{1,2}[.)])\s")
_NT = re.compile(r"(ca|wo|sha|[a-z]{2,})n['’]?t$")


def _words(words: str) -> frozenset[str]:
    return frozenset(words.split())


_NT_WORDS = _words("dont doesnt didnt cant wont isnt arent wasnt werent couldnt wouldnt shouldnt havent hasnt hadnt cannot")
_NOT = _words("not no never nt none nothing nobody without nor neither не нет ни нельзя без никогда ничего никто")
_DROPPED = _words("a an the же ли бы")

_GREETING = re.compile(
    r"^(?:hello|hi|hey|dear|greetings|good (?:morning|afternoon|evening|day)|здравствуйте|здраствуйте|добрый (?:день|вечер)|доброе утро"
    r"|доброго (?:дня|времени суток|утра|вечера)|приветствую|привет|уважаем(?:ые|ый|ая))(?![^\W_])",
    re.IGNORECASE,
)
_INTRODUCTION = re.compile(r"^(?:this is|my name is|i am|i'm|меня зовут|это|(?:вам |вас )?пишет|(?:вас )?беспокоит)\s", re.IGNORECASE)
_OF_A_FIRM = _words("from of at and the company shop store из от и компания магазин магазина фирма фирмы салон салона студия")
_CLOSING = re.compile(
    r"(?:(?:many )?(?:thanks|thank you)|(?:with |my )?(?:(?:very )?(?:best|kind|kindest|warm|many|all) ?(?:regards|wishes"
    r"|the best)?|regards)|thx"
    r"|cheers|(?:yours )?(?:sincerely|truly|faithfully)|yours|sent from .*|get outlook .*"
    r"|с (?:большим |глубоким )?уважением|с ув|с наилучшими(?: пожеланиями)?|с благодарностью|заранее (?:спасибо|благодар\w+)"
    r"|спасибо|благодарю"
    r"|всего (?:доброго|хорошего|наилучшего)|хорошего дня|отправлено (?:с|из) .*|искренне ваш\w?|до свидания|удачи)"
    r"(?: (?:in advance|very much|a lot|so much|again|for your help|all|заранее|большое|огромное|вам|за помощь|и хорошего дня))*",
    re.IGNORECASE,
)
_INITIAL = re.compile(r"(?:^|\s)[^\W\d_]\.$")
_CONTACT = re.compile(r"\+?\d[\d ()./-]{6,}\d|\S@\S|(?:https?://|www\.)|^(?:tel|phone|mob|тел|моб)\b", re.IGNORECASE)
_SENTENCE_END = (".", "!", "?", "…", ")", "»", '"', "”")


@dataclass(frozen=True, slots=True)
class Word:
    """One word. `text`: folded, for comparing; `raw`: as it was written; `is_name`: it has a capital where a usual word has none."""

    text: str
    raw: str
    kind: Kind
    sentence: int
    is_name: bool = False


@dataclass(frozen=True, slots=True)
class Reading:
    """The words of a request. `sentences`: how many there are; sentence 0 is the subject."""

    words: tuple[Word, ...]
    sentences: int

    @property
    def content(self) -> int:
        """How many words it has."""
        return len(self.words)


def read(subject: str, text: str) -> Reading:
    """The words of a request: its subject and what the client wrote below it."""
    words = _words_of(unicodedata.normalize("NFKC", in_its_layout(bare_subject(subject)[:_LONGEST_SUBJECT])), 0)
    sentence = 1
    for one in _sentences(unicodedata.normalize("NFKC", text[:READ])):
        found = _words_of(one, sentence)
        if found:
            words += found
            sentence += 1
    return Reading(tuple(words[:_LONGEST]), sentence)


def joined(one: Reading, other: Reading) -> Reading:
    """Two texts of one mail, read one after the other; the second has no subject."""
    words = one.words + tuple(replace(word, sentence=word.sentence + one.sentences - 1) for word in other.words)
    return Reading(words[:_LONGEST], one.sentences + other.sentences - 1)


def _sentences(text: str) -> list[str]:
    """The sentences between greeting and closing."""
    lines = text.replace("\r\n", "\n").split("\n")
    lines = [in_its_layout(line.strip().lstrip("\u200b\ufeff")) for line in lines]
    lines = _unsigned([line for line in lines if not line or any(character.isalnum() for character in line)])
    found: list[str] = []
    for paragraph in _joined(lines):
        begin: list[str] = []
        for raw in paragraph.split():
            begin.append(raw)
            if _END.search(raw) and not _ABBREVIATION.search(raw):
                found.append(" ".join(begin))
                begin = []
        if begin:
            found.append(" ".join(begin))
    return _ungreeted(found)


def _joined(lines: list[str]) -> list[str]:
    """Paragraphs, lists' items and lines that end before the width of their neighbours, each as one line."""
    joined: list[str] = []
    width = 0
    for number, line in enumerate(lines):
        previous = lines[number - 1] if number else ""
        if not line:
            width = 0
            continue
        wrapped = bool(previous) and not _BULLET.match(line) and len(previous) + 1 + len(line.split()[0]) > width <= _WIDEST
        if not previous:
            width = max(len(other) for other in _block(lines, number))
        if wrapped:
            joined[-1] += f" {line}"
        else:
            joined.append(line)
    return joined


def _block(lines: list[str], start: int) -> list[str]:
    end = next((number for number in range(start, len(lines)) if not lines[number]), len(lines))
    return lines[start:end]


def _unsigned(lines: list[str]) -> list[str]:
    """The lines without the closing words at the end and the name, position and telephone below them."""
    lines = list(lines)
    while lines and not lines[-1]:
        lines.pop()
    for number in range(max(len(lines) - 9, 1), len(lines)):
        if _is_closing(lines[number]) and _is_signature(lines[number + 1 :]):
            return _unsigned(lines[:number])
    for number in range(max(len(lines) - 5, 1), len(lines)):
        above = next((line for line in reversed(lines[:number]) if line), "")
        apart = above.endswith(_SENTENCE_END) or (not lines[number - 1] and above[-1:] not in (":", ","))
        if lines[number] and apart and _is_signature(lines[number:]) and _is_names(lines[number]):
            return lines[:number]
    return lines


def _is_closing(line: str) -> bool:
    """Whether a line says goodbye and nothing else: 'Best regards, Anna', not 'Thanks to the new form …'."""
    match = _CLOSING.match(line)
    if match is None:
        return False
    rest = line[match.end() :].strip(" ,.!-–—;)")
    return not rest or (line[match.end()] in " ,.!-–—" and _is_names(rest))


def _is_signature(lines: list[str]) -> bool:
    """Whether lines can be name, position, firm and how to reach them."""
    return all(
        not line
        or _CONTACT.search(line)
        or (len(line) <= 60 and len(line.split()) <= 7 and (not line.endswith((".", "!", "?", ":", ";")) or _INITIAL.search(line)))
        for line in lines
    )


def _is_names(line: str) -> bool:
    words = [word for word in line.split() if word[:1].isalpha()]
    return 0 < len(words) <= 4 and all(word[0].isupper() for word in words) and not any(character.isdigit() for character in line)


def _ungreeted(sentences: list[str]) -> list[str]:
    """The sentences without greetings, and without those at the begin that say who writes."""
    kept: list[str] = []
    for sentence in sentences:
        rest = _without_greeting(sentence)
        if rest and (kept or not _introduces(rest)):
            kept.append(rest)
    return kept


def _without_greeting(sentence: str) -> str:
    greeting = _GREETING.match(sentence)
    if greeting is None:
        whom, _, rest = sentence.partition(",")
        hails = _is_names(whom) and len(rest.split()) <= 3 and _GREETING.match(rest.strip())
        return "" if hails else sentence
    rest = sentence[greeting.end() :].lstrip(" ,!")
    whom, comma, request = rest.partition(",")
    if comma and len(whom.split()) <= 4 and not any(character.isdigit() for character in whom):
        return request.strip()
    return "" if not rest.strip(_OUTSIDE + " ") or _is_names(rest) else rest


def _introduces(sentence: str) -> bool:
    """'This is Anna from Rose Shop.': names, and the words between them."""
    match = _INTRODUCTION.match(sentence)
    words = sentence[match.end() :].split() if match else []
    bare = [word.strip(_OUTSIDE) for word in words]
    return 0 < len(words) <= 8 and all(word[:1].isupper() or word.casefold() in _OF_A_FIRM for word in bare)


def _words_of(sentence: str, number: int) -> list[Word]:
    sentence = _UNIT.sub("", _THOUSANDS.sub("", sentence))
    shouted = sentence.isupper()
    words: list[Word] = []
    for raw in sentence.split():
        bare = raw.strip(_OUTSIDE)
        if not bare:
            continue
        first = not words
        words += _word(bare, raw, number, may_name=not first and not shouted)
    return words


def _word(bare: str, raw: str, number: int, may_name: bool) -> list[Word]:
    folded = bare.casefold().replace("ё", "е").replace("’", "'")
    if folded in _DROPPED:
        return []
    if _PLACE.match(bare):
        return [Word(_SCHEME.sub("", folded).rstrip("/"), raw, "place", number)]
    if any(character.isdigit() for character in folded):
        return [Word(folded, raw, "number", number)]
    if folded in _NOT:
        return [Word("not" if folded in ("nt", "no") else folded, raw, "not", number)]
    if stem := _denied(folded):
        return [Word(stem, raw, "word", number), Word("not", raw, "not", number)]
    inner = any(character.isupper() for character in bare[1:]) and not bare.isupper()
    return [Word(folded, raw, "word", number, is_name=inner or (may_name and bare[:1].isupper()))]


def _denied(word: str) -> str | None:
    """The verb of 'doesn't', 'dont' or 'cannot'; None for another word."""
    if word == "cannot":
        return "can"
    match = _NT.match(word) if "n't" in word or word in _NT_WORDS else None
    return {"ca": "can", "wo": "will", "sha": "shall"}.get(match[1], match[1]) if match else None


def in_script(reading: Reading, change: dict[int, str]) -> Reading:
    """The reading with other texts for the words at these places."""
    words = tuple(replace(word, text=change[place]) if place in change else word for place, word in enumerate(reading.words))
    return Reading(words, reading.sentences)
