"""What an operator's mail says to the client."""

import re
from dataclasses import dataclass

from mailbot.core.mail.message import Attachment
from mailbot.core.mail.visible import MARKER

_SIGNATURE = re.compile(r"^(--\s*|—\s*|sent from my .*|отправлено с .*|отправлено из .*)$", re.IGNORECASE)


_COMMAND = re.compile(r"^/(close|reopen|time|cause|repeat|split|note|coverage)\b")  # R11
SIGNATURE_LINES = 12  # a signature stands at the end; what looks like one further up is a line of the text


def is_file(attachment: Attachment) -> bool:
    """Whether an operator's attachment is meant for the client: a picture that his text shows by its id is his signature's logo."""
    return not (attachment.content_id and attachment.content_type.startswith("image/"))


@dataclass(frozen=True, slots=True)
class Reply:
    """An operator's mail: his words for the client, and the lines that are meant for mailbot."""

    words: str
    commands: tuple[str, ...]


def read_reply(visible: str) -> Reply:
    """The operator's words without his signature, our forward and command lines: whatever becomes of `/close`, no client reads it."""
    kept: list[str] = []
    commands: list[str] = []
    lines = visible.split("\n")
    for number, line in enumerate(lines):
        if MARKER in line or (_SIGNATURE.match(line.strip()) and len(lines) - number <= SIGNATURE_LINES):
            break
        (commands if _COMMAND.match(line) else kept).append(line)
    return Reply("\n".join(kept).strip(), tuple(line.strip() for line in commands))
