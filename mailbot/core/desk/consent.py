"""What a reply says to an offer (R4): agreed, objected, or unclear. Only clear words are consent; everything else is for an operator."""

import re
import unicodedata
from dataclasses import dataclass
from typing import Literal

from mailbot.core.mail.visible import own_words

Verdict = Literal["agreed", "objected", "unclear"]
READ = 2000  # characters of a reply
WORDS_KEPT = 2000
_SHORT = 9  # words of a sentence that objects: in a longer one they speak of something else

# What is agreed to; behind it nothing else may stand.
_OFFERED_EN = (
    r"(?: (?:to|with|on|for|by))?(?: (?:the|your|this|these|that|all|both|of|and|as|described|above|below|attached|stated|proposed"
    r"|terms?|conditions?|offer|proposal|price|quote|fee|rate|estimate|act|amount|total|work|support|monthly|hourly|one-off|paid|it|everything))*"
)
_OFFERED_RU = (
    r"(?: (?:с|со|на|по|и|в|за))?(?: (?:с|на|по|и|за|все|всеми|ваши\w*|эти\w*|этой|этому|вашей|вашу|указанн\w+|предложенн\w+|данн\w+"
    r"|услови\w+|предложени\w+|цен\w+|стоимост\w+|тариф\w*|смет\w+|акт\w*|сумм\w+|работ\w*|поддержк\w+|ежемесячн\w+|почасов\w+|разов\w+"
    r"|платн\w+|оплат\w+|абонентск\w+|описанн\w+|выше|ниже|полностью))*"
)
_AGREES = re.compile(
    "|".join(
        (
            r"(?:yes|да)(?: please| пожалуйста)?",
            r"(?:it is |it's |all |everything (?:is )?)?correct",
            r"(?:yes )?(?:(?:i|we) )?(?:fully |hereby )?(?:agree|accept|approve|confirm)" + _OFFERED_EN,
            r"(?:yes )?(?:agreed|accepted|approved|confirmed)" + _OFFERED_EN,
            (
                r"(?:yes )?(?:(?:your|the|these|this) )?(?:terms?|conditions?|offer|price|estimate|act|total) (?:is|are) (?:"
                r"accepted|approved|agreed|correct|fine|fine with (?:us|me)|acceptable)"
            ),
            r"(?:yes )?(?:please )?(?:go ahead|proceed|start (?:the )?work)",
            r"(?:it|that|this) works for (?:us|me)",
            r"(?:yes )?(?:(?:we|i) have )?no objections",
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
            r"(?:возражений|претензий) (?:нет|не имеем|не имею)",
            r"договорились",
        )
    )
)
_OBJECTS = re.compile(
    r"\b(?:(?:do not|don't|cannot|can't|not|never) (?:agree|accept|approve|confirm)|disagree|(?:we|i) (?:object|refuse|decline|reject)"
    r"|(?:is |are )?not (?:acceptable|agreed|accepted|correct)|too expensive|no thank you|we are not interested|not interested)\b"
    r"|\b(?:не (?:соглас\w+|принимаем|принимаю|подтверждаем|подтверждаю|устраива\w+|подходит|подходят|подписываем|утверждаем)|возража\w+"
    r"|отказыва\w+|неверн\w+)\b|^(?:no|нет|(?:мы |я )?против|(?:это |нам )?(?:слишком |очень )?дорого)$"
)
_AGREEING = re.compile(
    r"\b(?:agree[ds]?|accept(?:ed)?|approved?|confirm(?:ed)?|go ahead|yes|соглас\w+|да|принима\w+|подтвержда\w+|утвержда\w+|устраива\w+)\b"
)
_POLITE = re.compile(
    r"(?:(?:hello|hi|hey|dear|good (?:morning|afternoon|evening|day)|здравствуйте|добрый (?:день|вечер)|доброе утро|приветствую|привет"
    r"|уважаем\w+)(?: [^\s]+){0,4})"
    r"|(?:(?:many )?thanks?|thank you)(?: (?:you|very much|a lot|so much|in advance|for (?:the|your) (?:offer|answer|reply|act|help)))*"
    r"|(?:большое )?(?:спасибо|благодар\w+)(?: (?:большое|вам|заранее|за (?:ответ|предложение|акт|помощь|работу)))*"
    r"|(?:(?:with |my )?(?:best|kind|warm)? ?(?:regards|wishes)|sincerely|yours sincerely|с уважением|с наилучшими пожеланиями"
    r"|хорошего (?:дня|вечера)|всего доброго|ждем|please|пожалуйста|ok|okay|ок|хорошо|отлично|great|good|fine)"
)
_NAMES = re.compile(r"(?:[A-ZА-ЯЁ][\w.-]{0,30},? ?){1,4}$")
_SENTENCE = re.compile(r"[^.!;,\n—–]+")


@dataclass(frozen=True, slots=True)
class Answer:
    """What a reply says to an offer, and the words that say so."""

    verdict: Verdict
    words: str


def read_answer(text: str) -> Answer | None:
    """What the new words of a reply say to an offer; None when they do not speak of it at all.

    Agreement is clear when every sentence agrees, greets, thanks or signs. A question, a condition or a further wish makes it unclear.
    An objection may be explained.
    """
    words = "\n".join(line for line in own_words(text[: 4 * READ]).split("\n") if not line.startswith(">")).strip()
    agreed, objected, other, agreeing = False, False, len(words) > READ, False
    pieces = _SENTENCE.findall(words[:READ].replace("?", "? . "))
    for number, piece in enumerate(pieces):
        said = _folded(piece)
        if not said.strip(" ?"):
            continue
        if len(said.split()) <= _SHORT and _OBJECTS.search(said):
            objected = True
            continue
        agreeing = agreeing or _AGREEING.search(said) is not None
        if _AGREES.fullmatch(said):
            agreed = True
        elif not (_POLITE.fullmatch(said) or (number and _NAMES.match(piece.strip()))):
            other = True
    if objected and not agreeing:
        return Answer("objected", words[:WORDS_KEPT])
    if agreed and not (objected or other):
        return Answer("agreed", words[:WORDS_KEPT])
    return Answer("unclear", words[:WORDS_KEPT]) if agreed or objected or agreeing else None


def _folded(text: str) -> str:
    folded = unicodedata.normalize("NFKC", text).casefold().replace("ё", "е").replace("’", "'")
    return " ".join(re.sub(r"[^\w\s'?-]", " ", folded).split())
