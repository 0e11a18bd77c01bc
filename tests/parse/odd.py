"""What mailbot reads in the odd mails whose charsets, heads, structure or files are mended: what differs from an ordinary mail."""

from mailbot.core.mail.message import Address, Bounce, Original

RUSSIAN = "Не работает форма заказа на странице роз."
ENGLISH = "The form is broken."
DESK = Address("", "support@studio.example")
BOSS = Address("", "boss@studio.example")
BROKEN_NAME = ("a display-name that breaks RFC 5322 section 3.4",)
LIST = b"\x00\x01\x02\x03"
HTML = "<p>The form is <b>broken</b>.</p>"
FOOTER = "_____________\nStudio mailing list"
NO_BASE64 = "what is called base64 is not: taken as it is"
ORIGINAL = "t12.abcd.efgh@studio.example"


def calendar(method: str) -> bytes:
    """A calendar object; what an event of it calls METHOD is not the object's."""
    head = f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\n{method}BEGIN:VEVENT\r\n"
    return f"{head}SUMMARY:Meeting\r\nMETHOD:CANCEL\r\nEND:VEVENT\r\nEND:VCALENDAR".encode()


def russian(charset: str, *defects: str) -> dict[str, object]:
    """A mail with the Russian sentence."""
    return {"text": RUSSIAN, "charset": charset, "defects": defects, "language": "ru"}


CHARSETS = {
    "charset-declared-big5-is-utf-8": russian("utf-8", "the text says big5 and is in utf-8"),
    "charset-declared-koi8-r-is-windows-1251": russian("windows-1251", "the text says koi8-r and is in windows-1251"),
    "charset-declared-latin-is-windows-1251": russian("windows-1251", "the text says iso-8859-1 and is in windows-1251"),
    "charset-doubled": {"charset": "us-ascii", "defects": ()},
    "charset-iso-2022-jp-of-windows": {"text": "①テスト", "charset": "iso-2022-jp", "defects": ()},
    "charset-mac-cyrillic": russian("x-mac-cyrillic"),
    "charset-missing-cp866": russian("cp866", "octets without a charset read as cp866"),
    "charset-missing-german": {"text": "Schöne Grüße aus Köln, die Größe stimmt nicht.", "charset": "windows-1252"},
    "charset-missing-iso-2022-jp": {"text": "こんにちは", "defects": ("the escapes of ISO-2022-JP, which is not declared",)},
    "charset-missing-iso-8859-5": russian("iso-8859-5", "octets without a charset read as iso-8859-5"),
    "charset-utf-8-with-one-octet-lost": {**russian("utf-8", "the text is not in utf-8"), "text": RUSSIAN.replace("б", "\ufffd", 1)},
    "charset-utf-8-with-a-footer-in-windows-1251": {
        "text": f"{RUSSIAN}\nПроверено антивирусом Роза",
        "charset": "utf-8",
        "defects": ("the text is not in utf-8", "lines that are not in utf-8 read as windows-1251"),
    },
    "charset-with-junk-behind": russian("windows-1251", "charset 'windows-1251http-equiv' taken as windows-1251"),
    "charset-with-junk-in-front": {
        "text": "表格坏了，请尽快修理。",
        "charset": "gb18030",
        "defects": ("charset 'iso-gb2312' taken as gb18030",),
    },
}
FIELDS = {
    "encoded-words-divide-a-character": {"subject": "Прайс", "defects": ()},
    "encoded-word-without-end": {"subject": "Прайс", "defects": ("an encoded-word without its end",)},
    "encoded-word-with-blanks-and-language": {"subject": "Прайс list"},
    "encoded-word-with-raw-octets": {"subject": "Grüße aus Köln", "defects": ("a field with raw 8-bit octets",)},
    "encoded-word-in-quotation-marks": {"originator": Address("Анна", "anna@rose.example")},
    "encoded-word-with-a-comma": {"originator": Address("Rose, Anna", "anna@rose.example")},
    "encoded-word-around-an-address": {"defects": BROKEN_NAME},
    "raw-fields-in-the-charset-of-the-text": {"subject": "Öl", "text": "Öl und Käse."},
    "from-in-a-comment": {},
    "from-without-its-end": {"defects": BROKEN_NAME},
    "from-with-a-dot-behind": {},
    "from-twice-the-first-empty": {},
    "to-with-semicolons": {"to": (DESK, BOSS)},
    "to-with-a-broken-one": {"to": (DESK, Address("Boss [x", BOSS.addr)), "defects": BROKEN_NAME},
}
HEADS = {
    "head-behind-blank-lines": {"defects": ("lines before the fields left out",)},
    "head-behind-an-mbox-quote": {"defects": ("lines before the fields left out",)},
    "head-behind-a-status-line": {"defects": ("a line among the fields that is no field",)},
    "head-with-a-blank-line-in-it": {"defects": ("a blank line among the fields",)},
    "head-without-a-blank-line-behind-it": {
        "text": f"Hello,\n{ENGLISH.replace('The', 'the')}\n\nAnna",
        "defects": ("no blank line between the fields and the body",),
    },
    "head-with-blanks-before-the-colons": {"defects": ()},
    "fields-of-a-forwarded-message-in-the-text": {"text": "From: olga@rose.example\nSubject: Old\n\nOld words.", "defects": ()},
    "line-breaks-cr-in-parts": {"defects": ()},
}
PARTS = {
    "boundary-mistyped": {"defects": ("the boundary of a multipart is not the one in its body, which is taken",)},
    "boundary-with-blanks": {"defects": ()},
    "content-type-without-semicolon": {},
    "multipart-not-declared": {"defects": ("a multipart that is not declared",)},
    "alternative-with-enriched-text": {},
    "enriched-only": {"text": "The form is <broken>."},
    "text-of-another-kind": {"text": f"{ENGLISH}\n*The page too.*"},
    "calendar-also-as-a-file": {
        "calendar_method": "REQUEST",
        "kind": "calendar",
        "attachments": [("invite.ics", "application/ics", b"BEGIN:VCALENDAR", None, False)],
    },
    "message-attached-without-a-name": {
        "attachments": [
            ("Old _ new.eml", "message/rfc822", b"Subject: Old / new\r\n\r\nOld words.", None, False),
            (None, "message/rfc822", b"", None, False),
        ]
    },
}
FILES = {
    "encoding-uuencode": {"attachments": [("list.txt", "application/octet-stream", b"abcde", None, False)]},
    "uuencode-in-the-text": {
        "attachments": [("list.txt", "text/plain", b"abcde", None, False)],
        "defects": ("a uuencoded file in the text",),
    },
    "uuencode-in-encoded-text": {"attachments": [("list.txt", "text/plain", b"abcde", None, False)]},
    "base64-in-pieces-with-a-footer": {
        "text": f"{ENGLISH}\nUnsubscribe\nhere: https://studio.example",
        "defects": ("plain lines behind base64", "base64 goes on after its padding"),
    },
    "base64-in-utf-8-with-a-footer": {
        "text": f"{RUSSIAN}\n_____\nСписок рассылки: https://studio.example/Lists/TeamOfTheStudio",
        "charset": "utf-8",
        "defects": ("plain lines behind base64", "octets without a charset read as koi8-r"),
    },
    "base64-html-with-a-footer": {"text": f"{ENGLISH}\n{FOOTER}", "html": HTML, "defects": ("plain lines behind base64",)},
    "base64-file-with-a-footer": {
        "attachments": [(None, "application/pdf", LIST, None, False)],
        "defects": ("plain lines behind base64",),
    },
    "base64-with-a-line-of-equals-signs": {"text": "Форма\n=====\nRobot", "defects": ("plain lines behind base64",)},
    "base64-with-a-damaged-line": {"text": f"{RUSSIAN} {RUSSIAN} {RUSSIAN} ", "defects": ()},
    "base64-that-is-a-letter": {"text": "Hello,\nplease fix the phone number\nAnna", "defects": (NO_BASE64,)},
    "base64-that-is-a-letter-without-commas": {"text": "Please\nfix the phone number", "defects": (NO_BASE64,)},
    "base64-that-is-single-words": {
        "text": "Please\nfix\nthe\nphone",
        "defects": ("base64 that does not add up: read as far as it goes", NO_BASE64),
    },
    "begin-in-a-letter": {"text": "begin 2026 season sale\n!\n\n$ 100 price", "attachments": (), "defects": ()},
    "uuencode-without-end": {
        "attachments": [("list.txt", "text/plain", b"abc" * 16, None, False)],
        "defects": ("a uuencoded file in the text",),
    },
    "encoding-in-quotation-marks": {"defects": ("Content-Transfer-Encoding '\"base64\" (of course)' taken as base64",)},
    "encoding-with-a-hyphen": russian("utf-8", "Content-Transfer-Encoding '8-bit' taken as 8bit"),
    "base64-that-is-none": {"defects": ("what is called base64 is not: taken as it is",)},
    "soft-breaks-with-blanks": {},
    "winmail": {
        "attachments": [
            ("прайс.pdf", "application/pdf", LIST, None, False),
            ("list.pdf", "application/pdf", b"%PDF", None, False),
        ],
        "defects": ("winmail.dat unpacked",),
    },
    "winmail-with-the-only-text": {"text": "Не работает", "html": "<p>Не работает</p>", "defects": ("winmail.dat unpacked",)},
    "winmail-broken": {
        "attachments": [
            ("winmail.dat", "application/ms-tnef", b'x\x9f>"\x01\x00\x02\x02\x90\x06\x00\xff\xff\xff\xff', None, False),
        ],
        "defects": ("winmail.dat that cannot be unpacked",),
    },
    "smime-opaque": {
        "text": "",
        "attachments": [("smime.p7m", "application/pkcs7-mime", LIST, None, False)],
        "defects": ("S/MIME: the words of the message are within its attachment",),
    },
    "names-odd": {
        "attachments": [
            (name, "application/pdf", LIST, None, False)
            for name in (
                *("list.pdf", "list.pdf", "price; list.pdf", 'the "new" list.pdf', "прайс.pdf", "50% off.pdf", "list.pdf"),
                *("прайс.pdf", "прайс.pdf", "прайс.pdf", "прайс.pdf", "list 2.pdf", None),
            )
        ]
    },
}
FORMS = {
    "html-with-a-plain-footer": {"text": f"{ENGLISH}\n{FOOTER}", "html": HTML},
    "html-between-plain-texts": {
        "text": f"See\n{ENGLISH}",
        "html": HTML,
        "attachments": [(None, "image/png", b"\x89PNG", "logo", True)],
    },
    "html-behind-an-alternative": {"text": f"{ENGLISH}\nThe page too.", "html": f"{HTML}\n<p>The page too.</p>"},
    "html-alone-in-an-alternative": {"text": f"{ENGLISH}\n{FOOTER}", "html": HTML},
    "html-beside-words-about-html": {"text": "The HTML below must replace the text.\nNew words", "html": "<p>New words</p>"},
    "html-that-repeats-the-plain-text": {"html": HTML},
    "alternative-with-related-html": {"html": HTML},
    "text-called-an-attachment": {},
    "text-with-a-name": {"attachments": [("text.txt", "text/plain", ENGLISH.encode(), None, False)]},
    "html-with-a-name-and-a-list": {
        "html": HTML,
        "attachments": [("text.html", "text/html", HTML.encode(), None, False), (None, "text/rtf", b"{\\rtf1 no}", None, False)],
    },
    "empty-text-beside-a-text-file": {"text": "", "attachments": [("list.txt", "text/plain", b"roses", None, False)]},
    "flowed": {
        "text": f"{ENGLISH}\n>not quoted\nFrom here on it is.\n\n> How are\n>> you?\n> Well.\n> > Old words.\n-- \nAnna Rose",
        "visible": f"{ENGLISH}\nFrom here on it is.",
    },
    "flowed-with-delsp": {"text": "表格坏了，请尽快修理。"},
    "not-flowed": {"text": "The form \nis broken.\n >quoted"},
}
REPORTS = {
    "dsn-that-names-the-original": {
        "text": "I could not deliver it.",
        "kind": "bounce",
        "report": Bounce(("anna@rose.example",), ("5.1.1",), "failed", ORIGINAL),
    },
    "mdn-that-names-the-original": {"text": "Read.", "kind": "auto_reply", "original": Original(ORIGINAL)},
    "calendar-with-its-method-within": {
        "calendar_method": "REQUEST",
        "kind": "calendar",
        "attachments": [(None, "text/calendar", calendar("METHOD:request\r\n"), None, False)],
    },
    "calendar-in-a-file": {
        "calendar_method": "REQUEST",
        "kind": "calendar",
        "attachments": [("invite.ics", "application/ics", calendar("METHOD:REQUEST\r\n"), None, False)],
    },
    "calendar-without-a-method": {
        "calendar_method": None,
        "attachments": [(None, "text/calendar", calendar(""), None, False)],
    },
    "calendar-that-is-published": {
        "calendar_method": None,
        "attachments": [("dates.ics", "application/ics", calendar("METHOD:PUBLISH\r\n"), None, False)],
    },
}
MENDED = {**CHARSETS, **FIELDS, **HEADS, **PARTS, **FILES, **FORMS, **REPORTS}
