"""Where comparing two requests ends before it is sure, and what it says then. The rules themselves: test_repeats, and the generator."""

import pytest

from mailbot.core.desk.repeats.comparing import compared, readings

WORDS = "banner slider gallery footer catalogue basket archive newsletter certificate discount".split()
PAIRS = [f"{one} {other}" for one in WORDS for other in WORDS if one != other]
STRANGE = " ".join(f"zorb{first}{second}xq" for first in "abcdefg" for second in "abcdefghij")
ONE = "Please move the banner of the gallery behind the basket in spring."
TWO = "The slider of the archive must show the newsletter to guests."
THREES = zip(WORDS, WORDS[1:] + WORDS[:1], WORDS[3:] + WORDS[:3], strict=True)
LONG = " ".join(f"Please move the {one} of the {two} behind the {three} in the evening." for one, two, three in THREES)

# Each: the new text, the old one, and what is said of them.
UNSURE = {
    "more than three words in ten are mistyped": (
        "banner slider gallery footer catalogue basket arhcive newsltter certifcate discuont",
        " ".join(WORDS),
        "too many words differ",
    ),
    "few words are the same": (" ".join(WORDS[:3]), " ".join(WORDS[3:]), "too many words differ"),
    "the same sentence stands there very often": ("Go now. " * 150 + "Move it.", "Go now. " * 150 + "Print it.", "too long to compare"),
    "the same words stand there very often": (
        "banner of the slider " * 170 + ". Move it.",
        "banner of the slider " * 172 + " gallery . Print it.",
        "too long to compare",
    ),
    "a sentence of a long request": (
        "Please move the banner of the slider behind the footer in the evening.",
        LONG,
        "too small a part of it",
    ),
}


@pytest.mark.parametrize(("new", "old", "because"), UNSURE.values(), ids=UNSURE)
def test_what_is_not_surely_the_same(new: str, old: str, because: str) -> None:
    found = compared(("Site", new), ("Site", old))
    assert (found.same, found.other, found.because) == (False, False, because)


def test_very_many_new_words_are_not_looked_at_for_slips() -> None:
    found = compared(("Site", f"{' '.join(PAIRS[:45])} {STRANGE} discuont"), ("Site", " ".join(PAIRS[:45])))
    assert not found.same
    assert "discuont" in found.added


def test_very_many_sentences_are_compared_by_their_words_alone() -> None:
    new, old = (" ".join(f"{verb} the {one}." for one in PAIRS[:60]) for verb in ("Move", "Print"))
    found = compared(("Site", new), ("Site", old))
    assert not found.same
    assert "Move" in found.added


def test_a_long_sentence_may_stand_elsewhere_while_another_is_left_out() -> None:
    found = compared(("Site", f"{TWO} {ONE}"), ("Site", f"{ONE} Then print the certificate. {TWO}"))
    assert (found.same, found.because, found.missing) == (True, "a part of it is left out", ("Then", "print", "certificate."))


def test_a_place_and_the_link_to_it_are_one_word() -> None:
    once, twice = (readings("Site", f"Move page.html {again}now")[-1] for again in ("", "page.html "))
    assert [word.text for word in once.words] == [word.text for word in twice.words]
    assert [word.text for word in once.words].count("page.html") == 1


def test_a_sign_between_words_is_a_word() -> None:
    plus, equal = (compared(("Site", f"{ONE} The slider {sign} the footer."), ("Site", f"{ONE} The slider + the footer.")) for sign in "+=")
    assert plus.same
    assert not equal.same


NEGATIONS = [
    ("dosn't", "doesn't", True),
    ("doens’t", "doesn’t", True),
    ("wo'nt", "won't", True),
    ("deosnt", "doesnt", True),
    ("does", "doesn't", False),
]


# Each: what stands in the new text, what in the old one, and whether they are the same.
APART = [
    ("website", "web site", True),
    ("set up", "set-up", True),
    ("прессрелиз", "пресс релиз", True),
    ("roseshop.ru", "rose-shop.ru", False),
    ("annak@rose.ru", "anna-k@rose.ru", False),
    ("rose-shop.digital", "roseshop.digital", False),
    ("page ab.html", "page a-b.html", False),
]


@pytest.mark.parametrize(("new", "old", "same"), APART)
def test_words_may_be_written_apart_and_addresses_may_not(new: str, old: str, same: bool) -> None:
    sentence = "The order button {} on the checkout page fails for our customers in Berlin since yesterday evening."
    assert compared(("Shop", sentence.format(new)), ("Shop", sentence.format(old))).same is same


def test_an_address_is_no_typing_error_of_another() -> None:
    assert not compared(("Site", f"{ONE} It is rosse.digital now."), ("Site", f"{ONE} It is rose.digital now.")).same


@pytest.mark.parametrize(("new", "old", "same"), NEGATIONS)
def test_a_negation_may_be_mistyped_and_not_be_gone(new: str, old: str, same: bool) -> None:
    sentence = "The order button on the checkout page {} work for our customers in Berlin."
    assert compared(("Shop", sentence.format(new)), ("Shop", sentence.format(old))).same is same
