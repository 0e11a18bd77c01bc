"""When two requests are surely the same, and when a difference makes them two."""

import textwrap

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailbot.core.desk.repeats.comparing import compare, numbers_differ, readings
from mailbot.core.desk.repeats.vocabulary import in_its_layout, is_typing_error, other_layout
from tests.core.resent import Pair, near_misses, resent

PHONE_RU = "Замените, пожалуйста, телефон на странице Контакты на 8 (495) 123-45-67. Старый номер больше не обслуживается, клиенты не могут дозвониться."
PHONE_EN = "Please change the phone number on the Contacts page to 020 7946 0958. The old line was cut off last week and customers cannot reach us."
CART_RU = "После обновления в корзине не сохраняется выбранный цвет товара. Если выбрать синий чехол и нажать «Оформить», в заказе остаётся чёрный. Проверял в Chrome на телефоне."
CART_EN = "Since the update the cart forgets the chosen colour. Choose the blue case and press Checkout: the order says black. I tried it in Chrome on my phone."


def likeness(later: str, earlier: str, later_subject: str = "", earlier_subject: str = ""):
    return compare(readings(later_subject, later), readings(earlier_subject, earlier))


SAME = [
    pytest.param(PHONE_RU, PHONE_RU, id="the same words"),
    pytest.param(
        f"Добрый день!\n\n{PHONE_RU}\n\nС уважением,\nПётр Иванов\nменеджер\n+7 916 111-22-33",
        PHONE_RU,
        id="greeting, signature and telephone of a colleague",
    ),
    pytest.param(f"Dear Mr. Vega,\n\n{PHONE_EN}", PHONE_EN, id="a greeting with a title"),
    pytest.param(f"Hello Mr. Vega!\n{PHONE_EN}", f"Dear Ms Brand\n{PHONE_EN}", id="other titles"),
    pytest.param(
        f"Hi all,\n\n{PHONE_EN}\n\nThanks!\nPeter Smith\nRose Shop", f"Hello,\n{PHONE_EN}\n-- \nAnna", id="another greeting and signature"
    ),
    pytest.param(textwrap.fill(PHONE_EN, 31), PHONE_EN, id="other line breaks"),
    pytest.param(
        PHONE_RU.replace("«", '"').replace(" - ", " — ").replace("её", "ее").replace(" ", "\u00a0"),
        PHONE_RU,
        id="other quotes and no-break spaces",
    ),
    pytest.param(f"Пишу вам уже второй раз, ответа нет.\n\n{PHONE_RU}", PHONE_RU, id="impatience on top"),
    pytest.param(
        f"I wrote to you on Monday, 16 November, and still have no answer. {PHONE_EN}", PHONE_EN, id="a reminder that tells the day"
    ),
    pytest.param(f"{PHONE_RU} Очень ждём, для нас это важно.", PHONE_RU, id="a sentence that adds nothing"),
    pytest.param(f"{CART_EN} Our customers are complaining and we lose sales.", CART_EN, id="a complaint that adds nothing"),
    pytest.param("Замените телефон на странице Контакты на 8 (495) 123-45-67.", PHONE_RU, id="an excerpt"),
    pytest.param(
        "Замениет телефон на сранице Контакты на 8 (495) 123-45-67. Старый номер больше не обслуживаетсся, клиенты не могут дозвониться.",
        PHONE_RU,
        id="typing errors",
    ),
    pytest.param(
        "After teh update the cart forgets the chosen colour. Choose the bleu case and press Checkout: the order says black. I tried it in Chrome on my phone.".replace(
            "After teh", "Since teh"
        ),
        CART_EN,
        id="typing errors in English",
    ),
    pytest.param(
        other_layout("Замените пожалуйста телефон на странице Контакты на ")
        + "8 (495) 123-45-67. Старый номер больше не обслуживается, клиенты не могут дозвониться.",
        PHONE_RU,
        id="half of it in the wrong keyboard layout",
    ),
    pytest.param(PHONE_RU.replace("телефон", other_layout("телефон")), PHONE_RU, id="one word in the wrong keyboard layout"),
    pytest.param(PHONE_RU.replace("Старый", "Cтарый"), PHONE_RU, id="a Latin letter that looks Cyrillic"),
    pytest.param(
        f"Пересылаю ещё раз.\n\n---------- Forwarded message ---------\nОт: Анна <anna@rose.example>\nDate: ср, 18 нояб. 2026 г. в 12:00\nSubject: Телефон\nTo: <support@studio.example>\n\n\nДобрый день!\n{PHONE_RU}\nАнна",
        PHONE_RU,
        id="forwarded by Gmail",
    ),
    pytest.param(
        f'\n\n-------- Пересылаемое сообщение --------\n18.11.2026, 12:00, "Анна" <anna@rose.example>:\n\n{PHONE_RU}\n\n-------- Конец пересылаемого сообщения --------',
        PHONE_RU,
        id="forwarded by Yandex",
    ),
    pytest.param(
        f"-------- Пересылаемое сообщение --------\nОт кого: Анна <anna@rose.example>\nКому: support@studio.example\nДата: Среда, 18 ноября 2026, 12:00 +03:00\nТема: Телефон\n\n{PHONE_RU}",
        PHONE_RU,
        id="forwarded by Mail.ru",
    ),
    pytest.param(
        f"See below, no answer yet.\n\nFrom: Anna <anna@rose.example>\nSent: Wednesday, November 18, 2026 12:00 PM\nTo: support@studio.example\nSubject: Phone\n\n{PHONE_EN}",
        PHONE_EN,
        id="forwarded by Outlook",
    ),
    pytest.param(
        "Any news?\n\nOn Wed, Nov 18, 2026 at 12:00 PM Anna <anna@rose.example> wrote:\n"
        + "\n".join(f"> {line}" for line in PHONE_EN.split(". ")),
        PHONE_EN,
        id="a reminder above a quote",
    ),
    pytest.param(
        f'Дарья в отпуске, пишу я.\n\n-------- Пересылаемое сообщение --------\n18.11.2026, 12:00, "Пётр" <petr@rose.example>:\n\nКоллеги, см. ниже\n\n-----Исходное сообщение-----\nОт: Анна <anna@rose.example>\nОтправлено: 17 ноября 2026 г. 12:00\nКому: support@studio.example\nТема: Телефон\n\n{PHONE_RU}',
        PHONE_RU,
        id="a forward of a forward",
    ),
    pytest.param(PHONE_EN.replace("020 7946 0958", "(020) 79460958"), PHONE_EN, id="the same telephone written otherwise"),
    pytest.param("Здравствуйте, Денис! " + PHONE_RU, "здравствуйте денис " + PHONE_RU, id="a greeting without commas and capitals"),
    pytest.param("Please fix the banner on the home page.", "Fix the banner on the home page.", id="a please more"),
]

ANOTHER = [
    pytest.param(PHONE_RU.replace("123-45-67", "123-45-68"), PHONE_RU, id="another number"),
    pytest.param(PHONE_RU.replace("Контакты", "Доставка"), PHONE_RU, id="another page"),
    pytest.param(PHONE_RU.replace("больше не", "больше"), PHONE_RU, id="a negation less"),
    pytest.param(CART_EN.replace("Chrome", "Safari"), CART_EN, id="another browser"),
    pytest.param(CART_EN.replace("Chrome", "chrome").replace("chrome", "safari"), CART_EN.replace("Chrome", "chrome"), id="another browser in small letters"),
    pytest.param(CART_RU.replace("синий", "белый"), CART_RU, id="another colour"),
    pytest.param("Please add the banner to the start page of the shop, it is attached as discussed.", "Please remove the banner from the start page of the shop, it is attached as discussed.", id="add and remove"),
    pytest.param("Включите, пожалуйста, показ скидок в каталоге до конца недели для всех клиентов.", "Выключите, пожалуйста, показ скидок в каталоге до конца недели для всех клиентов.", id="switch on and off"),
    pytest.param("Нужно перенести статью о доставке в раздел помощи на сайте магазина.", "Нужно перевести статью о доставке в раздел помощи на сайте магазина.", id="two words that differ in one letter"),
    pytest.param("Please create an account for maria in the shop's back office with the same rights as peter.", "Please create an account for marina in the shop's back office with the same rights as peter.", id="two names that differ in one letter"),
    pytest.param("Спасибо, теперь на сайте всё хорошо.", "Спасибо, теперь на сайте всё плохо.", id="well and badly"),
    pytest.param("Добавьте в каталог на сайте новый раздел, фото приложила.\n\nЛаминат", "Добавьте в каталог на сайте новый раздел, фото приложила.\n\nШуруповёрт", id="the last word is no name"),
    pytest.param("Add these to the menu of the new site in this order:\n1. Steak\n2. Salad\n3. Soup", "Add these to the menu of the new site in this order:\n1. Soup\n2. Salad\n3. Steak", id="another order of a list"),
    pytest.param("Add these to the menu of the new site in this order:\n1. Steak\n2. Salad", "Add these to the menu of the new site in this order:\n1. Salad\n2. Steak", id="the other order of two"),
    pytest.param("Add these to the menu of the new site in this order:\n1. Steak\n2. Salad\n3. Soup", "Add these to the menu of the new site in this order:\n1. Salad\n2. Soup\n3. Steak", id="the first of a list is now its last"),
    pytest.param("Исправьте номера в таблице размеров на странице курток:\n14. Куртка зимняя", "Исправьте номера в таблице размеров на странице курток:\n12. Куртка зимняя", id="a number that only looks like a list's"),
    pytest.param("Set the minimum of the temperature field in the calculator to -5 please.", "Set the minimum of the temperature field in the calculator to 5 please.", id="a minus"),
    pytest.param("Set the minimum of the temperature field in the calculator to “-5” please.", "Set the minimum of the temperature field in the calculator to “5” please.", id="a minus in quotation marks"),
    pytest.param("Please link the video https://video.example/dQw4w9WgXcq on the start page of the shop.", "Please link the video https://video.example/dQw4w9WgXcQ on the start page of the shop.", id="the case of a path"),
    pytest.param("Замените на кнопке формы заказа слово «пожалуйста» на слово «быстро».", "Замените на кнопке формы заказа слово «срочно» на слово «быстро».", id="impatience in quotation marks"),
    pytest.param("Change the text on the button of the order form to:\n\nThanks, Kate", "Change the text on the button of the order form to:\n\nThanks, Paul", id="a closing that is the request"),
]  # fmt: skip

MORE = [
    pytest.param(f"{PHONE_RU} И ещё добавьте туда факс.", PHONE_RU, id="one more demand"),
    pytest.param(f"{PHONE_EN} The map on that page is broken.", PHONE_EN, id="one more fault"),
    pytest.param(f"{PHONE_EN} Call Peter on 0161 496 0100.", PHONE_EN, id="a new number in an added sentence"),
    pytest.param(PHONE_RU, PHONE_RU.replace("Контакты", "/contacts/moscow"), id="an address of a page"),
    pytest.param(f"Это касается страницы Доставка.\n\n---------- Forwarded message ---------\nОт: Анна <anna@rose.example>\nDate: ср, 18 нояб. 2026 г. в 12:00\nSubject: Телефон\nTo: <support@studio.example>\n\n\n{PHONE_RU}", PHONE_RU, id="a forward with something new on top"),
    pytest.param(f"{PHONE_EN}\n\nThanks,\nJess\n\nPS the fax too", PHONE_EN, id="a postscript below the signature"),
    pytest.param("Please remove the summer banner from the home page of the shop.", "Please remove the summer banner from the home page of the shop. Only do so once the boss has agreed.", id="a condition is left out"),
]  # fmt: skip


@pytest.mark.parametrize(("later", "earlier"), SAME)
def test_the_same_request(later: str, earlier: str) -> None:
    found = likeness(later, earlier)
    assert found.same, found


@pytest.mark.parametrize(("later", "earlier"), ANOTHER)
def test_another_request(later: str, earlier: str) -> None:
    found = likeness(later, earlier)
    assert not found.same, found
    assert not likeness(earlier, later).same


@pytest.mark.parametrize(("later", "earlier"), MORE)
def test_something_more_is_another_request(later: str, earlier: str) -> None:
    found = likeness(later, earlier)
    assert not found.same, found


@pytest.mark.parametrize(
    ("later", "earlier", "same"),
    [
        ("Re: Телефон на сайте", "Телефон на сайте", True),
        ("Повторно: телефон на сайте", "Телефон на сайте", True),
        ("", "Телефон на сайте", True),
        ("Второй раз пишу!", "Телефон на сайте", True),
        ("Телефон в шапке", "Телефон в подвале", False),
        ("Сайт rose.example", "Сайт tulip.example", False),
        ("Заказ 124", "Заказ 123", False),
    ],
)
def test_a_difference_in_the_subject_alone(later: str, earlier: str, same: bool) -> None:
    text = "Здесь нужно поправить опечатку в первом абзаце: вместо «превет» должно быть «привет», посмотрите, пожалуйста, сегодня."
    assert likeness(text, text, later, earlier).same is same


def test_what_differs_is_told_in_the_words_of_the_mails() -> None:
    found = likeness(PHONE_RU.replace("123-45-67", "123-45-68"), PHONE_RU)
    assert (found.other, found.added, found.missing) == (True, ("84951234568.",), ("84951234567.",))
    assert "84951234568" in found.because


@pytest.mark.parametrize(
    ("one", "other", "is_error"),
    [
        pytest.param("кнопук", "кнопку", True, id="letters changed places"),
        pytest.param("websit", "website", True, id="a letter left out"),
        pytest.param("обсслуживаеться", "обслуживается", True, id="two errors in a long word"),
        pytest.param("перенести", "перевести", False, id="two words of the dictionary"),
        pytest.param("марина", "мария", False, id="two names"),
        pytest.param("не", "на", False, id="short words are never errors of each other"),
        pytest.param("битрикс", "битриск", False, id="of two unknown words nobody knows the error"),
    ],
)
def test_typing_errors_are_told_from_other_words(one: str, other: str, is_error: bool) -> None:
    assert is_typing_error(one, other) is is_typing_error(other, one) is is_error


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("Pljhjdj! Pfvtybnt ntktajy yf cnhfybwt", "Здорово! Замените телефон на странице"),
        ("Рщц ещ срфтпу еру згсегку", "How to change the pucture"),
        ("Ghbdtn, rjkktub!", "Привет, коллеги!"),
        ("Z cnj. d jxthtlb", "Я стою в очереди"),  # a stop that is a letter
        ("Yt hf,jnftn form yf cfqnt", "Не работает form на сайте"),
        ("Please fix the css and html of the https page", "Please fix the css and html of the https page"),
        ("Битрикс, Опенкарт и Роистат", "Битрикс, Опенкарт и Роистат"),
        ("jquery nginx mysql", "jquery nginx mysql"),
    ],
)
def test_a_text_in_the_wrong_keyboard_layout_is_read_as_it_was_meant(typed: str, meant: str) -> None:
    assert in_its_layout(typed) == meant


ORDER = "The parcel of order {} has not arrived and nobody answers the telephone that stands on your page"


@pytest.mark.parametrize(
    ("new", "old", "differ"),
    [
        (ORDER.format(17), ORDER.format(18), True),
        (ORDER.format("A-17/b"), ORDER.format("A-18/b"), True),
        (ORDER.format(17), ORDER.format(17), False),
        (ORDER.format(17), ORDER.format("seventeen"), False),  # it may be an excerpt, or a remark that names a day
        (f"{ORDER.format('12 000')}\n\nAnna\n+7 926 555-47-81", f"{ORDER.format('12000')}\n\nBoris\noffice 210", False),
        (textwrap.fill(ORDER.format(17), 88), textwrap.fill(ORDER.format(18), 30), False),  # of short lines it cannot be told
    ],
)
def test_two_mails_with_numbers_of_their_own_are_told_apart_at_first_sight(new: str, old: str, differ: bool) -> None:
    assert numbers_differ(("Parcel", new), ("Parcel", old)) is differ
    assert numbers_differ(("Order 5", "Where is it?"), ("Order 6", "Where is it?"))


@pytest.mark.parametrize("filler", ["слово за словом. ", "x" * 30 + " "], ids=["many words", "many letters"])
def test_of_texts_too_long_to_read_the_begin_alone_makes_no_repeat(filler: str) -> None:
    long = f"{PHONE_RU} " + filler * 1000
    assert not likeness(f"{long} 8 (495) 123-45-67", f"{long} 8 (495) 123-45-68").same


@given(st.text(max_size=400), st.text(max_size=400))
def test_any_two_texts_compare(one: str, other: str) -> None:
    words = readings("", one)
    assert compare(words, words).same is any(reading.words for reading in words)
    compare(readings("", one), readings("", other))


@pytest.mark.parametrize(
    "text",
    [
        "слово " * 20_000,
        "a" * 500_000,
        "> " * 50_000,
        "1 " * 50_000,
        "\n" * 100_000,
        "не " * 5_000 + "да " * 5_000,
        "😀" * 10_000,
        ". " * 50_000,
        "привет \ud800 сайт",
    ],
    ids=[
        "one word for ever",
        "a word without an end",
        "quotes of quotes",
        "numbers",
        "no words",
        "negations",
        "pictures",
        "stops",
        "half a character",
    ],
)
def test_hostile_texts_are_compared_in_bounded_work(text: str) -> None:
    compare(readings("", text), readings("", f"{text} {PHONE_RU}"))
    compare(readings("", f"{PHONE_RU} {text}"), readings("", text))


@pytest.mark.parametrize("seed", [1, 2])
def test_mail_that_is_sent_again_is_nearly_always_recognised(seed: int) -> None:
    """The targets: 0.97 without typing errors, 0.85 with."""
    found = [(pair, joins(pair)) for pair in resent(seed)]
    plain = [same for pair, same in found if not pair.typos]
    mistyped = [same for pair, same in found if pair.typos]
    assert len(found) >= 1000
    assert sum(mistyped) >= 0.85 * len(mistyped)
    assert sum(plain) >= 0.97 * len(plain)


@pytest.mark.parametrize("seed", [1, 2])
def test_no_near_miss_is_ever_taken_for_a_repeat(seed: int) -> None:
    wrong = [(pair.kind, pair.earlier.text, pair.later.text) for pair in near_misses(seed) if joins(pair)]
    assert wrong == []


def joins(pair: Pair) -> bool:
    later, earlier = ((one.subject, one.text) for one in (pair.later, pair.earlier))
    return not numbers_differ(later, earlier) and likeness(later[1], earlier[1], later[0], earlier[0]).same
