"""Where a text names a person who is erased, and what stands there afterwards."""

import json

import pytest

from mailbot.core.desk.erasing import ERASED, Needles, full_names, token

ANNA = Needles("anna@rose.example", frozenset({"Anna Ivanova", "Анна Иванова"}))
TEXTS = {
    "an address": ("Write to anna@rose.example.", "Write to T."),
    "in capitals": ("ANNA@Rose.Example", "T"),
    "in a return path that names its recipient": ("bounce+anna=rose.example@lists.example", "bounce+T@lists.example"),
    "in a link": ("https://a.example/?to=anna%40rose.example&x=1", "https://a.example/?to=T&x=1"),
    "a name": ("Anna Ivanova called.", f"{ERASED} called."),
    "a name in other letters": ("Звонила АННА ИВАНОВА", f"Звонила {ERASED}"),
    "a name over two lines": ("Regards, Anna\n  Ivanova", f"Regards, {ERASED}"),
    "both": ('"Anna Ivanova" <anna@rose.example>', f'"{ERASED}" <T>'),
}
OTHERS = {
    "a longer address": "joanna@rose.example",
    "an address that ends so": "the.anna@rose.example",
    "an address with a detail": "anna+list@rose.example",
    "an address behind a plus": "shop+anna@rose.example",
    "a longer domain": "anna@rose.example.org",
    "another domain that begins so": "anna@rose.example-shop.org",
    "another domain that begins with its letters": "anna@rose.examples",
    "a dot that is another sign": "anna@rosexexample",
    "one of the names": "Anna",
    "a longer name": "Anna Ivanovanova",
    "a name within a word": "Joanna Ivanova",
}


@pytest.mark.parametrize(("text", "after"), TEXTS.values(), ids=TEXTS)
def test_a_person_is_found_and_replaced(text: str, after: str) -> None:
    assert ANNA.found_in(text)
    assert ANNA.replaced_in(text, "T") == after
    assert not ANNA.found_in(after)
    assert any(hint.lower() in text.lower() for hint in ANNA.hints())


@pytest.mark.parametrize("text", OTHERS.values(), ids=OTHERS)
def test_somebody_else_stays(text: str) -> None:
    assert not ANNA.found_in(text)
    assert ANNA.replaced_in(text, "T") == text


def test_values_of_json_are_replaced_in_their_depth() -> None:
    value = {"to": ["anna@rose.example", 7, None], "one": {"name": "Anna Ivanova", "open": True}}
    assert ANNA.replaced_in(value, "T") == {"to": ["T", 7, None], "one": {"name": ERASED, "open": True}}


def test_the_longer_of_two_names_goes_first() -> None:
    both = Needles(None, frozenset({"Anna Ivanova", "Anna Ivanova Smith"}))
    assert both.replaced_in("Anna Ivanova Smith, Anna Ivanova", "T") == f"{ERASED}, {ERASED}"


def test_what_is_not_known_is_not_looked_for() -> None:
    assert Needles(None, frozenset({"Anna Ivanova"})).replaced_in("anna@rose.example, Anna Ivanova", "T") == f"anna@rose.example, {ERASED}"
    assert Needles("anna@rose.example").replaced_in("anna@rose.example, Anna Ivanova", "T") == "T, Anna Ivanova"
    nobody = Needles(None)
    assert not nobody.found_in("anna@rose.example, Anna Ivanova")
    assert nobody.hints() == frozenset()


def test_hints_are_what_a_database_can_compare() -> None:
    assert Needles("anna@rose.example").hints() == {"anna@rose.example", "anna=rose.example", "anna%40rose.example"}
    found = Needles(None, frozenset({"Ян Иванов"})).hints()
    assert {"Иванов", "иванов", "ИВАНОВ"} <= found
    assert json.dumps("Иванов")[1:-1] in found  # as JSON in ASCII spells it
    assert "Ян" not in found


def test_only_a_name_of_two_words_means_one_person() -> None:
    assert full_names(["Anna", "Anna Ivanova", ""]) == {"Anna Ivanova"}


def test_an_erased_address_can_get_no_mail() -> None:
    assert token(3) == "erased-3@invalid"
