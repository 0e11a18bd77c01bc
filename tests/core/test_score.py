"""The score that suggests repeats: what holds for any weights, and that weights can be learned."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from benchmarks.repeats import figures, judged, ranked, walk
from benchmarks.train_repeats import common_stems, train
from mailbot.core.desk.repeats import score
from mailbot.core.desk.repeats.score import Context, Wording, scores, shortlist
from mailbot.core.desk.repeats.terms import READ, sketch, sketched, term, words

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


@pytest.mark.parametrize("one, other", [("заявки", "заявку"), ("ЁЛКА", "елки"), ("Orders", "order")])
def test_forms_of_a_word_are_one_term(one: str, other: str) -> None:
    assert term(words(one)[0]) == term(words(other)[0])


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
