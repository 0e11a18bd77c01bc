"""The same request again (R2): what is surely the same joins its ticket, what may be is suggested to the operators."""

from collections.abc import Iterator

from mailbot.core.desk.repeats.likeness import Likeness, likeness
from mailbot.core.desk.repeats.reading import Reading, joined, read
from mailbot.core.mail.visible import own_words
from mailbot.core.mail.visible.quoted import quoted_words

__all__ = ["Likeness", "compare", "readings"]


def readings(subject: str, text: str) -> tuple[Reading, ...]:
    """How a mail can be read as a request: what its sender wrote, and that with the mail that he quotes or passes on below it."""
    own, quoted = own_words(text), own_words(quoted_words(text))
    if not quoted:
        return (read(subject, own or text),)
    if not own:
        return (read(subject, quoted),)
    above = read(subject, own)
    return above, joined(above, read("", quoted))


def compare(new: tuple[Reading, ...], old: tuple[Reading, ...]) -> Likeness:
    """The best that can be said of two mails in whatever way each is read: the same, surely another, or neither."""
    return max(_compared(new, old), key=lambda found: (found.same, found.other))


def _compared(new: tuple[Reading, ...], old: tuple[Reading, ...]) -> Iterator[Likeness]:
    for one in new:
        for other in old:
            yield likeness(one, other)
