"""Forged senders: whose word counts (RFC 8601), and what a mail cannot do that its sender's domain disowns (RFC 7489)."""

from datetime import timedelta

import pytest

from mailbot.core.desk.facts import Earlier, OfferFacts
from mailbot.core.mail.authentication import authentication
from mailbot.core.mail.message import Address
from tests.conftest import Studio
from tests.core.build import ANNA, BOSS, NOW, SIGNER, client, decided, facts, mail, policy, ticket
from tests.duties.mails import mail as octets_of

OURS = "mx.studio.example"
EVE = "eve@evil.example"
PASS = f"{OURS}; dmarc=pass header.from=rose.example"
FAIL = f"{OURS}; dmarc=fail (p=none) header.from=rose.example"

# name: (Authentication-Results, topmost first; whether the sender is proved; whether his domain disowns the mail)
FIELDS = {
    "our server's pass": ([PASS], True, False),
    "our server's failure": ([FAIL], False, True),
    "another server's pass": (["mx.evil.example; dmarc=pass header.from=rose.example"], False, False),
    "another server's failure": (["mx.evil.example; dmarc=fail header.from=rose.example"], False, False),
    "a server whose name begins like ours": (["mx.studio.example.evil.example; dmarc=pass header.from=rose.example"], False, False),
    "a server whose name ends like ours": (["evil-mx.studio.example; dmarc=pass header.from=rose.example"], False, False),
    "our name in a comment": (["mx.evil.example (mx.studio.example); dmarc=pass header.from=rose.example"], False, False),
    "our name behind another": (["mx.evil.example mx.studio.example; dmarc=pass header.from=rose.example"], False, False),
    "our name after a comment": ([f"(x) {PASS}"], True, False),
    "our name in capitals": ([PASS.upper()], True, False),
    "our failure in capitals": ([FAIL.upper()], False, True),
    "our name with a version": (["mx.studio.example 1; dmarc=pass header.from=rose.example"], True, False),
    "a method with a version": ([f"{OURS}; dmarc/1=pass header.from=rose.example"], True, False),
    "a failed method with a version": ([f"{OURS}; dmarc / 1 = fail header.from=rose.example"], False, True),
    "ours above a forged pass": ([FAIL, PASS], False, True),
    "ours above a forged failure": ([PASS, FAIL], True, False),
    "ours below another server's": (["mx.evil.example; dmarc=fail header.from=rose.example", PASS], True, False),
    "a pass in a comment": ([f"{OURS}; spf=fail (dmarc=pass header.from=rose.example) smtp.mailfrom=evil.example"], False, False),
    "a pass in a nested comment": (
        [f"{OURS}; spf=fail (a (b) ; dmarc=pass header.from=rose.example) smtp.mailfrom=evil.example"],
        False,
        False,
    ),
    "a pass behind an escaped parenthesis": ([f"{OURS}; spf=fail (\\) ; dmarc=pass header.from=rose.example)"], False, False),
    "a pass in a quoted reverse-path": (
        [f'{OURS}; spf=pass smtp.mailfrom="x; dmarc=pass header.from=rose.example; y"@evil.example'],
        False,
        False,
    ),
    "a quotation mark in a reverse-path that hides the failure": (
        [f'{OURS}; spf=pass (sender a"b@evil.example); {FAIL[19:]}'],
        False,
        True,
    ),
    "a parenthesis in a reverse-path that hides the failure": ([f"{OURS}; spf=pass (sender a(b@evil.example); {FAIL[19:]}"], False, True),
    "signatures without number before the failure": (
        [f"{OURS}; {'dkim=pass header.d=evil.example; ' * 1000}dmarc=fail header.from=rose.example"],
        False,
        True,
    ),
    "a pass of the attacker's own domain": (
        [f"{OURS}; dkim=pass header.d=evil.example; spf=pass smtp.mailfrom=evil.example"],
        False,
        False,
    ),
    "a pass of a domain that ends like the sender's": ([f"{OURS}; dkim=pass header.d=e.example"], False, False),
    "a pass of a domain below the sender's": ([f"{OURS}; dkim=pass header.d=blog.rose.example"], False, False),
    "a pass of the whole top-level domain": ([f"{OURS}; dkim=pass header.d=example"], False, False),
    "a pass of another originator than ours": ([f"{OURS}; dmarc=pass header.from=evil.example"], False, True),
    "a pass of no domain": ([f"{OURS}; dmarc=pass"], False, False),
    "a signature that failed": ([f"{OURS}; dkim=fail header.d=rose.example"], False, False),
    "a word that begins like pass": ([f"{OURS}; dmarc=passable header.from=rose.example"], False, False),
    "a domain without a policy": ([f"{OURS}; dmarc=none header.from=rose.example; dkim=pass header.d=rose.example"], True, False),
    "a policy that could not be asked": ([f"{OURS}; dmarc=temperror header.from=rose.example"], False, False),
    "nothing but a name": ([OURS], False, False),
    "a failed method whose name ends like ours": ([f"{OURS}; x-dmarc=pass header.from=rose.example"], False, False),
    "no field": ([], False, False),
    "an empty field": ([""], False, False),
}


@pytest.mark.parametrize(("bodies", "passed", "disowned"), FIELDS.values(), ids=FIELDS)
def test_the_word_of_the_mailboxs_own_server_counts(bodies, passed, disowned):
    proof = authentication(mail(fields={"authentication-results": bodies}), OURS)
    assert proof is not None
    assert (proof.passed, proof.disowned) == (passed, disowned)


WORLDWIDE = {  # what the server writes, and whether that proves пример.рф (RFC 8601 section 2.3 leaves it the choice; RFC 5890 section 2.3.2)
    "the same letters": ("пример.рф", True),
    "its letters in ASCII": ("xn--e1afmkfd.xn--p1ai", True),
    "in capitals": ("XN--E1AFMKFD.XN--P1AI", True),
    "another domain": ("xn--e1aybc.xn--p1ai", False),
    "what no name can be": ("пример..рф", False),
    "what is no such name": (f"xn--{'a' * 70}.xn--p1ai", False),
}


@pytest.mark.parametrize(("said", "passed"), WORLDWIDE.values(), ids=WORLDWIDE)
@pytest.mark.parametrize("written", ["пример.рф", "xn--e1afmkfd.xn--p1ai"])
def test_a_domain_is_the_same_in_its_own_letters_and_in_ascii(said, passed, written):
    proof = authentication(mail(f"anna@{written}", fields={"authentication-results": [f"{OURS}; dmarc=pass header.from={said}"]}), OURS)
    assert proof is not None
    assert (proof.passed, proof.disowned) == (passed, not passed)


FORGED = {"authentication-results": FAIL}
BELONGS = ticket(sender_belongs=True)
AGAIN = ticket(sender_belongs=True, since_same_words=NOW - timedelta(hours=2))
ASKED = "Please put the new price list of summer roses on the page of roses before Friday, the old one has wrong prices."
T12, O12 = ((Address("", SIGNER.reply_address(role, 12)),) for role in ("t", "o"))
ID_T12, ID_O12 = (SIGNER.message_id(role, 12, "abcd1234") for role in ("t", "o"))
ACT = OfferFacts(5, "act", None, 1, ANNA, "1-x", "open", 3, 2026)
F5 = (Address("", SIGNER.reply_address("f", 5)),)

# name: (what the mail says, what is known); proved, each joins ticket 12, agrees or commands
WAYS_IN = {
    "the signed reply address": ({"to": T12}, facts(BELONGS)),
    "the signed reply address, in Cc": ({"cc": T12}, facts(BELONGS)),
    "a signed Message-ID in In-Reply-To": ({"in_reply_to": (ID_T12,)}, facts(BELONGS)),
    "a signed Message-ID in References": ({"references": (ID_T12, "x@y")}, facts(BELONGS)),
    "the operators' key, as somebody who belongs to it": ({"to": O12}, facts(BELONGS)),
    "a reference to the client's own mail": ({"in_reply_to": ("1@rose.example",)}, facts(BELONGS, referenced=(12,))),
    "the subject tag": ({"subject": "Re: [#12]"}, facts(BELONGS)),
    "the same words": ({"message_id": "2@rose.example"}, facts(same_words=AGAIN, client=client())),
    "nearly the same words": (
        {"text": f"Hello!\n\n{ASKED}", "subject": "Price list"},
        facts(earlier=(Earlier(BELONGS, NOW - timedelta(hours=2), ANNA, ASKED, 0.95),), client=client()),
    ),
}


@pytest.mark.parametrize(("values", "known"), WAYS_IN.values(), ids=WAYS_IN)
@pytest.mark.parametrize("sender", [ANNA, BOSS], ids=["in a client's name", "in an operator's name"])
def test_a_mail_that_the_senders_domain_disowns_joins_nothing(values, known, sender):
    failed = {"authentication-results": FAIL.replace("rose.example", sender.partition("@")[2])}
    decision = decided(mail(sender, fields=failed, **values), known, policy(trusted_authserv=OURS))
    assert (decision.outcome, decision.ticket, decision.opens, decision.related_to) == ("ticket", None, True, 12)
    assert (decision.relays, decision.forward, decision.words) == (False, True, None)
    assert f"it is not proved that {sender} wrote it (dmarc=fail)" in "; ".join(decision.because)


@pytest.mark.parametrize(("values", "known"), WAYS_IN.values(), ids=WAYS_IN)
@pytest.mark.parametrize(
    "said",
    [PASS, f"{OURS}; dmarc=none header.from=rose.example", "mx.evil.example; dmarc=fail header.from=rose.example", None],
    ids=["a pass", "a domain without a policy", "another server's failure", "nothing said"],
)
def test_what_nobody_disowns_keeps_its_thread(values, known, said):
    fields = {"authentication-results": said} if said else {}
    assert decided(mail(fields=fields, **values), known, policy(trusted_authserv=OURS)).ticket == 12


def test_without_a_trusted_server_nobodys_word_counts():
    assert decided(mail(fields=FORGED, to=T12), facts(BELONGS)).ticket == 12


@pytest.mark.parametrize(
    ("said", "verdicts", "outcome"),
    [
        (PASS, ["agreed"], "follow-up"),
        (FAIL, ["unclear"], "ticket"),
        (f"{OURS}; dmarc=none", ["unclear"], "ticket"),
        (None, ["unclear"], "ticket"),
    ],
    ids=["a pass", "a failure", "a domain without a policy", "nothing said"],
)
def test_agreement_needs_a_pass(said, verdicts, outcome):
    message = mail(to=F5, text="We agree", fields={"authentication-results": said} if said else {})
    decision = decided(message, facts(offers=(ACT,), client=client()), policy(trusted_authserv=OURS))
    assert (decision.outcome, [one.verdict for one in decision.consents]) == (outcome, verdicts)


@pytest.mark.parametrize(("said", "ends"), [(PASS, "operator"), (FAIL, "ticket"), (f"{OURS}; dmarc=none", "ticket"), (None, "ticket")])
def test_an_operators_word_needs_a_pass(said, ends):
    fields = {"authentication-results": said.replace("rose.example", "studio.example")} if said else {}
    decision = decided(mail(BOSS, to=O12, fields=fields), facts(ticket()), policy(trusted_authserv=OURS))
    assert (decision.outcome, decision.relays) == (ends, ends == "operator")


def test_a_machines_mail_that_its_domain_disowns_stands_on_no_ticket():
    message = mail(to=T12, fields=FORGED | {"auto-submitted": "auto-replied"})
    decision = decided(message, facts(BELONGS), policy(trusted_authserv=OURS))
    assert (decision.outcome, decision.ticket) == ("machine", None)


def test_a_forger_does_not_use_up_the_clients_courtesy():
    urgent = {"subject": "URGENT: the site is down", "text": "The site is down, it is urgent!"}
    known = facts(client=client(courtesy_used=False))
    kinds = [
        decided(mail(fields={"authentication-results": said}, **urgent), known, policy(trusted_authserv=OURS)).coverage
        for said in (PASS, FAIL)
    ]
    assert [one.kind for one in kinds if one] == ["courtesy", "none"]


def test_the_words_of_a_forged_ticket_draw_no_later_request_of_the_real_sender(studio: Studio) -> None:
    studio.configure(desk={"trusted_authserv": OURS})
    app = studio.open()
    text = "Please put the new price list of summer roses on the page before Friday."
    studio.take_in(app, octets_of(1, text=text, Authentication_Results=FAIL))
    studio.take_in(app, octets_of(2, text=text, Authentication_Results=PASS, Subject="Request 1"))
    studio.take_in(app, octets_of(3, text=text, Authentication_Results=FAIL, Subject="Request 1"))
    studio.take_in(app, octets_of(4, text=text, Authentication_Results=PASS, Subject="Request 1"))
    assert [(one["outcome"], one["ticket"]) for one in studio.journal(app)] == [("ticket", 1), ("ticket", 2), ("ticket", 3), ("repeat", 2)]


def test_a_reply_to_of_the_forger_draws_no_answer_to_what_the_real_sender_writes_later(studio: Studio) -> None:
    app = studio.open()
    text = "Please put the new price list of summer roses on the page before Friday."
    studio.take_in(app, octets_of(1, text=text, Reply_To=EVE))
    studio.take_in(app, octets_of(2, text=text, Subject="Request 1"))
    assert [(one["outcome"], one["ticket"]) for one in studio.journal(app)] == [("ticket", 1), ("ticket", 2)]
    assert [one["to"] for one in studio.outbox(app, "acknowledgement")] == [EVE, ANNA]


# name: (fields in place of From, who the mail's originator is) -- none of them is an operator's mail while the server names evil.example
DISGUISES = {
    "an operator's address without authentication": {
        "From": BOSS,
        "Authentication-Results": f"{OURS}; dmarc=none header.from=studio.example",
    },
    "an operator's address as a display name": {"From": f'"{BOSS}" <{EVE}>'},
    "an operator's address in a comment": {"From": f"{EVE} ({BOSS})"},
    "an operator's address as Reply-To": {"From": EVE, "Reply-To": BOSS},
    "an operator's address as Reply-To without From": {"From": None, "Reply-To": BOSS},
    "an operator's address as Sender": {"From": EVE, "Sender": BOSS},
    "an operator first of several in From": {"From": f"{BOSS}, {EVE}"},
    "an operator last of several in From": {"From": f"{EVE}, {BOSS}"},
    "an operator in a group": {"From": f"Operators: {BOSS}, {EVE};"},
    "an operator as the name of a group": {"From": f'"{BOSS}": {EVE};'},
    "an operator in an encoded word": {"From": f"=?utf-8?Q?{BOSS.replace('@', '=40')}?= <{EVE}>"},
    "an operator's address within a quoted local part": {"From": f'"{BOSS}"@evil.example'},
    "an operator's domain with a dot behind it": {"From": f"{BOSS}.evil.example"},
    "an operator's address in a route": {"From": f"<@evil.example:{BOSS}>"},
}


@pytest.mark.parametrize("fields", DISGUISES.values(), ids=DISGUISES)
def test_who_disguises_as_an_operator_commands_nothing(studio: Studio, fields: dict[str, str | None]) -> None:
    studio.configure(desk={"trusted_authserv": OURS})
    app = studio.open()
    studio.take_in(app, octets_of(1))
    key = app.desk.policy.signer.reply_address("o", 1)
    usual = {"Authentication-Results": f"{OURS}; dmarc=pass header.from=evil.example; spf=pass smtp.mailfrom=eve@evil.example"}
    forged = usual | {"To": key, "Subject": "Re: [#1]", **fields}
    head = "".join(f"{name}: {body}\r\n" for name, body in forged.items() if body is not None)
    journal = studio.take_in(app, f"{head}Message-ID: <forged@evil.example>\r\n\r\n/close\r\nSend money to Eve.\r\n".encode())
    assert journal[-1]["outcome"] == "ticket"
    assert [one["status"] for one in studio.tickets(app)] == ["new", "new"]
    assert studio.outbox(app, "reply") == []


def test_two_from_fields_command_nothing(studio: Studio) -> None:
    studio.configure(desk={"trusted_authserv": OURS})
    app = studio.open()
    studio.take_in(app, octets_of(1))
    key = app.desk.policy.signer.reply_address("o", 1)
    for number, (first, second) in enumerate([(BOSS, EVE), (EVE, BOSS)]):
        head = f"Authentication-Results: {OURS}; dmarc=pass header.from=evil.example\r\nFrom: {first}\r\nFrom: {second}\r\nTo: {key}\r\n"
        journal = studio.take_in(app, f"{head}Message-ID: <{number}@evil.example>\r\n\r\n/close\r\n".encode())
        assert journal[-1]["outcome"] == "ticket"
    assert {one["status"] for one in studio.tickets(app)} == {"new"}


def arriving(studio: Studio, *said: str) -> list[tuple[object, object]]:
    """(outcome, ticket) of mails of one originator under one Message-ID, of which the server says this."""
    studio.configure(desk={"trusted_authserv": OURS})
    app = studio.open()
    for number, one in enumerate(said):
        studio.take_in(app, octets_of(number, text=f"Text {number}.", Authentication_Results=one, Message_ID="<offer-7@rose.example>"))
    return [(row["outcome"], row["ticket"]) for row in studio.journal(app)]


def test_a_forged_mail_under_the_message_id_of_the_true_one_does_not_make_it_a_duplicate(any_studio: Studio) -> None:
    assert arriving(any_studio, FAIL, PASS) == [("ticket", 1), ("ticket", 2)]


def test_the_true_one_twice_is_one_message_whatever_was_forged_before(any_studio: Studio) -> None:
    assert arriving(any_studio, FAIL, PASS, PASS) == [("ticket", 1), ("ticket", 2), ("duplicate", None)]


def test_the_forged_one_twice_is_one_message(any_studio: Studio) -> None:
    assert arriving(any_studio, FAIL, FAIL) == [("ticket", 1), ("duplicate", None)]


def test_a_copy_that_a_forwarder_broke_is_a_duplicate_behind_the_true_one(any_studio: Studio) -> None:
    assert arriving(any_studio, PASS, FAIL) == [("ticket", 1), ("duplicate", None)]


def test_an_operator_without_the_key_commands_nothing(studio: Studio) -> None:
    app = studio.open()
    studio.take_in(app, octets_of(1))
    journal = studio.take_in(app, octets_of(2, sender=BOSS, text="/close", Subject="Re: Request 1 [#1]"))
    assert journal[-1]["outcome"] != "operator"
    assert studio.tickets(app)[0]["status"] == "new"
    assert studio.outbox(app, "reply") == []
