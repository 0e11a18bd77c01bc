"""HTML as its reader sees it, in lines: history and signatures that mail programs mark in HTML get the marks that plain text has."""

import re
from collections.abc import Callable
from html import unescape
from itertools import islice
from typing import Any

from mailbot.core.mail.visible.attribution import LONGEST, is_attribution

SEPARATOR = "_" * 32  # Outlook's own line above the old mail in plain text
_OPEN, _CLOSE, _SIGNED = "\ue000", "\ue001", "\ue002"  # begin and end of a quote, begin of a signature; of a private area of Unicode
_MARKS = re.compile(f"[{_OPEN}{_CLOSE}{_SIGNED}]")
_DEEPEST = 8  # marks of quoting a line; deeper ones say no more
_LONGEST_URL = 1000

_XML_DECLARATION = re.compile(r"^\s*<\?xml[^>]*>")
_STUB = re.compile(r"\s*[^\n]{0,200}\bhtml\b", re.IGNORECASE)
_LONGEST_STUB = 500
_HIDDEN = re.compile(r"(?:^|[;\s])(?:display\s*:\s*none|visibility\s*:\s*hidden|max-height\s*:\s*0(?:px|%)?\s*(?:!|;|$))", re.IGNORECASE)
_NO_BORDER = re.compile(r"border\s*:\s*(?:none|0)", re.IGNORECASE)
_OUTLOOK_BORDER = re.compile(r"border-top\s*:\s*solid\s+#(?:E1E1E1|B5C4DF)", re.IGNORECASE)
_COPIED = re.compile(r"^(?:x_)+")  # Outlook on the web puts it before the names in mail that it quotes
_EMOJI = re.compile(r"[^\w\s]{1,8}")

_HISTORY_IDS = frozenset(
    (
        "divRplyFwdMsg",  # Outlook on the web
        "appendonsend",  # Outlook on the web, above the former
        "mail-editor-reference-message-container",  # Outlook on telephones
        "OLK_SRC_BODY_SECTION",  # Outlook for Mac
        "stopSpelling",  # Hotmail
        "zwchr",  # Zimbra
    )
)
_HISTORY_CLASSES = frozenset(("OutlookMessageHeader", "ms-outlook-mobile-reference-message"))
_QUOTE_CLASSES = frozenset(("yahoo_quoted", "protonmail_quote", "zmail_extra", "ntes-mailmaster-quote"))
_ATTRIBUTION_CLASSES = frozenset(("gmail_attr", "moz-cite-prefix"))
_SIGNATURE_CLASSES = frozenset(("gmail_signature", "moz-signature"))
_SIGNATURE_IDS = frozenset(("Signature", "ms-outlook-mobile-signature"))  # Outlook on the web and on telephones


def html_as_text(html: str) -> str:
    """HTML as lines: tables, lists and line breaks kept, links with their address, quotes behind `> `, hidden elements left out."""
    from inscriptis import Inscriptis  # takes a tenth of a second to load, and most mail has a plain part
    from inscriptis.css_profiles import CSS_PROFILES
    from inscriptis.model.config import ParserConfig
    from lxml.html import HTMLParser, document_fromstring

    parser = HTMLParser()
    try:
        root = document_fromstring(_XML_DECLARATION.sub("", _MARKS.sub("", html)), parser=parser)
        _mark(root)
        # The other profile indents each <div>, and mail is made of nested ones.
        text = _lines(str(Inscriptis(root, ParserConfig(css=CSS_PROFILES["strict"].copy())).get_text()))
        # lxml drops what is nested too deep, and what is nested nearly as deep drowns in indentation.
        if len(text) < 1000 + 4 * len(html) and all(entry.type_name != "ERR_RESOURCE_LIMIT" for entry in parser.error_log):
            return text
    except Exception:  # noqa: BLE001, S110 -- lxml refuses some octets; a mail without tags is still a mail
        pass
    bare = unescape(re.sub(r"<[^<>]*>", " ", html))
    return "\n".join(words for line in bare.splitlines() if (words := " ".join(line.split())))


def may_be_stub(plain: str) -> bool:
    """Whether a plain part may only say that the mail is in HTML: it is short and begins with that."""
    return len(plain) < _LONGEST_STUB and _STUB.match(plain) is not None


def _is_outlook_header(element: Any) -> bool:
    """Outlook for Windows draws a line above 'From: …' and names nothing."""
    return _OUTLOOK_BORDER.search(element.get("style", "")) is not None and ":" in _words(element, 60)


def _is_named_history(element: Any) -> bool:
    """Programs that name what stands above the old mail."""
    return element.get("id") in _HISTORY_IDS or not _HISTORY_CLASSES.isdisjoint(_classes(element))


def _is_unmarked_quote(element: Any) -> bool:
    """Yahoo, Proton, Zoho: what is named a quote and holds none. One that does hold answers between its quotes, too."""
    return not _QUOTE_CLASSES.isdisjoint(_classes(element)) and element.tag != "blockquote" and not _holds_a_quote(element)


HISTORY: tuple[Callable[[Any], bool], ...] = (_is_outlook_header, _is_named_history, _is_unmarked_quote)


def _is_blockquote(element: Any) -> bool:
    """Programs quote with it. Without a border it is an indentation (Gmail and Apple Mail write such a one for 'indent more')."""
    return bool(element.tag == "blockquote") and (element.get("type") == "cite" or _NO_BORDER.search(element.get("style", "")) is None)


def _is_named_quote(element: Any) -> bool:
    """GMX and web.de quote in a named <div>."""
    return bool(element.tag == "div" and element.get("name") == "quote")


def _is_strange_attribution(element: Any) -> bool:
    """A line above a quote that Gmail, Thunderbird or Roundcube name so, in a language that the text's rules do not know."""
    if _ATTRIBUTION_CLASSES.isdisjoint(_classes(element)) and element.get("id") != "reply-intro":
        return False
    below = next((one for one in islice(element.itersiblings(), 4) if one.tag != "br"), None)
    return below is not None and below.tag == "blockquote" and not is_attribution(_words(element, LONGEST))


QUOTES: tuple[Callable[[Any], bool], ...] = (_is_blockquote, _is_named_quote, _is_strange_attribution)


def _is_signature(element: Any) -> bool:
    """Programs that name the signature. One that holds a quote holds the answer too: people write into it."""
    named = not _SIGNATURE_CLASSES.isdisjoint(_classes(element)) or _COPIED.sub("", element.get("id") or "") in _SIGNATURE_IDS
    return named and not _holds_a_quote(element)


def _mark(root: Any) -> None:
    """Put marks and addresses into the tree, and hide hidden elements from inscriptis."""
    for element in list(root.iter("*")):
        if element.tag == "a":
            _show_address(element)
        elif element.tag == "img":
            if _EMOJI.fullmatch(element.get("alt", "")):
                element.tail = element.get("alt") + (element.tail or "")
        elif element.tag in ("html", "body", "head") or not (element.attrib or element.tag == "blockquote"):
            continue
        elif element.get("hidden") is not None or _HIDDEN.search(element.get("style", "")):
            element.set("style", "display:none")
        elif any(rule(element) for rule in QUOTES):
            _insert(element, _OPEN, before=True)
            _insert(element, _CLOSE, before=False)
        elif any(rule(element) for rule in HISTORY):
            _insert(element, SEPARATOR, before=True)
        elif _is_signature(element):
            _insert(element, _SIGNED, before=True)


def _holds_a_quote(element: Any) -> bool:
    return next(element.iter("blockquote"), None) is not None


def _classes(element: Any) -> list[str]:
    return [_COPIED.sub("", name) for name in (element.get("class") or "").split()]


def _words(element: Any, most: int) -> str:
    """The first words of an element, about `most` characters of them."""
    words: list[str] = []
    for text in element.itertext():
        words.append(text[:most])
        most -= len(text)
        if most <= 0:
            break
    return " ".join("".join(words).split())


def _insert(element: Any, words: str, *, before: bool) -> None:
    """Put a line of its own before or behind an element."""
    line = element.makeelement("div")
    line.text = words
    if before:
        element.addprevious(line)
    else:
        tail, element.tail = element.tail, None
        element.addnext(line)
        line.tail = tail


def _show_address(link: Any) -> None:
    """Where a link leads stands behind its words, unless it is its words."""
    url = (link.get("href") or "").strip()
    words = _words(link, _LONGEST_URL)
    if not words or not url.lower().startswith(("http://", "https://")) or len(url) > _LONGEST_URL or _short(words) == _short(url):
        return
    if len(link):
        link[-1].tail = f"{(link[-1].tail or '').rstrip()} ({url})"
    else:
        link.text = f"{(link.text or '').rstrip()} ({url})"


def _short(url: str) -> str:
    return re.sub(r"^(?:https?://)?(?:www\.)?|/$", "", url.strip().lower())


def _lines(text: str) -> str:
    """The lines with `> ` for each quote that is open, and with `-- ` where a signature begins without one."""
    lines: list[str] = []
    depth, above, signed = 0, "", False
    for marked in text.split("\n"):
        depth += marked.count(_OPEN)
        line = _MARKS.sub("", marked).rstrip()
        bare = line.strip()
        if _SIGNED in marked:
            signed = depth == 0
        if bare and not (bare == SEPARATOR and above in ("", SEPARATOR)):
            if signed and "--" not in (bare, above):
                lines.append("-- ")
            signed, above = False, bare
            lines.append("> " * min(depth, _DEEPEST) + line)
        elif not bare and line == marked.rstrip():
            lines.append(("> " * min(depth, _DEEPEST)).rstrip())
        depth = max(depth - marked.count(_CLOSE), 0)
    return "\n".join(lines).strip()
