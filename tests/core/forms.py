"""How mail programs forward and quote a mail, as plain text, in Russian and English."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

DESK = "support@studio.example"
WEEKDAYS = {
    "ru": ("понедельник", "вторник", "среда", "четверг", "пятница", "суббота", "воскресенье"),
    "en": ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
}
SHORT = ("пн", "вт", "ср", "чт", "пт", "сб", "вс")


@dataclass(frozen=True)
class Old:
    """The mail that is forwarded or quoted; `when` is a local time of November 2026."""

    language: str
    name: str
    address: str
    when: datetime
    subject: str
    text: str


Form = Callable[[Old], str]


def quoted(text: str) -> str:
    """`text` with '>' before each line."""
    return "\n".join(f"> {line}".rstrip() for line in text.split("\n"))


def _weekday(old: Old) -> str:
    return WEEKDAYS[old.language][old.when.weekday()]


def _clock(old: Old) -> str:
    """The time of day: 24 hours in Russian, AM/PM in English."""
    if old.language == "ru":
        return f"{old.when:%H:%M}"
    return f"{old.when.hour % 12 or 12}:{old.when:%M} {'PM' if old.when.hour >= 12 else 'AM'}"


def _outlook_header(old: Old) -> str:
    day = old.when.day
    if old.language == "ru":
        return (
            f"От: {old.name} <{old.address}>\nОтправлено: {_weekday(old)}, {day} ноября 2026 г. {_clock(old)}\n"
            f"Кому: {DESK}\nТема: {old.subject}\n"
        )
    return (
        f"From: {old.name} <{old.address}>\nSent: {_weekday(old)}, November {day}, 2026 {_clock(old)}\n"
        f"To: {DESK} <{DESK}>\nSubject: {old.subject}\n"
    )


def outlook_forward(old: Old) -> str:
    """Outlook of today: a line of underscores and four fields."""
    return f"{'_' * 32}\n{_outlook_header(old)}\n{old.text}"


def old_outlook_forward(old: Old) -> str:
    """Outlook up to 2010: a line of words and the sender as [mailto:]."""
    line = "-----Исходное сообщение-----" if old.language == "ru" else "-----Original Message-----"
    return f"{line}\n{_outlook_header(old).replace(f'<{old.address}>', f'[mailto:{old.address}]', 1)}\n{old.text}"


def gmail_forward(old: Old) -> str:
    """Gmail, whose Russian form translates the first field alone."""
    if old.language == "ru":
        first, date = "От", f"{SHORT[old.when.weekday()]}, {old.when.day} нояб. 2026 г. в {_clock(old)}"
    else:
        first, date = "From", f"{_weekday(old)[:3]}, Nov {old.when.day}, 2026 at {_clock(old)}"
    return (
        f"---------- Forwarded message ---------\n{first}: {old.name} <{old.address}>\nDate: {date}\n"
        f"Subject: {old.subject}\nTo: <{DESK}>\n\n\n{old.text}"
    )


def yandex_forward(old: Old) -> str:
    """Yandex Mail: a line above and a line below."""
    begin, end = (
        ("Пересылаемое сообщение", "Конец пересылаемого сообщения")
        if old.language == "ru"
        else ("Forwarded message", "End of forwarded message")
    )
    return f'-------- {begin} --------\n{old.when:%d.%m.%Y, %H:%M}, "{old.name}" <{old.address}>:\n\n{old.text}\n\n-------- {end} --------'


def mailru_forward(old: Old) -> str:
    """Mail.ru."""
    begin, sender, to, date, subject = (
        ("Пересылаемое сообщение", "От кого", "Кому", "Дата", "Тема")
        if old.language == "ru"
        else ("Forwarded message", "From", "To", "Date", "Subject")
    )
    month = "ноября" if old.language == "ru" else "November"
    when = f"{_weekday(old).capitalize()}, {old.when.day} {month} 2026, {old.when:%H:%M} +03:00"
    return (
        f"-------- {begin} --------\n{sender}: {old.name} <{old.address}>\n{to}: {DESK}\n"
        f"{date}: {when}\n{subject}: {old.subject}\n\n{old.text}"
    )


def gmail_quote(old: Old) -> str:
    """Gmail, which wraps the English line where it is long."""
    if old.language == "ru":
        line = f"{SHORT[old.when.weekday()]}, {old.when.day} нояб. 2026 г. в {_clock(old)}, {old.name} <{old.address}>:"
    else:
        line = f"On {_weekday(old)[:3]}, Nov {old.when.day}, 2026 at {_clock(old)} {old.name} <{old.address}>\nwrote:"
    return f"{line}\n\n{quoted(old.text)}"


def yandex_quote(old: Old) -> str:
    """Yandex Mail."""
    return f'{old.when:%d.%m.%Y, %H:%M}, "{old.name}" <{old.address}>:\n{quoted(old.text)}'


def thunderbird_quote(old: Old) -> str:
    """Thunderbird."""
    if old.language == "ru":
        return f"{old.when:%d.%m.%Y %H:%M}, {old.name} пишет:\n{quoted(old.text)}"
    return f"On {old.when:%m/%d/%y %H:%M}, {old.name} wrote:\n{quoted(old.text)}"


def mailru_quote(old: Old) -> str:
    """Mail.ru."""
    if old.language == "ru":
        line = f"{_weekday(old).capitalize()}, {old.when.day} ноября 2026, {old.when:%H:%M} +03:00 от {old.name} <{old.address}>:"
    else:
        line = f"{_weekday(old)}, {old.when.day} November 2026, {old.when:%H:%M} +03:00 from {old.name} <{old.address}>:"
    return f"{line}\n\n{quoted(old.text)}"


FORWARDS: dict[str, tuple[Form, ...]] = {
    "forwarded by Outlook": (outlook_forward, old_outlook_forward),
    "forwarded by Gmail": (gmail_forward,),
    "forwarded by Yandex": (yandex_forward,),
    "forwarded by Mail.ru": (mailru_forward,),
}

# Outlook quotes as it forwards.
QUOTES: tuple[Form, ...] = (gmail_quote, outlook_forward, old_outlook_forward, yandex_quote, thunderbird_quote, mailru_quote)
