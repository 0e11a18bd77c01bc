"""The prose of notices: where the unreached addresses stand, what the status is, where the copy begins, whether it is a failure."""

import pytest

from mailbot.core.mail.message import Address, Original
from mailbot.core.mail.screen.notice import notice_of, tells_of_failure
from mailbot.core.mail.screen.undelivered import FORMS, bounce_of
from tests.core.build import mail

DAEMON = "mailer-daemon@mx.example"
ANNA, OLGA = "anna@rose.example", "olga@rose.example"

# what: (the form that finds them, the mail, the addresses)
RECIPIENTS = {
    "X-Failed-Recipients before anything in the text": (
        "in_a_field",
        mail(DAEMON, text=f"<{OLGA}>: no", fields={"x-failed-recipients": f"{ANNA}, {OLGA}"}),
        (ANNA, OLGA),
    ),
    "an address in angles at the start of a line": ("leading_a_line", mail(DAEMON, text=f"Sorry.\n\n<{ANNA}>: host said no"), (ANNA,)),
    "a mailbox for contacts": ("leading_a_line", mail(DAEMON, text="Failed:\n<contact@rose.example>: no"), ("contact@rose.example",)),
    "an address with a bullet": ("leading_a_line", mail(DAEMON, text=f"Failed:\n  * {ANNA}\n  * {OLGA}\n"), (ANNA, OLGA)),
    "an address quoted like an answer": ("leading_a_line", mail(DAEMON, text=f"Not reached:\n> {ANNA}\n"), (ANNA,)),
    "an address in brackets with its reason": ("leading_a_line", mail(DAEMON, text=f"Failed:\n\t* [{ANNA}]: 550 no\n"), (ANNA,)),
    "an address inside Exchange's X.400 name": (
        "leading_a_line",
        mail(DAEMON, text=f"did not reach:\nc=GB;a= ;p=Rose;dda:SMTP={ANNA}; on Wed, 18 Nov 2026\n"),
        (ANNA,),
    ),
    "the alias that was expanded": (
        "leading_a_line",
        mail(DAEMON, text=f"fatal errors\n{OLGA}\n    (expanded from: {ANNA})\n"),
        (OLGA, ANNA),
    ),
    "not the sender of the message": (
        "leading_a_line",
        mail(DAEMON, text=f"A message sent by\n  <x@studio.example>\nfailed:\n  {ANNA}"),
        (ANNA,),
    ),
    "not our own address": ("leading_a_line", mail(DAEMON, text=f"Failed:\n<support@studio.example>\n<{ANNA}>"), (ANNA,)),
    "a label": ("behind_a_label", mail(DAEMON, text=f"Undeliverable Address: {ANNA}\nReason: quota"), (ANNA,)),
    "a label and a scheme": ("behind_a_label", mail(DAEMON, text=f"Recipient: [SMTP:{ANNA}]\n"), (ANNA,)),
    "a refused command": ("in_a_refused_command", mail(DAEMON, text=f"Sent <<< RCPT TO:<{ANNA}>\nReceived >>> 550"), (ANNA,)),
    "a sentence": ("in_a_sentence", mail(DAEMON, text=f"Your message to {ANNA} could not be delivered."), (ANNA,)),
    "a sentence that goes on in the next line": (
        "in_a_sentence",
        mail(DAEMON, text=f"The message that was for {ANNA}\nwas not delivered."),
        (ANNA,),
    ),
    "whom Exim was written to": (
        "generated_from",
        mail(DAEMON, text=f"failed:\n\n  an undisclosed address\n    (generated from {ANNA})\n"),
        (ANNA,),
    ),
    "a name without its domain": ("mailbox_alone", mail("mailer-daemon@rose.example", text="Not accepted by:\n\tanna\n"), (ANNA,)),
    "nobody, but one recipient in what came back": (
        "whom_it_was_for",
        mail(DAEMON, text="It failed.", original=Original("1@studio.example", (Address("", ANNA),))),
        (ANNA,),
    ),
    "nobody, and several recipients in what came back": (
        None,
        mail(DAEMON, text="It failed.", original=Original("1@studio.example", (Address("", ANNA), Address("", OLGA)))),
        (),
    ),
    "postmaster's own address is nobody's failure": (None, mail(DAEMON, text="For help contact <postmaster@mx.example>"), ()),
}

STATUSES = {
    "a status of its own": ("550 5.2.1 disabled", ("5.2.1",)),
    "not an address of the network": ("host 10.5.1.1 said 550 user unknown", ("5.1.1",)),
    "a version is no status": ("MDaemon 3.5.2.1 says: quota exceeded", ("5.2.2",)),
    "an unknown host": ("Name service error for rose.example: Host not found", ("5.1.2",)),
    "a loop": ("Too many hops 26", ("5.4.6",)),
    "a policy": ("message blocked as spam", ("5.7.1",)),
    "spam, whatever else is said": ("refused as spam, the user is unknown", ("5.7.1",)),
    "a list that has nothing to do with the recipient": ("your IP is not listed in our whitelist", ()),
    "the sender's domain": ("sender verify failed: your domain does not exist", ()),
    "what may pass": ("Name service error for rose.example: try again", ()),
    "a transcript's first error": ("503 5.0.0 Need RCPT\n550 5.1.1 no such user", ("5.1.1",)),
    "no reason at all": ("sorry", ()),
}

COPIES = {
    "qmail": "--- Below this line is a copy of the message.",
    "Exim": "------ This is a copy of the message, including all the headers. ------",
    "sendmail": "   ----- Original message follows -----",
    "Yahoo": "--- Original message follows.",
    "IMail": "Original message follows.",
    "phquery": " --------Unsent Message below:",
    "bare fields": "Received: from a by b; Wed, 18 Nov 2026 12:00:00 +0300",
}

FAILURES = {
    "Postfix, broken by a line": "your message could not be delivered",
    "Domino": "was not delivered to",
    "German": "Ihre Nachricht konnte nicht zugestellt werden",
    "French without accents": "Votre message n'a pas pu etre delivre",
    "Spanish": "Su mensaje no pudo ser entregado",
    "Portuguese": "Sua mensagem não pôde ser entregue",
    "Italian": "Il messaggio non è stato possibile consegnarlo",
    "Polish": "Wiadomość nie mogła zostać dostarczona",
    "Dutch": "Uw bericht kan niet worden bezorgd",
    "Russian": "Ваше письмо не может быть доставлено получателю",
    "Chinese": "邮件无法发送到您指定的地址中",
    "Japanese": "メールは配信できませんでした",
}

NO_FAILURES = (
    "Please deliver the flowers tomorrow.",
    "The delivery date on the page is wrong.",
    "Пожалуйста, поправьте условия доставки.",
    "We are not happy with the new colour.",
)


@pytest.mark.parametrize(("form", "message", "recipients"), RECIPIENTS.values(), ids=RECIPIENTS)
def test_a_notice_names_whom_it_did_not_reach(form, message, recipients):
    assert bounce_of(message).recipients == recipients
    if form:
        notice = notice_of(message)
        assert next(one.__name__ for one in FORMS if one(message, notice)) == form


def test_every_form_has_a_row_in_the_table():
    assert {form.__name__ for form in FORMS} == {form for form, _, _ in RECIPIENTS.values() if form}


@pytest.mark.parametrize(("text", "statuses"), STATUSES.values(), ids=STATUSES)
def test_a_reason_in_words_is_a_status(text, statuses):
    assert bounce_of(mail(DAEMON, text=text)).statuses == statuses


@pytest.mark.parametrize("line", COPIES.values(), ids=COPIES)
def test_what_stands_in_the_copy_is_no_part_of_the_notice(line):
    text = f"It failed:\n<{ANNA}>:\nno\n\n{line}\n\nMessage-ID: <1@studio.example>\n<{OLGA}>: not this one\n"
    found = bounce_of(mail(DAEMON, text=text))
    assert (found.recipients, found.original_message_id) == ((ANNA,), "1@studio.example")


@pytest.mark.parametrize("text", FAILURES.values(), ids=FAILURES)
def test_a_failure_is_told_in_many_languages(text):
    assert tells_of_failure(text)


@pytest.mark.parametrize("text", NO_FAILURES)
def test_other_words_tell_of_none(text):
    assert not tells_of_failure(text)


def test_the_original_is_known_by_what_the_bounce_answers():
    assert bounce_of(mail(DAEMON, text="no", in_reply_to=("1@studio.example",))).original_message_id == "1@studio.example"


def test_a_server_that_gave_up_tells_of_no_delay():
    assert bounce_of(mail(DAEMON, text="It was delayed for 2 days. This is a permanent error.")).action == "failed"
    assert bounce_of(mail(DAEMON, text="It was delayed for 2 days.")).action == "delayed"
    on = "It has not yet been delivered; after 4 days it will be permanently rejected."
    assert bounce_of(mail(DAEMON, text=on)).action == "delayed"


def test_a_filter_that_refuses_in_the_name_of_its_user_names_him():
    refused = mail(ANNA, text=f"Your message to <{ANNA}> was automatically rejected: over quota")
    assert bounce_of(refused).recipients == (ANNA,)
