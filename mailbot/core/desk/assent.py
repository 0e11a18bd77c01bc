"""Agreement in a sentence's own words: nothing but words of a closed list, and among them one that agrees."""

import re
from typing import Literal

_REMARKS = "(?:возражений|претензий|замечаний|нареканий|расхождений)"
_MONTHS = "(?:january|february|march|april|may|june|july|august|september|october|november|december)"

# Several words that mean one thing.
_WE_AGREE = (  # and what they agree to stands behind it
    r"(?:i|we)(?: (?:have|both|fully|hereby|gladly|happily|gratefully|can|do|completely|all))* (?:agree|accept|approve|confirm)",
    r"(?:(?:we are|we're|i am|i'm) )?(?:(?:very|quite|really) )?(?:happy|pleased|glad) to (?:agree|accept|approve|confirm)",
)
_AGREEING = (
    r"(?:i|we)(?: (?:both|fully|hereby))* (?:give|confirm) (?:my|our) (?:full )?(?:consent|agreement|approval|acceptance)",
    r"(?:happy|good|content|satisfied) with",
    r"(?:happy|fine) for you to (?:start|begin|proceed|go ahead)",
    r"(?:fine|okay|ok|good|all right|alright) (?:by|with|for) (?:us|me)",
    r"(?:works?|suits?)(?: (?:well|fine|perfectly))*(?: for)? (?:us|me)",
    r"(?:we are|we're|i am|i'm) (?:on board|in|good with)",
    r"count (?:us|me) in",
    r"good to go",
    r"green light",
    r"go ahead",
    r"go for it",
    r"let's (?:do it|go ahead|start|begin|proceed)",
    r"it's a yes",
    r"(?:please )?do it",
    r"get (?:started|cracking)",
    r"you (?:can|may) (?:start|begin|proceed|go ahead)",
    r"(?:please|kindly) (?:start|begin|proceed|commence)",
    r"(?:start|begin|proceed|commence) please",
    r"(?:have|has) (?:my|our) (?:full )?(?:approval|consent|blessing)",
    r"no (?:objections?|complaints?|remarks|concerns|issues|comments|problems?)(?: (?:whatsoever|at all|here))?",
    rf"{_REMARKS}(?: (?:по|к|на|у) (?:акт\w+|смет\w+|работ\w+|услови\w+|нас|меня))* (?:нет|не имею|не имеем)",
    rf"(?:нет|не имею|не имеем) {_REMARKS}(?: (?:по|к|на) (?:акт\w+|смет\w+|работ\w+|услови\w+))?",
    r"не (?:возражаем|возражаю|против)",
    r"против (?:ничего )?не (?:имею|имеем)",
    r"ничего (?:не имею|не имеем) против",
    r"(?:даю|даем|подтверждаю|подтверждаем)(?: свое| наше)? (?:согласие|добро|отмашку)",
    r"согласие (?:подтверждаю|подтверждаем|даю|даем)",
    r"(?:готовы|готов|готова) платить",
    r"берите в работу",
    r"(?:можете|можно) (?:приступать|начинать)",
    r"(?:акт\w*|работ\w*) (?:мы |я )?(?:приняли|принял|приняла|принята|принят|приняты)",
)
_FILLING = (
    rf"(?:act|report|work|invoice|estimate) (?:for|of) {_MONTHS}",
    r"(?:акт\w*|работ\w*) за (?:январь|февраль|март|апрель|май|июнь|июль|август|сентябрь|октябрь|ноябрь|декабрь|месяц)",
    r"(?:whenever|when) (?:you (?:like|want|can)|it suits you|ready)",
    r"as soon as (?:you can|possible)",
    r"thank you(?: (?:all|so much|very much))?",
    r"(?:have|enjoy) (?:a|your) (?:nice|great|good|lovely) (?:day|evening|weekend|week)",
    r"no questions",
    r"without (?:any )?reservations?",
    r"вопросов нет",
    r"без (?:каких-либо )?(?:вопросов|оговорок|возражений|замечаний|проблем)",
    r"в полном об[ъь]еме",
    r"хорошего (?:дня|вечера)",
    r"хороших выходных",
    r"как можно скорее",
)
_AGREED, _WE_AGREED, _FILLED = "AGREES", "WE-AGREE", "FILLS"
_PHRASES = [
    (re.compile(rf"(?<![\w'-])(?:{'|'.join(patterns)})(?![\w'-])"), token)
    for patterns, token in ((_FILLING, _FILLED), (_WE_AGREE, _WE_AGREED), (_AGREEING, _AGREED))
]
# Words that agree by themselves.
_HEADS = re.compile(
    rf"{_AGREED}|{_WE_AGREED}|acceptable"
    r"|соглас(?:ен|на|ны|овано|ован|ована|овали|овал)|одобря(?:ю|ем)|одобрено|подтвержда(?:ю|ем)|утвержда(?:ю|ем)|утвержден[оа]?"
    r"|принима(?:ю|ем)|устраива(?:ет|ют)|подход(?:ит|ят)|приступайте|начинайте|запускайте|делайте|поехали|договорились"
)
# As the last word they agree ("monthly price agreed"); elsewhere they may speak of another day ("the price we agreed", "as agreed").
_LAST = re.compile(r"(?:agreed|accepted|approved|confirmed)(?: (?:in full|fully|entirely|completely|by us|from us|by me|please))?$")
_SOMETHING_ELSE = re.compile(
    r"\b(?:we|i|you|as|be|already|been|was|were|have|has|had|to) (?:agreed|accepted|approved|confirmed)\b"
    r"|^(?:is|are|can|have|has|do|does|was|were|will)\b"
    r"|\b(?:поддержка|работа|работы) (?:\S+ )*(?:устраива|подход)|принима(?:ю|ем) в (?!полн)|\bкак (?:согласован|договор)"
)
_MORE_THAN_AGREED = re.compile(rf"{_WE_AGREED}(?: \S+)* (?:is|are|it's|that's|you|i|we|i'm|us|me)\b")
_NEUTRAL_EN = frozenset(
    """
    absolutely act all amount and are at attached both budget by checked cheers clear clearly completed completely conditions consider
    correct cost delivered described detailed done end entire entirely estimate estimated everybody everything excellent fair fee for
    from full fully good great hello here hereby hi hourly hours i i'm in invoice is it it's job kind kindly letter listed lovely many
    me mine month monthly much my nice of offer ok okay on order our ours perfect perfectly please pleased price proposal proposed
    quite quotation quote rate read really reasonable report reviewed right sent side so stated sum support sure terms thank thanks
    that that's the them these they this thorough through to total understood us very we well with work works yeah yep yes you your
    """.split()
)
_NEUTRAL_RU = re.compile(
    r"да|ок|окей|хорошо|отлично|конечно|все|всё|всеми?|всем|всех|я|мы|вы|вам|вас|нас|нам|мне|меня|наш\w{0,4}|ваш\w{0,4}|эт(?:от|а|о|и|им|ими|их|ой|ому|у)"
    r"|так(?:ая|ие|ой|ую|ими)|с|со|на|по|и|в|за|к|от|для|данн\w+|указанн\w+|предложенн\w+|описанн\w+|перечисленн\w+|выше|ниже|настоящим"
    r"|услови\w+|предложени\w+|цен[ауыеой]+|стоимост\w+|тариф\w*|ставк\w+|смет\w+|акт\w{0,3}|сумм\w+|работ[аыеуой]*|работам\w*|поддержк\w+"
    r"|ежемесячн\w+|почасов\w+|разов\w+|платн\w+|оплат[аыуе]|абонентск\w+|плат[аыуе]|платеж\w*|об[ъь]ем\w?|месяц\w?|счет"
    r"|полностью|целиком|вполне|абсолютно|безусловно|однозначно|разумн\w+|справедлив\w+|нормальн\w+|понятн\w+|верно|правильно|корректно|четко"
    rf"|{_FILLED}|(?:про)?читал[аи]?|провери(?:л|ла|ли)|посмотре(?:л|ла|ли)|свери(?:л|ла|ли)|изучи(?:л|ла|ли)|рассмотре(?:л|ла|ли)"
    r"|ознакоми(?:лся|лась|лись)"
    r"|внимательно|построчно|выполнен\w+|сделан\w*|качеств\w+|довол(?:ен|ьна|ьны)|пожалуйста|спасибо|большое|очень|благодар\w+|молодцы|тоже"
    r"|ждем|коллеги|здравствуйте|привет|добрый|день|вечер|доброе|утро|письм[оае]"
)

Said = Literal["agrees", "neutral"]


def said_of(sentence: str) -> Said | None:
    """What a sentence in small letters without punctuation says: "agrees", "neutral" (it could go with that), or None: anything else."""
    if _SOMETHING_ELSE.search(sentence):
        return None
    ends = _LAST.search(sentence)
    rest = sentence[: ends.start()] if ends else sentence
    for pattern, token in _PHRASES:
        rest = pattern.sub(token, rest)
    if _MORE_THAN_AGREED.search(rest):
        return None
    words = rest.split()
    heads = [word for word in words if _HEADS.fullmatch(word)]
    if not all(word in heads or word in _NEUTRAL_EN or _NEUTRAL_RU.fullmatch(word) for word in words):
        return None
    return "agrees" if heads or ends else "neutral"
