"""Which of the readings of two mails are compared, and what is said of them together."""

import pytest

from mailbot.core.desk.repeats.comparing import asked, compare, nearest, numbers_differ, readings
from mailbot.core.desk.repeats.reading import read
from mailbot.core.desk.repeats.terms import sketch

BANNER = "Please move banner {} of the gallery behind the basket in spring."
SEVEN, EIGHT, NINE = (read("Shop", BANNER.format(number)) for number in (7, 8, 9))
PRINTED = read("Shop", BANNER.format(8).replace("move", "print"))
SLIDER = read("Office", "The slider of the archive shows a newsletter to guests at night.")

# Each: the readings of the new mail, those of the old one, whether they are the same and surely others, and the words that are missing.
READ = {
    "one of each, the same": ((EIGHT,), (EIGHT,), True, False, ()),
    "one of each, with another number": ((SEVEN,), (EIGHT,), False, True, ("8",)),
    "one of each, with another word": ((PRINTED,), (EIGHT,), False, False, ("move",)),
    "one of each, of other things": ((SLIDER,), (EIGHT,), False, False, ()),
    "the same with what is below": ((SEVEN, EIGHT), (EIGHT,), True, False, ()),
    "the same without what is below": ((EIGHT, SEVEN), (EIGHT,), True, False, ()),
    "the same as what stood above": ((EIGHT,), (EIGHT, SEVEN), True, False, ()),
    "the same as with what stood below": ((EIGHT,), (SEVEN, EIGHT), True, False, ()),
    "the same with one mail of two below": ((SEVEN, EIGHT, NINE), (EIGHT,), False, True, ("8",)),
    "the same with all that is below": ((SEVEN, NINE, EIGHT), (EIGHT,), True, False, ()),
    "the same without all that is below": ((EIGHT, NINE, SEVEN), (EIGHT,), True, False, ()),
    "surely another above": ((SEVEN, SLIDER), (EIGHT,), False, True, ("8",)),
    "surely another below": ((SLIDER, SEVEN), (EIGHT,), False, True, ("8",)),
    "surely another below what differs in a word": ((PRINTED, SEVEN), (EIGHT,), False, True, ("8",)),
    "what differs in a word below other things": ((SLIDER, PRINTED), (EIGHT,), False, False, ("move",)),
    "what differs in a word above other things": ((PRINTED, SLIDER), (EIGHT,), False, False, ("move",)),
}


@pytest.mark.parametrize(("new", "old", "same", "other", "missing"), READ.values(), ids=READ)
def test_the_best_is_said_of_two_mails_that_can_be_said_of_their_readings(new, old, same, other, missing) -> None:
    found = compare(new, old)
    assert (found.same, found.other, found.missing) == (same, other, missing)


def test_a_mail_is_read_with_what_it_quotes_and_without() -> None:
    narrow, wide = readings("Shop", "Now.\n\nOn Wed, Nov 18, 2026 at 12:00 PM Anna <anna@rose.example> wrote:\n> Move it.")
    assert [word.text for word in narrow.words] == ["shop", "now"]
    assert [word.text for word in wide.words] == ["shop", "now", "move", "it"]
    assert [word.sentence for word in wide.words] == [0, 1, 2, 2]


def test_a_mail_that_only_passes_on_another_asks_what_that_asks() -> None:
    (reading,) = readings("Shop", "> Move it.")
    assert [word.text for word in reading.words] == ["shop", "move", "it"]
    assert asked("> Move it.") == "Move it."


def test_forwards_of_forwards_are_read_to_the_third() -> None:
    text = "\n".join(f"{'>' * level} Page {level}." for level in range(6))
    assert [[word.text for word in reading.words if word.kind == "number"] for reading in readings("Shop", text)] == [
        [str(level) for level in range(most + 1)] for most in range(4)
    ]


LINE = "The parcel of {} has not arrived, and nobody answers your telephone"


@pytest.mark.parametrize(
    ("new", "old", "differ"),
    [
        ("order 17", "order 18", True),
        ("order 17", "order 17", False),
        ("order 17", "this order", False),
        ("this order", "order 17", False),
        ("orders 17 and 18", "order 18", False),
        ("orders 17 and 18", "orders 18 and 19", True),
        ("order 17", "order A-17/b", False),  # it may be the same, written shorter
        ("order A-17/b", "order A 18 b", True),
    ],
)
def test_each_of_two_mails_has_a_number_that_the_other_has_nowhere(new: str, old: str, differ: bool) -> None:
    assert numbers_differ(("Parcel", LINE.format(new)), ("Parcel", LINE.format(old))) is differ
    assert numbers_differ((new, ""), (old, "")) is differ


def test_the_nearest_messages_come_first_and_strangers_not_at_all() -> None:
    slider = sketch("Офис", "Слайдер архива показывает гостям письма.")
    near, equal = (sketch("Shop", f"Please move the banner behind the {place}.") for place in ("footer", "basket"))
    found = nearest(equal, [slider, near, equal])
    assert [index for index, _ in found.found] == [2, 1]
    assert [share == 1 for _, share in found.found] == [True, False]
    assert found.context.messages == 4
    assert sorted(set(found.context.having.values())) == [1, 2, 3]  # of the slider alone, of two with a basket, of all three banners
