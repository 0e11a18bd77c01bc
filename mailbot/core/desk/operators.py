"""What an operator's mail says to the client."""

import re
from collections.abc import Collection
from dataclasses import dataclass

from mailbot.core.mail.message import Attachment
from mailbot.core.mail.visible import own_words

_COMMAND = re.compile(r"^/(close|reopen|time|cause|repeat|split|note|coverage)\b")  # R11
LOGO_OCTETS = 20 * 1024


def is_file(attachment: Attachment) -> bool:
    """Whether an operator's attachment is meant for the client: his visiting card and his signature's logo are not.

    A small picture that his text shows by its id is taken for a logo; a pasted screenshot is larger.
    """
    if attachment.content_type in ("text/vcard", "text/x-vcard", "text/directory"):
        return False
    return not (attachment.content_id and attachment.content_type.startswith("image/") and attachment.size < LOGO_OCTETS)


@dataclass(frozen=True, slots=True)
class Reply:
    """An operator's mail: his words for the client, and the lines that are meant for mailbot."""

    words: str
    commands: tuple[str, ...]


def read_reply(visible: str, operators: Collection[str]) -> Reply:
    """The operator's words without his signature, our forward and command lines: whatever becomes of `/close`, no client reads it.

    A mail that is nothing but history is kept whole as its visible words. It has no words for the client: our forward has internal ones.
    Words with an operator's own address are not for the client either: as the last paragraph they are a signature without its `-- `.
    """
    kept: list[str] = []
    commands: list[str] = []
    for line in own_words(visible).split("\n"):
        (commands if _COMMAND.match(line) else kept).append(line)
    paragraphs = "\n".join(kept).strip().split("\n\n")
    if len(paragraphs) > 1 and _names(paragraphs[-1], operators):
        paragraphs.pop()
    words = "\n".join(line for line in "\n\n".join(paragraphs).split("\n") if not _names(line, operators))
    return Reply(words.strip(), tuple(line.strip() for line in commands))


def _names(text: str, operators: Collection[str]) -> bool:
    return any(addr in text.lower() for addr in operators)
