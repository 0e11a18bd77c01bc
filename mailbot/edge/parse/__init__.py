"""Makes a `Mail` of octets. Any octets give one: what was wrong with them stands in its `defects`."""

from datetime import datetime

from mailbot.core.mail.message import Attachment, Mail, Original
from mailbot.core.mail.visible import visible_reply
from mailbot.edge.parse import fields, files
from mailbot.edge.parse.decode import decoded_body, text_of
from mailbot.edge.parse.head import MAX_FIELD_OCTETS, printable, shown
from mailbot.edge.parse.html import html_as_text, may_be_stub
from mailbot.edge.parse.language import language_of
from mailbot.edge.parse.names import filename
from mailbot.edge.parse.report import ORIGINALS, original_of, report_of, status_text
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
    body.unpack()
    text = body.text()
    raw_fields = root.fields
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
        report=report_of(body.status_texts, body.original),
        original=body.original,
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
        self.plain: list[str] = []
        self.html: list[str] = []
        self.attachments: list[Attachment] = []
        self.packed: list[Unpacked] = []
        self.part_types: list[str] = []
        self.status_texts: list[str] = []
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
        if kind == "text/calendar" and (method := part.params.get("method")):
            self.calendar_method = printable(method).upper()
        if files.is_another_form(part):
            return
        if files.is_inline_text(part) and (part.parent is None or filename(part, [], self.charset) is None):
            self._text_part(part)
        elif kind.startswith("multipart/"):
            self._text_part(part)  # unreadable as a multipart: its reader sees text
        else:
            self._attachment(part)

    def _decoded(self, part: Part) -> bytes:
        return decoded_body(self.octets[part.body : part.end], part.encoding, self.defects)

    def _text_part(self, part: Part) -> None:
        octets = self._decoded(part)
        if part.content_type != "text/html":
            octets, found = files.without_uuencoded(part, octets, self.defects, self.charset)
            self.attachments += found
        text, charset = text_of(octets, part.params.get("charset"), self.defects, self.charset)
        self.charset = self.charset or charset
        if part.content_type in ("text/enriched", "text/richtext"):
            text = files.from_enriched(text)
        self._say(text, self.html if part.content_type == "text/html" else self.plain)

    def _say(self, text: str, where: list[str]) -> None:
        if len(text) > self.room:
            self.defects.append(f"text cut at {MAX_TEXT} characters")
            text = text[: self.room]
        self.room -= len(text)
        where.append(text)

    def _attachment(self, part: Part) -> None:
        found, inside = files.attached(self.octets, part, self.defects, self.charset)
        self.attachments += found
        if inside and (inside.text or inside.html):
            self.packed.append(inside)

    def unpack(self) -> None:
        """Take the text in a winmail.dat when the message has no other."""
        if not any(text.strip() for text in (*self.plain, *self.html)):
            for inside in self.packed:
                self._say(text_of(inside.text.encode(), "utf-8", self.defects)[0], self.plain)
                if inside.html:
                    self._say(text_of(inside.html.encode(), "utf-8", self.defects)[0], self.html)

    def _report_part(self, part: Part) -> None:
        if part.content_type.endswith("delivery-status"):
            self.status_texts.append(status_text(part, self.octets))
        elif part.content_type in ORIGINALS and self.original is None:
            self.original, texts = original_of(part, self.octets)
            self.status_texts += texts

    def text(self) -> str:
        """The inline text parts joined, or the HTML as text when there is none, or only one that says that the mail is in HTML."""
        plain = "\n".join(text.rstrip("\n") for text in self.plain) if len(self.plain) > 1 else "".join(self.plain)
        if not self.html or (plain.strip() and not may_be_stub(plain)):
            return plain
        html = "\n".join(html_as_text(html) for html in self.html)
        said = "".join(plain.split())  # a mail about HTML says the same in both parts
        return plain if said and (not html or said in "".join(html.split())) else html
