"""`mailbot demo`: a week at the desk, without server and configuration."""

import json
import os
import re
import shlex
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path
from typing import Any, NamedTuple

import pytest

ROOT = Path(__file__).parent.parent
SAMPLES = ROOT / "config" / "demo" / "mail"


def mailbot(*words: str, folder: Path) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("MAILBOT")} | {"LC_ALL": "C.UTF-8"}
    return subprocess.run(
        [sys.executable, "-m", "mailbot", *words], capture_output=True, text=True, timeout=120, check=False, cwd=folder, env=environment
    )


class Demo(NamedTuple):
    folder: Path
    said: subprocess.CompletedProcess[str]

    def ask(self, *words: str) -> Any:
        """What a command of mailbot says about this desk, as JSON."""
        answer = mailbot("--config", str(self.folder / "mailbot.toml"), *words, "--json", folder=self.folder.parent)
        assert answer.returncode == 0, answer.stderr
        return json.loads(answer.stdout)

    def page(self, name: str) -> str:
        return (self.folder / "html" / name).read_text("utf-8")


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Demo:
    """One demonstration, in the default folder of an empty place."""
    place = tmp_path_factory.mktemp("place")
    return Demo(place / "demo", mailbot("demo", folder=place))


@pytest.fixture(scope="module")
def journal(demo: Demo) -> dict[str, dict[str, Any]]:
    """What became of each sample, by the sample's name: they arrive in the order of the days and times in their names."""
    days = ("mon", "tue", "wed", "thu", "fri")
    names = sorted((one.stem for one in SAMPLES.glob("*.eml")), key=lambda name: (days.index(name[:3]), name))
    return dict(zip(names, (one for one in demo.ask("journal") if one["mailbox"] != "import"), strict=True))


@pytest.fixture(scope="module")
def outbox(demo: Demo) -> list[dict[str, Any]]:
    return list(demo.ask("outbox"))


def test_it_ends_well_and_complains_of_nothing(demo: Demo) -> None:
    assert (demo.said.returncode, demo.said.stderr) == (0, "")


@pytest.mark.parametrize(
    ("sample", "outcome", "ticket", "why"),
    [
        pytest.param("mon-1024-monthly", "ticket", 1, "has a monthly contract", id="a monthly client's request is covered by the contract"),
        pytest.param(
            "mon-1051-reply-to-all", "follow-up", 1, "a reference to a message of ticket 1", id="a colleague's reply to all joins"
        ),
        pytest.param(
            "mon-1130-warranty", "ticket", 2, "warranty: “Опечатка” within 30 days", id="a typo after hand-over is under warranty"
        ),
        pytest.param("mon-1205-hourly-wish", "ticket", 3, "has an hourly contract", id="an hourly client's wish is paid by the hour"),
        pytest.param("mon-1238-operator-reply", "operator", 1, "is an operator", id="an operator's reply goes on to the requester"),
        pytest.param("mon-1239-out-of-office", "machine", 1, "Auto-Submitted", id="an out-of-office note is kept on its ticket"),
        pytest.param("mon-1745-repeat", "repeat", 2, "the same words as in ticket 2", id="the same words again are a repeat"),
        pytest.param("tue-0830-newsletter", "machine", None, "List-Id", id="a newsletter is kept and answered by nobody"),
        pytest.param("tue-1118-courtesy", "ticket", 4, "coverage courtesy", id="the first urgent request without contract is free"),
        pytest.param("tue-1532-unknown-sender", "ticket", 5, "the sender is no known client", id="an unknown sender gets a ticket"),
        pytest.param(
            "tue-1533-bounce", "bounce", 5, "failed: daniel@harbour-books.example", id="a bounce is filed on the ticket of our mail"
        ),
        pytest.param("wed-1048-windows-1251", "ticket", 6, "has a monthly contract", id="windows-1251 without a charset is read"),
        pytest.param("wed-1320-attachment", "ticket", 7, "has an hourly contract", id="a mail with an attachment is a ticket"),
        pytest.param("wed-1605-html-only", "ticket", 8, "has an hourly contract", id="an HTML-only mail is a ticket"),
        pytest.param("wed-2047-urgent-again", "ticket", 9, "coverage none", id="the second urgent request without contract is not free"),
        pytest.param(
            "thu-1215-answer", "follow-up", 1, "the signed reply address of ticket 1", id="the requester's answer joins by its address"
        ),
        pytest.param("wed-0915-agreed-estimate", "follow-up", 3, "agreed: estimate of ticket 3", id="an estimate is agreed to by reply"),
        pytest.param("thu-1105-agreed-terms", "follow-up", 9, "agreed: terms of ticket 9", id="the terms are agreed to by reply"),
        pytest.param("fri-1430-agreed-price", "follow-up", None, "agreed: proposal", id="a price is agreed to, and needs no ticket"),
        pytest.param("fri-1510-agreed-act", "follow-up", None, "agreed: act 1 of", id="an act is agreed to, and needs no ticket"),
        pytest.param("thu-1640-possible-repeat", "ticket", 10, "perhaps it repeats ticket 8", id="the same in other words may be a repeat"),
    ],
)
def test_what_becomes_of_a_sample(journal: dict[str, dict[str, Any]], sample: str, outcome: str, ticket: int | None, why: str) -> None:
    entry = journal[sample]
    assert (entry["outcome"], entry["ticket"]) == (outcome, ticket)
    assert why in "; ".join(entry["because"])


def test_the_table_tells_every_message_with_its_reason(demo: Demo, journal: dict[str, dict[str, Any]]) -> None:
    words = " ".join(demo.said.stdout.split())
    assert len(journal) == 23
    for said in ("new ticket 4, courtesy", "joins ticket 1", "repeat of ticket 2", "answer to ticket 7", "bounce, kept on ticket 5"):
        assert said in words
    assert "40 received = 27 new + 7 joined + 3 from operators + 2 machine + 1 bounced. Nothing is missing." in words
    assert "17 of them are old mail that was imported" in words


def test_subjects_of_every_charset_are_read(demo: Demo) -> None:
    tickets = {one["number"]: one for one in demo.ask("tickets")}
    assert tickets[6]["subject"] == "Новые реквизиты"
    assert "сменился банк" in demo.ask("show", "6")["messages"][0]["text"]
    assert "От: Школа «Полиглот» <office@polyglot.example>" in demo.page("8-forward.txt")


def test_the_attachment_is_listed_and_goes_on_to_the_operators(demo: Demo) -> None:
    (attachment,) = demo.ask("show", "7")["messages"][0]["attachments"]
    assert (attachment["filename"], attachment["size"]) == ("prices.csv", 79)
    assert "prices.csv" in demo.page("7-forward.txt")


def test_everything_that_was_queued_went_out(outbox: list[dict[str, Any]]) -> None:
    assert {one["state"] for one in outbox} == {"sent"}
    kinds = [one["kind"] for one in outbox]
    assert {kind: kinds.count(kind) for kind in set(kinds)} == {
        "acknowledgement": 10,
        "repeat": 1,
        "reply": 10,
        "forward": 16,
        "summary": 7,
        "confirmation": 1,
        "act": 1,
        "notice": 5,
        "reminder": 2,
    }


def test_machines_get_no_answer(outbox: list[dict[str, Any]]) -> None:
    written_to = {one["to"].lower() for one in outbox if one["kind"] in ("acknowledgement", "repeat")}
    assert not written_to & {"news@hosting-weekly.example", "mailer-daemon@harbour-books.example", "olga@taiga.example"}


def test_the_operators_words_reach_the_client_without_address_or_quotes(demo: Demo) -> None:
    reply = demo.page("1-reply.txt")
    assert "Расписание поменяем сегодня до 15:00" in reply
    for hidden in ("olga@taiga.example", "✂", "Новая заявка", "> "):
        assert hidden not in reply


@pytest.mark.parametrize(
    ("page", "words"),
    [
        pytest.param("1-acknowledgement.txt", ["входит в вашу ежемесячную поддержку", "осталось 5 ч из 5 ч"], id="monthly ru"),
        pytest.param("2-acknowledgement.txt", ["На сайт действует гарантия", "в течение 30 дней"], id="warranty ru"),
        pytest.param("3-acknowledgement.txt", ["paid by the hour: RUB 2,400 an hour", "we send you an estimate first"], id="hourly en"),
        pytest.param("4-acknowledgement.txt", ["займёмся им сразу и бесплатно", "2 000 ₽ за час"], id="courtesy ru"),
        pytest.param("5-acknowledgement.txt", ["There is no support contract between us yet", "RUB 2,000 an hour"], id="none en"),
        pytest.param(
            "9-acknowledgement.txt", ["Сейчас мы не работаем; откроемся в четверг", "это 6 000 ₽"], id="none ru, out of hours, with a price"
        ),
        pytest.param("2-repeat.txt", ["заявка № 2 «Опечатка на главной странице»", "ждёт первого ответа"], id="repeat ru"),
    ],
)
def test_an_answer_states_the_terms(demo: Demo, page: str, words: list[str]) -> None:
    text = demo.page(page).replace("\N{NO-BREAK SPACE}", " ")
    for one in words:
        assert one in text


def test_every_mail_lies_as_html_and_text_and_the_index_links_them_all(demo: Demo) -> None:
    class Links(HTMLParser):
        found: list[str]

        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            self.found += [value for name, value in attrs if tag == "a" and name == "href" and value]

    links = Links()
    links.found = []
    links.feed(demo.page("index.html"))
    there = {one.name for one in (demo.folder / "html").iterdir()} - {"index.html"}
    assert set(links.found) == there
    assert len(links.found) == len(set(links.found)) == 2 * (53 + 1)  # the summary in English is one more
    assert all((demo.folder / "html" / name).stat().st_size for name in there)


SHOWN = {
    "acknowledgement": "1-acknowledgement",
    "repeat": "2-repeat",
    "reply": "1-reply",
    "forward": "1-forward",
    "summary": "summary-*",
    "confirmation": "2-confirmation",
    "coverage": "9-reply-2",
    "estimate": "3-reply-2",
    "proposal": "reply-*",
    "answered": "notice-*-3",
    "promises": "reminder-*",
    "act-letter": "act-*",
    "client-summary": "summary-*-2",
}
ELSEWHERE = {"notice", "alarm", "reminder", "act", "returned"}  # nothing fails, everybody answers; the act itself is enclosed


def test_every_kind_of_letter_is_in_the_demonstration() -> None:
    templates = {one.stem for one in (ROOT / "templates" / "ru").glob("*.txt") if one.with_suffix(".html").exists()}
    assert templates == SHOWN.keys() | ELSEWHERE


@pytest.mark.parametrize("name", SHOWN)
def test_a_kind_of_letter_lies_where_it_is_expected(demo: Demo, name: str) -> None:
    title = {
        "coverage": "действуют эти",
        "estimate": "this is our estimate for ticket 3",
        "proposal": "предлагаем ежемесячный договор за",
        "answered": "получено согласие — цена поддержки",
        "promises": "Скоро истечёт срок",
        "act-letter": "act No. 1",
        "client-summary": "Вот ваши заявки за неделю",
    }
    pages = sorted((demo.folder / "html").glob(f"{SHOWN[name]}.txt"))
    assert pages
    assert title.get(name, "").lower() in pages[0].read_text("utf-8").lower()


def test_no_text_part_has_stray_blank_lines_or_unfilled_places(demo: Demo) -> None:
    for path in (demo.folder / "html").glob("*.txt"):
        text = path.read_text("utf-8")
        own = text.partition("✂")[0]
        assert "\n\n\n" not in own, path.name
        assert text.endswith("\n"), path.name
        assert not text.endswith("\n\n"), path.name
        assert not text.startswith("\n"), path.name
        for trace in ("{{", "{%", "None", "Undefined", "=?utf-8"):
            assert trace not in text, path.name


def test_the_summary_of_the_week_went_out_by_itself_and_is_there_in_both_languages(demo: Demo, outbox: list[dict[str, Any]]) -> None:
    summary, *clients = [one for one in outbox if one["kind"] == "summary"]
    assert summary["to"] == "olga@taiga.example"
    assert len({one["to"] for one in clients}) == 6
    week = re.search(r"(\d{4}-W\d\d)", demo.said.stdout)
    assert week is not None
    assert "10 новых заявок, 5 в работе" in summary["subject"]
    assert "получено 40 = 27 новых + 7 к прежним + 3 от операторов" in demo.page(f"summary-{week[1]}.txt")
    assert "40 received = 27 new + 7 joined + 3 from operators" in demo.page(f"summary-{week[1]}-en.txt")
    assert "Promises broken: 3" in demo.page(f"summary-{week[1]}-en.txt")


def test_the_commands_that_it_names_work(demo: Demo) -> None:
    named = re.findall(r"^  \S.* --config (\S+) (.+?) +#", demo.said.stdout, re.MULTILINE)
    assert [words for _, words in named] == [
        "tickets",
        "show 1",
        "journal",
        "outbox",
        "audit",
        "summary",
        "client show 'Кафе «Мята»'",
        "quote 'Кафе «Мята»'",
    ]
    for path, words in named:
        answer = mailbot("--config", path, *shlex.split(words), folder=demo.folder.parent)
        assert answer.returncode == 0, answer.stderr
        assert answer.stdout.strip()


def test_running_the_daemon_on_it_afterwards_adds_nothing(tmp_path: Path) -> None:
    demo = Demo(tmp_path / "demo", mailbot("demo", folder=tmp_path))
    before = demo.ask("journal"), demo.ask("outbox")
    ran = mailbot("--config", "demo/mailbot.toml", "run", "--once", folder=tmp_path)
    assert ran.returncode == 0, ran.stderr
    assert (demo.ask("journal"), demo.ask("outbox")) == before


class TestTheFolder:
    def test_an_earlier_demonstration_is_made_anew_and_other_files_in_it_stay(self, tmp_path: Path) -> None:
        assert mailbot("demo", "--dir", "d", folder=tmp_path).returncode == 0
        (tmp_path / "d" / "notes.txt").write_text("mine", "utf-8")
        (tmp_path / "d" / "inbox" / "new" / "stray").write_text("From: a@b.example\n\nhello\n", "utf-8")
        again = mailbot("demo", "--dir", "d", folder=tmp_path)
        assert (again.returncode, again.stderr) == (0, "")
        assert "40 received" in again.stdout
        assert (tmp_path / "d" / "notes.txt").read_text("utf-8") == "mine"

    def test_a_folder_with_something_else_is_left_alone(self, tmp_path: Path) -> None:
        (tmp_path / "d").mkdir()
        (tmp_path / "d" / "mailbot.toml").write_text("mine", "utf-8")
        refused = mailbot("demo", "--dir", "d", folder=tmp_path)
        assert (refused.returncode, refused.stdout) == (1, "")
        assert refused.stderr == "mailbot: d: holds something that is no demonstration; name another folder with --dir\n"
        assert [one.name for one in (tmp_path / "d").iterdir()] == ["mailbot.toml"]
        assert (tmp_path / "d" / "mailbot.toml").read_text("utf-8") == "mine"

    @pytest.mark.parametrize("place", ["file", "file/below"])
    def test_a_place_that_cannot_be_a_folder_is_one_line(self, tmp_path: Path, place: str) -> None:
        (tmp_path / "file").touch()
        refused = mailbot("demo", "--dir", place, folder=tmp_path)
        assert (refused.returncode, refused.stdout) == (1, "")
        assert re.fullmatch(rf"mailbot: {place}: \w.*\n", refused.stderr)


@pytest.mark.parametrize(
    ("now", "week"),
    [
        pytest.param("2026-11-23T05:59:00+00:00", "2026-W46", id="on Monday before nine the last week has no summary yet"),
        pytest.param("2026-11-23T06:00:00+00:00", "2026-W47", id="on Monday at nine it has one"),
        pytest.param("2026-11-22T21:30:00+00:00", "2026-W46", id="the week begins at the desk's midnight"),
        pytest.param("2027-01-01T12:00:00+00:00", "2026-W52", id="over the turn of a year"),
        pytest.param("2027-01-08T12:00:00+00:00", "2026-W53", id="in the week of the turn, a 53rd one"),
        pytest.param("2028-03-01T12:00:00+00:00", "2028-W08", id="after a leap day's week"),
    ],
)
def test_it_shows_the_last_week_whose_summary_is_due_and_the_same_on_every_day(tmp_path: Path, now: str, week: str) -> None:
    program = (
        "import sys\n"
        "from datetime import datetime\n"
        "from pathlib import Path\n"
        "from mailbot.cli.demo import show_desk\n"
        "show_desk(Path(sys.argv[1]), datetime.fromisoformat(sys.argv[2]))\n"
    )
    shown = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path / "d"), now], capture_output=True, text=True, timeout=120, check=False
    )
    assert (shown.returncode, shown.stderr) == (0, "")
    assert shown.stdout.startswith(f"A week at the desk of Taiga Web Studio: {week}, in ")
    assert "40 received = 27 new + 7 joined + 3 from operators + 2 machine + 1 bounced. Nothing is missing." in shown.stdout
    assert "new ticket 2, warranty" in shown.stdout
    assert "это 6 000 ₽" in (tmp_path / "d" / "html" / "9-acknowledgement.txt").read_text("utf-8").replace("\N{NO-BREAK SPACE}", " ")
