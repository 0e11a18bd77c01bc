"""HTML as text: what mail programs write, and what of it is history, signature and hidden."""

import sys
from subprocess import run

import pytest

from mailbot.core.mail.visible import visible_reply
from mailbot.edge.parse import parse
from mailbot.edge.parse.html import HISTORY, QUOTES, html_as_text

# Each holds the new words 'Thank you!' and the old ones 'We have it.'
REPLIES = {
    "Gmail": (
        '<div dir="ltr">Thank you!</div><br><div class="gmail_quote gmail_quote_container"><div dir="ltr" class="gmail_attr">On Wed, Nov 18,'
        ' 2026 at 12:00 PM Studio &lt;<a href="mailto:s@studio.example">s@studio.example</a>&gt; wrote:<br></div>'
        '<blockquote class="gmail_quote" style="margin:0px 0px 0px 0.8ex;border-left:1px solid rgb(204,204,204)">We have it.</blockquote></div>'
    ),
    "Gmail, a language that no table has": (
        '<div dir="ltr">Thank you!</div><div class="gmail_quote"><div class="gmail_attr">Tarehe 18 Studio aliandika:<br></div>'
        '<blockquote class="gmail_quote">We have it.</blockquote></div>'
    ),
    "Gmail, a signature": (
        '<div dir="ltr">Thank you!<div><br></div><span class="gmail_signature_prefix">-- </span><br>'
        '<div class="gmail_signature" data-smartmail="gmail_signature"><div>Anna Rose</div></div></div>'
    ),
    "Gmail, a signature without its dashes": 'Thank you!<div class="gmail_signature"><b>Anna Rose</b></div>',
    "Outlook for Windows": (
        "<div class=WordSection1><p class=MsoNormal>Thank you!<o:p></o:p></p><p class=MsoNormal><o:p>&nbsp;</o:p></p><div>"
        "<div style='border:none;border-top:solid #E1E1E1 1.0pt;padding:3.0pt 0cm 0cm 0cm'><p class=MsoNormal><b>จาก:</b> Studio<br>"
        "<b>ส่ง:</b> 18<o:p></o:p></p></div></div><p class=MsoNormal>We have it.</p></div>"
    ),
    "Outlook for Windows, older": (
        "<p>Thank you!</p><div style='border:none;border-top:solid #B5C4DF 1.0pt'><p><b>From:</b> Studio<br><b>Sent:</b> today</p></div>We have it."
    ),
    "Outlook on the web": (
        '<div>Thank you!</div><div id="Signature"><p>Anna Rose</p></div><div id="appendonsend"></div><hr tabindex="-1">'
        '<div id="divRplyFwdMsg" dir="ltr"><b>ผู้ส่ง:</b> Studio<br></div><div>We have it.</div>'
    ),
    "Outlook on a telephone": (
        '<div>Thank you!</div><div id="ms-outlook-mobile-signature">Get <a href="https://aka.ms/x">Outlook for Android</a></div>'
        '<div id="mail-editor-reference-message-container"><div>Studio, 18</div><div>We have it.</div></div>'
    ),
    "Outlook Express": 'Thank you!<div class="OutlookMessageHeader"><b>From:</b> Studio</div><div>We have it.</div>',
    "Yahoo": (
        '<div>Thank you!</div><div id="yahoo_quoted_1" class="yahoo_quoted"><div>Tarehe 18, Studio aliandika:</div><div>We have it.</div></div>'
    ),
    "Apple Mail": (
        '<body style="overflow-wrap: break-word;">Thank you!<br><div><br><blockquote type="cite"><div>On 18 Nov 2026, at 12:00, Studio'
        ' &lt;s@studio.example&gt; wrote:</div><br class="Apple-interchange-newline"><div>We have it.</div></blockquote></div></body>'
    ),
    "Thunderbird": (
        '<p>Thank you!</p><div class="moz-cite-prefix">Am 18.11.2026 um 12:00 schrieb Studio:<br></div>'
        '<blockquote type="cite" cite="mid:1@studio.example"><p>We have it.</p></blockquote><div class="moz-signature">-- <br>Anna Rose</div>'
    ),
    "Roundcube": (
        "<p>Thank you!</p><p id='reply-intro'>Tarehe 18, Studio aliandika:</p><blockquote type='cite' style='padding: 0 0.4em; border-left:"
        " #1010ff 2px solid; margin: 0'><div id='replybody1'>We have it.</div></blockquote>"
    ),
    "Yandex": (
        '<div>Thank you!</div><div>&#160;</div><div>18.11.2026, 12:00, "Studio" &lt;s@studio.example&gt;:</div>'
        "<blockquote><p>We have it.</p></blockquote>"
    ),
    "Mail.ru": (
        '<div>Thank you!</div><blockquote style="border-left:1px solid #0857A6;margin:10px;padding:0 0 0 10px">Среда, 18 ноября 2026, 12:00'
        " +03:00 от Studio &lt;s@studio.example&gt;:<br><div>We have it.</div></blockquote>"
    ),
    "Proton": ('<div>Thank you!</div><div class="protonmail_quote">Tarehe 18, Studio aliandika:<br><div>We have it.</div></div>'),
    "Zoho": (
        "<div>Thank you!</div><div class='zmail_extra'><div>---- On Wed, 18 Nov 2026 12:00:00 +0300 <b>Studio</b> wrote ---</div>"
        "<blockquote style='border-left:1px solid #cccccc'>We have it.</blockquote></div>"
    ),
    "Zimbra": 'Thank you!<hr id="zwchr" data-marker="__DIVIDER__"><div>Studio, 18</div><div>We have it.</div>',
    "GMX": 'Thank you!<div name="quote" style="border-left:2px solid #C3D9E5"><div><b>Gesendet:</b> 18.11.2026 12:00<br><b>Von:</b> Studio</div><div name="quoted-content">We have it.</div></div>',
    "an answer to an answer": "Thank you!<blockquote>We have it.<blockquote>Do you have it?</blockquote>Number 12.</blockquote>",
    "in a table": (
        "<table><tr><td><div>Thank you!</div><div>On 18 Nov 2026, Studio wrote:</div><blockquote>We have it.</blockquote></td></tr></table>"
    ),
}
TEXTS = {
    "a table": ("<table><tr><th>Page</th><th>Price</th></tr><tr><td>roses</td><td>100</td></tr></table>", "Page   Price\nroses  100"),
    "a list": ("<p>Red:</p><ul><li>roses</li><li>tulips</li></ul>", "Red:\n\n  * roses\n  * tulips"),
    "nested boxes are not indented": ("<div><div><div>one</div></div><div>two</div></div>", "one\ntwo"),
    "quotes in quotes": (
        "<blockquote>one<blockquote>two<br>three</blockquote>four</blockquote>five",
        "> one\n> > two\n> > three\n> four\nfive",
    ),
    "lines of a quoted program": ("<blockquote><pre>if a:\n    b</pre></blockquote>", "> if a:\n>     b"),
    "an indentation is no quote": ('a<blockquote style="margin:0 0 0 40px;border:none;padding:0px"><div>b</div></blockquote>', "a\nb"),
    "a link with words": ('See <a href="https://rose.example/x">the <b>page</b></a>.', "See the page (https://rose.example/x)."),
    "a link that is its words": ('<a href="https://www.rose.example/">rose.example</a>', "rose.example"),
    "a link to write to": ('<a href="mailto:a@rose.example">Anna</a>', "Anna"),
    "a link without words": ('a<a href="https://rose.example/pixel"><img src="x"></a>b', "ab"),
    "a picture of a face": ('Yes <img data-emoji="🌹" alt="🌹" src="x">!', "Yes 🌹!"),
    "a link around a picture": ('<a href="https://rose.example/x"><img alt="A rose" src="x"></a>', "A rose (https://rose.example/x)"),
    "scissors as a picture": ('-- <img alt="✂️" src="x"> -- Reply', "-- ✂️ -- Reply"),
    "a border above a price": ('a<div style="border-top:solid #E1E1E1 1pt"><p>Price: 100</p></div>b', "a\n\nPrice: 100\n\nb"),
    "a passage beside a program's quote": (
        '<p>Put it there:</p><blockquote>Roses</blockquote><p>Thanks</p><blockquote type="cite">old</blockquote>',
        "Put it there:\n\nRoses\n\nThanks\n\n> old",
    ),
    "hidden elements": (
        (
            '<head><title>t</title><style>s</style></head><div style="display:none;max-height:0">a <b>b</b></div><div hidden>c</div>'
            '<span style="visibility: hidden">d</span><script>e</script>Hello <i style="DISPLAY : none !important">f</i>Anna'
        ),
        "Hello Anna",
    ),
    "what only names a style": ('<div style="text-display:none-such">shown</div>', "shown"),
    "a forward alone has no line above": ('<div id="divRplyFwdMsg"><b>From:</b> Studio</div>We have it.', "From: Studio\nWe have it."),
    "one line for two marks": ('a<div id="appendonsend"></div><div id="divRplyFwdMsg">b</div>', "a\n-----Original Message-----\nb"),
    "a signature in a quote": ('<blockquote>a<div class="gmail_signature">b</div></blockquote>', "> a\n> b"),
    "our marks in the words of others": ("a\ue000b\ue001c\ue002", "abc"),
}


@pytest.mark.parametrize("html", REPLIES.values(), ids=REPLIES)
def test_the_new_words_of_a_reply_in_html(html):
    text = html_as_text(html)
    assert "We have it." in text or "Anna Rose" in text
    assert visible_reply(text) == "Thank you!"


@pytest.mark.parametrize(("html", "expected"), TEXTS.values(), ids=TEXTS)
def test_html_as_its_reader_sees_it(html, expected):
    assert html_as_text(html) == expected


def test_answers_between_quotes_are_kept():
    html = (
        '<div class="gmail_quote"><div class="gmail_attr">On 18 Nov 2026, Studio wrote:</div><blockquote class="gmail_quote">Which page?'
        '</blockquote><div>The roses.</div><blockquote class="gmail_quote">Which price?</blockquote><div>100.</div></div>'
    )
    assert visible_reply(html_as_text(html)) == "The roses.\n100."


KEPT = {
    "a passage for a page": ("<p>Put it there:</p><blockquote>Roses</blockquote><p>Thanks</p>", "Roses"),
    "a passage for a page, at the end": ("<p>Put it there:</p><blockquote>Roses</blockquote>", "Roses"),
    "below the signature of Outlook": (
        '<div>Yes</div><div id="Signature">Anna</div><div>Also paint the roses</div>',
        "Also paint the roses",
    ),
    "below the signature of Gmail": (
        '<div>Yes<br>-- <br><div class="gmail_signature">Anna</div><div>Also paint the roses</div></div>',
        "Also paint the roses",
    ),
    "in the signature": (
        '<div>Hi,</div><div id="Signature"><div>please paint all the roses on the first page</div><div>Anna</div></div>',
        "please paint all the roses",
    ),
    "below a price with a border": ('<p>a</p><div style="border-top:solid #E1E1E1 1pt"><p>Price: 100</p></div><p>b</p>', "100"),
}


@pytest.mark.parametrize(("html", "words"), KEPT.values(), ids=KEPT)
def test_words_of_the_sender_are_kept(html, words):
    assert words in visible_reply(html_as_text(html))


def alternative(plain: str, html: str) -> bytes:
    parts = ((b"plain", plain), (b"html", html))
    body = b"".join(b"--x\r\nContent-Type: text/%s; charset=utf-8\r\n\r\n%s\r\n" % (kind, words.encode()) for kind, words in parts)
    return b"From: anna@rose.example\r\nContent-Type: multipart/alternative; boundary=x\r\n\r\n" + body + b"--x--\r\n"


@pytest.mark.parametrize(
    ("plain", "html", "expected"),
    [
        ("The form.", "<p>The <b>form</b>.</p>", "The form."),
        ("\n \n", "<p>The form.</p>", "The form."),
        ("This message requires an HTML viewer.", "<p>The form.</p>", "The form."),
        ("Ваша программа не показывает HTML.", "<p>The form.</p>", "The form."),
        ("Please mend the HTML of the form.", "<p>Please mend the <b>HTML</b> of the form.</p>", "Please mend the HTML of the form."),
        ("The form.\nNot all programs show HTML.", "<p>The <b>other</b> form.</p>", "The form.\nNot all programs show HTML."),
        ("This message requires HTML.", "<p style='display:none'>x</p>", "This message requires HTML."),
    ],
    ids=[
        "the plain part",
        "a blank one",
        "one that says that it is none",
        "the same in Russian",
        "words on HTML",
        "words, then a note on HTML",
        "HTML without words",
    ],
)
def test_which_part_is_read(plain, html, expected):
    assert parse(alternative(plain, html)).text.strip() == expected


def test_a_mail_with_a_plain_part_loads_no_html_library():
    code = (
        f"import sys; from mailbot.edge.parse import parse; parse({alternative('The form.', '<p>The form.</p>')!r});"
        "sys.exit('inscriptis' in sys.modules or 'lxml' in sys.modules)"
    )
    assert run([sys.executable, "-c", code], check=False).returncode == 0


HOSTILE = {
    "nested quotes": "<blockquote>x" * 250 + "words" + "<br>y" * 20_000,
    "quotes": "<blockquote>x</blockquote>" * 20_000 + "words",
    "hidden elements": "<i hidden>a</i>x" * 40_000 + "words",
    "links": "<a href=http://rose.example/x>w</a> " * 20_000 + "words",
    "signatures": "<div class=gmail_signature>" * 200 + "<b>x</b>" * 20_000 + "words",
    "attributions": "<div class=gmail_attr>x</div>" * 2_000 + "<br>" * 20_000 + "words",
}


@pytest.mark.parametrize("html", HOSTILE.values(), ids=HOSTILE)
def test_html_of_any_size_ends_in_bounded_text_with_its_words(html):
    text = html_as_text(html)
    assert "words" in text
    assert len(text) < 1000 + 4 * len(html)


def test_every_rule_says_why():
    assert all(rule.__doc__ for rule in (*HISTORY, *QUOTES))
