"""Encoded-words, addresses, ids and dates that mail programs write in ways that no RFC knows."""

import base64
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailbot.edge.parse.fields import addresses, date, ids, message_id
from mailbot.edge.parse.names import terminal
from mailbot.edge.parse.words import words

RUSSIAN = "Не работает форма"


def b(octets: bytes) -> bytes:
    return b"=?utf-8?B?" + base64.b64encode(octets) + b"?="


@pytest.mark.parametrize(
    ("body", "text"),
    {
        "no word": (b"Price list", "Price list"),
        "a character in two words": (b(RUSSIAN.encode()[:5]) + b" " + b(RUSSIAN.encode()[5:]), RUSSIAN),
        "a base64 group in two words": (b"=?utf-8?B?0J/RgN?=\r\n =?utf-8?B?C40LLQtdGC?=", "Привет"),
        "no blank between words": (b"=?utf-8?Q?a?==?utf-8?Q?b?=", "ab"),
        "no blank around a word": (b"Re:=?utf-8?Q?a?=!", "Re:a!"),
        "two charsets": (b"=?utf-8?Q?a?= =?koi8-r?Q?=D7?=", "aв"),
        "two encodings": (b"=?utf-8?Q?=D0?= =?utf-8?B?nw==?=", "П"),
        "a language": (b"=?UTF-8*en?q?caf=C3=A9_au_lait?=", "café au lait"),
        "blanks within": (b"=?utf-8?Q?What is this?= x", "What is this x"),
        "a question mark within": (b"=?utf-8?Q?What's_up??=", "What's up?"),
        "no end": (b"=?utf-8?Q?=D0=9F?x", "П?x"),
        "no end and another word": (b"=?utf-8?Q?a =?utf-8?Q?b?=", "ab"),
        "no words but what looks like their heads": (b"a =?x?q? b =?utf-8?X?c?=", "a =?x?q? b =?utf-8?X?c?="),
        "an empty word": (b"a =?utf-8?Q??= b", "a  b"),
        "an unknown charset": (b"=?x-foo?Q?=D0=9D?=", "Н"),
        "a charset that lies": (b"=?us-ascii?Q?=D0=9D=D0=B5?=", "Не"),
        "folds": (b"Re: TEST\r\n \r\n\t=?utf-8?Q?a?=\r\n =?utf-8?Q?b?=", "Re: TEST  ab"),
        "line breaks within": (b"=?utf-8?Q?a=0D=0ABcc:_x?=", "a Bcc: x"),
    }.values(),
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_field_is_read(body, text):
    assert words(body, []) == text


@pytest.mark.parametrize(
    ("body", "found"),
    [
        (b"anna@rose.example (Anna Rose)", [("Anna Rose", "anna@rose.example")]),
        (b"=?utf-8?Q?Rose,_Anna?= <anna@rose.example>", [("Rose, Anna", "anna@rose.example")]),
        (b'"=?utf-8?Q?Rose=22?=" <anna@rose.example>', [("Rose", "anna@rose.example")]),
        (b"Anna <anna@rose.example", [("Anna", "anna@rose.example")]),
        (b'"Anna" anna@rose.example', [("Anna", "anna@rose.example")]),
        (b"<<anna@rose.example>>", [("", "anna@rose.example")]),
        (b"mailto:anna@rose.example", [("", "anna@rose.example")]),
        (b"anna@rose.example.", [("", "anna@rose.example")]),
        (b"a@x.example; b@x.example", [("", "a@x.example"), ("", "b@x.example")]),
        (b"a@x.example, Olga [x <b@x.example>", [("", "a@x.example"), ("Olga [x", "b@x.example")]),
        (b"Team: a@x.example, b@x.example;, c@x.example", [("", "a@x.example"), ("", "b@x.example"), ("", "c@x.example")]),
        ("Анна <anna@роза.example>".encode(), [("Анна", "anna@роза.example")]),
        ("Анна <anna@rose.example>".encode("koi8-r"), [("Анна", "anna@rose.example")]),
        (b"MAILER-DAEMON (Mail Delivery System)", [("Mail Delivery System", "MAILER-DAEMON")]),
        (b"undisclosed-recipients:;", []),
        (b"Anna <>", []),
        (b"", []),
    ],
)
def test_the_mailboxes_of_a_field_are_found(body, found):
    assert [(one.name, one.addr) for one in addresses([body], [])] == found


@pytest.mark.parametrize(
    ("body", "found"),
    [
        (b"<a@b>", "a@b"),
        (b"<a@b@c>", "a@b@c"),
        (b"<a b@c>", "a b@c"),
        (b'<"a b"@c>', '"a b"@c'),
        (b"< a@b >", "a@b"),
        (b"a@b", "a@b"),
        (b"<a@b", "a@b"),
        (b"<a@b> (x)", "a@b"),
        (b"<<a@b>>", "a@b"),
        (b"<>", None),
    ],
)
def test_an_odd_id_is_the_same_where_a_reply_names_it(body, found):
    assert message_id(body) == found
    assert ids([body]) == ((found,) if found else ())


def test_a_name_in_angle_brackets_is_no_id():
    assert ids([b"<Anna Rose> <a@b>", b"<c@d>,<e@f>"]) == ("a@b", "c@d", "e@f")


EAST = timezone(timedelta(hours=3))
NOON = datetime(2026, 11, 18, 12, 0, tzinfo=EAST)


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("Wed, 18 Nov 2026 12:00:00 +03:00", NOON),
        ("Wed, 18 Nov 2026 12:00:00 GMT+3", NOON),
        ("Wed, 18 Nov 2026 12:00:00 MSK", NOON),
        ("Wed, 18 Nov 2026 12:00:00 +0300 (UTC+3)", NOON),
        ("Wed,18 Nov 26 12:00+0300", NOON),
        ("2026-11-18T12:00:00+03:00", NOON),
        ("2026-11-18 12:00:00 +0300", NOON),
        ("2026-11-18T09:00:00Z", NOON),
        ("Wed Nov 18 09:00:00 2026", NOON),
        ("Wed, 18 Nov 2026 12:00:00 +9999", datetime(2026, 11, 18, 12, 0, tzinfo=UTC)),
        ("Wed, 18 Nov 2026 12:00:60 +0300", NOON.replace(second=59)),
        ("Wed, 31 Feb 2026 12:00:00 +0300", None),
        ("tomorrow", None),
        ("2026", None),
    ],
)
def test_a_date_is_read(text, moment):
    assert date(text.encode()) == moment


@pytest.mark.parametrize(
    ("text", "name"),
    [("list.pdf", "list.pdf"), ("/etc/list.pdf", "list.pdf"), ("C:\\docs\\list.pdf", "list.pdf"), ("..", None), ("a/", "a"), (" ", None)],
)
def test_a_name_carries_no_directory(text, name):
    assert terminal(text) == name


PIECES = st.sampled_from(
    [b"=?utf-8?Q?", b"=?koi8-r?b?", b"?=", b"=D0", b"0J/R", b" ", b"a", b"\r\n ", b"\xcf", b",", b"<", b">", b"a@b.example", b'"', b"("]
)


@given(st.lists(PIECES, max_size=20).map(b"".join))
def test_any_pieces_give_words_and_addresses(body):
    words(body, []).encode()
    assert all(one.name or one.addr for one in addresses([body], []))
