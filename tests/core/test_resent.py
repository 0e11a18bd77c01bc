"""The generator of repeats and near misses says what it promises: who trusts its labels can measure with them."""

import re
from collections import Counter
from pathlib import Path

import pytest

from tests.core.forms import FORWARDS, WEEKDAYS
from tests.core.resent import CHANGES, DIFFERENCES, LANGUAGES, MIXES, ONE_MORE, Request, near_misses, requests, resent, vocabulary

RESENT, NEAR = resent(1), near_misses(1)
ALL = [request for language in LANGUAGES for request in requests(language)]
RU, EN = (requests(language) for language in LANGUAGES)


def words(text: str) -> str:
    """The words of a text, in order, without case, marks, ё and signs of quoting."""
    return " " + " ".join(re.findall(r"\w+", text.lower().replace("ё", "е"))) + " "


def others(request: Request) -> list[tuple[str, Request]]:
    """(kind, the other request) for each difference."""
    return [(difference.kind, request.other(difference)) for difference in request.differences]


# All that a mail can say: the words of subject and text of each request and of each that differs.
VERSIONS = {
    (words(version.subject), words(version.text)) for request in ALL for version in (request, *(other for _, other in others(request)))
}


def said(text: str) -> set[str]:
    """The requests that stand in a text, word for word; of those within one another, the longest."""
    found = {version for _, version in VERSIONS if version in text}
    return {version for version in found if not any(version != other and version in other for other in found)}


@pytest.mark.parametrize("language", LANGUAGES)
def test_sixty_requests_or_more_in_each_language(language):
    whole = [request for request in requests(language) if request.whole]
    assert len(whole) >= 60
    assert len({words(request.text) for request in requests(language)}) == len(requests(language))
    assert sum(bool(request.point) for request in whole) >= 20


@pytest.mark.parametrize("request_", ALL, ids=lambda request: f"{request.language}: {request.subject}")
def test_each_swap_finds_its_words_and_makes_another_request(request_):
    for difference in request_.differences:
        other = request_.other(difference)
        for old, _ in difference.swaps:
            assert re.search(rf"(?<!\w){re.escape(old)}(?!\w)", f"{request_.subject}\n{request_.text}"), old
        where = "subject" if difference.kind == DIFFERENCES["subject"] else "text"
        assert words(getattr(other, where)) != words(getattr(request_, where)), difference
        if where == "subject":
            assert other.text == request_.text
    variants = [words(other.subject) + words(other.text) for _, other in others(request_)]
    assert len(set(variants)) == len(variants), "two differences are the same"
    assert request_.differences


@pytest.mark.parametrize(
    "request_", [request for request in ALL if request.point], ids=lambda request: f"{request.language}: {request.subject}"
)
def test_an_excerpt_is_shorter_and_of_the_same_sentences(request_):
    assert len(request_.point) < len(request_.text)
    for sentence in re.split(r"(?<=[.!?]) ", request_.point):
        assert sentence in request_.text


def test_all_kinds_of_repeats_in_both_languages_evenly():
    counts = Counter((pair.language, pair.kind) for pair in RESENT)
    kinds = [*CHANGES, *(" + ".join(mix) for mix in MIXES)]
    assert counts == {(language, kind): 30 for language in LANGUAGES for kind in kinds}
    assert len(RESENT) >= 1000


def test_all_kinds_of_near_misses_in_both_languages():
    assert len(NEAR) >= 1200
    counts = Counter((pair.language, pair.kind) for pair in NEAR)
    assert set(counts) == {(language, kind) for language in LANGUAGES for kind in (*DIFFERENCES.values(), ONE_MORE)}
    assert min(counts.values()) >= 12
    by_language = Counter(pair.language for pair in NEAR)
    assert abs(by_language["ru"] - by_language["en"]) < 0.1 * len(NEAR)


@pytest.mark.parametrize("make", [resent, near_misses])
def test_the_seed_alone_decides_and_no_pair_comes_twice(make):
    assert make(2) == make(2)
    assert make(2) != make(3)
    pairs = make(2)
    assert len({(pair.earlier, pair.later) for pair in pairs}) == len(pairs)
    assert all(pair.earlier != pair.later for pair in pairs)


@pytest.mark.parametrize("kind", [*DIFFERENCES.values(), ONE_MORE])
def test_no_near_miss_says_the_earlier_request_again(kind):
    demands = {words(demand) for request in ALL for demand in request.demands}
    for pair in (pair for pair in NEAR if pair.kind == kind):
        earlier, later = words(pair.earlier.text), words(pair.later.text)
        first = said(earlier)
        assert first, pair
        if kind == ONE_MORE:
            assert not any(demand in earlier for demand in demands), pair
            assert any(demand in later for demand in demands), pair
        elif kind == DIFFERENCES["subject"]:
            assert words(pair.earlier.subject).strip() not in words(pair.later.subject), pair
        else:
            assert first.isdisjoint(said(later)), pair


@pytest.mark.parametrize("pair_kind", sorted({pair.kind for pair in RESENT}))
def test_a_repeat_says_what_the_earlier_mail_said(pair_kind):
    for pair in (pair for pair in RESENT if pair.kind == pair_kind):
        first, later = said(words(pair.earlier.text)), words(pair.later.text)
        if "excerpt" not in pair_kind:
            assert {number for version in first for number in re.findall(r"\d+", version)} <= set(re.findall(r"\d+", later)), pair
            assert all(address in pair.later.text for address in re.findall(r"https?://[\w./-]+\w|[\w.]+@[\w.]+\w", pair.earlier.text)), (
                pair
            )
        if pair.typos or "excerpt" in pair_kind:
            assert first.isdisjoint(said(later)), pair
        elif "extra sentence" not in pair_kind:
            assert first <= said(later), pair
        if pair_kind in FORWARDS:
            assert set(pair.earlier.text.split("\n")) <= set(pair.later.text.split("\n")), pair
        if pair_kind == "changed subject":
            assert pair.earlier.text == pair.later.text
            assert pair.earlier.subject != pair.later.subject


def test_the_mails_with_unknown_words_are_those_labelled_typos():
    sources = "".join((Path(__file__).parent / name).read_text(encoding="utf-8") for name in ("phrases.py", "forms.py"))
    known = {word for text in (sources, " ".join(vocabulary())) for word in words(text.replace("\\n", " ").replace("{end}", "")).split()}
    known |= {f"{word}а" for word in known}  # the writer's ending
    known |= {day[:3].lower() for day in WEEKDAYS["en"]}
    for pair in (*RESENT, *NEAR):
        unknown = {word for word in words(pair.later.text).split() if re.search(r"[^\d_]", word)} - known
        assert pair.typos == bool(unknown), (unknown, pair)
