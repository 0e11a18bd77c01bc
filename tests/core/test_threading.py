"""What ties a message to a ticket, and what a stranger cannot do with it."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailbot.core.mail.message import Address
from mailbot.core.mail.threading import REFERENCES_READ, Key, Signer, identity, subject_with_tag, threads_of
from tests.core.build import DESK, SIGNER, mail

ADDRESS = SIGNER.reply_address("t", 12)
MESSAGE_ID = SIGNER.message_id("t", 12, "abcd1234")


@given(st.sampled_from("to"), st.integers(1, 999_999_999), st.from_regex(r"[a-z0-9]{4,32}", fullmatch=True))
def test_what_we_signed_is_read_back(role, number, nonce):
    assert SIGNER.read_address(SIGNER.reply_address(role, number)) == Key(role, number, "address")
    assert SIGNER.read_message_id(SIGNER.message_id(role, number, nonce)) == Key(role, number, "message-id")


@pytest.mark.parametrize("change", [str.upper, str.title], ids=["in capitals", "with some capitals"])
def test_a_program_that_changes_the_case_breaks_no_thread(change):
    assert SIGNER.read_address(change(ADDRESS)) == Key("t", 12, "address")
    assert SIGNER.read_message_id(change(MESSAGE_ID)) == Key("t", 12, "message-id")


def test_a_desk_whose_address_has_a_subaddress_of_its_own_reads_its_signed_addresses():
    signer = Signer(b"secret", "owner+support@mail.example")
    assert signer.read_address(signer.reply_address("t", 12)) == Key("t", 12, "address")


FORGED_ADDRESSES = {
    "another number": ADDRESS.replace("+t12-", "+t13-"),
    "a number with a zero before it": ADDRESS.replace("+t12-", "+t012-"),
    "the other role": ADDRESS.replace("+t12-", "+o12-"),
    "a changed signature": re.sub(r".(?=@)", lambda last: "a" if last[0] != "a" else "b", ADDRESS, count=1),
    "no signature": "support+t12@studio.example",
    "a shortened signature": re.sub(r".(?=@)", "", ADDRESS, count=1),
    "another domain": ADDRESS.replace("studio.example", "evil.example"),
    "another mailbox of the domain": ADDRESS.replace("support+", "sales+"),
    "the address itself": DESK,
    "no address": "",
    "another secret": Signer(b"guessed", DESK).reply_address("t", 12),
    "the signature of a Message-ID": f"support+t12-{MESSAGE_ID.split('.')[2].split('@')[0]}@studio.example",
}


@pytest.mark.parametrize("addr", FORGED_ADDRESSES.values(), ids=FORGED_ADDRESSES)
def test_a_forged_reply_address_opens_no_door(addr):
    assert SIGNER.read_address(addr) is None


FORGED_IDS = {
    "another number": MESSAGE_ID.replace("t12.", "t13."),
    "another nonce": MESSAGE_ID.replace("abcd1234", "abcd1235"),
    "the other role": MESSAGE_ID.replace("t12.", "o12."),
    "another domain": MESSAGE_ID.replace("studio.example", "evil.example"),
    "no signature": "t12.abcd1234@studio.example",
    "another secret": Signer(b"guessed", DESK).message_id("t", 12, "abcd1234"),
    "a stranger's id": "CAF=x@mail.example",
    "nothing": "",
}


@pytest.mark.parametrize("message_id", FORGED_IDS.values(), ids=FORGED_IDS)
def test_a_forged_message_id_opens_no_door(message_id):
    assert SIGNER.read_message_id(message_id) is None


def test_without_plus_addressing_the_reply_address_is_the_desk_and_signed_addresses_of_before_still_count():
    plain = Signer(SIGNER.secret, DESK, plus_addressing=False)
    assert plain.reply_address("t", 12) == DESK
    assert plain.read_address(ADDRESS) == Key("t", 12, "address")
    assert plain.read_message_id(plain.message_id("t", 12, "abcd")) == Key("t", 12, "message-id")


@pytest.mark.parametrize(
    "values",
    [
        {"to": (Address("", ADDRESS),)},
        {"cc": (Address("", "x@y.example"), Address("", ADDRESS))},
        {"fields": {"delivered-to": ADDRESS}},
        {"fields": {"x-original-to": f"<{ADDRESS}>"}},
        {"fields": {"envelope-to": ADDRESS}},
    ],
    ids=["To", "Cc", "Delivered-To", "X-Original-To", "Envelope-To"],
)
def test_a_signed_address_counts_wherever_the_recipient_stands(values):
    assert threads_of(mail(**values), SIGNER).signed == (Key("t", 12, "address"),)


def test_keys_come_in_the_order_of_their_weight_address_then_in_reply_to_then_the_newest_reference():
    ids = [SIGNER.message_id("t", number, "abcd") for number in (1, 2, 3)]
    threads = threads_of(mail(to=(Address("", ADDRESS),), in_reply_to=(ids[2],), references=(ids[0], ids[1])), SIGNER)
    assert [key.number for key in threads.signed] == [12, 3, 2, 1]


def test_references_that_we_did_not_sign_are_hints_newest_first_each_once():
    threads = threads_of(mail(in_reply_to=("c@x",), references=("a@x", "b@x", "c@x", MESSAGE_ID)), SIGNER)
    assert threads.references == ("c@x", "b@x", "a@x")
    assert threads.signed == (Key("t", 12, "message-id"),)


def test_of_a_thousand_references_the_newest_are_read():
    threads = threads_of(mail(references=tuple(f"{number}@x" for number in range(1000))), SIGNER)
    assert threads.references == tuple(f"{number}@x" for number in range(999, 999 - REFERENCES_READ, -1))


def test_of_a_thousand_ids_in_in_reply_to_the_first_are_read():
    assert len(threads_of(mail(in_reply_to=tuple(f"{number}@x" for number in range(1000))), SIGNER).references) == REFERENCES_READ


def test_a_mail_of_ours_that_belongs_to_no_ticket_names_none():
    threads = threads_of(mail(in_reply_to=(SIGNER.message_id("o", 0, "weekly"),)), SIGNER)
    assert (threads.signed, threads.references) == ((), ())


@pytest.mark.parametrize(
    ("subject", "tags"),
    [
        ("Re: Price list [#12]", (12,)),
        ("[#12] Re: [#13] x [#12]", (12, 13)),
        ("Ticket #12 (12) [12] [# 12]", ()),
        ("[#1234567890]", ()),
        ("".join(f"[#{number}]" for number in range(1, 9)), (1, 2, 3, 4, 5)),
    ],
    ids=["one", "two, each once", "what is no tag", "a number too long", "no more than five"],
)
def test_subject_tags_are_read(subject, tags):
    assert threads_of(mail(subject=subject), SIGNER).tags == tags


@pytest.mark.parametrize(
    ("subject", "expected"),
    [
        ("Broken form", "Re: Broken form [#12]"),
        ("Re: Broken form [#12]", "Re: Broken form [#12]"),
        ("RE: Re[2]: FWD: Отв: AW: Broken form", "Re: Broken form [#12]"),
        ("[#7] Broken [#9] form", "Re: Broken form [#12]"),
        ("Regarding: the form", "Re: Regarding: the form [#12]"),
        ("  Broken\r\n\tform ", "Re: Broken form [#12]"),
        ("", "[#12]"),
        ("Re: [#12]", "[#12]"),
        ("x" * 500, f"Re: {'x' * 200} [#12]"),
    ],
    ids=["plain", "answered", "many prefixes", "other tags", "a word like a prefix", "folded", "empty", "nothing but prefix", "very long"],
)
def test_an_answers_subject_has_one_re_and_one_tag(subject, expected):
    assert subject_with_tag(subject, 12) == expected


def test_one_message_is_the_same_id_of_the_same_originator():
    assert identity(mail(), "digest a") == identity(mail("ANNA@rose.example"), "digest b")
    assert identity(mail(), "digest") != identity(mail("stranger@evil.example"), "digest")
    assert identity(mail(), "digest") != identity(mail(message_id="2@rose.example"), "digest")
    assert identity(mail(), "digest", disowned=True) not in (
        identity(mail(), "digest"),
        identity(mail(message_id="2@x"), "digest", disowned=True),
    )
    assert identity(mail(), "digest a", disowned=True) == identity(mail(), "digest b", disowned=True)


def test_without_a_message_id_one_message_is_the_same_octets():
    assert identity(mail(message_id=None), "digest a") == identity(mail("other@x.example", message_id=None), "digest a")
    assert identity(mail(message_id=None), "digest a") != identity(mail(message_id=None), "digest b")
