"""The sentences that agree to an offer, whole: what fits none of these shapes may mean anything, and an operator reads it.

A closed list of words in any order is not enough: "please confirm the price" and "the price we agreed" are made of the same ones.
"""

import re

_MONTHS_EN = "january|february|march|april|may|june|july|august|september|october|november|december"
_MONTHS_RU = "январь|февраль|март|апрель|май|июнь|июль|август|сентябрь|октябрь|ноябрь|декабрь"

# English. What is agreed to: these things, as they were offered.
_THE = r"(?:(?:the|your|this|these|that|all|of|both|proposed|quoted|listed|above) ){0,5}"
_THING = (
    r"(?:terms?(?: and conditions)?|conditions?|offer|proposal|(?:monthly )?(?:price|fee|cost|amount)|(?:hourly )?rate"
    r"|quote|quotation|estimate|total|sum|hours"
    rf"|act(?: (?:for|of) (?:{_MONTHS_EN}))?|work)"
)
_AS_IT_IS = (
    r"(?: (?:as (?:described|stated|quoted|proposed|offered|listed|it is|they are|is)|below|above|stated|described"
    r"|of (?:the )?(?:work|support)|for (?:the )?(?:work|support|monthly service)))?"
)
_OFFER = rf"(?:{_THE}{_THING}{_AS_IT_IS}|it|this|these|that|everything|all of (?:it|this))"
_OFFERS = rf"{_OFFER}(?: and {_OFFER})?"
_FULLY = r"(?: (?:in full|fully|entirely|completely|totally|wholeheartedly|without (?:any )?reservations?|please|too)){0,5}"
_WE = (
    r"(?:i|we|both of us|my (?:partner|wife|husband|colleague) and i)(?: (?:both|fully|hereby|gladly|happily"
    r"|completely|do|all|now)){0,5}"
)
_WELL = (
    r"(?:(?:yes|yep|yeah|yup|ok|okay|sure|great|perfect|excellent|fine|understood|absolutely|certainly|of course|all good|good|and|then"
    r"|\+1 from me|thanks|thank you) ){0,5}"
)
_GO = r"(?:go ahead|proceed|start|begin|commence|get (?:started|cracking)|go for it|do it)"
_THE_WORK = (
    r"(?: (?:with )?(?:(?:the|this) (?:work|job|task)|it|this|work))?(?: (?:whenever you (?:like|want|can)"
    r"|when(?:ever)? it suits you|when(?:ever)? ready|now|right away))?"
)
_ENGLISH = (
    rf"{_WE} (?:agree|accept|approve|confirm)(?: (?:to|with|on))?(?: {_OFFERS})?{_FULLY}",
    (
        rf"(?:(?:we are|we're|i am|i'm) )?(?:(?:very|quite|really) )?(?:happy|pleased|glad) to (?:agree|accept|approve"
        rf"|confirm)(?: (?:to|with))?(?: {_OFFERS})?{_FULLY}"
    ),
    rf"{_WE} (?:give|confirm) (?:my|our) (?:full )?(?:consent|agreement|approval|acceptance)(?: (?:to|of|for) {_OFFERS})?",
    rf"(?:agreed|accepted|approved|confirmed)(?: (?:to|with|on) {_OFFERS})?{_FULLY}",
    (
        rf"{_OFFERS}(?: (?:is|are|was|were))?(?: (?:all|both|fully|hereby))? (?:agreed|accepted|approved|confirmed"
        rf"|acceptable)(?: (?:by|to|from) (?:us|me|our side))?{_FULLY}"
    ),
    (
        rf"{_OFFERS} (?:is|are|looks?|seems?)(?: (?:all|perfectly|absolutely|totally|quite))? (?:fine|ok|okay|correct|good"
        rf"|right)(?: (?:with|by|for|to) (?:us|me))?"
    ),
    r"(?:that's )?(?:fine|okay|ok|all right|alright) (?:by|with) (?:us|me)",
    (
        rf"(?:{_THE}(?:terms|conditions|offer|proposal|(?:monthly )?(?:price|fee)|rate|quote|estimate)|that)(?: all)? (?:works?"
        rf"|suits?)(?: (?:well|fine|perfectly|just fine))?(?: for)? (?:us|me)"
    ),
    (
        rf"(?:(?:we are|we're|i am|i'm) )?(?:very |quite |completely )?(?:happy|content|satisfied|good|fine|ok"
        rf"|okay) with (?:{_THE}(?:terms|conditions|offer|proposal|price|quote|fee|rate|estimate|act|total|cost|hours)|it|this|everything)"
    ),
    r"(?:we are|we're|i am|i'm) (?:on board|all in)|count (?:us|me) in",
    rf"(?:please |kindly )?{_GO}{_THE_WORK}(?: please)?",
    rf"(?:you (?:can|may)|(?:happy|fine) for you to) {_GO}{_THE_WORK}",
    rf"let's (?:{_GO}|go){_THE_WORK}",
    r"(?:it's|it is) a yes(?: from (?:us|me))?",
    r"(?:you have|it has) (?:my|our) (?:full )?(?:approval|consent|agreement|blessing)",
    (
        r"(?:(?:we|i) have )?no (?:objections|objection|complaints|remarks)(?: (?:whatsoever|at all|here|from us|from me"
        r"|from our side|to (?:the )?(?:act|estimate|price|terms)))?"
    ),
    r"(?:(?:it|everything|all)(?:'s| is)? |all )?(?:correct|in order)",
)

# Russian.
_YOUR_RU = (
    r"(?:(?:ваш\w{1,3}|эт\w{1,3}|так\w{1,3}|данн\w{2,3}|указанн\w{2,3}|предложенн\w{2,3}|все\w?|ежемесячн\w{2,3}"
    r"|почасов\w{2,3}) ){0,5}"
)
_THING_RU = (
    rf"(?:услови\w{{1,3}}|предложени\w{{1,2}}|цен(?:а|ы|у|ой|е)|стоимость\w?|тариф\w{{0,2}}|ставк(?:а|у|ой|и)|смет(?:а|у|ой"
    rf"|ы)|акт(?:а|ом|у)?(?: за (?:{_MONTHS_RU}))?"
    r"|сумм(?:а|у|ой|ы)|работ(?:а|у|ы|ой|ами)(?: за (?:месяц|" + _MONTHS_RU + r"))?|(?:ежемесячную |платную )?поддержку"
    r"|(?:абонентск\w{2,3} )?плат(?:а|у|ой|ы)|объем)"
)
_MORE_RU = r"(?:услови\w{1,3}|цен(?:а|ы|у|ой|е)|стоимость\w?|сумм(?:а|у|ой|ы)|объем)"
_OFFER_RU = (
    rf"(?: (?:с|со|на|по))?(?: {_YOUR_RU}{_THING_RU}(?: (?:поддержки|работ|работы|по смете"
    rf"|по акту))?(?: и {_YOUR_RU}{_MORE_RU}(?: (?:поддержки|работ))?)?| всем| все| это)?"
)
_FULLY_RU = (
    r"(?: (?:полностью|целиком(?: и полностью)?|вполне|безоговорочно|без (?:замечаний|оговорок|возражений|вопросов)"
    r"|в полном объеме|спасибо|пожалуйста)){0,5}"
)
_WELL_RU = (
    r"(?:(?:да|ок|окей|хорошо|отлично|конечно|ладно|спасибо|тогда|и|мы|я|меня|нас|нам|мне|настоящим|полностью|вполне"
    r"|целиком|все|коллеги) ){0,5}"
)
_AGREE_RU = (
    r"(?:соглас(?:ен|на|ны)|одобря(?:ю|ем)|одобрен[оа]?|подтвержда(?:ю|ем)|утвержда(?:ю|ем)|утвержден[оа]?|согласован[оаы]?"
    r"|принима(?:ю|ем)(?: и подписыва(?:ю|ем))?)"
)
_REMARKS_RU = "(?:возражений|претензий|замечаний|нареканий|расхождений)"
_TO_RU = r"(?: (?:по|к|на) (?:акту|акт|смете|смету|работе|работам|условиям|цене)| у (?:нас|меня)){0,5}"
_RUSSIAN = (
    rf"{_AGREE_RU}{_OFFER_RU}{_FULLY_RU}",
    rf"{_YOUR_RU}{_THING_RU}(?: (?:поддержки|работ))?(?: и {_YOUR_RU}{_MORE_RU})?(?: (?:мы|я))? {_AGREE_RU}{_FULLY_RU}",
    (rf"(?:с|на) {_YOUR_RU}{_THING_RU}(?: и {_YOUR_RU}{_THING_RU})? соглас(?:ен|на|ны)"),
    (
        rf"{_YOUR_RU}(?:условия|предложение|цена|стоимость|тариф|ставка|смета|сумма|(?:ежемесячн\w{{2,3}} )?платеж|(?:абонентская )?плата)"
        r"(?: (?:и (?:цена|условия|сумма)|поддержки|работ))?(?: (?:нас|меня|нам|мне))?(?: (?:вполне|полностью|все"
        r"|и)){0,5} (?:устраива(?:ет|ют)|подход(?:ит|ят))"
    ),
    r"(?:устраивает|подходит|верно|правильно)",
    rf"{_YOUR_RU}(?:условия|цена|смета|акт|сумма) (?:верн(?:ы|а|о|ый)|верен|приняты?|принята|подписываем)",
    r"(?:акт|работы|работу) (?:приняли|принял|приняла)",
    r"(?:пожалуйста )?(?:приступайте|начинайте|делайте|запускайте|стартуйте)(?: (?:к работе|работы?|работу|пожалуйста))?",
    r"(?:можете|можно) (?:приступать|начинать|делать)(?: (?:к работе|работу))?",
    rf"{_REMARKS_RU}{_TO_RU} (?:нет|не имею|не имеем)",
    rf"(?:нет|не имею|не имеем) {_REMARKS_RU}{_TO_RU}",
    r"не (?:возражаем|возражаю|против)|против (?:ничего )?не (?:имею|имеем)|ничего (?:не имею|не имеем) против",
    (
        r"(?:даю|даем|подтверждаю|подтверждаем)(?: свое| наше)? (?:согласие|добро|отмашку)(?: на (?:работу|работы))?"
        r"|согласие (?:подтверждаю|подтверждаем|даю|даем)"
    ),
    r"согласовано",
)

# What may stand beside agreement: that it was read, praise, an excuse.
_NEUTRAL_ENGLISH = (
    (
        rf"(?:(?:{_WE}(?: have)?|i've|we've) )?(?:read|reviewed|checked|looked (?:at|through))(?: {_OFFERS})?"
        r"(?: through| carefully| and correct){0,2}"
    ),
    r"(?:great|good|excellent|lovely|fantastic|brilliant|nice) (?:job|work)(?: (?:this month|as always|on (?:it|this)))?",
    (
        r"(?:all|everything|that|it|this)(?:'s| is| looks| seems)? (?:good|fine|clear|fair|reasonable|right|perfect)"
        r"|very (?:reasonable|fair|clear)|sounds (?:good|fair|reasonable)"
    ),
    r"(?:sorry|apologies) for the (?:slow|late|delayed) (?:reply|response|answer)",
    r"(?:have|enjoy) (?:a|your) (?:nice|great|good|lovely) (?:day|evening|weekend|week)|cheers|no questions",
    r"looking forward to (?:it|working with you)",
    r"yep|yeah|yup|perfect|excellent|fine|sure|understood|absolutely|certainly|of course",
)
_NEUTRAL_RUSSIAN = (
    (
        rf"(?:акт |смету |условия |все |внимательно ){{0,5}}(?:про)?(?:читал[аи]?|смотре(?:л|ла|ли)|вери(?:л|ла|ли)|сверил[аи]?"
        rf"|посмотрел[аи]?|проверил[аи]?|изучил[аи]?|рассмотрел[аи]?|ознакомил(?:ся|ась|ись))(?: (?:с )?(?:{_YOUR_RU}{_THING_RU}"
        rf"|все|внимательно|построчно|полностью)){{0,5}}"
    ),
    (
        r"(?:отличная|хорошая|прекрасная) работа|молодцы(?: как всегда)?|(?:качеством|работой|всем) довол(?:ен|ьна|ьны)"
        r"|хорошо сделано|отлично сделано"
    ),
    (
        r"(?:цена|сумма|стоимость|условия) (?:нормальн\w{2}|разумн\w{2}|справедлив\w{2}|адекватн\w{2}|понятн\w{1,2})"
        r"|(?:нормальн\w{2}|разумн\w{2}|справедлив\w{2}|адекватн\w{2}) (?:цена|сумма|условия)"
    ),
    r"все (?:понятно|четко|хорошо|так и есть|как надо)|вопросов нет|хорошего (?:дня|вечера)|хороших выходных",
    r"(?:извините|простите) (?:за задержку(?: с ответом)?|за поздний ответ|что долго (?:не отвечал[аи]?|молчал[аи]?))",
    r"ладно|окей|конечно|отлично|безусловно|замечательно",
    r"работы выполнены(?: (?:в полном объеме|качественно|полностью))?",
)

AGREES = re.compile("|".join(("договорились", rf"{_WELL}(?:{'|'.join(_ENGLISH)})", rf"{_WELL_RU}(?:{'|'.join(_RUSSIAN)})")))
NEUTRAL = re.compile("|".join((rf"{_WELL}(?:{'|'.join(_NEUTRAL_ENGLISH)})", rf"{_WELL_RU}(?:{'|'.join(_NEUTRAL_RUSSIAN)})")))
# What anybody may say in passing: it may answer anything that stands beside it.
YES = re.compile(r"(?:yes|да)(?: please| пожалуйста| конечно)?")
