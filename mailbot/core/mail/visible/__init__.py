"""The new words of a reply, without the quoted history and the signature. In doubt it keeps too much."""

import re

from mailbot.core.mail.visible.attribution import attributions, is_whole
from mailbot.core.mail.visible.history import MARKER, carries_marker, kind_of, starts_history
from mailbot.core.mail.visible.signature import is_divider, own_end

__all__ = ["MARKER", "left_out", "own_words", "visible_reply"]

_UNSEEN = re.compile("[\u200b-\u200f\u202a-\u202e\u2060\ufeff]")  # Outlook and phones put marks of direction into what they write
_INITIALS = re.compile(r"([^\W\d_]{1,3})>")  # The Bat and Fidonet quote as 'AR> …'
READ = 300_000  # characters; what stands behind them nobody typed: it goes with the last line before it
_COLONS = (":", "：")
_QUOTES_READ = 20
_QUOTE_HEAD = 6  # lines
_FIELDS_READ = 20  # lines


def visible_reply(text: str) -> str:
    """The lines that the sender wrote himself; the whole text when it is nothing but history.

    Below a separator of a mail program (attribution line, `-----Original Message-----`, a block of header lines)
    everything is history, unless unquoted words follow the quote: those are an answer below the quote and stay.
    """
    return own_words(text) or text.strip()


def own_words(text: str) -> str:
    """The same; '' when the text is nothing but history."""
    if len(text) > READ:
        cut = text.rfind("\n", 0, READ)
        head = own_words(text[:cut]) if cut > 0 else ""
        goes_on = cut <= 0 or (head and text[:cut].rstrip().endswith(head.rsplit("\n", 1)[-1]))
        return (head + text[max(cut, 0) :]).strip() if goes_on else head
    lines = text.replace("\r\n", "\n").split("\n")
    bare = [line.strip() for line in (lines if text.isascii() else _UNSEEN.sub("", text.replace("\r\n", "\n")).split("\n"))]
    own = _own_lines(bare[: _end_of_ours(bare)] if "✂" in text else bare)
    # A signature ends where its run of own lines ends: below the quote that follows, an answer may stand.
    signed = ["-- " if line.rstrip("\r") == "-- " else stripped for line, stripped in zip(lines, bare, strict=True)]
    kept = [number for run in _runs(own) for number in _unsigned(signed, run)]
    kept = kept if any(bare[number] for number in kept) else own
    return "\n".join([lines[number] for number in kept]).strip()


def _end_of_ours(lines: list[str]) -> int:
    """The index below the first line with our marker that is not quoted: from there on nothing is the sender's, whatever it looks like."""
    for number, line in enumerate(lines):
        if line[:1] not in ("", ">") and carries_marker(lines, number):
            return number + (1 if carries_marker([line], 0) else 2)  # two lines when it was folded
    return len(lines)


def _unsigned(lines: list[str], run: list[int]) -> list[int]:
    """A run of own lines without the signature at its end; blank lines at its end stay."""
    end = max(own_end(["", *(lines[number] for number in run)]) - 1, 0)
    return run[:end] if any(lines[number] for number in run[end:]) else run


def _runs(numbers: list[int]) -> list[list[int]]:
    """The numbers, taken apart where one is missing."""
    runs: list[list[int]] = []
    for number in numbers:
        if runs and runs[-1][-1] == number - 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    return runs


def _own_lines(unmarked: list[str]) -> list[int]:
    """The indexes of the stripped lines that are no history."""
    lines = _with_marks(unmarked)
    found = attributions(lines)
    quoted = _is_a_reply(lines, found)
    if not quoted:
        lines = unmarked
        quoted = _is_mostly_quoted(lines)
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
        elif below is not None and _is_apart(lines, number) and _is_whole(lines, number, below):
            if words:
                break  # some programs quote without a mark: all below the attribution is history
            number = below
            continue
        elif quoted and line[0] == ">":
            pass
        elif starts_history(lines, number):
            below = _quote_below(lines, number)
            if below is None:
                _forget_attribution(lines, number, own)
                break
            number = below  # Outlook Express marks the old mail below its separator, too: answers may stand within
            continue
        else:
            own.append(number)
            words = words or not is_divider(line)
        number += 1
    return own if any(lines[number] and not is_divider(lines[number]) for number in own) else []


def _with_marks(lines: list[str]) -> list[str]:
    """The lines, with '>' for the initials that neighbours of a line have, too ('AR> …')."""
    marked = list(lines)
    for number, line in enumerate(lines):
        if ">" in line[1:5] and (match := _INITIALS.match(line)):
            near = [lines[place] for place in (number - 1, number + 1) if 0 <= place < len(lines)]
            if any(other.startswith(match[0]) for other in near):
                marked[number] = line[len(match[0]) - 1 :]
    return marked


def _is_a_reply(lines: list[str], found: dict[int, int]) -> bool:
    """Whether a program's mark stands above lines with '>', or in the first of them.

    Without one, few lines with '>' among others are the sender's: a shell's prompt, a path in a menu, '> 100', a passage for a page.
    """
    begins = [number for number, line in enumerate(lines) if line[:1] == ">" and (not number or lines[number - 1][:1] != ">")]
    if not begins:
        return False
    if any(_quote_mark(lines, below) == ">" for below in found.values()):
        return True
    for begin in begins[:_QUOTES_READ]:
        head = [line.lstrip("> ") for line in lines[begin : begin + _QUOTE_HEAD]]
        if attributions(head) or any(line and starts_history(head, number) for number, line in enumerate(head)):
            return True
    return any(line and line[0] != ">" and starts_history(lines, number) for number, line in enumerate(lines))


def _is_mostly_quoted(lines: list[str]) -> bool:
    """Whether more lines begin with '>' than not, and nothing announces the first of them ('Put this on the page:')."""
    quoted = [number for number, line in enumerate(lines) if line[:1] == ">" and line.strip("> ")]
    if not quoted or len(quoted) <= sum(line[:1] not in ("", ">") for line in lines):
        return False
    above = next((line for line in reversed(lines[: quoted[0]]) if line.strip("> ")), "")
    return above[-1:] not in _COLONS


def _forget_attribution(lines: list[str], number: int, own: list[int]) -> None:
    """An attribution in a language that no table has, right above our marker: an operator's mail must not tell it to a client."""
    if own and own[-1] == number - 1 and carries_marker(lines, number) and lines[number - 1][-1:] in _COLONS:
        own.pop()


def _quote_below(lines: list[str], number: int) -> int | None:
    """The index of the first line with '>' below a separator and its fields, or None when other words stand there."""
    place = number + (kind_of(lines[number]) is None)
    end = min(len(lines), number + _FIELDS_READ)
    while place < end and (not lines[place] or kind_of(lines[place]) is not None):
        place += 1
    return place if place < end and lines[place][0] == ">" else None


def _is_apart(lines: list[str], number: int) -> bool:
    """Whether a line stands below a blank one or an ornament, as a program sets it."""
    return number == 0 or not lines[number - 1] or is_divider(lines[number - 1])


def _is_whole(lines: list[str], number: int, below: int) -> bool:
    """Whether an attribution in these lines is beyond doubt a program's, though no mark of quoting follows."""
    apart = below < len(lines) and not lines[below] and (number == 0 or not lines[number - 1])
    return is_whole(" ".join(lines[number:below]), set_apart=apart)


def _quote_mark(lines: list[str], below: int) -> str:
    """With what the first line with words from `below` on is quoted; '' when it is not. A row of a table has several bars."""
    for number in range(below, len(lines)):
        if line := lines[number]:
            if line[0] == "|":
                return "|" if line.count("|") == 1 else ""
            return ">" if line[0] == ">" or starts_history(lines, number) else ""
    return ""


def _below_bars(lines: list[str], number: int) -> int:
    """The index below lines that are quoted with '|'. Such lines elsewhere are a table."""
    while number < len(lines) and (not lines[number] or lines[number][0] == "|"):
        number += 1
    return number


def left_out(text: str, visible: str) -> int:
    """How many lines with words of a text its new words lack: people are told that there is more."""
    return sum(bool(line.strip()) for line in text.split("\n")) - sum(bool(line.strip()) for line in visible.split("\n"))
