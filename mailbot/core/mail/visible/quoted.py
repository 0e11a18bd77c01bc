"""The words of the mail that a reply quotes or a forward passes on."""

import re

from mailbot.core.mail.visible.attribution import attributions
from mailbot.core.mail.visible.history import kind_of, starts_history
from mailbot.core.mail.visible.signature import is_divider

_LINES = 2000  # lines that are read
_INITIALS = re.compile(r"^[^\W\d_]{1,3}>")  # The Bat quotes as 'AR> …'


def quoted_words(text: str) -> str:
    """What stands below the first separator, attribution or mark of quoting, without marks and fields; '' without one.

    `text` is a whole mail in which something is quoted or forwarded; the result may quote in its turn.
    """
    lines = text.replace("\r\n", "\n").split("\n")[:_LINES]
    bare = [line.strip() for line in lines]
    begin = next((number for number, line in enumerate(bare) if line and (line[0] == ">" or starts_history(bare, number))), None)
    announced = min(attributions(bare), default=None)
    if begin is None or (announced is not None and announced < begin):
        begin = announced
    if begin is None:
        return ""
    below = [_unmarked(line) for line in lines[begin:]]
    return "\n".join(below[_head_end([line.strip() for line in below]) :]).strip()


def _unmarked(line: str) -> str:
    """The line without one level of '>'."""
    bare = _INITIALS.sub(">", line.lstrip(), count=1)
    return bare[2 if bare[1:2] == " " else 1 :] if bare[:1] == ">" else line


def _head_end(lines: list[str]) -> int:
    """The index of the first line below separators, attributions and fields, with the lines that their values are wrapped over."""
    number, value = 0, False
    while number < len(lines):
        line = lines[number]
        below = attributions(lines[number : number + 8]).get(0) if line else None
        if not line or is_divider(line):
            value = False
        elif kind_of(line) is not None:
            value = True
        elif below:
            number += below
            continue
        elif not value and not starts_history(lines, number):
            break
        number += 1
    return number
