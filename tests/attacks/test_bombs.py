"""Text that is made to take time: twice as much of it takes about twice the time to read, screen, thread and decide, never its square.

What is compared is processor time for n and for 4n: linear work takes 4 times as long, quadratic work 16 times.
"""

import io
import time
import zipfile
from collections.abc import Callable
from datetime import timedelta
from email.message import EmailMessage
from email.policy import SMTP

import pytest

from mailbot.core.desk.decide import decide  # noqa: F401 -- what is imported on first use must not be timed
from mailbot.core.desk.facts import Earlier
from mailbot.core.desk.letters import FORWARD_TAGS
from mailbot.core.desk.manners import answer_address
from mailbot.core.desk.operators import read_reply
from mailbot.core.desk.words import bare_words, words_digest
from mailbot.core.mail.screen import screen
from mailbot.core.mail.threading import subject_with_tag, threads_of
from mailbot.edge.parse import parse
from mailbot.edge.render import paragraphs, sanitized
from tests.conftest import Studio
from tests.core.build import ANNA, BOSS, DESK, NOW, SIGNER, client, decided, facts, policy, ticket
from tests.core.build import mail as message

SIZE = 40_000  # octets of the smaller one
LEAST = 0.05  # seconds: below that the clock says little, and nobody waits
FACTOR = 9

PIECES = {
    "quote marks": ">",
    "quote marks with spaces": "> ",
    "spaces": " ",
    "tabs": "\t",
    "line breaks": "\r\n ",
    "answers to answers": "re: ",
    "answers with counts": "Re[2]: ",
    "forwards": "fwd:",
    "tags": "[#1] ",
    "open brackets": "[",
    "at signs": "a@",
    "addresses": "a@a.example, ",
    "open angles": "<",
    "closed angles": ">,",
    "Message-IDs": "<a@b> ",
    "comments": "(",
    "comments that end": "()",
    "quoted pairs": "\\a",
    "backslashes": "\\",
    "quotation marks": '"',
    "quoted strings": '"a" ',
    "encoded words": "=?utf-8?Q?a?= ",
    "open encoded words": "=?",
    "broken encoded words": "=?utf-8?B?",
    "equals signs": "=",
    "semicolons": ";",
    "parameters": "; a=b",
    "continued parameters": "; a*0=b",
    "groups": "a:;",
    "colons": ":",
    "commas": ",",
    "dots": ".",
    "dashes": "-",
    "dashes with spaces": "- ",
    "underscores": "_",
    "asterisks": "*",
    "digits": "1",
    "slashes": "/",
    "links": "http://a ",
    "letters": "a",
    "words": "on a wrote ",
    "attributions": "On 1 a wrote: ",
    "exclamation marks": "!",
    "percent signs": "%41",
    "results": "dmarc=pass ",
    "combining accents": "\N{COMBINING ACUTE ACCENT}",
}
FIELDS = (
    "Subject From To Cc Reply-To Message-ID References In-Reply-To Date Received Content-Type Content-Disposition "
    "Content-Transfer-Encoding Return-Path Sender List-Id Auto-Submitted Precedence X-Loop Delivered-To Authentication-Results X-Spam-Status"
).split()
RULES = policy(trusted_authserv="mx.studio.example")


def handled(octets: bytes) -> None:
    """All that is made of a message before the database hears of it, and what operators' words go through."""
    mail = parse(octets)
    screen(mail)
    threads_of(mail, SIGNER)
    answer_address(mail, RULES, one_party=True)
    words_digest(mail)
    bare_words(mail.text)
    subject_with_tag(mail.subject, 1)
    decided(mail, facts(), RULES)


def grows(work: Callable[[int], None], size: int = SIZE) -> None:
    """Fails when four times the size takes more than `FACTOR` times the processor time."""
    for _ in range(3):  # another process may have had the processor's cache in the meantime
        small, large = _seconds(work, size), _seconds(work, 4 * size)
        if large < LEAST * FACTOR or large < FACTOR * max(small, LEAST / 4):
            return
    pytest.fail(f"{size} octets took {small:.2f} s, four times as many {large:.2f} s")


def _seconds(work: Callable[[int], None], size: int) -> float:
    begun = time.process_time()
    work(size)
    return time.process_time() - begun


def compared(subject: str, text: str) -> None:
    """All that is made of a mail beside an earlier one that is nearly the same."""
    earlier = Earlier(ticket(), NOW - timedelta(hours=2), ANNA, f"Hello!\n\n{text}", 0.95)
    decided(message(subject=subject, text=text), facts(earlier=(earlier,), client=client()), RULES)


def filled(piece: str, size: int) -> str:
    return piece * (size // len(piece.encode()))


@pytest.mark.parametrize("piece", PIECES.values(), ids=PIECES)
def test_the_fields_of_a_message(piece: str) -> None:
    for name in FIELDS:
        rest = "".join(f"{one}: a@a.example\r\n" for one in ("From", "To") if one != name)
        for before in ("", "text/plain; charset=") if name == "Content-Type" else ("", "mx.studio.example; ") if name[0] == "A" else ("",):
            grows(
                lambda size, name=name, rest=rest, before=before: handled(
                    f"{rest}{name}: {before}{filled(piece, size)}\r\n\r\nHello\r\n".encode()
                )
            )


@pytest.mark.parametrize("piece", PIECES.values(), ids=PIECES)
@pytest.mark.parametrize("kind", ["text/plain", "text/html", "text/plain; format=flowed"])
def test_the_body_of_a_message(piece: str, kind: str) -> None:
    head = f"From: a@a.example\r\nTo: {DESK}\r\nSubject: Hello\r\nContent-Type: {kind}; charset=utf-8\r\n\r\n"
    for end in ("", "\r\n"):
        grows(lambda size, end=end: handled((head + filled(piece + end, size)).encode()))


@pytest.mark.parametrize("piece", PIECES.values(), ids=PIECES)
def test_an_operators_words_and_what_templates_make_of_text(piece: str) -> None:
    for end in ("", "\n"):
        grows(lambda size, end=end: [read_reply(filled(piece + end, size), [BOSS], DESK), None][1])
        grows(lambda size, end=end: [paragraphs(filled(piece + end, size)), sanitized(filled(piece + end, size)), None][2])


@pytest.mark.parametrize("piece", PIECES.values(), ids=PIECES)
def test_the_comparison_with_an_earlier_message(piece: str) -> None:
    grows(lambda size: compared(filled(piece, size), "Please put the price list on the page of roses."))
    for end in ("", "\n"):
        grows(lambda size, end=end: compared("Price list", filled(piece + end, size)))


TAGS = [
    "<div>",
    "<b>",
    "<table><tr><td>",
    "<blockquote>",
    "<!--",
    "<a href='",
    "&#x41;",
    "&",
    "<p",
    "</p>",
    "<style>",
    "<![CDATA[",
    "<select><option>",
]


@pytest.mark.parametrize("tag", TAGS)
def test_nested_and_broken_markup(tag: str) -> None:
    head = f"From: a@a.example\r\nTo: {DESK}\r\nContent-Type: text/html; charset=utf-8\r\n\r\n"
    grows(lambda size: handled((head + filled(tag, size)).encode()))


def test_deeply_nested_html_is_forwarded_as_text(studio: Studio) -> None:
    app = studio.open()
    for number, levels in enumerate((FORWARD_TAGS // 2, FORWARD_TAGS + 1)):
        body = f"{'<div>' * levels}<b>Hello</b>, it is number {number}"
        octets = f"From: anna{number}@rose.example\r\nTo: {DESK}\r\nMessage-ID: <{number}@x>\r\nContent-Type: text/html\r\n\r\n{body}\r\n"
        studio.take_in(app, octets.encode())
    htmls = [letter.get_body(("html",)) for letter in (studio.letter(app, row) for row in studio.outbox(app, "forward"))]
    assert ["<b>Hello</b>" in html.get_content() for html in htmls if html] == [True, False]


def nested(levels: int, kind: str) -> bytes:
    inner = b"Content-Type: text/plain\r\n\r\nHello\r\n"
    for level in range(levels):
        if kind == "message":
            inner = b"From: a@a.example\r\nContent-Type: message/rfc822\r\n\r\n" + inner
        else:
            edge = f"b{level}".encode()
            inner = (
                b'Content-Type: multipart/mixed; boundary="' + edge + b'"\r\n\r\n--' + edge + b"\r\n" + inner + b"\r\n--" + edge + b"--\r\n"
            )
    return b"From: a@a.example\r\nMIME-Version: 1.0\r\n" + inner


@pytest.mark.parametrize("kind", ["multipart", "message"])
def test_a_thousand_levels_of_parts(kind: str) -> None:
    grows(lambda size: handled(nested(size * 250 // SIZE, kind)))


def test_a_packed_file_is_data_and_is_never_unpacked(studio: Studio) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("bomb", b"\0" * 20_000_000)
    sent = EmailMessage(policy=SMTP)
    sent["From"], sent["To"], sent["Message-ID"] = "anna@rose.example", DESK, "<1@rose.example>"
    sent.set_content("See the file.")
    sent.add_attachment(packed.getvalue(), maintype="application", subtype="zip", filename="bomb.zip")
    app = studio.open()
    studio.take_in(app, sent.as_bytes())
    (file,) = studio.tickets(app)[0]["messages"][0]["attachments"]
    assert file["size"] == len(packed.getvalue())
