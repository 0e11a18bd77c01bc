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


def read_reply(text: str, operators: Collection[str], desk: str) -> Reply:
    """The operator's words without his signature, our forward and command lines: whatever becomes of `/close`, no client reads it.

    A mail that is nothing but history has no words for the client: our forward has internal ones. Nor is an operator's own address for
    the client: with it goes a last paragraph or a line that is no sentence (a signature without its `-- `); in a sentence the desk's
    address stands for it.
    """
    kept: list[str] = []
    commands: list[str] = []
    for line in own_words(text).split("\n"):
        (commands if _COMMAND.match(line) else kept).append(line)
    paragraphs = "\n".join(kept).strip().split("\n\n")
    if len(paragraphs) > 1 and _names(paragraphs[-1], operators) and not any(map(_is_sentence, paragraphs[-1].split("\n"))):
        paragraphs.pop()
    words = "\n".join(line for line in "\n\n".join(paragraphs).split("\n") if _is_sentence(line) or not _names(line, operators))
    for addr in operators:
        words = re.sub(re.escape(addr), lambda _: desk, words, flags=re.IGNORECASE)
    return Reply(words.strip(), tuple(line.strip() for line in commands))


def _is_sentence(line: str) -> bool:
    return len(line.split()) > 5 or line.rstrip().endswith((".", "!", "?"))


def _names(text: str, operators: Collection[str]) -> bool:
    return any(addr in text.lower() for addr in operators)
