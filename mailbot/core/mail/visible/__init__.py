"""The new words of a reply, without the quoted history and the signature. In doubt it keeps too much."""

import re

from mailbot.core.mail.visible.attribution import attributions, is_certain
from mailbot.core.mail.visible.history import MARKER, starts_history
from mailbot.core.mail.visible.signature import is_divider, own_end

__all__ = ["MARKER", "left_out", "visible_reply"]

_UNSEEN = re.compile("[\u200b-\u200f\u202a-\u202e\u2060\ufeff]")  # Outlook and phones put marks of direction into what they write
_INITIALS = re.compile(r"([^\W\d_]{1,3})>")  # The Bat and Fidonet quote as 'AR> …'
READ = 300_000  # characters; a longer text nobody typed, and it is kept whole
_WRAPPED_QUOTE = 70  # characters; a quoted line that long may have been wrapped once more


def visible_reply(text: str) -> str:
    """The lines that the sender wrote himself.

    Below a separator of a mail program (attribution line, `-----Original Message-----`, a block of header lines)
    everything is history, unless unquoted words follow the quote: those are an answer below the quote and stay.
    """
    if len(text) > READ:
        return text.strip()
    lines = text.replace("\r\n", "\n").split("\n")
    bare = [line.strip() for line in (lines if text.isascii() else _UNSEEN.sub("", text.replace("\r\n", "\n")).split("\n"))]
    own = _own_lines(bare)
    end = own_end([bare[number] for number in own])
    kept = own[:end] if any(bare[number] for number in own[:end]) else own
    return "\n".join([lines[number] for number in kept]).strip() or text.strip()


def _own_lines(lines: list[str]) -> list[int]:
    """The indexes of the stripped lines that are no history."""
    found = attributions(lines)
    own: list[int] = []
    number, words = 0, False
    while number < len(lines):
        line = lines[number]
        below = found.get(number)
        if not line:
            own.append(number)
        elif below is not None and (quote := _quote_mark(lines, below)):
            number = below if quote == ">" else _below_bars(lines, below)
            continue
        elif below is not None and words:
            break  # some programs quote without a mark: all below the attribution is history
        elif below is not None and is_certain(" ".join(lines[number:below])):
            number = below
            continue
        elif line[0] == ">" or _is_quoted(lines, number):
            pass
        elif starts_history(lines, number):
            return own if words else list(range(len(lines)))
        else:
            own.append(number)
            words = words or not is_divider(line)
        number += 1
    return own


def _quote_mark(lines: list[str], below: int) -> str:
    """With what the first line with words from `below` on is quoted; '' when it is not."""
    for number in range(below, len(lines)):
        if lines[number]:
            return ">" if _is_quoted(lines, number) else "|" if lines[number][0] == "|" else ""
    return ""


def _below_bars(lines: list[str], number: int) -> int:
    """The index below lines that are quoted with '|'. Such lines elsewhere are a table."""
    while number < len(lines) and (not lines[number] or lines[number][0] == "|"):
        number += 1
    return number


def _is_quoted(lines: list[str], number: int) -> bool:
    line = lines[number]
    if line[0] == ">":
        return True
    if ">" in line[1:5] and (match := _INITIALS.match(line)):
        return any(0 <= near < len(lines) and lines[near].startswith(match[0]) for near in (number - 1, number + 1))
    return lines[number - 1][:1] == ">" and _is_rest_of_a_quote(lines, number)


def _is_rest_of_a_quote(lines: list[str], number: int) -> bool:
    """A long quoted line that was wrapped on its way leaves the end of its sentence unmarked, between two quoted lines."""
    if not 0 < number < len(lines) - 1 or lines[number + 1][:1] != ">":
        return False
    above = lines[number - 1]
    return len(above) >= _WRAPPED_QUOTE and above[-1] not in ".!?:;…" and lines[number][0].islower()


def left_out(text: str, visible: str) -> int:
    """How many lines with words of a text its new words lack: people are told that there is more."""
    return sum(bool(line.strip()) for line in text.split("\n")) - sum(bool(line.strip()) for line in visible.split("\n"))
