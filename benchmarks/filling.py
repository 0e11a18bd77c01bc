"""A desk's database with very many tickets, written past intake: the stage of `benchmarks.scale`.

A client weighs the same at each size: about eight messages in the window of repeats, and one client has hundreds or thousands there.
What grows with the size are the years, and the number of clients.
"""

import random
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from email.message import EmailMessage
from email.policy import SMTP
from hashlib import sha256
from itertools import islice
from typing import Any

from sqlalchemy import text

from mailbot.core.desk.parties import party_of
from mailbot.core.desk.repeats.comparing import asked
from mailbot.core.desk.repeats.terms import sketch
from mailbot.core.desk.words import words_digest
from mailbot.edge.db.database import Database
from mailbot.edge.parse import parse

CLIENTS, IN_WINDOW, BIGGEST = 2000, 8, 5000
WINDOW = timedelta(days=30)
TEXTS = 3000  # distinct ones; a client rarely has one twice in the window, the biggest does
LENGTH = 600  # characters
GREETINGS = {
    "en": ("Hello,", "Good day everybody,", "Dear colleagues,", "Hi there,"),
    "ru": ("Здравствуйте!", "Добрый день, коллеги!", "Уважаемые коллеги!", "Привет!"),
}
REMINDERS = {
    "en": "I remind you of our request, nobody has answered us yet.",
    "ru": "Напоминаю о нашей просьбе, нам до сих пор никто не ответил.",
}
_CLOSINGS = {"en": "Best regards,\nAnna", "ru": "С уважением,\nАнна"}
# Things, what they do, where, and what is asked.
_LISTS = {
    "en": [
        (
            "the page of contacts|the form of orders|our catalogue|the price list|the banner|the menu|the footer|"
            "the gallery|the basket|the news section|the photo of the office|the delivery table|the map|the button|"
            "the search|the archive|the letter of welcome|the certificate|the domain|the mailing|the slider|the headline|"
            "the filter|the discount|the invoice|the login|the picture|the review|the vacancy|the counter|the sitemap|"
            "the logo|the phone number|the opening hours|the warranty text|the video"
        ).split("|"),
        (
            "shows|hides|replaces|breaks|loses|repeats|covers|moves|mixes up|cuts off|forgets|doubles|delays|overlaps|misspells|needs|opens"
        ).split("|"),
        (
            "on a phone|since Monday|after the update|for guests|in the evening|for wholesale buyers|in Safari|"
            "on the first screen|for new customers|in the second column|when it is long|below the fold|in the English part|"
            "after payment|without a reason"
        ).split("|"),
        (
            "Please check it|Could you look at it|We would like it to be fixed|Tell us what it takes|Let us know|"
            "Our manager asks about it|It is in the way of our sales|The director noticed it|Buyers complain about it|"
            "We have tried another computer"
        ).split("|"),
    ],
    "ru": [
        (
            "страница контактов|форма заказа|наш каталог|прайс-лист|баннер|меню|подвал сайта|галерея|корзина|"
            "раздел новостей|фото офиса|таблица доставки|карта|кнопка|поиск|архив|письмо для новых клиентов|сертификат|"
            "домен|рассылка|слайдер|заголовок|фильтр|скидка|счёт|вход в кабинет|картинка|отзыв|вакансия|счётчик|"
            "логотип|номер телефона|график работы|текст гарантии|видео"
        ).split("|"),
        (
            "показывает|скрывает|заменяет|ломает|теряет|повторяет|закрывает|сдвигает|путает|обрезает|удваивает|"
            "задерживает|требует|перекрывает|открывает|не находит|пропускает"
        ).split("|"),
        (
            "на телефоне|с понедельника|после обновления|для гостей|вечером|для оптовиков|в Сафари|на первом экране|"
            "для новых покупателей|во второй колонке|в английской части|после оплаты|без причины|при прокрутке|"
            "в мобильной версии"
        ).split("|"),
        (
            "Проверьте, пожалуйста|Посмотрите, что там|Хотим это исправить|Скажите, сколько это займёт|Дайте знать|"
            "Наш менеджер спрашивает об этом|Это мешает продажам|Директор заметил|Покупатели жалуются|"
            "Мы пробовали другой компьютер"
        ).split("|"),
    ],
}
_SOUNDS = {
    "en": ("b c d f g l m n p r s t st tr".split(), "a e i o u ea".split(), "n r l t s ing ed er al".split()),
    "ru": ("б в г д к л м н п р с т ст тр".split(), "а е и о у я".split(), "н р л т ть ов ой ка ия ный".split()),
}
Row = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Wording:
    """A request as somebody writes it; `body` is without greeting."""

    language: str
    subject: str
    body: str

    def text(self, greeting: int = 0, reminds: bool = False) -> str:
        """The whole of it, under one of the greetings, and perhaps as a reminder."""
        return "\n\n".join((GREETINGS[self.language][greeting], *([REMINDERS[self.language]] if reminds else []), self.body))


def _vocabulary(language: str) -> list[str]:
    """Words that no list here has, as a client's own trade has them, the usual ones first."""
    chance, (consonants, vowels, endings) = random.Random(language), _SOUNDS[language]
    syllables = [one + other for one in consonants for other in vowels]
    return ["".join(chance.choices(syllables, k=chance.choice((2, 2, 3)))) + chance.choice(endings) for _ in range(4000)]


def wordings(seed: str) -> Iterator[Wording]:
    """Requests without end, every second one Russian; the same seed gives the same ones."""
    chance = random.Random(seed)
    vocabularies = {language: _vocabulary(language) for language in _LISTS}
    while True:
        for language, (things, does, places, asks) in _LISTS.items():
            own = vocabularies[language]
            sentences: list[str] = []
            while sum(map(len, sentences)) < LENGTH:
                rare = " ".join(own[int(len(own) ** chance.random()) - 1] for _ in range(8))  # as Zipf has it
                one = f"{chance.choice(things)} {chance.choice(does)} {rare} {chance.choice(places)}"
                sentences.append(f"{one[0].upper()}{one[1:]}.")
            sentences += (f"{chance.choice('ABCDEF')}{chance.randrange(100, 9999)}.", f"{chance.choice(asks)}.")  # an article's number
            subject = f"{chance.choice(things)} {' '.join(chance.choices(own, k=2))}"
            yield Wording(language, f"{subject[0].upper()}{subject[1:]}", f"{' '.join(sentences)}\n\n{_CLOSINGS[language]}")


def stored(tickets: int) -> list[Wording]:
    """Those that so many tickets are made of; see `_tickets` for whose is which."""
    return list(islice(wordings("stored"), min(TEXTS, tickets)))


def letter(number: str, sender: str, subject: str, body: str) -> bytes:
    """A message as it arrives."""
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = sender, "support@helpdesk.example", subject
    message["Message-ID"] = f"<{number}@client.example>"
    message.set_content(body)
    return message.as_bytes(policy=SMTP)


@dataclass(frozen=True, slots=True)
class Filled:
    """A filled database: so many tickets, messages and journal rows, from `first` on in the window; client 1 is the biggest."""

    tickets: int
    clients: int
    biggest: int
    first: int


def fill(database: Database, tickets: int, now: datetime) -> Filled:
    """Write clients with contacts and their tickets into an empty database."""
    chance = random.Random("tickets")
    biggest = min(BIGGEST, tickets // 2)
    clients = 1 + max(1, min(CLIENTS - 1, (tickets - biggest) // IN_WINDOW))
    span = WINDOW * max(1.0, (tickets - biggest) / (clients - 1) / IN_WINDOW)
    weights = [min(chance.paretovariate(1.5), 20.0) for _ in range(clients - 1)]  # most have few, some have ten times as many
    owners = [1] * biggest + chance.choices(range(2, clients + 1), weights, k=tickets - biggest)
    when = sorted((now - chance.random() * (WINDOW - timedelta(hours=1) if one == 1 else span), one) for one in owners)
    first = 1 + sum(at < now - WINDOW for at, _ in when)
    known = [_prepared(one) for one in stored(tickets)]
    _insert(database, "client", "id name language client_class contract added_at", _clients(clients, now))
    _insert(database, "contact", "addr client_id", ((_contact(one, which), one) for one in range(1, clients + 1) for which in range(3)))
    for start in range(0, tickets, 50_000):
        rows = list(_tickets(when[start : start + 50_000], start, known, now, chance))
        for table, columns in _COLUMNS.items():
            _insert(database, table, columns, [one[table] for one in rows])
    with database.writing() as transaction:
        if not database.is_sqlite:  # nobody analyses an SQLite file, and PostgreSQL does it by itself
            for table, key in (("client", "id"), ("ticket", "number"), ("journal", "id"), ("message", "id")):
                transaction.execute(text(f"SELECT setval(pg_get_serial_sequence('{table}', '{key}'), max({key})) FROM {table}"))  # noqa: S608
            transaction.execute(text("ANALYZE"))
    return Filled(tickets, clients, biggest, first)


_COLUMNS = {
    "ticket": "number status client_id requester requester_name answer_to language subject coverage urgent repeats opened_at closed_at",
    "journal": "id mailbox uidvalidity uid sha256 size received_at journalled_at imported message_id identity outcome ticket because"
    " decided_at attempts",
    "message": "id ticket journal_id direction kind message_id from_addr from_name at text because party words sketch",
    "participant": "ticket addr",
}


def _prepared(one: Wording) -> tuple[Wording, str, str | None, bytes]:
    mail = parse(letter("0", _contact(1, 0), one.subject, one.text()))
    return one, mail.text, words_digest(mail), sketch(mail.subject, asked(mail.text))


def _contact(client: int, which: int) -> str:
    return f"contact{which}@client{client}.example"


def _clients(count: int, now: datetime) -> Iterator[Row]:
    return ((number, f"Client {number}", "en", "standard", "none", _stored(now)) for number in range(1, count + 1))


def _tickets(
    when: Sequence[tuple[datetime, int]],
    start: int,
    known: Sequence[tuple[Wording, str, str | None, bytes]],
    now: datetime,
    chance: random.Random,
) -> Iterator[dict[str, Row]]:
    """For each ticket its row of each table. In the window two in five are open, of the older ones few."""
    for number, (moment, client) in enumerate(when, start + 1):
        at = _stored(moment)
        is_open = chance.random() < (0.4 if moment >= now - WINDOW else 0.02)
        sender = _contact(client, number % 3)
        one, words, digest, sketched = known[(client * 613 + number) % len(known)]
        identity = sha256(str(number).encode()).hexdigest()
        closed = None if is_open else _stored(min(moment + timedelta(days=3), now))
        name, status, mid = "Anna", "open" if is_open else "closed", f"<{number}@old.example>"
        yield {
            "ticket": (number, status, client, sender, name, sender, one.language, one.subject, "none", False, 0, at, closed),
            "journal": (number, "old", 0, str(number), identity, 2000, at, at, False, mid, identity, "ticket", number, "[]", at, 0),
            "message": (
                number,
                number,
                number,
                "in",
                "request",
                mid,
                sender,
                name,
                at,
                words,
                "[]",
                party_of(client, ""),
                digest,
                sketched,
            ),
            "participant": (number, sender),
        }


def _stored(at: datetime) -> int:
    return int(at.timestamp() * 1_000_000)


def _insert(database: Database, table: str, columns: str, rows: Iterable[Row]) -> None:
    """As the drivers do it fastest."""
    names = ", ".join(f'"{one}"' for one in columns.split())
    with database.writing() as transaction:
        cursor: Any = transaction.connection.cursor()
        if database.is_sqlite:
            cursor.executemany(f"INSERT INTO {table} ({names}) VALUES ({', '.join('?' * len(columns.split()))})", rows)  # noqa: S608
            return
        with cursor.copy(f"COPY {table} ({names}) FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)


def undo(database: Database, filled: Filled) -> None:
    """Take away what messages have added since, so that every run begins alike."""
    # Tickets that were woken stay open, and that of a warming run as well as of the others.
    with database.writing() as transaction:
        for table in ("consent", "offer", "suggestion", "event", "outbox", "courtesy"):
            transaction.execute(text(f"DELETE FROM {table}"))  # noqa: S608
        for table, key in (("participant", "ticket"), ("message", "id"), ("ticket", "number"), ("journal", "id")):
            transaction.execute(text(f"DELETE FROM {table} WHERE {key} > :last"), {"last": filled.tickets})  # noqa: S608


def told(filled: Filled) -> dict[str, int]:
    """For another process."""
    return asdict(filled)
