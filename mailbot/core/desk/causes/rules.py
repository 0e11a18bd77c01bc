"""Which cause a request is proposed for, and why: the operator's own rules, then the model when it is sure, then the rules shipped here.

The shipped ones speak for causes of the default tree, and only where the configured tree has a cause of that name. They are for the
mail of a web studio's clients, in English and Russian, and rather say nothing than something wrong.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mailbot.core.desk.causes.configured import CauseRule, spoken
from mailbot.core.desk.words import FAULT, READ

if TYPE_CHECKING:  # it brings in numpy, which a desk that has learned nothing yet does without
    from mailbot.core.desk.causes.model import Model


@dataclass(frozen=True, slots=True)
class Proposal:
    """A cause, and why, for operators to read."""

    cause: str
    because: str


@dataclass(frozen=True, slots=True)
class Rule:
    """A shipped rule. `sure`: its words alone say the cause; two such of different causes leave it to an operator.

    `pattern`: of small letters; to look for them in any case takes twice as long.
    """

    name: str
    cause: str
    sure: bool
    pattern: re.Pattern[str]
    reason: str

    def words(self, text: str) -> str | None:
        """The first words of a text for which the rule speaks, or None."""
        match = self.pattern.search(text.replace("İ", "I").lower())  # the one letter that becomes two
        return text[match.start() : match.end()] if match else None


def _pattern(*alternatives: str) -> re.Pattern[str]:
    """Each alternative from the beginning of a word; "..." stands for up to five words between."""
    return re.compile("|".join(rf"\b(?:{one.replace('...', _BETWEEN)})" for one in alternatives))


_BETWEEN = r"[^\w\n.!?]+(?:\w+[^\w\n.!?]+){0,5}?"  # within a sentence
_PUT = r"(?:change|replace|update|correct|remove|delete|swap|put up|publish|upload)"
_PUT_RU = (
    r"(?:(?:за|по|сме)ните|(?:за|об|из)мените|измените|заменить|изменить|поменять|поменяйте|сменить|обновить|обновите|исправить|исправьте"
    r"|убрать|уберите|удалить|удалите|разместить|разместите|опубликовать|опубликуйте|выложить|выложите)"
)
_ADD = r"(?:add|create|make|build|develop|implement|install|connect|set up)"
_ADD_RU = (
    r"(?:добавить|добавьте|сделать|сделайте|создать|создайте|установить|установите|подключить|подключите|настроить|настройте|внедрить"
    r"|доработать|доработайте)"
)

# The first that speaks decides, among the sure ones if any of them speaks.
RULES: tuple[Rule, ...] = (
    Rule(
        "domain, certificate, hosting",
        "hosting",
        True,
        _pattern(
            r"domain(?: name)?...(?:expir\w+|renew\w*|registrar|transfer\w*)",
            r"(?:renew|transfer|register|pay for)...(?:domain|hosting)\b",
            r"(?:ssl|tls|https|security) certificate",
            r"certificate...(?:expired?|expires|invalid|not valid|not trusted)\b",
            r"(?:dns|mx|cname|txt) (?:record|setting|zone|entry|entries)",
            r"hosting...(?:expir\w+|renew\w*|provider|plan|account|suspended)",
            r"(?:disk|server) (?:space|quota)|server is (?:down|full|overloaded)",
            r"домен\w{0,3}...(?:истек\w*|истёк|просроч\w+|продл\w+|оплат\w+|заблокирован\w*|делегирован\w*|разделегирован\w*)",
            r"(?:продл\w+|перенести|перенос|зарегистрировать|оплатить|истекает)...(?:домен|хостинг)\w*",
            r"(?:ssl|tls|https)[- ]?сертификат|сертификат\w{0,2} (?:безопасности|ssl|tls|https|сайта)",
            r"сертификат\w{0,2}...(?:истек\w*|истёк|просроч\w+|недействит\w+|не действ\w+)",
            r"(?:dns|mx|txt)[- ]?запис\w+",
            r"хостинг\w{0,3}...(?:истек\w*|истёк|просроч\w+|продл\w+|заблокирован\w*|отключ\w+|тариф\w*)",
            r"(?:закончилось|кончилось|не хватает|нет) мест\w+ на (?:диске|сервере|хостинге)",
        ),
        "what is rented by the year runs out, and nobody but the studio knows where it is rented",
    ),
    Rule(
        "the whole site is away",
        "hosting",
        True,
        _pattern(
            r"(?:web)?site (?:is|was|has been|seems|went) (?:completely |totally )?(?:to be )?(?:down|offline|unavailable|unreachable)\b",
            r"(?:web)?site (?:does ?n[o'’]t|will not|won['’]t) (?:open|load)\b",
            r"(?:502 bad|503 service|504 gateway|bad gateway|gateway time-?out|service (?:temporarily )?unavailable)",
            r"сайт (?:снова |опять |вообще |совсем ){0,2}(?:лежит|упал|недоступен|не ?доступен|не открывается|не грузится"
            r"|не загружается)\b",
            r"(?:ошибка )?(?:502|503|504) (?:bad|service|gateway)",
        ),
        "not one thing on the site but the site: a server's matter",
    ),
    Rule(
        "cannot get in",
        "access",
        True,
        _pattern(
            r"(?:can(?:not|['’]t| not)|could(?:n['’]t| not)|unable to|not able to|impossible to)...(?:log|sign)[ -]?in(?:to)?\b",
            r"(?:trouble|problems?)...(?:logging|signing) in(?:to)?\b",
            r"(?:forgot(?:ten)?|lost|reset\w*|recover|restore|remind)...passwords?\b",
            r"password...(?:does ?n[o'’]t|not|no longer) (?:work|accepted|valid|fit)",
            r"(?:give|grant|need|request|restore|open)...access\b...(?:admin\w*|panel|cms|site|website|account|server|ftp|analytics)",
            r"(?:login|username) (?:and|or) (?:the )?password",
            r"account...(?:locked|blocked|disabled)\b",
            r"не (?:могу|можем|может|могут|получается|удается|удаётся|удалось|выходит)...(?:войти|зайти|авторизоваться|залогиниться)\b",
            r"не (?:пускает|впускает)\b",
            r"(?:забыл\w{0,2}|потерял\w{0,2}|утерян\w?|сбросить|сбросьте|восстановить|восстановите|напомните|не принимает)...парол\w+",
            r"пароль не (?:подходит|работает|принимает\w*)",
            r"(?:дайте|дать|нужен|нужны|предоставьте|предоставить|откройте|открыть|восстановите|восстановить|пришлите)...доступ\w{0,2}\b",
            r"логин и пароль|доступ\w{0,2} (?:в|к|от) (?:админ\w*|панел\w*|сайт\w*|хостинг\w*)",
            r"(?:учетн\w+|учётн\w+) запис\w+...заблокир\w+|аккаунт\w?...заблокир\w+",
        ),
        "people, passwords and rights; the site itself works",
    ),
    Rule(
        "papers and payment between the client and the studio",
        "billing",
        True,
        _pattern(
            r"(?:send|issue|need|pay|paid|received?|resend|correct|attached|wrong)...invoices?\b",
            r"(?:your|the last|this month['’]s|an?) invoices? (?:for|no|number|#|from|of)",
            r"(?:act|certificate)s? of (?:completed|completion|acceptance)",
            r"(?:reconciliation|closing) (?:statement|documents?)",
            r"your (?:bank|payment) details",
            r"(?:выставить|выставите|вышлите|прислать|пришлите|нужен|оплатил\w*|оплатить|оплачен\w*|получили|отправьте)...сч[её]т\w{0,2}\b",
            r"сч[её]т(?:-фактур\w+| на оплату| на оплат\w+| №| за )",
            r"акт\w{0,2} (?:выполненных|оказанных|сверки|приемки|приёмки|сдачи|за )",
            r"закрывающи\w+ документ\w*",
            r"(?:подписать|подписанн\w+|вышлите|пришлите|отправьте|оригинал\w*)...(?:акт\w{0,2}|упд)\b",
            r"платежн\w+ поручени\w+|платёжн\w+ поручени\w+",
        ),
        "the word payment alone is not here: it names a function of every shop",
    ),
    Rule(
        "a typo, something wrong in the words",
        "content",
        True,
        _pattern(
            r"typos?\b|misspel\w+|spelling (?:mistake|error)s?|wrongly spelled",
            r"(?:wrong|old|outdated|incorrect) (?:text|price|phone|number|address|photo|picture|opening hours|logo|name)s?\b",
            r"(?:mistake|error)s? in (?:the|our|your|a) (?:text|word|name|title|heading|headline|address|phone|price|description)\w*",
            r"опечатк\w+|орфографическ\w+",
            r"(?:неправильн|неверн|неактуальн|устаревш|стар)\w{2,3} (?:текст|цен|телефон|номер|адрес|фото|график|логотип|реквизит)\w*",
            r"ошибк\w (?:в|во) (?:тексте|слове|названии|заголовке|адресе|телефоне|цене|описании|имени|фамилии|номере)",
        ),
        "nothing is broken; the words are wrong",
    ),
    Rule("something does not work", "fault", False, FAULT, "the words that make a warranty case"),
    Rule(
        "a question how to do it",
        "how-to",
        False,
        _pattern(
            r"how (?:do|can|should|could|would) (?:i|we)\b|how to (?!e-?mail|reach)\w+",
            r"where (?:do|can|should) (?:i|we)\b|instructions? (?:for|on|how)\b|(?:could|can) you (?:explain|show|tell) (?:me |us )?how\b",
            r"как (?:мне |нам |можно |правильно |самостоятельно |самим |самому ){0,3}"
            r"(?:добавить|добавлять|сделать|изменить|менять|поменять|удалить|загрузить|загружать|настроить|посмотреть"
            r"|выгрузить|найти|создать"
            r"|разместить|заменить|отредактировать|редактировать|пользоваться|отключить|включить|вставить|опубликовать)\b",
            r"где (?:можно |я могу |мы можем ){0,2}(?:найти|посмотреть|поменять|изменить|добавить|настроить|скачать)\b",
            r"инструкци\w+ (?:по|как)\b",
        ),
        "they would do it themselves; ahead of the next ones, whose words such a question holds, too",
    ),
    Rule(
        "other words or pictures on a page",
        "content",
        False,
        _pattern(
            rf"{_PUT}...(?:texts?|phone|price(?:s| list)?|photos?|pictures?|images?|opening hours|address|logo|wording"
            rf"|description|news|article)\b",
            rf"{_PUT_RU}...(?:текст|телефон|цен[ыу]|прайс|фото|картинк|изображени|адрес|график|режим|логотип|описани"
            rf"|новост|стать[юи]|реквизит|баннер)\w*",
        ),
        "what a visitor reads changes, not what the site does",
    ),
    Rule(
        "something that the site cannot do yet",
        "change",
        False,
        _pattern(
            rf"{_ADD}...(?<!to the )(?<!on the )(?<!to our )(?<!on our )(?:button|form|field|filter|page|section"
            rf"|calculator|widget|map|chat|feature|function\w*"
            rf"|integration|gallery|search|counter)s?\b",
            r"integrat(?:e|ion)...with\b|new (?:feature|function\w*)\b",
            rf"{_ADD_RU}...(?<!на )(?<!в )(?:кнопк|форм[уы]|пол[ея]|фильтр|страниц|раздел|калькулятор|виджет|карт[уы]|чат|функци"
            rf"|интеграци|галере|поиск|счетчик|счётчик)\w*",
            r"интеграци\w с\b|нов\w{2,3} (?:функци\w+|функционал\w*)",
        ),
        "development, small or large; whether large is another question (words.large_change_words)",
    ),
)


def propose(
    subject: str,
    visible: str,
    sender: str,
    language: str | None,
    tree: Sequence[str],
    configured: Sequence[CauseRule],
    model: "Model | None",
) -> Proposal | None:
    """The cause to propose, or None; never one outside `tree`. `sender`: the originator's address; `visible`: the new words."""
    text = f"{subject}\n{visible}"
    for rule in configured:
        if rule.cause in tree and (why := spoken(rule, text[:READ], sender.lower(), language)):
            return Proposal(rule.cause, f"configured: {why}")
    if model and (guess := model.classify(text)).cause and guess.cause in tree and not guess.abstains:
        return Proposal(guess.cause, f"learned: {guess.because}")
    return _shipped(text[:READ], tree)


def _shipped(text: str, tree: Sequence[str]) -> Proposal | None:
    spoke = [(rule, words) for rule in RULES if rule.cause in tree and (words := rule.words(text))]
    sure = [one for one in spoke if one[0].sure]
    if not spoke or len({rule.cause for rule, _ in sure}) > 1:
        return None
    rule, words = (sure or spoke)[0]
    return Proposal(rule.cause, f"{rule.name}: “{words}”")
