"""What operators do about repeats and by mail, on SQLite and PostgreSQL: every row in its place, every count right, and all of it undone again."""

from collections import Counter
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import insert, select, text, update

from mailbot.app import App
from mailbot.cases import case_of, read
from mailbot.core.desk.decide import new_ticket
from mailbot.core.desk.facts import Suggestion
from mailbot.core.report.summary import Summary
from mailbot.core.report.week import Week
from mailbot.edge.db import clients, journal, repeats, tables, tickets
from mailbot.edge.db.apply import apply, settle
from mailbot.edge.db.clients import ClientRecord
from mailbot.edge.db.facts import lock_parties
from mailbot.errors import PermanentError
from mailbot.fetch import fetch, import_messages
from mailbot.intake import take_in
from mailbot.letters import write_letters
from mailbot.operate import answer, close, enter_time, merge, name_cause, split
from mailbot.weekly import summary_of
from tests.conftest import Studio
from tests.duties.mails import mail, mail_with_file
from tests.servers import until

Rows = list[dict[str, Any]]
BOSS = "boss@studio.example"
WEEK = Week(2026, 47)


@pytest.fixture
def app(any_studio: Studio) -> App:
    """The open desk of the test, on a Wednesday at noon."""
    opened = any_studio.open()
    any_studio.clock.now = datetime(2026, 11, 18, 12, 0, tzinfo=UTC)
    return opened


def add_client(app: App, name: str = "Rose Shop", domain: str = "rose.example", language: str | None = None) -> None:
    with app.desk.database.writing() as transaction:
        clients.save(transaction, ClientRecord(name=name, domains=[domain], language=language), app.desk.clock())


def repeat(any_studio: Studio, app: App, number: int, of: int) -> None:
    with app.desk.database.writing() as transaction:
        merge(transaction, app.desk, number, of, BOSS, any_studio.clock())


def part(any_studio: Studio, app: App, entry: int) -> None:
    with app.desk.database.writing() as transaction:
        split(transaction, app.desk, entry, BOSS, any_studio.clock())


def suggest(app: App, number: int, *of: tuple[int, float]) -> None:
    """The ticket may repeat these, says mailbot."""
    found = [Suggestion(one, "", "new", app.desk.clock(), score, score) for one, score in of]
    with app.desk.database.writing() as transaction:
        repeats.suggest(transaction, number, found, app.desk.policy.timezone)
        transaction.execute(update(tables.ticket).where(tables.ticket.c.number == number).values(possible_repeat_of=of[0][0]))


def labels(app: App) -> list[tuple[Any, ...]]:
    """(what, ticket, of, value, score) of all labels."""
    row = tables.label.c
    with app.desk.database.reading() as transaction:
        return [tuple(one) for one in transaction.execute(select(row.what, row.ticket, row.of, row.value, row.score).order_by(row.id))]


def ticket(any_studio: Studio, app: App, number: int) -> dict[str, Any]:
    return any_studio.tickets(app)[number - 1]


def kinds(any_studio: Studio, app: App, number: int) -> list[str]:
    return [one["kind"] for one in ticket(any_studio, app, number)["messages"]]


def summary(app: App) -> Summary:
    with app.desk.database.reading() as transaction:
        return summary_of(transaction, app.desk, WEEK)


def plain(any_studio: Studio, app: App, row: dict[str, Any]) -> str:
    """The text part of a mail in the outbox, every run of white space as one space."""
    body = any_studio.letter(app, row).get_body(("plain",))
    assert body is not None
    return " ".join(body.get_content().split())


def other(number: int, **fields: str | None) -> bytes:
    """A request in words of its own."""
    return mail(number, **fields)


def again(number: int, name: str, **fields: Any) -> bytes:
    """The words of a request once more, in another mail."""
    return mail(number, Message_ID=f"<{name}@rose.example>", **fields)


# Possible repeats


def test_a_ticket_keeps_which_others_it_may_repeat_and_show_tells(any_studio: Studio, app: App) -> None:
    any_studio.take_in(app, mail(1), mail(2))
    any_studio.arrive(mail(3))
    fetch(app.desk, app.mailboxes()[0])
    now = any_studio.clock()
    found = (
        Suggestion(2, "Request 2", "new", now, 0.834, 0.834, ("3",), ("2",)),
        Suggestion(1, "Request 1", "new", now, 0.61, 0.61),
    )
    with app.desk.database.writing() as transaction:
        (entry,) = journal.claim(transaction, now, 10)
        case, sought = case_of(transaction, app.desk, read(app.desk, entry), None, now)
        decision = new_ticket(case)
        with_suggestions = type(decision)(**{name: getattr(decision, name) for name in decision.__slots__} | {"suggestions": found})
        done, opened = apply(transaction, case, sought, entry, with_suggestions)
        assert opened is not None
        write_letters(transaction, app.desk, case, done, opened, entry.id)
        settle(transaction, entry, case, sought, done, opened)
    shown = ticket(any_studio, app, 3)
    assert (shown["possible_repeat_of"], shown["merged_into"]) == (2, None)
    assert shown["possible_repeats"] == [
        {"of": 2, "score": 0.834, "because": ["ticket 2 of 2026-11-18 12:00", "only the new one has: 3", "only the old one has: 2"]},
        {"of": 1, "score": 0.61, "because": ["ticket 1 of 2026-11-18 12:00"]},
    ]
    forward = plain(any_studio, app, any_studio.outbox(app, "forward")[-1])
    assert "• ticket 2 “Request 2”, on Wednesday, 18 November, at 12:00, not answered yet; likely: 83 %; only in the new one: 3;" in forward
    assert "“/repeat 2” (or the other number)" in forward
    assert "“/split”" in forward
    # Not a word of doubt to the client: it is answered like any other ticket.
    first, second, third = (plain(any_studio, app, one) for one in any_studio.outbox(app, "acknowledgement"))
    assert third.replace("ticket 3", "ticket 1").replace("Request 3", "Request 1") == first
    assert second != first


# repeat N OF


def test_a_ticket_that_repeats_another_becomes_a_part_of_it(any_studio: Studio, app: App) -> None:
    add_client(app)
    any_studio.take_in(app, mail(1), mail(2, sender="boris@rose.example"), again(2, "more"), mail(3, Subject="Re: [#2]"))
    with app.desk.database.writing() as transaction:
        enter_time(transaction, app.desk, 2, 40, BOSS, any_studio.clock())
    suggest(app, 2, (1, 0.7))
    any_studio.clock.forward(hours=1)
    repeat(any_studio, app, 2, 1)
    one, two = any_studio.tickets(app)
    assert (two["status"], two["closed_at"], two["merged_into"], two["messages"]) == ("closed", any_studio.clock(), 1, [])
    assert (one["status"], one["repeats"], one["minutes"], two["minutes"]) == ("new", 2, 0, 40)
    assert kinds(any_studio, app, 1) == ["request", "repeat", "repeat", "follow-up"]
    rows = any_studio.journal(app)
    assert [(row["outcome"], row["ticket"]) for row in rows] == [("ticket", 1), ("repeat", 1), ("repeat", 1), ("follow-up", 1)]
    said = f"{BOSS} said that it repeats ticket 1"
    assert [said in row["because"] for row in rows] == [False, True, False, False]
    assert [said in message["because"] for message in one["messages"]] == [False, True, False, False]
    assert labels(app) == [("repeat", 2, 1, "yes", 0.7)]
    assert [("merged", BOSS) in [(event["what"], event["who"]) for event in found["events"]] for found in (one, two)] == [True, True]


@pytest.mark.parametrize("status", ["new", "open", "waiting", "solved", "closed"])
def test_a_ticket_wakes_when_another_repeats_it(any_studio: Studio, app: App, status: str) -> None:
    any_studio.take_in(app, mail(1), mail(2))
    with app.desk.database.writing() as transaction:
        tickets.set_status(transaction, 1, status, any_studio.clock(), BOSS)
    repeat(any_studio, app, 2, 1)
    assert ticket(any_studio, app, 1)["status"] == ("new" if status == "new" else "open")
    assert ticket(any_studio, app, 1)["closed_at"] is None


TOLD = {
    "en": "Hello, your request, which we had entered as ticket 2, repeats ticket 1 “Request 1”, received on Wednesday, 18 November, at 12:00. "
    "It is waiting for its first answer. A person will answer by Thursday, 19 November, 11:00 at the latest. We go on under number 1 alone, "
    "so nothing gets lost or counted twice; replies about ticket 2 reach us there, too. If you meant something else, reply to this mail and "
    "we will separate the two. Web Studio support@studio.example This mail was sent automatically.",
    "ru": "Здравствуйте! Ваша заявка № 2 повторяет заявку № 1 «Request 1», которую мы получили в среду, 18 ноября, в 12:00; сейчас она ждёт "
    "первого ответа. Не позднее четверга, 19 ноября, 11:00 вам ответит человек. Дальше работаем под одним номером, 1: так ничего не "
    "потеряется и не посчитается дважды; ответы по заявке № 2 тоже попадут туда. Если вы писали о другом, ответьте на это письмо, и мы "
    "разделим заявки. Web Studio support@studio.example Это письмо отправлено автоматически.",
}
TOLD_AGAIN_OPEN = {
    "en": "on Wednesday, 18 November, at 12:00. It was closed on Wednesday, 18 November, at 12:00; we have opened it again. We go on under",
    "ru": "в среду, 18 ноября, в 12:00. Она была закрыта в среду, 18 ноября, в 12:00; мы открыли её снова. Дальше работаем",
}


@pytest.mark.parametrize("language", ["en", "ru"])
def test_the_client_hears_in_his_language_under_which_number_it_goes_on(any_studio: Studio, app: App, language: str) -> None:
    add_client(app, language=language)
    any_studio.take_in(app, mail(1), mail(2, sender="boris@rose.example"), mail(3))
    repeat(any_studio, app, 2, 1)
    (row,) = any_studio.outbox(app, "repeat")
    letter = any_studio.letter(app, row)
    assert (row["to"], row["ticket"], letter["Auto-Submitted"]) == ("boris@rose.example", 1, "auto-generated")
    assert letter["In-Reply-To"] == "<request-2@rose.example>"
    assert letter["Subject"] == "Re: Request 2 [#1]"
    assert letter["Reply-To"] == app.desk.policy.signer.reply_address("t", 1)
    assert plain(any_studio, app, row) == TOLD[language]
    with app.desk.database.writing() as transaction:
        close(transaction, app.desk, 1, None, BOSS, any_studio.clock())
    any_studio.clock.forward(days=1)
    repeat(any_studio, app, 3, 1)
    assert TOLD_AGAIN_OPEN[language] in plain(any_studio, app, any_studio.outbox(app, "repeat")[1])


def test_a_client_who_never_heard_of_the_ticket_is_not_told_that_it_goes_on_elsewhere(any_studio: Studio, app: App) -> None:
    import_messages(app.desk, [mail(1), mail(2)], False, lambda: None)
    take_in(app.desk)
    any_studio.take_in(app, mail(3), mail(4, Auto_Submitted="auto-generated", Reply_To="anna@rose.example", X_Mailer="a form"))
    with app.desk.database.writing() as transaction:
        transaction.execute(update(tables.outbox).where(tables.outbox.c.ticket == 3).values(state="failed"))
    repeat(any_studio, app, 2, 1)
    repeat(any_studio, app, 3, 1)
    assert any_studio.outbox(app, "repeat") == []
    said = [event["detail"] for event in ticket(any_studio, app, 1)["events"] if event["what"] == "no answer"]
    assert said == ["the client was never told of ticket 2", "the client was never told of ticket 3"]


def test_the_limits_of_automatic_answers_hold_for_what_an_operator_causes(any_studio: Studio) -> None:
    any_studio.configure(automatic={"per_address_per_hour": 2})
    app = any_studio.open()
    any_studio.take_in(app, mail(1), mail(2))
    repeat(any_studio, app, 2, 1)
    assert any_studio.outbox(app, "repeat") == []
    (said,) = [event["detail"] for event in ticket(any_studio, app, 1)["events"] if event["what"] == "no answer"]
    assert said == "anna@rose.example had 2 automatic answers within the hour"
    assert ticket(any_studio, app, 1)["repeats"] == 1


def test_a_template_that_fails_costs_the_client_the_answer_and_not_the_merge(any_studio: Studio) -> None:
    templates = any_studio.folder / "templates" / "en"
    templates.mkdir(parents=True)
    (templates / "repeat.txt").write_text("{{ nobody }}")
    any_studio.configure(desk={"templates": "templates"})
    app = any_studio.open()
    any_studio.take_in(app, mail(1), mail(2))
    repeat(any_studio, app, 2, 1)
    assert ticket(any_studio, app, 2)["merged_into"] == 1
    assert any("nobody" in event["detail"] for event in ticket(any_studio, app, 1)["events"])


REFUSED = {
    "no such ticket": (9, 1, "no ticket 9; `mailbot tickets` lists them"),
    "no such ticket to join": (1, 9, "no ticket 9; `mailbot tickets` lists them"),
    "itself": (1, 1, "ticket 1 cannot repeat itself"),
    "merged before": (2, 3, "ticket 2 was merged into ticket 1"),
    "into one that was merged": (3, 2, "ticket 2 was merged into ticket 1"),
    "another client's": (4, 1, "tickets 4 and 1 are of different clients"),
    "a stranger's": (5, 1, "tickets 5 and 1 are of different clients"),
    "two strangers'": (5, 6, "tickets 5 and 6 are of different clients"),
}


@pytest.mark.parametrize(("number", "of", "says"), REFUSED.values(), ids=REFUSED)
def test_what_cannot_be_merged_is_one_line_and_nothing_is_done(any_studio: Studio, app: App, number: int, of: int, says: str) -> None:
    add_client(app)
    add_client(app, "Lily Shop", "lily.example")
    strangers = (mail(5, sender="a@gmail.com"), mail(6, sender="b@gmail.com"))
    any_studio.take_in(app, mail(1), mail(2), mail(3), mail(4, sender="lea@lily.example"), *strangers)
    repeat(any_studio, app, 2, 1)
    before = (any_studio.tickets(app), any_studio.outbox(app), labels(app))
    refused = any_studio.run("repeat", str(number), str(of))
    assert (refused.returncode, refused.stdout) == (1, "")
    assert refused.stderr.startswith(f"mailbot: {says}")
    assert refused.stderr.count("\n") == 1
    assert (any_studio.tickets(app), any_studio.outbox(app), labels(app)) == before


def test_an_older_ticket_may_repeat_a_newer_one_and_the_command_says_how_to_undo_it(any_studio: Studio, app: App) -> None:
    any_studio.take_in(app, mail(1), mail(2))
    done = any_studio.run("repeat", "1", "2")
    assert done.stdout == "ticket 1: is a repeat of ticket 2 now, the client is told; `mailbot split 1` takes it back\n"
    assert kinds(any_studio, app, 2) == ["repeat", "request"]
    undone = any_studio.run("split", "1")
    assert (
        undone.stdout == "journal entry 1: ticket 1 is a ticket of its own again, apart from ticket 2; `mailbot repeat 1 2` takes it back\n"
    )
    assert [kinds(any_studio, app, number) for number in (1, 2)] == [["request"], ["request"]]


# Mail to a ticket that was merged


def names_of(app: App, any_studio: Studio) -> dict[str, dict[str, str | None]]:
    sent = any_studio.outbox(app, "acknowledgement")[1]
    return {
        "the signed address": {"To": app.desk.policy.signer.reply_address("t", 2)},
        "our signed Message-ID": {"In_Reply_To": f"<{sent['message_id']}>"},
        "a reference": {"References": "<request-2@rose.example>"},
        "the subject tag": {"Subject": "Re: something [#2]"},
    }


@pytest.mark.parametrize("how", ["the signed address", "our signed Message-ID", "a reference", "the subject tag"])
@pytest.mark.parametrize("sender", ["anna@rose.example", "carol@partner.example"])
def test_mail_about_a_merged_ticket_reaches_the_one_it_was_merged_into(any_studio: Studio, app: App, how: str, sender: str) -> None:
    any_studio.take_in(app, mail(1), mail(2, Cc="carol@partner.example"), mail(3))
    repeat(any_studio, app, 2, 1)
    repeat(any_studio, app, 1, 3)
    row = any_studio.take_in(app, mail("later", sender=sender, **names_of(app, any_studio)[how]))[-1]
    assert (row["outcome"], row["ticket"]) == ("follow-up", 3)
    assert kinds(any_studio, app, 3) == ["repeat", "repeat", "request", "follow-up"]


@pytest.mark.parametrize("how", ["a reference", "the subject tag"])
def test_a_stranger_joins_no_merged_ticket(any_studio: Studio, app: App, how: str) -> None:
    any_studio.take_in(app, mail(1), mail(2))
    repeat(any_studio, app, 2, 1)
    row = any_studio.take_in(app, mail("later", sender="eve@evil.example", **names_of(app, any_studio)[how]))[-1]
    assert (row["outcome"], row["ticket"]) == ("ticket", 3)
    assert ticket(any_studio, app, 3)["related_to"] == 1


def test_tickets_that_are_merged_in_a_ring_end_no_search(any_studio: Studio, app: App) -> None:
    """Nobody can make one; a database that was mended by hand may have one."""
    any_studio.take_in(app, mail(1), mail(2))
    with app.desk.database.writing() as transaction:
        for number in (1, 2):
            transaction.execute(update(tables.ticket).where(tables.ticket.c.number == number).values(merged_into=3 - number))
    row = any_studio.take_in(app, mail("later", Subject="Re: [#1]"))[-1]
    assert row["outcome"] == "follow-up"


def test_an_operators_answer_to_the_forward_of_a_merged_ticket_goes_on_from_the_other_one(any_studio: Studio, app: App) -> None:
    any_studio.take_in(app, mail(1), mail(2))
    repeat(any_studio, app, 2, 1)
    to = app.desk.policy.signer.reply_address("o", 2)
    any_studio.take_in(app, mail("reply", sender=BOSS, To=to, text="It is done."))
    (row,) = any_studio.outbox(app, "reply")
    assert row["ticket"] == 1
    assert [ticket(any_studio, app, number)["status"] for number in (1, 2)] == ["waiting", "closed"]


def test_a_bounce_of_an_answer_on_a_merged_ticket_returns_the_other_one(any_studio: Studio, app: App) -> None:
    any_studio.take_in(app, mail(1), mail(2))
    with app.desk.database.writing() as transaction:
        answer(transaction, app.desk, 2, "It is done.", BOSS, any_studio.clock())
    (sent,) = any_studio.outbox(app, "reply")
    repeat(any_studio, app, 2, 1)
    words = (
        "I wasn't able to deliver your message to the following addresses.\n\n<anna@rose.example>:\nno such user (#5.1.1)\n\n"
        f"--- Below this line is a copy of the message.\n\nReturn-Path: <support@studio.example>\nMessage-ID: <{sent['message_id']}>\n"
    )
    bounced = mail("bounce", "MAILER-DAEMON@mx.rose.example", words, Return_Path="<>", Subject="failure notice")
    assert any_studio.take_in(app, bounced)[-1]["ticket"] == 1
    assert kinds(any_studio, app, 1)[-1] == "bounce"


def test_commands_on_a_merged_ticket_say_where_it_went(any_studio: Studio, app: App) -> None:
    any_studio.take_in(app, mail(1), mail(2))
    repeat(any_studio, app, 2, 1)
    for words in (
        ("reply", "2", "-t", "Hi"),
        ("note", "2", "-t", "x"),
        ("close", "2"),
        ("reopen", "2"),
        ("time", "2", "5m"),
        ("cause", "2", "fault"),
    ):
        refused = any_studio.run(*words)
        assert (refused.returncode, refused.stderr) == (1, "mailbot: ticket 2 was merged into ticket 1\n")
    assert "merged into        1" in any_studio.run("show", "2").stdout


# split ID


def state(any_studio: Studio, app: App) -> Any:
    """All that a merge moves, without what it leaves behind as history."""
    shown = [{key: one[key] for key in one if key not in ("events", "answers")} for one in any_studio.tickets(app)]
    for one in shown:
        for message in one["messages"]:
            message["because"] = [because for because in message["because"] if BOSS not in because]
    rows = [{**row, "because": [because for because in row["because"] if BOSS not in because]} for row in any_studio.journal(app)]
    with app.desk.database.reading() as transaction:
        origins = transaction.execute(select(tables.message.c.id, tables.message.c.ticket, tables.message.c.from_ticket)).all()
    return shown, rows, sorted(origins)


def test_split_gives_a_merged_ticket_back_as_it_was(any_studio: Studio, app: App) -> None:
    any_studio.take_in(app, mail(1), mail(2), again(2, "more"), mail(3, Subject="Re: [#2]"))
    suggest(app, 2, (1, 0.7))
    before = state(any_studio, app)
    repeat(any_studio, app, 2, 1)
    assert state(any_studio, app) != before
    for entry in (2, 3, 4):  # any message that came with it
        part(any_studio, app, entry)
        after = state(any_studio, app)
        assert after[0][1].pop("possible_repeat_of") is None, "what was suggested has been answered"
        assert [{**one, "possible_repeat_of": None} for one in before[0]] == [{"possible_repeat_of": None} | one for one in after[0]]
        assert after[1:] == before[1:]
        repeat(any_studio, app, 2, 1)
    assert labels(app) == [("repeat", 2, 1, "yes", 0.7), *[("repeat", 2, 1, "no", 0.7), ("repeat", 2, 1, "yes", 0.7)] * 3]
    part(any_studio, app, 2)
    assert [one for one in any_studio.journal(app)[1]["because"] if BOSS in one] == [
        f"{BOSS} said that it {verb} ticket 1" for _ in range(4) for verb in ("repeats", "does not repeat")
    ]


def test_a_ticket_that_had_an_answer_is_open_after_the_undo(any_studio: Studio, app: App) -> None:
    any_studio.take_in(app, mail(1), mail(2))
    with app.desk.database.writing() as transaction:
        answer(transaction, app.desk, 2, "It is done.", BOSS, any_studio.clock())
    repeat(any_studio, app, 2, 1)
    part(any_studio, app, 2)
    assert ticket(any_studio, app, 2)["status"] == "open"
    assert kinds(any_studio, app, 2) == ["request", "reply"]


@pytest.mark.parametrize("first", [2, 3], ids=["the inner one first", "the outer one first"])
def test_a_chain_of_merges_is_undone_in_any_order(any_studio: Studio, app: App, first: int) -> None:
    any_studio.take_in(app, mail(1), mail(2), mail(3), again(2, "more"), again(3, "and more"))
    before = state(any_studio, app)
    repeat(any_studio, app, 2, 3)
    repeat(any_studio, app, 3, 1)
    assert [one["repeats"] for one in any_studio.tickets(app)] == [4, 1, 3]
    assert sorted(kinds(any_studio, app, 1)) == ["repeat"] * 4 + ["request"]
    part(any_studio, app, first)
    assert [one["repeats"] for one in any_studio.tickets(app)] == ([2, 1, 1] if first == 2 else [0, 1, 3])
    part(any_studio, app, 5 - first)
    assert state(any_studio, app) == before


def test_the_note_that_it_goes_on_elsewhere_is_withdrawn_when_it_has_not_gone_out(any_studio: Studio, app: App) -> None:
    any_studio.take_in(app, mail(1), mail(2))
    repeat(any_studio, app, 2, 1)
    part(any_studio, app, 2)
    (row,) = any_studio.outbox(app, "repeat")
    assert (row["state"], row["error"]) == ("failed", f"withdrawn: {BOSS} split it from ticket 1")
    assert summary(app).failed == []
    any_studio.deliver(app)
    repeat(any_studio, app, 2, 1)
    any_studio.deliver(app)
    part(any_studio, app, 2)
    assert [one["state"] for one in any_studio.outbox(app, "repeat")] == ["failed", "sent"]


def test_a_repeat_that_mailbot_joined_by_itself_becomes_a_ticket_of_its_own(any_studio: Studio, app: App) -> None:
    any_studio.take_in(app, mail(1))
    any_studio.deliver(app)
    any_studio.clock.forward(hours=1)
    any_studio.take_in(app, again(1, "again"), again(1, "urgent", Importance="high"))
    any_studio.clock.forward(hours=1)
    part(any_studio, app, 2)
    one, two = any_studio.tickets(app)
    assert (one["repeats"], [message["kind"] for message in one["messages"]]) == (1, ["request", "repeat"])
    assert (two["status"], two["requester"], two["coverage"], two["related_to"], two["repeats"]) == (
        "new",
        "anna@rose.example",
        "none",
        1,
        0,
    )
    assert two["opened_at"] == datetime(2026, 11, 18, 13, 0, tzinfo=UTC), "when it was received"
    assert two["verdict_due_at"] == datetime(2026, 11, 19, 13, 0, tzinfo=UTC), "a working day from now on"
    row = any_studio.journal(app)[1]
    assert (row["outcome"], row["ticket"], row["because"][0]) == ("ticket", 2, f"{BOSS} said that it does not repeat ticket 1")
    assert [(message["kind"], message["because"]) for message in two["messages"]] == [("request", row["because"])]
    assert labels(app) == [("repeat", 2, 1, "no", None)]
    assert [(mail["kind"], mail["to"], mail["ticket"]) for mail in any_studio.outbox(app)[-2:]] == [
        ("acknowledgement", "anna@rose.example", 2),
        ("forward", BOSS, 2),
    ]
    assert "opened ticket 2 for it" in plain(any_studio, app, any_studio.outbox(app, "acknowledgement")[1])
    # Only the answer of this message is withdrawn, not that of the other repeat.
    assert [one["state"] for one in any_studio.outbox(app, "repeat")] == ["failed", "due"]
    row = any_studio.take_in(app, again(1, "third"))[-1]
    assert (row["outcome"], row["ticket"]) == ("repeat", 1)
    part(any_studio, app, 3)
    assert ticket(any_studio, app, 3)["urgent"]


def test_repeat_undoes_the_undo_and_split_that_again(any_studio: Studio, app: App) -> None:
    any_studio.take_in(app, mail(1), again(1, "again"))
    part(any_studio, app, 2)
    alone = state(any_studio, app)
    repeat(any_studio, app, 2, 1)
    assert (ticket(any_studio, app, 1)["repeats"], kinds(any_studio, app, 1)) == (1, ["request", "repeat"])
    part(any_studio, app, 2)
    assert state(any_studio, app)[:2] == alone[:2]
    repeat(any_studio, app, 1, 2)  # and the other way round
    part(any_studio, app, 1)
    assert [kinds(any_studio, app, number) for number in (1, 2)] == [["request"], ["request"]]
    assert [one["repeats"] for one in any_studio.tickets(app)] == [0, 0]
    assert [(label[3]) for label in labels(app)] == ["no", "yes", "no", "yes", "no"]


def test_a_message_that_was_split_before_stays_when_a_later_merge_is_undone(any_studio: Studio, app: App) -> None:
    any_studio.take_in(app, mail(1), again(1, "again"), mail(2))
    part(any_studio, app, 2)  # of ticket 1, now ticket 3
    repeat(any_studio, app, 1, 2)
    repeat(any_studio, app, 2, 3)
    part(any_studio, app, 3)  # ticket 2 leaves ticket 3 and takes along what came with it
    assert [kinds(any_studio, app, number) for number in (1, 2, 3)] == [[], ["repeat", "request"], ["request"]]
    assert [one["repeats"] for one in any_studio.tickets(app)] == [0, 1, 0]
    part(any_studio, app, 1)
    assert [kinds(any_studio, app, number) for number in (1, 2, 3)] == [["request"]] * 3


def test_a_follow_up_becomes_a_ticket_of_its_own_that_later_mail_can_repeat(any_studio: Studio, app: App) -> None:
    any_studio.take_in(
        app, mail(1), mail(2, text="A new matter: the map is gone.\n\nOn 17 Nov 2026, Olga wrote:\n> The page.\n", Subject="Re: [#1]")
    )
    part(any_studio, app, 2)
    one, two = any_studio.tickets(app)
    assert ([message["kind"] for message in one["messages"]], one["repeats"]) == (["request"], 0)
    assert two["messages"][0]["visible"] == two["messages"][0]["text"], "the first mail of a ticket is kept whole"
    assert two["messages"][0]["because"][0] == f"{BOSS} said that it is no part of ticket 1"
    assert labels(app) == []
    assert len(any_studio.outbox(app, "acknowledgement")) == 2
    same = mail(3, text="A new matter: the map is gone.\n\nOn 17 Nov 2026, Olga wrote:\n> The page.\n", Subject="Re: [#9]")
    row = any_studio.take_in(app, same)[-1]
    assert (row["outcome"], row["ticket"]) == ("repeat", 2)


def test_an_imported_message_that_is_split_is_answered_to_nobody(any_studio: Studio, app: App) -> None:
    import_messages(app.desk, [mail(1), again(1, "again")], False, lambda: None)
    take_in(app.desk)
    part(any_studio, app, 2)
    assert len(any_studio.tickets(app)) == 2
    assert any_studio.outbox(app) == []


def test_files_stay_with_the_message_that_leaves(any_studio: Studio, app: App) -> None:
    any_studio.take_in(app, mail_with_file(b"plan"))
    any_studio.take_in(app, mail_with_file(b"plan").replace(b"<request-1@", b"<again@"))
    assert any_studio.journal(app)[1]["outcome"] == "repeat"
    part(any_studio, app, 2)
    assert [[len(message["attachments"]) for message in one["messages"]] for one in any_studio.tickets(app)] == [[1], [1]]


def test_a_suggestion_that_is_refused_is_gone_and_learned_from(any_studio: Studio, app: App) -> None:
    any_studio.take_in(app, mail(1), mail(2), mail(3))
    suggest(app, 3, (2, 0.9), (1, 0.6))
    done = any_studio.run("split", "3")
    assert done.stdout == "journal entry 3: ticket 3 is no repeat of ticket 2; `mailbot repeat 3 2` takes it back\n"
    three = ticket(any_studio, app, 3)
    assert three["possible_repeat_of"] is None
    assert [one["of"] for one in three["possible_repeats"]] == [2, 1]
    assert sorted(labels(app)) == [("repeat", 3, 1, "no", 0.6), ("repeat", 3, 2, "no", 0.9)]
    assert "no repeat" in [event["what"] for event in three["events"]]
    assert len(any_studio.outbox(app)) == 6, "the client hears nothing of it"


NOT_SPLIT = {
    "no such entry": (99, "no journal entry 99; `mailbot journal` lists them"),
    "the request that opened its ticket": (1, "ticket 1 was opened by that message, and nothing says that it may repeat another"),
    "a message on no ticket": (2, "journal entry 2 stands on no ticket, it is of outcome duplicate"),
    "an operator's mail": (3, "journal entry 3 is no client's request but of kind operator"),
}


@pytest.mark.parametrize(("entry", "says"), NOT_SPLIT.values(), ids=NOT_SPLIT)
def test_what_cannot_be_split_is_one_line_and_nothing_is_done(any_studio: Studio, app: App, entry: int, says: str) -> None:
    to = app.desk.policy.signer.reply_address("o", 1)
    any_studio.take_in(app, mail(1), mail(1))
    any_studio.take_in(app, mail("reply", sender=BOSS, To=to, text="Done."))
    before = state(any_studio, app)
    refused = any_studio.run("split", str(entry))
    assert (refused.returncode, refused.stdout) == (1, "")
    assert refused.stderr.startswith(f"mailbot: {says}")
    assert refused.stderr.count("\n") == 1
    assert state(any_studio, app) == before


# Counts


def counts(any_studio: Studio, app: App) -> dict[str, Any]:
    found = summary(app)
    return {
        "new": found.opened.now,
        "repeats": found.repeats.now,
        "closed": found.closed.now,
        "backlog": found.backlog.now,
        "received": found.received,
        "by client": {line.name: (line.requests, line.repeats) for line in found.clients},
        "parts": dict(found.parts),
        "journal": dict(Counter(row["outcome"] for row in any_studio.journal(app))),
    }


def test_a_merge_and_a_split_are_counted_right_in_the_summary_and_the_audit(any_studio: Studio, app: App) -> None:
    add_client(app)
    any_studio.take_in(app, mail(1), mail(2), again(1, "again"))
    any_studio.clock.forward(minutes=1)  # the week is counted until now
    before = counts(any_studio, app)
    assert before == {
        "new": 2,
        "repeats": 1,
        "closed": 0,
        "backlog": 2,
        "received": 3,
        "by client": {"Rose Shop": (2, 1)},
        "parts": {"new": 2, "joined": 1},
        "journal": {"ticket": 2, "repeat": 1},
    }
    repeat(any_studio, app, 2, 1)
    assert counts(any_studio, app) == before | {
        "new": 1,
        "repeats": 2,
        "backlog": 1,
        "by client": {"Rose Shop": (1, 2)},
        "parts": {"new": 1, "joined": 2},
        "journal": {"ticket": 1, "repeat": 2},
    }
    part(any_studio, app, 2)
    assert counts(any_studio, app) == before
    part(any_studio, app, 3)
    assert counts(any_studio, app) == before | {
        "new": 3,
        "repeats": 0,
        "backlog": 3,
        "by client": {"Rose Shop": (3, 0)},
        "parts": {"new": 3},
        "journal": {"ticket": 3},
    }
    audited = any_studio.run("audit")
    assert audited.returncode == 0, audited.stdout
    assert "3 received = 3 new" in audited.stdout


# Two operators at once


WAITING = text("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted")


def both_at_once(any_studio: Studio, app: App, first: tuple[str, ...], second: tuple[str, ...]) -> list[int]:
    """The exit statuses of two commands that have begun before either could work."""
    database = app.desk.database

    def blocked() -> bool:
        with database.reading() as transaction:
            return bool(transaction.scalar(WAITING) == 2)

    with database.writing() as transaction:
        if not database.is_sqlite:  # SQLite has one writer at a time
            lock_parties(transaction, ["aanna@rose.example"])
        started = [any_studio.start(*words, log=f"log{number}") for number, words in enumerate((first, second))]
        if not database.is_sqlite:
            until(blocked, "both wait for their turn")
    return sorted(process.wait(timeout=60) for process in started)


@pytest.mark.parametrize("second", [("repeat", "2", "1"), ("repeat", "1", "2"), ("repeat", "2", "3")], ids=" ".join)
def test_of_two_operators_who_merge_at_once_one_is_told_that_he_was_late(any_studio: Studio, app: App, second: tuple[str, ...]) -> None:
    any_studio.take_in(app, mail(1), mail(2), mail(3))
    assert both_at_once(any_studio, app, ("repeat", "2", "1"), second) == [0, 1]
    assert sum(one["repeats"] for one in any_studio.tickets(app)) == 1
    assert sum(len(one["messages"]) for one in any_studio.tickets(app)) == 3
    assert len(labels(app)) == 1
    assert len(any_studio.outbox(app, "repeat")) == 1
    logs = "".join((any_studio.folder / f"log{number}").read_text() for number in range(2))
    assert "was merged into ticket" in logs


def test_of_two_operators_who_split_one_message_at_once_one_is_told_that_he_was_late(any_studio: Studio, app: App) -> None:
    any_studio.take_in(app, mail(1), again(1, "again"))
    assert both_at_once(any_studio, app, ("split", "2"), ("split", "2")) == [0, 1]
    assert [one["repeats"] for one in any_studio.tickets(app)] == [0, 0]
    assert len(any_studio.outbox(app, "acknowledgement")) == 2


def test_the_update_decides_when_a_look_was_too_early(any_studio: Studio, app: App) -> None:
    any_studio.take_in(app, mail(1), mail(2), mail(3), again(1, "again"))
    with app.desk.database.writing() as transaction:
        looked = repeats.standing_of(transaction, 4)
        assert looked is not None
        assert repeats.claim(transaction, looked)
        assert not repeats.claim(transaction, looked)
        assert repeats.merge(transaction, 2, 1, any_studio.clock(), "said")
        assert not repeats.merge(transaction, 2, 3, any_studio.clock(), "said")
        assert not repeats.merge(transaction, 3, 2, any_studio.clock(), "said")
        assert repeats.unmerge(transaction, 2, 1, "said")
        assert not repeats.unmerge(transaction, 2, 1, "said")
        assert not repeats.refuse(transaction, 3)


# Causes


def test_a_cause_that_an_operator_names_is_learned_from(any_studio: Studio, app: App) -> None:
    any_studio.take_in(app, mail(1))
    with app.desk.database.writing() as transaction:
        name_cause(transaction, app.desk, 1, "Fault", BOSS, any_studio.clock())
        assert tickets.cause_of(transaction, 1) == ("fault", BOSS)
        with pytest.raises(PermanentError, match=r"^cause 'magic' is not in \[causes\] tree; known: fault, content, "):
            name_cause(transaction, app.desk, 1, "magic", BOSS, any_studio.clock())
        close(transaction, app.desk, 1, "hosting", BOSS, any_studio.clock())
    assert ticket(any_studio, app, 1)["cause"] == "hosting"
    assert labels(app) == [("cause", 1, None, "fault", None), ("cause", 1, None, "hosting", None)]


def test_closing_asks_for_a_cause_and_confirms_none_that_mailbot_proposed(any_studio: Studio, app: App) -> None:
    any_studio.take_in(app, mail(1), mail(2), mail(3))
    with app.desk.database.writing() as transaction:
        transaction.execute(update(tables.ticket).where(tables.ticket.c.number == 2).values(cause="hosting"))
    known = "fault, content, how-to, access, hosting, change, billing, other"
    assert any_studio.run("close", "1").stdout == (
        f"ticket 1: closed, without a cause; name it with `mailbot cause 1 NAME`, so that the summary can count it: {known}\n"
    )
    assert (
        any_studio.run("close", "2").stdout == "ticket 2: closed, cause hosting, proposed by mailbot; `mailbot cause 2 NAME` corrects it\n"
    )
    assert any_studio.run("close", "3", "--cause", "fault").stdout == "ticket 3: closed, cause fault\n"
    assert labels(app) == [("cause", 3, None, "fault", None)]
    assert any_studio.run("cause", "2", "access").stdout == "ticket 2: cause access\n"
    assert [one["status"] for one in any_studio.tickets(app)] == ["closed"] * 3


# By mail


def commands(any_studio: Studio, app: App, words: str, number: int = 1, sender: str = BOSS, name: str = "command") -> dict[str, Any]:
    """An operator answers a forward with these words; returns his confirmation."""
    to = app.desk.policy.signer.reply_address("o", number)
    any_studio.take_in(app, mail(name, sender=sender, To=to, Subject=f"Re: [#{number}]", text=words))
    (row,) = any_studio.outbox(app, "confirmation")
    assert row["to"] == BOSS
    return row


BY_MAIL = {
    "close": ("/close", {"status": "closed"}, "Done: • ticket 2 is closed, without a cause: a line “/cause NAME” names it (fault, "),
    "close with a cause": (
        "/close hosting",
        {"status": "closed", "cause": "hosting"},
        "• ticket 2 is closed, cause hosting. To take it back: “/reopen”",
    ),
    "cause": ("/cause hosting", {"cause": "hosting"}, "• ticket 2: cause hosting"),
    "time": ("/time 40m the form", {"minutes": 40}, "• ticket 2: 40 mins entered, 40 mins in all. To take it back: “/time -40m”"),
    "time taken back": (
        "/time 40m\n/time -10m",
        {"minutes": 30},
        "• ticket 2: 10 mins taken back, 30 mins in all. To take it back: “/time 10m”",
    ),
    "note": ("/note call Anna", {}, "• ticket 2: your note is kept, the client does not see it"),
    "repeat": ("/repeat 1", {"merged_into": 1}, "• ticket 2 is a repeat of ticket 1 now; the client is told. To take it back: “/split 2”"),
    "repeat and what follows": ("/repeat 1\n/note both", {"merged_into": 1}, "• ticket 1: your note is kept"),
    "repeat of another": (
        "/repeat 3 2",
        {"repeats": 2},
        "• ticket 3 is a repeat of ticket 2 now; the client is told. To take it back: “/split 3”",
    ),
    "split": ("/split", {"repeats": 0}, "• the message left ticket 2 and is ticket 4; the client is told. To take it back: “/repeat 4 2”"),
    "split of an entry": (
        "/split 4",
        {"repeats": 0},
        "• the message left ticket 2 and is ticket 4; the client is told. To take it back: “/repeat 4 2”",
    ),
    "several": (
        "/time 1h\n/close fault\n/reopen",
        {"minutes": 60, "status": "open", "cause": "fault"},
        "• ticket 2 is open again. To take it back: “/close”",
    ),
    "with a greeting": ("Hello,\n\n/note x\n\nBest regards,\nPeter Boss", {}, "• ticket 2: your note is kept"),
}


@pytest.mark.parametrize(("words", "expected", "says"), BY_MAIL.values(), ids=BY_MAIL)
def test_a_command_by_mail_is_carried_out_and_confirmed_and_the_client_reads_nothing_of_it(
    any_studio: Studio, app: App, words: str, expected: dict[str, Any], says: str
) -> None:
    any_studio.take_in(app, mail(1), mail(2), mail(3), again(2, "again"))
    row = commands(any_studio, app, words, number=2)
    found = ticket(any_studio, app, 2)
    assert {key: found[key] for key in expected} == expected
    confirmed = plain(any_studio, app, row)
    assert says in confirmed
    assert "Not done" not in confirmed
    assert any_studio.outbox(app, "reply") == []
    assert any_studio.outbox(app, "notice") == []
    mine = any_studio.journal(app)[4]
    assert (mine["outcome"], mine["ticket"]) == ("operator", found["merged_into"] or 2)
    for one in any_studio.outbox(app):
        if one["to"] != BOSS:
            assert "/" not in plain(any_studio, app, one).replace("catalogue", "")


def test_split_without_an_id_refuses_what_was_suggested(any_studio: Studio, app: App) -> None:
    any_studio.take_in(app, mail(1), mail(2))
    suggest(app, 2, (1, 0.7))
    row = commands(any_studio, app, "/split", number=2)
    assert "• ticket 2 is no repeat of ticket 1. To take it back: “/repeat 2 1”" in plain(any_studio, app, row)
    assert labels(app) == [("repeat", 2, 1, "no", 0.7)]


def test_the_line_that_a_confirmation_gives_takes_it_back(any_studio: Studio, app: App) -> None:
    any_studio.take_in(app, mail(1), mail(2))
    confirmed = any_studio.letter(app, commands(any_studio, app, "/repeat 1", number=2))
    assert confirmed["Auto-Submitted"] == "auto-replied"
    assert confirmed["In-Reply-To"] == "<request-command@rose.example>"
    quoted = confirmed.get_body(("plain",))
    assert quoted is not None
    any_studio.take_in(
        app, mail("undo", sender=BOSS, To=confirmed["Reply-To"], Subject="Re: [#1]", text=f"/split 2\n\n{quoted.get_content()}")
    )
    assert [ticket(any_studio, app, number)["merged_into"] for number in (1, 2)] == [None, None]
    assert "ticket 2 is a ticket of its own again" in plain(any_studio, app, any_studio.outbox(app, "confirmation")[1])
    assert any_studio.outbox(app, "reply") == []


def test_words_beside_commands_go_to_the_client_before_the_commands_act(any_studio: Studio, app: App) -> None:
    any_studio.take_in(app, mail(1))
    commands(any_studio, app, "It is done.\n\n/time 40m\n/close fault")
    (reply,) = any_studio.outbox(app, "reply")
    assert plain(any_studio, app, reply) == "It is done. Web Studio support@studio.example Ticket 1"
    one = ticket(any_studio, app, 1)
    assert (one["status"], one["minutes"], one["first_response_at"]) == ("closed", 40, any_studio.clock())


WRONG = {
    "a cause that is not known": ("/close magic", "• /close magic: cause 'magic' is not in [causes] tree"),
    "no time": ("/time soon", "• /time soon: time 'soon': write it like 40m"),
    "more time taken back than there is": ("/time -5m", "• /time -5m: ticket 1 has 0 minutes, 5 cannot be taken back"),
    "a ticket of another client": ("/repeat 2", "• /repeat 2: tickets 1 and 2 are of different clients"),
    "itself": ("/repeat 1", "• /repeat 1: ticket 1 cannot repeat itself"),
    "nothing to split": ("/split", "• /split: no repeat stands on ticket 1; nothing was split"),
    "no such entry": ("/split 99", "• /split 99: no journal entry 99"),
    "no coverage": ("/coverage free", "• /coverage free: coverage 'free' is none of project, warranty"),
    "a contract that is not there": ("/coverage monthly", "• /coverage monthly: ticket 1: the requester has no monthly contract"),
    "not closed": ("/reopen", "• /reopen: ticket 1 is new; only a closed one can be reopened"),
}


@pytest.mark.parametrize(("words", "says"), WRONG.values(), ids=WRONG)
def test_a_command_that_cannot_be_carried_out_is_a_line_and_the_others_are(any_studio: Studio, app: App, words: str, says: str) -> None:
    any_studio.take_in(app, mail(1), mail(2, sender="lea@lily.example"))
    row = commands(any_studio, app, f"{words}\n/note kept")
    confirmed = plain(any_studio, app, row)
    done, _, wrong = confirmed.partition(" Not done: ")
    assert says in wrong
    assert "your note is kept" in done
    assert wrong.count("•") == 1
    one = ticket(any_studio, app, 1)
    assert (one["status"], one["minutes"], one["work"]) == ("new", 0, [])
    assert "not done" in [event["what"] for event in one["events"]]
    assert any_studio.outbox(app, "reply") == []


def test_a_line_that_may_be_a_mistyped_command_keeps_the_words_from_the_client(any_studio: Studio, app: App) -> None:
    any_studio.take_in(app, mail(1))
    confirmed = plain(any_studio, app, commands(any_studio, app, "It is done.\n/clsoe\n/time 5m"))
    assert (
        "Not done: • nothing was sent to the client: a line may be a mistyped command • /clsoe: is no command; is /close meant?"
        in confirmed
    )
    assert any_studio.outbox(app, "reply") == []
    assert ticket(any_studio, app, 1)["minutes"] == 5


def test_files_without_words_go_to_nobody_and_the_operator_learns_it(any_studio: Studio, app: App) -> None:
    any_studio.take_in(app, mail(1))
    to = app.desk.policy.signer.reply_address("o", 1)
    octets = mail_with_file(b"plan" * 10_000, sender=BOSS, number="file").replace(b"support@studio.example", to.encode())
    any_studio.take_in(app, octets.replace(b"The file is attached, please put it on the site.", b"/note the plan"))
    assert "there is no text to send" in plain(any_studio, app, any_studio.outbox(app, "confirmation")[0])
    assert any_studio.outbox(app, "reply") == []


@pytest.mark.parametrize("sender", ["mallory@evil.example", "anna@rose.example"])
def test_commands_of_others_are_words(any_studio: Studio, app: App, sender: str) -> None:
    any_studio.take_in(app, mail(1))
    for number, role in enumerate(("o", "t")):
        to = app.desk.policy.signer.reply_address(role, 1)  # type: ignore[arg-type]
        any_studio.take_in(app, mail(f"c{number}", sender=sender, To=to, text="/close\n/time 40m please look"))
    one = ticket(any_studio, app, 1)
    assert (one["status"], one["minutes"], any_studio.outbox(app, "confirmation")) == ("new", 0, [])


def test_an_operator_without_the_operators_key_commands_nothing(any_studio: Studio, app: App) -> None:
    any_studio.take_in(app, mail(1))
    any_studio.take_in(app, mail("c", sender=BOSS, Subject="Re: [#1]", text="/close"))
    assert (ticket(any_studio, app, 1)["status"], any_studio.outbox(app, "confirmation")) == ("new", [])


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ("/repeat 1", "Сделано: • заявка № 2 теперь повтор заявки № 1; клиенту сообщили. Отменить: «/split 2»"),
        ("/close", "• заявка № 2 закрыта, причина не названа: её назовёт строка «/cause ПРИЧИНА» (fault, "),
        ("/time 1h", "• заявка № 2: записано 1 ч, всего 1 ч. Отменить: «/time -60m»"),
        ("/split 9", "Не сделано: • /split 9: no journal entry 9"),
    ],
)
def test_a_russian_desk_confirms_in_russian(any_studio: Studio, words: str, says: str) -> None:
    any_studio.configure(desk={"language": "ru"})
    app = any_studio.open()
    any_studio.take_in(app, mail(1), mail(2))
    assert says in plain(any_studio, app, commands(any_studio, app, words, number=2))


def test_a_command_that_breaks_halfway_leaves_no_trace_and_the_mail_is_still_an_operators(any_studio: Studio, app: App) -> None:
    any_studio.take_in(app, mail(1))
    with app.desk.database.writing() as transaction:
        transaction.execute(
            insert(tables.work).values(ticket=1, minutes=3, day=any_studio.clock().date(), who=BOSS, note="", entered_at=any_studio.clock())
        )
    commands(any_studio, app, "/time -5m\n/time 2m")
    assert [one["minutes"] for one in ticket(any_studio, app, 1)["work"]] == [3, 2]


# What the forward and the answer say


def test_the_forward_of_a_repeat_says_why_and_how_to_undo_it(any_studio: Studio, app: App) -> None:
    any_studio.take_in(app, mail(1), again(1, "again"))
    forward = plain(any_studio, app, any_studio.outbox(app, "forward")[1])
    assert "Why it counts as a repeat: the same words as in ticket 1 of 2026-11-18 12:00" in forward
    assert "Reply with a line “/split 2”" in forward


@pytest.mark.parametrize("language", ["en", "ru"])
def test_who_asks_again_about_a_closed_ticket_hears_that_it_is_open_again(any_studio: Studio, app: App, language: str) -> None:
    add_client(app, language=language)
    any_studio.take_in(app, mail(1))
    with app.desk.database.writing() as transaction:
        close(transaction, app.desk, 1, None, BOSS, any_studio.clock())
    any_studio.clock.forward(days=2)
    any_studio.take_in(app, again(1, "again"))
    (row,) = any_studio.outbox(app, "repeat")
    expected = {
        "en": "Hello, we have this request already: it is ticket 1 “Request 1”, received on Wednesday, 18 November, at 12:00. It was closed on "
        "Wednesday, 18 November, at 12:00; we have opened it again. We have noted that you asked again. There is no second ticket, so "
        "nothing gets lost or counted twice. If you meant something else, reply to this mail and we will separate the two. Web Studio "
        "support@studio.example This mail was sent automatically.",
        "ru": "Здравствуйте! Этот вопрос у нас уже есть: заявка № 1 «Request 1». Мы получили её в среду, 18 ноября, в 12:00. Она была закрыта в "
        "среду, 18 ноября, в 12:00; мы открыли её снова. Мы отметили, что вы напомнили о ней. Новой заявки не заводим: так ничего не "
        "потеряется и не посчитается дважды. Если вы писали о другом, ответьте на это письмо, и мы разделим заявки. Web Studio "
        "support@studio.example Это письмо отправлено автоматически.",
    }
    assert plain(any_studio, app, row) == expected[language]
    assert ticket(any_studio, app, 1)["status"] == "open"
