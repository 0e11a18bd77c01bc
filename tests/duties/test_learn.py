"""What the desk proposes, what it learns when it is corrected, and what it does with that, on SQLite and PostgreSQL."""

import json
import random
import subprocess
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, insert, select, update

from mailbot.app import App
from mailbot.core.desk.causes.model import Model
from mailbot.core.report.causes import FixedLine
from mailbot.core.report.week import Week
from mailbot.edge.db import clients, learned, tables, tickets
from mailbot.edge.db.clients import ClientRecord
from mailbot.edge.db.facts import learned_repeats
from mailbot.learn import HANDFUL, Taught, train, train_waiting, waiting
from mailbot.learn import repeats as taught_repeats
from mailbot.operate import call_urgent, close, name_cause
from mailbot.repeats import refuse
from mailbot.weekly import summary_of
from tests.conftest import Studio
from tests.duties.mails import mail
from tests.duties.test_daemon import log_of, stop
from tests.servers import until

BOSS = "boss@studio.example"


@pytest.fixture
def app(any_studio: Studio) -> App:
    """The open desk of the test, on a Wednesday at noon."""
    opened = any_studio.open()
    any_studio.clock.now = datetime(2026, 11, 18, 12, 0, tzinfo=UTC)
    return opened


def name(app: App, number: int, cause: str) -> None:
    with app.desk.database.writing() as transaction:
        name_cause(transaction, app.desk, number, cause, BOSS, app.desk.clock())


def urgent(app: App, number: int, yes: bool = True) -> None:
    with app.desk.database.writing() as transaction:
        call_urgent(transaction, app.desk, number, yes, BOSS, app.desk.clock())


def ask(
    any_studio: Studio, app: App, text: str, name: str, subject: str = "A question", sender: str = "Anna <anna@rose.example>"
) -> dict[str, Any]:
    """A client asks; the ticket that came of it."""
    any_studio.take_in(app, mail(name, sender, text, Subject=subject))
    return any_studio.tickets(app)[-1]


def because(one: dict[str, Any]) -> list[str]:
    return list(one["messages"][0]["because"])


# Words of two trades of which the shipped rules know nothing.
WORDS = {
    "fault": ["thorns", "wilted", "withered", "greenfly", "шипы", "завяли"],
    "billing": ["ledger", "bursar", "tithe", "guinea", "казна", "оброк"],
}
SHARED = ["our", "shop", "today", "please", "hello", "roses", "наши", "розы", "сегодня"]


def requests(count: int, seed: int = 1) -> list[tuple[str, str]]:
    """(words, cause) of made-up requests."""
    draw = random.Random(seed)
    causes = [draw.choice(list(WORDS)) for _ in range(count)]
    return [(" ".join([*draw.sample(WORDS[cause], 2), *draw.sample(SHARED, 4)]), cause) for cause in causes]


def labelled(app: App, examples: Iterable[tuple[str, str]], what: str = "cause") -> None:
    """Tickets with these words that operators called so: their rows, without the mail."""
    now = app.desk.clock()
    with app.desk.database.writing() as transaction:
        for words, value in examples:
            ticket = tickets.NewTicket(None, "a@b.example", "", "a@b.example", "en", "A question", "none", False, None, now, None)
            number = tickets.open_ticket(transaction, ticket)
            opening = tickets.NewMessage("in", "request", None, "a@b.example", "", now, f"{words}\n\n-- \nAnna, invoices and typos")
            tickets.add_message(transaction, number, opening)
            tickets.add_label(transaction, what, number, value, BOSS, now)


def trained(app: App) -> Taught:
    """A model that has learned the made-up requests."""
    labelled(app, requests(120))
    return train(app.desk, "cause")


# What is proposed


PROPOSED = {
    "English": ("The domain name expires on Friday.", "hosting", "cause hosting: domain, certificate, hosting: “domain name expires”"),
    "Russian": ("На главной странице опечатка.", "content", "cause content: a typo, something wrong in the words: “опечатка”"),
}


@pytest.mark.parametrize(("text", "cause", "why"), PROPOSED.values(), ids=PROPOSED)
def test_a_new_ticket_gets_a_cause_and_says_why(any_studio: Studio, app: App, text: str, cause: str, why: str) -> None:
    one = ask(any_studio, app, text, "one")
    assert (one["cause"], one["cause_by"]) == (cause, None)
    assert why in because(one)
    assert why in any_studio.journal(app)[0]["because"]
    (forward,) = any_studio.outbox(app, "forward")
    body = any_studio.letter(app, forward).get_body(("plain",))
    assert body is not None
    assert f"Cause, perhaps: {cause}; a line “/cause NAME” says it" in body.get_content()


def test_a_request_of_which_nothing_speaks_gets_no_cause(any_studio: Studio, app: App) -> None:
    one = ask(any_studio, app, "What do you think of our roses?", "one")
    assert (one["cause"], one["cause_by"]) == (None, None)
    assert not [said for said in because(one) if said.startswith("cause")]


def test_tickets_and_show_tell_what_nobody_has_confirmed(any_studio: Studio, app: App) -> None:
    ask(any_studio, app, "The domain name expires on Friday.", "one")
    ask(any_studio, app, "The certificate has expired, too.", "two")
    name(app, 2, "hosting")
    first, second = any_studio.run("tickets").stdout.splitlines()[1:]
    assert "hosting?" in first
    assert "hosting" in second
    assert "hosting?" not in second
    assert "cause              hosting?\n" in any_studio.run("show", "1").stdout
    shown = any_studio.run("show", "2").stdout
    assert "cause              hosting\n" in shown
    assert f"cause by           {BOSS}\n" in shown
    assert [(one["cause"], one["cause_by"]) for one in json.loads(any_studio.run("tickets", "--json").stdout)] == [
        ("hosting", None),
        ("hosting", BOSS),
    ]


def test_a_rule_of_the_configuration_speaks_first(any_studio: Studio) -> None:
    rules = [
        {"cause": "billing", "words": ["ledger*"], "language": "en"},
        {"cause": "access", "senders": ["@oak.example"]},
    ]
    any_studio.configure(causes={"rule": rules})
    app = any_studio.open()
    words = "Please look into the ledgers of our shop, the domain name expires on Friday."
    assert ask(any_studio, app, words, "one")["cause"] == "billing"
    assert ask(any_studio, app, words, "two", sender="Oak <oak@oak.example>")["cause"] == "billing"
    assert ask(any_studio, app, "Посмотрите, пожалуйста, на странице «Ledger» опечатка в тексте", "ru")["cause"] == "content"
    one = ask(any_studio, app, "The domain name expires on Friday.", "three", sender="Oak <oak@oak.example>")
    assert "cause access: configured: from @oak.example" in because(one)


# What is learned


def test_what_was_learned_is_proposed_by_every_process_at_once(any_studio: Studio, app: App) -> None:
    other = any_studio.open()
    assert ask(any_studio, other, "The thorns of our roses, please", "before")["cause"] is None
    taught = trained(app)
    assert taught.speaks_from is not None
    assert (taught.labels, taught.causes) == (120, 2)
    assert taught.answered > 0.9
    one = ask(any_studio, other, "Hello, our thorns have wilted", "after")
    assert (one["cause"], one["cause_by"]) == ("fault", None)
    assert any(said.startswith("cause fault: learned: words like ") and "thorns" in said for said in because(one))
    again = any_studio.open()  # a restart
    assert ask(any_studio, again, "Сегодня наши розы: казна, оброк", "later")["cause"] == "billing"


def test_it_says_nothing_of_what_it_does_not_know(any_studio: Studio, app: App) -> None:
    trained(app)
    assert ask(any_studio, app, "Quixotic zephyrs vex", "one", subject="Jumbled")["cause"] is None
    assert ask(any_studio, app, "The thorns are for the bursar", "two", subject="Jumbled")["cause"] is None


@pytest.mark.parametrize("how", ["cause N NAME", "close N --cause NAME", "/cause NAME by mail"])
def test_after_a_correction_the_same_words_get_the_corrected_cause_at_once(any_studio: Studio, app: App, how: str) -> None:
    trained(app)
    words = "Hello, our thorns have wilted, greenfly"
    one = ask(any_studio, app, words, "one")
    assert one["cause"] == "fault"
    if how.startswith("cause"):
        name(app, one["number"], "access")
    elif how.startswith("close"):
        with app.desk.database.writing() as transaction:
            close(transaction, app.desk, one["number"], "access", BOSS, app.desk.clock())
    else:
        to = app.desk.policy.signer.reply_address("o", one["number"])
        any_studio.take_in(app, mail("command", sender=BOSS, To=to, text="/cause access"))
    again = ask(any_studio, app, words, "again", sender="Oak <oak@oak.example>")
    assert (again["number"], again["cause"]) == (one["number"] + 1, "access")
    assert ask(any_studio, app, "The bursar, a ledger, a tithe, guinea", "else")["cause"] == "billing"


def test_silence_is_no_label(any_studio: Studio, app: App) -> None:
    trained(app)
    one = ask(any_studio, app, "Hello, our thorns have wilted", "one")
    with app.desk.database.writing() as transaction:
        before = transaction.scalar(select(func.count()).select_from(tables.label))
        close(transaction, app.desk, one["number"], None, BOSS, app.desk.clock())
        assert transaction.scalar(select(func.count()).select_from(tables.label)) == before
    assert any_studio.tickets(app)[-1]["cause_by"] is None


def test_the_newest_label_of_a_ticket_counts_and_a_signature_is_not_learned(any_studio: Studio, app: App) -> None:
    labelled(app, [("thorns", "fault"), ("ledger", "billing")])
    with app.desk.database.writing() as transaction:
        tickets.add_label(transaction, "cause", 1, "access", BOSS, app.desk.clock())
    with app.desk.database.reading() as transaction:
        found, newest = learned.examples(transaction, "cause", 100)
        assert found == [("A question\nledger", "billing"), ("A question\nthorns", "access")]
        assert learned.examples(transaction, "cause", 1) == ([("A question\nthorns", "access")], newest)


def test_what_is_said_during_a_training_is_not_lost(any_studio: Studio, app: App) -> None:
    trained(app)
    with app.desk.database.reading() as transaction:
        octets = transaction.scalar(select(tables.learned.c.octets))
        newest = transaction.scalar(select(tables.learned.c.labels))
    assert octets is not None
    assert newest is not None
    labelled(app, [("thorns wilted greenfly", "access")] * 2)
    with app.desk.database.reading() as transaction:
        assert [value for _, value in learned.later(transaction, "cause", newest)] == ["access"] * 2
    with app.desk.database.writing() as transaction:
        assert not learned.keep(transaction, "cause", b"of fewer labels", newest - 1, app.desk.clock())
    with app.desk.database.reading() as transaction:
        assert transaction.scalar(select(tables.learned.c.octets)) == octets


def test_two_trainings_at_once_do_no_harm(any_studio: Studio, app: App) -> None:
    labelled(app, requests(60))
    both = [any_studio.start("learn", log=f"log{number}") for number in range(2)]
    assert [process.wait(timeout=120) for process in both] == [0, 0]
    with app.desk.database.reading() as transaction:
        assert set(learned.models(transaction)) == {"cause"}


def test_a_model_of_another_version_is_ignored_until_it_is_trained_anew(any_studio: Studio, app: App) -> None:
    trained(app)
    assert waiting(app.desk) == []
    with app.desk.database.writing() as transaction:
        transaction.execute(update(tables.learned).values(octets=b"of another version", sha256="another"))
    assert ask(any_studio, app, "Hello, our thorns have wilted", "one")["cause"] is None
    name(app, any_studio.tickets(app)[-1]["number"], "fault")  # nothing to step
    assert waiting(app.desk) == ["cause"]
    train_waiting(app.desk)
    assert waiting(app.desk) == []
    assert ask(any_studio, app, "Hello, our thorns have withered", "two")["cause"] == "fault"


def test_a_damaged_model_is_ignored(any_studio: Studio, app: App) -> None:
    trained(app)
    with app.desk.database.writing() as transaction:
        (kept,) = transaction.scalars(select(tables.learned.c.octets).where(tables.learned.c.name == "cause"))
        other = Model.from_octets(kept)
        other = replace(other, causes=other.causes[::-1])
        transaction.execute(update(tables.learned).where(tables.learned.c.name == "cause").values(octets=other.to_octets()))
    learned._kept.clear()  # as in another process
    assert ask(any_studio, app, "Hello, our thorns have wilted", "one")["cause"] is None
    name(app, any_studio.tickets(app)[-1]["number"], "fault")
    assert waiting(app.desk) == ["cause"]
    train_waiting(app.desk)
    assert ask(any_studio, app, "Hello, our thorns have withered", "two")["cause"] == "fault"


def test_it_is_not_trained_of_a_few_labels_nor_of_the_same_ones_again(any_studio: Studio, app: App) -> None:
    labelled(app, requests(HANDFUL - 1))
    assert waiting(app.desk) == []
    labelled(app, requests(1))
    assert waiting(app.desk) == ["cause"]
    train_waiting(app.desk)
    assert waiting(app.desk) == []


# Training by the program


def test_run_once_learns_at_its_end(any_studio: Studio, app: App) -> None:
    labelled(app, requests(60))
    ended = any_studio.run("run", "--once")
    assert ended.returncode == 0, ended.stderr
    assert ended.stderr.count("event=learned what=cause labels=60") == 1
    assert "event=learned" not in any_studio.run("run", "--once").stderr


def test_the_daemon_learns_in_a_child_and_uses_it(any_studio: Studio, app: App) -> None:
    labelled(app, requests(60))
    daemon = any_studio.start("run")
    until(lambda: "event=trained" in log_of(any_studio), "the child has ended")
    any_studio.arrive(mail("one", Subject="A question", text="Hello, our thorns have wilted"))
    until(lambda: len(any_studio.tickets(app)) == 61, "the mail is taken in")
    assert any_studio.tickets(app)[-1]["cause"] == "fault"
    assert stop(daemon) == 0
    assert log_of(any_studio).count("event=training") == 1


def test_sigterm_ends_the_daemon_and_its_child(studio: Studio) -> None:
    labelled(studio.open(), requests(4000))
    daemon = studio.start("run")
    until(lambda: "event=training process=" in log_of(studio), "the training has begun")
    child = int(log_of(studio).partition("event=training process=")[2].split()[0])
    assert Path(f"/proc/{child}").exists()
    assert stop(daemon) == 0
    assert not Path(f"/proc/{child}").exists()
    assert "event=trained" not in log_of(studio)


def test_a_training_that_fails_is_one_line_and_mail_goes_on(studio: Studio) -> None:
    app = studio.open()
    labelled(app, requests(60))
    (studio.folder / "broken").mkdir()
    (studio.folder / "broken" / "sklearn.py").write_text("raise RuntimeError('no learning today')\n")
    daemon = studio.start("run", PYTHONPATH=f"{studio.folder / 'broken'}:{Path.cwd()}")
    until(lambda: "training failed" in log_of(studio), "the child fails")
    studio.arrive(mail("one", Subject="A question", text="Hello, our thorns have wilted"))
    until(lambda: len(studio.tickets(app)) == 61, "the mail is taken in")
    assert stop(daemon) == 0
    (line,) = [line for line in log_of(studio).splitlines() if "training failed" in line]
    assert "no learning today" in line


def run_learn(studio: Studio, *words: str) -> str:
    """What `mailbot learn` says."""
    ended = studio.run("learn", *words)
    assert (ended.returncode, ended.stderr) == (0, "")
    return ended.stdout


def test_learn_tells_why_it_says_nothing_yet(any_studio: Studio, app: App) -> None:
    nothing = "says nothing yet, it needs labels of at least two kinds"
    none = "0 confirmed, 0 refused; none joins by itself yet, 299 in a row are needed, there are 0"
    assert run_learn(any_studio).splitlines() == [
        f"causes: 0 tickets labelled; {nothing}",
        f"urgency: 0 tickets labelled; {nothing}",
        f"repeats: {none}",
    ]
    labelled(app, requests(20))
    labelled(app, [("thorns", "yes")], "urgent")
    assert run_learn(any_studio).splitlines()[:2] == [
        "causes: 20 tickets labelled; says nothing yet, it needs 30 at least",
        f"urgency: 1 ticket labelled; {nothing}",
    ]
    draw = random.Random("blind")
    labelled(app, [(words, draw.choice(["fault", "billing"])) for words, _ in requests(60)])
    assert (
        run_learn(any_studio).splitlines()[0]
        == "causes: 80 tickets labelled; says nothing yet, because not 95% of what it would say are sure to be right"
    )


def test_learn_tells_from_which_confidence_it_speaks(any_studio: Studio, app: App) -> None:
    labelled(app, requests(120))
    told = json.loads(run_learn(any_studio, "--json"))
    one = told["causes"]
    assert one["speaks_from"] >= 0.2
    assert one["answered"] > 0.9
    assert told["urgency"] == {"labels": 0, "causes": 0, "speaks_from": None, "answered": 0.0}
    assert run_learn(any_studio).splitlines()[0] == (
        f"causes: 120 tickets labelled; speaks from a confidence of {one['speaks_from']:.2f}, "
        f"which it would have had on {one['answered']:.0%} of them"
    )


# Repeats


def test_each_answer_to_a_suggestion_is_learned_at_once(any_studio: Studio, app: App) -> None:
    any_studio.take_in(app, mail(1), mail(2))
    with app.desk.database.writing() as transaction:
        transaction.execute(insert(tables.suggestion).values(ticket=2, of=1, score=0.9, because=[]))
        transaction.execute(update(tables.ticket).where(tables.ticket.c.number == 2).values(possible_repeat_of=1))
        refuse(transaction, 2, BOSS, app.desk.clock())
        once = learned_repeats(transaction)
        assert (once.confirmed, once.refused, once.joins_from) == (0, 1, None)
        assert once.believed(0.9) < 0.9
    assert any_studio.run("repeat", "2", "1").returncode == 0  # he has thought it over: the newest answer counts
    with app.desk.database.reading() as transaction:
        assert (learned_repeats(transaction).confirmed, learned_repeats(transaction).refused) == (1, 0)
    assert (taught_repeats(app.desk).in_a_row, taught_repeats(app.desk).needed) == (1, 299)


# Urgency


def test_an_operator_says_what_is_urgent_and_the_promise_moves(any_studio: Studio, app: App) -> None:
    one = ask(any_studio, app, "The bursar waits for roses.", "one")
    assert (one["urgent"], one["verdict_due_at"]) == (False, datetime(2026, 11, 19, 11, 0, tzinfo=UTC))
    any_studio.clock.forward(minutes=30)
    urgent(app, 1)
    one = any_studio.tickets(app)[0]
    assert (one["urgent"], one["verdict_due_at"]) == (True, datetime(2026, 11, 18, 13, 0, tzinfo=UTC))  # from the opening, not from now
    assert one["events"][-1]["what"] == "urgent"
    with app.desk.database.writing() as transaction:
        tickets.respond(transaction, 1, app.desk.clock(), BOSS)
    said = any_studio.run("urgent", "1", "--no").stdout
    assert said == "ticket 1: not urgent, first answer by 2026-11-18 13:00\n"  # that promise was kept, and stays
    assert any_studio.tickets(app)[0]["urgent"] is False
    assert any_studio.run("urgent", "9").returncode == 1


def test_what_is_urgent_is_learned(any_studio: Studio, app: App) -> None:
    labelled(app, [(words, "yes" if cause == "fault" else "no") for words, cause in requests(120)], "urgent")
    assert train(app.desk, "urgent").speaks_from is not None
    one = ask(any_studio, app, "Hello, our thorns have wilted", "one")
    assert (one["urgent"], one["verdict_due_at"]) == (True, datetime(2026, 11, 18, 13, 0, tzinfo=UTC))
    assert any(said.startswith("urgent: learned: words like ") for said in because(one))
    calm = ask(any_studio, app, "Hello, the ledger, a guinea", "two")
    assert (calm["urgent"], calm["cause"]) == (False, None)
    urgent(app, one["number"], yes=False)
    assert not ask(any_studio, app, "Hello, our thorns have wilted", "three", sender="Oak <oak@oak.example>")["urgent"]


# Large changes


PROJECTS = {
    "en": ("We would like to add an online shop to our site.", "This is a larger change and lies outside support."),
    "ru": ("Срочно! Хотим сделать на сайте интернет-магазин.", "Это большая работа, она не входит в поддержку."),
}


@pytest.mark.parametrize("language", PROJECTS)
@pytest.mark.parametrize("contract", ["none", "monthly"])
def test_a_large_change_is_a_project_and_the_answer_says_so(any_studio: Studio, app: App, language: str, contract: str) -> None:
    text, says = PROJECTS[language]
    with app.desk.database.writing() as transaction:
        record = ClientRecord(name="Rose Shop", domains=["rose.example"], contract=contract)
        clients.save(transaction, record, app.desk.clock())
    one = ask(any_studio, app, text, "one")
    assert one["coverage"] == "project"
    assert any(said.startswith("coverage project: ") and said.endswith("asks for a large change") for said in because(one))
    (answer,) = any_studio.outbox(app, "acknowledgement")
    body = any_studio.letter(app, answer).get_body(("plain",))
    assert body is not None
    assert says in " ".join(body.get_content().split())
    with app.desk.database.reading() as transaction:
        assert transaction.scalar(select(func.count()).select_from(tables.courtesy)) == 0


# Fixed causes


def test_a_cause_is_marked_as_fixed_and_back(any_studio: Studio, app: App) -> None:
    assert any_studio.run("fixed").stdout == "No cause is marked as fixed; `mailbot fixed CAUSE`.\n"
    assert any_studio.run("fixed", "Hosting", "--on", "2026-11-12").stdout == "cause hosting: fixed on 2026-11-12\n"
    today = datetime.now(UTC).date()
    assert any_studio.run("fixed", "fault").stdout == f"cause fault: fixed on {today}\n"
    who = json.loads(any_studio.run("fixed", "--json").stdout)[0]["who"]
    assert json.loads(any_studio.run("fixed", "hosting", "--on", "2026-11-13", "--json").stdout) == [
        {"cause": "fault", "day": str(today), "who": who},
        {"cause": "hosting", "day": "2026-11-13", "who": who},
    ]
    assert any_studio.run("fixed", "fault", "--no").stdout == "cause fault: no longer marked as fixed\n"
    assert [line.split()[:2] for line in any_studio.run("fixed").stdout.splitlines()[1:]] == [["hosting", "2026-11-13"]]


REFUSED = {
    "an unknown cause": (("magic",), 1, "is not in [causes] tree"),
    "a day in the future": (("fault", "--on", "2999-01-01"), 1, "is in the future"),
    "what is not marked": (("fault", "--no"), 1, "is not marked as fixed"),
    "no cause": (("--no",), 2, "which cause?"),
}


@pytest.mark.parametrize(("words", "status", "says"), REFUSED.values(), ids=REFUSED)
def test_fixed_refuses(studio: Studio, words: tuple[str, ...], status: int, says: str) -> None:
    ended: subprocess.CompletedProcess[str] = studio.run("fixed", *words)
    assert (ended.returncode, ended.stdout) == (status, "")
    assert says in ended.stderr


def test_the_summary_compares_a_fixed_cause_before_and_since(any_studio: Studio, app: App) -> None:
    moments = ["11-02T10:00", "11-08T10:00", "11-09T10:00", "11-15T23:00", "11-16T00:30", "11-22T23:00", "11-23T10:00"]
    labelled(app, [("thorns", "hosting")] * 8)
    with app.desk.database.writing() as transaction:
        for number, moment in enumerate(moments, 1):
            row = update(tables.ticket).where(tables.ticket.c.number == number)
            transaction.execute(row.values(cause="hosting", opened_at=datetime.fromisoformat(f"2026-{moment}:00+00:00")))
        learned.set_fixed(transaction, "hosting", date(2026, 11, 16), BOSS, app.desk.clock())
        learned.set_fixed(transaction, "fault", date(2026, 11, 23), BOSS, app.desk.clock())  # no day has passed in that week
    any_studio.clock.now = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
    with app.desk.database.reading() as transaction:
        summary = summary_of(transaction, app.desk, Week(2026, 47))
    assert summary.fixed == [FixedLine("hosting", date(2026, 11, 16), days=7, before=2, since=2)]
    text = any_studio.run("summary", "--week", "2026-W47").stdout
    assert "FIXED CAUSES\n• hosting, fixed on 16 November 2026: 2 in the 7 days before, 2 in the 7 days since\n" in text
