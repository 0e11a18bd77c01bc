"""Makes a `Mail` of octets. Any octets give one: what was wrong with them stands in its `defects`."""

from datetime import datetime

from mailbot.core.mail.message import Attachment, Mail, Original
from mailbot.core.mail.visible import visible_reply
from mailbot.edge.parse import fields, files, flowed
from mailbot.edge.parse.base64_lines import words_from_base64
from mailbot.edge.parse.decode import decoded_body, text_of
from mailbot.edge.parse.forms import Said, joined, one_of, text_of_parts
from mailbot.edge.parse.head import MAX_FIELD_OCTETS, printable, shown
from mailbot.edge.parse.language import language_of
from mailbot.edge.parse.names import filename
from mailbot.edge.parse.report import ORIGINALS, original_named, original_of, report_of, status_text
from mailbot.edge.parse.structure import Part, leaves, split
from mailbot.edge.parse.tnef import Unpacked
from mailbot.edge.parse.words import words

MAX_TEXT = 2_000_000  # characters of text that are read; a longer one is cut with a defect
_SIGNATURES = frozenset(("application/pgp-signature", "application/pkcs7-signature", "application/x-pkcs7-signature"))
_REPORT_PARTS = frozenset(
    (*ORIGINALS, "message/delivery-status", "message/global-delivery-status", "message/disposition-notification", "message/feedback-report")
)


def parse(octets: bytes) -> Mail:
    """The message in these octets. Never raises for what the octets hold."""
    defects: list[str] = []
    root = split(octets, defects)
    body = _Body(octets, defects)
    for part in leaves(root):
        body.take(part)
    text = text_of_parts(root, body.said)
    if not text.strip():
        text = body.text_in_files() or text
    raw_fields = root.fields
    original = body.original_or_named()
    visible = visible_reply(text)
    hint = body.charset  # what the text is in raw octets of fields are mostly in, too
    originators = fields.addresses(raw_fields.get("from", [])[:5], defects, hint)
    reply_to = fields.addresses(raw_fields.get("reply-to", [])[:1], defects, hint)
    usable = [one for one in (*originators, *reply_to) if "@" in one.addr]
    references = fields.ids(raw_fields.get("references", []))
    subject = words(root.first("subject"), defects, hint)
    return Mail(
        message_id=fields.message_id(root.first("message-id")),
        originator=usable[0] if usable else (originators[0] if originators else None),
        reply_to=tuple(one for one in reply_to if "@" in one.addr),
        to=fields.addresses(raw_fields.get("to", []), defects, hint),
        cc=fields.addresses(raw_fields.get("cc", []), defects, hint),
        date=fields.date(root.first("date")),
        subject=subject,
        in_reply_to=fields.ids(raw_fields.get("in-reply-to", [])),
        references=references,
        text=text,
        html="\n".join(body.html) or None,
        attachments=files.without_doubles(body.attachments),
        fields={name: tuple(map(shown, bodies)) for name, bodies in raw_fields.items() if name not in _UNREAD},
        content_type=root.content_type,
        content_params={name: printable(value) for name, value in root.params.items()},
        part_types=tuple(body.part_types),
        report=report_of(body.status_texts, original),
        original=original,
        hops=len(raw_fields.get("received", ())),
        calendar_method=body.calendar_method,
        visible=visible,
        language=language_of(visible) or language_of(subject),
        charset=body.charset,
        defects=tuple(dict.fromkeys(defects)),
    )


def sent_at(octets: bytes) -> datetime | None:
    """When the message says it was written."""
    return fields.date(split(octets[:MAX_FIELD_OCTETS].partition(b"\r\n\r\n")[0], []).first("date"))


# Fields that no decision reads, and that are most of a header's octets.
_UNREAD = frozenset(
    (
        "received",
        "dkim-signature",
        "arc-seal",
        "arc-message-signature",
        "arc-authentication-results",
        "x-google-dkim-signature",
    )
)


class _Body:
    """What the leaves of a message give together."""

    def __init__(self, octets: bytes, defects: list[str]) -> None:
        self.octets = octets
        self.defects = defects
        self.said: dict[int, list[Said]] = {}  # by the id() of the part
        self.html: list[str] = []
        self.attachments: list[Attachment] = []
        self.packed: list[Unpacked] = []
        self.text_files: list[Part] = []
        self.part_types: list[str] = []
        self.status_texts: list[str] = []
        self.receipts: list[str] = []
        self.original: Original | None = None
        self.calendar_method: str | None = None
        self.charset: str | None = None
        self.room = MAX_TEXT

    def take(self, part: Part) -> None:
        """Read one leaf."""
        kind = part.content_type
        self.part_types.append(kind)
        if kind in _SIGNATURES:
            return
        in_report = part.parent is not None and part.parent.content_type == "multipart/report"
        if kind in _REPORT_PARTS:
            self._report_part(part)
            if in_report or kind.endswith("delivery-status"):
                return
        if kind in files.CALENDARS and (method := self._calendar_method(part)):
            self.calendar_method = method
        if files.is_another_form(part):
            return
        if files.is_inline_text(part) and (part.parent is None or filename(part, [], self.charset) is None):
            self._text_part(part)
        elif kind.startswith("multipart/"):
            self._text_part(part)  # unreadable as a multipart: its reader sees text
        else:
            self._attachment(part)

    def _text_part(self, part: Part) -> None:
        self.said[id(part)] = self._texts(part)

    def _texts(self, part: Part) -> list[Said]:
        """What a text part says: its text, and below it what a list server put behind its base64."""
        encoded = self.octets[part.body : part.end]
        charset = part.params.get("charset")
        if part.encoding == "base64":
            octets, footer = words_from_base64(encoded, charset, self.defects)
        else:
            octets, footer = decoded_body(encoded, part.encoding, self.defects), b""
        if part.content_type != "text/html":
            octets, found = files.without_uuencoded(part, octets, self.defects, self.charset)
            self.attachments += found
        text, charset = text_of(octets, charset, self.defects, self.charset)
        self.charset = self.charset or charset
        if part.content_type in ("text/enriched", "text/richtext"):
            text = files.from_enriched(text)
        elif part.content_type == "text/plain" and flowed.flows(part.params):
            text = flowed.unwrapped(text, part.params)
        texts = [self._said(text, is_html=part.content_type == "text/html")]
        if footer.strip():
            texts.append(self._said(text_of(footer, None, self.defects, self.charset)[0].lstrip("\n")))
        return texts

    def _said(self, text: str, *, is_html: bool = False) -> Said:
        if len(text) > self.room:
            self.defects.append(f"text cut at {MAX_TEXT} characters")
            text = text[: self.room]
        self.room -= len(text)
        if is_html:
            self.html.append(text)
        return Said(text, is_html)

    def _calendar_method(self, part: Part) -> str | None:
        """The method of a calendar object (RFC 5546), by its parameter or, where a program left that out, by the object itself."""
        if part.content_type == "text/calendar" and (method := part.params.get("method")):
            return printable(method).upper()
        return files.method_within(decoded_body(self.octets[part.body : min(part.end, part.body + 8000)], part.encoding, []))

    def _attachment(self, part: Part) -> None:
        if files.is_text(part):
            self.text_files.append(part)
        found, inside = files.attached(self.octets, part, self.defects, self.charset)
        self.attachments += found
        if inside and (inside.text or inside.html):
            self.packed.append(inside)

    def text_in_files(self) -> str:
        """The text of a message without one of its own: in a winmail.dat, or in the first text that is sent as a file."""
        texts = [one for inside in self.packed for one in self._unpacked(inside)]
        if texts:
            return joined(texts)
        if self.said:
            return ""  # its writer left it empty
        for part in self.text_files:  # some programs name their only text, or call it an attachment
            if (text := joined(self._texts(part))).strip():
                if filename(part, [], self.charset) is None:  # nothing that a reader could save
                    self.attachments = [one for one in self.attachments if one.start != part.body]
                return text
        return ""

    def _unpacked(self, inside: Unpacked) -> list[Said]:
        forms = ((inside.text, False), (inside.html, True))
        return one_of([[self._said(text_of(text.encode(), "utf-8", self.defects)[0], is_html=html)] for text, html in forms if text])

    def original_or_named(self) -> Original | None:
        """The message that came back, or the one that the report names."""
        if self.original and self.original.message_id:
            return self.original
        named = original_named((*self.status_texts, *self.receipts))
        return Original(named, self.original.to if self.original else ()) if named else self.original

    def _report_part(self, part: Part) -> None:
        if part.content_type.endswith("delivery-status"):
            self.status_texts.append(status_text(part, self.octets))
        elif part.content_type == "message/disposition-notification":
            self.receipts.append(status_text(part, self.octets))
        elif part.content_type in ORIGINALS and self.original is None:
            self.original, texts = original_of(part, self.octets)
            self.status_texts += texts
