"""An amount of money in words, as it stands on legal papers: "Одна тысяча рублей 50 копеек"."""

from collections.abc import Mapping
from decimal import Decimal

from babel import Locale
from babel.numbers import get_currency_name, get_currency_precision

_Forms = tuple[str, ...]  # of Russian words: one, few, many; of English ones: one, other
_LOCALES = {"ru": Locale.parse("ru"), "en": Locale.parse("en_GB")}
_OWN: Mapping[tuple[str, str], _Forms] = {  # where people say it shorter than CLDR does
    ("RUB", "ru"): ("рубль", "рубля", "рублей"),
    ("RUB", "en"): ("rouble", "roubles"),
}
# CLDR does not name the parts of a currency's unit. Of one that is not here they are hundredths: "50/100".
_PARTS: Mapping[tuple[str, str], _Forms] = {
    (currency, language): forms
    for currencies, language, forms in (
        ("RUB BYN UAH", "ru", ("копейка", "копейки", "копеек")),
        ("RUB BYN UAH", "en", ("kopeck", "kopecks")),
        ("EUR USD CAD AUD NZD", "ru", ("цент", "цента", "центов")),
        ("EUR USD CAD AUD NZD", "en", ("cent", "cents")),
        ("KZT", "ru", ("тиын", "тиына", "тиынов")),
        ("KZT", "en", ("tiyn", "tiyn")),
        ("GBP", "ru", ("пенни", "пенса", "пенсов")),
        ("GBP", "en", ("penny", "pence")),
        ("PLN", "ru", ("грош", "гроша", "грошей")),
        ("PLN", "en", ("grosz", "groszy")),
        ("CHF", "ru", ("сантим", "сантима", "сантимов")),
        ("CHF", "en", ("centime", "centimes")),
    )
    for currency in currencies.split()
}


def in_words(amount: Decimal, currency: str, language: str) -> str:
    """The amount (0 or more) of a currency (ISO 4217) in Russian or English words, with a capital; its hundredths stay figures."""
    usual, decimals = get_currency_precision(currency), -_exponent(amount.normalize())
    digits = usual if decimals <= usual else max(decimals, 2)
    whole, parts = divmod(int(amount.scaleb(digits)), 10**digits)
    unit = _OWN.get((currency, language))
    name = _chosen(unit, whole, language) if unit else get_currency_name(currency, whole, _LOCALES[language])
    said = f"{_number(whole, currency, language)} {name}"
    if digits:
        joined = " and" if language == "en" else ""
        smaller = _PARTS.get((currency, language)) if digits == 2 else None
        figure = f"{parts:0{digits}}"
        said += f"{joined} {figure} {_chosen(smaller, parts, language)}" if smaller else f"{joined} {figure}/{10**digits}"
    return said[0].upper() + said[1:]


def _exponent(amount: Decimal) -> int:
    exponent = amount.as_tuple().exponent
    assert isinstance(exponent, int)  # nosec B101  # noqa: S101 -- an amount is finite
    return exponent


def _chosen(forms: _Forms, count: int, language: str) -> str:
    order = {"one": 0, "few": 1, "many": 2, "other": len(forms) - 1}
    return forms[order[_LOCALES[language].plural_form(count)]]


def _number(whole: int, currency: str, language: str) -> str:
    from num2words import num2words  # 5 MB, which a daemon needs only while it makes acts

    if language != "ru":
        return str(num2words(whole, lang=language))
    gender = _gender(currency)
    high, low = whole - whole % 1000, whole % 1000
    # Only what stands before the currency's name takes its gender; num2words would say "одна миллион гривен".
    if not high:
        return str(num2words(low, lang="ru", gender=gender))
    said = str(num2words(high, lang="ru"))
    return f"{said} {num2words(low, lang='ru', gender=gender)}" if low else said


def _gender(currency: str) -> str:
    """Told by the adjective that CLDR names a currency with: "украинская гривна"."""
    adjective = get_currency_name(currency, 1, _LOCALES["ru"]).split()[0]
    return "f" if adjective.endswith(("ая", "яя")) else "n" if adjective.endswith(("ое", "ее")) else "m"
