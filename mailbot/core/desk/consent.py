"""What a reply says to an offer (R4): agreed, objected, or unclear. Only clear words are consent; everything else is for an operator."""

import re
import unicodedata
from dataclasses import dataclass
from typing import Literal

from mailbot.core.desk.assent import AGREES, NEUTRAL, YES
from mailbot.core.mail.visible import own_words

Verdict = Literal["agreed", "objected", "unclear"]
READ = 2000  # characters of a reply
WORDS_KEPT = 2000

# What is agreed to; behind it nothing else may stand.
_OFFERED_EN = (
    r"(?: (?:to|with|on|for|by))?(?: (?:the|your|this|these|that|all|both|of|and|as|described|above|below|attached|stated|proposed"
    r"|terms?|conditions?|offer|proposal|price|quote|fee|rate|estimate|act|amount|total|work|support|monthly|hourly|one-off|paid|it|everything))*"
)
_OFFERED_RU = (
    r"(?: (?:с|со|на|по|и|за))?(?: (?:с|на|по|и|за|все|всеми|ваши\w*|эти\w*|этой|этому|вашей|вашу|указанн\w+|предложенн\w+|данн\w+"
    r"|услови\w+|предложени\w+|цен\w+|стоимост\w+|тариф\w*|смет\w+|акт\w*|сумм\w+|работ\w*|поддержк\w+|ежемесячн\w+|почасов\w+|разов\w+"
    r"|платн\w+|оплат\w+|абонентск\w+|описанн\w+|выше|ниже|полностью))*"
)
_REFUSED_EN = r"(?:agree|accept|approve|confirm)(?! more)" + _OFFERED_EN
_OBJECTS = re.compile(
    "|".join(
        (
            r"(?:we are |i am )?not interested",
            r"(?:(?:we|i) )?(?:do not|don't|will not) " + _REFUSED_EN,
            r"(?:we|i) (?:disagree|object|refuse|decline|reject)" + _OFFERED_EN,
            (
                r"(?:the|this|your) (?:act|total|amount|price|estimate|offer|terms?) (?:is|are) "
                r"(?:not (?:correct|acceptable|agreed)|wrong|too high)"
            ),
            r"отклоняем",
            (r"(?:(?:мы|я) )?не (?:согласен|согласна|согласны|принимаем|принимаю)") + _OFFERED_RU,
            r"(?:(?:мы|я) )?(?:возражаем|возражаю|отказываемся|отказываюсь)(?! от (?:почас|разов|ежемес|платн))(?: от)?" + _OFFERED_RU,
            (
                r"(?:(?:ваши|ваша|ваш|эти|эта|этот|такие|такая|такой) )?(?:условия|цена|смета|акт|сумма|предложение)"
                r"(?: нас| меня| нам| мне)? (?:не (?:устраивают|устраивает|подходят|подходит|принимаем|согласован\w?)|неверны?|неверная"
                r"|неверный|завышен\w?)"
            ),
            r"(?:в акте|в смете) (?:неверн\w+|лишн\w+)(?: (?:сумма|часы|работы|цена|время))?",
        )
    )
)
# They refuse when nothing stands beside them that could be meant: "no, the attachment did not open".
_REFUSES_ALONE = re.compile(
    rf"(?:(?:мы|я) )?не (?:подтверждаем|подтверждаю|подписываем|подпишем|утверждаем){_OFFERED_RU}"
    rf"|(?:(?:we|i) )?(?:cannot|can't) (?:agree|accept|approve){_OFFERED_EN}"
    r"|rejected|declined|no|no thanks?(?: you)?|(?:it is |it's |this is )?too expensive|never mind"
    r"|(?:please )?(?:do not|don't) (?:proceed|start)(?: (?:the )?work)?"
    r"|отклонено|нет|не надо|не нужно|(?:мы |я )?против|(?:это |нам |для нас )?(?:слишком |очень )?дорого"
    r"|(?:пожалуйста )?не (?:приступайте|начинайте)(?: к работе| работу| работы)?"
)
_REFUSING = re.compile(
    r"\b(?:(?:do not|don't|won't|will not) (?:want|need|agree|accept)|decline|reject|not interested|scrapped|another (?:company|studio)"
    r"|не (?:согласн?\w*|заказывал\w*|будем|буду|хотим|хочу|устраива\w+|подходит)"
    r"|отказ\w*|передумал\w*|друг\w+ (?:подрядчик|студи|компани)\w*)"
)
# They speak of the offer, and leave open what they mean.
_ASSENTS = re.compile(
    r"\b(?:agree[ds]?|accept(?:ed)?|approved?|confirm(?:ed)?|reject\w*|object\w*|go ahead|yes|no|ok|okay|sure|fine|no problem"
    r"|sounds good|let's"
    r"|соглас\w+|да|нет|ок|окей|хорошо|ладно|принят\w+|принима\w+|подтвержда\w+|утвержда\w+|устраива\w+|давайте|возража\w+|отказ\w*)\b"
    r"|\N{THUMBS UP SIGN}|\N{WHITE HEAVY CHECK MARK}|\N{OK HAND SIGN}"
)
_GREETING = re.compile(
    r"(?:hello|hi|hey|dear|good (?:morning|afternoon|evening|day)"
    r"|здравствуйте|добрый (?:день|вечер)|доброе утро|приветствую|привет|уважаем\w+)"
    r"(?P<whom>(?: [^\s]+){0,4})"
)
_ANYBODY = frozenset("all both everybody everyone team there sir sirs madam colleagues коллеги всем".split())
_POLITE = re.compile(
    r"(?:(?:many )?thanks?|thank you)(?: (?:you|very much|a lot|so much|in advance|for (?:the|your) (?:offer|answer|reply|act|help)))*"
    r"|(?:большое )?(?:спасибо|благодар\w+)(?: (?:большое|вам|заранее|за (?:ответ|предложение|акт|помощь|работу)))*"
    r"|(?:хорошего (?:дня|вечера)|всего доброго|please|пожалуйста|ok|okay|ок|хорошо|отлично|great|good)"
)
_CLOSING = re.compile(
    r"(?:(?:with |my )?(?:(?:best|kind|warm|many) )?(?:regards|wishes)|best|sincerely|yours (?:sincerely|faithfully)|с уважением|с ув"
    r"|с наилучшими пожеланиями|всего доброго|хорошего дня)(?P<whom>(?: [^\s]+){0,3})"
)
# A line of a signature: names and companies begin with capitals; these are the small words between.
_TITLES = re.compile(
    r"(?:директор|бухгалтер|менеджер|управляющ\w+|генеральн\w+|главн\w+|гл|отдел\w?|начальник|руководител\w+|маркетинга|продаж|исп|тел|доб|моб|и|по"
    r"|manager|director|owner|accountant|assistant|office|of|and|the|for|ltd|llc|inc|co|gmbh|tel|phone|mobile|sent|from|my)"
)
_CONDITION = re.compile(
    r"\b(?:but|if|unless|except|subject|only|after|before|without|however|not|no|cancel|maybe"
    r"|но|если|при условии|кроме|только|после|до|без|не|нет|однако|отмен\w*|возможно)\b"
)
_LATER = re.compile(r"\b(?:until|till|unless|let (?:me|us) think|пока|если|подума\w+)\b", re.IGNORECASE)
_DOUBTS = re.compile(r"[?\u2026]|\.\.|[:;=]'?-?[(/|\[\\<]|\(\(|[~\u00b1\u2260\u2248\u00ac\"]|\[\s*\]")
_RESERVES = re.compile(
    r"\bsubject to\b|\bconstitutes?\b|\bacceptance of an? offer\b|\bне является\b"
    r"|\bconditions of (?:purchase|sale)\b|\bпри условии\b|\bunless\b",
    re.IGNORECASE,
)
_CHEERFUL = frozenset(
    "\N{THUMBS UP SIGN}\N{WHITE HEAVY CHECK MARK}\N{OK HAND SIGN}\N{HANDSHAKE}\N{SLIGHTLY SMILING FACE}"
    "\N{SMILING FACE WITH SMILING EYES}\N{VARIATION SELECTOR-16}"
)
_SENTENCE = re.compile(r"[^.!;:,—–]+")
_SENTENCE_LONGEST = 160  # who agrees says it in short; what is longer is not matched against many shapes
_SIGNATURE_LINES, _SIGNATURE_LINE = 8, 70


@dataclass(frozen=True, slots=True)
class Answer:
    """What a reply says to an offer, and the words that say so."""

    verdict: Verdict
    words: str


def read_answer(text: str, sender: str = "") -> Answer | None:
    """What the new words of a reply say to an offer; None when they do not speak of it at all. `sender`: his name, as From has it.

    Agreement is clear when every sentence agrees, greets, thanks or says what may stand beside that; below a closing, or where the sender's
    name stands, a signature may follow. A question, a condition, a doubt or a further wish makes it unclear. An objection may be explained.
    """
    words = "\n".join(line for line in own_words(text[: 4 * READ]).split("\n") if not line.startswith(">")).strip()
    lines = _unwrapped(words[:READ])
    said = [_verdict(*piece) for piece in _pieces(lines[: _signed_from(lines, sender)])]
    verdicts = set(said)
    written = "\n".join(line for line in text.split("\n") if not line.startswith(">"))  # a signature may reserve something
    doubtful = (
        len(words) > READ
        or len(written) > 4 * READ
        or any(line.endswith(":") for line in lines)
        or _is_interleaved(text, "agrees" in verdicts)
        or not _only_signs(written)
        or _RESERVES.search(written[: 4 * READ]) is not None
        or _DOUBTS.search(words) is not None
        or not all(map(_is_plain, words))
    )
    kept = words[:WORDS_KEPT]
    if _objects(verdicts, words):
        return Answer("unclear" if _is_interleaved(text, "objects" in verdicts) else "objected", kept)
    # A mere "yes" may answer anything that stands beside it, or above.
    agrees = "agrees" in verdicts or (
        "yes" in verdicts and not verdicts & {"neutral", "thanks"} and "greeting" not in said[said.index("yes") :]
    )
    if agrees and not (doubtful or verdicts & {"objects", "refuses", "other"}):
        return Answer("agreed", kept)
    speaks = verdicts & {"agrees", "yes", "objects", "refuses"} or _ASSENTS.search(f"{_folded(words)} {words}")
    return Answer("unclear", kept) if speaks else None


def _objects(verdicts: set[str], words: str) -> bool:
    if verdicts & {"agrees", "yes"}:
        return False
    beside = bool(verdicts & {"other", "neutral"})
    if beside and (_says_yes(words) or _LATER.search(words)):
        return False
    return "objects" in verdicts or ("refuses" in verdicts and (not beside or _REFUSING.search(_folded(words)) is not None))


def _is_interleaved(text: str, clearly: bool) -> bool:
    """Whether words stand below a quotation and above another: they answer that one alone. So may a mere "yes" below one."""
    marks = "".join(">" if line.startswith(">") else "w" for line in text.split("\n") if line.strip())
    return re.search(r">w+>" if clearly else r">w", marks) is not None


def _only_signs(written: str) -> bool:
    """Whether nothing but a signature stands below "-- "."""
    _, mark, below = re.sub(r"(?m)^(?:--|_{3,})\s*$", "\0", written, count=1).partition("\0")
    return not mark or all(_may_sign(line) or line.endswith(":") for line in (one.strip() for one in below.split("\n")) if line)


def _unwrapped(words: str) -> list[str]:
    """The lines, joined where a mail program has wrapped one: the first ends without a mark, the next goes on in small letters."""
    lines: list[str] = []
    for line in (one.strip() for one in words.split("\n")):
        if lines and lines[-1] and line and lines[-1][-1].isalnum() and line[0].islower():
            lines[-1] += f" {line}"
        else:
            lines.append(line)
    return [line for line in lines if line]


def _pieces(lines: list[str]) -> list[tuple[str, str, bool]]:
    """Each clause, the mark before it, and whether a greeting stands before it."""
    found: list[tuple[str, str, bool]] = []
    greeted = False
    for line in lines:
        for match in _SENTENCE.finditer(line):
            if _folded(match[0]):
                found.append((match[0], line[match.start() - 1] if match.start() else "", greeted))
                greeted = _GREETING.fullmatch(_folded(match[0])) is not None
    return found


def _verdict(piece: str, mark: str = "", greeted: bool = False) -> str:  # noqa: PLR0911 -- the order of the rules
    said = _folded(piece)
    if len(said) > _SENTENCE_LONGEST:
        return "other"
    if _OBJECTS.fullmatch(said):
        return "objects"
    if _REFUSES_ALONE.fullmatch(said):
        return "other" if mark in (":", "—", "–") else "refuses"  # "remarks: none"
    if YES.fullmatch(said):
        return "yes"
    if AGREES.fullmatch(said):
        return "agrees"
    greeting = _GREETING.fullmatch(said)
    if (greeting and _are_names(piece, len(greeting["whom"].split()))) or (greeted and _are_names(piece, 9)):
        return "greeting"
    if _POLITE.fullmatch(said):
        return "thanks" if re.search(r" (?:for|за) ", said) else "polite"
    return "neutral" if NEUTRAL.fullmatch(said) else "other"


def _are_names(piece: str, last: int) -> bool:
    """Whether the last words begin with capitals, or call anybody."""
    words = re.findall(r"[^\W_]+", piece)[-last:] if last else []
    return len(words) <= 4 and all(word[0].isupper() or word.casefold() in _ANYBODY for word in words)


def _says_yes(words: str) -> bool:
    """Whether agreement stands somewhere among other words: "we agree with the hours, but …"."""
    without_no = re.sub(r"\b(?:не|not|don't|won't) \w+", "", _folded(words))
    return re.search(r"\b(?:agree|accept|соглас|take it|возьмем|устраива)", without_no) is not None


def _signed_from(lines: list[str], sender: str) -> int:
    """The index of the line where a signature begins: below a closing, or where nothing but the sender's name stands."""
    names = {name for name in _folded(sender).split() if len(name) > 1}
    for number, line in enumerate(lines):
        below = lines[number + 1 :]
        folded = _folded(line)
        signs = bool(folded) and set(folded.split()) <= names
        closing = _CLOSING.fullmatch(folded)
        closes = closing is not None and _are_names(line, len(closing["whom"].split()))
        if number and (signs or closes) and len(below) <= _SIGNATURE_LINES and all(map(_may_sign, below)):
            return number
    return len(lines)


def _may_sign(line: str) -> bool:
    """Whether a line may stand in a signature: a number, an address, or names and titles."""
    words = line.split()
    return (
        len(line) <= _SIGNATURE_LINE
        and all(not word[0].islower() or re.search(r"[\d@/.]", word) or _TITLES.fullmatch(_folded(word)) for word in words)
        and not re.match(r"(?:p\.? ?s|з\.? ?ы)\b", line, re.IGNORECASE)
        and not _CONDITION.search(_folded(line))
        and _verdict(line) not in ("agrees", "yes", "objects", "refuses")
    )


def _is_plain(character: str) -> bool:
    """No emoji but those that agree: a rolling eye is no consent."""
    return character in _CHEERFUL or character == "+" or unicodedata.category(character) not in ("So", "Sk", "Sm", "Cs")


def _folded(text: str) -> str:
    folded = unicodedata.normalize("NFKC", text).casefold().replace("ё", "е").replace("’", "'")
    return " ".join(re.sub(r"[^\w\s'?-]", " ", folded).split())
