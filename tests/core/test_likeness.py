"""What is said of two requests, and where comparing ends before it is sure. Whole mails: test_repeats, and the generator."""

import pytest

from mailbot.core.desk.repeats.comparing import readings
from mailbot.core.desk.repeats.likeness import Likeness, likeness
from mailbot.core.desk.repeats.reading import joined, read

WORDS = "banner slider gallery footer catalogue basket archive newsletter certificate discount".split()
PAIRS = [f"{one} {other}" for one in WORDS for other in WORDS if one != other]
STRANGE = " ".join(f"zorb{first}{second}xq" for first in "abcdefg" for second in "abcdefghij")
ONE = "Please move the banner of the gallery behind the basket in spring."
TWO = "The slider of the archive must show the newsletter to guests."
THREES = zip(WORDS, WORDS[1:] + WORDS[:1], WORDS[3:] + WORDS[:3], strict=True)
LONG = " ".join(f"Please move the {one} of the {two} behind the {three} in the evening." for one, two, three in THREES)


def said(new: str, old: str, new_subject: str = "Site", old_subject: str = "Site") -> Likeness:
    """Of two texts, neither of which quotes anything."""
    return likeness(read(new_subject, new), read(old_subject, old))


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
    found = said(new, old)
    assert (found.same, found.other, found.because) == (False, False, because)


def test_very_many_new_words_are_not_looked_at_for_slips() -> None:
    found = said(f"{' '.join(PAIRS[:45])} {STRANGE} discuont", " ".join(PAIRS[:45]))
    assert not found.same
    assert "discuont" in found.added


def test_very_many_sentences_are_compared_by_their_words_alone() -> None:
    new, old = (" ".join(f"{verb} the {one}." for one in PAIRS[:60]) for verb in ("Move", "Print"))
    found = said(new, old)
    assert not found.same
    assert "Move" in found.added


def test_a_long_sentence_may_stand_elsewhere_while_another_is_left_out() -> None:
    found = said(f"{TWO} {ONE}", f"{ONE} Then print the certificate. {TWO}")
    assert (found.same, found.because, found.missing) == (True, "a part of it is left out", ("Then", "print", "certificate."))


def test_a_place_and_the_link_to_it_are_one_word() -> None:
    once, twice = (readings("Site", f"Move page.html {again}now")[-1] for again in ("", "page.html "))
    assert [word.text for word in once.words] == [word.text for word in twice.words]
    assert [word.text for word in once.words].count("page.html") == 1


def test_a_sign_between_words_is_a_word() -> None:
    plus, equal = (said(f"{ONE} The slider {sign} the footer.", f"{ONE} The slider + the footer.") for sign in "+=")
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
    ("set-up", "set up", True),
    ("прессрелиз", "пресс релиз", True),
    ("roseshop.ru", "rose-shop.ru", False),
    ("annak@rose.ru", "anna-k@rose.ru", False),
    ("rose-shop.digital", "roseshop.digital", False),
    ("page ab.html", "page a-b.html", False),
]


@pytest.mark.parametrize(("new", "old", "same"), APART)
def test_words_may_be_written_apart_and_addresses_may_not(new: str, old: str, same: bool) -> None:
    sentence = "The order button {} on the checkout page fails for our customers in Berlin since yesterday evening."
    assert said(sentence.format(new), sentence.format(old)).same is same


def test_an_address_is_no_typing_error_of_another() -> None:
    assert not said(f"{ONE} It is rosse.digital now.", f"{ONE} It is rose.digital now.").same


@pytest.mark.parametrize(("new", "old", "same"), NEGATIONS)
def test_a_negation_may_be_mistyped_and_not_be_gone(new: str, old: str, same: bool) -> None:
    sentence = "The order button on the checkout page {} work for our customers in Berlin."
    assert said(sentence.format(new), sentence.format(old)).same is same


FIVE = "Banner slider gallery footer catalogue."
FOUR = "Banner slider gallery footer."

# Each: the new text, the old one, and why they are the same; the subjects are equal.
SAME = {
    "equal": (ONE, ONE, ""),
    "a remark more": (f"{ONE} Any news?", ONE, "what is added says nothing new (“Any news?”)"),
    "a remark of eight words more": (
        f"{ONE} I am still waiting for your kind answer.",
        ONE,
        "what is added says nothing new (“I am still waiting for your kind answer.”)",
    ),
    "a remark of nine words more": (
        f"{ONE} I am still waiting for your very kind answer.",
        ONE,
        "what is added says nothing new (“I am still waiting for your very kind …”)",
    ),
    "two remarks more": (f"Still waiting! {ONE} Any news?", ONE, "what is added says nothing new (“Still waiting! Any news?”)"),
    "a sentence less": (ONE, f"{ONE} {TWO}", "a part of it is left out"),
    "a sentence with a but within less": (ONE, f"{ONE} {FIVE[:-1]} but print it.", "a part of it is left out"),
    "an error": (ONE.replace("banner", "bannner"), ONE, "1 mistyped"),
    "two errors": (ONE.replace("banner", "bannner").replace("gallery", "galery"), ONE, "2 mistyped"),
    "two letters left out of a long word": (f"{ONE} Confirmtin.", f"{ONE} Confirmation.", "1 mistyped"),
    "a negation with an error": (ONE.replace("move", "nevr move"), ONE.replace("move", "never move"), "1 mistyped"),
    "an error in a word that is a name elsewhere": ("Move the bannner by Banner, " + ONE, "Move the banner by Banner, " + ONE, "1 mistyped"),
    "an error in a word that is a name before": ("By Banner move the bannner, " + ONE, "By Banner move the banner, " + ONE, "1 mistyped"),
    "an error in a word that is quoted elsewhere": ("Move the bannner by «banner», " + ONE, "Move the banner by «banner», " + ONE, "1 mistyped"),
    "an error less": (ONE, ONE.replace("banner", "bannner"), "1 mistyped"),
    "an error in a small word": (ONE.replace("the banner", "teh banner"), ONE, "what is added says nothing new (“teh”)"),
    "an error in a negation before a stop": (f"{ONE} It dosn't.", f"{ONE} It doesn't.", "what is added says nothing new (“dosn't.”), a part of it is left out"),
    "a reminder that names a thing": (
        f"{ONE.replace('gallery', 'galleries')} I wrote about the gallery.",
        ONE.replace("gallery", "galleries"),
        "what is added says nothing new (“I wrote about gallery.”)",
    ),
    "very long sentences as one, below a remark": (
        f"Any news? {' '.join(PAIRS * 2)}",
        f"{' '.join(PAIRS)}. {' '.join(PAIRS)}",
        "what is added says nothing new (“Any news?”)",
    ),
    "two sentences as one, and a remark": (
        "Move the banner and print the slider of the archive. Any news?",
        "Move the banner. And print the slider of the archive.",
        "what is added says nothing new (“Any news?”)",
    ),
    "one sentence as two, below a remark": (
        "Still waiting! Move the banner. And print the slider of the archive.",
        "Move the banner and print the slider of the archive.",
        "what is added says nothing new (“Still waiting!”)",
    ),
    "all of it": (
        f"{ONE.replace('banner', 'bannner')} Any news?",
        f"{ONE} {TWO}",
        "what is added says nothing new (“Any news?”), a part of it is left out, 1 mistyped",
    ),
    "two errors in five words": ("Bannner slider gallery footer cataloge.", FIVE, "2 mistyped"),
    "three errors in eleven words": ("Bannner slider gallery footer cataloge page price size colour archhive.", f"{FIVE[:-1]} page price size colour archive.", "3 mistyped"),
    "seven words elsewhere": ("Move the banner slider footer gallery right now. Print the archive. Go.", "Print the archive. Move the banner slider footer gallery right now. Go.", ""),
    "two sentences as one": ("Move the banner and print the slider of the archive.", "Move the banner. And print the slider of the archive.", ""),
    "five words with content and a remark": (f"{FIVE} Any news?", FIVE, "what is added says nothing new (“Any news?”)"),
    "four words with content and a please": (f"Please {FOUR.lower()}", FOUR, "what is added says nothing new (“Please”)"),
    "a please with an error": (ONE, ONE.replace("move", "plese move"), "a part of it is left out"),
    "a fifth of the words with content": (FIVE, f"{FIVE} {' '.join(WORDS)}. {' '.join(WORDS)}.", "a part of it is left out"),
    "letters that look alike": (ONE.replace("spring", "sрrіng"), ONE, ""),
    "a word of no dictionary in the other layout": ("Уберите слайдер hjbcnfn и корзину из каталога.", "Уберите слайдер роистат и корзину из каталога.", ""),
    "a word in the other layout with a comma": ("Уберите слайдер hjbcnfn, корзину и баннер.", "Уберите слайдер роистат, корзину и баннер.", ""),
    "a word in the other layout in quotation marks": ("Уберите слайдер «hjbcnfn» и корзину из каталога.", "Уберите слайдер «роистат» и корзину из каталога.", ""),
    "a word in the other layout with its stop": ("Уберите слайдер, корзину, баннер и hjbcnfn/", "Уберите слайдер, корзину, баннер и роистат.", ""),
    "a word in the other layout with two dots": ("Уберите слайдер `krfnjy и корзину из каталога.", "Уберите слайдер ёлкатон и корзину из каталога.", ""),
    "a stop that became a letter": ("Уберите слайдер, корзину, баннер и роистатю", "Уберите слайдер, корзину, баннер и роистат.", ""),
    "a comma that became a letter": ("Уберите слайдер и роистатб корзину и баннер.", "Уберите слайдер и роистат, корзину и баннер.", ""),
}  # fmt: skip


@pytest.mark.parametrize(("new", "old", "because"), SAME.values(), ids=SAME)
def test_what_is_surely_the_same(new: str, old: str, because: str) -> None:
    found = said(new, old)
    assert (found.same, found.other, found.because) == (True, False, because)


# Each: the new text, the old one, why they are not the same, and whether they are surely two.
DIFFERENT = {
    "a number": (ONE.replace("spring", "2025"), ONE.replace("spring", "2026"), "“2026.” became “2025.”", True),
    "a name": (ONE.replace("gallery", "Rose"), ONE.replace("gallery", "Tulip"), "“Tulip” became “Rose”", True),
    "a name that looks like an error": (ONE.replace("banner", "Bannner"), ONE, "“banner” became “Bannner”", True),
    "an old name that looks like an error": (ONE, ONE.replace("banner", "Bannner"), "“Bannner” became “banner”", True),
    "half of a sentence": (f"{ONE} Banner slider red pots.", f"{ONE} Banner slider old cups.", "“old cups.” became “red pots.”", False),
    "a remark behind the first word of a sentence": (f"{ONE} Go still waiting.", f"{ONE[:-1]} go.", "“go.” became “”", False),
    "a remark before the last word of a sentence": (f"{ONE} Waiting go.", f"{ONE[:-1]} go.", "“go.” became “”", False),
    "a sentence before a please": (f"Print red pots. Please {ONE.lower()}", ONE, "“Print red pots.” is new", False),
    "a long sentence elsewhere and once more": (f"{TWO} {TWO} {ONE} Go now.", f"{ONE} Go now. {TWO}", f"“{TWO.replace('the ', '').replace('The ', '')}” is new", False),
    "a day": (ONE.replace("spring", "june"), ONE.replace("spring", "may"), "“may.” became “june.”", True),
    "a page": (ONE.replace("gallery", "/a"), ONE.replace("gallery", "/b"), "“/b” became “/a”", True),
    "a negation": (ONE.replace("move", "not move"), ONE, "“” became “not”", True),
    "a number and a please": (ONE.replace("spring", "2025").replace("behind", "please behind"), ONE.replace("spring", "2026"), "“2026.” became “2025.”", True),
    "a number and a please less": (ONE.replace("spring", "2025"), ONE.replace("spring", "2026").replace("behind", "please behind"), "“2026.” became “2025.”", True),
    "a word": (ONE.replace("move", "print"), ONE, "“move” became “print”", False),
    "a number and a word": (ONE.replace("move", "print").replace("spring", "2025"), ONE.replace("spring", "2026"), "“move” became “print”", False),
    "three words in one place": (f"{LONG} {FIVE[:-1]} archive with red 5 big pots", f"{LONG} {FIVE[:-1]} archive with old 6 new pots", "“old 6 new” became “red 5 big”", True),
    "four words in one place": (f"{LONG} {FIVE[:-1]} archive with red wide 5 big pots", f"{LONG} {FIVE[:-1]} archive with old 6 new pots", "“old 6 new” became “red wide 5 big”", False),
    "four old words in one place": (f"{LONG} {FIVE[:-1]} archive with red 5 big pots", f"{LONG} {FIVE[:-1]} archive with old wide 6 new pots", "“old wide 6 new” became “red 5 big”", False),
    "a sentence with a number": (f"{ONE} Print 5 pots.", ONE, "“Print 5 pots.” is new", False),
    "three of four words are the same": ("Banner slider gallery 7.", "Banner slider gallery 8.", "“8.” became “7.”", True),
    "two of three words are the same": ("Banner slider 7.", "Banner slider 8.", "“8.” became “7.”", False),
    "three of five new words are the same": ("Banner slider gallery 7 footer.", "Banner slider gallery 8.", "“8.” became “7 footer.”", False),
    "three of five old words are the same": ("Banner slider gallery 7.", "Banner slider gallery 8 footer.", "“8 footer.” became “7.”", False),
    "four words with content and a remark": (f"{FOUR} Any news?", FOUR, "too few words in common", False),
    "four words with content and a sentence less": (FOUR, f"{FOUR} Print it.", "too few words in common", False),
    "less than a fifth of the words with content": (FIVE, f"{FIVE} {' '.join(WORDS)}. {' '.join(WORDS)} pots.", "too small a part of it", False),
    "two of five words": ("Banner slider archive basket discount", "Banner slider gallery footer catalogue", "“Banner slider archive basket discount” is new", False),
    "one of five words": ("Banner newsletter archive basket discount", "Banner slider gallery footer catalogue", "too many words differ", False),
    "one of four old words": ("Banner newsletter archive basket discount", "Banner slider gallery footer", "too many words differ", False),
    "no new words": ("", FIVE, "no words to compare", False),
    "no old words": (FIVE, "", "no words to compare", False),
    "a long new text": ("x" * 20_001, FIVE, "too long to compare", False),
    "a long old text": (FIVE, "x" * 20_001, "too long to compare", False),
    "four errors in ten words": ("Bannner slider gallery footer cataloge pagge price size colour archhive.", f"{FIVE[:-1]} page price size colour archive.", "too many words differ", False),
    "three errors in eight words": ("Bannner slider gallery footer cataloge archhive page size.", f"{FIVE[:-1]} archive page size.", "too many words differ", False),
    "six words elsewhere": ("Move the banner slider footer gallery now. Print the archive. Go.", "Print the archive. Move the banner slider footer gallery now. Go.", "“Move banner slider footer gallery now.” is new", False),
    "the plural": (ONE.replace("banner", "banners"), ONE, "“banner” became “banners”", False),
    "a condition less": (ONE, f"{ONE} Only once the boss agrees.", "“Only once boss agrees.” is gone", False),
    "a condition less behind another sentence": (ONE, f"{ONE} Print it. Only once the boss agrees.", "“Only once boss agrees.” is gone", False),
    "a but less": (ONE, f"{ONE} But print it.", "“But print it.” is gone", False),
    "a please that is a name": (ONE.replace("the banner", "the Please banner"), ONE, "“” became “Please”", True),
    "a please with two errors": (ONE, ONE.replace("move", "plesae plsee pelaes move"), "“plesae plsee pelaes” became “”", False),
    "a word of two letters that nobody knows": (ONE.replace("move", "zo move"), ONE, "“” became “zo”", False),
    "letters apart in a number": (ONE.replace("spring", "12 34"), ONE.replace("spring", "12-34"), "“12-34.” became “12 34.”", False),
    "a letter less in a negation that is a word": (ONE.replace("move", "want move"), ONE.replace("move", "wan't move"), "“wan't” became “want”", True),
    "two errors in a negation": (ONE.replace("move", "dsnt move"), ONE.replace("move", "doesn't move"), "“doesn't” became “dsnt”", True),
}  # fmt: skip


@pytest.mark.parametrize(("new", "old", "because", "other"), DIFFERENT.values(), ids=DIFFERENT)
def test_why_two_are_not_the_same_and_which_are_surely_two(new: str, old: str, because: str, other: bool) -> None:
    found = said(new, old, "", "")
    assert (found.same, found.because, found.other) == (False, because, other)


def test_what_differs_in_nothing_that_tells_is_not_surely_another() -> None:
    found = said(f"{FOUR} Any news?", FOUR, "", "")
    assert (found.same, found.other, found.shared) == (False, False, 4)


def test_five_words_with_content_are_enough_and_a_please_needs_none() -> None:
    assert said(f"{FIVE} Any news?", FIVE, "", "").same
    assert said(f"Please {FOUR.lower()}", FOUR, "", "").same
    assert said(FIVE, f"{FIVE} {' '.join(WORDS)}. {' '.join(WORDS)}.", "", "").same
    assert said(f"{ONE} Any news?", ONE, "", "").shared == 6  # move, banner, gallery, behind, basket, spring


def test_the_words_that_differ_are_told_as_they_were_written() -> None:
    found = said(ONE.replace("move", "don't «print»"), ONE)
    assert (found.added, found.missing) == (("don't", "«print»"), ("move",))
    assert found.shared == 6  # the words with content: site, banner, gallery, behind, basket, spring


# Each: what a mail quotes last, and whether it is still the same request: a name can be the signature of both.
LAST = {
    "a name": ("Anna", True),
    "a name with a stop": ("Anna.", True),
    "a name and an initial": ("Anna P.", True),
    "three names": ("Anna Kate Paul", True),
    "four names": ("Anna Kate Paul Rose", False),
    "a thing": ("Newsletter", False),
    "a name and a thing": ("Anna Newsletter", False),
}


@pytest.mark.parametrize(("below", "same"), LAST.values(), ids=LAST)
def test_a_name_at_the_end_says_nothing_new(below: str, same: bool) -> None:
    assert likeness(joined(read("Site", ONE), read("", below)), read("Site", ONE)).same is same


def test_a_name_in_the_midst_or_in_the_place_of_something_else_is_new() -> None:
    named = joined(read("Site", ONE), read("", "Anna"))
    assert not likeness(joined(named, read("", "Any news?")), read("Site", ONE)).same
    assert not likeness(named, read("Site", f"{ONE} {TWO}")).same
    assert likeness(named, read("Site", f"{ONE} Any news?")).same


# Each: the new subject, the old one, and why they are of two requests, if they are.
SUBJECTS = {
    "the same": ("Fax", "Fax", None),
    "none": ("", "Fax", None),
    "none any more": ("Fax", "", "the subject “” became “Fax”"),
    "a word of the text": ("Basket", "", None),
    "another form of a word of the text": ("moving baskets", "", None),
    "a name that is a word of the text": ("moving Basket", "", None),
    "a name that is another form of a word of the text": ("moving Baskets", "", "the subject “” became “moving Baskets”"),
    "a word of the text for another one": ("Basket", "Gallery", None),
    "a word of the text for one that is in no text": ("Basket", "Fax", "the subject “Fax” became “Basket”"),
    "impatience": ("Still urgent", "", None),
    "impatience for a word": ("Still urgent", "Fax", None),
    "a word for impatience": ("Basket", "Please answer", None),
    "impatience and a word": ("Please Fax", "Please", "the subject “” became “Fax”"),
    "another number": ("Fax 2", "Fax 3", "the subject “3” became “2”"),
}


@pytest.mark.parametrize(("new", "old", "because"), SUBJECTS.values(), ids=SUBJECTS)
def test_a_subject_must_say_nothing_that_the_request_did_not(new: str, old: str, because: str | None) -> None:
    found = said(ONE, ONE, new, old)
    assert found.same is (because is None)
    assert because is None or found.because == because


def test_the_subject_may_differ_and_a_remark_be_new() -> None:
    assert said(f"{ONE} Any news?", ONE, "Basket", "").same
    assert not said(f"{ONE} {TWO}", ONE, "Basket", "").same
    assert not said(ONE.replace("move", "print"), ONE, "Basket", "").same
