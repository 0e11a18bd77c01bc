"""Files within a text and within winmail.dat."""

import binascii
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailbot.edge.parse import packed, tnef
from tests.parse.test_mails import octets_of

FULL = b"M" + b"0V%T" * 15 + b"\n"


def uuencoded(body: bytes, name: bytes = b"list.txt") -> bytes:
    lines = [binascii.b2a_uu(body[place : place + 45], backtick=True) for place in range(0, len(body), 45)]
    return b"begin 644 " + name + b"\n" + b"".join(lines) + b"`\nend\n"


@given(st.lists(st.binary(min_size=1, max_size=200), max_size=4))
def test_every_file_in_a_text_is_found_and_leaves_it(bodies):
    text = b"Hello,\n" + b"and\n".join(map(uuencoded, bodies))
    found = packed.blocks(text)
    assert [block.body for block in found] == bodies
    assert packed.without(text, found) == b"Hello,\n" + b"and\n" * (len(bodies) - 1)
    assert [packed.file_inside(text, f"uu={number}") for number in range(1, len(bodies) + 1)] == bodies


@pytest.mark.parametrize(
    "text",
    [
        b"begin 644 reading the manual\nand then write\n",
        b"begin with this",
        b"begin 644 list.txt\n",
        b"we begin 644 list.txt\n#0V%T\nend\n",
        b"begin 2026 season sale\n!\n\n$ 100 price\nWhen will it end\n",
        b"begin 2026 season sale\n!\n\n$ 100 price\n\nending\nend of it\n",
        b"begin reading the manual\n" + FULL + b"end\n",
    ],
    ids=["a sentence", "no mode", "no line", "not at the beginning of a line", "short lines", "no line of end alone", "words for a mode"],
)
def test_words_are_no_file(text):
    assert packed.blocks(text) == []


@pytest.mark.parametrize(
    ("lines", "body"),
    [
        (FULL, b"Cat" * 15),
        (FULL.rstrip(), b"Cat" * 15),
        (b"#0V%T\r\n`\r\nend\r\n", b"Cat"),
        (b"!0_\nend\n", b"C"),
        (b"#0V%TX\nend\n", b"Cat"),
        (b'"  \nend', b"\0\0"),
    ],
    ids=["a full line and no end", "no line break", "CRLF", "bits behind the last octet", "a check character", "blanks lost at the end"],
)
def test_lines_are_read_as_programs_write_them(lines, body):
    assert [block.body for block in packed.blocks(b"begin 644 x\n" + lines)] == [body]


def attribute(level: int, name: int, data: bytes) -> bytes:
    return struct.pack("<BHHI", level, name, 6, len(data)) + data + struct.pack("<H", sum(data) & 0xFFFF)


HEAD = tnef.SIGNATURE + b"\1\0"
OPEN = attribute(2, 0x9002, b"\0" * 14)


def test_more_files_than_a_hundred_are_not_unpacked():
    found = tnef.unpacked(HEAD + OPEN * 5000)
    assert len(found.files) == tnef.MAX_FILES
    assert not found.whole


@pytest.mark.parametrize("kind", [0x0003, 0x1003, 0x001E, 0x101F, 0x0102, 0x1001])
def test_counts_that_no_octets_follow_take_no_time(kind):
    endless = struct.pack("<IHHI", 2**32 - 1, kind, 0x3707, 2**32 - 1) + b"\xff" * 100
    assert tnef.unpacked(HEAD + attribute(1, 0x9003, endless) + OPEN + attribute(2, 0x9005, endless)).whole


def test_what_ends_early_is_unpacked_as_far_as_it_goes():
    octets = HEAD + OPEN + attribute(2, 0x800F, b"%PDF") + OPEN + attribute(2, 0x800F, b"lost")[:-4]
    found = tnef.unpacked(octets)
    assert [file.body for file in found.files] == [b"%PDF", b""]
    assert not found.whole


WINMAIL = binascii.a2b_base64(
    octets_of("winmail").partition(b"winmail.dat\r\nContent-Transfer-Encoding: base64\r\n\r\n")[2].partition(b"--x")[0]
)


@given(st.lists(st.tuples(st.integers(0, len(WINMAIL) - 1), st.integers(0, 255)), max_size=8), st.integers(0, len(WINMAIL)))
def test_any_damage_gives_something(changes, end):
    octets = bytearray(WINMAIL)
    for place, octet in changes:
        octets[place] = octet
    found = tnef.unpacked(bytes(octets[:end]))
    (found.text + found.html + "".join(file.name for file in found.files)).encode("utf-8", "surrogatepass")
