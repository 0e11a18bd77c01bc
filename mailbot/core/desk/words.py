"""The words of a request: normalised for comparing, and read for urgency and faults."""

import re
import unicodedata
from hashlib import sha256

_GREETING = re.compile(
    r"^(hello|hi|hey|dear|good (morning|afternoon|evening|day)|greetings"
    r"|здравствуйте|здравствуй|добрый (день|вечер)|доброе утро|доброго (дня|времени суток)"
    r"|приветствую|привет|уважаем\w+)\b[^\n.!?:]{0,40}([,.!:)]+|\n|$)\s*",
    re.IGNORECASE,
)
_CLOSING = re.compile(
    r"^\s*(best|kind|warm)?\s*(regards|wishes)\b.*|^\s*(thanks|thank you|cheers|sincerely|yours)\b[^.?]{0,40}$"
    r"|^\s*(с уважением|спасибо|заранее (спасибо|благодар\w+)|благодарю|всего доброго|с наилучшими)\b.*",
    re.IGNORECASE,
)
_SUBJECT_PREFIX = re.compile(
    r"^\s*(\[#\d+\]|(re|fwd?|aw|wg|sv|tr|на|отв|пересл)(\[\d+\])?\s*:|(urgent|asap|second request|second time"
    r"|reminder|again|срочно|повторно|напоминание|ещё раз|еще раз)\b\W*)",
    re.IGNORECASE,
)
_URGENT = re.compile(
    r"\b(urgent(ly)?|asap|as soon as possible|emergency|immediately|site is down|website is down|right now)\b"
    r"|\b(срочн\w*|немедленно|как можно скорее|как можно быстрее|сайт (лежит|упал|не работает|не открывается)|авари\w+|прямо сейчас)\b",
    re.IGNORECASE,
)
_NOT_URGENT = re.compile(
    r"\b(not|isn'?t|no) (so |very |that |at all )?urgent|\b(не|без) (очень |особо |так )?срочн\w*|\bnothing urgent",
    re.IGNORECASE,
)
_FAULT = re.compile(
    r"\b(typo|misspell\w*|error|bug|broken|broke|fault\w*|crash\w*"
    r"|does ?n[o']t (work|open|load|send)|do ?n[o']t work|not working"
    r"|stopped working|fails?|failed|404|500|502|wrong (text|price|phone|link))\b"
    r"|\b(опечатк\w+|ошибк\w+|ошибочн\w+|не работает|не работают|не открывается"
    r"|не грузится|не загружается|не отправля\w+|не приход\w+|слома\w+|сбой|глюк\w*|баг|перестал\w* работать|вылетает|падает)\b",
    re.IGNORECASE,
)
READ = 3000  # characters that are read for urgency and faults: nobody cries for help on the third page
SHORT_WORDS = 4  # "Any news?" says the same of every request


def normalised_subject(subject: str) -> str:
    """The subject without prefixes of replies, forwards and impatience, in one case and one kind of white space."""
    previous = None
    while subject != previous:
        previous, subject = subject, _SUBJECT_PREFIX.sub("", subject)
    return _flat(subject)


def normalised_words(text: str) -> str:
    """The words of a text in one case, without greeting, closing, punctuation and line breaks; numbers and addresses stay."""
    lines = text.strip().split("\n")
    for number in range(max(len(lines) - 6, 1), len(lines)):
        if _CLOSING.match(lines[number]):
            lines = lines[:number]
            break
    return _flat(_GREETING.sub("", "\n".join(lines).strip(), count=1))


def _flat(text: str) -> str:
    folded = unicodedata.normalize("NFKC", text).casefold().replace("ё", "е")
    # Signs between digits and letters of one token (10.5, a@b.c, /page, #12) tell requests apart; the rest is decoration.
    return " ".join(word for raw in folded.split() if (word := raw.strip(".,;:!?…\"'«»“”„()[]{}*-–—")))


def words_digest(subject: str, visible: str) -> str | None:
    """What two messages with the same normalised subject and words have in common; None for a message without words."""
    words = normalised_words(visible)
    return sha256(f"{normalised_subject(subject)}\n{words}".encode("utf-8", "replace")).hexdigest() if words else None


def is_short(visible: str) -> bool:
    """Whether there are too few words to recognise a request by them."""
    return len(normalised_words(visible).split()) < SHORT_WORDS


def urgent_words(subject: str, visible: str) -> str | None:
    """The words that call for haste, or None."""
    text = f"{subject}\n{visible[:READ]}"
    if not _URGENT.search(text):  # nearly every mail ends here
        return None
    match = _URGENT.search(_NOT_URGENT.sub(" ", text))
    return match.group(0) if match else None


def fault_words(subject: str, visible: str) -> str | None:
    """The words that report a fault or a typo, or None."""
    match = _FAULT.search(f"{subject}\n{visible[:READ]}")
    return match.group(0) if match else None
