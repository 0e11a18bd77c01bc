"""What stands on an act of completed work (R8), and how it says its total."""

import json
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mailbot.core.desk.policy import Legal, Money
from mailbot.core.money.act import Act, Corrected, Month, Parties, act_from_json, correction, draft, missing_details, terms_of
from mailbot.core.money.statement import Entry, Terms
from mailbot.core.money.words import in_words
from mailbot.errors import PermanentError
from tests.core.build import client, policy

OCTOBER = Month(2026, 10)
MADE = date(2026, 11, 2)
PARTIES = Parties("Rose Shop", Legal("Web Studio Ltd", bank="IBAN 1"), Legal("Rose Shop Ltd", tax_id="DE1"), "en", "EUR")
HOURLY = Terms(rate=Decimal(60), increment=15)


def entry(minutes: int, ticket: int = 1, coverage: str = "hourly", day: int = 5) -> Entry:
    return Entry(ticket, f"request {ticket}", coverage, date(2026, 10, day), minutes)


def made(*entries: Entry, terms: Terms = HOURLY) -> Act:
    return draft(PARTIES, entries, terms, OCTOBER, MADE)


@pytest.mark.parametrize(
    ("amount", "currency", "russian", "english"),
    [
        ("0", "RUB", "Ноль рублей 00 копеек", "Zero roubles and 00 kopecks"),
        ("1", "RUB", "Один рубль 00 копеек", "One rouble and 00 kopecks"),
        ("2", "RUB", "Два рубля 00 копеек", "Two roubles and 00 kopecks"),
        ("5", "RUB", "Пять рублей 00 копеек", "Five roubles and 00 kopecks"),
        ("11", "RUB", "Одиннадцать рублей 00 копеек", "Eleven roubles and 00 kopecks"),
        ("21", "RUB", "Двадцать один рубль 00 копеек", "Twenty-one roubles and 00 kopecks"),
        ("1000.50", "RUB", "Одна тысяча рублей 50 копеек", "One thousand roubles and 50 kopecks"),
        ("2002.01", "RUB", "Две тысячи два рубля 01 копейка", "Two thousand and two roubles and 01 kopeck"),
        ("10000.00", "RUB", "Десять тысяч рублей 00 копеек", "Ten thousand roubles and 00 kopecks"),
        ("1000000", "RUB", "Один миллион рублей 00 копеек", "One million roubles and 00 kopecks"),
        ("1E+4", "RUB", "Десять тысяч рублей 00 копеек", "Ten thousand roubles and 00 kopecks"),
        ("1", "EUR", "Один евро 00 центов", "One euro and 00 cents"),
        ("22.02", "EUR", "Двадцать два евро 02 цента", "Twenty-two euros and 02 cents"),
        ("1234.5", "USD", "Одна тысяча двести тридцать четыре доллара США 50 центов",
         "One thousand, two hundred and thirty-four US dollars and 50 cents"),
        ("7.1", "GBP", "Семь британских фунтов стерлингов 10 пенсов", "Seven British pounds and 10 pence"),
        ("1", "BYN", "Один белорусский рубль 00 копеек", "One Belarusian rouble and 00 kopecks"),
        ("1000002", "UAH", "Один миллион две украинские гривны 00 копеек", "One million and two Ukrainian hryvnias and 00 kopecks"),
        ("2000000", "UAH", "Два миллиона украинских гривен 00 копеек", "Two million Ukrainian hryvnias and 00 kopecks"),
        ("21.50", "SEK", "Двадцать одна шведская крона 50/100", "Twenty-one Swedish kronor and 50/100"),
        ("5000", "JPY", "Пять тысяч японских иен", "Five thousand Japanese yen"),
        ("5001", "JPY", "Пять тысяч одна японская иена", "Five thousand and one Japanese yen"),
        ("5000.5", "JPY", "Пять тысяч японских иен 50/100", "Five thousand Japanese yen and 50/100"),
        ("1.5", "KWD", "Один кувейтский динар 500/1000", "One Kuwaiti dinar and 500/1000"),
        ("1.125", "RUB", "Один рубль 125/1000", "One rouble and 125/1000"),
    ],
)  # fmt: skip
def test_a_total_in_words(amount: str, currency: str, russian: str, english: str) -> None:
    assert in_words(Decimal(amount), currency, "ru") == russian
    assert in_words(Decimal(amount), currency, "en") == english


@settings(deadline=None)  # the first one loads Babel's data
@given(st.decimals(min_value=0, max_value=10**15, places=2), st.sampled_from(["RUB", "EUR", "UAH", "JPY", "KWD", "XAF", "XXX"]))
def test_every_amount_of_every_currency_has_words(amount: Decimal, currency: str) -> None:
    for language in ("ru", "en"):
        said = in_words(amount, currency, language)
        assert said[0].isupper()
        assert (f"{amount % 1:.2f}"[2:] in said) or amount == int(amount)


class TestAMonth:
    @pytest.mark.parametrize("text", ["2026-13", "2026-00", "2026-1", "26-10", "2026-10-01", "october", "", "٢٠٢٦-10", "0000-10"])
    def test_what_is_none_is_refused(self, text: str) -> None:
        with pytest.raises(ValueError, match=r".+"):
            Month.parse(text)

    @pytest.mark.parametrize(("text", "last"), [("2026-02", 28), ("2028-02", 29), ("2026-12", 31), ("9999-12", 31)])
    def test_its_days(self, text: str, last: int) -> None:
        month = Month.parse(text)
        assert (str(month), month.first.day, month.last.day) == (text, 1, last)
        assert month.first.month == month.last.month


class TestTheDraft:
    def test_it_has_what_the_statement_says_and_the_total_in_words(self) -> None:
        act = made(entry(50), entry(25, ticket=2, coverage="warranty", day=3), terms=replace(HOURLY, included_minutes=90))
        assert [(line.ticket, line.billed, line.amount) for line in act.lines] == [(2, 30, 0), (1, 60, 60)]
        assert (act.number, act.period, act.included_minutes, act.free_minutes, act.total) == (0, "2026-10", 90, 25, 60)
        assert act.total_in_words == "Sixty euros and 00 cents"

    def test_free_work_alone_is_an_act_at_nothing(self) -> None:
        assert made(entry(25, coverage="courtesy")).total_in_words == "Zero euros and 00 cents"

    def test_a_fee_alone_is_an_act(self) -> None:
        assert made(terms=replace(HOURLY, fee=Decimal("100.00"))).total == 100

    @pytest.mark.parametrize(
        "entries", [[], [entry(40), entry(-40)], [entry(90, coverage="project")]], ids=["none", "taken back", "a project"]
    )
    def test_without_work_and_fee_there_is_none(self, entries: list[Entry]) -> None:
        with pytest.raises(PermanentError, match="Rose Shop, 2026-10: no work and no monthly fee"):
            made(*entries)

    def test_its_files_are_named_by_year_and_number_and_a_draft_s_by_client(self) -> None:
        act = made(entry(50))
        assert replace(act, number=3).name == "act-2026-3"
        assert act.name == "act-draft-2026-10-Rose-Shop"
        assert replace(act, parties=replace(PARTIES, client="../Роза «и Ко»/")).name == "act-draft-2026-10-Роза-и-Ко"

    def test_it_knows_which_details_are_missing(self) -> None:
        assert missing_details(made(entry(50))) == [
            "the studio's address",
            "the studio's tax number",
            "the studio's signatory",
            "the client's address",
            "the client's bank",
            "the client's signatory",
        ]


@pytest.mark.parametrize(
    ("changes", "fee", "included"),
    [
        pytest.param({"contract": "none"}, None, None, id="no contract has no fee"),
        pytest.param({"contract": "hourly", "fee": Decimal(9)}, None, None, id="an hourly one has none either"),
        pytest.param({"contract": "monthly", "fee": Decimal(9), "included_minutes": 60}, "9.00", 60, id="a monthly one has"),
        pytest.param(
            {"contract": "monthly", "fee": Decimal(9), "since": date(2026, 10, 31)},
            "9.00",
            None,
            id="the whole of it from its first day on",
        ),
        pytest.param({"contract": "monthly", "fee": Decimal(9), "since": date(2026, 11, 1)}, None, None, id="and nothing before"),
        pytest.param({"contract": "monthly", "fee": Decimal("33.335")}, "33.34", None, id="to the cent"),
        pytest.param({"contract": "monthly"}, "0.00", None, id="a fee that nobody wrote down is nothing"),
        pytest.param({"contract": "hourly", "included_minutes": 60}, None, None, id="what a fee would include is nothing without one"),
    ],
)
def test_the_fee_of_a_month(changes: dict[str, object], fee: str | None, included: int | None) -> None:
    terms = terms_of(client(**changes), policy().money, OCTOBER)
    assert (terms.fee, terms.included_minutes) == (None if fee is None else Decimal(fee), included)
    assert terms.rate == 2000
    assert terms_of(client(rate=Decimal(2400), **changes), policy().money, OCTOBER).rate == 2400


def test_a_month_is_billed_as_the_studio_has_settled() -> None:
    money = Money("JPY", Decimal(9000), Decimal(500), 10, 3, {}, rounds="ticket")
    assert terms_of(client(), money, OCTOBER) == Terms(rate=Decimal(9000), increment=10, rounds="ticket", decimals=0)


class TestACorrection:
    old = replace(made(entry(50)), number=3)

    def test_it_names_the_old_act(self) -> None:
        new = correction(made(entry(50), entry(10, ticket=2)), self.old)
        assert new.corrects == Corrected(3, MADE)
        assert new.total == 75

    def test_the_same_again_is_none(self) -> None:
        with pytest.raises(PermanentError, match="nothing has changed since act 3 of 2026-11-02"):
            correction(replace(made(entry(50)), day=date(2026, 11, 9)), self.old)

    def test_the_same_as_a_correction_is_none_either(self) -> None:
        with pytest.raises(PermanentError, match="nothing has changed since act 4"):
            correction(made(entry(50)), replace(self.old, number=4, corrects=Corrected(3, MADE)))

    def test_another_address_of_the_client_is_a_reason(self) -> None:
        moved = replace(PARTIES, customer=replace(PARTIES.customer, address="2 New Street"))
        assert correction(replace(made(entry(50)), parties=moved), self.old).corrects == Corrected(3, MADE)


def test_what_was_kept_comes_back_as_it_was() -> None:
    act = replace(
        made(entry(50), entry(20, ticket=2, coverage="monthly"), terms=replace(HOURLY, fee=Decimal("9.90"), included_minutes=15)), number=3
    )
    act = replace(act, corrects=Corrected(2, MADE))
    content = json.loads(json.dumps(act.as_json()))
    assert act_from_json(content) == act
    assert (content["total"], content["day"], content["lines"][0]["amount"]) == (str(act.total), "2026-11-02", "60.00")
