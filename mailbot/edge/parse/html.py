"""HTML as its reader sees it, in lines: history and signatures that mail programs mark in HTML get the marks that plain text has."""

import re
from collections.abc import Callable
from html import unescape
from itertools import dropwhile, islice
from typing import Any

from mailbot.core.mail.visible.attribution import LONGEST, attributions, is_attribution
from mailbot.core.mail.visible.history import kind_of, starts_history

SEPARATOR = "-----Original Message-----"  # what Outlook writes above the old mail in plain text
# Begin and end of a quote and of a signature; of a private area of Unicode.
_OPEN, _CLOSE, _SIGNED, _SIGNED_END = "\ue000", "\ue001", "\ue002", "\ue003"
_MARKS = re.compile(f"[{_OPEN}{_CLOSE}{_SIGNED}{_SIGNED_END}]")
_DEEPEST = 8  # marks of quoting a line; deeper ones say no more
_LONGEST_URL = 1000
_NEAR = 8  # elements around one
_HEAD = 16  # lines that show whether old mail begins

_XML_DECLARATION = re.compile(r"^\s*<\?xml[^>]*>")
_STUB = re.compile(r"\s*[^\n]{0,200}\bhtml\b", re.IGNORECASE)
_LONGEST_STUB = 500
_HIDDEN = re.compile(r"(?:^|[;\s])(?:display\s*:\s*none|visibility\s*:\s*hidden|max-height\s*:\s*0(?:px|%)?\s*(?:!|;|$))", re.IGNORECASE)
_NO_BORDER = re.compile(r"border\s*:\s*(?:none|0)", re.IGNORECASE)
_BORDER = re.compile(r"border(?:-left)?\s*:\s*(?!none|0)\w", re.IGNORECASE)
_QUOTE_NAME = re.compile(r"gmail_quote|quote_|zmail|cite", re.IGNORECASE)
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
_SIGNATURE_CLASSES = frozenset(("gmail_signature", "moz-signature", "protonmail_signature_block"))
_SIGNATURE_IDS = frozenset(
    (
        "Signature",  # Outlook on the web
        "ms-outlook-mobile-signature",
        "composer_signature",  # Samsung
        "Zm-_Id_-Sgn",  # Zoho
    )
)


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
    except Exception:  # nosec B110  # noqa: BLE001, S110 -- lxml refuses some octets; a mail without tags is still a mail
        pass
    bare = unescape(re.sub(r"<[^<>]*>", " ", html))
    return "\n".join(words for line in bare.splitlines() if (words := " ".join(line.split())))


def may_be_stub(plain: str) -> bool:
    """Whether a plain part may only say that the mail is in HTML: it is short and begins with that."""
    return len(plain) < _LONGEST_STUB and _STUB.match(plain) is not None


def _is_outlook_header(element: Any) -> bool:
    """Outlook for Windows draws a line above 'From: …' and names nothing. In a language that no table has the labels are bold."""
    if _OUTLOOK_BORDER.search(element.get("style", "")) is None:
        return False
    bold = sum(":" in _words(label, 60) for label in islice(element.iter("b", "strong"), 8))
    return bold > 1 or kind_of(_words(element, 60)) is not None


def _is_named_history(element: Any) -> bool:
    """Programs that name what stands above the old mail."""
    return element.get("id") in _HISTORY_IDS or not _HISTORY_CLASSES.isdisjoint(_classes(element))


def _is_unmarked_quote(element: Any) -> bool:
    """Yahoo, Proton, Zoho: what is named a quote and holds none. One that does hold answers between its quotes, too."""
    return not _QUOTE_CLASSES.isdisjoint(_classes(element)) and element.tag != "blockquote" and not _holds_a_quote(element)


HISTORY: tuple[Callable[[Any], bool], ...] = (_is_outlook_header, _is_named_history, _is_unmarked_quote)


def _is_blockquote(element: Any) -> bool:
    """What mail programs quote with: they say that it cites, name it or draw a line beside it, or an attribution stands above."""
    if element.tag != "blockquote":
        return False
    dressed = element.get("type") == "cite" or _BORDER.search(element.get("style", "")) or _QUOTE_NAME.search(element.get("class", ""))
    nested = next(element.iterancestors("blockquote"), None) is not None or element.find(".//blockquote") is not None
    named = any(not _QUOTE_CLASSES.isdisjoint(_classes(around)) for around in islice(element.iterancestors(), _NEAR))
    return bool(dressed) or nested or named or is_attribution(_words_above(element))


def _is_plain_blockquote(element: Any) -> bool:
    """Without a border it is an indentation (Gmail and Apple Mail write such a one for 'indent more')."""
    return bool(element.tag == "blockquote") and _NO_BORDER.search(element.get("style", "")) is None


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
    plain, marked = [], False
    for element in list(root.iter("*")):
        if element.tag in _INLINE:
            _INLINE[element.tag](element)
        elif element.tag in ("html", "body", "head") or not (element.attrib or element.tag == "blockquote"):
            continue
        elif element.get("hidden") is not None or _HIDDEN.search(element.get("style", "")):
            element.set("style", "display:none")
        elif any(rule(element) for rule in QUOTES):
            marked = True
            _enclose(element, _OPEN, _CLOSE)
        elif _is_plain_blockquote(element):
            plain.append(element)
        elif any(rule(element) for rule in HISTORY):
            marked = True
            _insert(element, SEPARATOR, before=True)
        elif _is_signature(element):
            _enclose(element, _SIGNED, _SIGNED_END)
    for element in () if marked else plain:  # beside a program's quote it is the sender's: a passage for a page
        _enclose(element, _OPEN, _CLOSE)


def _enclose(element: Any, begin: str, end: str) -> None:
    _insert(element, begin, before=True)
    _insert(element, end, before=False)


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


def _words_above(element: Any) -> str:
    """The line right above an element, when it is short: what its neighbours say since the last line break with words behind it."""
    words = ""
    for near in islice(element.itersiblings(preceding=True), 4):
        words = f"{'' if near.tag == 'br' else _words(near, LONGEST)} {near.tail or ''} {words}".strip()
        if words and (near.tag in ("br", "div", "p") or len(words) > LONGEST):
            return words[:LONGEST]
    parent = element.getparent()
    return f"{(parent.text if parent is not None else '') or ''} {words}".strip()[:LONGEST]


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
    if not words:
        words = " ".join(_alt(picture) for picture in islice(link.iter("img"), 4)).strip()
        link.text = words
    if not words or not url.lower().startswith(("http://", "https://")) or len(url) > _LONGEST_URL or _short(words) == _short(url):
        return
    if len(link):
        link[-1].tail = f"{(link[-1].tail or '').rstrip()} ({url})"
    else:
        link.text = f"{(link.text or '').rstrip()} ({url})"


def _alt(picture: Any) -> str:
    """What a picture says in words; a sign alone is shown for every picture."""
    alt = " ".join((picture.get("alt") or "").split())[:LONGEST]
    return "" if _EMOJI.fullmatch(alt) else alt


def _show_sign(picture: Any) -> None:
    """Programs make a picture of a face, or of our marker's scissors, and say which in its alternative text."""
    if _EMOJI.fullmatch(picture.get("alt", "")):
        picture.tail = picture.get("alt") + (picture.tail or "")


_INLINE: dict[str, Callable[[Any], None]] = {"a": _show_address, "img": _show_sign}


def _short(url: str) -> str:
    return re.sub(r"^(?:https?://)?(?:www\.)?|/$", "", url.strip().lower())


def _lines(text: str) -> str:
    """The lines with `> ` for each quote that is open, and with `-- ` where a signature begins without one."""
    lines: list[str] = []
    signatures: list[tuple[int, int]] = []  # the divider of each, and the line below its last
    depth, inside, above, divider = 0, 0, "", -1
    for marked in text.split("\n"):
        depth += marked.count(_OPEN)
        inside += marked.count(_SIGNED)
        line = _MARKS.sub("", marked).rstrip()
        bare = line.strip()
        if bare and not (bare == SEPARATOR and above in ("", SEPARATOR)):
            if inside and divider < 0 and depth == 0:
                divider = _divider(lines, bare)
            above = bare
            lines.append("> " * min(depth, _DEEPEST) + line)
        elif not bare and line == marked.rstrip():
            lines.append(("> " * min(depth, _DEEPEST)).rstrip())
        inside -= marked.count(_SIGNED_END)
        if not inside and divider >= 0:
            signatures.append((divider, len(lines)))
            divider = -1
        depth = max(depth - marked.count(_CLOSE), 0)
    for number, end in reversed(signatures):
        if _goes_on(lines, end):
            del lines[number]
    return "\n".join(lines).strip()


def _divider(lines: list[str], first: str) -> int:
    """The index of the `-- ` above a signature's first line; it is added when the signature has none."""
    if first == "--":
        return len(lines)
    last = next((place for place in range(len(lines) - 1, -1, -1) if lines[place].strip()), -1)
    if last < 0 or lines[last].strip() != "--":
        last = len(lines)
        lines.append("-- ")
    return last


def _goes_on(lines: list[str], end: int) -> bool:
    """Whether words of the sender stand below his signature: the next ones are no old mail."""
    head = [line.strip() for line in islice(dropwhile(lambda line: not line.strip(), islice(lines, end, None)), _HEAD)]
    return bool(head) and head[0][0] != ">" and 0 not in attributions(head) and not starts_history(head, 0)
