"""The words of the mail that a reply quotes or a forward passes on."""

import re

from mailbot.core.mail.visible.attribution import attributions
from mailbot.core.mail.visible.history import kind_of, starts_history
from mailbot.core.mail.visible.signature import is_divider

_LINES = 2000  # lines that are read
_ADDRESS = re.compile(r"[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}")
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


def quoted_originator(text: str) -> str | None:
    """The address of who wrote what is quoted or passed on, in lower case, where attribution or fields tell it."""
    lines = text.replace("\r\n", "\n").split("\n")[:_LINES]
    bare = [_unmarked(line).strip() for line in lines]
    heads = {start: " ".join(bare[start:end]) for start, end in attributions(bare).items()}
    for number, line in enumerate(bare):
        head = heads.get(number) or (line if kind_of(line) == "from" else "")
        if match := _ADDRESS.search(head):
            return match[0].lower()
    return None


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
