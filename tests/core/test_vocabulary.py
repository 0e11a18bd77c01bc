"""Words as the dictionaries know them, typed with the other keyboard layout, with letters that look alike, or mistyped."""

import pytest

from mailbot.core.desk.repeats.vocabulary import (
    grammar,
    in_its_layout,
    is_imperative,
    is_known,
    is_typing_error,
    may_be,
    other_layout,
    root,
    twin,
)

KEYS = [
    ("ghbdtn", "привет"),
    ("GHBDTN", "ПРИВЕТ"),
    ("`krf", "ёлка"),
    ("j,]tv", "объем"),
    ("12 + 3", "12 + 3"),
]
# On a Russian keyboard the stops have keys of their own.
STOPS = [("lf/", "да."), ("lf?", "да,"), ("lf&", "да?"), ("lf^", "да:"), ("lf$", "да;"), ("lf!", "да!")]


@pytest.mark.parametrize(("english", "russian"), KEYS)
def test_a_key_gives_one_letter_in_each_layout(english: str, russian: str) -> None:
    assert other_layout(english) == russian
    assert other_layout(russian) == english


@pytest.mark.parametrize(("english", "russian"), STOPS)
def test_stops_stand_where_a_russian_keyboard_has_them(english: str, russian: str) -> None:
    assert other_layout(english) == russian


# Each: a text, and how it was meant. 'cnjk' is 'стол', 'cnek' is 'стул', 'rjn' is 'кот', 'ljv' is 'дом'.
TYPED = {
    "a word": ("cnjk", "стол"),
    "a word in capitals": ("CNJK", "СТОЛ"),
    "a Russian word that was meant to be English": ("ерштпы", "things"),
    "a word in quotation marks": ("«cnjk»", "«стол»"),
    "a word with a letter that may have two dots": ("`krf", "ёлка"),
    "a word that ends in a letter where stops are": ("cnj.", "стою"),
    "a word and a full stop": ("cnek.", "стул."),
    "a word and a comma": ("cnek,", "стул,"),
    "a word and a colon": ("cnek:", "стул:"),
    "a word and a semicolon": ("cnek;", "стул;"),
    "a word and a mark of exclamation": ("cnek!", "стул!"),
    "a word and three stops": ("cnek...", "стул..."),
    "a word and a question mark in its place": ("cnek&", "стул?"),
    "white space between": ("cnek  \t cnjk", "стул  \t стол"),
    "a number and an address between": ("cnek 12 www.rose.example cnjk", "стул 12 www.rose.example стол"),
    "a number and an address before them": ("12 www.rose.example cnjk", "12 www.rose.example стол"),
    "two short words": ("rjn ljv", "кот дом"),
    "a short word behind a long one": ("cnjk rjn", "стол кот"),
    "half of the words": ("cnjk zorb", "стол ящки"),
    "half of the words that tell": ("ok ok ok cnjk", "ok ok ok стол"),
    "an English word among them": ("cnjk page", "стол page"),
    "an English word with a stop among them": ("cnjk page.", "стол page."),
    "a word of both layouts among them": ("cnjk her", "стол рук"),
    "words of the other alphabet before them": ("страница cnjk", "страница стол"),
    "words of the other alphabet behind them": ("cnjk страница page", "стол страница page"),
    "words of the other alphabet between them": ("cnjk страница 12 cnek page", "стол страница 12 стул page"),
    "a Russian word typed in English among English ones": ("Move the зфпу now", "Move the page now"),
}
AS_IT_IS = {
    "nothing": "",
    "white space": " \n ",
    "numbers": "12 13",
    "an English word": "page",
    "a Russian word": "страница",
    "both": "страница page",
    "a short word": "rjn",
    "a short word in the midst": "страница rjn страница",
    "a short word before one that nobody knows": "rjn zorb",
    "very short words": "yf yt",
    "a word of both layouts": "her her",
    "a word of neither": "zorbak",
    "words of neither": "jquery nginx",
    "a word among two": "cnjk css html",
    "words behind eight others": "the page shows old price list with roses cnjk cnek cnjk cnek cnjk cnek cnjk cnek cnjk cnek",
    "an address": "cnjk@cnjk.ru",
}


@pytest.mark.parametrize(("typed", "meant"), TYPED.values(), ids=TYPED)
def test_words_that_exist_with_the_other_layout_alone_are_typed_anew(typed: str, meant: str) -> None:
    assert in_its_layout(typed) == meant


@pytest.mark.parametrize("text", AS_IT_IS.values(), ids=AS_IT_IS)
def test_other_texts_stay_as_they_are(text: str) -> None:
    assert in_its_layout(text) == text


@pytest.mark.parametrize(
    ("one", "other", "alike"), [("сор", "cop", True), ("хіѕ", "xis", True), ("сайт", "cайт", True), ("том", "там", False)]
)
def test_letters_that_look_alike_are_one(one: str, other: str, alike: bool) -> None:
    assert (twin(one) == twin(other)) is alike


@pytest.mark.parametrize(
    ("word", "known"),
    [
        ("page", True),
        ("pages", True),
        ("pgae", False),
        ("страницу", True),
        ("стрницу", False),
        ("елка", True),
        ("стpаница", False),
        ("", False),
    ],
)  # the last but one has a Latin letter
def test_a_word_is_known_by_the_dictionary_of_its_script(word: str, known: bool) -> None:
    assert is_known(word) is known


@pytest.mark.parametrize(("one", "other"), [("страницу", "страницы"), ("pages", "page"), ("добавьте", "добавить"), ("ёлки", "елка")])
def test_the_forms_of_a_word_have_one_root(one: str, other: str) -> None:
    assert root(one) == root(other)


def test_of_other_words_than_russian_ones_there_is_no_grammar() -> None:
    assert grammar("page") == may_be("page") == may_be("стрницу") == frozenset()
    assert "NOUN" in grammar("страница")
    assert {"NOUN", "VERB"} <= may_be("стекло")


@pytest.mark.parametrize(
    ("word", "tells"),
    [
        ("добавь", True),
        ("добавьте", True),
        ("вернитесь", True),
        ("смотрите", True),  # what he does as well
        ("держитесь", True),
        ("день", False),  # of 'деть', too
        ("портрете", False),
        ("добавить", False),
        ("добавил", False),
        ("add", False),
    ],
)
def test_an_imperative_tells_somebody_to_do_something(word: str, tells: bool) -> None:
    assert is_imperative(word) is tells


# Each: two words, and whether one is the other mistyped. No dictionary has 'битрикс'.
ERRORS = {
    "a letter for another in four": ("стлл", "стол", True),
    "a letter for another in three": ("кжт", "кот", False),
    "a letter left out of four": ("стл", "стол", False),
    "a letter left out of seven": ("websit", "website", True),
    "a letter too many": ("websiite", "website", True),
    "two errors in seven letters": ("wesbiet", "website", False),
    "two errors in eight letters": ("chekcotu", "checkout", True),
    "three errors in eight letters": ("hcekcotu", "checkout", False),
    "three errors in many letters": ("обслужвиаеьтса", "обслуживается", False),
    "two words that exist": ("перенести", "перевести", False),
    "two long words that exist and differ in two letters": ("отправление", "отравление", False),
    "the letters of an unknown word changed places": ("битиркс", "битрикс", True),
    "its third letter with its fourth": ("биртикс", "битрикс", True),
    "its last letter but one with the one before": ("битркис", "битрикс", True),
    "its last two letters": ("битриск", "битрикс", False),
    "its first two letters": ("ибтрикс", "битрикс", False),
    "its second letter with its third": ("бтирикс", "битрикс", False),
    "a letter of an unknown word is there twice": ("битррикс", "битрикс", True),
    "its last letter is there twice": ("битриксс", "битрикс", True),
    "its first letter is there twice": ("ббитрикс", "битрикс", False),
    "another letter of an unknown word": ("битракс", "битрикс", False),
    "a letter more of an unknown word": ("битрпикс", "битрикс", False),
    "two slips in an unknown word": ("экоффайнндер", "экофайндер", False),
    "a slip in an unknown word of six letters": ("zobrak", "zorbak", False),
}


@pytest.mark.parametrize(("one", "other", "is_error"), ERRORS.values(), ids=ERRORS)
def test_a_typing_error_makes_no_other_word(one: str, other: str, is_error: bool) -> None:
    assert is_typing_error(one, other) is is_typing_error(other, one) is is_error
