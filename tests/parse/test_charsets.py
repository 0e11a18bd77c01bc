"""Charsets: a correct declaration stands, a wrong one is found out, a missing one is guessed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailbot.edge.parse.charset import codecs_of, label, meant
from mailbot.edge.parse.decode import text_of
from mailbot.edge.parse.likely import CYRILLIC

SENTENCES = {
    "windows-1251 koi8-r cp866 iso-8859-5 x-mac-cyrillic": (
        "Добрый день! После вчерашнего обновления перестала открываться корзина, покупатели жалуются.",
        "Подскажите, когда будет готов новый макет главной страницы?",
        "Прошу выслать акт за октябрь и счёт на оплату.",
        "СРОЧНО! СЕРВЕР НЕДОСТУПЕН С ДВУХ ЧАСОВ НОЧИ",
    ),
    "windows-1251 koi8-u iso-8859-5": (
        "Доброго дня! Після вчорашнього оновлення перестав відкриватися кошик, покупці скаржаться.",
        "Підкажіть, коли буде готовий новий макет головної сторінки?",
    ),
    "windows-1252 iso-8859-1": (
        "Guten Tag, seit gestern lässt sich der Warenkorb nicht öffnen, die Kunden beschweren sich.",
        "La page d'accueil est très lente, même après avoir vidé le cache.",
        "¿Podrían revisarla mañana? La página ya no funciona.",
    ),
    "windows-1250 iso-8859-2": (
        "Dzień dobry, od wczoraj nie można otworzyć koszyka, klienci się skarżą.",
        "Dobrý den, od včerejška nelze otevřít košík, zákazníci si stěžují.",
    ),
    "windows-1254 iso-8859-9": ("Merhaba, dünkü güncellemeden sonra sepet açılmıyor, müşteriler şikâyet ediyor.",),
    "windows-1253 iso-8859-7": ("Καλημέρα σας, από χθες δεν ανοίγει το καλάθι και οι πελάτες παραπονιούνται.",),
    "shift_jis euc-jp iso-2022-jp": (
        "いつもお世話になっております。カートが開かなくなりました。",
        "新しいトップページはいつ頃できますか。",
    ),
    "gb2312 gbk gb18030": ("您好，昨天更新以后购物车就打不开了，客户一直在抱怨，请尽快检查一下。",),
    "big5": ("您好，昨天更新以後購物車就打不開了，客戶一直在抱怨，請儘快檢查一下。",),
    "euc-kr ks_c_5601-1987": ("어제 업데이트 이후로 장바구니가 열리지 않습니다. 빨리 확인해 주세요.",),
}
PAIRS = [(charset, text) for charsets, texts in SENTENCES.items() for charset in charsets.split() for text in texts]
CYRILLIC_PAIRS = [(charset, text) for charset, text in PAIRS if charset in CYRILLIC]


def encoded(text: str, charset: str) -> bytes:
    return text.encode(codecs_of(charset)[0])


@given(st.sampled_from(PAIRS), st.data())
def test_a_correct_declaration_is_never_overruled(pair, data):
    charset, sentence = pair
    words = sentence.split()
    first = data.draw(st.integers(0, len(words) - 1))
    text = " ".join(words[first : data.draw(st.integers(first + 1, len(words)))])
    defects: list[str] = []
    assert text_of(encoded(text, charset), charset, defects) == (text, charset)
    assert defects == []


@pytest.mark.parametrize(("charset", "text"), PAIRS)
def test_the_charset_of_a_sentence_is_guessed(charset, text):
    assert text_of(encoded(text, charset), None, [])[0] == text


@pytest.mark.parametrize(("charset", "text"), PAIRS)
def test_utf_8_is_found_out_whatever_is_declared(charset, text):
    assert text_of(text.encode(), charset, [])[0] == text


@pytest.mark.parametrize("declared", ["us-ascii", "iso-8859-1", "utf-8", "x-unknown"])
@pytest.mark.parametrize(("charset", "text"), CYRILLIC_PAIRS)
def test_russian_that_is_declared_as_something_western_is_read(charset, text, declared):
    assert text_of(encoded(text, charset), declared, [])[0] == text


@pytest.mark.parametrize(("true", "declared"), [("windows-1251", "koi8-r"), ("koi8-r", "windows-1251"), ("cp866", "windows-1251")])
def test_a_sister_charset_that_makes_no_words_is_overruled(true, declared):
    text = "Добрый день! Картинки в каталоге перестали открываться, помогите."
    assert text_of(encoded(text, true), declared, []) == (text, true)


@pytest.mark.parametrize("word", ["Привет", "Заказ", "Ошибка", "Договор", "Спасибо", "Ольга Петрова", "СРОЧНО", "Привіт", "Дякую"])
@pytest.mark.parametrize("charset", ["windows-1251", "koi8-u", "iso-8859-5"])
def test_one_word_is_enough_for_a_guess(word, charset):
    assert text_of(encoded(word, charset), None, [])[0] == word


@pytest.mark.parametrize("text", ["Grüße aus Köln", "Où est passé le menu, déjà ?", "Señor Muñoz", "5 °C"])
def test_few_accents_are_taken_for_western_ones(text):
    assert text_of(text.encode("cp1252"), None, [])[0] == text


@pytest.mark.parametrize("text", ["ÄÖÜäöüß", "¯¯¯¯¯¯¯¯ fin ¯¯¯¯¯¯¯¯", "«««««« »»»»»» ······", "Grüße aus Köln", "ÊÉÈÀÂÔ"])
def test_rows_of_accents_and_signs_are_no_other_script(text):
    assert text_of(text.encode("cp1252"), "iso-8859-1", []) == (text, "iso-8859-1")


@pytest.mark.parametrize(
    ("octets", "hint", "text"),
    [("Öl".encode("cp1252"), "iso-8859-1", "Öl"), ("Мы".encode("koi8-r"), "koi8-r", "Мы"), ("Öl".encode(), "koi8-r", "Öl")],
    ids=["Western", "Cyrillic", "UTF-8 needs no hint"],
)
def test_what_the_rest_of_the_message_declares_decides_about_a_word(octets, hint, text):
    assert text_of(octets, None, [], hint)[0] == text


@pytest.mark.parametrize(
    ("declared", "known"),
    [
        ('"UTF-8"', "utf-8"),
        ("'koi8-r'", "koi8-r"),
        ("charset=charset=us-ascii", "us-ascii"),
        ("windows-1251 (Russian)", "windows-1251"),
        ("windows-1252http-equivcontent-type", "windows-1252"),
        ("x-cp1251", "windows-1251"),
        ("win-1251", "windows-1251"),
        ("iso-gb2312", "gb18030"),
        ("utf8mb4", "utf-8"),
        ("cp-866", "cp866"),
        ("x-mac-cyrillic", "x-mac-cyrillic"),
        ("x-unknown", ""),
        ("unicode-escape", ""),
        ("idna", ""),
        ("base64", ""),
        ("mbcs", ""),
        ("", ""),
    ],
)
def test_a_name_is_known_or_a_known_one_is_found_in_it(declared, known):
    assert meant(label(declared)) == known


def test_a_text_with_a_byte_order_mark_is_utf_16():
    assert text_of("Форма".encode("utf-16"), None, [])[0] == "Форма"


def test_what_is_called_utf_16_and_has_no_nul_is_ascii():
    assert text_of(b"The form is broken.", "utf-16", [])[0] == "The form is broken."


@given(st.binary(max_size=200), st.text(max_size=20) | st.sampled_from(sorted(CYRILLIC)), st.none() | st.sampled_from(sorted(CYRILLIC)))
def test_any_octets_in_any_charset_give_text(octets, charset, hint):
    text, used = text_of(octets, charset, [], hint)
    (text + used).encode()
