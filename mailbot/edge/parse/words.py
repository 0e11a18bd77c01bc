"""Encoded-words (RFC 2047) in fields, also those that mail programs write wrongly, and raw 8-bit octets beside them."""

import binascii
import re
from collections.abc import Iterator
from dataclasses import dataclass

from mailbot.edge.parse.decode import decoded_body, text_of
from mailbot.edge.parse.head import CONTROLS

MAX_WORDS = 1000  # in a field
# RFC 2231 section 5 lets a language stand behind the charset: `=?utf-8*en?Q?...?=`.
_HEAD = re.compile(rb"=\?([!->@-~]{1,80}?)(?:\*[A-Za-z0-9-]{0,35})?\?([QqBb])\?")
_FOLD = re.compile(rb"\r?\n[ \t]?|\r(?![\n])")
_MARK = "\uf8ff"  # stands around the number of an encoded-word while an address field is taken apart: a letter to every grammar
_MARKED = re.compile(_MARK + r"(\d{1,6})" + _MARK)


@dataclass(slots=True)
class _Word:
    start: int
    end: int
    charset: str
    encoding: bytes
    content: bytes


def words(body: bytes, defects: list[str], hint: str | None = None) -> str:
    """Unstructured text (RFC 5322 section 2.2.1) with its encoded-words decoded; raw 8-bit octets in the likeliest charset."""
    body = _FOLD.sub(b" ", body) if b"\n" in body or b"\r" in body else body
    if not body.isascii():
        defects.append("a field with raw 8-bit octets")
    if b"=?" not in body:
        text = body.decode("ascii") if body.isascii() and b"\x1b" not in body else text_of(body, None, defects, hint)[0]
        return CONTROLS.sub(" ", text).strip()
    text = "".join(_pieces(body, defects, hint))
    # What an encoded-word hides must not become a line of its own (CR and LF in encoded-words).
    return CONTROLS.sub(" ", text).strip()


def hidden(text: str, defects: list[str], hint: str | None = None) -> tuple[str, list[str]]:
    """An address field with a mark for each run of encoded-words, and what they say.

    A comma or `<` in a word that is not encoded as it should be would take the field apart at the wrong place.
    """
    shown: list[str] = []
    pieces: list[str] = []
    body = text.replace(_MARK, "").encode("utf-8", "surrogateescape")
    for run, plain in _runs(body, defects):
        if run:
            pieces.append(f"{_MARK}{len(shown)}{_MARK}")
            shown.append(CONTROLS.sub(" ", _said(run, defects, hint)))
        else:
            pieces.append(plain.decode("utf-8", "surrogateescape"))
    return "".join(pieces), shown


def revealed(text: str, shown: list[str]) -> str:
    """The text with what `hidden` hid."""
    return _MARKED.sub(lambda match: shown[int(match[1])] if int(match[1]) < len(shown) else "", text)


def _pieces(body: bytes, defects: list[str], hint: str | None) -> Iterator[str]:
    for run, plain in _runs(body, defects):
        yield _said(run, defects, hint) if run else text_of(plain, None, defects, hint)[0]


def _runs(body: bytes, defects: list[str]) -> Iterator[tuple[list[_Word], bytes]]:
    """(words that follow one another, b'') and ([], what stands between such runs), in order; blanks between words are none."""
    run: list[_Word] = []
    place = 0
    for word in _found(body, defects):
        between = body[place : word.start]
        if between.strip() or (between and not run):
            if run:
                yield run, b""
            run = []
            yield [], between
        run.append(word)
        place = word.end
    if run:
        yield run, b""
    if body[place:]:
        yield [], body[place:]


def _found(body: bytes, defects: list[str]) -> Iterator[_Word]:
    """The encoded-words in a field. One without its `?=` ends where the next begins, or at the next blank."""
    head = _HEAD.search(body)
    close = count = 0
    while head:
        count += 1
        if count > MAX_WORDS:
            defects.append(f"more than {MAX_WORDS} encoded-words: the rest is left as it is")
            return
        following = _HEAD.search(body, head.end())
        limit = following.start() if following else len(body)
        if 0 <= close < head.end():
            close = body.find(b"?=", head.end())  # looked for once for all heads before it: a field of heads must not take long
        if head.end() <= close < limit:
            end, content = close + 2, body[head.end() : close]
        else:
            rest = body[head.end() : limit]
            content = rest.split(maxsplit=1)[0] if rest.strip() and not rest[:1].isspace() else b""
            end = head.end() + len(content)
            content = content.rstrip(b"?") if head[2] in b"Qq" else content
            if content:
                defects.append("an encoded-word without its end")
        if (content or end == close + 2) and not content[:1].isspace():
            yield _Word(head.start(), end, head[1].decode("ascii").lower(), head[2].upper(), content)
        head = following


def _said(run: list[_Word], defects: list[str], hint: str | None) -> str:
    """What words say that follow one another. Those of one charset are joined before they become text, since some programs divide
    between the octets of a character, or between the letters of a base64 group."""
    pieces: list[str] = []
    place = 0
    while place < len(run):
        charset, octets = run[place].charset, b""
        base64: list[bytes] = []
        while place < len(run) and run[place].charset == charset:
            word = run[place]
            if word.encoding == b"B":
                base64.append(word.content)
                more = place + 1 < len(run) and run[place + 1].encoding == b"B" and run[place + 1].charset == charset
                if not more or b"=" in word.content or len(word.content) % 4 == 0:
                    octets += _from_b(b"".join(base64))
                    base64 = []
            else:
                octets += _from_q(word.content)
            place += 1
        pieces.append(text_of(octets, charset, defects, hint)[0])
    return "".join(pieces)


def _from_b(content: bytes) -> bytes:
    try:
        return binascii.a2b_base64(content)
    except binascii.Error:
        return decoded_body(content, "base64", [])


def _from_q(content: bytes) -> bytes:
    return binascii.a2b_qp(content, header=True) if content.isascii() else binascii.a2b_qp(content.replace(b"_", b" "))
