"""The same request again, through real octets and databases: what joins, what is suggested, and what stays a request of its own."""

import json
from dataclasses import asdict
from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import SMTP

import pytest

from mailbot.app import App
from mailbot.core.desk.repeats.learning import Learned
from mailbot.edge.db import clients
from mailbot.edge.db.clients import ClientRecord
from mailbot.edge.db.facts import learned_repeats
from mailbot.edge.db.learned import keep, relearn_repeats
from mailbot.edge.db.tickets import add_label
from mailbot.fetch import import_messages
from mailbot.intake import take_in
from mailbot.operate import close, split
from tests.conftest import Studio
from tests.duties.mails import mail

ANNA, PETER = "Anna <anna@rose.example>", "Peter <peter@rose.example>"
CART = (
    "After the last update the cart forgets the chosen colour. Choose the blue case and press the order button: "
    "the letter that we get says black. It happens in every browser."
)
OTHER_WORDS = (
    "The colour that buyers choose does not reach us since you updated the shop. They take the case in blue, and in the order "
    "letter it is black, whatever browser they use."
)


@pytest.fixture
def app(any_studio: Studio) -> App:
    """An open desk with one client, on a Wednesday at noon."""
    opened = any_studio.open()
    any_studio.clock.now = datetime(2026, 11, 18, 12, 0, tzinfo=UTC)
    with opened.desk.database.writing() as transaction:
        clients.save(transaction, ClientRecord(name="Rose Shop", domains=["rose.example"]), opened.desk.clock())
    return opened


def request(number: int, text: str, sender: str = ANNA, subject: str = "The cart") -> bytes:
    return mail(number, sender, text, Subject=subject)


def come(any_studio: Studio, app: App, *messages: bytes) -> list[tuple[str, int | None]]:
    """What became of each message: its outcome and its ticket."""
    any_studio.take_in(app, *messages)
    return [(row["outcome"], row["ticket"]) for row in any_studio.journal(app)]


def end(any_studio: Studio, app: App, number: int) -> None:
    """An operator closes the ticket."""
    with app.desk.database.writing() as transaction:
        close(transaction, app.desk, number, "fault", "boss", any_studio.clock())


AGAIN = {
    "another greeting and signature": request(2, f"Good morning,\n\n{CART}\n\nKind regards,\nAnna Petrova\nRose Shop\n+7 495 111-22-33"),
    "a colleague sends it": request(2, f"Hello,\n{CART}\nPeter", PETER),
    "a reminder on top": request(2, f"I wrote to you on Monday and there is still no answer.\n\n{CART}"),
    "forwarded by Gmail": request(
        2,
        "See below, no answer yet.\n\n---------- Forwarded message ---------\nFrom: Anna <anna@rose.example>\nDate: Tue, Nov 17, 2026 at 12:00 PM\n"
        f"Subject: The cart\nTo: <support@studio.example>\n\n\nHello,\n{CART}\nAnna",
        PETER,
        "Fwd: The cart",
    ),
    "a reminder above a quote": request(
        2,
        "Any news?\n\nOn Tue, Nov 17, 2026 at 12:00 PM Anna <anna@rose.example> wrote:\n"
        + "\n".join(f"> {line}" for line in CART.split("\n")),
        subject="Re: The cart",
    ),
    "typing errors": request(2, CART.replace("forgets", "forgests").replace("letter", "lettre").replace("button", "buton")),
}


@pytest.mark.parametrize("again", AGAIN.values(), ids=AGAIN.keys())
def test_the_same_request_in_other_clothes_joins_its_ticket(any_studio: Studio, app: App, again: bytes) -> None:
    found = come(any_studio, app, request(1, CART), again)
    assert found == [("ticket", 1), ("repeat", 1)]
    assert any_studio.tickets(app)[0]["repeats"] == 1
    assert any_studio.journal(app)[1]["because"][0] == "the same words as in ticket 1 of 2026-11-18 12:00"
    assert len(any_studio.outbox(app, "repeat")) == 1


ANOTHER = {
    "another number": request(2, CART.replace("blue", "A-12")),
    "another colour": request(2, CART.replace("blue", "green")),
    "one more demand": request(2, f"{CART} And please show the price in it."),
    "another client": request(2, CART, "Vera <vera@tulip.example>"),
    "a public mailbox": request(2, CART, "Anna <anna@gmail.com>"),
}


@pytest.mark.parametrize("other", ANOTHER.values(), ids=ANOTHER.keys())
def test_another_request_gets_its_own_ticket(any_studio: Studio, app: App, other: bytes) -> None:
    assert come(any_studio, app, request(1, CART), other) == [("ticket", 1), ("ticket", 2)]


def with_link(number: int, target: str, greeting: str = "") -> bytes:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = ANNA, "support@studio.example", "The cart"
    message["Message-ID"] = f"<link-{number}@rose.example>"
    message.set_content(f"{greeting}{CART}")
    message.add_alternative(f'<p>{greeting}{CART} <a href="{target}">here</a></p>', subtype="html")
    return message.as_bytes(policy=SMTP)


def test_the_same_words_with_another_link_behind_them_are_another_request(any_studio: Studio, app: App) -> None:
    found = come(
        any_studio,
        app,
        with_link(1, "https://a.example/"),
        with_link(2, "https://b.example/", "Hello,\n"),
        with_link(3, "https://a.example/", "Hi,\n"),
    )
    assert found == [("ticket", 1), ("ticket", 2), ("repeat", 1)]


def with_file(number: int, octets: bytes, greeting: str) -> bytes:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = ANNA, "support@studio.example", "Price list"
    message["Message-ID"] = f"<file-{number}@rose.example>"
    message.set_content(f"{greeting}\nPlease put the attached price list on the page of our catalogue instead of the old one.")
    message.add_attachment(octets, maintype="application", subtype="pdf", filename="prices.pdf")
    return message.as_bytes(policy=SMTP)


def test_the_same_words_with_another_file_are_another_request(any_studio: Studio, app: App) -> None:
    found = come(any_studio, app, with_file(1, b"old", "Hello,"), with_file(2, b"new", "Good morning,"), with_file(3, b"old", "Hi there,"))
    assert found == [("ticket", 1), ("ticket", 2), ("repeat", 1)]


def test_a_closed_request_is_opened_again_within_reopen_days_and_its_client_is_told(any_studio: Studio, app: App) -> None:
    any_studio.take_in(app, request(1, CART))
    end(any_studio, app, 1)
    any_studio.clock.forward(days=5)
    assert come(any_studio, app, request(2, f"Hello,\n{CART}\nAnna"))[1] == ("repeat", 1)
    assert any_studio.tickets(app)[0]["status"] == "open"
    letter = any_studio.letter(app, any_studio.outbox(app, "repeat")[0])
    assert "opened it again" in " ".join(letter.get_body(("plain",)).get_content().split())


def test_after_reopen_days_it_is_a_new_ticket_that_names_the_old_one(any_studio: Studio, app: App) -> None:
    any_studio.take_in(app, request(1, CART))
    end(any_studio, app, 1)
    any_studio.clock.forward(days=16)
    assert come(any_studio, app, request(2, f"Hello,\n{CART}\nAnna"))[1] == ("ticket", 2)
    assert any_studio.tickets(app)[1]["related_to"] == 1
    assert "the same words as in ticket 1, but it was closed more than 14 days ago" in any_studio.journal(app)[1]["because"]


def test_after_the_window_nothing_repeats(any_studio: Studio, app: App) -> None:
    any_studio.take_in(app, request(1, CART))
    any_studio.clock.forward(days=31)
    assert come(any_studio, app, request(2, f"Hello,\n{CART}\nAnna"))[1] == ("ticket", 2)


def test_few_words_repeat_only_within_a_day(any_studio: Studio, app: App) -> None:
    any_studio.take_in(
        app, request(1, "Hello,\n\nour site is down\n\n-- \nAnna Petrova\nRose Shop, the best roses in town", subject="Help")
    )
    any_studio.clock.forward(days=3)
    again = request(2, "Good day,\n\nour site is down\n\n-- \nPeter\nRose Shop, the best roses in town", PETER, "Help")
    assert come(any_studio, app, again)[1] == ("ticket", 2)
    any_studio.clock.forward(hours=3)
    once_more = request(3, "Hi!\n\nOur site is down.\n\n-- \nPeter", PETER, "Help")
    assert come(any_studio, app, once_more)[2] == ("repeat", 2)


def test_a_likely_repeat_is_a_ticket_that_names_what_it_may_repeat(any_studio: Studio, app: App) -> None:
    filler = [
        request(n, f"Please put the text number {n} about {what} on the page of news.", subject=what)
        for n, what in enumerate(("roses", "tulips", "irises"), 10)
    ]
    found = come(any_studio, app, *filler, request(1, CART), request(2, OTHER_WORDS, PETER, "Wrong colour in the cart"))
    assert found[-1] == ("ticket", 5)
    ticket = any_studio.tickets(app)[-1]
    assert ticket["possible_repeat_of"] == 4
    forward = any_studio.letter(app, any_studio.outbox(app, "forward")[-1]).get_body(("plain",)).get_content()
    assert "ticket 4 “The cart”" in forward
    assert "/repeat 4" in forward
    assert "/split" in forward
    acknowledgement = any_studio.letter(app, any_studio.outbox(app, "acknowledgement")[-1]).get_body(("plain",)).get_content()
    assert "ticket 4" not in acknowledgement


def test_without_suggestions_a_likely_repeat_is_a_ticket_like_any_other(any_studio: Studio) -> None:
    any_studio.configure(repeats={"suggest": False})
    app = any_studio.open()
    found = come(any_studio, app, request(1, CART), request(2, OTHER_WORDS, subject="Wrong colour in the cart"), request(3, f"Hi,\n{CART}"))
    assert found == [("ticket", 1), ("ticket", 2), ("repeat", 1)]
    assert any_studio.tickets(app)[1]["possible_repeat_of"] is None


def test_a_likely_repeat_joins_where_operators_have_confirmed_enough(any_studio: Studio, app: App) -> None:
    taught = json.dumps(asdict(Learned(confirmed=299, refused=0, joins_from=0.2))).encode()
    with app.desk.database.writing() as transaction:
        assert keep(transaction, "repeat", taught, 299, app.desk.clock())
    found = come(any_studio, app, request(1, CART), request(2, OTHER_WORDS, PETER, "Wrong colour in the cart"))
    assert found == [("ticket", 1), ("repeat", 1)]
    assert any("operators confirmed all suggestions from 0.20 on" in said for said in any_studio.journal(app)[1]["because"])


def test_a_subject_alone_suggests_nothing(any_studio: Studio, app: App) -> None:
    texts = ("Please add our new telephone to the footer.", "The order form does not send.", "What would a section with reviews cost?")
    found = come(any_studio, app, *(request(number, text, subject="Question") for number, text in enumerate(texts, 1)))
    assert found == [("ticket", 1), ("ticket", 2), ("ticket", 3)]
    assert [one["possible_repeat_of"] for one in any_studio.tickets(app)] == [None, None, None]


def passed_on(number: int, whose: str) -> bytes:
    return request(
        number,
        f"See below.\n\n---------- Forwarded message ---------\nFrom: Carl <{whose}>\nDate: Tue, Nov 17, 2026 at 12:00 PM\nSubject: The cart\n"
        f"To: <anna@rose.example>\n\n\n{CART}",
        subject="Fwd: The cart",
    )


def test_mails_of_two_people_that_somebody_passes_on_are_two_requests(any_studio: Studio, app: App) -> None:
    found = come(any_studio, app, passed_on(1, "carl@one.example"), passed_on(2, "dora@two.example"), passed_on(3, "carl@one.example"))
    assert found[:2] == [("ticket", 1), ("ticket", 2)]
    assert found[2] == ("repeat", 1)


@pytest.mark.parametrize("sender", ["form@rose.example", "form@sites.example"], ids=["a client's form", "any form"])
def test_two_visitors_of_a_form_get_two_tickets(any_studio: Studio, app: App, sender: str) -> None:
    def form(number: int, visitor: str) -> bytes:
        return mail(number, f"Form <{sender}>", CART, Subject="The cart", Reply_To=visitor)

    assert come(any_studio, app, form(1, "ivan@a.example"), form(2, "petr@b.example")) == [("ticket", 1), ("ticket", 2)]


def test_mail_without_a_sender_repeats_nothing(any_studio: Studio, app: App) -> None:
    assert come(any_studio, app, mail(1, None, CART), mail(2, None, f"Hello,\n{CART}")) == [("ticket", 1), ("ticket", 2)]


def test_a_repeat_that_cries_for_haste_makes_its_ticket_urgent(any_studio: Studio, app: App) -> None:
    any_studio.take_in(app, request(1, CART))
    before = any_studio.tickets(app)[0]["verdict_due_at"]
    found = come(any_studio, app, request(2, f"This is urgent, please answer.\n\n{CART}"))
    assert found[1] == ("repeat", 1)
    ticket = any_studio.tickets(app)[0]
    assert ticket["urgent"] is True
    assert ticket["verdict_due_at"] < before


def test_old_mail_that_is_imported_joins_nothing_of_its_future(any_studio: Studio, app: App) -> None:
    any_studio.take_in(app, request(1, CART))
    end(any_studio, app, 1)
    old = mail(2, ANNA, f"Hello,\n{CART}", Subject="The cart", Date="Fri, 10 Jan 2025 10:00:00 +0000")
    import_messages(app.desk, [old], answer=False, on_message=lambda: None)
    take_in(app.desk)
    assert [(row["outcome"], row["ticket"]) for row in any_studio.journal(app)] == [("ticket", 1), ("ticket", 2)]
    assert any_studio.tickets(app)[0]["status"] == "closed"


def test_a_join_by_the_score_that_an_operator_undoes_ends_such_joins(any_studio: Studio, app: App) -> None:
    with app.desk.database.writing() as transaction:
        for number in range(1000, 1300):
            add_label(transaction, "repeat", number, "yes", "boss", app.desk.clock(), 1, 0.2)
        relearn_repeats(transaction, app.desk.clock())
    assert come(any_studio, app, request(1, CART), request(2, OTHER_WORDS, PETER, "Wrong colour in the cart"))[1] == ("repeat", 1)
    with app.desk.database.writing() as transaction:
        split(transaction, app.desk, 2, "boss", app.desk.clock())
        assert learned_repeats(transaction).joins_from is None


def test_a_stranger_s_texts_without_end_are_compared_in_bounded_work(any_studio: Studio, app: App) -> None:
    """Five such mails took a minute."""
    words = ("Form page. ", "Order page. ", "Form order. ", "Page form. ")
    mails = []
    for number in range(1, 6):
        sentences = "".join(words[(number * place) % 4] for place in range(245))
        quotes = "\n".join(f"{'>' * level} {sentences}" for level in (1, 2, 3))
        mails.append(request(number, f"{sentences}\n\nOn Tue, Nov 17, 2026 at 12:00 PM Anna <anna@rose.example> wrote:\n{quotes}"))
    assert len(come(any_studio, app, *mails)) == 5
