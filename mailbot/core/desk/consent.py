"""What a reply says to an offer (R4): agreed, objected, or unclear. Only clear words are consent; everything else is for an operator."""

import re
import unicodedata
from dataclasses import dataclass
from typing import Literal

from mailbot.core.desk.assent import said_of
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
_AGREES = re.compile(
    "|".join(
        (
            r"(?:it is |it's |all |everything (?:is )?)?correct",
            r"(?:yes )?(?:(?:i|we) )?(?:fully |hereby )?(?:agree|accept|approve|confirm)" + _OFFERED_EN,
            r"(?:yes )?(?:agreed|accepted|approved|confirmed)" + _OFFERED_EN,
            (
                r"(?:yes )?(?:(?:your|the|these|this) )?(?:terms?|conditions?|offer|price|estimate|act|total) (?:is|are) (?:"
                r"accepted|approved|agreed|correct|fine|fine with (?:us|me)|acceptable)"
            ),
            r"(?:yes )?(?:please )?(?:go ahead|proceed|start (?:the )?work)",
            r"(?:it|that|this) works for (?:us|me)",
            r"(?:yes )?(?:(?:we|i) have )?no objections(?: from (?:us|our side))?",
            (
                r"(?:да )?(?:(?:я|мы) )?(?:на )?(?:все |полностью )?(?:согласен|согласна|согласны|согласно|согласовано|одобряю|одобряем"
                r"|одобрено|подтверждаю|подтверждаем|утверждаю|утверждаем|утверждено|принимаем|принимаю)"
            )
            + _OFFERED_RU,
            (
                r"(?:да )?(?:(?:ваши|эти|все) )?(?:условия|цена|смета|акт|сумма|предложение)(?: и (?:цена|условия|сумма))?"
                r"(?: нас| меня| нам| мне)? (?:устраивают|устраивает|подходят|подходит|принимаем|принимается|принимаются|подписываем"
                r"|верна|верен|согласован\w?|приняты?|принята)"
            ),
            r"(?:да )?(?:нас |меня )?все (?:устраивает|верно)",
            r"(?:да )?(?:пожалуйста )?(?:приступайте|начинайте)(?: к работе| работу| работы)?",
            r"(?:возражений|претензий)(?: (?:по акту|по смете|к работе))? (?:нет|не имеем|не имею)",
            r"(?:(?:мы|я) )?не (?:возражаем|возражаю|против)",
            r"договорились",
        )
    )
)
_YES = re.compile(r"(?:yes|да)(?: please| пожалуйста)?")
_REFUSED_EN = r"(?:agree|accept|approve|confirm)(?! more)" + _OFFERED_EN
_OBJECTS = re.compile(
    "|".join(
        (
            r"(?:no|no thanks?(?: you)?|(?:we are |i am )?not interested|(?:it is |this is )?too expensive|rejected|declined|never mind)",
            r"(?:(?:we|i) )?(?:do not|don't|cannot|can't|will not) " + _REFUSED_EN,
            r"(?:we|i) (?:disagree|object|refuse|decline|reject)" + _OFFERED_EN,
            (
                r"(?:the|this|your) (?:act|total|amount|price|estimate|offer|terms?) (?:is|are) "
                r"(?:not (?:correct|acceptable|agreed)|wrong|too high)"
            ),
            r"(?:please )?do not (?:proceed|start)(?: (?:the )?work)?",
            r"(?:нет|не надо|не нужно|(?:мы |я )?против|(?:это |нам |для нас )?(?:слишком |очень )?дорого|отклоняем|отклонено)",
            (
                r"(?:(?:мы|я) )?не (?:согласен|согласна|согласны|принимаем|принимаю|подтверждаем|подтверждаю|подписываем|подпишем"
                r"|утверждаем)"
            )
            + _OFFERED_RU,
            r"(?:(?:мы|я) )?(?:возражаем|возражаю|отказываемся|отказываюсь)(?: от)?" + _OFFERED_RU,
            (
                r"(?:(?:ваши|ваша|ваш|эти|эта|этот|такие|такая|такой) )?(?:условия|цена|смета|акт|сумма|предложение)"
                r"(?: нас| меня| нам| мне)? (?:не (?:устраивают|устраивает|подходят|подходит|принимаем|согласован\w?)|неверны?|неверная"
                r"|неверный|завышен\w?)"
            ),
            r"(?:в акте|в смете) (?:неверн\w+|лишн\w+)(?: (?:сумма|часы|работы|цена|время))?",
            r"(?:пожалуйста )?не (?:приступайте|начинайте)(?: к работе| работу| работы)?",
        )
    )
)
# They speak of the offer, and leave open what they mean.
_ASSENTS = re.compile(
    r"\b(?:agree[ds]?|accept(?:ed)?|approved?|confirm(?:ed)?|reject\w*|object\w*|go ahead|yes|no|ok|okay|sure|fine|no problem"
    r"|sounds good|let's"
    r"|соглас\w+|да|нет|ок|окей|хорошо|ладно|принят\w+|принима\w+|подтвержда\w+|утвержда\w+|устраива\w+|давайте|возража\w+|отказ\w*)\b"
    r"|\N{THUMBS UP SIGN}|\N{WHITE HEAVY CHECK MARK}|\N{OK HAND SIGN}"
)
_POLITE = re.compile(
    r"(?:(?:hello|hi|hey|dear|good (?:morning|afternoon|evening|day)|здравствуйте|добрый (?:день|вечер)|доброе утро|приветствую|привет"
    r"|уважаем\w+)(?: [^\s]+){0,4})"
    r"|(?:(?:many )?thanks?|thank you)(?: (?:you|very much|a lot|so much|in advance|for (?:the|your) (?:offer|answer|reply|act|help)))*"
    r"|(?:большое )?(?:спасибо|благодар\w+)(?: (?:большое|вам|заранее|за (?:ответ|предложение|акт|помощь|работу)))*"
    r"|(?:хорошего (?:дня|вечера)|всего доброго|ждем|please|пожалуйста|ok|okay|ок|хорошо|отлично|great|good)"
)
_CLOSING = re.compile(
    r"(?:(?:with |my )?(?:(?:best|kind|warm|many) )?(?:regards|wishes)|sincerely|yours sincerely|thanks|thank you|с уважением"
    r"|с наилучшими пожеланиями|спасибо|всего доброго|хорошего дня)(?: [^\s]+){0,3}"
)
_CONDITION = re.compile(
    r"\b(?:but|if|unless|except|subject|only|after|before|without|however|not|no|cancel|maybe"
    r"|но|если|при условии|кроме|только|после|до|без|не|нет|однако|отмен\w*|возможно)\b"
)
_LATER = re.compile(r"\b(?:until|till|unless|пока|если)\b", re.IGNORECASE)
_DOUBTS = re.compile(r"[?\u2026]|\.\.|[:;=]-?[(/|]")
_RESERVES = re.compile(r"\bsubject to\b|\bconditions of (?:purchase|sale)\b|\bпри условии\b|\bunless\b", re.IGNORECASE)
_CHEERFUL = frozenset(
    "\N{THUMBS UP SIGN}\N{WHITE HEAVY CHECK MARK}\N{OK HAND SIGN}\N{HANDSHAKE}\N{SLIGHTLY SMILING FACE}"
    "\N{SMILING FACE WITH SMILING EYES}\N{VARIATION SELECTOR-16}"
)
_SENTENCE = re.compile(r"[^.!;:,—–]+")
_SIGNATURE_LINES, _SIGNATURE_LINE = 8, 70


@dataclass(frozen=True, slots=True)
class Answer:
    """What a reply says to an offer, and the words that say so."""

    verdict: Verdict
    words: str


def read_answer(text: str, sender: str = "") -> Answer | None:
    """What the new words of a reply say to an offer; None when they do not speak of it at all. `sender`: his name, as From has it.

    Agreement is clear when every sentence agrees, greets or thanks; below a closing, or where the sender's name stands, a signature may
    follow. A question, a condition, a doubt or a further wish makes it unclear. An objection may be reserved.
    """
    words = "\n".join(line for line in own_words(text[: 4 * READ]).split("\n") if not line.startswith(">")).strip()
    lines = [line.strip() for line in words[:READ].split("\n") if line.strip()]
    verdicts = {_verdict(piece) for line in lines[: _signed_from(lines, sender)] for piece in _SENTENCE.findall(line) if _folded(piece)}
    written = "\n".join(line for line in text[: 4 * READ].split("\n") if not line.startswith(">"))  # a signature may reserve something
    doubtful = (
        len(words) > READ or _RESERVES.search(written) is not None or _DOUBTS.search(words) is not None or not all(map(_is_plain, words))
    )
    kept = words[:WORDS_KEPT]
    reserved = verdicts & {"other"} and (_says_yes(words) or _LATER.search(words))
    if "objects" in verdicts and not verdicts & {"agrees", "yes"} and not reserved:
        return Answer("objected", kept)
    # A mere "yes" may answer anything that stands beside it.
    agrees = "agrees" in verdicts or ("yes" in verdicts and "neutral" not in verdicts)
    if agrees and not (doubtful or verdicts & {"objects", "other"}):
        return Answer("agreed", kept)
    return Answer("unclear", kept) if verdicts & {"agrees", "yes", "objects"} or _ASSENTS.search(f"{_folded(words)} {words}") else None


def _verdict(piece: str) -> str:
    said = _folded(piece)
    if _OBJECTS.fullmatch(said):
        return "objects"
    if _YES.fullmatch(said):
        return "yes"
    if _AGREES.fullmatch(said):
        return "agrees"
    return "polite" if _POLITE.fullmatch(said) else said_of(said) or "other"


def _says_yes(words: str) -> bool:
    """Whether agreement stands somewhere among other words: "we agree with the hours, but …"."""
    return any(
        re.match(r"(?:(?:we|i|мы|я) )?(?:agree|accept|соглас)", _folded(piece)) for piece in _SENTENCE.findall(words.replace("\n", ","))
    )


def _signed_from(lines: list[str], sender: str) -> int:
    """The index of the line where a signature begins: below a closing, or where nothing but the sender's name stands."""
    names = {name for name in _folded(sender).split() if len(name) > 1}
    for number, line in enumerate(lines):
        below = lines[number + 1 :]
        folded = _folded(line)
        signs = bool(names) and set(folded.split()) <= names
        if number and (signs or _CLOSING.fullmatch(folded)) and len(below) <= _SIGNATURE_LINES and all(map(_may_sign, below)):
            return number
    return len(lines)


def _may_sign(line: str) -> bool:
    return len(line) <= _SIGNATURE_LINE and not _CONDITION.search(_folded(line)) and _verdict(line) not in ("agrees", "yes", "objects")


def _is_plain(character: str) -> bool:
    """No emoji but those that agree: a rolling eye is no consent."""
    return character in _CHEERFUL or unicodedata.category(character) not in ("So", "Sk", "Cs")


def _folded(text: str) -> str:
    folded = unicodedata.normalize("NFKC", text).casefold().replace("ё", "е").replace("’", "'")
    return " ".join(re.sub(r"[^\w\s'?-]", " ", folded).split())
