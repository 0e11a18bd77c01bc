"""Acts of completed work (R8): numbered without gaps, sent once, and never changed afterwards."""

import json
import re
import sys
import threading
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update

from mailbot import acts
from mailbot.acts import Wanted
from mailbot.app import App
from mailbot.core.money.act import Act, Corrected, Month
from mailbot.edge import pdf
from mailbot.edge.db import clients, tables, tickets
from mailbot.edge.db.clients import ClientRecord
from mailbot.errors import ConfigError, PermanentError
from mailbot.operate import enter_time
from tests.conftest import Clock, Studio, make_studio
from tests.duties.mails import mail
from tests.pages import A4, cut_off, inked, needs, pdf_words

OCTOBER = Month(2026, 10)
NOVEMBER_2 = datetime(2026, 11, 2, 9, 30, tzinfo=UTC)
ROSE = ClientRecord(
    name="Роза",
    domains=["rose.example"],
    contacts=["zoe@rose.example", "buh@buh.example"],
    language="ru",
    contract="monthly",
    fee=Decimal(15000),
    included_minutes=60,
    legal={
        "name": "ИП Иванова Анна Сергеевна",
        "address": "630007, г. Новосибирск, Красный проспект, д. 1",
        "tax_id": "540612345678",
        "bank": "р/с 40802810000000000003, БИК 045004774",
        "signatory": "А. Иванова",
    },
)
BALTIC = ClientRecord(name="Baltic Furniture", contacts=["kate@baltic.example"], language="en", contract="hourly", rate=Decimal(2400))


def opened(studio: Studio, day: datetime = NOVEMBER_2) -> App:
    """A desk in Moscow with two clients and a request of each."""
    studio.clock.now = datetime(2026, 10, 5, 9, 0, tzinfo=UTC)
    studio.configure(
        desk={"timezone": "Europe/Moscow", "language": "ru"},
        money={"currency": "RUB", "hourly_rate": "2000", "step": "500"},
        studio={
            "name": "ООО «Тайга»",
            "address": "630099, г. Новосибирск, ул. Ленина, д. 12",
            "tax_id": "5406123456",
            "registration": "КПП 540601001",
            "bank": "р/с 40702810000000000001, БИК 045004003",
            "signatory": "О. Петрова, директор",
            "vat": "НДС не облагается",
        },
        offers={"remind_after_days": 5},
    )
    app = studio.open()
    with app.desk.database.writing() as transaction:
        for record in (ROSE, BALTIC):
            clients.save(transaction, record, studio.clock())
    studio.take_in(
        app,
        mail(1, Subject="Зимнее расписание", text="Поставьте, пожалуйста, зимнее расписание на страницу доставки."),
        mail(2, Subject="Форма заказа", text="Форма заказа на странице контактов ничего не отправляет."),
        mail(3, sender="Kate <kate@baltic.example>", Subject="The filter", text="Please add a filter by colour to the catalogue."),
    )
    studio.clock.now = day
    return app


def cover(app: App, number: int, coverage: str) -> None:
    with app.desk.database.writing() as transaction:
        transaction.execute(update(tables.ticket).where(tables.ticket.c.number == number).values(coverage=coverage))


def work(app: App, number: int, minutes: int, day: int = 6, month: int = 10) -> None:
    with app.desk.database.writing() as transaction:
        tickets.add_work(transaction, number, minutes, date(2026, month, day), "olga", app.desk.clock())


def send(app: App, client: str = "Роза", month: Month = OCTOBER, corrects: bool = False, to: str | None = None) -> Act:
    return acts.send(app.desk, Wanted(client, month, corrects), to, "olga")[0]


def kept(app: App, table: Any = tables.act) -> list[dict[str, Any]]:
    with app.desk.database.reading() as transaction:
        return [dict(row) for row in transaction.execute(select(table).order_by(table.c.id)).mappings()]


def letters(studio: Studio, app: App) -> list[EmailMessage]:
    return [studio.letter(app, row) for row in studio.outbox(app, "act")]


def attached(letter: EmailMessage) -> tuple[str | None, str, bytes]:
    (part,) = letter.iter_attachments()
    return part.get_filename(), part.get_content_type(), part.get_payload(decode=True)  # type: ignore[return-value]


@pytest.fixture
def app(any_studio: Studio) -> App:
    """A desk with 50 minutes of monthly and 25 of warranty work for one client, and 90 hourly ones for the other."""
    app = opened(any_studio)
    cover(app, 2, "warranty")
    work(app, 1, 50)
    work(app, 1, 20, day=8)
    work(app, 2, 25)
    work(app, 3, 90)
    return app


@pytest.fixture
def without_weasyprint(monkeypatch: pytest.MonkeyPatch) -> None:
    """As where the extra is not installed: its import fails."""
    monkeypatch.setitem(sys.modules, "weasyprint", None)
    assert pdf.printer() is None


class TestAnActThatIsSent:
    def test_it_lists_fee_and_tickets_and_what_was_free(self, app: App) -> None:
        act = send(app)
        assert (act.number, act.day, act.period, act.fee, act.total) == (1, date(2026, 11, 2), "2026-10", 15000, 16000)
        assert [
            (line.ticket, line.coverage, line.billed, line.included, line.amount, line.first.day, line.last.day) for line in act.lines
        ] == [
            (1, "monthly", 90, 60, 1000, 6, 8),
            (2, "warranty", 30, 0, 0, 6, 6),
        ]
        assert act.total_in_words == "Шестнадцать тысяч рублей 00 копеек"

    def test_the_letter_brings_the_pdf_and_asks_for_an_answer(self, any_studio: Studio, app: App) -> None:
        send(app)
        (letter,) = letters(any_studio, app)
        assert (letter["To"], letter["Auto-Submitted"]) == ("anna@rose.example", "auto-generated")
        assert " ".join(letter["Subject"].split()) == "Акт № 1 за октябрь 2026 г. — Web Studio"
        name, kind, octets = attached(letter)
        assert (name, kind, octets[:5]) == ("act-2026-1.pdf", "application/pdf", b"%PDF-")
        assert octets == kept(app)[0]["pdf"]
        for subtype in ("plain", "html"):
            body = letter.get_body((subtype,))
            assert body is not None
            words = " ".join(re.sub("<[^>]*>", " ", body.get_content()).split())
            for said in ("Акт" if subtype == "html" else "акт", "на сумму 16 000 ₽", "«Согласны»", "в течение 5 дней", "бесплатно: 25 мин"):
                assert said in words

    def test_without_weasyprint_the_html_is_sent(self, any_studio: Studio, app: App, without_weasyprint: None) -> None:
        send(app)
        (letter,) = letters(any_studio, app)
        name, kind, octets = attached(letter)
        assert (name, kind) == ("act-2026-1.html", "text/html")
        assert "Акт № 1 от 2 ноября 2026" in octets.decode()
        assert kept(app)[0]["pdf"] is None

    def test_an_offer_waits_for_the_answer(self, any_studio: Studio, app: App) -> None:
        send(app)
        (offer,), (act,), (letter,) = kept(app, tables.offer), kept(app), letters(any_studio, app)
        assert (offer["kind"], offer["act"], offer["client_id"], offer["ticket"]) == ("act", act["id"], act["client_id"], None)
        assert (offer["state"], offer["to_addr"], offer["language"]) == ("open", "anna@rose.example", "ru")
        assert offer["remind_at"] == NOVEMBER_2 + timedelta(days=5)
        assert offer["detail"] == {"number": 1, "day": "2026-11-02", "period": "2026-10", "total": "16000.00", "currency": "RUB"}
        assert letter["Message-ID"] == f"<{offer['message_id']}>"
        key = app.desk.policy.signer.read_address(letter["Reply-To"])
        assert key is not None
        assert (key.role, key.number) == ("f", offer["id"])

    def test_nothing_changes_it_afterwards(self, any_studio: Studio, app: App) -> None:
        send(app)
        before = acts.look(app.desk, Wanted("Роза", OCTOBER))
        work(app, 1, 300)
        cover(app, 2, "hourly")
        any_studio.configure(studio={"name": "ООО «Другая»"}, money={"hourly_rate": "9000", "currency": "EUR"})
        again = any_studio.open()
        with again.desk.database.writing() as transaction:
            clients.save(
                transaction, ClientRecord("Роза", language="en", legal={"name": "Moved", "address": "Elsewhere"}), any_studio.clock()
            )
        after = acts.look(again.desk, Wanted("роза", OCTOBER))
        assert after == before
        assert acts.text_of(again.desk, after.act) == acts.text_of(app.desk, before.act)
        assert "16 000,00 ₽" in acts.text_of(again.desk, after.act).replace("\N{NO-BREAK SPACE}", " ")

    def test_the_same_act_gives_the_same_documents(self, app: App) -> None:
        assert acts.look(app.desk, Wanted("Роза", OCTOBER)) == acts.look(app.desk, Wanted("Роза", OCTOBER))


@pytest.mark.parametrize(("words", "state"), [("Согласны", "agreed"), ("Не согласны: в октябре этой работы не было.", "objected")])
def test_the_client_s_answer_is_kept(any_studio: Studio, app: App, words: str, state: str) -> None:
    send(app)
    (letter,) = letters(any_studio, app)
    reply = mail("r", text=words, To=letter["Reply-To"], Subject=f"Re: {letter['Subject']}", In_Reply_To=letter["Message-ID"])
    any_studio.take_in(app, reply)
    (offer,) = kept(app, tables.offer)
    (consent,) = kept(app, tables.consent)
    assert (offer["state"], offer["remind_at"]) == (state, None)
    assert (consent["offer"], consent["verdict"], consent["who"]) == (offer["id"], state, "anna@rose.example")


class TestADraft:
    def test_it_has_no_number_and_leaves_no_trace(self, any_studio: Studio, app: App) -> None:
        papers = acts.look(app.desk, Wanted("Роза", OCTOBER))
        assert papers.act.number == 0
        assert [file.name for file in papers.files] == ["act-draft-2026-10-Роза.pdf", "act-draft-2026-10-Роза.html"]
        assert "Черновик" in papers.html
        assert kept(app) == kept(app, tables.offer) == any_studio.outbox(app, "act") == []

    def test_it_is_dated_by_the_desk_s_own_clock(self, any_studio: Studio) -> None:
        app = opened(any_studio, datetime(2026, 12, 31, 21, 30, tzinfo=UTC))  # in Moscow the year has changed
        act = send(app, month=Month(2026, 12))
        assert (act.day, act.name) == (date(2027, 1, 1), "act-2027-1")


class TestNumbers:
    def test_they_follow_each_other_within_the_year(self, any_studio: Studio, app: App) -> None:
        assert [send(app).number, send(app, "Baltic Furniture").number] == [1, 2]
        any_studio.clock.now = datetime(2027, 1, 11, 9, 0, tzinfo=UTC)
        assert send(app, month=Month(2026, 11)).number == 1
        assert [(row["year"], row["number"]) for row in kept(app)] == [(2026, 1), (2026, 2), (2027, 1)]

    def test_an_act_that_fails_takes_none(self, any_studio: Studio, app: App) -> None:
        (any_studio.folder / "own" / "ru").mkdir(parents=True)
        (any_studio.folder / "own" / "ru" / "act-letter.txt").write_text("{{ nothing.of.the.kind }}")
        any_studio.configure(desk={"templates": "own"})
        with pytest.raises(ConfigError, match="act-letter"):
            send(any_studio.open())
        assert kept(app) == kept(app, tables.offer) == any_studio.outbox(app, "act") == []
        assert send(app, "Baltic Furniture").number == 1

    def test_makers_at_the_same_moment_wait_for_each_other(self, any_studio: Studio, app: App, without_weasyprint: None) -> None:
        names = [f"Client {number}" for number in range(6)]
        with app.desk.database.writing() as transaction:
            for name in names:
                record = ClientRecord(name, contacts=[f"{name[-1]}@client.example"], contract="monthly", fee=Decimal(100))
                clients.save(transaction, record, any_studio.clock())
        apps, begin, failures = [any_studio.open() for _ in range(3)], threading.Barrier(3), []

        def make(maker: App, share: list[str]) -> None:
            begin.wait()
            for name in share:
                try:
                    send(maker, name)
                except Exception as error:  # noqa: BLE001 -- told by the assertion
                    failures.append(error)

        # The last two make one and the same client's: one of them is told that it is billed already.
        shares = [[names[0], names[1]], [names[2], names[3], names[5]], [names[4], names[5]]]
        threads = [threading.Thread(target=make, args=pair) for pair in zip(apps, shares, strict=True)]
        for one in threads:
            one.start()
        for one in threads:
            one.join()
        assert sorted(row["number"] for row in kept(app)) == [1, 2, 3, 4, 5, 6]
        assert [str(one).partition(" by act")[0] for one in failures] == ["Client 5, 2026-10: billed already"]
        assert len(any_studio.outbox(app, "act")) == 6


class TestACorrection:
    def test_it_is_a_new_act_that_names_the_old_one(self, any_studio: Studio, app: App) -> None:
        send(app)
        send(app, "Baltic Furniture")
        work(app, 1, 60)
        any_studio.clock.forward(days=1)
        act = send(app, corrects=True)
        assert (act.number, act.corrects) == (3, Corrected(1, date(2026, 11, 2)))
        first, _, third = kept(app)
        assert (first["client_id"], first["period"], first["edition"], third["edition"]) == (third["client_id"], third["period"], 1, 2)
        (*_, letter) = letters(any_studio, app)
        assert "вместо акта № 1" in letter["Subject"]
        assert "Исправляет акт № 1 от 2 ноября 2026" in acts.look(app.desk, Wanted("Роза", OCTOBER)).html

    def test_nobody_is_asked_about_the_old_one_any_more(self, any_studio: Studio, app: App) -> None:
        send(app)
        work(app, 1, 60)
        send(app, corrects=True)
        old, new = kept(app, tables.offer)
        assert (old["state"], old["remind_at"], old["settled_at"]) == ("withdrawn", None, any_studio.clock())
        assert (new["state"], new["settled_at"]) == ("open", None)

    def test_what_was_answered_stays_answered(self, app: App) -> None:
        send(app)
        with app.desk.database.writing() as transaction:
            transaction.execute(update(tables.offer).values(state="agreed", settled_at=NOVEMBER_2, remind_at=None))
        work(app, 1, 60)
        send(app, corrects=True)
        assert [offer["state"] for offer in kept(app, tables.offer)] == ["agreed", "open"]

    def test_it_can_be_corrected_again(self, app: App) -> None:
        send(app)
        for minutes in (60, -30):
            work(app, 1, minutes)
            act = send(app, corrects=True)
        assert act.corrects == Corrected(2, date(2026, 11, 2))
        assert [row["edition"] for row in kept(app)] == [1, 2, 3]


class TestWhatIsRefused:
    @pytest.mark.parametrize(
        ("client", "month", "corrects", "said"),
        [
            pytest.param("Никто", OCTOBER, False, "no client 'Никто'", id="an unknown client"),
            pytest.param("Роза", Month(2026, 12), False, "2026-12 is in the future", id="a period in the future"),
            pytest.param("Роза", Month(9999, 12), False, "9999-12 is in the future", id="the last month there is"),
            pytest.param("Роза", Month(2026, 11), False, "2026-11 has not ended", id="a period that has not ended"),
            pytest.param("Роза", OCTOBER, True, "there is nothing to correct", id="a correction of nothing"),
            pytest.param("Baltic Furniture", Month(2026, 9), False, "no work and no monthly fee", id="a month without anything"),
        ],
    )
    def test_it_is_one_line_and_nothing_changes(self, app: App, client: str, month: Month, corrects: bool, said: str) -> None:
        for attempt in (lambda: send(app, client, month, corrects), lambda: acts.look(app.desk, Wanted(client, month, corrects))):
            with pytest.raises(PermanentError, match=said) as error:
                attempt()
            assert "\n" not in str(error.value)
        assert kept(app) == kept(app, tables.offer) == []

    @pytest.mark.parametrize(
        ("corrects", "said"),
        [(False, "billed already by act 1 of 2026-11-02"), (True, "nothing has changed since act 1")],
        ids=["again", "corrected"],
    )
    def test_a_month_that_is_billed_already(self, any_studio: Studio, app: App, corrects: bool, said: str) -> None:
        send(app)
        before = [kept(app), kept(app, tables.offer), any_studio.outbox(app)]
        with pytest.raises(PermanentError, match=said):
            send(app, corrects=corrects)
        assert [kept(app), kept(app, tables.offer), any_studio.outbox(app)] == before

    def test_a_client_whom_nobody_can_write_to(self, app: App) -> None:
        with app.desk.database.writing() as transaction:
            clients.save(transaction, ClientRecord("Silent", contract="monthly", fee=Decimal(1)), app.desk.clock())
        with pytest.raises(PermanentError, match="no contact to send it to"):
            send(app, "Silent")
        assert send(app, "Silent", to="boss@silent.example").number == 1

    def test_the_desk_itself(self, app: App) -> None:
        with pytest.raises(PermanentError, match="an address of the desk itself"):
            send(app, to="support@studio.example")


class TestWhomItGoesTo:
    @pytest.mark.parametrize(
        ("writers", "to"),
        [
            pytest.param([], "buh@buh.example", id="of those who never wrote the first of the alphabet"),
            pytest.param(["zoe@rose.example", "anna@rose.example"], "anna@rose.example", id="whoever wrote last, a colleague too"),
            pytest.param(["zoe@rose.example", "noreply@rose.example"], "zoe@rose.example", id="no machine of theirs"),
            pytest.param(["BUH@buh.example", "Zoe@Rose.example"], "zoe@rose.example", id="whatever the case"),
        ],
    )
    def test_the_contact(self, any_studio: Studio, writers: list[str], to: str) -> None:
        any_studio.clock.now = datetime(2026, 10, 5, 9, 0, tzinfo=UTC)
        app = any_studio.open()
        with app.desk.database.writing() as transaction:
            clients.save(transaction, ROSE, any_studio.clock())
        for number, sender in enumerate(writers):
            moment = any_studio.clock.forward(hours=1)
            date_field = moment.strftime("%a, %d %b %Y %H:%M:%S +0000")
            any_studio.take_in(app, mail(f"w{number}", sender=sender, text=f"Please look at page {number * 7}.", Date=date_field))
        any_studio.clock.now = NOVEMBER_2
        assert acts.send(app.desk, Wanted("Роза", OCTOBER), None, "olga")[1] == to


LONG = "Оченьдлинноесловобезединогопробела" * 4


@pytest.fixture(scope="module")
def papers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, acts.Papers]]:
    """Acts of three pages: a Russian one and an English one, with every kind of line and a subject that is one long word."""

    studio = make_studio(tmp_path_factory.mktemp("papers"), "sqlite:///mailbot.db", Clock())
    app = opened(studio)
    sent = {}
    for record, sender in ((ROSE, "zoe@rose.example"), (BALTIC, "kate@baltic.example")):
        subjects = [f"Заявка о странице {number} каталога" if record is ROSE else f"Page {number} of the catalogue" for number in range(24)]
        subjects[5], subjects[6] = LONG, "<script>alert(1)</script> & <b>bold</b>"
        studio.take_in(app, *(mail(f"{sender}-{n}", sender=sender, Subject=one, text=f"{one} {n * 31}") for n, one in enumerate(subjects)))
    with app.desk.database.reading() as transaction:
        numbers = list(transaction.scalars(select(tables.ticket.c.number)))
    for number in numbers:
        cover(app, number, ("monthly", "warranty", "courtesy", "none")[number % 4])
        work(app, number, 20 + number % 50, day=1 + number % 28)
    for name in (ROSE.name, BALTIC.name):
        send(app, name)
        sent[name] = acts.look(app.desk, Wanted(name, OCTOBER))
    yield sent
    studio.close()


@pytest.mark.parametrize("name", [ROSE.name, BALTIC.name], ids=["russian", "english"])
class TestThePages:
    @pytest.mark.parametrize("width", [380, 800])
    def test_nothing_of_the_html_is_cut(self, papers: dict[str, acts.Papers], name: str, width: int, tmp_path: Path) -> None:
        assert cut_off(papers[name].html, width, tmp_path) == []

    def test_the_pdf_says_what_the_act_says(self, papers: dict[str, acts.Papers], name: str, tmp_path: Path) -> None:
        act, octets = papers[name].act, papers[name].pdf
        assert octets is not None
        text = " ".join(word.text for word in pdf_words(octets, tmp_path)[1])
        wanted = [
            act.total_in_words,
            act.parties.customer.name,
            "ООО «Тайга»",
            "О. Петрова, директор",
            "<script>alert(1)</script> & <b>bold</b>",
        ]
        wanted += ["р/с 40702810000000000001, БИК 045004003", "НДС не облагается"]
        if name == ROSE.name:
            wanted += [
                "Акт № 1 от 2 ноября 2026",
                "Исполнитель".upper(),
                "Заказчик".upper(),
                "ИНН 540612345678",
                "по гарантии, бесплатно",
                "лист 1 из 3",
            ]
        else:
            wanted += ["Act No. 2 of 2 November 2026", "CONTRACTOR", "under warranty, free of charge", "page 1 of 3"]
        for said in wanted:
            assert said in text

    def test_every_line_of_the_pdf_has_its_number(self, papers: dict[str, acts.Papers], name: str, tmp_path: Path) -> None:
        words = pdf_words(papers[name].pdf or b"", tmp_path)[1]
        count = len(papers[name].act.lines) + bool(papers[name].act.fee)
        assert [word.text for word in words if word.right < 80 and word.text.isdigit()] == [str(number) for number in range(1, count + 1)]

    def test_no_signature_stands_on_a_page_without_the_total(self, papers: dict[str, acts.Papers], name: str, tmp_path: Path) -> None:
        words = pdf_words(papers[name].pdf or b"", tmp_path)[1]
        signed = [word.page for word in words if word.text == "Петрова,"]
        assert signed == [word.page for word in words if word.text == "НДС"] == [3]

    def test_every_page_of_the_pdf_is_a4_with_its_margins_kept(self, papers: dict[str, acts.Papers], name: str, tmp_path: Path) -> None:
        octets = papers[name].pdf
        assert octets is not None
        sizes, words = pdf_words(octets, tmp_path)
        assert len(sizes) == 3
        assert {(round(width), round(height)) for width, height in sizes} == {A4}
        assert [word for word in words if word.left < 50 or word.right > A4[0] - 40 or word.top < 40 or word.bottom > A4[1] - 20] == []
        for left, top, right, bottom in inked(octets, tmp_path):
            assert left >= 50
            assert right <= A4[0] - 40
            assert top >= 40
            assert bottom <= A4[1] - 20


def test_a_russian_act_holds_no_english(papers: dict[str, acts.Papers]) -> None:
    shown = re.sub(r"<head>.*</head>|<[^>]*>", " ", papers[ROSE.name].html, flags=re.DOTALL).replace(
        "&lt;script&gt;alert(1)&lt;/script&gt;", ""
    )
    assert re.findall(r"(?<![&\w])[A-Za-z]{2,}", shown.replace("&lt;b&gt;bold&lt;/b&gt;", "").replace("&amp;", "")) == []


def test_nothing_is_fetched_for_a_pdf(tmp_path: Path) -> None:
    needs("pdftotext")
    (tmp_path / "secret.txt").write_text("a secret of this machine")
    printer = pdf.printer()
    assert printer is not None
    octets = printer(
        f'<p>Hello</p><img src="{(tmp_path / "secret.txt").as_uri()}"><a rel="attachment" href="{(tmp_path / "secret.txt").as_uri()}">a</a>'
    )
    assert b"a secret" not in octets
    assert b"/EmbeddedFile" not in octets


# The command

CONFIGURATION = {
    "desk": {"timezone": "UTC", "language": "en"},
    "money": {"currency": "EUR", "hourly_rate": "60"},
}


class TestTheCommand:
    @pytest.fixture
    def desk(self, studio: Studio) -> tuple[Studio, str]:
        """A desk with an act to make of the month that ended last, and that month."""
        studio.configure(**CONFIGURATION)
        app = studio.open()
        first = studio.clock().date().replace(day=1)
        before = first - timedelta(days=1)
        with app.desk.database.writing() as transaction:
            clients.save(transaction, BALTIC, studio.clock())
        studio.take_in(app, mail(1, sender="kate@baltic.example", Subject="The filter"))
        with app.desk.database.writing() as transaction:
            tickets.add_work(transaction, 1, 50, before, "olga", studio.clock())
        return studio, f"{before:%Y-%m}"

    def test_it_shows_writes_and_sends(self, desk: tuple[Studio, str]) -> None:
        studio, period = desk
        words = ("act", "baltic furniture", "--period", period)
        shown = studio.run(*words)
        assert (shown.returncode, shown.stderr) == (0, "")
        for said in (
            "Act (a draft",
            "• The filter: 1 hr, €2,400.00",
            "(Two thousand, four hundred euros and 00 cents)",
            "Not known: the studio's address",
        ):
            assert said in shown.stdout
        written = studio.run(*words, "--out", "drafts")
        names = [f"act-draft-{period}-Baltic-Furniture.{ending}" for ending in ("html", "pdf")]
        assert written.stdout.splitlines() == [f"wrote drafts/{names[1]}", f"wrote drafts/{names[0]}"]
        assert sorted(one.name for one in (studio.folder / "drafts").iterdir()) == names
        sent = studio.run(*words, "--send")
        assert re.fullmatch(rf"act 1 of [0-9-]+: Baltic Furniture, {period}, 2400.00 EUR; queued for kate@baltic.example\n", sent.stdout)
        again = studio.run(*words, "--send")
        assert (again.returncode, again.stdout, again.stderr.count("\n")) == (1, "", 1)
        assert "billed already by act 1" in again.stderr
        found = json.loads(studio.run(*words, "--json").stdout)
        assert (found["number"], found["client"], found["period"], found["total"], found["currency"]) == (
            1,
            "Baltic Furniture",
            period,
            "2400.00",
            "EUR",
        )
        assert (found["lines"][0]["ticket"], found["lines"][0]["billed"], found["corrects"]) == (1, 60, None)

    @pytest.mark.parametrize(
        ("words", "said"),
        [
            (("--period", "2026-1"), "write it like 2026-10"),
            (("--period", "2020-10", "--send", "--to", "me"), "must be an address"),
            (("--period", "2020-10", "--to", "me@rose.example"), "--to is for --send"),
            (("--period", "2020-10", "--send", "--out", "x"), "exclude each other"),
            ((), "--period"),
        ],
        ids=["a period that is none", "an address that is none", "--to without --send", "--send with --out", "no period"],
    )
    def test_what_makes_no_sense_is_one_line(self, studio: Studio, words: tuple[str, ...], said: str) -> None:
        ran = studio.run("act", "Rose Shop", *words)
        assert (ran.returncode, ran.stdout, ran.stderr.count("\n")) == (2, "", 1)
        assert said in ran.stderr


# What goes wrong on the way, and afterwards


def report_on(letter: EmailMessage, status: str = "5.1.1") -> bytes:
    """A report of failed delivery (RFC 3464) on a letter of ours."""
    return (
        "From: MAILER-DAEMON@mx.rose.example\r\nTo: support@studio.example\r\nSubject: Undelivered\r\nReturn-Path: <>\r\n"
        "Message-ID: <dsn@mx.rose.example>\r\nMIME-Version: 1.0\r\n"
        'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\r\n\r\n'
        "--b\r\nContent-Type: text/plain\r\n\r\nNo such user.\r\n"
        "--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.rose.example\r\n\r\n"
        f"Final-Recipient: rfc822; {letter['To'].addresses[0].addr_spec}\r\nAction: failed\r\nStatus: {status}\r\n\r\n"
        f"--b\r\nContent-Type: text/rfc822-headers\r\n\r\nMessage-ID: {letter['Message-ID']}\r\n\r\n--b--\r\n"
    ).encode()


def test_an_act_that_did_not_arrive_is_told_to_the_operators_and_can_be_sent_again(any_studio: Studio, app: App) -> None:
    made = send(app)
    (letter,) = letters(any_studio, app)
    journal = any_studio.take_in(app, report_on(letter))
    assert (journal[-1]["outcome"], journal[-1]["ticket"]) == ("bounce", None)
    (notice,) = any_studio.outbox(app, "notice")
    assert notice["subject"] == "Не доставлено: акт № 1 (2026 г.)"
    with pytest.raises(PermanentError, match="does not deliver"):
        acts.send(app.desk, Wanted("Роза", OCTOBER, again=True), "anna@rose.example", "olga")
    again, addr = acts.send(app.desk, Wanted("Роза", OCTOBER, again=True), "zoe@rose.example", "olga")
    assert (again, addr) == (made, "zoe@rose.example")
    first, second = letters(any_studio, app)
    assert attached(first) == attached(second)
    assert [one["state"] for one in kept(app, tables.offer)] == ["withdrawn", "open"]
    assert len(kept(app)) == 1


@pytest.mark.parametrize("words", ["Не согласны, этой работы не было.", "За что второй час?"])
def test_whoever_asks_about_an_act_is_not_told_how_to_get_support(any_studio: Studio, app: App, words: str) -> None:
    with app.desk.database.writing() as transaction:
        clients.save(transaction, ClientRecord("Роза", ["rose.example"], language="ru"), app.desk.clock())
    send(app)
    (letter,) = letters(any_studio, app)
    any_studio.take_in(app, mail("r", text=words, To=letter["Reply-To"], Subject="Вопрос", In_Reply_To=letter["Message-ID"]))
    answer = any_studio.letter(app, any_studio.outbox(app, "acknowledgement")[-1]).get_body(("plain",))
    assert answer is not None
    assert "трёх видов" not in answer.get_content()
    assert "Не позднее" in answer.get_content()
    assert [one["kind"] for one in kept(app, tables.offer)].count("terms") == 0
    assert kept(app, tables.consent)[-1]["verdict"] in ("objected", "unclear")
    assert kept(app, tables.offer)[-1]["remind_at"] is None


def test_time_that_is_entered_into_a_billed_month_is_told(any_studio: Studio, app: App) -> None:
    made = send(app, "Baltic Furniture")
    with app.desk.database.writing() as transaction:
        entered = [
            enter_time(transaction, app.desk, 3, 15, "olga", any_studio.clock(), day).values["billed"]
            for day in (date(2026, 10, 20), date(2026, 11, 2))
        ]
    assert entered == [(made.number, 2026), None]


def test_a_wrong_act_can_be_corrected_to_nothing(app: App) -> None:
    send(app, "Baltic Furniture")
    work(app, 3, -90)
    corrected = send(app, "Baltic Furniture", corrects=True)
    assert (corrected.lines, corrected.total, corrected.corrects) == ((), 0, Corrected(1, date(2026, 11, 2)))


class TestAContractThatChanges:
    @pytest.mark.parametrize(
        "later",
        [
            ClientRecord("Роза", ["rose.example"]),
            ClientRecord("Роза", ["rose.example"], contract="hourly"),
            ClientRecord("Роза", ["rose.example"], contract="monthly", since=date(2026, 11, 1), fee=Decimal(20000), included_minutes=600),
        ],
        ids=["ended", "by the hour", "another fee"],
    )
    def test_the_act_of_a_month_goes_by_the_contract_that_held_in_it(self, app: App, later: ClientRecord) -> None:
        before = acts.look(app.desk, Wanted("Роза", OCTOBER), with_pdf=False).act
        with app.desk.database.writing() as transaction:
            clients.save(transaction, later, app.desk.clock())
        after = acts.look(app.desk, Wanted("Роза", OCTOBER), with_pdf=False).act
        assert (after.fee, after.included_minutes, after.total) == (before.fee, 60, before.total)

    def test_another_fee_of_the_same_contract_is_a_correction(self, app: App) -> None:
        with app.desk.database.writing() as transaction:
            clients.save(transaction, ClientRecord("Роза", ["rose.example"], contract="monthly", fee=Decimal(16000)), app.desk.clock())
        assert acts.look(app.desk, Wanted("Роза", OCTOBER), with_pdf=False).act.fee == 16000

    def test_until_a_new_contract_begins_the_old_one_covers(self, any_studio: Studio, app: App) -> None:
        later = ClientRecord("Роза", ["rose.example"], contract="hourly", since=date(2026, 12, 1))
        with app.desk.database.writing() as transaction:
            clients.save(transaction, later, app.desk.clock())
        any_studio.take_in(app, mail(9, text="Замените, пожалуйста, телефон в подвале сайта на новый."))
        assert any_studio.tickets(app)[-1]["coverage"] == "monthly"
