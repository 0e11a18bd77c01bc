"""Whose words a mail's are: a client's with all its contacts, or one address's."""

import pytest

from mailbot.core.desk.parties import client_domain, party_of


@pytest.mark.parametrize(
    ("addr", "domain"),
    [
        ("anna@rose.example", "rose.example"),
        ("Anna@Rose.EXAMPLE", "rose.example"),
        ('"anna@gmail.com"@rose.example', "rose.example"),
        ("anna@shop.mail.ru", "shop.mail.ru"),  # below a provider's is no provider's
        ("anna@gmail.com", None),
        ("anna@Mail.RU", None),
        ("anna@", None),
        ("", None),
    ],
)
def test_a_domain_that_everybody_uses_is_no_clients(addr: str, domain: str | None) -> None:
    assert client_domain(addr) == domain


def test_a_client_speaks_with_all_its_addresses_and_a_stranger_with_one() -> None:
    assert party_of(7, "anna@rose.example") == party_of(7, "paul@rose.example") != party_of(8, "anna@rose.example")
    assert party_of(None, "Anna@rose.example") == party_of(None, "anna@ROSE.example") != party_of(None, "paul@rose.example")
    assert party_of(0, "anna@rose.example") not in (party_of(None, "anna@rose.example"), party_of(None, "0"))


def test_a_party_fits_its_column_however_long_the_address_is() -> None:
    assert len(party_of(None, f"{'a' * 1000}@rose.example")) <= 320
