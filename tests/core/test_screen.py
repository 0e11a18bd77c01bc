"""Who wrote it: each rule of screening, and the people whom no rule may mistake for a machine."""

from dataclasses import replace

import pytest

from mailbot.core.mail.message import Address, Bounce
from mailbot.core.mail.screen import RULES, SILENT_RULES, screen
from tests.core.build import file, mail

REPORT = {"content_type": "multipart/report", "content_params": {"report-type": "delivery-status"}}
DAEMON = "MAILER-DAEMON@mx.example"

MACHINES = {
    "a delivery report says so in its type": ("bounce", "is_report", mail(DAEMON, **REPORT)),
    "a report-type is compared without case": (
        "bounce",
        "is_report",
        mail(DAEMON, content_type="multipart/report", content_params={"report-type": "Delivery-Status"}),
    ),
    "a report wrapped into another multipart is one": (
        "bounce",
        "is_report",
        mail(DAEMON, part_types=("text/plain", "message/delivery-status")),
    ),
    "mailer-daemon writes without a report": ("bounce", "is_from_mail_system", mail("mailer-daemon@mx.example", subject="hello")),
    "mail-daemon is one too": ("bounce", "is_from_mail_system", mail("mail-daemon@mx.example", subject="hello")),
    "postmaster tells of a failure": (
        "bounce",
        "is_told_by_mail_system",
        mail(
            "postmaster@mx.example",
            subject="Delivery Status Notification (Failure)",
            text="Not reached:\n\n    anna@rose.example\n",
            fields={"return-path": "<x@mx.example>"},
        ),
    ),
    "a null reverse-path and 'Undeliverable:'": (
        "bounce",
        "is_told_without_sender",
        mail("exchange@corp.example", subject="Undeliverable: Price list", fields={"return-path": "<>"}),
    ),
    "'Returned mail' of sendmail": (
        "bounce",
        "is_told_without_sender",
        mail("root@mx.example", subject="Returned mail: see transcript", fields={"return-path": "<>"}),
    ),
    "qmail's 'failure notice'": (
        "bounce",
        "is_told_without_sender",
        mail("x@mx.example", subject="failure notice", fields={"return-path": "<>"}),
    ),
    "a failure in Russian": (
        "bounce",
        "is_told_without_sender",
        mail("x@mx.example", subject="Недоставленное сообщение", fields={"return-path": "<>"}),
    ),
    "Exim's X-Failed-Recipients": ("bounce", "is_from_mail_system", mail("x@mx.example", fields={"x-failed-recipients": "a@b.example"})),
    "a server without an originator tells of a failure": (
        "bounce",
        "is_told_without_sender",
        mail(None, subject="Mail Error", text="Your mail cannot be delivered to anna.", fields={"precedence": "bulk"}),
    ),
    "a server that names itself and tells of a failure": (
        "bounce",
        "is_told_without_sender",
        mail(
            "root@mx.example", subject="Price list", text="Your message could not\nbe delivered.", fields={"return-path": "<MAILER-DAEMON>"}
        ),
    ),
    "a gateway tells of a failure": (
        "bounce",
        "is_told_by_mail_system",
        mail("mail_gateway@mx.example", subject="Price list", text="It was not delivered to:\n  anna@rose.example\n"),
    ),
    "Sieve's reject": (
        "bounce",
        "is_rejection",
        mail(
            text="Your message was rejected: no",
            content_type="multipart/report",
            part_types=("text/plain", "message/disposition-notification"),
        ),
    ),
    "a failure with the message itself": (
        "bounce",
        "returns_a_mail",
        mail(
            "inetgw@mx.example",
            subject="Mail could not be delivered",
            text="The following mail could not be delivered.",
            part_types=("message/rfc822",),
        ),
    ),
    "a server's report that quotes a challenge as its reason": (
        "bounce",
        "is_report",
        mail(DAEMON, text="550 confirm your address at https://guests.example/1 to be on the allowed list", **REPORT),
    ),
    "a challenge by its words in a report": (
        "challenge",
        "is_challenge",
        mail(
            "noreply@guests.example",
            text="Your message was held.\nPlease add yourself to my Guest List: https://guests.example/1",
            content_type="multipart/report",
        ),
    ),
    "a challenge with a null reverse-path": (
        "challenge",
        "is_challenge",
        mail(text="Verify that you are a person: https://a.example", fields={"return-path": "<>"}),
    ),
    "a message that went round fifty servers": ("loop", "is_loop", mail(hops=51)),
    "a list without list fields": ("list", "is_sent_by_list", mail(fields={"sender": "owner-roses@lists.example", "precedence": "bulk"})),
    "a digest": (
        "list",
        "is_digest",
        mail("roses-request@lists.example", part_types=("text/plain", "message/rfc822"), fields={"x-mailer": "Mailman v2"}),
    ),
    "Mailman's X-BeenThere": ("list", "is_list", mail(fields={"x-beenthere": "roses@lists.example"})),
    "a vacation program's Precedence: bulk": (
        "auto_reply",
        "is_bulk_answer",
        mail(subject="Re: Price list", fields={"precedence": "bulk"}),
    ),
    "web mail's Precedence: junk on an absence note": (
        "auto_reply",
        "is_bulk_answer",
        mail(subject="[Automatyczna odpowiedź] Cennik", fields={"precedence": "junk"}),
    ),
    "Exchange's absence note without a field": (
        "auto_reply",
        "is_auto_subject",
        mail(subject="Re: [desk] Out of Office AutoReply: Prices"),
    ),
    "Domino's absence note": ("auto_reply", "is_auto_subject", mail(subject="AUTO: Anna Rose is out of the office (returning 20.11.2026)")),
    "an absence note of Domino in Russian": (
        "auto_reply",
        "is_auto_subject",
        mail(subject="АВТО: Анна Роза не в офисе (возврат 20.11.2026)"),
    ),
    "an absence note that says so in its text": (
        "auto_reply",
        "is_auto_subject",
        mail(subject="Out of office", text="This is an automated response to your message."),
    ),
    "a challenge by its field": ("challenge", "is_challenge", mail(fields={"x-boxtrapper": "1"})),
    "Auto-Submitted: auto-replied": ("auto_reply", "is_auto_submitted", mail(fields={"auto-submitted": "auto-replied"})),
    "Auto-Submitted with a comment and parameters": (
        "auto_reply",
        "is_auto_submitted",
        mail(fields={"auto-submitted": 'Auto-Generated (rejected); owner-email="a@b.example"'}),
    ),
    "Auto-Submitted of an extension": ("auto_reply", "is_auto_submitted", mail(fields={"auto-submitted": "auto-notified"})),
    "a disposition notification": (
        "auto_reply",
        "is_notification",
        mail(content_type="multipart/report", content_params={"report-type": "disposition-notification"}),
    ),
    "Outlook's receipt in plain text": (
        "auto_reply",
        "is_receipt",
        mail(subject="Read: Price list", text="Your message\n\n  To: Anna\n  Subject: Price list\n\nwas read on 18 November 2026."),
    ),
    "a list by List-Id": ("list", "is_list", mail(fields={"list-id": "<news.rose.example>"})),
    "Precedence: bulk": ("list", "is_bulk", mail(fields={"precedence": "Bulk "})),
    "Precedence: list": ("list", "is_list", mail(fields={"precedence": "list"})),
    "Precedence: auto_reply": ("auto_reply", "is_vacation_field", mail(fields={"precedence": "auto_reply"})),
    "X-Precedence: auto-reply": ("auto_reply", "is_vacation_field", mail(fields={"x-precedence": "auto-reply"})),
    "X-Autoreply": ("auto_reply", "is_vacation_field", mail(fields={"x-autoreply": "yes"})),
    "X-Autorespond": ("auto_reply", "is_vacation_field", mail(fields={"x-autorespond": ""})),
    "qmail's autorespond": ("auto_reply", "is_vacation_field", mail(fields={"delivered-to": ("anna@rose.example", "Autoresponder")})),
    "Apple's OOF": ("auto_reply", "is_vacation_field", mail(fields={"x-apple-action": "OOF/anna@rose.example"})),
    "a job of cron": ("auto_reply", "is_vacation_field", mail(fields={"x-cron-env": "<SHELL=/bin/sh>"})),
    "an absence note by its subject": (
        "auto_reply",
        "is_auto_subject",
        mail(subject="Out of Office: Price list", in_reply_to=("sent@studio.example",)),
    ),
    "an absence note in brackets": (
        "auto_reply",
        "is_auto_subject",
        mail(subject="[Auto-Reply] Price list", in_reply_to=("sent@studio.example",)),
    ),
    "Outlook's 'Automatic reply:'": (
        "auto_reply",
        "is_auto_subject",
        mail(subject="Automatic reply: Price list", in_reply_to=("sent@studio.example",)),
    ),
    "Outlook's 'Автоматический ответ:'": (
        "auto_reply",
        "is_auto_subject",
        mail(subject="Автоматический ответ: Прайс", in_reply_to=("sent@studio.example",)),
    ),
    "an absence note in German": (
        "auto_reply",
        "is_auto_subject",
        mail(subject="Abwesenheitsnotiz: Price list", in_reply_to=("sent@studio.example",)),
    ),
    "spam by the filter's flag": ("spam", "is_spam", mail(fields={"x-spam-flag": "YES"})),
    "spam by the filter's status": ("spam", "is_spam", mail(fields={"x-spam-status": "Yes, score=12.0"})),
    "an invitation": ("calendar", "is_invitation", mail(calendar_method="REQUEST")),
}

PEOPLE = {
    "Auto-Submitted: no": mail(fields={"auto-submitted": "no"}),
    "Auto-Submitted: No (a person)": mail(fields={"auto-submitted": "No (a person)"}),
    "an empty Auto-Submitted": mail(fields={"auto-submitted": ""}),
    "X-Autoreply: no": mail(fields={"x-autoreply": "no"}),
    "a subject that speaks of delivery": mail(subject="Problem with delivery status notification page"),
    "a question about 'Delivery terms'": mail(subject="Delivery terms on the site are wrong"),
    "a person asks about failed mail": mail(subject="Undelivered mail", fields={"return-path": "<anna@rose.example>"}),
    "a reply about an absence note": mail(subject="Re: Out of Office text must be changed"),
    "a subject with 'automatic' in it": mail(subject="Automatic backup does not work"),
    "'Отпуск' is a page": mail(subject="Страница «Я в отпуске» не открывается"),
    "not spam by the filter": mail(fields={"x-spam-flag": "NO", "x-spam-status": "No, score=-1"}),
    "Precedence: first-class": mail(fields={"precedence": "first-class"}),
    "an attached calendar without a method": mail(part_types=("text/plain", "text/calendar")),
    "an attached report in another type": mail(content_type="multipart/mixed", content_params={"report-type": "delivery-status"}),
    "an address that begins with 'bounce'": mail("bouncer-club@rose.example"),
    "an address that holds 'noreply' inside a word": mail("casanoreplya@rose.example"),
    "an ordinary reverse-path": mail(fields={"return-path": "<anna@rose.example>"}),
    "X-Auto-Response-Suppress: DR, RN": mail(fields={"x-auto-response-suppress": "DR, RN"}),
    "X-Auto-Response-Suppress: None": mail(fields={"x-auto-response-suppress": "None"}),
    "a client tells of a bounce in his own words": mail(
        subject="Mail from the shop", text="Hello, our customers get 'your message could not be delivered' since Monday."
    ),
    "a client forwards a bounce": mail(
        subject="Fwd: Undelivered Mail Returned to Sender",
        text="See below, what is wrong?\n\nYour message could not be delivered.",
        fields={"return-path": "<anna@rose.example>"},
    ),
    "a client's form does not send": mail(text="The mail form on the contact page is not delivering anything since Monday."),
    "a client asks to change a page about lists": mail(text="Please put our safe list on the page https://rose.example/list."),
    "a client answers and asks to verify an address": mail(
        subject="Re: Price list", in_reply_to=("x@y",), text="Please verify that your address is right there: https://rose.example/contact"
    ),
    "a mail that went round many servers": mail(hops=30),
    "Precedence: normal": mail(subject="Re: Price list", fields={"precedence": "normal"}),
    "an HTML mail that speaks of unsubscribing and has a plain part": mail(
        text="The unsubscribe link is broken", html="<a href='x'>", part_types=("text/plain", "text/html")
    ),
    "an administrator who writes about mail": mail(
        "admin@rose.example", subject="Mail delivery failed yesterday", fields={"return-path": "<admin@rose.example>"}
    ),
    "a picture for words, under a bare Re:": mail(subject="Re:", text="", attachments=(file("a"),)),
    "a client who forwards a mail as an attachment": mail("web-admin@rose.example", part_types=("text/plain", "message/rfc822")),
    "a client who quotes a lost mail": mail(
        subject="Delivery problem",
        text="The parcel was not delivered.\n\n-----Original Message-----\nFrom: customer@mail.example\n\nWhere is it?",
        fields={"return-path": "<anna@rose.example>"},
    ),
    "a client who writes about goods, and quotes": mail(
        subject="Не доставлено",
        text="Заказ не доставлен.\n\nИсходное письмо клиента ниже:\nГде заказ?",
        fields={"return-path": "<anna@rose.example>"},
    ),
    "a client who attaches a bounce": mail(
        subject="Undelivered mail",
        text="Why does our mail come back?",
        part_types=("text/plain", "message/rfc822"),
        fields={"return-path": "<anna@rose.example>"},
    ),
    "a client who attaches what was lost, and says so as servers do": mail(
        subject="Undeliverable: Order",
        text="The attached message was not delivered to\ninfo@rose.example\nPlease look.",
        part_types=("text/plain", "message/rfc822"),
        fields={"return-path": "<anna@rose.example>"},
    ),
    "a consent with a telling subject": mail(subject="Прочитано: договор", text="Ваше письмо прочитали, согласны, делайте."),
    "a client who attaches a bounce's report": mail(
        subject="Fwd: Undelivered Mail Returned to Sender",
        text="Our mail comes back.",
        part_types=("text/plain", "message/delivery-status"),
    ),
    "a forwarded receipt and the word rejected": mail(
        text="It was rejected", part_types=("text/plain", "message/disposition-notification")
    ),
    "an address that a delivery service writes from": mail(
        "mail_service@rose.example", subject="Delivery error in the cart", fields={"return-path": "<mail_service@rose.example>"}
    ),
    "a name that begins like a server's": replace(
        mail(subject="Delivery report", fields={"return-path": "<anna@rose.example>"}),
        originator=Address("Postmaster Rose GmbH", "anna@rose.example"),
    ),
    "a person whose address begins like a list's": mail(fields={"sender": "owner-shop@rose.example"}),
    "a form with a Reply-To of its visitor": mail("noreply@rose.example", reply_to=(Address("Ivan", "ivan@mail.example"),)),
    "a reply with a subject of its own": mail(subject="Automatic reply for the form", in_reply_to=("x@y",), text="Yes, please."),
    "a reply about cars": mail(subject="Auto: новый раздел", in_reply_to=("x@y",), text="Да, согласны с ценой."),
    "missing prices": mail(subject="Отсутствуют цены на сайте"),
    "a missing button": mail(subject="Нет на месте кнопки «Купить»"),
    "a page about vacations": mail(subject="On vacation rentals page the map is broken"),
    "a banner for the holidays": mail(subject="В отпуске до 14 августа, поставьте баннер"),
    "a page about who is out": mail(subject="Auto: John is out of office on the team page"),
    "an automatic answer that must be changed": mail(subject="Автоответ с формы сайта приходит с ошибкой"),
    "a client who got our mail": mail(text="Ваше письмо получили, но вложение не доставлено, пришлите ещё раз."),
    "a client who got our mail, in English": mail(text="Your mail arrived but the attachment could not be delivered to us."),
    "HTML alone about a link that must work": mail(
        text="Не работает ссылка отписаться в нашей рассылке, посмотрите.", html="<p>Не работает…</p>", part_types=("text/html",)
    ),
    "a client who wants an article": mail(subject="Read: our new article", text="Please put it on the first page."),
    "a Reply-To of a person": mail(reply_to=(Address("", "olga@rose.example"),)),
}

SILENT = {
    "a null reverse-path": ("has_null_reverse_path", mail(fields={"return-path": "<>"})),
    "an empty reverse-path": ("has_null_reverse_path", mail(fields={"return-path": ""})),
    "X-Auto-Response-Suppress: All": ("asks_for_silence", mail(fields={"x-auto-response-suppress": "All"})),
    "X-Auto-Response-Suppress: DR, AutoReply": ("asks_for_silence", mail(fields={"x-auto-response-suppress": "DR, AutoReply"})),
    "X-Auto-Response-Suppress: OOF": ("asks_for_silence", mail(fields={"x-auto-response-suppress": "oof"})),
    "no-reply": ("is_from_machine_address", mail("no-reply@shop.example")),
    "noreply": ("is_from_machine_address", mail("NoReply@shop.example")),
    "do_not_reply": ("is_from_machine_address", mail("do_not_reply@shop.example")),
    "orders-noreply": ("is_from_machine_address", mail("orders-noreply@shop.example")),
    "noreply with a subaddress": ("is_from_machine_address", mail("noreply+7@shop.example")),
    "postmaster": ("is_from_machine_address", mail("postmaster@shop.example")),
    "a VERP address": ("is_from_machine_address", mail("bounce-12=anna@shop.example")),
    "a question about undelivered goods, when no server noted the reverse-path": (
        "sounds_like_a_bounce",
        mail(subject="Undelivered parcels, the page is broken"),
    ),
    "a notice's first words without any other sign": (
        "sounds_like_a_bounce",
        mail(subject="RE: Price list: non remis", text="*****\nVotre message n'a pas pu etre delivre a\nanna@rose.example"),
    ),
    "HTML alone that offers to unsubscribe": (
        "offers_to_unsubscribe",
        mail(
            text="Buy roses.\nUnsubscribe (https://a.example/off)",
            html="<a href='https://a.example/off'>Unsubscribe</a>",
            part_types=("text/html",),
        ),
    ),
    "a postmaster who writes about lost mail": (
        "is_from_machine_address",
        mail("postmaster@rose.example", text="Hello! Mail of our shop to anna@rose.example is not delivered since Monday. Please look."),
    ),
    "a challenge by its subject alone": ("sounds_like_a_machine", mail(subject="Please confirm your message")),
    "a postmaster whose subject and text tell of a failure": (
        "is_from_machine_address",
        mail(
            "postmaster@rose.example",
            subject="Undelivered mail to your server",
            text="Dear colleagues, our mail was not delivered. Please mend it.",
            fields={"return-path": "<postmaster@rose.example>"},
        ),
    ),
    "a postmaster who asks to mend a server": (
        "is_from_machine_address",
        mail(
            "postmaster@rose.example",
            subject="Ваш сервер отклоняет почту",
            text="Почта не может быть доставлена:\n\nolga@studio.example: 550 user unknown\n\nПроверьте.",
            fields={"return-path": "<postmaster@rose.example>"},
        ),
    ),
    "an absence note's subject on a new mail": ("sounds_like_a_machine", mail(subject="Автоответ: Прайс")),
    "the whole subject of Postfix, and a question": (
        "sounds_like_a_bounce",
        mail(subject="Undelivered Mail Returned to Sender", text="Hi, what does this mean? All our mails come back."),
    ),
    "Exchange's rule that forwards or answers": (
        "was_sent_by_a_program",
        mail(fields={"x-ms-exchange-generated-message-source": "Mailbox Rules Agent"}),
    ),
    "a form's auto-generated mail for its visitor": (
        "was_sent_by_a_program",
        mail("site@rose.example", reply_to=(Address("", "ivan@mail.example"),), fields={"auto-submitted": "auto-generated"}),
    ),
    "a form's bulk mail for its visitor": (
        "was_sent_by_a_program",
        mail("site@rose.example", reply_to=(Address("", "ivan@mail.example"),), fields={"precedence": "bulk"}),
    ),
    "another desk's confirmation": (
        "says_it_is_automatic",
        mail(text="Ваше обращение зарегистрировано под номером 7.\n\nЭто письмо сформировано автоматически, отвечать на него не нужно."),
    ),
    "a contact form sent through a mailing service": (
        "can_be_unsubscribed",
        mail(fields={"list-unsubscribe": "<mailto:off@rose.example>"}),
    ),
    "a Reply-To that nobody reads": ("is_from_machine_address", mail(reply_to=(Address("", "noreply@rose.example"),))),
}


@pytest.mark.parametrize(("kind", "rule", "message"), MACHINES.values(), ids=MACHINES)
def test_a_machine_is_recognised_and_never_answered(kind, rule, message):
    verdict = screen(message)
    speaking = next(one for _, one in RULES if one(message))
    assert (verdict.kind, speaking.__name__, verdict.answerable) == (kind, rule, False)
    assert verdict.because == (speaking(message),)


@pytest.mark.parametrize("message", PEOPLE.values(), ids=PEOPLE)
def test_a_person_is_never_mistaken_for_a_machine(message):
    verdict = screen(message)
    assert (verdict.kind, verdict.answerable, verdict.because) == ("normal", True, ())


@pytest.mark.parametrize(("rule", "message"), SILENT.values(), ids=SILENT)
def test_a_request_that_may_not_be_answered_is_a_request_all_the_same(rule, message):
    verdict = screen(message)
    assert (verdict.kind, verdict.answerable) == ("normal", False)
    assert verdict.because == tuple(one(message) for one in SILENT_RULES if one.__name__ == rule)


def test_every_rule_has_a_row_in_these_tables():
    assert {rule.__name__ for _, rule in RULES} == {rule for _, rule, _ in MACHINES.values()}
    assert {rule.__name__ for rule in SILENT_RULES} == {rule for rule, _ in SILENT.values()}


def test_a_bounce_carries_its_report_and_nothing_else_does():
    report = Bounce(("gone@rose.example",), ("5.1.1",), "failed", "x@studio.example")
    assert screen(mail(DAEMON, report=report, **REPORT)).bounce == report
    assert screen(mail(report=report, fields={"auto-submitted": "auto-replied"})).bounce is None


def test_a_mail_without_an_originator_is_a_request():
    assert screen(mail(None)).kind == "normal"
