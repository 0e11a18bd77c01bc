"""Odd mail: each file is named for what is odd about it, and stands here with what mailbot reads in it."""

import binascii
import quopri
from dataclasses import fields, is_dataclass
from datetime import UTC, datetime, timedelta, timezone
from hashlib import sha256
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from mailbot.core.mail.message import Address, Attachment, Bounce, Mail
from mailbot.core.mail.screen import screen
from mailbot.core.mail.screen.undelivered import bounce_of
from mailbot.edge.parse import parse
from mailbot.edge.parse.decode import decoded_body
from tests.parse.odd import MENDED

MAILS = Path(__file__).parent / "mails"
ANNA = Address("Anna", "anna@rose.example")
DESK = Address("", "support@studio.example")
RUSSIAN = "Не работает форма заказа на странице роз."
ENGLISH = "The form is broken."
NOON = datetime(2026, 11, 18, 12, 0, tzinfo=timezone(timedelta(hours=3)))
PLAIN = {
    "text": ENGLISH,
    "subject": "Price list",
    "originator": ANNA,
    "to": (DESK,),
    "date": NOON,
    "message_id": "1@rose.example",
    "attachments": (),
    "html": None,
}

# file: what differs from an ordinary mail
EXPECTED = {
    "alternative-nested": {
        "text": f"{ENGLISH}\nThe second text.",
        "html": '<p>The form is <b>broken</b>.</p><img src="cid:logo">',
        "attachments": [(None, "image/png", b"\x89PNG", "logo", True)],
    },
    "base64-bad": {"defects": ("base64 that does not add up: read as far as it goes",)},
    "base64-in-pieces": {"defects": ("base64 goes on after its padding",)},
    "base64-with-a-footer": {"text": "Форма\n_____________\nlist mailing list", "defects": ("plain lines behind base64",)},
    "boundary-never-comes": {"defects": ("no delimiter of a multipart found: taken as text",)},
    "calendar": {
        "text": "Let us meet.",
        "calendar_method": "REQUEST",
        "kind": "calendar",
        "attachments": [(None, "text/calendar", b"BEGIN:VCALENDAR\r\nMETHOD:REQUEST\r\nEND:VCALENDAR", None, False)],
    },
    "charset-iso-2022-jp": {"text": "こんにちは", "charset": "iso-2022-jp"},
    "charset-koi8-r": {"text": RUSSIAN, "charset": "koi8-r", "defects": (), "language": "ru"},
    "charset-missing-koi8-r": {"text": RUSSIAN, "charset": "koi8-r"},
    "charset-missing-windows-1251": {"text": RUSSIAN, "charset": "windows-1251"},
    "charset-python-escape": {"text": "Папка C:\\new\\test"},
    "charset-unknown": {"text": RUSSIAN, "charset": "utf-8", "defects": ("charset 'x-unknown-7' is unknown",)},
    "charset-utf-7-alias": {"text": RUSSIAN},
    "charset-with-nul": {"text": RUSSIAN},
    "charset-wrong": {"text": RUSSIAN, "charset": "windows-1251", "defects": ("the text is not in utf-8",)},
    "content-type-odd": {"defects": ("Content-Type 'text' taken as text/plain (RFC 2045 section 5.2)",)},
    "date-impossible": {"date": None},
    "date-without-zone": {"date": datetime(2026, 11, 18, 12, 0, tzinfo=UTC)},
    "dsn": {
        "text": "I could not deliver it.",
        "subject": "Undelivered Mail Returned to Sender",
        "originator": Address("", "MAILER-DAEMON@mx.example"),
        "date": None,
        "message_id": None,
        "kind": "bounce",
        "report": Bounce(("Anna@rose.example", "olga@rose.example"), ("5.1.1", "4.4.7"), "failed", "t12.abcd.efgh@studio.example"),
    },
    "empty": {"text": "", "subject": "", "originator": None, "to": (), "date": None, "message_id": None},
    "encoded-word-with-crlf": {"subject": "Price Bcc: victim@evil.example"},
    "encoded-words-joined": {"subject": "Не работает [#12]"},
    "encoding-unknown": {"defects": ("Content-Transfer-Encoding 'x-' is unknown: taken as it is",)},
    "field-broken": {
        "subject": "Price list without indent",
        "originator": Address("", "anna@rose.example"),
        "date": None,
        "message_id": None,
        "defects": ("a line among the fields that is no field",),
    },
    "from-several": {},
    "group-to": {"to": (DESK, Address("Boss, Big", "boss@studio.example")), "cc": ()},
    "html-named": {"html": "<p>The form is broken.</p>"},
    "html-only": {"text": "The form\nis <broken> ф.\n\na  b"},
    "last-delimiter-missing": {"text": f"{ENGLISH}\nThe page too.", "defects": ("the last delimiter of a multipart is missing",)},
    "line-breaks-cr": {
        "text": "The form\nis broken.",
        "originator": Address("", "anna@rose.example"),
        "to": (),
        "date": None,
        "message_id": None,
    },
    "line-breaks-lf": {
        "text": "The form\nis broken.",
        "originator": Address("", "anna@rose.example"),
        "to": (),
        "date": None,
        "message_id": None,
    },
    "mbox-separator": {},
    "mdn": {
        "text": "Read.",
        "subject": "Read: Price list",
        "originator": Address("", "anna@rose.example"),
        "to": (),
        "date": None,
        "message_id": None,
        "kind": "auto_reply",
    },
    "message-attached": {
        "text": "See the attached list.",
        "attachments": [
            (
                "old.eml",
                "message/rfc822",
                b"From: olga@rose.example\r\nSubject: Old\r\nContent-Type: multipart/mixed; boundary=y\r\n\r\n--y\r\n\r\nOld words.\r\n--y--",
                None,
                False,
            )
        ],
    },
    "names-rfc2231": {
        "text": "See the attached list.",
        "attachments": [
            (name, "application/pdf", b"\x00\x01\x02\x03", None, False)
            for name in ("прайс.pdf", "прайс list.pdf", "прайс.pdf", "прайс.pdf", 'a;b"c.pdf', None)
        ],
    },
    "no-boundary": {"defects": ("the boundary of a multipart is not the one in its body, which is taken",)},
    "no-date": {"date": None},
    "no-fields": {"text": "Hello,\n\nthe form is broken.", "subject": "", "originator": None, "to": (), "date": None, "message_id": None},
    "no-from": {"originator": None},
    "no-from-but-reply-to": {"originator": ANNA, "reply_to": (ANNA,)},
    "no-message-id": {"message_id": None},
    "nul-everywhere": {
        "text": "wordsÿ",
        "subject": "",
        "references": ("a@b",),
        "originator": ANNA,
        "to": (),
        "date": None,
        "kind": "auto_reply",
        "attachments": [("ÿ", "image/png", b"\x00\xff", None, False), (None, "text/calendar", b"x", None, False)],
    },
    "nul-octets": {"subject": "Price  list", "defects": ("NUL characters removed",)},
    "only-fields": {"text": ""},
    "part-without-fields": {"text": f"{ENGLISH}\n\nThe page too."},
    "raw-8bit-fields": {"subject": "Не работает форма", "originator": Address("Анна", ANNA.addr), "date": None, "message_id": None},
    "raw-utf-8-fields": {"subject": "Не работает форма", "originator": Address("Анна", ANNA.addr), "date": None, "message_id": None},
    "signed": {},
    **MENDED,
}


def octets_of(name: str) -> bytes:
    return (MAILS / f"{name}.eml").read_bytes()


def decoded(octets: bytes, one: Attachment) -> bytes:
    """The attachment's octets, from where it says that they stand, decoded by the standard library."""
    encoded = octets[one.start : one.end]
    match one.encoding:
        case "base64":
            return binascii.a2b_base64(encoded)
        case "quoted-printable":
            return quopri.decodestring(encoded)
        case "":
            return encoded
        case _:  # a file within a text or a winmail.dat: nothing of the standard library reads them
            return decoded_body(encoded, one.encoding, [])


def test_every_odd_mail_has_an_expectation():
    assert {path.stem for path in MAILS.glob("*.eml")} == set(EXPECTED)


@pytest.mark.parametrize(("name", "differs"), EXPECTED.items(), ids=EXPECTED)
def test_an_odd_mail_is_read(name, differs):
    octets = octets_of(name)
    mail = parse(octets)
    expected = {**PLAIN, "kind": "normal", **differs}
    if name == "html-only":
        expected["html"] = mail.html
        assert "<table>" in (mail.html or "")
    files = [(one.filename, one.content_type, decoded(octets, one), one.content_id, one.inline) for one in mail.attachments]
    found = {
        **{key: getattr(mail, key) for key in expected if key not in ("kind", "attachments")},
        "text": mail.text.rstrip("\n"),
        "html": mail.html and mail.html.strip(),
        "kind": screen(mail).kind,
        "attachments": files,
    }
    expected["html"] = expected["html"] and str(expected["html"]).strip()
    assert found == {**expected, "attachments": list(expected["attachments"])}
    for one, (*_, body, _, _) in zip(mail.attachments, files, strict=True):
        assert (one.size, one.sha256) == (len(body), sha256(body).hexdigest())


HEAD = b"From: anna@rose.example\r\nSubject: big\r\n"
WORDS = b"\r\nThe form is broken.\r\n"


@pytest.mark.parametrize(
    "field",
    [
        b"Subject: " + b"a" * 1_000_000,
        b"References: " + b"<a@b> " * 170_000,
        b"To: " + b"a@rose.example, " * 62_000,
        b"To: " + b"((" * 500_000,
        b'Content-Type: text/plain; charset="' + b"x" * 1_000_000,
        b"Content-Type: text/plain" + b"; a=b" * 200_000,
        b"X-Folded: a" + b"\r\n b" * 250_000,
        b"\r\n".join(b"X-Many: %d" % number for number in range(80_000)),
        b"Subject: " + b"=?utf-8?Q?a?= " * 70_000,
        b"Subject: " + b"=?utf-8?Q?" * 100_000,
        b"From: " + b"=?utf-8?Q?a " * 90_000,
        b'Content-Type: text/plain; name="' + b'\\"' * 500_000,
        b"Content-Type: text/plain; name=a" + b";a" * 500_000,
    ],
    ids=[
        "subject",
        "references",
        "recipients",
        "comments",
        "charset",
        "parameters",
        "folds",
        "fields",
        "encoded-words",
        "heads of words",
        "words in From",
        "quotes",
        "semicolons",
    ],
)
def test_a_header_of_a_megabyte_hides_no_word_of_the_body(field):
    mail = parse(HEAD + field + b"\r\n" + WORDS)
    assert mail.text == "The form is broken.\n"
    assert mail.originator == Address("", "anna@rose.example")


def nested(depth: int) -> bytes:
    levels = b"".join(b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (level, level) for level in range(depth))
    return HEAD + levels + b"Content-Type: text/plain\r\n" + WORDS


def test_fifty_levels_of_parts_are_taken_apart():
    assert parse(nested(50)).text == "The form is broken.\n"


def test_five_thousand_levels_of_parts_end_in_text_that_holds_the_words():
    mail = parse(nested(5000))
    assert "The form is broken." in mail.text
    assert any("nested deeper" in defect for defect in mail.defects)


def test_of_five_thousand_parts_beside_one_another_no_word_is_lost():
    parts = b"".join(b"--x\r\nContent-Type: text/plain\r\n\r\nword%d\r\n" % number for number in range(5000))
    mail = parse(HEAD + b"Content-Type: multipart/mixed; boundary=x\r\n\r\n" + parts + b"--x--\r\n")
    assert [number for number in range(5000) if f"word{number}\n" not in f"{mail.text}\n"] == []
    assert any("more than 2000 parts" in defect for defect in mail.defects)


@pytest.mark.parametrize(
    "html",
    ["<div>" * 5000 + "words", "<table><tr><td>" * 3000 + "words", "<p>" * 5000 + "words", "<" * 5000 + "p>words", "&#0;&#xD800;words"],
    ids=["deep", "tables", "paragraphs", "angles", "entities that are no characters"],
)
def test_no_word_of_strange_html_is_lost(html):
    assert "words" in parse(HEAD + b"Content-Type: text/html\r\n\r\n" + html.encode()).text


def strings(value: object):
    """Every string in a value, with where it stands."""
    match value:
        case str():
            yield value
        case tuple() | list():
            for one in value:
                yield from strings(one)
        case dict():
            yield from strings([*value, *value.values()])
        case _ if is_dataclass(value):
            for one in fields(value):
                yield from strings(getattr(value, one.name))


def check(octets: bytes) -> Mail:
    """What holds for the mail of any octets."""
    mail = parse(octets)
    verdict = screen(mail)
    bounce_of(mail)
    rest = iter(line.strip() for line in mail.text.split("\n"))
    assert all(line.strip() in rest for line in mail.visible.split("\n")), "the new words are lines of the text, in their order"
    for text in (*strings(mail), *strings(verdict)):
        assert "\0" not in text, "a database takes no NUL"
        text.encode()  # nor half a character
    for one in mail.attachments:
        assert 0 <= one.start <= one.end <= len(octets)
        assert len(one.encoding) <= 20, "as much as its column takes"
        assert sha256(decoded_body(octets[one.start : one.end], one.encoding, [])).hexdigest() == one.sha256
    return mail


@pytest.mark.parametrize("name", EXPECTED)
def test_what_is_read_can_be_written_down(name):
    check(octets_of(name))


@given(st.binary(max_size=2000))
@example(b"")
@example(b"From ")
@example(b"\n\n")
@example(b":\n:\n")
def test_any_octets_give_a_mail(octets):
    check(octets)


NAMES = ["From", "To", "Subject", "Message-ID", "References", "Date", "Content-Type", "Content-Disposition", "Content-ID", "MIME-Version"]
NAMES += ["Content-Transfer-Encoding", "Auto-Submitted", "Precedence", "Return-Path", "Reply-To", "X-Auto-Response-Suppress"]
SNIPPETS = [
    b"multipart/mixed; boundary=x",
    b"multipart/report; report-type=delivery-status; boundary=x",
    b"text/html",
    b"text/plain; charset=",
]
SNIPPETS += [
    b"base64",
    b"quoted-printable",
    b"utf-7",
    b"punycode",
    b"idna",
    b"=?utf-8?B?",
    b"=?x?Q?=ff?=",
    b"a@b.example",
    b"<",
    b">",
    b'"',
    b"(",
    b";",
]
SNIPPETS += [
    b"name*0*=utf-8''%ff",
    b"name*1=",
    b"filename=",
    b"attachment; ",
    b"message/rfc822",
    b"message/delivery-status",
    b"text/calendar; method=",
]
SNIPPETS += [
    b"\0",
    b"\xff\xfe",
    b"\r\n ",
    b"\r",
    b"\n",
    b"--x\r\n",
    b"--x--",
    b"1 Jan 2026 00:00:00 +9999",
    b"=\r\n",
    b"=E9",
    b"QUJD",
    b"==",
]
SNIPPETS += [
    b"x-uuencode",
    b"\r\nbegin 644 list.txt\r\n#0V%T\r\n",
    b"`\r\nend\r\n",
    b"application/ms-tnef; name=winmail.dat",
    b"\x78\x9f\x3e\x22\x01\x00\x02\x02\x90\x06\x00\x00\x00\x00\x00\x00\x00",
    b"text/enriched",
    b"multipart/mixed",
    b"\r\n--y\r\nContent-Type: text/plain\r\n\r\n",
    b"\x1b$B-!",
    b"koi8-r",
    b"iso-2022-jp",
    b"\xcf\xf0\xe8\xe2\xe5\xf2",
    b"\r\nFrom: a@b.example\r\n",
    b"?=",
    b"%D0%BF",
]
piece = st.sampled_from(SNIPPETS) | st.binary(max_size=12)
body = st.lists(piece, max_size=8).map(b"".join)
field = st.tuples(st.sampled_from(NAMES), body).map(lambda pair: pair[0].encode() + b": " + pair[1] + b"\r\n")
part = st.tuples(st.lists(field, max_size=4), body).map(lambda pair: b"--x\r\n" + b"".join(pair[0]) + b"\r\n" + pair[1] + b"\r\n")
message = st.tuples(st.lists(field, max_size=8), body, st.lists(part, max_size=4)).map(
    lambda three: b"".join(three[0]) + b"Content-Type: multipart/mixed; boundary=x\r\n\r\n" + three[1] + b"\r\n" + b"".join(three[2])
)


@given(message)
def test_any_message_made_of_odd_pieces_gives_a_mail(octets):
    check(octets)


ENCODERS = {
    "base64": lambda octets: binascii.b2a_base64(octets, newline=False),
    "quoted-printable": lambda octets: quopri.encodestring(octets, quotetabs=True).replace(b"\n", b"\r\n"),
    "binary": lambda octets: octets,
}


@given(
    st.lists(st.tuples(st.sampled_from(sorted(ENCODERS)), st.binary(max_size=300).filter(lambda octets: b"--" not in octets)), max_size=5)
)
def test_the_octets_of_every_attachment_are_found_where_it_says(files):
    files = [(encoding, octets.replace(b"\n", b" ").replace(b"\r", b" ")) for encoding, octets in files]
    parts = b"".join(
        b"--x\r\nContent-Type: application/pdf\r\nContent-Disposition: attachment\r\nContent-Transfer-Encoding: "
        + encoding.encode()
        + b"\r\n\r\n"
        + ENCODERS[encoding](octets)
        + b"\r\n"
        for encoding, octets in files
    )
    octets = HEAD + b"Content-Type: multipart/mixed; boundary=x\r\n\r\n" + parts + b"--x--\r\n"
    found = check(octets).attachments
    assert [decoded(octets, one) for one in found] == [body for _, body in files]
    assert [(one.size, one.sha256) for one in found] == [(len(body), sha256(body).hexdigest()) for _, body in files]
