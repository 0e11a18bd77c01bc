"""What an operator's mail says: words for the client, and lines that are commands (R11)."""

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from typing import Any

from mailbot.core.desk.words import is_courtesy
from mailbot.core.mail.message import Attachment
from mailbot.core.mail.visible import own_words

_COMMAND = re.compile(r"^/([^\s/]{1,20})(?:\s+(.*))?$")  # `/about/us` is a path
_HOURS = r"(?:h|hrs?|hours?|ч|час(?:а|ов)?)"
_TIME = re.compile(rf"(?:(\d{{1,4}})\s*{_HOURS})?\s*(?:(\d{{1,5}})\s*(?:m|mins?|minutes?|м|мин|минут[аы]?)?)?")
MOST_COMMANDS = 20  # of one mail
LOGO_OCTETS = 20 * 1024


def is_file(attachment: Attachment) -> bool:
    """Whether an operator's attachment is meant for the client: his visiting card and his signature's logo are not.

    A small picture that his text shows by its id is taken for a logo; a pasted screenshot is larger.
    """
    if attachment.content_type in ("text/vcard", "text/x-vcard", "text/directory"):
        return False
    return not (attachment.content_id and attachment.content_type.startswith("image/") and attachment.size < LOGO_OCTETS)


@dataclass(frozen=True, slots=True)
class Command:
    """A line that is meant for mailbot. `value`: what the name's reader made of the rest; `wrong`: why it cannot be carried out."""

    line: str
    name: str = ""
    value: Any = None
    wrong: str = ""


@dataclass(frozen=True, slots=True)
class Done:
    """What was done to a ticket at an operator's word. `undo`: the line that takes it back, '' when nothing needs to."""

    what: str
    ticket: int
    values: Mapping[str, Any] = field(default_factory=dict)
    undo: str = ""


@dataclass(frozen=True, slots=True)
class Reply:
    """An operator's mail: his words for the client, and the lines that are meant for mailbot."""

    words: str
    commands: tuple[Command, ...]

    @property
    def doubtful(self) -> bool:
        """Whether a line is perhaps a mistyped command: then it is not known what was meant for the client."""
        return any(not one.name for one in self.commands)


def minutes(text: str) -> int:
    """`40m`, `2h`, `1h30m`, `90` as whole minutes. Raises ValueError for anything else."""
    match = _TIME.fullmatch(text.strip().lower())
    count = int(match[1] or 0) * 60 + int(match[2] or 0) if match else 0
    if not 0 < count <= 100_000:
        raise ValueError(f"time {text[:50]!r}: write it like 40m, 2h or 1h30m; nothing was entered")
    return count


def _nothing(rest: str) -> None:
    if rest:
        raise ValueError(f"{rest!r} is not understood; the line has one word")


def _word(rest: str) -> str:
    if not rest:
        raise ValueError("a word is missing behind it")
    return rest


def _time(rest: str) -> tuple[int, str]:
    """(minutes, what was done): the longest beginning of the line that is a time; `-40m` takes back what was entered."""
    sign, words = (-1 if rest.startswith("-") else 1), rest.removeprefix("-").split(maxsplit=4)
    count = next((count for count in range(min(4, len(words)), 1, -1) if _TIME.fullmatch(" ".join(words[:count]).lower())), 1)
    return sign * minutes(" ".join(words[:count])), " ".join(words[count:])


def _numbers(rest: str, most: int) -> list[int]:
    words = rest.split()
    if len(words) > most or not all(re.fullmatch(r"#?[0-9]{1,9}", word) for word in words):
        raise ValueError(f"{rest[:50]!r} is no number")
    return [int(word.lstrip("#")) for word in words]


def _repeat(rest: str) -> tuple[int | None, int]:
    """(N or None, OF): `/repeat 12` is about the ticket of the mail, `/repeat 13 12` about ticket 13."""
    numbers = _numbers(rest, 2)
    if not numbers:
        raise ValueError("the number of the ticket that it repeats is missing")
    return (numbers[0] if len(numbers) == 2 else None), numbers[-1]


def _estimate(rest: str) -> tuple[int, str]:
    """(minutes, words for the client): `/estimate 3h with the new texts`. A unit must stand there: "3 days" are no three minutes."""
    count, words = _time(rest)
    if count < 0:
        raise ValueError("an estimate is longer than nothing")
    if rest.split(maxsplit=1)[0].isdigit() and words and rest.split()[1] == words.split()[0]:
        raise ValueError(f"{rest[:50]!r}: write the time with its unit, like 40m, 2h or 1h30m; nothing was sent")
    return count, words


def _yes(rest: str) -> bool:
    if rest.lower() not in ("", "yes", "no", "да", "нет"):
        raise ValueError(f"{rest[:50]!r} is neither yes nor no")
    return rest.lower() not in ("no", "нет")


# Each command with what reads the rest of its line, and raises ValueError when that makes no sense.
COMMANDS: Mapping[str, Callable[[str], Any]] = {
    "close": lambda rest: rest or None,
    "reopen": _nothing,
    "cause": _word,
    "time": _time,
    "note": _word,
    "repeat": _repeat,
    "split": lambda rest: next(iter(_numbers(rest, 1)), None),
    "coverage": _word,
    "estimate": _estimate,
    "urgent": _yes,
}


def read_command(line: str) -> Command | None:
    """The command of a line that begins with one, or with a word that nearly is one (`/splt 345`); None for any other line."""
    line = line.strip()
    match = _COMMAND.match(line)
    if match is None:
        return None
    name = match[1].rstrip(".,;:!").lower()
    if name not in COMMANDS:
        close = get_close_matches(name, COMMANDS, n=1, cutoff=0.75)
        return Command(line, wrong=f"is no command; is /{close[0]} meant?") if close else None
    try:
        return Command(line, name, COMMANDS[name]((match[2] or "").strip()))
    except ValueError as error:
        return Command(line, name, wrong=str(error))


def read_reply(text: str, operators: Collection[str], desk: str) -> Reply:
    """The operator's words without his signature, our forward and command lines: whatever becomes of `/close`, no client reads it.

    A mail that is nothing but history has no words for the client: our forward has internal ones. Nor is an operator's own address for
    the client: with it goes a last paragraph or a line that is no sentence (a signature without its `-- `); in a sentence the desk's
    address stands for it. Beside commands a greeting and a closing are no words.
    """
    kept: list[str] = []
    commands: list[Command] = []
    for line in own_words(text).split("\n"):
        command = read_command(line)
        if command is None:
            kept.append(line)
        elif len(commands) < MOST_COMMANDS:
            commands.append(command)
        elif len(commands) == MOST_COMMANDS:
            commands.append(replace(command, wrong=f"this line and those below it are too many, a mail may have {MOST_COMMANDS} commands"))
    paragraphs = "\n".join(kept).strip().split("\n\n")
    if (len(paragraphs) > 1 or commands) and _names(paragraphs[-1], operators) and not any(map(_is_sentence, paragraphs[-1].split("\n"))):
        paragraphs.pop()
    words = "\n".join(line for line in "\n\n".join(paragraphs).split("\n") if _is_sentence(line) or not _names(line, operators))
    for addr in operators:
        words = re.sub(re.escape(addr), lambda _: desk, words, flags=re.IGNORECASE)
    said = words.strip()
    return Reply("" if commands and is_courtesy(said) else said, tuple(commands))


def _is_sentence(line: str) -> bool:
    return len(line.split()) > 5 or line.rstrip().endswith((".", "!", "?"))


def _names(text: str, operators: Collection[str]) -> bool:
    return any(addr in text.lower() for addr in operators)
