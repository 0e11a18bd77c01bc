"""The same words of two people are two requests, also where a third one passes them on or a form writes for them (R7)."""

from datetime import timedelta
from typing import Any

import pytest

from mailbot.core.desk.facts import Earlier
from mailbot.core.desk.repeats.rules import near_repeat
from mailbot.core.mail.message import Address
from tests.core.build import ANNA, DESK, NOW, case, client, facts, mail, ticket

BORIS, CLARA, DORA = "boris@rose.example", "clara@rose.example", "dora@lily.example"
FORM = "The order form on page four of our catalogue loses the second line of the delivery address, please repair it."


def passed_on(addr: str) -> str:
    """What a mail program makes of a forward."""
    return f"Begin forwarded message:\n\nFrom: Somebody <{addr}>\nDate: 17 November 2026\nSubject: Form\nTo: Boris <{BORIS}>\n\n{FORM}"


def joins(new: str, by: str, old: str, of: str, requester: str | None = None, clients: bool = True, **values: Any) -> bool:
    """Whether a mail of these words is a repeat of an earlier one, each with who wrote it."""
    reply_to = (Address("", values["reply_to"]),) if "reply_to" in values else ()
    answer_to = values.get("answer_to", requester or of)
    before = Earlier(ticket(subject="Form", requester=requester or of, answer_to=answer_to), NOW - timedelta(days=2), of, old, 0.98)
    message = mail(by, subject="Form", text=new, reply_to=reply_to)
    known = facts(earlier=(before,), client=client() if clients else None)
    return near_repeat(case(message, known)) is not None


PASSED_ON = {
    "nobody passes anything on": ((FORM, BORIS, FORM, ANNA), True),
    "a colleague passes on what its writer has sent already": ((passed_on(ANNA), BORIS, FORM, ANNA), True),
    "a colleague passes on what another has written": ((passed_on(CLARA), BORIS, FORM, ANNA), False),
    "what a colleague passed on comes from its writer": ((FORM, ANNA, passed_on(ANNA), BORIS), True),
    "what a colleague passed on of another comes from somebody else": ((FORM, ANNA, passed_on(CLARA), BORIS), False),
    "somebody sends what he has passed on of another": ((FORM, BORIS, passed_on(CLARA), BORIS), False),
    "two pass on the same mail": ((passed_on(CLARA), BORIS, passed_on(CLARA), ANNA), True),
    "two pass on mails of two": ((passed_on(DORA), BORIS, passed_on(CLARA), ANNA), False),
    "the desk's own words are passed on": ((passed_on(DESK), BORIS, FORM, ANNA), True),
    "the desk's own words, and before them another's": ((passed_on(DESK), BORIS, passed_on(CLARA), BORIS), False),
    "another's words, and before them the desk's own": ((passed_on(CLARA), BORIS, passed_on(DESK), BORIS), False),
}


@pytest.mark.parametrize(("mails", "joined"), PASSED_ON.values(), ids=PASSED_ON)
def test_what_is_passed_on_is_its_writers(mails: tuple[str, str, str, str], joined: bool) -> None:
    assert joins(*mails) is joined


SITE = "form@rose.example"
FORMS = {
    "a visitor writes again": ({"requester": DORA, "reply_to": DORA}, True),
    "a visitor writes again with capitals": ({"requester": DORA, "reply_to": DORA.upper()}, True),
    "another visitor writes": ({"requester": CLARA, "reply_to": DORA}, False),
    "a visitor writes where the answer went to the site": ({"requester": SITE, "reply_to": DORA}, False),
    "a client's site writes for somebody who is not answered": ({"requester": SITE, "reply_to": DORA, "clients": True}, False),
    "a client's colleague writes": ({"requester": ANNA, "clients": True}, True),
    "a stranger writes, whose answers went elsewhere": ({"requester": SITE, "answer_to": DORA}, False),
    "a stranger writes again": ({"requester": SITE}, True),
    "his own address is no other's": ({"requester": SITE, "reply_to": SITE}, True),
}


@pytest.mark.parametrize(("values", "joined"), FORMS.values(), ids=FORMS)
def test_a_form_writes_for_many(values: dict[str, Any], joined: bool) -> None:
    assert joins(FORM, SITE, FORM, SITE, **{"clients": False} | values) is joined
