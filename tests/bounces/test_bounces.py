"""Bounces as the mail systems of the world write them, each file named for its writer or for what is odd: what mailbot reads in it."""

from pathlib import Path

import pytest

from mailbot.core.mail.message import Bounce
from mailbot.core.mail.screen import screen
from mailbot.edge.parse import parse

MAILS = Path(__file__).parent / "mails"
SENT = "t12.abcd1234.aaaabbbbccccdddd@studio.example"
ANNA = ("anna@rose.example",)

# file: kind and what the bounce says
EXPECTED = {
    "a-client-pastes-a-bounce": ("normal", None),
    "challenge-sent-as-a-report": ("challenge", None),
    "digest-of-a-list": ("list", None),
    "domino": ("bounce", Bounce(ANNA, ("5.1.1",), "failed", None)),
    "exchange-2003": ("bounce", Bounce(ANNA, ("5.1.1",), "failed", SENT)),
    "exim": ("bounce", Bounce((*ANNA, "olga@rose.example"), ("5.1.2",), "failed", SENT)),
    "exim-delayed": ("bounce", Bounce(ANNA, (), "delayed", None)),
    "forwarder-without-a-report": ("bounce", Bounce(ANNA, ("5.1.1",), "failed", SENT)),
    "html-alone-in-german": ("bounce", Bounce(ANNA, ("5.1.1",), "failed", SENT)),
    "mail-ru": ("bounce", Bounce(ANNA, ("5.1.1",), "failed", None)),
    "name-without-domain": ("bounce", Bounce(("anna.rose@rose.example",), ("5.7.1",), "failed", None)),
    "no-originator-full-mailbox": ("bounce", Bounce(ANNA, ("5.2.2",), "delayed", None)),
    "postfix-report": ("bounce", Bounce(ANNA, ("5.1.1",), "failed", SENT)),
    "qmail": ("bounce", Bounce(ANNA, ("5.1.1",), "failed", SENT)),
    "report-of-success": ("bounce", Bounce((), (), "delivered", None)),
    "report-outside-its-multipart": ("bounce", Bounce(ANNA, ("4.4.1",), "delayed", None)),
    "report-some-reached": ("bounce", Bounce(ANNA, ("5.0.0", "5.2.2"), "failed", SENT)),
    "report-wrapped-by-a-scanner": ("bounce", Bounce(ANNA, ("5.1.1",), "failed", SENT)),
    "sendmail-transcript": ("bounce", Bounce(("sales@rose.example", *ANNA), ("5.3.0",), "failed", SENT)),
    "sieve-reject": ("bounce", Bounce(ANNA, ("5.2.2",), "failed", SENT)),
    "transcript-of-a-gateway": ("bounce", Bounce(ANNA, ("5.1.1",), "failed", SENT)),
}


def test_every_mail_has_an_expectation():
    assert {path.stem for path in MAILS.glob("*.eml")} == set(EXPECTED)


@pytest.mark.parametrize(("name", "kind", "bounce"), [(name, *expected) for name, expected in EXPECTED.items()], ids=EXPECTED)
def test_what_came_back_is_read(name, kind, bounce):
    verdict = screen(parse((MAILS / f"{name}.eml").read_bytes()))
    assert (verdict.kind, verdict.bounce) == (kind, bounce)
    assert verdict.because or kind == "normal"


def test_a_client_who_pastes_a_bounce_gets_an_answer():
    assert screen(parse((MAILS / "a-client-pastes-a-bounce.eml").read_bytes())).answerable
