"""Mail of sizes that nobody writes: read in about linear time, taken in whole, and answered with mail of the usual size."""

from collections.abc import Callable
from email.message import EmailMessage

import pytest

from tests.attacks.test_bombs import grows, handled
from tests.conftest import Studio
from tests.core.build import DESK

ANNA = "anna@rose.example"
HEAD = f"From: Anna <{ANNA}>\r\nTo: {DESK}\r\n"
MB = 1_000_000


def message(number: int, fields: str = "", body: str = "Please look at the roses.") -> bytes:
    subject = "" if "Subject:" in fields else f"Subject: Request {number}\r\n"
    return f"{HEAD}Message-ID: <{number}@rose.example>\r\n{subject}{fields}\r\n{body}\r\n".encode()


def file(octets: int) -> str:
    return ("QUJD" * 19 + "\r\n") * (octets // 78)


ATTACHED = 'Content-Type: multipart/mixed; boundary="b"\r\n'
# name: (a quarter of the size, what is made of that size)
SIZES: dict[str, tuple[int, Callable[[int], bytes]]] = {
    "10,000 recipients": (2500, lambda size: message(1, f"Cc: {', '.join(f'n{number}@x.example' for number in range(size))}\r\n")),
    "10,000 recipients in a field each": (2500, lambda size: message(2, "".join(f"Cc: n{number}@x.example\r\n" for number in range(size)))),
    "10,000 References": (2500, lambda size: message(3, f"References: {' '.join(f'<{number}@x.example>' for number in range(size))}\r\n")),
    "10,000 lines of References": (2500, lambda size: message(4, f"References: {chr(13) + chr(10) + ' '.join(['', *(f'<{number}@x>{chr(13)}{chr(10)}' for number in range(size))])}\r\n")),
    "a subject of 1 MB": (MB // 4, lambda size: message(5, f"Subject: {'roses ' * (size // 6)}\r\n")),
    "a subject of 1 MB without a space": (MB // 4, lambda size: message(6, f"Subject: {'r' * size}\r\n")),
    "a subject of 1 MB of encoded words": (MB // 4, lambda size: message(7, f"Subject: {'=?utf-8?Q?=D0=A0?= ' * (size // 20)}\r\n")),
    "a line of 5 MB": (5 * MB // 4, lambda size: message(8, body="roses " * (size // 6))),
    "a line of 5 MB without a space": (5 * MB // 4, lambda size: message(9, body="r" * size)),
    "a line of 5 MB in HTML": (5 * MB // 4, lambda size: message(10, "Content-Type: text/html\r\n", "<p>roses</p> " * (size // 13))),
    "a message of 30 MB": (
        30 * MB // 4,
        lambda size: message(11, ATTACHED, f"--b\r\n\r\nSee the file.\r\n--b\r\nContent-Type: image/png\r\nContent-Transfer-Encoding: base64\r\n\r\n{file(size)}--b--"),
    ),
}  # fmt: skip


@pytest.mark.parametrize(("quarter", "made"), SIZES.values(), ids=SIZES)
def test_the_time_to_read_it_grows_with_its_size(quarter: int, made: Callable[[int], bytes]) -> None:
    grows(lambda size: handled(made(size)), quarter)


def test_all_of_them_are_tickets_and_what_goes_out_is_mail_of_the_usual_size(studio: Studio) -> None:
    app = studio.open()
    sent = [made(4 * quarter) for quarter, made in SIZES.values()]
    rows = studio.take_in(app, *sent)
    assert [row["outcome"] for row in rows] == ["ticket"] * len(SIZES), rows
    assert [row["size"] for row in rows] == [len(one) for one in sent]
    assert len(studio.outbox(app, "forward")) == len(SIZES)
    assert studio.deliver(app) == len(studio.outbox(app))
    for row in studio.outbox(app):
        letter = studio.letter(app, row)
        assert _longest_line(letter) <= 998, "RFC 5322 section 2.1.1"
        fields = sum(len(name) + len(str(body)) for name, body in letter.items())
        assert fields < 8000, (row["kind"], row["subject"][:80])
    (image,) = studio.tickets(app)[-1]["messages"][0]["attachments"]
    assert image["size"] == len(file(30 * MB).replace("\r\n", "")) * 3 // 4


def _longest_line(letter: EmailMessage) -> int:
    return max(len(line) for line in letter.as_bytes().splitlines())
