"""The words of a request: urgency, faults, and when two messages say the same."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailbot.core.desk.words import fault_words, is_short, normalised_subject, normalised_words, urgent_words, words_digest
from mailbot.core.mail.message import Mail

URGENT = {
    "Urgent: the form": "Urgent",
    "please do it ASAP": "ASAP",
    "we need it as soon as possible": "as soon as possible",
    "our site is down": "site is down",
    "Срочно! Форма": "Срочно",
    "очень срочный вопрос": "срочный",
    "сайт не работает с утра": "сайт не работает",
    "Сайт упал": "Сайт упал",
    "авария на сайте": "авария",
    "нужно прямо сейчас": "прямо сейчас",
}
CALM = [
    "this is not urgent",
    "it isn't very urgent",
    "not so urgent, when you have time",
    "nothing urgent",
    "не срочно",
    "Это не очень срочно",
    "без срочности",
    "insurgent flowers",
    "the page about emergencies",
    "Please change the price list",
    "бессрочный договор",
    "",
]


@pytest.mark.parametrize(("text", "words"), URGENT.items())
def test_words_that_call_for_haste(text, words):
    assert urgent_words("", text) == words
    assert urgent_words(text, "") == words


@pytest.mark.parametrize("text", CALM)
def test_words_that_do_not_call_for_haste(text):
    assert urgent_words(text, "") is None


def test_who_says_both_is_urgent():
    assert urgent_words("Not urgent: the form", "No, wait, it is urgent now!") == "urgent"


FAULTS = {
    "there is a typo in the header": "typo",
    "the form doesn't work": "doesn't work",
    "the form does not open": "does not open",
    "the order page is not working": "not working",
    "it gives a 500": "500",
    "the wrong price stands there": "wrong price",
    "Опечатка на главной": "Опечатка",
    "форма не отправляется": "не отправляется",
    "Письма не приходят": "не приходят",
    "всё сломалось": "сломалось",
    "Кнопка перестала работать": "перестала работать",
    "выдаёт ошибку": "ошибку",
}


@pytest.mark.parametrize(("text", "words"), FAULTS.items())
def test_words_that_report_a_fault(text, words):
    assert fault_words("", text) == words


@pytest.mark.parametrize(
    "text",
    [
        "please add a page",
        "a new terrorism page",
        "price 1500 roubles",
        "the debugging of 4040 roses",
        "Добавьте страницу",
        "безошибочно",
        "багаж",
    ],
)
def test_words_that_report_none(text):
    assert fault_words(text, text) is None


WORDS = "Please put the new price list on the page of roses."
SAME = {
    "the same": ("Price list", WORDS),
    "another case": ("PRICE LIST", WORDS.upper()),
    "prefixes of replies": ("Re: Fwd: Re[2]: Price list", WORDS),
    "prefixes of impatience": ("URGENT!!! Second request: Price list", WORDS),
    "a tag": ("[#12] Price list", WORDS),
    "a greeting": ("Price list", "Hello again,\n\n" + WORDS),
    "a greeting with a name": ("Price list", "Dear Peter Boss,\n" + WORDS),
    "a closing with names": ("Price list", WORDS + "\n\nBest regards,\nAnna Petrova\nRose Shop"),
    "a Russian closing": ("Price list", WORDS + "\nС уважением, Анна\nКлиника «Улыбка»"),
    "thanks": ("Price list", WORDS + "\nThank you in advance!"),
    "other line breaks": ("Price list", WORDS.replace(" ", "\n")),
    "other punctuation": ("Price  list!", WORDS.replace(".", " !!!")),
    "no-break spaces": ("Price\u00a0list", WORDS.replace(" ", "\u00a0")),
}
OTHER = {
    "another page": WORDS.replace("roses", "tulips"),
    "another number": WORDS + " 12",
    "another link": WORDS + " https://rose.example/a",
    "a word more": WORDS + " Tomorrow.",
    "another item in the line of the greeting": "Hi, page 2. " + WORDS,
    "another number below the thanks": WORDS + "\nThanks\n\nItem: 4712",
    "another order in what is quoted": WORDS + "\n> order 66",
    "another telephone in the signature": WORDS + "\n-- \nAnna, tel 222",
    "another request below the thanks": WORDS + "\nThanks\nPlease delete the banner too",
    "another sign": WORDS + " -5%",
    "another order of words": "On the page of roses please put the new price list.",
}


@pytest.mark.parametrize(("subject", "text"), SAME.values(), ids=SAME)
def test_messages_that_say_the_same(subject, text):
    assert words_digest(Mail(subject=subject, text=text)) == words_digest(Mail(subject="Price list", text=WORDS))


def test_another_target_of_a_link_is_another_request():
    page = "<p>Please look at <a href='https://rose.example/{}'>this page</a></p>"
    one, other = (words_digest(Mail(text="Please look at this page", html=page.format(name))) for name in "ab")
    assert one != other


@pytest.mark.parametrize("text", OTHER.values(), ids=OTHER)
def test_similar_words_with_another_detail_are_another_request(text):
    assert words_digest(Mail(subject="Price list", text=text)) != words_digest(Mail(subject="Price list", text=WORDS))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Order 10.5", "Order 105"),
        ("Page /a", "Page a"),
        ("Ticket A-1", "Ticket A1"),
        ("a@b.example", "a b.example"),
        ("Error 500", "Error 501"),
    ],
)
def test_signs_inside_a_token_tell_requests_apart(one, other):
    assert words_digest(Mail(subject=one, text=WORDS)) != words_digest(Mail(subject=other, text=WORDS))
    assert words_digest(Mail(subject="", text=one)) != words_digest(Mail(subject="", text=other))


def test_russian_words_are_the_same_with_and_without_the_dots():
    assert words_digest(Mail(subject="Отчёт", text="Здравствуйте!\nПришлите отчёт.")) == words_digest(
        Mail(subject="отчет", text="пришлите отчет")
    )


@pytest.mark.parametrize("text", ["", " \n ", "Hello!", "...", "Добрый день!"], ids=["empty", "blank", "a greeting", "dots", "приветствие"])
def test_a_message_without_words_repeats_nothing(text):
    assert words_digest(Mail(subject="Price list", text=text)) is None


@pytest.mark.parametrize(
    ("text", "short"), [("Any news?", True), ("Hi! Any news today?", True), ("Please change my price", False), ("", True)]
)
def test_too_few_words_recognise_no_request(text, short):
    assert is_short(text) is short


def test_a_closing_is_cut_only_at_the_end():
    text = "Thanks for the page\n" + "one\n" * 10 + "two"
    assert normalised_words(text) == "thanks for the page " + "one " * 10 + "two"


@given(st.text())
def test_normalising_twice_changes_nothing(text):
    assert normalised_subject(normalised_subject(text)) == normalised_subject(text)


@given(st.text(), st.text())
def test_any_text_is_read(subject, text):
    digest = words_digest(Mail(subject=subject, text=text))
    assert (digest is None) == (normalised_words(text) == "")
    assert urgent_words(subject, text) is None or urgent_words(subject, text) in f"{subject}\n{text}"
    assert fault_words(subject, text) is None or fault_words(subject, text) in f"{subject}\n{text}"
