"""What people read: the whole text of the automatic answers, in Russian and English, and what templates and strangers' HTML may not do."""

import re
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from mailbot.core.desk.case import Decision
from mailbot.core.desk.causes.rules import Proposal
from mailbot.core.desk.coverage import Coverage
from mailbot.core.desk.facts import Suggestion, TicketFacts
from mailbot.core.desk.hours import parse_hours
from mailbot.core.desk.letters import Letter, answer, forwards
from mailbot.core.desk.policy import Limits, Money, Policy
from mailbot.core.mail.message import Address, Attachment, Mail
from mailbot.core.mail.threading import Signer
from mailbot.core.report.causes import FixedLine
from mailbot.core.report.rows import Rows
from mailbot.core.report.summary import summarise
from mailbot.core.report.week import Week
from mailbot.edge.render import Renderer, _Words, sanitized
from mailbot.errors import ConfigError
from mailbot.resources import folder

MOSCOW = ZoneInfo("Europe/Moscow")
MONDAY_NOON = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
SUNDAY_NOON = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
TUESDAY_EVENING = datetime(2026, 11, 24, 15, 30, tzinfo=UTC)
POLICY = Policy(
    name="Web Studio",
    address="support@studio.example",
    ours=frozenset({"support@studio.example"}),
    operators=("boss@studio.example",),
    language="en",
    timezone=MOSCOW,
    hours=parse_hours("Mon-Fri 10:00-19:00", MOSCOW),
    signer=Signer(b"0123456789abcdef", "support@studio.example", True),
    money=Money("RUB", Decimal(2000), Decimal(500), 15, 3, {"standard": Decimal("0.30")}),
    limits=Limits(5, 3, 200),
)
TICKET = TicketFacts(
    number=12,
    status="new",
    subject="Form <b>broken</b> & sad",
    requester="anna@rose.example",
    requester_name="Anna",
    answer_to="anna@rose.example",
    language="en",
    opened_at=datetime(2026, 11, 20, 13, 5, tzinfo=UTC),
    verdict_due_at=TUESDAY_EVENING,
    closed_at=None,
    sender_belongs=True,
)
MAIL = Mail(
    message_id="m1@rose.example", originator=Address("Anna <script>", "anna@rose.example"), subject=TICKET.subject, text="It fails."
)
COVERAGES = {
    "monthly, with minutes left": Coverage("monthly", "", fee=Decimal(15000), minutes_included=300, minutes_left=195, rate=Decimal(2000)),
    "monthly, used up": Coverage("monthly", "", fee=Decimal(15000), minutes_included=300, minutes_left=0, rate=Decimal(2000)),
    "monthly, all included": Coverage("monthly", "", rate=Decimal(2000)),
    "hourly": Coverage("hourly", "", rate=Decimal("2500.50")),
    "warranty": Coverage("warranty", "", warranty_until=date(2026, 12, 5)),
    "courtesy": Coverage("courtesy", "", rate=Decimal(2000)),
    "project": Coverage("project", ""),
    "none, with a price": Coverage("none", "", rate=Decimal(2000), price=Decimal(6500)),
    "none, unknown": Coverage("none", "", rate=Decimal(2000)),
}
BEGINNING = {
    "ru": "Здравствуйте! Мы получили ваше письмо и завели по нему заявку № 12 «Form <b>broken</b> & sad».",
    "en": "Hello, we have received your message “Form <b>broken</b> & sad” and opened ticket 12 for it.",
}
PROMISE = {
    "ru": "Не позднее вторника, 24 ноября, 18:30 вам ответит человек и скажет, что мы сделаем и когда.",
    "en": "By Tuesday, 24 November, 18:30 at the latest a person will tell you what we will do, when, and what to expect.",
}
ENDING = {
    "ru": "Чтобы что-то добавить, просто ответьте на это письмо: ответ попадёт в ту же заявку. "
    "Web Studio support@studio.example Это письмо отправлено автоматически.",
    "en": "To add something, just reply to this mail: your reply joins the same ticket. "
    "Web Studio support@studio.example This mail was sent automatically.",
}
OFFER = {
    "ru": "разовые работы — 2 000 ₽ за час, с округлением вверх до 15 мин; • большие изменения — по смете и отдельному договору.",
    "en": "one-off work: RUB 2,000 an hour, rounded up to the next 15 mins; • large changes: an estimate and a contract of their own.",
}
AGREE = {
    "ru": "Если условия вам подходят, ответьте на это письмо «Согласны» и, если хотите, назовите вид поддержки.",
    "en": "If the terms suit you, answer this mail with “We agree” and, if you like, name the kind of support.",
}
AGREE_LATER = {
    "ru": "Если условия вам подходят, ответьте на это письмо «Согласны» — тогда в следующий раз начнём без лишних вопросов.",
    "en": "If the terms suit you, answer this mail with “We agree”: next time we can start without asking.",
}
TERMS = {
    "monthly, with minutes left": {
        "ru": "Эта работа входит в вашу ежемесячную поддержку (15 000 ₽ в месяц). В этом месяце у вас осталось 3 ч 15 мин из 5 ч; "
        "время сверх них считается по 2 000 ₽ за час.",
        "en": "This work is included in your monthly support (RUB 15,000 a month). You have 3 hrs 15 mins of 5 hrs left this month; "
        "time beyond that costs RUB 2,000 an hour.",
    },
    "monthly, used up": {
        "ru": "Эта работа входит в вашу ежемесячную поддержку (15 000 ₽ в месяц). Включённое время этого месяца (5 ч) уже израсходовано, "
        "поэтому эта работа считается по 2 000 ₽ за час.",
        "en": "This work is included in your monthly support (RUB 15,000 a month). This month's included time (5 hrs) is used up, "
        "so this work costs RUB 2,000 an hour.",
    },
    "monthly, all included": {
        "ru": "Эта работа входит в вашу ежемесячную поддержку.",
        "en": "This work is included in your monthly support.",
    },
    "hourly": {
        "ru": "По вашему договору работа оплачивается по часам: 2 500,50 ₽ за час, с округлением вверх до 15 мин (это и есть минимум). "
        "Если работа займёт больше 2 ч, сначала пришлём смету и дождёмся вашего согласия.",
        "en": "Under your contract this work is paid by the hour: RUB 2,500.50 an hour, rounded up to the next 15 mins, which is also the "
        "minimum. If it looks like more than 2 hrs, we send you an estimate first and wait for your agreement.",
    },
    "warranty": {
        "ru": "На сайт действует гарантия: ошибки и опечатки мы исправляем бесплатно в течение 30 дней после сдачи — "
        "до 5 декабря 2026 г. включительно.",
        "en": "Your site is under warranty: for 30 days after hand-over, until 5 December 2026, "
        "we put faults and typos right free of charge.",
    },
    "courtesy": {
        "ru": "Вопрос срочный, поэтому мы займёмся им сразу и бесплатно. Так мы делаем для каждого клиента один раз; следующее обращение "
        f"будет платным на таких условиях: • ежемесячная поддержка — фиксированная сумма в месяц; • {OFFER['ru']} {AGREE_LATER['ru']}",
        "en": "This is urgent, so we deal with it at once and free of charge. We do that one time for every client; your next request will "
        f"be paid work on these terms: • monthly support: a fixed fee; • {OFFER['en']} {AGREE_LATER['en']}",
    },
    "project": {
        "ru": "Это большая работа, она не входит в поддержку. Мы подготовим смету и отдельный договор.",
        "en": "This is a larger change and lies outside support. An estimate and a contract of its own will follow.",
    },
    "none, with a price": {
        "ru": "Договора о поддержке у нас с вами пока нет. Мы посмотрим на вопрос и ответим, что и когда можно сделать; платная работа "
        "начнётся только с вашего согласия. Поддержка бывает трёх видов: • ежемесячная поддержка — фиксированная сумма в месяц; по вашим "
        f"обращениям за последние месяцы это 6 500 ₽; • {OFFER['ru']} {AGREE['ru']}",
        "en": "There is no support contract between us yet. We will look at your request and tell you what can be done and when; paid work "
        "starts only when you agree. There are three kinds of support: • monthly support: a fixed fee; going by your requests of the last "
        f"months it is RUB 6,500 a month; • {OFFER['en']} {AGREE['en']}",
    },
    "none, unknown": {
        "ru": "Договора о поддержке у нас с вами пока нет. Мы посмотрим на вопрос и ответим, что и когда можно сделать; платная работа "
        f"начнётся только с вашего согласия. Поддержка бывает трёх видов: • ежемесячная поддержка — фиксированная сумма "
        f"в месяц; • {OFFER['ru']} {AGREE['ru']}",
        "en": "There is no support contract between us yet. We will look at your request and tell you what can be done and when; paid work "
        f"starts only when you agree. There are three kinds of support: • monthly support: a fixed fee; • {OFFER['en']} {AGREE['en']}",
    },
}


def renderer(*own: Path, currency: str = "RUB") -> Renderer:
    """The renderer of the desk above, with folders of own templates before the shipped ones."""
    shared = {"desk": {"name": POLICY.name, "address": POLICY.address}}
    return Renderer([*own, folder("templates")], MOSCOW, currency, shared)


@pytest.fixture(scope="module")
def shipped() -> Renderer:
    return renderer()


def decided(language: str, **more: object) -> Decision:
    """A decision on the mail above."""
    usual: dict[str, object] = {
        "answer": "acknowledgement",
        "coverage": COVERAGES["monthly, all included"],
        "verdict_due_at": TUESDAY_EVENING,
        "answer_to": "anna@rose.example",
        "opens": True,
        "forward": True,
        "language": language,
    }
    return Decision("ticket", ("a new request",), **(usual | more))  # type: ignore[arg-type]


def written(renderer: Renderer, letter: Letter, language: str | None = None) -> tuple[str, str]:
    """(text, HTML) of a letter."""
    _, text, html = renderer.render(language or letter.language, letter.template, letter.context)
    return text, html


def flat(text: str) -> str:
    """The text with every run of white space as one space."""
    return " ".join(text.split())


def seen(html: str) -> str:
    """What a reader of an HTML part sees, without head, tags and white space."""
    body = re.sub(r"<head>.*</head>", "", html, flags=re.DOTALL)
    plain = (
        re.sub(r"<[^>]*>", " ", body)
        .replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&amp;", "&")
        .replace("&#39;", "'")
        .replace("&nbsp;", " ")
    )
    return re.sub(r" ([.,:;])", r"\1", flat(plain))


@pytest.mark.parametrize("language", ["ru", "en"])
@pytest.mark.parametrize("name", COVERAGES)
def test_the_acknowledgement_states_number_promise_and_terms(shipped: Renderer, name: str, language: str) -> None:
    letter = answer(decided(language, coverage=COVERAGES[name]), MAIL, TICKET, POLICY, MONDAY_NOON)
    text, html = written(shipped, letter)
    assert flat(text) == f"{BEGINNING[language]} {PROMISE[language]} {TERMS[name][language]} {ENDING[language]}"
    # The HTML part says the same: its bullets are list items, and the rest stands in it word for word.
    assert TERMS[name][language].replace("• ", "") in seen(html)
    assert PROMISE[language] in seen(html)


@pytest.mark.parametrize(
    ("language", "urgent", "opening"),
    [
        ("ru", "Она отмечена как срочная.", "Сейчас мы не работаем; откроемся в понедельник, 23 ноября, в 10:00."),
        ("en", "It is marked as urgent.", "We are closed at the moment and open again on Monday, 23 November, at 10:00."),
    ],
)
def test_out_of_hours_an_urgent_request_is_told_when_the_desk_opens(shipped: Renderer, language: str, urgent: str, opening: str) -> None:
    letter = answer(decided(language, urgent=True, coverage=COVERAGES["project"]), MAIL, TICKET, POLICY, SUNDAY_NOON)
    text, html = written(shipped, letter)
    expected = f"{BEGINNING[language]} {urgent} {opening} {PROMISE[language]} {TERMS['project'][language]} {ENDING[language]}"
    assert flat(text) == expected
    assert opening in seen(html)


def test_without_a_subject_and_a_promise_the_acknowledgement_is_whole(shipped: Renderer) -> None:
    letter = answer(decided("en", verdict_due_at=None), replace(MAIL, subject=""), replace(TICKET, subject=""), POLICY, MONDAY_NOON)
    assert flat(written(shipped, letter)[0]) == (
        f"Hello, we have received your message and opened ticket 12 for it. {TERMS['monthly, all included']['en']} {ENDING['en']}"
    )


REPEATS = {
    ("ru", "new"): "сейчас она ждёт первого ответа. Не позднее вторника, 24 ноября, 18:30 вам ответит человек.",
    ("ru", "open"): "сейчас она в работе.",
    ("ru", "waiting"): "сейчас она ждёт вашего ответа.",
    ("en", "new"): "it is waiting for its first answer. A person will answer by Tuesday, 24 November, 18:30 at the latest.",
    ("en", "open"): "it is being worked on.",
    ("en", "waiting"): "it is answered, and waiting for you.",
}


@pytest.mark.parametrize(("language", "status"), REPEATS, ids=" ".join)
def test_the_repeat_s_answer_states_number_day_and_state(shipped: Renderer, language: str, status: str) -> None:
    ticket = replace(TICKET, status=status)  # type: ignore[arg-type]
    letter = answer(decided(language, answer="repeat", coverage=None, verdict_due_at=None), MAIL, ticket, POLICY, MONDAY_NOON)
    text, html = written(shipped, letter)
    whole = {
        "ru": "Здравствуйте! Этот вопрос у нас уже есть: заявка № 12 «Form <b>broken</b> & sad». Мы получили её в пятницу, 20 ноября, в "
        f"16:05; {REPEATS[language, status]} Мы отметили, что вы напомнили о ней. Новой заявки не заводим: так ничего не потеряется и не "
        "посчитается дважды. Если вы писали о другом, ответьте на это письмо, и мы разделим заявки. Web Studio support@studio.example "
        "Это письмо отправлено автоматически.",
        "en": "Hello, we have this request already: it is ticket 12 “Form <b>broken</b> & sad”, received on Friday, 20 November, at 16:05; "
        f"{REPEATS[language, status]} We have noted that you asked again. There is no second ticket, so nothing gets lost or counted "
        "twice. If you meant something else, reply to this mail and we will separate the two. Web Studio support@studio.example "
        "This mail was sent automatically.",
    }
    assert flat(text) == whole[language]
    assert "12" in seen(html)
    assert "16:05" in seen(html)


# What the operators decide in one step

POSSIBLE = (
    Suggestion(9, "Price <b>list</b>", "closed", MONDAY_NOON, 0.834, 0.834, ("catalogue", "7"), ("8",)),
    Suggestion(8, "", "waiting", SUNDAY_NOON, 0.999, 0.999, ("w" * 50, *"abcdefghijklmn")),
    Suggestion(7, "Seven", "new", SUNDAY_NOON, 0.5, 0.5),
    Suggestion(6, "Six", "new", SUNDAY_NOON, 0.4, 0.4),
)
MANY = "w" * 37 + "..., a, b, c, d, e, f, g, h, i, j, k"
STEPS = {
    ("en", "suggestions"): (
        "Answer by: Tuesday, 24 November, 18:30 The client has had an automatic answer. This may be a repeat of: "
        "• ticket 9 “Price <b>list</b>”, on Monday, 23 November, at 12:00, closed; likely: 83 %; only in the new one: catalogue, 7; "
        "only in the old one: 8 "
        f"• ticket 8, on Sunday, 22 November, at 12:00, waiting for the client; likely: 99 %; only in the new one: {MANY} "
        "• ticket 7 “Seven”, on Sunday, 22 November, at 12:00, not answered yet; likely: 50 % "
        "The same? Reply with a line “/repeat 9” (or the other number): the two become one ticket, and the client is told. "
        "Something else? Reply with a line “/split”: the suggestion is gone, the client hears nothing. ———"
    ),
    ("ru", "suggestions"): (
        "Ответить не позднее вторника, 24 ноября, 18:30 Клиенту ушёл автоматический ответ. Возможно, это повтор: "
        "• заявка № 9 «Price <b>list</b>», в понедельник, 23 ноября, в 12:00, закрыта; вероятность: 83 %; только в новой: catalogue, 7; "
        "только в старой: 8 "
        f"• заявка № 8, в воскресенье, 22 ноября, в 12:00, ждёт клиента; вероятность: 99 %; только в новой: {MANY} "
        "• заявка № 7 «Seven», в воскресенье, 22 ноября, в 12:00, ещё без ответа; вероятность: 50 % "
        "Это она? Ответьте строкой «/repeat 9» (или с другим номером): две заявки станут одной, и клиент об этом узнает. "
        "Речь о другом? Ответьте строкой «/split»: пометка исчезнет, клиент ничего не узнает. ———"
    ),
    ("en", "repeat"): (
        "Answer by: Tuesday, 24 November, 18:30 There was no automatic answer. Why it counts as a repeat: the same words as in ticket 12 "
        "It is something else? Reply with a line “/split 345”: it becomes a ticket of its own, and the client is told. ———"
    ),
    ("ru", "repeat"): (
        "Ответить не позднее вторника, 24 ноября, 18:30 Автоматического ответа не было. Почему это повтор: the same words as in ticket 12 "
        "Речь о другом? Ответьте строкой «/split 345»: письмо станет отдельной заявкой, и клиент об этом узнает. ———"
    ),
}


@pytest.mark.parametrize(("language", "what"), STEPS, ids=[" ".join(one) for one in STEPS])
def test_the_forward_names_what_is_to_be_decided_and_the_one_step(shipped: Renderer, language: str, what: str) -> None:
    decision = decided(language, suggestions=POSSIBLE)
    if what == "repeat":
        because = ("the same words as in ticket 12", "no answer: it was told an hour ago")
        decision = replace(decided(language, opens=False, answer=None), outcome="repeat", because=because)
    (letter,) = forwards(decision, MAIL, TICKET, replace(POLICY, language=language), 345)
    text, html = written(shipped, letter)
    assert STEPS[language, what] in flat(text)
    assert STEPS[language, what].replace("• ", "").removesuffix(" ———") in seen(html)
    assert "<b>list" not in html


@pytest.mark.parametrize("language", ["ru", "en"])
def test_a_forward_without_anything_to_decide_names_no_command(shipped: Renderer, language: str) -> None:
    for decision in (decided(language), replace(decided(language, opens=False, answer=None), outcome="follow-up")):
        (letter,) = forwards(decision, MAIL, TICKET, replace(POLICY, language=language), 345)
        for body in written(shipped, letter):
            assert "/split" not in body
            assert "/repeat" not in body


CAUSE = {
    "ru": "Причина, возможно: hosting; её назовёт строка «/cause ПРИЧИНА» Ответить не позднее",
    "en": "Cause, perhaps: hosting; a line “/cause NAME” says it Answer by:",
}


@pytest.mark.parametrize("language", CAUSE)
def test_the_forward_names_the_proposed_cause_and_the_line_that_says_it(shipped: Renderer, language: str) -> None:
    decision = decided(language, cause=Proposal("hosting", "domain"))
    (letter,) = forwards(decision, MAIL, TICKET, replace(POLICY, language=language), 345)
    text, html = written(shipped, letter)
    assert CAUSE[language] in flat(text)
    assert CAUSE[language] in seen(html)


FIXED = {
    "ru": "hosting, устранено 16 ноября 2026 г.: 5 за 7 дней до этого, 1 за 7 дней после • fault, устранено 22 ноября 2026 г.: 0 за 1 день до этого, "
    "0 за 1 день после",
    "en": "hosting, fixed on 16 November 2026: 5 in the 7 days before, 1 in the 7 days since • fault, fixed on 22 November 2026: 0 in the 1 day before, "
    "0 in the 1 day since",
}


@pytest.mark.parametrize("language", FIXED)
def test_the_summary_compares_fixed_causes(shipped: Renderer, language: str) -> None:
    summary = summarise(Week(2026, 47), Rows(), MOSCOW, TUESDAY_EVENING, POLICY.money)
    fixed = [FixedLine("hosting", date(2026, 11, 16), 7, 5, 1), FixedLine("fault", date(2026, 11, 22), 1, 0, 0)]
    _, text, html = shipped.render(language, "summary", {"summary": replace(summary, fixed=fixed)})
    assert f"• {FIXED[language]}" in flat(text)
    assert FIXED[language].replace(" • ", " ") in seen(html)
    _, text, html = shipped.render(language, "summary", {"summary": summary})
    assert "hosting" not in text + html


# What a template may and may not do


def own(tmp_path: Path, name: str, content: str) -> Path:
    """A folder with one template of its own."""
    (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / name).write_text(content, "utf-8")
    return tmp_path


@pytest.mark.parametrize(
    ("template", "says"),
    [
        ("{{ ''.__class__.__mro__ }}", "unsafe"),
        ("{{ ticket.__class__.__init__.__globals__ }}", "unsafe"),
        ("{{ ''['__class__'] }}", "unsafe"),
        ("{{ '{0.__class__}'.format(ticket) }}", "unsafe"),
        ("{{ nobody }}", "'nobody' is undefined"),
        ("{{ ticket.nothing }}", "has no attribute 'nothing'"),
        ("fine\n{% for one in ticket %}", "line 2: Unexpected end of template"),
        ("{{ 1|euros }}", "euros"),
        ("{% include 'en/none.txt' %}", "no template en/none.txt"),
        ("{% include '../../../etc/passwd' %}", "no template ../../../etc/passwd"),
        ("{{ 1 / 0 }}", "division by zero"),
        ("{{ ticket|money }}", "conversion from TicketFacts to Decimal is not supported"),
    ],
    ids=[
        "a class of everything",
        "globals",
        "a class by subscript",
        "a class by format",
        "an unknown name",
        "an unknown attribute",
        "an open loop",
        "an unknown filter",
        "a missing include",
        "a file outside",
        "a sum that cannot be",
        "a filter for another value",
    ],
)
def test_a_template_that_fails_is_one_line_that_names_it(tmp_path: Path, template: str, says: str) -> None:
    broken = renderer(own(tmp_path, "en/acknowledgement.txt", template))
    letter = answer(decided("en"), MAIL, TICKET, POLICY, MONDAY_NOON)
    with pytest.raises(ConfigError) as error:
        written(broken, letter)
    line = str(error.value)
    assert "\n" not in line
    assert line.startswith(f"template en/acknowledgement.txt, line {2 if 'line 2' in says else 1}: ")
    assert says in line
    assert line.endswith("mend it, or remove it to use the shipped one")


def test_what_fails_in_an_included_template_is_named_there(tmp_path: Path) -> None:
    broken = renderer(own(tmp_path, "en/offer.txt", "fine\nfine\n{{ coverage.prise }}\n"))
    letter = answer(decided("en", coverage=COVERAGES["courtesy"]), MAIL, TICKET, POLICY, MONDAY_NOON)
    with pytest.raises(ConfigError, match=r"^template en/offer\.txt, line 3: .*'prise'"):
        written(broken, letter)


def test_a_template_changes_nothing_that_it_is_given(tmp_path: Path) -> None:
    letter = answer(decided("en"), MAIL, TICKET, POLICY, MONDAY_NOON)
    broken = renderer(own(tmp_path, "en/acknowledgement.txt", "{{ desk.update({'name': 'Evil'}) }}"))
    with pytest.raises(ConfigError, match="unsafe"):
        written(broken, letter)


def test_an_own_template_goes_before_the_shipped_one_and_leaves_the_others(tmp_path: Path) -> None:
    changed = renderer(own(tmp_path, "en/terms.txt", "Our own terms: {{ coverage.kind }}.\n"))
    letter = answer(decided("en"), MAIL, TICKET, POLICY, MONDAY_NOON)
    text, html = written(changed, letter)
    assert flat(text) == f"{BEGINNING['en']} {PROMISE['en']} Our own terms: monthly. {ENDING['en']}"
    assert "Our own terms: monthly." in seen(html)
    assert flat(written(changed, letter, "ru")[0]).startswith(BEGINNING["ru"])
    assert changed.problems() == []


def test_a_name_that_no_letter_knows_is_found_before_a_letter_needs_it(tmp_path: Path) -> None:
    folder = own(
        tmp_path, "en/acknowledgement.txt", "{% set hello = 'Hello' %}{{ hello }}, {{ ticket.requester_name }}: {{ tiket.number }}"
    )
    assert renderer(folder).problems() == ["template en/acknowledgement.txt: knows no tiket; mend it, or remove it to use the shipped one"]


def test_a_desk_can_write_the_subject_of_a_letter_itself(tmp_path: Path) -> None:
    changed = renderer(own(tmp_path, "en/acknowledgement.subject", "We have it: {{ ticket.number }}\n"))
    letter = answer(decided("en"), MAIL, TICKET, POLICY, MONDAY_NOON)
    subject, text, _ = changed.render("en", letter.template, letter.context)
    assert subject == "We have it: 12"
    assert flat(text).startswith(BEGINNING["en"])


def test_a_subject_line_of_a_stranger_is_not_taken_for_the_template_s(shipped: Renderer) -> None:
    (letter,) = forwards(decided("en"), replace(MAIL, text="Subject: mine\nhello"), TICKET, POLICY, 1)
    subject, text, _ = shipped.render("en", letter.template, letter.context)
    assert subject is None
    assert "Subject: mine" in text


@pytest.mark.parametrize(("language", "told"), [("ru", "скрыто строк: 2."), ("en", "lines left out: 2.")])
def test_a_forward_tells_how_much_of_a_reply_it_leaves_out(shipped: Renderer, language: str, told: str) -> None:
    follow_up = replace(decided(language), outcome="follow-up", opens=False)
    reply = replace(MAIL, text="Yes.\n\nOn 18 Nov 2026, Anna wrote:\n> Which?\n", visible="Yes.")
    for message, expected in ((reply, True), (replace(MAIL, text="Yes.", visible="Yes."), False)):
        (letter,) = forwards(follow_up, message, TICKET, replace(POLICY, language=language), 1)
        _, text, html = shipped.render(language, letter.template, letter.context)
        assert (told in text, told in (html or "")) == (expected, expected)


# HTML of strangers


@pytest.mark.parametrize("language", ["ru", "en"])
@pytest.mark.parametrize("kind", ["acknowledgement", "repeat", "forward"])
def test_a_subject_a_name_and_a_text_are_escaped_in_html(shipped: Renderer, kind: str, language: str) -> None:
    mail = replace(
        MAIL, text="<img src=x onerror=alert(1)> & more", attachments=(Attachment("<i>.csv", "text/csv", 1, "0", None, False, 0, 1, ""),)
    )
    decision = decided(language, answer="repeat" if kind == "repeat" else "acknowledgement")
    letter = forwards(decision, mail, TICKET, POLICY, 1)[0] if kind == "forward" else answer(decision, mail, TICKET, POLICY, MONDAY_NOON)
    _, html = written(shipped, letter, language)
    for raw in ("<script>", "<b>broken", "<img", "<i>"):
        assert raw not in html
    if kind == "forward":
        assert "&lt;img src=x onerror=alert(1)&gt; &amp; more" in html
        assert "Anna &lt;script&gt;" in html
        assert "&lt;i&gt;.csv" in html
    else:
        assert "&lt;b&gt;broken&lt;/b&gt; &amp; sad" in html
    assert "&amp;lt;" not in html  # once is enough


@pytest.mark.parametrize("language", ["ru", "en"])
def test_a_client_s_html_reaches_the_operators_without_what_acts_or_loads(shipped: Renderer, language: str) -> None:
    hostile = (
        "<p onclick='steal()'>Hello <b>there</b> <a href='https://rose.example/form'>form</a> <a href='javascript:steal()'>here</a></p>"
        "<script>steal()</script><style>p{display:none}</style><img src='https://tracker.example/1.gif'><iframe src='https://x.example'></iframe>"
        "<form action='https://x.example'><input name=password></form><svg onload=steal()></svg>"
        "<table><tr><td style='x:y'>cell</td></tr></table>"
        "</div></div></body></html><!-- <script>steal()</script> -->"
    )
    mail = replace(MAIL, html=hostile, text="Hello there", part_types=("text/html",))
    (letter,) = forwards(decided(language), mail, TICKET, POLICY, 1)
    _, html = written(shipped, letter, language)
    for gone in (
        "steal",
        "tracker.example",
        "iframe",
        "<form",
        "<input",
        "<svg",
        "javascript:",
        "onclick",
        "x.example",
        "display:none",
        "x:y",
    ):
        assert gone not in html, gone
    for kept in ("Hello <b>there</b>", 'href="https://rose.example/form"', "cell</td>"):
        assert kept in html, kept
    assert html.count("</body>") == 1


def test_sanitized_html_keeps_words_and_drops_tags_that_are_not_known() -> None:
    assert (
        sanitized("<blink>One</blink> <u>two</u> <a href='data:text/html,x'>three</a>")
        == 'One <u>two</u> <a rel="noopener noreferrer">three</a>'
    )


# Words of a language


def filtered(tmp_path: Path, language: str, expression: str, currency: str = "RUB") -> str:
    """What an expression of a template gives."""
    own(tmp_path, f"{language}/reply.txt", "{{ " + expression + " }}")
    own(tmp_path, f"{language}/reply.html", "")
    return renderer(tmp_path, currency=currency).render(language, "reply", {"rate": Decimal(2000), "exact": Decimal("1234.50")})[1].strip()


@pytest.mark.parametrize(
    ("count", "russian", "english"),
    [
        (0, "заявок", "tickets"),
        (1, "заявка", "ticket"),
        (2, "заявки", "tickets"),
        (4, "заявки", "tickets"),
        (5, "заявок", "tickets"),
        (11, "заявок", "tickets"),
        (12, "заявок", "tickets"),
        (21, "заявка", "tickets"),
        (22, "заявки", "tickets"),
        (25, "заявок", "tickets"),
        (101, "заявка", "tickets"),
        (111, "заявок", "tickets"),
    ],
)
def test_plural_forms_follow_the_language(tmp_path: Path, count: int, russian: str, english: str) -> None:
    assert filtered(tmp_path, "ru", f"{count}|plural('заявка', 'заявки', 'заявок')") == russian
    assert filtered(tmp_path, "en", f"{count}|plural('ticket', 'tickets')") == english


@pytest.mark.parametrize(
    ("language", "currency", "whole", "exact"),
    [
        ("ru", "RUB", "2 000 ₽", "1 234,50 ₽"),
        ("ru", "EUR", "2 000 €", "1 234,50 €"),
        ("ru", "USD", "2 000 $", "1 234,50 $"),
        ("en", "RUB", "RUB 2,000", "RUB 1,234.50"),
        ("en", "EUR", "€2,000", "€1,234.50"),
        ("en", "USD", "$2,000", "$1,234.50"),
    ],
)
def test_amounts_are_written_as_the_language_writes_them(tmp_path: Path, language: str, currency: str, whole: str, exact: str) -> None:
    assert flat(filtered(tmp_path, language, "rate|money", currency)) == whole
    assert flat(filtered(tmp_path, language, "exact|money", currency)) == exact


@pytest.mark.parametrize(
    ("language", "minutes", "words"),
    [
        ("en", 0, "0 mins"),
        ("en", 1, "1 min"),
        ("en", 45, "45 mins"),
        ("en", 60, "1 hr"),
        ("en", 195, "3 hrs 15 mins"),
        ("ru", 195, "3 ч 15 мин"),
        ("ru", 20, "20 мин"),
    ],
)
def test_minutes_are_written_as_hours_and_minutes(tmp_path: Path, language: str, minutes: int, words: str) -> None:
    assert flat(filtered(tmp_path, language, f"{minutes}|minutes")) == words


SPANS = {
    "a week": ((16, 11, 2026), (22, 11, 2026), "16–22 нояб. 2026 г.", "16–22 Nov 2026"),
    "a week of two months": ((30, 11, 2026), (6, 12, 2026), "30 нояб. – 6 дек. 2026 г.", "30 Nov – 6 Dec 2026"),
    "a week of two years": ((28, 12, 2026), (3, 1, 2027), "28 дек. 2026 г. – 3 янв. 2027 г.", "28 Dec 2026 – 3 Jan 2027"),
    "a day": ((16, 11, 2026), (16, 11, 2026), "16 нояб. 2026 г.", "16 Nov 2026"),
}


@pytest.mark.parametrize(("first", "last", "russian", "english"), SPANS.values(), ids=SPANS)
def test_days_stand_the_same_whatever_release_of_the_calendar_writes_them(first, last, russian, english):
    for language, expected in (("ru", russian), ("en", english)):
        said = _Words(language, MOSCOW, "RUB").days(*(date(year, month, day) for day, month, year in (first, last)))
        assert " ".join(said.split()) == expected
