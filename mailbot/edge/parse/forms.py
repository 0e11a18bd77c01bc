"""Which of a message's inline texts are its text, when some of them are HTML."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from mailbot.edge.parse.html import html_as_text, may_be_stub
from mailbot.edge.parse.structure import Part

_WORD = re.compile(r"[^\W_]+")
# What programs write for links and pictures when they make plain text of HTML.
_PLACES = re.compile(r"<?\b(?:https?://|mailto:)[^\s<>]{1,2000}>?|\[(?:cid:|image: ?)[^\[\]\n]{0,200}\]", re.IGNORECASE)


@dataclass(slots=True)
class Said:
    """An inline text: its characters, and whether they are HTML."""

    source: str
    is_html: bool = False
    made: str | None = None

    @property
    def text(self) -> str:
        """The lines that its reader sees."""
        if not self.is_html:
            return self.source
        if self.made is None:
            self.made = html_as_text(self.source)
        return self.made


def text_of_parts(root: Part, said: Mapping[int, Sequence[Said]]) -> str:
    """The texts of a message in their order, of an alternative one form. `said`: what the leaves say, by the id() of their part."""
    return joined(_without_repeats(_texts(root, said)))


def one_of(forms: Sequence[Sequence[Said]]) -> list[Said]:
    """Of the forms of one text (RFC 2046 section 5.1.4) the plain one, unless it is empty or only says that the mail is in HTML."""
    plain = [one for form in forms if not _holds_html(form) for one in form]
    html = [one for form in forms if _holds_html(form) for one in form]
    words = joined(plain)
    if html and (not words.strip() or may_be_stub(words)):
        bare, shown = "".join(words.split()), "".join(joined(html).split())
        if not bare or (shown and bare not in shown):  # a mail about HTML says the same in both forms
            return html
    return [one for form in forms for one in form if not one.is_html]


def joined(texts: Sequence[Said]) -> str:
    """The texts, one below the other."""
    return "\n".join(one.text.rstrip("\n") for one in texts) if len(texts) > 1 else "".join(one.text for one in texts)


def _texts(part: Part, said: Mapping[int, Sequence[Said]]) -> list[Said]:
    if not part.children:
        return list(said.get(id(part), ()))
    inner = [_texts(child, said) for child in part.children]
    return one_of(inner) if part.content_type == "multipart/alternative" else [one for form in inner for one in form]


def _holds_html(texts: Iterable[Said]) -> bool:
    return any(one.is_html for one in texts)


def _without_repeats(texts: list[Said]) -> list[Said]:
    """Some programs call an alternative multipart/mixed: HTML that says the same words as a plain text beside it is left out."""
    if not _holds_html(texts) or all(one.is_html for one in texts):
        return texts
    plain = {"", *(_words(one.text) for one in texts if not one.is_html)}
    return [one for one in texts if (_words(one.text) not in plain if one.is_html else one.source.strip())]


def _words(text: str) -> str:
    return " ".join(_WORD.findall(_PLACES.sub(" ", text.lower())))
