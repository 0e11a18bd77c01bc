"""The words of letters about terms, estimates, prices, acts and promises, whole, in both languages."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from mailbot.core.desk.case import Consent
from mailbot.core.desk.facts import OfferFacts, WaitingOffer
from mailbot.core.desk.promises import Promise
from mailbot.core.money.price import support_price
from mailbot.core.money.quote import Month, Quote
from tests.test_render import COVERAGES, MONDAY_NOON, TERMS, TICKET, flat, renderer, seen

RATE, STEP = Decimal(2000), Decimal(500)
LATER = MONDAY_NOON + timedelta(hours=3)


def waiting(kind: Any, **detail: Any) -> dict[str, Any]:
    ticket = TICKET.number if kind in ("terms", "estimate") else None
    offer = WaitingOffer(5, kind, 1, ticket, "anna@rose.example", "ru", detail, "x", MONDAY_NOON, 0, LATER, True, 3, 2026)
    return {"offer": offer, "last": False}


QUOTE = Quote(
    "Rose Shop",
    (Month(date(2026, 9, 1), 195, Decimal(10000)), Month(date(2026, 10, 1), 0, Decimal(0))),
    support_price([390, 0], RATE, Decimal("0.50"), STEP),
    RATE,
    Decimal("0.50"),
    STEP,
    None,
)
ACT = OfferFacts(5, "act", None, 1, "anna@rose.example", "1-5d3c9a2f", "open", 3, 2026)
CONSENT = Consent(ACT, "agreed", "We agree.", "dmarc=pass")
PROMISE = Promise(12, "Price list", "Rose Shop", "anna@rose.example", True, MONDAY_NOON, LATER)
COVERAGE = {
    "coverage": COVERAGES["hourly"],
    "increment_minutes": 15,
    "estimate_above_minutes": 120,
    "warranty_days": 30,
    "ticket": TICKET,
}
LETTERS: dict[str, tuple[str, dict[str, Any], dict[str, str]]] = {
    "another coverage": (
        "coverage",
        COVERAGE,
        {
            "ru": f"Здравствуйте! Уточняем условия по заявке № {TICKET.number} «{TICKET.subject}». Раньше мы называли вам другие; действуют "
            f"эти. {TERMS['hourly']['ru']} Если что-то не так, просто ответьте на это письмо.",
            "en": f"Hello, we have changed the terms of ticket {TICKET.number} “{TICKET.subject}”. What we told you before no longer holds; "
            f"this does: {TERMS['hourly']['en']} If something is wrong, just reply to this mail.",
        },
    ),
    "an estimate": (
        "estimate",
        {"ticket": TICKET, "minutes": 195, "amount": Decimal("6500.00"), "rate": RATE, "words": "• www"},
        {
            "ru": f"Здравствуйте! Мы оценили работу по заявке № {TICKET.number} «{TICKET.subject}»: 3 ч 15 мин по 2 000 ₽ за час, всего "
            "6 500 ₽. • www Начнём, как только вы согласитесь: ответьте на это письмо «Согласны». Если хотите что-то изменить, напишите, что "
            "именно.",
            "en": f"Hello, this is our estimate for ticket {TICKET.number} “{TICKET.subject}”: 3 hrs 15 mins at RUB 2,000 an hour, RUB 6,500 in "
            "all. • www We start as soon as you agree: answer this mail with “We agree”. If something should be different, tell us what.",
        },
    ),
    "a price": (
        "proposal",
        {"quote": QUOTE},
        {
            "ru": "Здравствуйте! Мы посчитали, сколько времени занимает поддержка вашего сайта, и предлагаем ежемесячный договор за 10 000 ₽. "
            "Как получилась эта цена: в среднем 3 ч 15 мин работы в месяц по 2 000 ₽ за час с наценкой 50 % за готовность помочь в любой "
            "рабочий день, с округлением вверх до 500 ₽. По месяцам, и во сколько обошёлся бы каждый из них сам по себе: • сентябрь 2026: "
            "3 ч 15 мин — 10 000 ₽ • октябрь 2026: 0 мин — 0 ₽ Если цена вам подходит, ответьте на это письмо «Согласны». Если есть вопросы — "
            "тоже просто ответьте.",
            "en": "Hello, we have counted how much time the support of your site takes, and propose a monthly contract for RUB 10,000. How the "
            "price is made: 3 hrs 15 mins of work a month on average at RUB 2,000 an hour, with 50% for being there on every working day, "
            "rounded up to RUB 500. Month by month, with what each alone would come to: • September 2026: 3 hrs 15 mins, RUB 10,000 • "
            "October 2026: 0 mins, RUB 0 If the price suits you, answer this mail with “We agree”. If you have questions, just reply as well.",
        },
    ),
    "a reminder of terms": (
        "reminder",
        waiting("terms") | {"last": True},
        {
            "ru": f"Здравствуйте! 23 ноября 2026 г. вы написали нам (заявка № {TICKET.number}), и мы рассказали об условиях поддержки. Если они "
            "вам подходят, ответьте «Согласны»; если нет — напишите об этом, и мы больше не будем напоминать. Это последнее напоминание.",
            "en": f"Hello, on 23 November 2026 you wrote to us (ticket {TICKET.number}), and we told you the terms of support. If they suit you, "
            "answer “We agree”; if not, tell us, and we will not remind you again. This is the last reminder.",
        },
    ),
    "a reminder of an estimate": (
        "reminder",
        waiting("estimate", minutes=195, amount="6500.00"),
        {
            "ru": f"Здравствуйте! 23 ноября 2026 г. мы отправили вам смету по заявке № {TICKET.number}: 3 ч 15 мин, 6 500 ₽. Работа начнётся, "
            "когда вы ответите «Согласны».",
            "en": f"Hello, on 23 November 2026 we sent you an estimate for ticket {TICKET.number}: 3 hrs 15 mins, RUB 6,500. Work starts when you "
            "answer “We agree”.",
        },
    ),
    "a reminder of a price": (
        "reminder",
        waiting("proposal", price="10000"),
        {
            "ru": "Здравствуйте! 23 ноября 2026 г. мы предложили вам ежемесячную поддержку за 10 000 ₽. Если цена подходит, ответьте «Согласны»; "
            "если нет, напишите, что изменить.",
            "en": "Hello, on 23 November 2026 we proposed monthly support for RUB 10,000. If the price suits you, answer “We agree”; if not, "
            "tell us what should be different.",
        },
    ),
    "a reminder of an act": (
        "reminder",
        waiting("act", period="2026-10"),
        {
            "ru": "Здравствуйте! 23 ноября 2026 г. мы отправили вам акт № 3 за октябрь 2026 и пока не получили ответа. Если всё верно, ответьте "
            "«Согласны»; если нет, напишите, что исправить.",
            "en": "Hello, on 23 November 2026 we sent you act 3 for October 2026 and have had no answer yet. If all is correct, answer “We agree”; if "
            "not, tell us what to correct.",
        },
    ),
    "an answer, for the operators": (
        "answered",
        {"client": "Rose Shop", "sender": "anna@rose.example", "consents": (CONSENT,), "entry": 44},
        {
            "ru": "Rose Shop: получено согласие — акт № 3 (2026 г.) Кто: anna@rose.example Версия текста: 1-5d3c9a2f Проверка отправителя: "
            "dmarc=pass We agree. Ответ сохранён, письмо — запись 44 журнала. Всё о клиенте: mailbot client show",
            "en": "Rose Shop: agreed to act 3 of 2026 Who: anna@rose.example Version of the text: 1-5d3c9a2f Check of the sender: dmarc=pass "
            "We agree. The answer is kept; the mail is entry 44 of the journal. All about the client: mailbot client show",
        },
    ),
    "a promise that is due": (
        "promises",
        {"what": "soon", "promises": [PROMISE]},
        {
            "ru": "Скоро истечёт срок, к которому мы обещали ответить: • заявка № 12, СРОЧНАЯ «Price list», Rose Shop: обещано не позднее "
            "понедельника, 23 ноября, 15:00 Ответьте клиенту на письмо с заявкой или командой mailbot reply НОМЕР.",
            "en": "These tickets were promised an answer that is due soon: • ticket 12, URGENT “Price list”, Rose Shop: due Monday, "
            "23 November, 15:00 Reply to the mail with the ticket, or with mailbot reply NUMBER.",
        },
    ),
    "promises that were broken": (
        "promises",
        {"what": "broken", "promises": [PROMISE, replace(PROMISE, ticket=14, subject="", client=None, urgent=False)]},
        {
            "ru": "Мы не ответили к обещанному сроку: • заявка № 12, СРОЧНАЯ «Price list», Rose Shop: обещано не позднее понедельника, 23 "
            "ноября, 15:00 • заявка № 14, anna@rose.example: обещано не позднее понедельника, 23 ноября, 15:00 Ответьте клиенту на письмо с "
            "заявкой или командой mailbot reply НОМЕР.",
            "en": "These tickets were promised an answer that has not come: • ticket 12, URGENT “Price list”, Rose Shop: due Monday, 23 "
            "November, 15:00 • ticket 14, anna@rose.example: due Monday, 23 November, 15:00 Reply to the mail with the ticket, or "
            "with mailbot reply NUMBER.",
        },
    ),
}


@pytest.mark.parametrize("language", ["ru", "en"])
@pytest.mark.parametrize("name", LETTERS)
def test_a_letter_says_the_same_as_text_and_as_html(name: str, language: str) -> None:
    template, context, words = LETTERS[name]
    _, text, html = renderer().render(language, template, context)
    said = flat(text)
    assert said.startswith(words[language])
    rest = said.removeprefix(words[language]).strip()
    automatic = {"ru": "Это письмо отправлено автоматически.", "en": "This mail was sent automatically."}[language]
    assert rest.replace(automatic, "").split() in ([], "Web Studio support@studio.example".split())
    assert flat(words[language].replace("• ", "")) in seen(html)


@pytest.mark.parametrize(
    ("language", "context", "subject"),
    [
        ("ru", waiting("act", period="2026-10"), "Web Studio: ждём вашего ответа по акту № 3"),
        ("en", waiting("terms"), f"Re: [#{TICKET.number}] Web Studio: your answer on the terms of support"),
        ("ru", waiting("estimate", minutes=15, amount="500"), f"Re: [#{TICKET.number}] Web Studio: ждём вашего ответа по смете"),
        ("en", waiting("proposal", price="500"), "Web Studio: your answer on the price of support"),
    ],
)
def test_the_subject_of_a_reminder_says_of_what(language: str, context: dict[str, Any], subject: str) -> None:
    assert renderer().render(language, "reminder", context)[0] == subject


def test_moments_of_these_letters_are_of_the_desks_time_zone() -> None:
    night = datetime.fromisoformat("2026-11-22T22:30:00+00:00")  # the 23rd in Moscow
    context = waiting("act", period="2026-10")
    context["offer"] = replace(context["offer"], sent_at=night)
    assert "23 ноября 2026 г." in flat(renderer().render("ru", "reminder", context)[1])
