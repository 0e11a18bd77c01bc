"""A request as comparing reads it: words in their order, each with its sentence, without greeting and closing."""

import re
import unicodedata
from dataclasses import dataclass, replace
from typing import Literal, NamedTuple

from mailbot.core.desk.repeats.trimming import OUTSIDE, ungreeted, unsigned
from mailbot.core.desk.repeats.vocabulary import in_its_layout
from mailbot.core.desk.words import bare_subject

READ = 20_000  # characters; of longer texts only equal ones are the same
_WIDEST = 100  # characters of a line that a program has wrapped
_LONGEST_SUBJECT = 300  # characters
_LONGEST = 1500  # words that are compared

Kind = Literal["word", "number", "place", "not"]

_THOUSANDS = re.compile(r"(?<=\d)[ \u00a0\u202f',](?=\d{3}(?!\d))(?!\d{3}[ \u00a0-]\d{2}(?!\d))")
# 'anna@rose.example<mailto:anna@rose.example>': where the link before it leads, as Outlook writes it.
_LEADS = re.compile(r"(?<=\S) ?<(?:mailto:|https?://)[^<>\s]{1,500}>")
_TELEPHONE = re.compile(r"(?<![\w.,-])(?:\+\d{1,3}|8|0)[ \n-]?\(?\d{2,5}\)?(?:[ \n-]?\d{2,4}){2,4}(?![\w-])")
_NO_SUBJECT = re.compile(
    r"\W*(?:no subject|without subject|без темы|нет темы)\W*(?:\((?:again|second time|второй раз|повторно|ещё раз)\))?\W*$", re.IGNORECASE
)
_TAG = re.compile(
    r"^\s*(?:\[(?:spam|external|extern|ext|внешнее|спам)[^\]]{0,20}\]|(?:\d(?:st|nd|rd|th)|second|third|2-е|3-е|второе"
    r"|третье) (?:attempt|time|request|письмо|обращение)\s*:)",
    re.IGNORECASE,
)
_UNIT = re.compile(r"(?<=\d) (?=[%°€$₽£])")
_PLACE = re.compile(
    r"(?:mailto:|https?://|ftp://|www\.|\S+@\S+\.\w|/[a-zа-я_])|\w[\w-]*(?:\.[\w-]+)*\.[a-zа-я]{2,24}(?:[/?#:]\S*)?$", re.IGNORECASE
)
_SCHEME = re.compile(r"^(?:https?://)?(?:www\.)?", re.IGNORECASE)
_END = re.compile(r"[.!?…]+[\"'»”)\]]*$")
_ABBREVIATION = re.compile(
    r"(?:^|[(«\"])(?:[^\W\d_]|e\.g|i\.e|etc|st|vs|approx|т\.[дпек]|тел|стр|ул|руб|др|пр|им|см|рис)\.$", re.IGNORECASE
)
_TITLE = re.compile(r"[(«\"]?(?:mr|mrs|ms|dr)\.$", re.IGNORECASE)
_BULLET = re.compile(r"\s*(?:[-–—*•·+]|\d{1,2}[.)])\s")
_MINUS = re.compile(r"(?:[^\w−–—-]|_)*[−–-][$€£₽]?\d")
_DASHES = str.maketrans("–—−", "---")
_SIGNS = frozenset("<>=+≤≥±")
_OPENS, _CLOSES = frozenset('«“„"'), frozenset('»”“"')
_NT = re.compile(r"(ca|wo|sha|[a-z]{2,})n['’]?t$")


def _words(words: str) -> frozenset[str]:
    return frozenset(words.split())


_NT_WORDS = _words("dont doesnt didnt cant wont isnt arent wasnt werent couldnt wouldnt shouldnt havent hasnt hadnt cannot")
_NOT = _words("not no never nt none nothing nobody without nor neither не нет ни нельзя без никогда ничего никто")
_DROPPED = _words("a an the же ли бы p.s ps p.p.s pps з.ы зы")


class Word(NamedTuple):  # a thousand a mail: a dataclass takes twice as long to make
    """One word. `text`: folded, for comparing; `raw`: as it was written; `is_name`: it has a capital where a usual word has none."""

    text: str
    raw: str
    kind: Kind
    sentence: int
    is_name: bool = False


@dataclass(frozen=True, slots=True)
class Reading:
    """The words of a request. `sentences`: how many there are; sentence 0 is the subject. `cut`: there is more than was read."""

    words: tuple[Word, ...]
    sentences: int
    cut: bool = False


def read(subject: str, text: str) -> Reading:
    """The words of a request: its subject and what the client wrote below it."""
    words = _words_of(in_its_layout(_bare(_cleaned(subject[:_LONGEST_SUBJECT]))), 0)
    sentence = 1
    for one in _sentences(_cleaned(text[:READ])):
        found = _words_of(one, sentence)
        if found:
            words += found
            sentence += 1
    return Reading(tuple(words[:_LONGEST]), sentence, cut=len(text) > READ or len(words) > _LONGEST)


def _cleaned(text: str) -> str:
    """One form for characters that have several; numbers in groups of three digits in one piece."""
    whole = text.encode("utf-8", "replace").decode("utf-8")  # half a pair of surrogates is no character
    plain = _THOUSANDS.sub("", _LEADS.sub("", unicodedata.normalize("NFKC", whole)))
    return _TELEPHONE.sub(lambda match: re.sub(r"\D", "", match[0]), plain)


def _bare(subject: str) -> str:
    """The subject without what replies, lists, filters and a third attempt put in front."""
    bare = bare_subject(_TAG.sub("", bare_subject(subject)))
    return "" if _NO_SUBJECT.match(bare) else bare


def joined(one: Reading, other: Reading) -> Reading:
    """Two texts of one mail, read one after the other; the second has no subject."""
    words = one.words + tuple(word._replace(sentence=word.sentence + one.sentences - 1) for word in other.words)
    return Reading(words[:_LONGEST], one.sentences + other.sentences - 1, one.cut or other.cut or len(words) > _LONGEST)


def _sentences(text: str) -> list[str]:
    """The sentences between greeting and closing."""
    lines = [in_its_layout(line.strip().lstrip("\u200b\ufeff")) for line in text.split("\n")]
    lines = unsigned([line for line in lines if not line or any(character.isalnum() for character in line)])
    found: list[str] = []
    for paragraph in _joined(lines):
        begin: list[str] = []
        words = paragraph.split()
        for raw, following in zip(words, [*words[1:], ""], strict=True):
            begin.append(raw)
            if _END.search(raw) and not _goes_on(raw, following):
                found.append(" ".join(begin))
                begin = []
        if begin:
            found.append(" ".join(begin))
    return ungreeted(found)


def _goes_on(raw: str, following: str) -> bool:
    """Whether a word's stop is that of an abbreviation within the sentence: 'Н. Петров', 'Mr. Smith', '12 руб. за штуку'."""
    return _TITLE.match(raw) is not None or (_ABBREVIATION.search(raw) is not None and (len(raw) < 3 or not following[:1].isupper()))


def _joined(lines: list[str]) -> list[str]:
    """Paragraphs, lists' items and lines that end before the width of their neighbours, each as one line."""
    joined: list[str] = []
    width, count = 0, 0
    for number, line in enumerate(lines):
        previous = lines[number - 1] if number else ""
        if not line:
            continue
        item = _BULLET.match(line)
        wrapped = bool(previous) and not item and len(previous) + 1 + len(line.split()[0]) > width <= _WIDEST
        if not previous:
            width = max(len(other) for other in _block(lines, number))
        if wrapped:
            joined[-1] += f" {line}"
            continue
        digits = "".join(filter(str.isdigit, item[0])) if item else ""
        if digits and int(digits) == count + 1:
            count += 1  # only a list that counts from one is decoration
        elif digits:
            item, count = None, 0
        joined.append(line[item.end() :] if item else line)
    return joined


def _block(lines: list[str], start: int) -> list[str]:
    end = next((number for number in range(start, len(lines)) if not lines[number]), len(lines))
    return lines[start:end]


def _words_of(sentence: str, number: int) -> list[Word]:
    shouted = sentence.isupper()
    quoted = False
    words: list[Word] = []
    for raw in _UNIT.sub("", sentence).split():
        quoted = quoted or raw.lstrip("(")[:1] in _OPENS
        bare = raw.strip(OUTSIDE)
        if words and raw in _SIGNS:
            words.append(Word(raw, raw, "number", number))
        elif bare.isalnum() or any(character.isalnum() for character in bare):
            if bare.casefold() in _DROPPED and not quoted:
                continue
            found = _word(bare, raw, number, is_name=quoted or _is_name(bare, first=not words, shouted=shouted))
            # 'a.example <http://a.example>': the text of a link, and where it leads
            if not (found[0].kind == "place" and words and words[-1].text == found[0].text):
                words += found
        if quoted and raw.rstrip(".,;:!?)")[-1:] in _CLOSES and (len(raw.rstrip(".,;:!?)")) > 1):
            quoted = False
    return words


def _is_name(bare: str, first: bool, shouted: bool) -> bool:
    """Whether a word has a capital where a usual word has none."""
    if bare.islower():
        return False
    if any(character.isupper() for character in bare[1:]) and not bare.isupper():
        return True
    return bare[:1].isupper() and not first and not shouted


def _word(bare: str, raw: str, number: int, is_name: bool) -> list[Word]:
    folded = bare.casefold().replace("ё", "е").replace("’", "'")
    if bare.isalpha() and folded not in _NOT and folded not in _NT_WORDS:
        return [Word(folded, raw, "word", number, is_name)]
    if _PLACE.match(bare):
        return [Word(_place(bare), raw, "place", number)]
    if any(character.isdigit() for character in folded):
        minus = "-" if _MINUS.match(raw) else ""
        # Where case is mixed, it is part of a code: a password, a video's name.
        exact = any(character.isupper() for character in bare) and any(character.islower() for character in bare)
        return [Word(minus + (bare if exact else folded).translate(_DASHES).removeprefix("-"), raw, "number", number)]
    if folded in _NOT:
        return [Word("not" if folded in ("nt", "no") else folded, raw, "not", number)]
    if stem := _denied(folded):
        return [Word(stem, raw, "word", number), Word("not", raw, "not", number)]
    return [Word(folded, raw, "word", number, is_name)]


def _place(bare: str) -> str:
    """An address without its scheme, the host in small letters."""
    bare = bare.removeprefix("mailto:")
    host, slash, path = _SCHEME.sub("", bare).partition("/")
    return (host.casefold() + slash + path).rstrip("/")


def _denied(word: str) -> str | None:
    """The verb of 'doesn't', 'dont' or 'cannot'; None for another word."""
    if word == "cannot":
        return "can"
    match = _NT.match(word) if "n't" in word or word in _NT_WORDS else None
    return {"ca": "can", "wo": "will", "sha": "shall"}.get(match[1], match[1]) if match else None


def in_script(reading: Reading, change: dict[int, str]) -> Reading:
    """The reading with other texts for the words at these places."""
    words = tuple(word._replace(text=change[place]) if place in change else word for place, word in enumerate(reading.words))
    return replace(reading, words=words)
