"""What a reply says to an offer (R4), and what proves its sender."""

import pytest

from mailbot.core.desk.consent import read_answer
from mailbot.core.mail.authentication import Authentication, authentication
from mailbot.core.mail.message import Address, Mail

AGREED = [
    "Yep, that price is fine with us",
    "Perfect, I accept",
    "Checked and correct. Estimate approved, please start.",
    "We are happy to accept your proposal.",
    "No complaints whatsoever, accepted in full",
    "Let's do it!",
    "I accept the act for March. Thank you very much!",
    "Monthly price agreed",
    "Разумные условия, согласна целиком и полностью.",
    "Проверили, замечаний к акту нет, работы за октябрь принимаем",
    "Против ничего не имею, условия принимаю.",
    "Меня такой ежемесячный платёж вполне устраивает, спасибо!",
    "Смету прочитал внимательно, одобряю, можете приступать",
    "Не возражаем",
    "Согласна. 👍",
    "Претензий по акту нет",
    "No objections from our side.",
    "We agree.\n\nBest regards,\nAnna Petrova\nRose Shop Ltd\n+7 926 555-47-81\nwww.rose.example",
    "Agreed\nAnna",
    "Согласны.",
    "Да",
    "Да, согласны",
    "Добрый день!\nУсловия нас устраивают, приступайте.\nС уважением,\nАнна Розова",
    "Согласны на ежемесячную поддержку",
    "Акт принимаем, претензий не имеем",
    "Подтверждаю.\n\nОтправлено с iPhone",
    "Мы согласны с вашими условиями и ценой. Спасибо!",
    "Да, всё верно, возражений нет",
    "Утверждаем смету",
    "Yes",
    "Yes, please",
    "Agreed, thank you!",
    "Hello,\n\nwe agree to the terms.\n\nBest regards,\nAnna Petrova",
    "Agreed\n\n-- \nAnna\n+7 926 555-47-81",
    "Yes, go ahead",
    "We accept the estimate",
    "All correct, no objections",
    "The act is correct",
    "I agree.\n\nOn Mon, 2 Nov 2026 at 10:00, Web Studio wrote:\n> Do you agree? But only if …",
]
OBJECTED = [
    "Отклоняем",
    "Rejected.",
    "Не надо, спасибо",
    "Please do not start work",
    "Условия нас не устраивают",
    "We do not agree, that hour was free.",
    "Не согласны: в акте лишние часы.",
    "Нет",
    "Это слишком дорого",
    "Нет, не согласны, мы ничего не заказывали",
    "В акте неверная сумма.",
    "We do not agree with the total. We counted two hours, not three.",
    "No, thanks",
    "Too expensive!",
]
UNCLEAR = [
    "Вы согласны",
    "Вас всё устраивает",
    "Да, добрый день!",
    "Yes, hi Ivan how are you",
    "Да\nСпасибо!\nЭто я про смену пароля",
    "Agreed\nPetrova\nMinus ten percent please",
    "We agree.\nThanks, only hourly though.",
    "Agreed.\n\n-- \nOnly 3 hours",
    "We work with you on the terms agreed",
    "Мы согласовали разовую оплату",
    "Согласны на справедливую цену.",
    "We accept many of the terms.",
    "Let's start with the price.",
    "Hi can we talk first. Agreed.",
    "Confirm the price.",
    "Confirm everything, please",
    "We confirm by the end of the month.",
    "I accept, please consider the price.",
    "We agree to read the terms.",
    "Подтверждаем платёж",
    "Подтверждаю, письмо прочитала",
    "No, all good!",
    "Нет, смета ещё на согласовании у директора",
    "Дорого, но берём.",
    "Please do not start, we will confirm tomorrow.",
    "I can't approve this, please write to Anna.",
    "> Есть ли возражения?\nНет",
    "Возражений: нет",
    "Нет, это вам спасибо!",
    "Нет, лучше в среду",
    "No, not yet.",
    "Нет, не дорого",
    "Нет, продолжайте",
    "No, ask Maria, she decides.",
    "За: все. Против: нет.",
    "Согласны на месяц.",
    "Согласны\n***\nОплатим в мае",
    "Let's do it hourly",
    "We accept with our conditions.",
    "Accepted. Our conditions are attached.",
    "Согласны, на наших условиях",
    "Вполне устраивает ваша поддержка, спасибо",
    "Attached are the terms we accept.",
    "And is the price confirmed",
    "So are the terms accepted",
    "> На сайте два телефона?\nДа, спасибо",
    "~~Agreed~~",
    "◻ Agreed",
    "Agreed\n\n-- \nbut only from May",
    "Согласны. Ждём смету.",
    "Go ahead, your quote please",
    "Accepted. Cost on you",
    "They approved",
    "Done and confirmed.",
    "Начинайте, за ваш счёт.",
    "Согласно тарифу.",
    "The price we agreed",
    "As agreed",
    "Is the price agreed",
    "Please confirm the price",
    "I accept your price is your price.",
    "We agree with the support team",
    "We agree you support us.",
    "We accept a part",
    "Yes, everything is clear",
    "Да, всё понятно",
    "Да, письмо прочитали",
    "Поддержка нас устраивает.",
    "Принимаем в работу",
    "Не начинайте, пока не подтвердим.",
    "Мы согласны с вами",
    "Прочитаем, согласуем",
    "We agree\n\n-- \nsubject to our general conditions of purchase",
    "Согласны\n\n-- \nАнна\nДействует при условии предоплаты",
    "ok",
    "Хорошо",
    "Принято",
    "Sounds good",
    "👍",
    "Yes. Tomorrow",
    "Yes. However.",
    "Да. Наверное.",
    "Да! Горит!",
    "YES. BUT NOT NOW",
    "СОГЛАСНЫ. НЕТ ДЕНЕГ",
    "Согласны\nНо После Скидки",
    "We agree. NOT.",
    "Согласны. Без НДС",
    "Agreed. Cancel",
    "Agreed — Subject To Contract",
    "Согласны!?",
    "Да...?",
    "We agree\n???",
    "We agree 👎",
    "Согласны 🙄",
    "Yes :(",
    "Да…",
    "I can't agree more",
    "We agree\nRegards,\nsubject to our conditions of purchase",
    "Нет, это неверно понято: мы согласны",
    "Согласны, но можно дешевле?",
    "Да, но позже",
    "Да нет",
    "Согласны, если успеете к пятнице",
    "Согласны. И поменяйте ещё телефон на сайте.",
    "Agreed if you finish by Friday",
    "Can you agree to a lower price?",
    "We agree. Also change the phone number.",
    "We agree with the hours, but we do not agree with the total.",
    "Yes, we would like to know more",
    "Согласны" + " слово" * 3000,
]
SILENT = [
    "На сайте неверный телефон",
    "The phone number on the site is not correct",
    "Оплата картой не подходит, выдаёт ошибку",
    "Here is the screenshot",
    "Спасибо!",
    "",
    "Скажите, какой у вас телефон?",
    "На странице цен написано слишком дорого, замените на «выгодно», пожалуйста, и уберите баннер внизу",
]


@pytest.mark.parametrize(
    ("text", "verdict"),
    [(text, verdict) for verdict, texts in (("agreed", AGREED), ("objected", OBJECTED), ("unclear", UNCLEAR)) for text in texts],
    ids=lambda one: one[:50],
)
def test_clear_words_alone_are_an_answer(text: str, verdict: str) -> None:
    found = read_answer(text, "Anna Petrova")
    assert found is not None
    assert found.verdict == verdict


@pytest.mark.parametrize("text", SILENT, ids=lambda one: one[:40])
def test_what_does_not_speak_of_the_offer_is_no_answer(text: str) -> None:
    assert read_answer(text) is None


def test_the_words_of_an_answer_are_kept_without_the_quote() -> None:
    found = read_answer("Согласны.\n\n> Согласны ли вы?")
    assert found is not None
    assert found.words == "Согласны."


@pytest.mark.parametrize("text", ["да " * 5000, "согласны с " * 3000, "agree to the " * 3000, "\n" * 20_000, "a" * 50_000 + " yes"])
def test_hostile_words_are_read_in_bounded_time(text: str) -> None:
    found = read_answer(text)
    assert found is None or found.verdict == "unclear"


TRUSTED = "mx.studio.example"


@pytest.mark.parametrize(
    ("fields", "passed", "said"),
    [
        ([f"{TRUSTED}; dmarc=pass (p=reject) header.from=rose.example"], True, "dmarc=pass"),
        ([f"{TRUSTED} 1; dkim=pass header.d=rose.example header.s=k1"], True, "dkim=pass"),
        ([f"{TRUSTED}; dkim=pass header.i=@rose.example"], True, "dkim=pass"),
        ([f"{TRUSTED}; spf=pass smtp.mailfrom=bounce@rose.example"], True, "spf=pass"),
        ([f"{TRUSTED}; spf=pass smtp.mailfrom=list.example; dkim=pass header.d=list.example"], False, "spf=pass, dkim=pass"),
        ([f"{TRUSTED}; spf=fail smtp.mailfrom=rose.example; dmarc=fail header.from=rose.example"], False, "spf=fail, dmarc=fail"),
        ([f"{TRUSTED}; none"], False, "nothing was checked"),
        ([], False, f"no Authentication-Results of {TRUSTED}"),
        (["mx.stranger.example; dmarc=pass header.from=rose.example"], False, f"no Authentication-Results of {TRUSTED}"),
        # What a stranger wrote stands below what the server wrote.
        ([f"{TRUSTED}; dmarc=fail header.from=rose.example", f"{TRUSTED}; dmarc=pass header.from=rose.example"], False, "dmarc=fail"),
        ([f"{TRUSTED} (dmarc=pass); dmarc=fail (header.from=rose.example; dmarc=pass) header.from=rose.example"], False, "dmarc=fail"),
        (
            [f'{TRUSTED}; spf=pass smtp.mailfrom="x;dmarc=pass header.from=rose.example"@evil.example; dmarc=fail'],
            False,
            "spf=pass, dmarc=fail",
        ),
        ([f'{TRUSTED}; spf=pass smtp.mailfrom="x\\";dmarc=pass header.from=rose.example;"@evil.example'], False, "spf=pass"),
        (
            [f'{TRUSTED}; spf=pass (of "a) ; dmarc=pass header.from=rose.example ("@evil) smtp.mailfrom=evil.example'],
            False,
            "spf=pass",
        ),
        ([f"{TRUSTED}; spf=pass (a (b) ; dmarc=pass header.from=rose.example) smtp.mailfrom=evil.example"], False, "spf=pass"),
        ([f"{TRUSTED}; dmarc=fail header.from=rose.example; spf=pass smtp.mailfrom=rose.example"], False, "dmarc=fail, spf=pass"),
        ([f"{TRUSTED}; dkim=pass header.d=example"], False, "dkim=pass"),
        ([f"{TRUSTED}; dkim=pass header.d=evilrose.example"], False, "dkim=pass"),
    ],
)
def test_the_own_servers_word_on_the_sender(fields: list[str], passed: bool, said: str) -> None:
    mail = Mail(originator=Address("", "anna@rose.example"), fields={"authentication-results": tuple(fields)})
    assert authentication(mail, TRUSTED) == Authentication(passed, said, disowned="dmarc=fail" in said)
    assert authentication(mail, None) is None


def test_a_sender_below_the_proved_domain_is_proved() -> None:
    mail = Mail(
        originator=Address("", "anna@shop.rose.example"),
        fields={"authentication-results": (f"{TRUSTED}; dkim=pass header.d=rose.example",)},
    )
    assert authentication(mail, TRUSTED) == Authentication(True, "dkim=pass")
