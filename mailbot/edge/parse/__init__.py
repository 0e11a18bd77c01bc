"""Makes a `Mail` of octets. Any octets give one: what was wrong with them stands in its `defects`."""

from datetime import datetime
from hashlib import sha256

from mailbot.core.mail.message import Attachment, Mail, Original
from mailbot.core.mail.visible import visible_reply
from mailbot.edge.parse import fields
from mailbot.edge.parse.decode import decoded_body, text_of
from mailbot.edge.parse.html import html_as_text, may_be_stub
from mailbot.edge.parse.language import language_of
from mailbot.edge.parse.report import ORIGINALS, original_of, report_of, status_text
from mailbot.edge.parse.structure import MAX_FIELD_OCTETS, Part, leaves, printable, shown, split

MAX_TEXT = 2_000_000  # characters of text that are read; a longer one is cut with a defect
_SIGNATURES = frozenset(("application/pgp-signature", "application/pkcs7-signature", "application/x-pkcs7-signature"))
_ENCODINGS = ("base64", "quoted-printable")
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
    text = body.text()
    raw_fields = root.fields
    visible = visible_reply(text)
    originators = fields.addresses(raw_fields.get("from", [])[:1], defects)
    reply_to = fields.addresses(raw_fields.get("reply-to", [])[:1], defects)
    usable = [one for one in (*originators, *reply_to) if "@" in one.addr]
    references = fields.ids(raw_fields.get("references", []))
    subject = fields.words(root.first("subject"), defects)
    return Mail(
        message_id=fields.message_id(root.first("message-id")),
        originator=usable[0] if usable else (originators[0] if originators else None),
        reply_to=tuple(one for one in reply_to if "@" in one.addr),
        to=fields.addresses(raw_fields.get("to", []), defects),
        cc=fields.addresses(raw_fields.get("cc", []), defects),
        date=fields.date(root.first("date")),
        subject=subject,
        in_reply_to=fields.ids(raw_fields.get("in-reply-to", [])),
        references=references,
        text=text,
        html="\n".join(body.html) or None,
        attachments=tuple(body.attachments),
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
        if kind in ("text/plain", "text/html") and part.disposition != "attachment":
            name = fields.filename(part, self.defects)
            if name is None or part.parent is None:
                self._text_part(part)
                return
        if kind.startswith("multipart/"):
            self._text_part(part)  # unreadable as a multipart: its reader sees text
            return
        self._attachment(part)

    def _decoded(self, part: Part) -> bytes:
        return decoded_body(self.octets[part.body : part.end], part.encoding, self.defects)

    def _text_part(self, part: Part) -> None:
        text, charset = text_of(self._decoded(part), part.params.get("charset"), self.defects)
        self.charset = self.charset or charset
        if len(text) > self.room:
            self.defects.append(f"text cut at {MAX_TEXT} characters")
            text = text[: self.room]
        self.room -= len(text)
        (self.html if part.content_type == "text/html" else self.plain).append(text)

    def _attachment(self, part: Part) -> None:
        body = self._decoded(part)
        name = fields.filename(part, self.defects)
        content_id = fields.content_id(part)
        inline = part.disposition == "inline" or (part.disposition != "attachment" and content_id is not None)
        self.attachments.append(
            Attachment(
                name,
                part.content_type[:200],
                len(body),
                sha256(body).hexdigest(),
                content_id,
                inline,
                part.body,
                part.end,
                part.encoding if part.encoding in _ENCODINGS else "",
            )
        )

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
