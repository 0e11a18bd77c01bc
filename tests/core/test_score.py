"""The score that suggests repeats: what holds for any weights, and that weights can be learned."""

import math
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from benchmarks.repeats import figures, judged, ranked, walk
from benchmarks.train_repeats import common_stems, train
from mailbot.core.desk.repeats import score
from mailbot.core.desk.repeats.score import FAINT, Comparison, Context, Model, Wording, odds_to_scores, scores, shortlist
from mailbot.core.desk.repeats.terms import READ, READ_SUBJECT, SKETCHED_SUBJECT, common_to, sketch, sketched, term, words

NOON = datetime(2026, 11, 18, 12, tzinfo=UTC)
MAILS = [
    ("Форма заказа", "Здравствуйте! На странице оплаты форма заказа не отправляется, пишет ошибку. Посмотрите, пожалуйста."),
    ("Опечатка на главной", "В заголовке главной страницы слово «доставка» написано с двумя «т». Исправьте, пожалуйста."),
    ("New banner", "Please put the attached banner for the winter sale on the first page, above the list of news."),
    ("Почта не приходит", "С утра на ящик info не приходит ни одного письма с сайта. Спам проверили, там пусто."),
    ("Price list", "The price list of October still hangs on the site. The new one is attached, please replace it."),
    ("Каталог", "Добавьте в каталог три новых товара, фотографии и описания во вложении. Цены пришлём позже."),
]


def wordings(mails: list[tuple[str, str]]) -> list[Wording]:
    return [Wording(subject, text, NOON + timedelta(hours=hour), "anna@client.example") for hour, (subject, text) in enumerate(mails)]


def asked(new: Wording, earlier: list[Wording]) -> tuple[list[int], list[float]]:
    """The shortlist, and a score for each of it."""
    sketches = [sketch(one.subject, one.text) for one in (*earlier, new)]
    context = Context(sketches)
    listed = [index for index, _ in shortlist(sketches[-1], sketches[:-1])]
    return listed, scores(new, [earlier[index] for index in listed], context)


@pytest.mark.parametrize("which", range(len(MAILS)))
def test_a_mail_sent_again_is_nearest_to_itself_and_worth_a_suggestion(which: int) -> None:
    earlier = wordings(MAILS)
    listed, found = asked(replace(earlier[which], at=NOON + timedelta(days=1)), earlier)
    assert listed[0] == which
    assert found[0] == max(found)
    assert found[0] > score.SUGGEST


@pytest.mark.parametrize("which", range(len(MAILS)))
def test_a_mail_of_something_else_is_not_suggested(which: int) -> None:
    earlier = wordings(MAILS)
    new = replace(earlier.pop(which), at=NOON + timedelta(days=1))
    assert max(asked(new, earlier)[1], default=0.0) < score.SUGGEST


def test_other_words_for_the_same_find_the_earlier_mail_first() -> None:
    new = Wording(
        "не работает форма",
        "Добрый день, заказ не отправить: форма на оплате выдаёт ошибки.",
        NOON + timedelta(days=1),
        "oleg@client.example",
    )
    listed, found = asked(new, wordings(MAILS))
    assert listed[max(range(len(found)), key=found.__getitem__)] == 0


def test_two_mails_are_about_as_near_in_either_order() -> None:
    one, other = wordings([MAILS[0], ("форма заказа", "Форма заказа на странице оплаты снова пишет ошибку.")])
    rest = wordings(MAILS[1:])
    there, back = (
        asked(replace(new, at=NOON + timedelta(days=1)), [replace(old, at=NOON), *rest]) for new, old in ((one, other), (other, one))
    )
    assert there[0][0] == back[0][0] == 0
    assert abs(there[1][0] - back[1][0]) < 0.25


def test_a_third_call_is_as_sure_as_a_second() -> None:
    earlier = wordings(MAILS)
    again = replace(earlier[0], at=NOON + timedelta(days=1))
    second = asked(again, earlier)[1][0]
    third = asked(replace(again, at=NOON + timedelta(days=1, hours=1)), [*earlier, again])[1]
    assert max(third) > 0.9 * second
    assert sorted(third)[-2] > 0.9 * second


HOSTILE = {
    "nothing": "",
    "a megabyte of one word": "слово" * 200_000,
    "a megabyte of one word, again and again": "слово " * 170_000,
    "a megabyte of different words": " ".join(f"word{number}" for number in range(100_000)),
    "only emoji": "😀🙃👩‍👩‍👧‍👦" * 1000,
    "only digits": "1234567890 " * 1000,
    "only signs": ".,;:-_/\\\"'" * 1000,
    "half of a pair of surrogates": "\ud83d word \udc00" * 100,
    "a letter that unfolds into eighteen": "\ufdfa" * 10_000,
    "letters that grow in lower case": "ßİŉ" * 10_000,
    "null octets": "\0" * 10_000,
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_any_text_is_sketched_and_scored_within_bounds(text: str) -> None:
    assert len(sketch(text, text)) <= 2048
    assert sum(map(len, words(text))) <= 3 * READ
    new = Wording(text, text, NOON, "")
    for earlier in ([new] * 20, wordings(MAILS)):
        assert all(0 <= one <= 1 for one in asked(new, earlier)[1])
        assert all(0 <= one <= 1 for one in scores(new, earlier, Context([])))
        assert all(0 <= one <= 1 for one in scores(earlier[0], [new], Context([])))


@pytest.mark.parametrize("octets", [b"", b"\0", b"abc", b"\xff\xff", b"\xff\xff1234", b"x" * 1000])
def test_octets_that_are_no_sketch_are_no_candidate(octets: bytes) -> None:
    new = sketch(*MAILS[0])
    assert shortlist(new, [octets]) == []
    assert shortlist(octets, [new]) == []


def test_a_sketch_holds_each_term_once_and_knows_the_subjects() -> None:
    subject, every = sketched(sketch("Broken page", "The page is broken, the pages are broken"))
    assert list(subject) == [term("broken"), term("page")]
    assert list(every) == [term(word) for word in ("broken", "page", "the", "is", "are")]


def test_a_sketch_holds_the_first_terms_of_a_long_subject() -> None:
    tokens = [f"a{number}" for number in range(10, 80)]
    assert list(sketched(sketch(" ".join(tokens), ""))[0]) == [term(one) for one in tokens[:SKETCHED_SUBJECT]]
    assert len(sketched(sketch("a" * READ_SUBJECT + " beyond", ""))[1]) == 1


def test_terms_that_end_alike_are_told_apart_and_the_first_and_the_last_are_found() -> None:
    ours, theirs = np.array([1, 5, 9], "<u4"), np.array([9, 9 + (1 << 16), 1, 2, 5 + (3 << 16)], "<u4")
    there, here = common_to(ours, theirs)
    assert (there.tolist(), here.tolist()) == ([0, 2], [2, 0])


@pytest.mark.parametrize("one, other", [("заявки", "заявку"), ("ЁЛКА", "елки"), ("Orders", "order")])
def test_forms_of_a_word_are_one_term(one: str, other: str) -> None:
    assert term(words(one)[0]) == term(words(other)[0])


HALF = Model({}, 0.0, {term("the"): 0.5})  # weights for which half of all messages have "the", and no other word is common
# Of a client who has written nothing: a word counts ln(51 / 0.5), "the" ln(51 / 25.5). Twice in a message it counts 1 + ln 2 times.
R, T, TWICE = math.log(102), math.log(2), 1 + math.log(2)


def measured(new: tuple[str, str], *earlier: tuple[str, str], hours: float = 4) -> list[dict[str, float]]:
    """The features of earlier messages, each of them an hour later than the one before, at a message `hours` after the first."""
    return Comparison(HALF, replace(wordings([new])[0], at=NOON + timedelta(hours=hours)), wordings(list(earlier)), Context([])).table()


def test_what_is_measured_of_a_pair() -> None:
    (found, other) = measured(
        ("winter banner again", "please hang the banner beside door 42"),
        ("winter banner", "please hang the banner beside window"),
        ("", "cellar"),
    )
    shared, unshared = math.log(4 / 2.5) ** 2, math.log(4 / 1.5) ** 2  # runs of letters that two of the three messages have, or one
    assert found == pytest.approx(
        {
            # Both have banner twice, winter, please, hang, beside and the; the new one also again, door and 42, the old one window.
            "cosine": ((TWICE**2 + 4) * R**2 + T**2) / math.sqrt(((TWICE**2 + 7) * R**2 + T**2) * ((TWICE**2 + 5) * R**2 + T**2)),
            "texts": (4 * R**2 + T**2) / math.sqrt((6 * R**2 + T**2) * (5 * R**2 + T**2)),
            "of old": (5 * R + T) / (6 * R + T),
            "rarest": R,
            "rarest three": R,
            "pairs": math.log1p(8 * R + 2 * T),  # winter banner, please hang, hang the, the banner, banner beside
            "subjects": 2 / math.sqrt(3 * 2),
            "subjects, sum": math.log1p(2 * R),
            # Of winter and banner five runs each with the blanks around them, of again four.
            "subjects, characters": 10 * shared / math.sqrt((10 * shared + 4 * unshared) * 10 * shared),
            "new subject": 2 / 3,
            "old subject": 1,
            "numbers differ": -math.log(1 + 1),
            "new size": math.log(1 + 10),
            "shorter": math.log(1 + 8),
            "sizes differ": -(math.log(11) - math.log(9)),
            "sooner": -math.log((4 + 1) / (3.5 + 1)),  # the ages are four and three hours
            "later": -math.log(1 + 1),
        }
    )
    nothing = {"cosine", "texts", "of old", "rarest", "rarest three", "pairs", "subjects", "subjects, sum", "subjects, characters",
               "new subject", "old subject", "later"}  # fmt: skip
    assert {name for name, value in other.items() if value == 0} == nothing


@pytest.mark.parametrize(
    ("new", "old", "feature", "value"),
    [
        pytest.param(("", "the"), ("", "the door"), "texts", T / math.hypot(T, R), id="a common word is something"),
        pytest.param(("", "the door"), ("", "the"), "texts", T / math.hypot(T, R), id="and so it is the other way round"),
        pytest.param(("the door", ""), ("the", ""), "old subject", 1, id="a subject of common words is one"),
        pytest.param(
            ("", "door " * 10 + "key"),
            ("", "door key"),
            "cosine",
            (2 + math.log(10)) / math.sqrt(2 * ((1 + math.log(10)) ** 2 + 1)),
            id="a word that stands there ten times counts by the logarithm",
        ),
        pytest.param(("a" * READ_SUBJECT + " beyond", ""), ("", ""), "new size", math.log(2), id="a subject is read up to a bound"),
        pytest.param(("", "page 1 2 3"), ("", "page 3 4"), "numbers differ", -math.log(1 + 3), id="the numbers of one alone differ"),
    ],
)
def test_one_feature(new: tuple[str, str], old: tuple[str, str], feature: str, value: float) -> None:
    assert measured(new, old)[0][feature] == pytest.approx(value)


def test_what_came_at_the_same_time_or_later_is_no_hour_old() -> None:
    assert [row["sooner"] for row in measured(("", "door"), ("", "a"), ("", "b"), ("", "c"), hours=1)] == pytest.approx(
        [-math.log(2), 0, 0]
    )


def test_an_earlier_message_counts_how_many_came_after_it_in_whatever_order_they_stand() -> None:
    first, second, third = wordings([("", "door")] * 3)
    rows = Comparison(HALF, third, [second, third, first], Context([])).table()
    assert [row["later"] for row in rows] == pytest.approx([-math.log(2), 0, -math.log(3)])


def test_how_rare_a_term_is_tells_among_how_many_messages_it_is_how_often() -> None:
    # The client's nine count as they are and the world's as fifty more; the new one is the sixtieth, and nothing is in no message at all.
    found = Model({}, 0.0, {1: 0.1}).rarity(9, {1: 2, 2: 2}, [1, 2, 3])
    assert found == pytest.approx({1: math.log(60 / (2 + 5 + 0.5)), 2: math.log(60 / 2.5), 3: math.log(60 / 0.5)})


@pytest.mark.parametrize(
    ("texts", "odds", "found"),
    [
        (["door", "window"], [1, 1], [1 / 3, 1 / 3]),
        (["door", "window"], [3, 2], [3 / 6, 2 / 6]),
        (["door", "door"], [1, 1], [1 / 2, 1 / 2]),
        (["door", "door window"], [1, 1], [1 / (3 - 0.5**0.5)] * 2),
        (["door", "window"], [3, FAINT], [3 / 4, FAINT / (4 + FAINT)]),
    ],
    ids=[
        "two compete with none",
        "by their odds",
        "those that say the same do not",
        "and those that say half of it half",
        "nor a faint one",
    ],
)
def test_odds_become_probabilities(texts: list[str], odds: list[float], found: list[float]) -> None:
    earlier = wordings([("", text) for text in texts])
    assert odds_to_scores(Comparison(HALF, earlier[0], earlier, Context([])), odds) == pytest.approx(found)


def tokens(letter: str, count: int) -> str:
    return " ".join(f"{letter}{number}" for number in range(count))


def listed(new: tuple[str, str], *earlier: tuple[str, str], trained: Model = HALF) -> list[int]:
    """The shortlist of messages that all have as many terms: what they lack of forty is filled up with words of their own."""
    filled = [
        (subject, f"{text} {tokens(f'own{index}x', 40 - len({*subject.split(), *text.split()}))}")
        for index, (subject, text) in enumerate(earlier)
    ]
    return [index for index, _ in shortlist(sketch(*new), [sketch(*one) for one in filled], trained=trained)]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param(("s0", ""), ("", tokens("t", 4)), id="in both subjects: more than four in the texts"),
        pytest.param(("", tokens("t", 6)), ("s0", ""), id="and less than six"),
        pytest.param(("u0", ""), ("", tokens("t", 2)), id="in the subject of the old one: more than two"),
        pytest.param(("", tokens("t", 4)), ("u0", ""), id="and less than four"),
        pytest.param(("", "s0"), ("", tokens("t", 2)), id="in the subject of the new one: more than two"),
        pytest.param(("", tokens("t", 4)), ("", "s0"), id="less than four"),
    ],
)
def test_a_term_in_subjects_counts_three_or_five_times_in_a_shortlist(one: tuple[str, str], other: tuple[str, str]) -> None:
    new = ("s0 s1", f"{tokens('t', 6)} u0")
    assert listed(new, one, other) == [0, 1]
    assert listed(new, other, one) == [1, 0]


@pytest.mark.parametrize(("count", "first"), [(14, "rare"), (30, "common")])
def test_a_term_counts_by_the_square_of_its_rarity_in_a_shortlist(count: int, first: str) -> None:
    # Three messages and the world's fifty, and one: ln(54 / 2.5) = 3.07 of a rare term, ln(54 / 27.5) = 0.67 of one that half of all have.
    # The squares are as 20.7 to one, while 14 are as much as three times the plain weights and 30 a third of the cubes.
    common = tokens("t", count)
    half = Model({}, 0.0, {term(one): 0.5 for one in common.split()})
    order = listed(("", f"rare {common}"), ("", "rare"), ("", common), trained=half)
    assert ["rare", "common"][order[0]] == first


@pytest.mark.parametrize(
    ("old", "share"),
    [("the door", 1.0), ("door", 1.0), ("door window", 0.5), ("the key", 0.5), (f"door {tokens('t', 20)}", 1 / 3)],
)
def test_a_shortlist_says_which_share_of_the_shorter_message_both_have(old: str, share: float) -> None:
    assert shortlist(sketch("", "the door opens"), [sketch("", old)], trained=HALF) == [(0, pytest.approx(share))]


def test_of_messages_that_share_as_much_the_shorter_is_more_alike_and_of_equal_ones_the_first() -> None:
    new, short, long = (sketch("", f"door {tokens(letter, count)}") for letter, count in (("n", 5), ("s", 5), ("l", 50)))
    assert [index for index, _ in shortlist(new, [long, short])] == [1, 0]
    assert [index for index, _ in shortlist(new, [long, short] * 50, 100)] == [*range(1, 100, 2), *range(0, 100, 2)]


def test_the_weights_in_the_package_name_every_feature() -> None:
    mail = wordings(MAILS)[0]
    (row,) = score.Comparison(score.model(), mail, [mail], Context([])).table()
    assert set(score.model().weights) == set(row)
    assert len(score.model().common) > 1000


def test_training_on_a_small_stream_learns_to_rank() -> None:
    # A hundred requests, each of its own thing; the second call names the thing in another order, and a form that is in all mails.
    things = [
        f"{first}{second}"
        for first in ("kran", "dver", "okno", "stol", "list", "kniga", "most", "pole", "dom", "luk")
        for second in "bcdfgklmnp"
    ]
    pairs = [
        ((f"about {one}", f"please look at the {one} of today, it is broken"), (f"{one} again", f"the form says no, and the {one} too"))
        for one in things
    ]
    mails: list[tuple[tuple[str, str], int]] = []
    for start in range(0, len(pairs), 5):
        mails += [(first, number) for number, (first, _) in enumerate(pairs[start : start + 5], start)]
        mails += [(second, number) for number, (_, second) in enumerate(pairs[start : start + 5], start)]
    rows = [
        {
            "id": str(place),
            "client": f"c{number // 10}",
            "sender": "",
            "at": (NOON + timedelta(hours=place)).isoformat(),
            "subject": subject,
            "text": text,
        }
        | {"cluster": number}
        for place, ((subject, text), number) in enumerate(mails)
    ]
    learned, tried = rows[:100], rows[100:]
    model = train(learned, common_stems([learned]))
    assert model == train(learned, common_stems([learned]))
    found = figures([judged(one, ranked(one, model)) for one in walk(tried, model) if one.asked])
    assert found["recall@1"] == 1
    assert found["AP"] > 0.95
