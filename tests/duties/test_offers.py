"""Terms, offers and consent (R4), coverage changed by operators (R3), estimates and prices (R5), on SQLite and PostgreSQL."""

import json
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from email import message_from_bytes, policy
from hashlib import sha256
from typing import Any

import pytest
from sqlalchemy import func, select

from mailbot.app import App
from mailbot.core.money.quote import quote_of
from mailbot.core.report.week import Week
from mailbot.edge.db import clients, story, tables
from mailbot.edge.db.clients import ClientRecord
from mailbot.errors import PermanentError
from mailbot.offers import cover, estimate, propose, remind
from mailbot.operate import answer, close, enter_time
from mailbot.repeats import merge
from mailbot.weekly import summary_of
from tests.conftest import Studio
from tests.duties.mails import mail

BOSS = "boss@studio.example"


@pytest.fixture
def app(any_studio: Studio) -> App:
    """The open desk of the test, on a Wednesday at noon, with a client without a contract."""
    opened = any_studio.open()
    any_studio.clock.now = datetime(2026, 11, 18, 12, 0, tzinfo=UTC)
    save(opened, ClientRecord("Rose Shop", ["rose.example"], ["anna@rose.example"]))
    return opened


def save(app: App, record: ClientRecord) -> None:
    with app.desk.database.writing() as transaction:
        clients.save(transaction, record, app.desk.clock())


def offers(app: App) -> list[dict[str, Any]]:
    with app.desk.database.reading() as transaction:
        client_id = clients.id_by_name(transaction, "Rose Shop")
        assert client_id is not None
        return list(story.story_of(transaction, client_id)["offers"])


def newest(any_studio: Studio, app: App, kind: str) -> Any:
    return any_studio.letter(app, any_studio.outbox(app, kind)[-1])


def reply(letter: Any, text: str, name: str, sender: str = "Anna <anna@rose.example>", **fields: str | None) -> bytes:
    """An answer to a letter of the desk, as a mail program writes it."""
    usual: dict[str, str | None] = {
        "To": str(letter["Reply-To"]),
        "Subject": str(letter["Subject"]),
        "Message_ID": f"<{name}@rose.example>",
        "In_Reply_To": str(letter["Message-ID"]),
        "References": str(letter["Message-ID"]),
    }
    return mail(1, sender, text, **(usual | fields))


def plain(letter: Any) -> str:
    body = letter.get_body(("plain",))
    return " ".join(body.get_content().split())


# Terms and consent


def test_an_acknowledgement_without_a_contract_is_an_offer_whose_version_ticket_and_client_keep(any_studio: Studio, app: App) -> None:
    any_studio.take_in(app, mail(1))
    (offer,) = offers(app)
    assert (offer["kind"], offer["ticket"], offer["state"], offer["to"]) == ("terms", 1, "open", "anna@rose.example")
    assert offer["version"] == app.desk.renderer.version("en", "terms")
    assert offer["detail"] == {"coverage": "none", "rate": "60", "price": None}
    with app.desk.database.reading() as transaction:
        kept = transaction.execute(select(tables.ticket.c.terms, tables.ticket.c.terms_at)).one()
        made_by = transaction.scalar(select(tables.offer.c.message_id))
    assert tuple(kept) == (offer["version"], app.desk.clock())
    assert made_by == newest(any_studio, app, "acknowledgement")["Message-ID"].strip("<>")


def test_an_edited_template_is_another_version(any_studio: Studio, app: App) -> None:
    before = app.desk.renderer.version("en", "terms")
    own = any_studio.folder / "own" / "en"
    own.mkdir(parents=True)
    (own / "offer.txt").write_text("• whatever you like.\n")  # terms.txt includes it
    any_studio.configure(desk={"templates": "own"})
    after = any_studio.open().desk.renderer.version("en", "terms")
    assert before.split("-")[0] == after.split("-")[0] == "1"
    assert before != after


def test_clear_agreement_is_kept_with_who_when_which_and_the_digest(any_studio: Studio, app: App) -> None:
    any_studio.take_in(app, mail(1))
    agrees = reply(newest(any_studio, app, "acknowledgement"), "We agree to the terms.\n\nBest regards,\nAnna", "yes")
    any_studio.clock.forward(hours=1)
    journal = any_studio.take_in(app, agrees)
    assert journal[-1]["outcome"] == "follow-up"
    assert f"agreed: terms of ticket 1, version {app.desk.renderer.version('en', 'terms')}" in journal[-1]["because"]
    (offer,) = offers(app)
    assert (offer["state"], offer["settled_at"]) == ("agreed", app.desk.clock())
    (said,) = offer["answers"]
    assert (said["verdict"], said["who"], said["at"]) == ("agreed", "anna@rose.example", app.desk.clock())
    assert (said["sha256"], said["journal"]) == (sha256(agrees).hexdigest(), 2)
    assert said["words"].startswith("We agree to the terms.")
    forward = plain(newest(any_studio, app, "forward"))
    assert "AGREED to the terms of support of ticket 1" in forward


@pytest.mark.parametrize(
    ("text", "more", "state", "verdicts"),
    [
        pytest.param("We do not agree with the rate.", {}, "objected", ["objected"], id="an objection"),
        pytest.param("We agree if it is done by Friday", {}, "open", ["unclear"], id="a condition"),
        pytest.param("Here is the screenshot that you wanted.", {}, "open", [], id="words about something else"),
        pytest.param("We agree", {"Auto_Submitted": "auto-replied"}, "open", [], id="a machine"),
        pytest.param("We agree", {"sender": "eve@evil.example"}, "open", [], id="a stranger with the signed address"),
        pytest.param("We agree", {"sender": "boris@rose.example"}, "agreed", ["agreed"], id="a colleague"),
        pytest.param(
            "We agree", {"To": "support@studio.example", "In_Reply_To": None, "References": None}, "open", [], id="no signed address"
        ),
    ],
)
def test_what_a_reply_does_to_an_offer(
    any_studio: Studio, app: App, text: str, more: dict[str, Any], state: str, verdicts: list[str]
) -> None:
    any_studio.take_in(app, mail(1))
    any_studio.take_in(app, reply(newest(any_studio, app, "acknowledgement"), text, "answer", **more))
    (offer,) = offers(app)
    assert offer["state"] == state
    assert [one["verdict"] for one in offer["answers"]] == verdicts


@pytest.mark.parametrize(
    ("fields", "state", "verdict"),
    [
        ("mx.studio.example; dmarc=pass header.from=rose.example", "agreed", "agreed"),
        ("mx.studio.example; dmarc=fail header.from=rose.example", "open", "unclear"),
        ("mx.other.example; dmarc=pass header.from=rose.example", "open", "unclear"),
    ],
)
def test_the_own_server_has_to_believe_who_agrees(any_studio: Studio, fields: str, state: str, verdict: str) -> None:
    any_studio.configure(desk={"trusted_authserv": "mx.studio.example"})
    app = any_studio.open()
    save(app, ClientRecord("Rose Shop", ["rose.example"]))
    any_studio.take_in(app, mail(1))
    any_studio.take_in(app, reply(newest(any_studio, app, "acknowledgement"), "We agree", "yes", Authentication_Results=fields))
    offer = offers(app)[0]  # a mail that its domain disowns opens a ticket of its own, and is told terms anew
    assert offer["state"] == state
    assert [one["verdict"] for one in offer["answers"]] == [verdict]
    assert offer["answers"][0]["authenticated"]


def test_an_operators_mail_needs_the_own_servers_word_as_well(any_studio: Studio) -> None:
    any_studio.configure(desk={"trusted_authserv": "mx.studio.example"})
    app = any_studio.open()
    any_studio.take_in(app, mail(1))
    forward = newest(any_studio, app, "forward")
    forged = reply(forward, "/close", "forged", sender=BOSS)
    assert any_studio.take_in(app, forged)[-1]["outcome"] == "ticket"
    assert "it is not proved that boss@studio.example wrote it" in "; ".join(any_studio.journal(app)[-1]["because"])
    good = reply(forward, "/close", "good", sender=BOSS, Authentication_Results="mx.studio.example; dkim=pass header.d=studio.example")
    assert any_studio.take_in(app, good)[-1]["outcome"] == "operator"
    assert any_studio.tickets(app)[0]["status"] == "closed"


def test_a_second_answer_is_kept_and_settles_nothing(any_studio: Studio, app: App) -> None:
    any_studio.take_in(app, mail(1))
    letter = newest(any_studio, app, "acknowledgement")
    any_studio.take_in(app, reply(letter, "We agree", "first"))
    any_studio.take_in(app, reply(letter, "We do not agree", "second"))
    (offer,) = offers(app)
    assert (offer["state"], [one["verdict"] for one in offer["answers"]]) == ("agreed", ["agreed", "objected"])
    assert "objected: terms of ticket 1, which was agreed before" in "; ".join(any_studio.journal(app)[-1]["because"])


def test_what_was_struck_out_agrees_to_nothing(any_studio: Studio, app: App) -> None:
    any_studio.take_in(app, mail(1))
    letter = newest(any_studio, app, "acknowledgement")
    struck = message_from_bytes(reply(letter, "", "struck"), policy=policy.SMTP)
    struck.set_content("<p><s>We agree</s></p>", subtype="html")
    any_studio.take_in(app, struck.as_bytes())
    (offer,) = offers(app)
    assert (offer["state"], [one["verdict"] for one in offer["answers"]]) == ("open", ["unclear"])


@pytest.mark.parametrize("word", ["Yes", "No", "Agreed"])
def test_a_word_to_an_operators_question_is_no_answer_to_an_offer(any_studio: Studio, app: App, word: str) -> None:
    any_studio.take_in(app, mail(1))
    with app.desk.database.writing() as transaction:
        answer(transaction, app.desk, 1, "Do you mean the button on the home page?", BOSS, any_studio.clock())
    any_studio.take_in(app, reply(newest(any_studio, app, "reply"), word, "yes"))
    (offer,) = offers(app)
    assert (offer["state"], offer["answers"]) == ("open", [])


def test_agreement_with_an_estimate_that_was_replaced_is_for_the_operators(any_studio: Studio, app: App) -> None:
    any_studio.take_in(app, mail(1))
    with app.desk.database.writing() as transaction:
        estimate(transaction, app.desk, 1, 180, "", BOSS, any_studio.clock())
    first = newest(any_studio, app, "reply")
    with app.desk.database.writing() as transaction:
        estimate(transaction, app.desk, 1, 1800, "", BOSS, any_studio.clock())
    any_studio.take_in(app, reply(first, "We agree", "yes"))
    assert [one["state"] for one in offers(app)] == ["withdrawn", "withdrawn", "open"]
    assert [one["verdict"] for one in offers(app)[1]["answers"]] == ["unclear"]
    assert "unclear: estimate of ticket 1, which was withdrawn before" in "; ".join(any_studio.journal(app)[-1]["because"])


@pytest.mark.parametrize("plus_addressing", [True, False])
def test_a_reminder_can_be_answered_like_the_offer(any_studio: Studio, plus_addressing: bool) -> None:
    any_studio.configure(desk={"plus_addressing": plus_addressing})
    any_studio.clock.now = datetime(2026, 11, 18, 12, 0, tzinfo=UTC)
    app = any_studio.open()
    save(app, ClientRecord("Rose Shop", ["rose.example"]))
    any_studio.take_in(app, mail(1))
    any_studio.clock.forward(days=7)
    assert remind(app.desk) == 1
    reminder = newest(any_studio, app, "reminder")
    to = str(reminder["Reply-To"] or "support@studio.example")
    journal = any_studio.take_in(
        app, reply(reminder, "We agree", "yes", To=to, References=f"{reminder['References']} {reminder['Message-ID']}")
    )
    assert (journal[-1]["outcome"], journal[-1]["ticket"]) == ("follow-up", 1)
    assert [one["state"] for one in offers(app)] == ["agreed"]


def test_who_is_no_contact_of_the_client_any_more_cannot_agree_for_it(any_studio: Studio, app: App) -> None:
    save(app, ClientRecord("Rose Shop", [], ["anna@rose.example", "ex@mail.ru"]))
    any_studio.take_in(app, mail(1, "ex@mail.ru"))
    save(app, ClientRecord("Rose Shop", [], ["anna@rose.example"]))
    any_studio.take_in(app, reply(newest(any_studio, app, "acknowledgement"), "We agree", "yes", sender="ex@mail.ru"))
    assert offers(app)[0]["state"] == "open"


def test_an_unclear_answer_stops_the_reminders(any_studio: Studio, app: App) -> None:
    any_studio.take_in(app, mail(1))
    any_studio.take_in(app, reply(newest(any_studio, app, "acknowledgement"), "We agree if it is cheaper", "perhaps"))
    for _ in range(20):
        any_studio.clock.forward(days=1)
        assert remind(app.desk) == 0


def test_who_has_agreed_is_not_asked_for_the_same_on_another_ticket(any_studio: Studio, app: App) -> None:
    any_studio.take_in(app, mail(1), mail(2), mail(3, "bob@unknown.example"))
    any_studio.take_in(app, reply(newest(any_studio, app, "acknowledgement"), "We agree", "bob", sender="bob@unknown.example"))
    assert [one["state"] for one in offers(app)] == ["open", "open"]  # another's word
    letter = any_studio.letter(app, any_studio.outbox(app, "acknowledgement")[1])
    any_studio.take_in(app, reply(letter, "We agree", "yes"))
    assert [one["state"] for one in offers(app)] == ["withdrawn", "agreed"]


def test_the_summary_names_offers_that_somebody_waits_for(any_studio: Studio, app: App) -> None:
    any_studio.take_in(app, mail(1), mail(2))
    with app.desk.database.writing() as transaction:
        close(transaction, app.desk, 1, None, BOSS, any_studio.clock())
    any_studio.clock.forward(days=1)
    with app.desk.database.reading() as transaction:
        found = summary_of(transaction, app.desk, Week(2026, 47)).offers
    assert [(one.kind, one.to, one.ticket) for one in found] == [("terms", "Rose Shop", 2)]


def test_a_contract_needs_no_offer_and_its_terms_have_a_version(any_studio: Studio, app: App) -> None:
    save(app, ClientRecord("Rose Shop", ["rose.example"], contract="hourly"))
    any_studio.take_in(app, mail(1))
    assert offers(app) == []
    with app.desk.database.reading() as transaction:
        assert transaction.scalar(select(tables.ticket.c.terms)) == app.desk.renderer.version("en", "terms")


# Reminders


def test_an_offer_without_an_answer_is_reminded_of_a_bounded_number_of_times_while_the_desk_is_open(any_studio: Studio, app: App) -> None:
    any_studio.take_in(app, mail(1))
    first = newest(any_studio, app, "acknowledgement")
    sent = []
    for _ in range(60):  # noon on sixty days
        any_studio.clock.forward(days=1)
        if remind(app.desk):
            sent.append(any_studio.clock().date())
    assert sent == [date(2026, 11, 25), date(2026, 12, 2)]
    letters = [any_studio.letter(app, row) for row in any_studio.outbox(app, "reminder")]
    assert [str(one["In-Reply-To"]) for one in letters] == [str(first["Message-ID"])] * 2
    assert all(one["Auto-Submitted"] == "auto-generated" and one["Reply-To"] == first["Reply-To"] for one in letters)
    assert "on 18 November 2026 you wrote to us (ticket 1)" in plain(letters[0])
    assert ["This is the last reminder." in plain(one) for one in letters] == [False, True]


def test_nobody_is_reminded_on_a_closed_day_nor_at_night(any_studio: Studio, app: App) -> None:
    any_studio.take_in(app, mail(1))
    for moment in (datetime(2026, 11, 28, 12, 0, tzinfo=UTC), datetime(2026, 11, 30, 3, 0, tzinfo=UTC)):
        any_studio.clock.now = moment
        assert remind(app.desk) == 0
    any_studio.clock.now = datetime(2026, 11, 30, 10, 0, tzinfo=UTC)
    assert remind(app.desk) == 1
    assert remind(app.desk) == 0


@pytest.mark.parametrize("why", ["agreed", "closed", "covered", "dead", "no reminders", "unknown sender"])
def test_who_needs_no_reminder_gets_none(any_studio: Studio, app: App, why: str) -> None:
    if why == "no reminders":
        any_studio.configure(offers={"reminders": 0})
        app = any_studio.open()
    any_studio.take_in(app, mail(1, "bob@unknown.example" if why == "unknown sender" else "Anna <anna@rose.example>"))
    now = any_studio.clock()
    if why == "agreed":
        any_studio.take_in(app, reply(newest(any_studio, app, "acknowledgement"), "We agree", "yes"))
    with app.desk.database.writing() as transaction:
        if why == "closed":
            close(transaction, app.desk, 1, None, BOSS, now)
        if why == "covered":
            cover(transaction, app.desk, 1, "hourly", BOSS, now)
        if why == "dead":
            dead = {"addr": "anna@rose.example", "until": datetime(2027, 6, 1, tzinfo=UTC), "because": "it bounced"}
            transaction.execute(tables.undeliverable.insert().values(dead))
    for _ in range(30):
        any_studio.clock.forward(days=1)
        assert remind(app.desk) == 0


def test_a_client_is_reminded_of_the_terms_once_however_many_tickets_told_them(any_studio: Studio, app: App) -> None:
    any_studio.take_in(app, mail(1), mail(2), mail(3))
    any_studio.clock.forward(days=7)
    assert remind(app.desk) == 1
    assert any_studio.outbox(app, "reminder")[0]["ticket"] == 3


def test_who_has_got_a_contract_is_not_asked_to_agree_to_terms(any_studio: Studio, app: App) -> None:
    any_studio.take_in(app, mail(1))
    save(app, ClientRecord("Rose Shop", ["rose.example"], contract="monthly", fee=Decimal(100)))
    any_studio.clock.forward(days=7)
    assert remind(app.desk) == 0
    assert offers(app)[0]["state"] == "withdrawn"


def test_a_reminder_whose_template_fails_is_sent_when_it_is_mended(any_studio: Studio) -> None:
    own = any_studio.folder / "own" / "en"
    own.mkdir(parents=True)
    (own / "reminder.txt").write_text("{{ nothing.there }}")
    any_studio.configure(desk={"templates": "own"})
    any_studio.clock.now = datetime(2026, 11, 18, 12, 0, tzinfo=UTC)
    broken = any_studio.open()
    save(broken, ClientRecord("Rose Shop", ["rose.example"]))
    any_studio.take_in(broken, mail(1))
    any_studio.clock.forward(days=7)
    assert remind(broken.desk) == remind(broken.desk) == 0
    (own / "reminder.txt").unlink()
    any_studio.clock.forward(days=1)
    assert remind(any_studio.open().desk) == 1
    assert offers(broken)[0]["reminders"] == 1


# Coverage


@pytest.mark.parametrize("sender", ["no-reply@rose.example", "boss@studio.example"])
def test_nobody_who_is_not_told_of_it_uses_up_the_courtesy(any_studio: Studio, app: App, sender: str) -> None:
    save(app, ClientRecord("Rose Shop", ["rose.example"], ["boss@studio.example"]))
    any_studio.take_in(app, mail(1, sender, Importance="high"), mail(2, Importance="high"))
    assert [one["coverage"] for one in any_studio.tickets(app)] == ["none", "courtesy"]


def test_tickets_from_before_somebody_was_a_client_are_his(any_studio: Studio, app: App) -> None:
    any_studio.take_in(app, mail(1, "bob@later.example"), mail(2, "sue@mail.ru"), mail(3, "eve@other.example"))
    work(app, 60, date(2026, 11, 18))
    save(app, ClientRecord("Later", ["later.example"], ["sue@mail.ru"]))
    assert [one["client"] for one in any_studio.tickets(app)] == ["Later", "Later", None]
    with app.desk.database.reading() as transaction:
        later = clients.id_by_name(transaction, "Later")
        assert transaction.execute(select(tables.work.c.client_id)).scalars().all() == [later]
        assert [one["ticket"] for one in story.story_of(transaction, later or 0)["offers"]] == [1, 2]


@pytest.mark.parametrize(
    ("kind", "says", "offer"),
    [
        ("warranty", "Your site is under warranty: we put faults and typos right free of charge.", False),
        ("hourly", "this work is paid by the hour: €60 an hour", False),
        ("project", "This is a larger change and lies outside support.", False),
        ("courtesy", "This is urgent, so we deal with it at once and free of charge.", True),
    ],
)
def test_an_operator_changes_the_coverage_and_the_client_is_told_again(
    any_studio: Studio, app: App, kind: str, says: str, offer: bool
) -> None:
    any_studio.take_in(app, mail(1))
    with app.desk.database.writing() as transaction:
        done = cover(transaction, app.desk, 1, kind, BOSS, any_studio.clock())
    assert done.values == {"kind": kind, "before": "none", "told": True}
    assert done.undo == "/coverage none"
    assert any_studio.tickets(app)[0]["coverage"] == kind
    letter = newest(any_studio, app, "reply")
    assert says in plain(letter)
    assert letter["To"].addresses[0].addr_spec == "anna@rose.example"
    assert [one["state"] for one in offers(app)] == (["withdrawn", "open"] if offer else ["withdrawn"])
    assert any_studio.tickets(app)[0]["events"][-1]["detail"] == f"none → {kind}"


def test_work_promised_free_stays_free_when_the_request_joins_another(any_studio: Studio, app: App) -> None:
    any_studio.take_in(app, mail(1, Importance="high"), mail(2))
    with app.desk.database.writing() as transaction:
        cover(transaction, app.desk, 2, "hourly", BOSS, any_studio.clock())
        merge(transaction, app.desk, 1, 2, BOSS, any_studio.clock())
    assert any_studio.tickets(app)[1]["coverage"] == "courtesy"
    events = any_studio.tickets(app)[1]["events"]
    assert [one["detail"] for one in events if one["what"] == "coverage"][-1] == "hourly → courtesy, as of ticket 1"
    with app.desk.database.writing() as transaction:  # and an operator may still say otherwise
        cover(transaction, app.desk, 2, "hourly", BOSS, any_studio.clock())
        assert transaction.execute(select(tables.courtesy.c.ticket)).scalars().all() == []


def test_a_courtesy_is_returned_when_the_ticket_was_none_and_taken_only_once(any_studio: Studio, app: App) -> None:
    any_studio.take_in(app, mail(1, Importance="high"), mail(2))
    assert [one["coverage"] for one in any_studio.tickets(app)] == ["courtesy", "none"]
    with app.desk.database.writing() as transaction, pytest.raises(PermanentError, match="had his courtesy already"):
        cover(transaction, app.desk, 2, "courtesy", BOSS, any_studio.clock())
    with app.desk.database.writing() as transaction:
        cover(transaction, app.desk, 1, "warranty", BOSS, any_studio.clock())
        cover(transaction, app.desk, 2, "courtesy", BOSS, any_studio.clock())
        assert transaction.execute(select(tables.courtesy.c.ticket)).scalars().all() == [2]


@pytest.mark.parametrize(
    ("number", "kind", "says"),
    [
        (1, "monthly", "Rose Shop has no monthly contract"),
        (1, "none", "is covered by none already"),
        (1, "free", "coverage 'free' is none of project, warranty"),
        (2, "courtesy", "a courtesy is a client's"),
        (9, "hourly", "no ticket 9"),
    ],
)
def test_a_coverage_that_makes_no_sense_changes_nothing(any_studio: Studio, app: App, number: int, kind: str, says: str) -> None:
    any_studio.take_in(app, mail(1), mail(2, "bob@unknown.example"))
    before = len(any_studio.outbox(app))
    with app.desk.database.writing() as transaction, pytest.raises(PermanentError, match=says):
        cover(transaction, app.desk, number, kind, BOSS, any_studio.clock())
    assert [one["coverage"] for one in any_studio.tickets(app)] == ["none", "none"]
    assert len(any_studio.outbox(app)) == before


def test_coverage_estimate_and_urgency_by_mail_are_confirmed(any_studio: Studio, app: App) -> None:
    any_studio.take_in(app, mail(1))
    lines = "/Coverage HOURLY.\n/estimate 3h with the new texts\n/urgent"
    any_studio.take_in(app, reply(newest(any_studio, app, "forward"), lines, "commands", sender=BOSS))
    ticket = any_studio.tickets(app)[0]
    assert (ticket["coverage"], ticket["urgent"], ticket["status"]) == ("hourly", True, "waiting")
    said = plain(newest(any_studio, app, "confirmation"))
    assert "ticket 1 is now covered by: hourly contract (before: no contract); the client was told" in said
    assert "ticket 1: the estimate went to the client, 3 hrs, €180" in said
    assert "ticket 1 is urgent now" in said


# Estimates and prices


def test_an_estimate_is_an_answer_that_waits_for_agreement(any_studio: Studio, app: App) -> None:
    any_studio.take_in(app, mail(1))
    with app.desk.database.writing() as transaction:
        estimate(transaction, app.desk, 1, 100, "With the new texts.", BOSS, any_studio.clock())
    letter = newest(any_studio, app, "reply")
    assert "1 hr 45 mins at €60 an hour, €105 in all. With the new texts. We start as soon as you agree" in plain(letter)
    ticket = any_studio.tickets(app)[0]
    assert (ticket["status"], ticket["first_response_at"]) == ("waiting", any_studio.clock())
    any_studio.take_in(app, reply(letter, "Yes, go ahead", "yes"))
    assert [(one["kind"], one["state"]) for one in offers(app)] == [("terms", "withdrawn"), ("estimate", "agreed")]
    assert offers(app)[1]["detail"] == {"minutes": 105, "rate": "60", "amount": "105.00"}


@pytest.mark.parametrize("coverage", ["warranty", "courtesy"])
def test_what_is_free_gets_no_estimate(any_studio: Studio, app: App, coverage: str) -> None:
    any_studio.take_in(app, mail(1))
    with app.desk.database.writing() as transaction:
        cover(transaction, app.desk, 1, coverage, BOSS, any_studio.clock())
    with app.desk.database.writing() as transaction, pytest.raises(PermanentError, match=f"covered by {coverage}, which is free"):
        estimate(transaction, app.desk, 1, 60, "", BOSS, any_studio.clock())


def test_time_is_taken_back_on_the_days_on_which_it_was_entered(any_studio: Studio, app: App) -> None:
    any_studio.take_in(app, mail(1))
    work(app, 60, date(2026, 9, 10))
    work(app, 30, date(2026, 10, 5))
    with app.desk.database.writing() as transaction:
        done = enter_time(transaction, app.desk, 1, -50, BOSS, any_studio.clock())
        rows = transaction.execute(select(tables.work.c.day, tables.work.c.minutes).order_by(tables.work.c.id)).all()
    assert done.values["total"] == 40
    assert [tuple(row) for row in rows][2:] == [(date(2026, 10, 5), -30), (date(2026, 9, 10), -20)]
    with app.desk.database.writing() as transaction, pytest.raises(PermanentError, match="has 40 minutes, 41 cannot be taken back"):
        enter_time(transaction, app.desk, 1, -41, BOSS, any_studio.clock())


def work(app: App, minutes: int, day: date, number: int = 1) -> None:
    with app.desk.database.writing() as transaction:
        enter_time(transaction, app.desk, number, minutes, BOSS, app.desk.clock(), day)


def test_a_proposed_price_is_agreed_to_by_reply_and_the_operators_hear_of_it(any_studio: Studio, app: App) -> None:
    any_studio.take_in(app, mail(1))
    for month in (8, 9, 10):
        work(app, 195, date(2026, month, 10))
    with app.desk.database.writing() as transaction:
        client_id = clients.id_by_name(transaction, "Rose Shop")
        assert client_id is not None
        known = clients.load_client(transaction, client_id, any_studio.clock(), app.desk.policy.timezone, app.desk.policy.money)
        found = quote_of(known, date(2026, 11, 18), app.desk.policy.money)
        propose(transaction, app.desk, known, found, "anna@rose.example", any_studio.clock())
    letter = newest(any_studio, app, "reply")
    text = plain(letter)
    assert "a monthly contract for €260." in text
    assert "3 hrs 15 mins of work a month on average at €60 an hour, with 30%" in text
    assert "• October 2026: 3 hrs 15 mins, €260" in text
    journal = any_studio.take_in(app, reply(letter, "We agree.", "yes"))
    assert (journal[-1]["outcome"], journal[-1]["ticket"]) == ("follow-up", None)
    assert [(one["kind"], one["state"]) for one in offers(app)] == [("terms", "withdrawn"), ("proposal", "agreed")]
    assert "Rose Shop: agreed to the price of support" in plain(newest(any_studio, app, "notice"))
    assert len(any_studio.tickets(app)) == 1


def test_any_other_reply_to_a_proposal_is_a_request_that_says_so(any_studio: Studio, app: App) -> None:
    any_studio.take_in(app, mail(1))
    work(app, 60, date(2026, 10, 10))
    with app.desk.database.writing() as transaction:
        client_id = clients.id_by_name(transaction, "Rose Shop")
        assert client_id is not None
        known = clients.load_client(transaction, client_id, any_studio.clock(), app.desk.policy.timezone, app.desk.policy.money)
        propose(
            transaction,
            app.desk,
            known,
            quote_of(known, date(2026, 11, 18), app.desk.policy.money),
            "anna@rose.example",
            any_studio.clock(),
        )
    letter = newest(any_studio, app, "reply")
    any_studio.take_in(app, reply(letter, "We do not agree. What did you do in October?", "no"))
    any_studio.take_in(app, reply(letter, "Who is going to pay for that? Please explain the second line.", "what", Subject="Question"))
    first, second = any_studio.journal(app)[1:]
    assert (first["outcome"], second["outcome"]) == ("ticket", "ticket")
    assert first["because"][0].startswith("objected: proposal")
    assert second["because"][0].startswith("a reply to proposal")
    assert offers(app)[1]["state"] == "objected"


def test_the_quote_of_a_client_prints_its_arithmetic(studio: Studio) -> None:
    studio.configure(money={"currency": "RUB", "hourly_rate": "2000", "step": "500", "months": 3})
    studio.sections["money"]["markup"] = {"standard": "0.30", "half": "0.50"}
    studio.configure(money={})
    app = studio.open()
    save(app, ClientRecord("Rose Shop", ["rose.example"], client_class="half", contract="monthly", fee=Decimal(8000)))
    studio.take_in(app, mail(1))
    today = studio.clock().astimezone(app.desk.policy.timezone).date()
    months = [
        date((today.year * 12 + today.month - 1 - back) // 12, (today.year * 12 + today.month - 1 - back) % 12 + 1, 10)
        for back in (3, 2, 1)
    ]
    for day, minutes in zip(months, (195, 390, 0), strict=True):
        if minutes:
            work(app, minutes, day)
    done = studio.run("quote", "rose shop", "--json")
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found["months"] == [
        {"month": f"{day:%Y-%m}", "minutes": minutes, "would_cost": cost}
        for day, minutes, cost in zip(months, (195, 390, 0), ("10000", "19500", "0"), strict=True)
    ]
    assert (found["hours"], found["price"], found["pays"]) == ("3.25", "10000", "8000")
    assert found["arithmetic"] == "3.25 h × 2000 × 1.50 → 10000 (step 500)"
    text = studio.run("quote", "Rose Shop").stdout
    assert "pays 8000 RUB a month, 2000 RUB less than the price" in text
    assert studio.run("quote", "Nobody").returncode == 1


@pytest.mark.parametrize(
    ("to", "status", "says"),
    [
        ("support@studio.example", 1, "an address of the desk itself"),
        ("boss@studio.example", 1, "or of an operator"),
        ("nobody", 2, "must be an address"),
        ("a@b.example\nBcc: eve@evil.example", 2, "must be an address"),
    ],
)
def test_a_price_goes_to_clients_alone(studio: Studio, to: str, status: int, says: str) -> None:
    app = studio.open()
    save(app, ClientRecord("Rose Shop", ["rose.example"]))
    studio.take_in(app, mail(1))
    today = studio.clock().date()
    work(app, 60, today.replace(day=1) - timedelta(days=1))
    done = studio.run("quote", "Rose Shop", "--send", "--to", to)
    assert (done.returncode, says in done.stderr, done.stderr.count("\n")) == (status, True, 1)
    assert [one["kind"] for one in offers(app)] == ["terms"]


def test_a_second_price_replaces_the_first(studio: Studio) -> None:
    app = studio.open()
    save(app, ClientRecord("Rose Shop", ["rose.example"]))
    studio.take_in(app, mail(1))
    work(app, 60, studio.clock().date().replace(day=1) - timedelta(days=1))
    for _ in range(2):
        assert studio.run("quote", "Rose Shop", "--send").returncode == 0
    assert [(one["kind"], one["state"]) for one in offers(app)] == [("terms", "open"), ("proposal", "withdrawn"), ("proposal", "open")]


def test_the_story_of_a_client_is_told_in_lines(studio: Studio) -> None:
    app = studio.open()
    save(app, ClientRecord("Rose Shop", ["rose.example"], ["anna@rose.example"], legal={"name": "Rose Ltd"}))
    studio.take_in(app, mail(1, Importance="high"))
    studio.take_in(app, reply(newest(studio, app, "acknowledgement"), "We agree", "yes"))
    done = studio.run("client", "show", "Rose Shop")
    assert done.returncode == 0, done.stderr
    for line in (
        "contacts",
        "anna@rose.example",
        "legal, name",
        "courtesy                 ticket 1",
        "terms told",
        "agreed by anna@rose.example",
    ):
        assert line in done.stdout
    told = json.loads(studio.run("client", "show", "Rose Shop", "--json").stdout)
    assert (told["courtesy"]["ticket"], told["offers"][0]["state"], told["legal"]["name"]) == (1, "agreed", "Rose Ltd")


def test_two_urgent_mails_at_the_same_moment_get_one_courtesy(any_studio: Studio, app: App) -> None:
    any_studio.take_in(app, mail(1, Importance="high"), mail(2, Importance="high"))
    assert sorted(one["coverage"] for one in any_studio.tickets(app)) == ["courtesy", "none"]
    with app.desk.database.reading() as transaction:
        assert transaction.scalar(select(func.count()).select_from(tables.courtesy)) == 1
