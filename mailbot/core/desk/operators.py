"""What an operator's mail says to the client."""

import re

from mailbot.core.mail.message import Attachment
from mailbot.core.mail.visible import MARKER

_SIGNATURE = re.compile(r"^(--\s*|—\s*|sent from my .*|отправлено с .*|отправлено из .*)$", re.IGNORECASE)


def is_file(attachment: Attachment) -> bool:
    """Whether an operator's attachment is meant for the client: a picture that his text shows by its id is his signature's logo."""
    return not (attachment.content_id and attachment.content_type.startswith("image/"))


def read_reply(visible: str) -> str:
    """The operator's words for the client, without his signature, our forward and lines that begin with a command word.

    A line such as `/close` is meant for mailbot: whether it is carried out or not, a client must not read it.
    """
    kept: list[str] = []
    for line in visible.split("\n"):
        if _SIGNATURE.match(line.strip()) or MARKER in line:
            break
        if not re.match(r"^/[a-z]{2,12}\b", line):
            kept.append(line)
    return "\n".join(kept).strip()
