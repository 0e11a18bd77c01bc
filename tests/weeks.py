"""Weeks to look at: one with everything in it, with long and hostile words, and a client's own."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from mailbot.core.money.statement import Entry
from mailbot.core.report.own import OwnRows, OwnTicket
from mailbot.core.report.rows import Account, Activity, CauseRow, FixedRow, OfferRow, OpenRow, Rows, TicketRow, WeekRow
from mailbot.core.report.week import Week

W47 = Week(2026, 47)  # 16–22 November
ENDED = datetime(2026, 11, 23, 6, 0, tzinfo=UTC)  # Monday, nine o'clock in Moscow
HOSTILE = "<script>alert(1)</script>"
_WORDS = {
    "en": {
        "clients": ("Rose Shop", f"{HOSTILE} Clinic", "North-Western Furniture Manufacturing Company Limited"),
        "causes": ("fault", "content", "hosting", "access"),
        "subjects": (
            "No mail about an order after payment by card",
            f"{HOSTILE} does not work",
            "Newaddressofthewarehouseofgoodsofalldepartments" * 2,
        ),
    },
    "ru": {
        "clients": ("Роза, доставка цветов", f"Клиника {HOSTILE}", "Мебельная фабрика «Северо-Западная производственная компания»"),
        "causes": ("ошибка", "содержание", "хостинг", "доступ"),
        "subjects": (
            "Не приходит письмо о заказе после оплаты картой",
            f"{HOSTILE} не работает",
            "Новыйадресскладаготовойпродукциинашейкомпании" * 2,
        ),
    },
}


def _at(day: int, hour: int = 10) -> datetime:
    return datetime(2026, 11, day, hour, 0, tzinfo=UTC)


def rich_week(language: str) -> Rows:
    """A week in which everything happened."""
    words = _WORDS[language]
    clients, causes, subjects = words["clients"], words["causes"], words["subjects"]
    contracts = (("monthly", Decimal(15000), 300, 425), ("none", None, None, 90), ("hourly", None, None, 240))
    accounts = {}
    for number, (kind, fee, included, minutes) in enumerate(contracts, 1):
        worked = [*((month, 17, 600) for month in (8, 9, 10)), (11, 18, minutes)]
        entries = [Entry(number, "", kind, date(2026, month, day), one) for month, day, one in worked]
        accounts[number] = Account(clients[number - 1], "standard", kind, fee, included, None, date(2026, 1, 1), entries)
    opened, repeats, closed = (
        [12, 9, 14, 22, 18, 0, 7, 13, 25, 19, 17, 23],
        [1, 0, 2, 3, 2, 0, 0, 1, 4, 2, 3, 4],
        [10, 9, 12, 20, 21, 3, 7, 11, 20, 22, 18, 8],
    )
    return Rows(
        outcomes={"ticket": 23, "follow-up": 11, "repeat": 4, "operator": 17, "machine": 6, "bounce": 2, "duplicate": 1, "quarantined": 1},
        tickets=[TicketRow(_at(17), _at(17, 11), _at(17, 12), None), TicketRow(_at(18), _at(18, 16), _at(18, 11), None)],
        weeks=[WeekRow(*row) for row in zip(opened, repeats, closed, strict=True)],
        days=(4, 9, 3, 5, 2, 0, 0),
        backlog=18,
        activity=[Activity(1, 9, 3, 425), Activity(2, 3, 0, 90, 30), Activity(3, 5, 1, 240), Activity(None, 6, 0, 25, 25)],
        accounts=accounts,
        causes=[
            CauseRow(causes[0], [2, 3, 1, 4, 3, 0, 1, 2, 5, 3, 4, 6], [*([30] * 11), 95]),
            CauseRow(causes[1], [1, 0, 2, 3, 2, 0, 3, 2, 1, 2, 3, 2], [10] * 12),
            CauseRow(causes[2], [0, 0, 0, 9, 4, 0, 0, 0, 6, 4, 0, 3], [*([60] * 11), 70]),
        ],
        proposed=4,
        unnamed=2,
        fixed=[FixedRow(causes[3], date(2026, 11, 9), [_at(3), _at(4), _at(7), _at(12)])],
        oldest=[
            OpenRow(7 + number, subject, clients[number], "", ENDED - timedelta(days=30 - number))
            for number, subject in enumerate(subjects)
        ],
        offers=[
            OfferRow("estimate", clients[1], "", 12, None, None, _at(11), 1),
            OfferRow("act", clients[0], "", None, 3, "2026-10", _at(2), 2),
            OfferRow("proposal", clients[2], "", None, None, None, _at(13), 0),
            OfferRow("terms", None, "newcomer.with.a.very.long.address@some-company.example", 19, None, None, _at(20), 0),
        ],
        failed=[
            ("gone@rose.example", f"Re: {HOSTILE}", "550 5.1.1 <gone@rose.example>: User unknown"),
            ("shut@elm.example", "", "given up after 5 days: in doubt whether the server accepted it: 421"),
        ],
        quarantined=[(291, f"ValueError: {HOSTILE}")],
        left_out={"offer": 7, "ticket": 12, "outbox": 1, "journal": 2},
    )


def own_rows(language: str) -> OwnRows:
    """A client's week."""
    subjects = _WORDS[language]["subjects"]
    return OwnRows(
        name=_WORDS[language]["clients"][0],
        contract="monthly",
        included_minutes=300,
        rate=None,
        tickets=[
            OwnTicket(12, subjects[0], "open", _at(11), None),
            OwnTicket(17, subjects[1], "new", _at(17), None),
            OwnTicket(18, "", "waiting", _at(18), None),
            OwnTicket(9, subjects[2], "closed", _at(9), _at(18)),
        ],
        entries=[Entry(12, "", "monthly", date(2026, 11, 18), 100)],
    )
