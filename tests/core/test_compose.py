"""Mails that leave the house, read back with the standard library."""

import email
import re
from datetime import datetime, timedelta, timezone
from email import policy as reading
from email.header import decode_header, make_header
from email.message import EmailMessage
from email.utils import parseaddr

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from mailbot.core.mail.compose import Draft, attachment_part, boundary_of, compose, enclose
from mailbot.core.mail.message import Address, Attachment

SENT = datetime(2026, 11, 18, 12, 0, tzinfo=timezone(timedelta(hours=3)))


def draft(**values) -> Draft:
    settings = {
        "message_id": "t12.abcd.efgh@studio.example",
        "sender": Address("Web Studio", "support@studio.example"),
        "to": Address("Anna", "anna@rose.example"),
        "subject": "Re: Price list [#12]",
        "date": SENT,
        "text": "We have it.\n",
    }
    return Draft(**{**settings, **values})


def read(octets: bytes) -> EmailMessage:
    assert octets.isascii(), "7-bit throughout"
    assert not re.search(rb"(?<!\r)\n|\r(?!\n)", octets), "every line ends in CRLF"
    assert max(map(len, octets.split(b"\r\n"))) <= 998
    message = email.message_from_bytes(octets, policy=reading.default)
    assert [part.defects for part in message.walk()] == [[]] * len(list(message.walk()))
    assert isinstance(message, EmailMessage)
    return message


def words(part: EmailMessage | None) -> str:
    assert part is not None
    return part.get_content().replace("\r\n", "\n")  # the canonical form of text has CRLF, in base64 too


def recipient(octets: bytes) -> tuple[str, str]:
    """To, read by the elder reader: the newer one puts a blank between two encoded-words of a display name."""
    name, addr = parseaddr(email.message_from_bytes(octets, policy=reading.compat32)["To"])
    return str(make_header(decode_header(name))), addr


def test_a_plain_answer():
    message = read(compose(draft()))
    assert {name: str(value) for name, value in message.items()} == {
        "From": "Web Studio <support@studio.example>",
        "To": "Anna <anna@rose.example>",
        "Subject": "Re: Price list [#12]",
        "Date": "Wed, 18 Nov 2026 12:00:00 +0300",
        "Message-ID": "<t12.abcd.efgh@studio.example>",
        "Content-Language": "en",
        "MIME-Version": "1.0",
        "Content-Type": 'text/plain; charset="utf-8"',
        "Content-Transfer-Encoding": "base64",
    }
    assert words(message) == "We have it.\n"


def test_an_automatic_answer_says_that_it_is_one_and_what_it_answers():
    message = read(
        compose(
            draft(
                automatic="auto-replied",
                in_reply_to="2@rose.example",
                references=("1@rose.example", "2@rose.example"),
                reply_to="support+t12-abc@studio.example",
            )
        )
    )
    assert message["Auto-Submitted"] == "auto-replied"
    assert message["X-Auto-Response-Suppress"] == "All"
    assert message["X-Loop"] == "support@studio.example"
    assert message["In-Reply-To"] == "<2@rose.example>"
    assert message["References"].split() == ["<1@rose.example>", "<2@rose.example>"]
    assert message["Reply-To"] == "support+t12-abc@studio.example"


def test_a_persons_words_carry_no_sign_of_a_machine():
    message = read(compose(draft()))
    assert not {"Auto-Submitted", "X-Auto-Response-Suppress", "X-Loop", "Precedence"} & set(message.keys())


def test_text_and_html_are_alternatives_text_first():
    message = read(compose(draft(text="Привет\n", html="<p>Привет</p>\n", language="ru")))
    assert [part.get_content_type() for part in message.walk()] == ["multipart/alternative", "text/plain", "text/html"]
    assert [words(part) for part in message.iter_parts()] == ["Привет\n", "<p>Привет</p>\n"]
    assert message["Content-Language"] == "ru"


SUBJECTS = {
    "Cyrillic": "Не работает форма заказа",
    "very long Cyrillic": "Очень длинная тема " * 40 + "конец",
    "very long ASCII": "a very long subject " * 40 + "end",
    "one word of 2,000 letters": "x" * 2000,
    "one word of 2,000 Cyrillic letters": "ы" * 2000,
    "emoji beyond the BMP": "🌹" * 50,
    "what looks like an encoded-word": "=?utf-8?Q?x?= is an encoded-word",
    "colons and brackets": 'Re: a: b; <c@d> [#12] "e" (f)',
    "empty": "",
}


@pytest.mark.parametrize("subject", SUBJECTS.values(), ids=SUBJECTS)
def test_a_subject_arrives_as_it_was(subject):
    assert read(compose(draft(subject=subject)))["Subject"] == subject.strip()


@pytest.mark.parametrize(
    "name",
    ["Анна Розова", "O'Neil, Anna", 'Anna "Rose" \\ Shop', "Anna (Rose)", "Ы" * 120, "=?utf-8?Q?x?=", "a@b.example"],
    ids=["Cyrillic", "a comma", "quotes and a backslash", "a comment", "very long", "like an encoded-word", "like an address"],
)
def test_a_display_name_arrives_as_it_was(name):
    octets = compose(draft(to=Address(name, "anna@rose.example")))
    read(octets)
    assert recipient(octets) == (name, "anna@rose.example")


INJECTION = "x\r\nBcc: victim@evil.example\r\n\r\nbody"


@pytest.mark.parametrize(
    "values",
    [
        {"subject": INJECTION},
        {"subject": "тема" + INJECTION},
        {"subject": "x\nBcc: victim@evil.example"},
        {"subject": "x\rBcc: victim@evil.example"},
        {"subject": "x\u2028Bcc: victim@evil.example\x00\x0b\x0c\x85"},
        {"to": Address(INJECTION, "anna@rose.example")},
        {"to": Address("Анна" + INJECTION, "anna@rose.example")},
        {"to": Address("", "anna@rose.example>\r\nBcc: <victim@evil.example")},
        {"to": Address("Anna", "anna@rose.example, victim@evil.example")},
        {"sender": Address(INJECTION, "support@studio.example")},
        {"reply_to": "support@studio.example\r\nBcc: victim@evil.example"},
        {"message_id": "x@y>\r\nBcc: victim@evil.example"},
        {"in_reply_to": "x@y>\r\nBcc: victim@evil.example"},
        {"references": ("x@y>\r\nBcc: victim@evil.example", "a@b")},
    ],
    ids=[
        "subject",
        "Cyrillic subject",
        "subject with LF",
        "subject with CR",
        "subject with other breaks",
        "name",
        "Cyrillic name",
        "address",
        "two addresses in one",
        "our own name",
        "Reply-To",
        "Message-ID",
        "In-Reply-To",
        "References",
    ],
)
def test_no_value_starts_a_field_or_adds_a_recipient(values):
    octets = compose(draft(**values))
    message = email.message_from_bytes(octets, policy=reading.compat32)
    assert set(message.keys()) <= {
        *("From", "To", "Subject", "Date", "Message-ID", "Reply-To", "In-Reply-To", "References"),
        *("Content-Language", "MIME-Version", "Content-Type", "Content-Transfer-Encoding"),
    }
    assert message.get_payload(decode=True) == b"We have it.\r\n"
    assert len(email.message_from_bytes(octets, policy=reading.default)["To"].addresses) == 1


def pdf(**values) -> Attachment:
    settings = {"filename": "list.pdf", "content_type": "application/pdf", "size": 0, "sha256": "", "content_id": None, "inline": False}
    return Attachment(**{**settings, "start": 0, "end": 0, "encoding": "base64", **values})


OCTETS = bytes(range(256)) * 20
FILES = {
    "a plain name": (pdf(), "list.pdf", "application/pdf"),
    "a Cyrillic name": (pdf(filename="прайс лист.pdf"), "прайс лист.pdf", "application/pdf"),
    "quotes and slashes in the name": (pdf(filename='a"b;c/d.pdf'), 'a"b;c/d.pdf', "application/pdf"),
    "line breaks in the name": (pdf(filename="a\r\nX-Evil: 1.pdf"), "a X-Evil: 1.pdf", "application/pdf"),
    "a name of 300 emoji": (pdf(filename="🌹" * 300), "🌹" * 80, "application/pdf"),
    "no name": (pdf(filename=None), "attachment", "application/pdf"),
    "an enclosed message": (pdf(filename=None, content_type="message/rfc822"), "message.eml", "application/octet-stream"),
    "a type that is none": (pdf(content_type="text/plain; x\r\nX-Evil: 1"), "list.pdf", "application/octet-stream"),
    "a multipart that could not be read": (pdf(content_type="multipart/mixed"), "list.pdf", "application/octet-stream"),
}


@pytest.mark.parametrize("html", [None, "<p>We have it.</p>\n"], ids=["text", "text and HTML"])
@pytest.mark.parametrize(("attachment", "name", "kind"), FILES.values(), ids=FILES)
def test_an_enclosed_file_arrives_with_its_octets(attachment, name, kind, html):
    mail = draft(html=html)
    part = attachment_part(attachment, OCTETS)
    message = read(enclose(compose(mail), [part, part], boundary_of(f"m.{mail.message_id}")))
    body, *files = message.iter_parts()
    assert message.get_content_type() == "multipart/mixed"
    assert message["Subject"] == mail.subject
    assert body.get_content_type() == ("multipart/alternative" if html else "text/plain")
    assert words(message.get_body(("plain",))) == "We have it.\n"
    assert [(one.get_filename(), one.get_content_type(), one.get_payload(decode=True)) for one in files] == [(name, kind, OCTETS)] * 2


def test_an_enclosed_picture_keeps_its_content_id():
    octets = attachment_part(pdf(content_id="pic1@rose.example"), b"x")
    assert email.message_from_bytes(octets)["Content-ID"] == "<pic1@rose.example>"


WORDS = st.text(st.characters(exclude_categories=("Cc", "Cs", "Zl", "Zp")), max_size=200).filter(lambda text: "\x85" not in text)


@given(subject=WORDS, name=WORDS.map(lambda text: text[:60]), text=WORDS)
@example(subject="a" + " " * 200 + "b", name="a  b", text="")
@example(subject="ы" + " " * 200 + "ы", name="ы  ы", text=".\n..\n")
def test_any_words_arrive_as_they_were(subject, name, text):
    octets = compose(draft(subject=subject, to=Address(name, "anna@rose.example"), text=text))
    message = read(octets)
    assert re.sub(r"\s+", " ", message["Subject"]).strip() == re.sub(r"\s+", " ", subject).strip()
    arrived, addr = recipient(octets)
    assert re.sub(r"\s+", " ", arrived).strip() == re.sub(r"\s+", " ", name).strip()
    assert addr == "anna@rose.example"
    assert words(message).rstrip("\n") == text.rstrip("\n")


@given(st.text(), st.text(), st.text(), st.text())
def test_any_characters_give_a_mail_with_its_body(subject, name, addr, message_id):
    octets = compose(draft(subject=subject, to=Address(name, addr), message_id=message_id, in_reply_to=message_id))
    message = email.message_from_bytes(octets, policy=reading.compat32)
    assert message.get_payload(decode=True) == b"We have it.\r\n"
    assert max(map(len, octets.split(b"\r\n"))) <= 998
