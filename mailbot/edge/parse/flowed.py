"""Plain text whose lines flow (RFC 3676), as Thunderbird and Apple Mail write it: the lines that were wrapped are whole again."""

import re
from collections.abc import Mapping

_QUOTED = re.compile(r">(?: ?>)*")  # some programs put blanks between the marks of those who quoted before


def flows(params: Mapping[str, str]) -> bool:
    """Whether the parameters of a text/plain say so (section 3.1)."""
    return params.get("format", "").strip().lower() == "flowed"


def unwrapped(text: str, params: Mapping[str, str]) -> str:
    """Section 4: stuffed blanks are taken away, and lines that end in a blank go on in the next one of the same quote depth.

    Quotes keep their marks; with `delsp=yes` the blank is none of the text.
    """
    delete_blank = params.get("delsp", "").strip().lower() == "yes"
    lines: list[str] = []
    paragraph: list[str] = []  # the lines of it that go on
    above = ""
    for line in text.split("\n"):
        match = _QUOTED.match(line)
        mark = match[0] if match else ""
        bare = line[len(mark) :].removeprefix(" ")
        alone = not bare or bare == "-- "  # section 4.3: a signature's line never flows; and an empty line is one to its writer
        if paragraph and (alone or mark.count(">") != above.count(">")):
            lines.append(_quoted(above, "".join(paragraph).rstrip(" ")))
            paragraph = []
        above = above if paragraph else mark
        if bare.endswith(" ") and not alone:
            paragraph.append(bare[:-1] if delete_blank else bare)
            continue
        lines.append(_quoted(above, "".join((*paragraph, bare))))
        paragraph = []
    if paragraph:
        lines.append(_quoted(above, "".join(paragraph).rstrip(" ")))
    return "\n".join(lines)


def _quoted(mark: str, line: str) -> str:
    return f"{mark} {line}" if mark and line else mark + line
