"""A request without what letters begin and end with: greeting, who writes, thanks, name, position, telephone, disclaimer."""

import re

from mailbot.core.desk.repeats.lexicon import is_somebody
from mailbot.core.desk.repeats.vocabulary import is_imperative, may_be

OUTSIDE = ".,;:!?…\"'`«»“”„‘’()[]{}<>*_-–—|~=•·"
_PASSES_ON = re.compile(
    r"\b(?:повтор\w*|направля\w*|пересыл\w*|дублир\w*|письмо|обращение|message|mail|e-?mail|resend\w*|forward\w*|again)\b", re.IGNORECASE
)
_GREETED = 3  # sentences above a greeting: reminders that were put on top

_GREETING = re.compile(
    r"^(?:hello|hi|hey|hiya|howdy|dear|greetings|to whom it may concern|всем привет|здрасте|good (?:morning|afternoon|evening|day)"
    r"|здравствуйте|здраствуйте|добрый (?:день|вечер)|доброе утро"
    r"|доброго (?:дня|времени суток|утра|вечера)|приветствую|привет|уважаем(?:ые|ый|ая))(?![^\W_])",
    re.IGNORECASE,
)
_INTRODUCTION = re.compile(r"^(?:this is|my name is|i am|i'm|меня зовут|это|(?:вам |вас )?пишет|(?:вас )?беспокоит)\s", re.IGNORECASE)
_OF_A_FIRM = frozenset(
    """
from of at and the company shop store из от и компания магазин магазина фирма фирмы салон салона студия
""".split()
)
_CLOSING = re.compile(
    r"(?:(?:many )?(?:thanks|thank you)|(?:with |my )?(?:(?:very )?(?:best|kind|kindest|warm|many|all) ?(?:regards|wishes"
    r"|the best)?|regards)|thx"
    r"|have a (?:nice|great|good|lovely) (?:day|weekend|evening)|cheers|(?:yours )?(?:sincerely|truly|faithfully)|yours"
    r"|sent from [^,]*|get outlook [^,]*"
    r"|с (?:большим |глубоким )?уважением|с ув|с наилучшими(?: пожеланиями)?|с благодарностью|заранее (?:спасибо|благодар\w+)"
    r"|спасибо|благодарю"
    r"|всего (?:доброго|хорошего|наилучшего)|хорошего дня|отправлено (?:с|из) [^,]*|искренне ваш\w?|до свидания|удачи)"
    r"(?: (?:in advance|very much|a lot|so much|again|for your help|all|заранее|большое|огромное|вам|за помощь|и хорошего дня))*",
    re.IGNORECASE,
)
_INITIAL = re.compile(r"(?:^|\s)[^\W\d_]\.$")
_CONTACT = re.compile(r"\+?\d[\d ()./-]{6,}\d|\S@\S|(?:https?://|www\.)|^(?:tel|phone|mob|тел|моб)\b", re.IGNORECASE)
_SENTENCE_END = (".", "!", "?", "…", ")", "»", '"', "”")
_SENT_FROM = re.compile(r"sent from |get outlook|отправлено (?:с|из) ", re.IGNORECASE)
_MORE = frozenset("too also as well only not ps p.s pps тоже также только не и ещё еще".split())  # of a request, and of no position
_JOINS = frozenset("and or но и или the to for from on in на в для".split())
_ORDERS = frozenset(
    """
please enable disable add remove delete change stop send cancel update show hide open close
""".split()
)
_TITLES = frozenset("mr mrs ms dr".split())
_ALL = frozenset(
    "all|there|both|team|dear team|again dear team|again|everyone|everybody|guys|folks|support|support team|all of you|sir|madam|colleagues"
    "|dear colleagues|коллеги|уважаемые коллеги|друзья|ребята|господа".split("|")
)
_DISCLAIMER = re.compile(
    r"^(?:caution|warning|внимание)\b.{0,30}(?:originated|external|внешн)"
    r"|\b(?:confidential|privileged)\b.{0,200}\b(?:recipient|addressee|intended)|\bintended solely for\b"
    r"|конфиденциальн.{0,200}(?:адресат|получател|предназначен)",
    re.IGNORECASE,
)


def unsigned(lines: list[str]) -> list[str]:
    """The lines without disclaimers, the closing words at the end and the name, position and telephone below them."""
    lines = [line for line in lines if not _DISCLAIMER.search(line)]
    while lines and not lines[-1]:
        lines.pop()
    for number in range(max(len(lines) - 9, 0), len(lines)):
        if (
            _is_closing(lines[number])
            and (number or _SENT_FROM.match(lines[0]))
            and _is_signature(lines[number + 1 :])
            and not _announced(lines, number)
        ):
            return unsigned(lines[:number])
    for number in range(max(len(lines) - 5, 1), len(lines)):
        above = _above(lines, number)
        apart = above.endswith(_SENTENCE_END) or (not lines[number - 1] and above[-1:] not in (":", ","))
        if lines[number] and apart and _is_signature(lines[number:]) and _is_names(lines[number]):
            return lines[:number]
    return lines


def _above(lines: list[str], number: int) -> str:
    return next((line for line in reversed(lines[:number]) if line), "")


def _announced(lines: list[str], number: int) -> bool:
    """Whether the line above ends in a colon: what follows is what the request is about."""
    return _above(lines, number).endswith((":", "："))


def _is_closing(line: str) -> bool:
    """Whether a line says goodbye and nothing else: 'Best regards, Anna', not 'Thanks to the new form …'."""
    match = _CLOSING.match(line)
    if match is None:
        return False
    rest = line[match.end() :].strip(" ,.!-–—;)")
    return not rest or (line[match.end()] in " ,.!-–—" and _is_names(rest))


def _is_signature(lines: list[str]) -> bool:
    """Whether lines can be name, position, firm and how to reach them."""
    return all(not line or _CONTACT.search(line) or _is_position(line) for line in lines)


def _is_position(line: str) -> bool:
    words = line.split()
    if len(line) > 60 or len(words) > 7 or (line.endswith((".", "!", "?", ":", ";")) and not _INITIAL.search(line)):
        return False
    bare = [word.strip(OUTSIDE).casefold() for word in words]
    return _ORDERS.isdisjoint(bare) and _MORE.isdisjoint(bare) and not any(is_imperative(word) for word in bare)


def _is_names(line: str) -> bool:
    """'Anna Petrova', 'Carlos Vega', 'Joyce, reception': at least one name that is no other word, and a position perhaps."""
    names, _, position = line.partition(",")
    words = [word.strip(OUTSIDE) for word in names.split() if word[:1].isalpha()]
    if any(character.isdigit() for character in names) or (position and not _is_position(position.strip())):
        return False
    folded = {word.casefold() for word in words}
    if folded & _ORDERS or folded & _JOINS or not any(is_somebody(word) for word in words):
        return False
    return len(words) <= 4 and all(word[:1].isupper() and (is_somebody(word) or _may_be_surname(word)) for word in words)


def _may_be_surname(word: str) -> bool:
    """An English surname is often another word, too; a Russian one is an adjective then."""
    return word.isascii() or len(word) == 1 or "ADJF" in may_be(word.casefold())


def ungreeted(sentences: list[str]) -> list[str]:
    """The sentences without greetings near the begin, those that say who writes, and a closing that stands in the last line of the text."""
    kept: list[str] = []
    for sentence in sentences:
        near = len(kept) <= _GREETED and not (kept and kept[-1].endswith((":", "：")) and not _PASSES_ON.search(kept[-1]))
        rest = _without_greeting(sentence) if near else sentence
        if rest and (kept or not _introduces(rest)):
            kept.append(rest)
    while len(kept) > 1 and not kept[-2].endswith((":", "：")) and _says_goodbye(kept):
        kept.pop()
    return kept


def _says_goodbye(sentences: list[str]) -> bool:
    return _is_closing(sentences[-1]) or (_is_names(sentences[-1]) and sentences[-2].endswith(_SENTENCE_END))


def _without_greeting(sentence: str) -> str:
    greeting = _GREETING.match(sentence)
    if greeting is None:
        whom, _, rest = sentence.partition(",")
        hails = (_is_names(whom.title()) or whom.casefold() in _ALL) and len(rest.split()) <= 3 and _GREETING.match(rest.strip())
        return "" if hails else sentence
    rest = sentence[greeting.end() :].lstrip(" ,!")
    whom, comma, request = rest.partition(",")
    if comma and len(whom.split()) <= 4 and _may_be_hailed(whom):
        return request.strip()
    words = rest.split()
    if (
        not rest.strip(OUTSIDE + " ")
        or ((_is_names(rest) or _is_titled(rest)) and len(words) <= 4)
        or (len(words) <= 3 and rest.casefold().strip(OUTSIDE + " ") in _ALL)
    ):
        return ""
    return " ".join(words[1:]) if len(words) > 3 and is_somebody(words[0].strip(OUTSIDE).title()) else rest


def _is_titled(whom: str) -> bool:
    """'Mr. Smith', 'Dr Anna Vega': of whose names no dictionary knows one."""
    title, *names = [word.strip(OUTSIDE) for word in whom.split()]
    return title.casefold() in _TITLES and bool(names) and all(name[:1].isupper() for name in names) and _may_be_hailed(whom)


def _may_be_hailed(whom: str) -> bool:
    """Whether words behind a greeting can be whom it greets: no order is among them."""
    words = [word.strip(OUTSIDE).casefold() for word in whom.split()]
    return not any(word.isdigit() or word in _ORDERS or is_imperative(word) for word in words)


def _introduces(sentence: str) -> bool:
    """'This is Anna from Rose Shop.': names, and the words between them."""
    match = _INTRODUCTION.match(sentence)
    words = sentence[match.end() :].split() if match else []
    bare = [word.strip(OUTSIDE) for word in words]
    return 0 < len(words) <= 8 and all(word[:1].isupper() or word.casefold() in _OF_A_FIRM for word in bare)
