"""The words of a request: normalised for comparing, and read for urgency and faults."""

import re
import unicodedata
from hashlib import sha256
from zlib import crc32

from mailbot.core.mail.message import Mail
from mailbot.core.mail.visible import own_words

# Names of people and firms: up to five capitalised words without a digit. Anything else beside a greeting or below a
# closing may be the request itself and stays.
_NAMES = r"(?:[«\"(]?[A-ZА-ЯЁ][^\W\d_]{0,30}[»\")]?[,.]?[ \t]*){1,5}"
_GREETING = re.compile(
    r"^(?i:hello|hi|hey|dear|good (?:morning|afternoon|evening|day)|greetings|здравствуйте|добрый (?:день|вечер)|доброе утро"
    r"|доброго (?:дня|времени суток)|приветствую|привет)(?i: again| all| team| support| ещё раз| еще раз| снова)?"
    rf"[ \t,]*(?:{_NAMES})?[ \t,.!:)]*\n+"
)
_CLOSING = re.compile(
    r"\n[ \t]*(?i:(?:best|kind|warm) regards|regards|best wishes|thanks(?: in advance)?|thank you(?: in advance)?|sincerely|yours sincerely"
    r"|с уважением|с наилучшими пожеланиями|заранее (?:спасибо|благодарю)|спасибо|благодарю|всего доброго)"
    rf"[ \t,.!]*(?:{_NAMES})?(?:\n[ \t]*(?:{_NAMES})?){{0,4}}$"
)
CLOSING_TAIL = 300  # characters at the end of a text in which its closing is looked for
_HAIL = re.compile(r"^(hello|hi|hey|здравствуйте|добрый день|привет)\b\W*", re.IGNORECASE)
# A pasted picture is told apart from another one by all of it: the heads of pictures are alike.
_LINK = re.compile(r"(?:href|src)\s*=\s*[\"']?(data:[^\"'\s>]+|[^\"'\s>]{1,500})", re.IGNORECASE)
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
FAULT = re.compile(
    r"\b(typo|misspell\w*|error|bug|broken|broke|fault\w*|crash\w*"
    r"|does ?n[o']t (work|open|load|send)|do ?n[o']t work|not working"
    r"|stopped working|fails?|failed|404|500|502|wrong (text|price|phone|link))\b"
    r"|\b(опечатк\w+|ошибк\w+|ошибочн\w+|не работает|не работают|не открывается"
    r"|не грузится|не загружается|не отправля\w+|не приход\w+|слома\w+|сбой|глюк\w*|баг|перестал\w* работать|вылетает|падает)\b",
    re.IGNORECASE,
)
# What is a contract of its own (R3): a section, a shop, another system; "a new page" is a small change. The same words name what there is
# already, in any request about it. So they count right behind the making, or at the beginning of a subject, as what the mail is about.
_MAKING = (
    r"(?<!not )(?<!n't )(?<!n’t )\b(?:wants?|wish|needs?|(?:would|['’]d) like|planning|thinking (?:of|about)|considering"
    r"|add|create|make|build|develop|launch"
    r"|implement|set up|order|estimate|quote for|cost of|price (?:of|for)|how much (?:is|would|does))(?: to (?:have|add"
    r"|create|make|build|develop|launch|get))? "
    r"(?:(?:us|an?|the|our|your|one|more|another|new|own|separate|small|simple|full|complete|proper|whole) ){0,4}"
)
_LARGE = (
    r"(?:redesign|(?:section|sub-?site|(?:web)?site)\b(?! (?:map|is|has|was|to))|(?:online|web|e-?|internet)[ -]?(?:shop"
    r"|store)\b|landing page|mobile app"
    r"|(?:customer|client) (?:portal|area)|(?:english|german|french|spanish|chinese|russian|second) (?:version|language)"
    r"|integration (?:with|of|between)|online (?:payments?|booking)|payment (?:system|gateway))"
)
_MAKING_RU = (
    r"(?<!не )\b(?:хотим|хочу|хотели бы|хотелось бы|нужн[аоы]?|нужен|необходим\w{0,2}|требуется|планируем|думаем о"
    r"|добавить|добавьте|создать|создайте"
    r"|сделать|сделайте|разработать|разработайте|запустить|заказать|внедрить|подключить|оценить|оцените|стоимость"
    r"|сколько (?:будет )?сто\w{2,4}|смет[ау] на)"
    r"(?: (?:нам|на|бы|сайте|добавить|создать|сделать|разработать|запустить|заказать|один|одну|еще|ещё|нов\w{2,3}"
    r"|отдельн\w{2,3}|полн\w{2,4}|нашего|свой)){0,4} "
)
_LARGE_RU = (
    r"(?:редизайн|раздела?\b|(?:под)?сайта?\b(?! (?:не|долж|откр))|интернет-магазина?\b|лендинга?\b"
    r"|мобильно\w{1,2} приложени|личн(?:ый|ого) кабинета?\b"
    r"|(?:английск|немецк|китайск|русск|втор)\w{2,3} верси|(?:мульти|много)язычн|интеграци[яюи] (?:с|со|между)\b"
    r"|онлайн[- ](?:оплат|запис|бронирован)"
    r"|(?:прием|приём)а? (?:оплаты|платежей))"
)
_CMS = r"(?:wordpress|woocommerce|bitrix|битрикс|1[сc]-битрикс|drupal|joomla|tilda|тильд\w|shopify|magento|opencart|modx)"
_LARGE_CHANGE = re.compile(
    rf"{_MAKING}{_LARGE}|{_MAKING_RU}{_LARGE_RU}"
    r"|\bintegrate (?:\w+ ){0,5}with\b|\b(?:please|to|and|us) redesign (?:the|our|your) |\bинтегрировать "
    rf"|\b(?:migrate|move|switch) (?:\w+ ){{0,4}}to (?:{_CMS}|(?:another|a new|a different|a modern) (?:cms|engine|platform))\b"
    rf"|\b(?:перенести|перевести|переехать|перейти) (?:\w+ ){{0,4}}на (?:{_CMS}|(?:друг|нов|современн)\w{{2,4}} (?:cms"
    rf"|движок|платформу))\b",
    re.IGNORECASE,
)
_LARGE_SUBJECT = re.compile(
    rf"(?:an? |the )?(?:redesign|new (?:section|website|site)\b|mobile app|integration with|(?:migration|moving) (?:\w+ ){{0,3}}to {_CMS})"
    rf"|(?:редизайн|нов(?:ый|ого) (?:раздел|сайт)\b|разработка|мобильное приложение|интеграция с|(?:перенос"
    rf"|переезд) (?:\w+ ){{0,3}}на {_CMS})",
    re.IGNORECASE,
)
_SENTENCE = re.compile(r"[^.!?\n]+")
READ = 3000  # characters that are read for urgency and faults: nobody cries for help on the third page
SHORT_WORDS = 4  # "Any news?" says the same of every request


def bare_subject(subject: str) -> str:
    """The subject without prefixes of replies, forwards and impatience."""
    previous = None
    while subject != previous:
        previous, subject = subject, _SUBJECT_PREFIX.sub("", subject)
    return subject


def normalised_subject(subject: str) -> str:
    """The same in one case and one kind of white space."""
    return _flat(bare_subject(subject))


def normalised_words(text: str) -> str:
    """The words of a text in one case, without greeting, closing, punctuation and line breaks; numbers, signs and addresses stay."""
    text = _GREETING.sub("", text.strip() + "\n", count=1).strip()
    return _flat(text[:-CLOSING_TAIL] + _CLOSING.sub("", text[-CLOSING_TAIL:]))


def bare_words(text: str, numbers: bool = True) -> str:
    """The new words of a text, to tell whether somebody says the same again; without `numbers` a date or a count tells nothing apart."""
    words = normalised_words(own_words(text[:READ])).split()
    return " ".join(word for word in words if numbers or not any(map(str.isdigit, word)))


def is_courtesy(text: str) -> bool:
    """Whether a text is nothing but a greeting and a closing."""
    rest = _GREETING.sub("", text.strip() + "\n", count=1).strip()
    return len(rest) < CLOSING_TAIL and not _flat(_CLOSING.sub("", f"\n{rest}"))


def _flat(text: str) -> str:
    folded = unicodedata.normalize("NFKC", text).casefold().replace("ё", "е")
    # Signs between digits and letters of one token (10.5, a@b.c, /page, #12) tell requests apart; the rest is decoration.
    return " ".join(word for raw in folded.split() if (word := raw.strip(".,;:!?…\"'«»“”„()[]{}*–—")))


def words_digest(mail: Mail) -> str | None:
    """What two messages with the same normalised subject and words have in common; None for a message without words.

    All words count, the quoted and forwarded ones and the signature too: "see the order below" says nothing of the order.
    So do the targets of links, which no reader of the text sees.
    """
    words = normalised_words(mail.text)
    links = " ".join(_link_targets(mail))
    if not words:
        return None
    return sha256(f"{normalised_subject(mail.subject)}\n{words}\n{links}".encode("utf-8", "replace")).hexdigest()


def _link_targets(mail: Mail) -> list[str]:
    return [target for target in _LINK.findall(mail.html or "")[:200] if not target.startswith("cid:")]


def link_hashes(mail: Mail) -> frozenset[int]:
    """Where the links and pictures of a mail lead, as numbers of 32 bits: no reader of its text sees them."""
    return frozenset(crc32(target.encode("utf-8", "replace")) for target in _link_targets(mail) if not target.startswith("mailto:"))


def is_short(visible: str) -> bool:
    """Whether there are too few words to recognise a request by them."""
    return len(normalised_words(_HAIL.sub("", visible.strip(), count=1)).split()) < SHORT_WORDS


def urgent_words(subject: str, visible: str) -> str | None:
    """The words that call for haste, or None."""
    text = f"{subject}\n{visible[:READ]}"
    if not _URGENT.search(text):  # nearly every mail ends here
        return None
    match = _URGENT.search(_NOT_URGENT.sub(" ", text))
    return match.group(0) if match else None


def fault_words(subject: str, visible: str) -> str | None:
    """The words that report a fault or a typo, or None."""
    match = FAULT.search(f"{subject}\n{visible[:READ]}")
    return match.group(0) if match else None


def large_change_words(subject: str, visible: str) -> str | None:
    """The words that ask for a large change, or None. A sentence that reports a fault asks for none, whatever it names."""
    subject = normalised_subject(subject[:READ])
    found = [] if FAULT.search(subject) else [_LARGE_SUBJECT.match(subject)]
    sentences = (subject, *_SENTENCE.findall(visible[:READ]))
    found += [match for one in sentences if (match := _LARGE_CHANGE.search(one)) and not FAULT.search(one)]
    return next((match.group(0).strip() for match in found if match), None)
