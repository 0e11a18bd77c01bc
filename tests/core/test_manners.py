"""When an automatic answer is not sent (R10), and where it goes."""

import pytest

from mailbot.core.desk.manners import RULES, Occasion, answer_address, is_ours, silent_because
from mailbot.core.mail.message import Address
from mailbot.core.mail.screen import screen
from tests.core.build import ANNA, BOSS, DESK, SIGNER, facts, mail, policy, ticket


def occasion(answer_to: str = ANNA, message=None, of=None, **known) -> Occasion:
    message = message or mail()
    return Occasion(message, screen(message), facts(**known), answer_to, of)


SILENCE = {
    "old mail is filed, not answered": ("imported", occasion(imported=True), "it was imported"),
    "a machine is not answered": (
        "screened",
        occasion(message=mail(fields={"auto-submitted": "auto-replied"})),
        "Auto-Submitted: auto-replied",
    ),
    "every reason of screening is told": (
        "screened",
        occasion(message=mail("noreply@rose.example", fields={"return-path": "<>"})),
        "its reverse-path is null; noreply@rose.example is read by nobody",
    ),
    "a list is not answered": (
        "screened",
        occasion(message=mail(fields={"list-id": "Roses <news.rose.example>"})),
        "field List-Id",
    ),
    "nobody is no address": ("no_address", occasion(""), "it names no address to answer"),
    "a word is no address": ("no_address", occasion("anna"), "it names no address to answer"),
    "a domain is no address": ("no_address", occasion("@rose.example"), "it names no address to answer"),
    "an address without a domain is none": ("no_address", occasion("anna@"), "it names no address to answer"),
    "what ends with its @ is none": ("no_address", occasion("anna@rose.example@"), "it names no address to answer"),
    "a name before an address is not in it": ("no_address", occasion("Anna anna@rose.example"), "it names no address to answer"),
    "a form that a Reply-To of another client cannot speak for": (
        "unread",
        occasion("noreply@rose.example"),
        "noreply@rose.example is read by nobody",
    ),
    "the desk does not answer itself": ("ourselves", occasion(DESK.upper()), f"{DESK} is our own address"),
    "the desk does not answer its other address": ("ourselves", occasion("help@studio.example"), "help@studio.example is our own address"),
    "the desk does not answer a signed address of its own": (
        "ourselves",
        occasion(SIGNER.reply_address("t", 12)),
        f"{SIGNER.reply_address('t', 12)} is our own address",
    ),
    "an address that bounced is left alone": ("not_delivering", occasion(not_delivering=True), f"{ANNA} does not deliver"),
    "five an hour are enough for an address": (
        "address_limit",
        occasion(automatic_to_address_last_hour=5),
        f"{ANNA} had 5 automatic answers within the hour",
    ),
    "three a day are enough for a ticket": (
        "ticket_limit",
        occasion(of=ticket(automatic_today=3)),
        "ticket 12 had 3 automatic answers within the day",
    ),
    "who says the same whatever he gets is a machine": (
        "says_the_same",
        occasion(same=3, alike=3),
        "the same words came 3 times within the week",
    ),
    "and so is who answers with another number only": (
        "says_the_same",
        occasion(message=mail(in_reply_to=("t1.x@studio.example",)), alike=3),
        "the same words came 3 times within the week",
    ),
    "two hundred an hour are enough for the world": (
        "total_limit",
        occasion(automatic_last_hour=200),
        "200 automatic answers went out within the hour",
    ),
    "an operator is not thanked for his own request": (
        "operators_own",
        occasion(BOSS, mail("Boss@Studio.example")),
        "an operator wrote it",
    ),
}


@pytest.mark.parametrize(("rule", "at", "reason"), SILENCE.values(), ids=SILENCE)
def test_no_answer_goes_out(rule, at, reason):
    assert silent_because(at, policy()) == reason
    assert next(one.__name__ for one in RULES if one(at, policy())) == rule


def test_every_rule_has_a_row():
    assert {rule for rule, _, _ in SILENCE.values()} == {rule.__name__ for rule in RULES}


def test_below_every_limit_an_answer_goes_out():
    at = occasion(of=ticket(automatic_today=2), automatic_to_address_last_hour=4, automatic_last_hour=199, alike=2)
    assert silent_because(at, policy()) is None


def test_requests_that_a_number_tells_apart_are_answered():
    assert silent_because(occasion(same=2, alike=12), policy()) is None


@pytest.mark.parametrize(
    ("name", "body"),
    [
        ("list-id", "The desk <support.studio.example>"),
        ("list-post", "<mailto:Support@Studio.example>"),
        ("x-beenthere", DESK),
        ("mailing-list", f"list {DESK}; contact postmaster@studio.example"),
    ],
)
def test_a_group_that_shares_the_mailbox_of_the_desk_is_answered_and_another_is_not(name, body):
    assert silent_because(occasion(message=mail(fields={name: body})), policy()) is None
    assert silent_because(occasion(message=mail(fields={name: body.lower().replace("studio", "rose")})), policy()) is not None


@pytest.mark.parametrize(
    "body", ["<notsupport.studio.example>", "<support.studio.example.org>", "<my-support@studio.example>", "<support.studio.examples>"]
)
def test_a_list_that_is_named_nearly_like_the_desk_is_another(body):
    assert silent_because(occasion(message=mail(fields={"list-id": body})), policy()) is not None


@pytest.mark.parametrize(
    ("addr", "ours"),
    [
        (DESK, True),
        ("HELP@Studio.Example", True),
        ("support+anything@studio.example", True),
        ("support+a+b@studio.example", True),
        ("supports@studio.example", False),
        ("anna+support@studio.example", False),
        ("support@evil.example", False),
        ("", False),
    ],
)
def test_our_addresses_are_known_with_and_without_a_subaddress(addr, ours):
    assert is_ours(addr, policy()) is ours


def test_a_desk_address_that_has_a_subaddress_is_ours_and_its_owner_is_not():
    rules = policy(ours=frozenset({"owner+support@mail.example"}))
    assert is_ours("owner+support@mail.example", rules)
    assert is_ours("owner+support+t12-abc@mail.example", rules)
    assert not is_ours("owner@mail.example", rules)


OLGA, US = Address("Olga", "olga@rose.example"), Address("", DESK)


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        (mail(), ANNA),
        (mail(reply_to=(OLGA,)), "olga@rose.example"),
        (mail(reply_to=(OLGA, Address("", ANNA))), ANNA),
        (mail(reply_to=(US,)), ANNA),
        (mail(reply_to=(Address("Olga", "nowhere"),)), ANNA),
        (mail(reply_to=(Address("Olga", "=?utf-8?q?olga?=@rose.example"),)), ANNA),
        (mail("=?utf-8?q?anna?=@rose.example"), ""),
        (mail(None), ""),
        (mail(None, reply_to=(OLGA,)), "olga@rose.example"),
    ],
    ids=[
        "the originator",
        "one Reply-To",
        "not several",
        "not ourselves",
        "not a word",
        "not what was encoded",
        "not even an originator",
        "nobody",
        "Reply-To without From",
    ],
)
def test_an_answer_goes_to(message, expected):
    assert answer_address(message, policy(), one_party=True) == expected


def test_a_client_s_terms_go_to_no_reply_to_of_somebody_else():
    message = mail(reply_to=(Address("", "eve@evil.example"),))
    assert answer_address(message, policy(), one_party=False) == "anna@rose.example"
