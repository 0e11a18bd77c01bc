"""What people read of a week: the whole text in Russian and English, and how its pages look in a browser, narrow and wide, light and dark."""

import html as html_words
import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from mailbot.core.report.own import own_week
from mailbot.core.report.rows import Rows
from mailbot.core.report.summary import summarise
from tests import servers
from tests.test_render import MOSCOW, POLICY, flat, renderer, seen
from tests.weeks import ENDED, W47, own_rows, rich_week

RENDERER = renderer()
LANGUAGES = ("ru", "en")


def page(language: str, name: str) -> tuple[str, str, str]:
    """(subject, text, HTML) of a summary: `rich`, `empty`, or a client's `own`."""
    if name == "own":
        own = own_week(W47, own_rows(language), MOSCOW, POLICY.money)
        subject, text, html = RENDERER.render(language, "client-summary", {"summary": own})
    else:
        rows = rich_week(language) if name == "rich" else Rows()
        summary = summarise(W47, rows, MOSCOW, ENDED, POLICY.money)
        subject, text, html = RENDERER.render(language, "summary", {"summary": summary})
    return subject or "", text, html


SCRIPT = "<script>alert(1)</script>"
LONG = {"ru": "Новыйадресскладаготовойпродукциинашейкомпании" * 2, "en": "Newaddressofthewarehouseofgoodsofalldepartments" * 2}
FACTORY = {
    "ru": "Мебельная фабрика «Северо-Западная производственная компания»",
    "en": "North-Western Furniture Manufacturing Company Limited",
}
WHOLE = {
    ("ru", "rich"): f"""НЕДЕЛЯ 47: 16–22 нояб. 2026 г.
Сверка: получено 65 = 23 новых + 15 к прежним + 17 от операторов + 6 от автоматов + 2 о недоставке + 1 повторно доставлено + 1 в карантине
Новых заявок: 23 (+6) Повторных обращений: 4 (+1) Закрыто: 8 (−10) Осталось в работе: 18 (+15); самой старой — 29 дней
Первый ответ: обычно через 1 ч 30 мин, девять из десяти — в пределах 2 ч
Нарушено обещаний: 1 (+1)
ПО ДНЯМ пн 4 █████████ вт 9 ████████████████████ ср 3 ███████ чт 5 ████████████ пт 2 █████ сб 0 вс 0
12 НЕДЕЛЬ, с 36-й по 47-ю
Новые заявки: ▄▃▅█▆·▃▅█▇▆█ 12 9 14 22 18 0 7 13 25 19 17 23
Повторные обращения: ▂·▄▆▄··▂█▄▆█ 1 0 2 3 2 0 0 1 4 2 3 4
В работе в конце недели: ▁▁▂▃▂··▁▄▂▂█ 2 2 4 6 3 0 0 2 7 4 3 18
ПРИЧИНЫ (закрытые заявки, время за неделю, 12 недель)
• ошибка: 6 (неделей раньше 4), 1 ч 35 мин ▃▄▂▆▄·▂▃▇▄▆█
• хостинг: 3 (неделей раньше 0), 1 ч 10 мин ···█▄···▆▄·▃
• содержание: 2 (неделей раньше 3), 10 мин ▃·▆█▆·█▆▃▆█▆
Что предотвратить: причина «хостинг» за 12 недель заняла больше всего времени — 12 ч 10 мин, 57 % времени с названной причиной;
закрыто заявок: 26.
Причина предложена, но не подтверждена: 4 Закрыто без причины: 2
УСТРАНЁННЫЕ ПРИЧИНЫ • доступ, устранено 9 ноября 2026 г.: 3 за 14 дней до этого, 1 за 14 дней после
КЛИЕНТЫ
• Роза, доставка цветов: 7 ч 5 мин, 9 заявок, 3 повтора, сверх договора 4 500 ₽; поддержка стоила бы 26 000 ₽ в месяц, а платит 15 000 ₽
• {FACTORY["ru"]}: 4 ч, 5 заявок, 1 повтор, к оплате 8 000 ₽; поддержка стоила бы 26 000 ₽ в месяц, а платит по часам
• Клиника {SCRIPT}: 1 ч 30 мин, 3 заявки, бесплатно 30 мин, к оплате 3 000 ₽; поддержка стоила бы 26 000 ₽ в месяц, а договора нет
• не из списка клиентов: 25 мин, 6 заявок, бесплатно 25 мин
ДОЛЬШЕ ВСЕХ ЖДУТ
• № 7 «Не приходит письмо о заказе после оплаты картой», Роза, доставка цветов, 29 дней
• № 8 «{SCRIPT} не работает», Клиника {SCRIPT}, 28 дней
• № 9 «{LONG["ru"]}», {FACTORY["ru"]}, 27 дней
• и ещё 12
ЖДУТ ОТВЕТА КЛИЕНТА
• Клиника {SCRIPT}: смета, заявка № 12, 11 дней, напоминаний: 1
• Роза, доставка цветов: акт № 3 за октябрь 2026, 20 дней, напоминаний: 2
• {FACTORY["ru"]}: цена поддержки, 9 дней
• newcomer.with.a.very.long.address@some-company.example: условия поддержки, заявка № 19, 2 дня
• и ещё 7
НЕ ДОСТАВЛЕНО
• gone@rose.example: «Re: {SCRIPT}» — 550 5.1.1 <gone@rose.example>: User unknown
• shut@elm.example: «без темы» — отправка прекращена через 5 дн.: неизвестно, принял ли письмо сервер: 421
• и ещё 1
В КАРАНТИНЕ (mailbot quarantine) • запись 291: ValueError: {SCRIPT} • и ещё 2""",
    ("en", "rich"): f"""WEEK 47: 16–22 Nov 2026
Audit: 65 received = 23 new + 15 joined + 17 from operators + 6 machine + 2 bounced + 1 delivered twice + 1 quarantined
New tickets: 23 (+6) Repeated requests: 4 (+1) Closed: 8 (−10) Still open: 18 (+15); the oldest for 29 days
First response: usually after 1 hr 30 mins, nine of ten within 2 hrs
Promises broken: 1 (+1)
NEW TICKETS BY DAY Mon 4 █████████ Tue 9 ████████████████████ Wed 3 ███████ Thu 5 ████████████ Fri 2 █████ Sat 0 Sun 0
12 WEEKS, 36 to 47
New tickets: ▄▃▅█▆·▃▅█▇▆█ 12 9 14 22 18 0 7 13 25 19 17 23
Repeated requests: ▂·▄▆▄··▂█▄▆█ 1 0 2 3 2 0 0 1 4 2 3 4
Open at the end of the week: ▁▁▂▃▂··▁▄▂▂█ 2 2 4 6 3 0 0 2 7 4 3 18
CAUSES (closed tickets, time of the week, 12 weeks)
• fault: 6 (the week before 4), 1 hr 35 mins ▃▄▂▆▄·▂▃▇▄▆█
• hosting: 3 (the week before 0), 1 hr 10 mins ···█▄···▆▄·▃
• content: 2 (the week before 3), 10 mins ▃·▆█▆·█▆▃▆█▆
Worth preventing: over 12 weeks “hosting” cost most time: 12 hrs 10 mins, 57% of the time with a known cause;
tickets closed with it: 26.
Cause proposed, not confirmed: 4 Closed without a cause: 2
FIXED CAUSES • access, fixed on 9 November 2026: 3 in the 14 days before, 1 in the 14 days since
CLIENTS
• Rose Shop: 7 hrs 5 mins, 9 requests, 3 repeats, RUB 4,500 beyond the contract; support would be RUB 26,000 a month, but it pays RUB 15,000
• {FACTORY["en"]}: 4 hrs, 5 requests, 1 repeat, RUB 8,000 billed; support would be RUB 26,000 a month, but it pays by the hour
• {SCRIPT} Clinic: 1 hr 30 mins, 3 requests, 30 mins free, RUB 3,000 billed; support would be RUB 26,000 a month, but there is no contract
• not in the list of clients: 25 mins, 6 requests, 25 mins free
WAITING LONGEST
• #7 “No mail about an order after payment by card”, Rose Shop, 29 days
• #8 “{SCRIPT} does not work”, {SCRIPT} Clinic, 28 days
• #9 “{LONG["en"]}”, {FACTORY["en"]}, 27 days
• and 12 more
WAITING FOR THE CLIENT'S ANSWER
• {SCRIPT} Clinic: estimate, ticket 12, 11 days, reminded 1 time
• Rose Shop: act 3 for October 2026, 20 days, reminded 2 times
• {FACTORY["en"]}: price of support, 9 days
• newcomer.with.a.very.long.address@some-company.example: terms of support, ticket 19, 2 days
• and 7 more
NOT DELIVERED
• gone@rose.example: “Re: {SCRIPT}”: 550 5.1.1 <gone@rose.example>: User unknown
• shut@elm.example: “no subject”: given up after 5 days: in doubt whether the server accepted it: 421
• and 1 more
QUARANTINE (mailbot quarantine) • entry 291: ValueError: {SCRIPT} • and 2 more""",
    ("ru", "empty"): "НЕДЕЛЯ 47: 16–22 нояб. 2026 г. Сверка: получено 0 Новых заявок: 0 (как неделей раньше) "
    "Повторных обращений: 0 (как неделей раньше) Закрыто: 0 (как неделей раньше) Осталось в работе: 0 (как неделей раньше) "
    "Первый ответ: на этой неделе первых ответов не было Нарушено обещаний: 0 (как неделей раньше)",
    (
        "en",
        "empty",
    ): "WEEK 47: 16–22 Nov 2026 Audit: 0 received New tickets: 0 (as the week before) Repeated requests: 0 (as the week before) "
    "Closed: 0 (as the week before) Still open: 0 (as the week before) First response: none this week Promises broken: 0 (as the week before)",
    ("ru", "own"): f"""Здравствуйте! Вот ваши заявки за неделю, 16–22 нояб. 2026 г.: 2 новые, закрыто 1, в работе 3.
В РАБОТЕ
• № 12 «Не приходит письмо о заказе после оплаты картой», от 11 ноября 2026 г.: в работе
• № 17 «{SCRIPT} не работает», от 17 ноября 2026 г.: ждёт первого ответа
• № 18 «без темы», от 18 ноября 2026 г.: ждёт вашего ответа
ЗАКРЫТЫ НА ЭТОЙ НЕДЕЛЕ • № 9 «{LONG["ru"]}»
Время поддержки, 1–22 нояб. 2026 г.: израсходовано 1 ч 45 мин из 5 ч, осталось 3 ч 15 мин.
Если что-то здесь не так или нужно новое, просто ответьте на это письмо.
Web Studio support@studio.example Это письмо отправлено автоматически.""",
    ("en", "own"): f"""Hello, these are your requests of the week, 16–22 Nov 2026: 2 new, 1 closed, 3 open.
OPEN
• #12 “No mail about an order after payment by card”, of 11 November 2026: being worked on
• #17 “{SCRIPT} does not work”, of 17 November 2026: waiting for its first answer
• #18 “no subject”, of 18 November 2026: answered, and waiting for you
CLOSED THIS WEEK • #9 “{LONG["en"]}”
Support time, 1–22 Nov 2026: 1 hr 45 mins of 5 hrs used, 3 hrs 15 mins left.
If something here is wrong, or you need something new, just reply to this mail.
Web Studio support@studio.example This mail was sent automatically.""",
}
SUBJECTS = {
    ("ru", "rich"): "Web Studio: неделя 47 — 23 новые заявки, 18 в работе",
    ("en", "rich"): "Web Studio: week 47: 23 new tickets, 18 open",
    ("ru", "own"): "Web Studio: ваши заявки, 16–22 нояб. 2026 г.",
    ("en", "own"): "Web Studio: your requests, 16–22 Nov 2026",
}
PAGES = list(WHOLE)


@pytest.mark.parametrize(("language", "name"), PAGES)
def test_the_whole_text(language: str, name: str) -> None:
    subject, text, _ = page(language, name)
    assert flat(text) == flat(WHOLE[language, name])
    assert flat(subject) == SUBJECTS.get((language, name), flat(subject))
    assert "\n\n\n" not in text
    assert max(map(len, text.split("\n"))) < 998  # RFC 5322 section 2.1.1


def figures(words: str) -> list[str]:
    return re.findall(r"\d+", words)


@pytest.mark.parametrize(("language", "name"), PAGES)
def test_the_html_says_what_the_text_says_and_needs_nothing_from_outside(language: str, name: str) -> None:
    _, text, html = page(language, name)
    missing = set(figures(text)) - set(figures(html_words.unescape(seen(html))))
    assert not missing
    for client in ("Роза", "Rose", FACTORY[language]):
        assert (client in seen(html)) == (client in text)
    for outside in ("<script", "<img", "<svg", "url(", "http://", "https://", "@import", "src="):
        assert outside not in html
    assert "&amp;lt;" not in html  # once is enough


KNOWN = {"mailbot", "quarantine", "ValueError", "script", "alert", "Web", "Studio", "support", "studio", "example", "Re", "User", "unknown"}


@pytest.mark.parametrize("name", ["rich", "empty", "own"])
def test_no_english_is_left_in_a_russian_summary(name: str) -> None:
    _, text, html = page("ru", name)
    for words in (text, html_words.unescape(seen(html))):
        assert set(re.findall(r"[A-Za-z]+", re.sub(r"\S+@\S+", "", words))) <= KNOWN  # names of programs, and a server's own words


# In a browser

HARNESS = """<!DOCTYPE html><meta charset="utf-8"><iframe id="page" style="border:0;width:WIDTHpx;height:4000px"></iframe><pre id="found"></pre>
<script>
const frame = document.getElementById("page");
const numbers = (color) => color.match(/[\\d.]+/g).map(Number);
const light = (color) => numbers(color).slice(0, 3).map((one) => one / 255)
    .map((one) => one <= 0.04045 ? one / 12.92 : ((one + 0.055) / 1.055) ** 2.4)
    .reduce((sum, one, at) => sum + one * [0.2126, 0.7152, 0.0722][at], 0);
frame.onload = () => {
  const view = frame.contentWindow, wide = [], faint = [];
  for (const one of frame.contentDocument.body.querySelectorAll("*")) {
    const words = [...one.childNodes].filter((node) => node.nodeType === 3 && node.data.trim()).map((node) => node.data.trim()).join(" ");
    if (one.getBoundingClientRect().right > WIDTH || one.scrollWidth > one.clientWidth + 1 && one.clientWidth) wide.push(one.tagName + " " + words);
    if (!words || one.classList.contains("bar")) continue;
    let behind = one;
    while (numbers(view.getComputedStyle(behind).backgroundColor)[3] === 0 && behind.parentElement) behind = behind.parentElement;
    const [a, b] = [light(view.getComputedStyle(one).color), light(view.getComputedStyle(behind).backgroundColor)].sort((x, y) => y - x);
    if ((a + 0.05) / (b + 0.05) < 4.5) faint.push(words);
  }
  const dark = light(view.getComputedStyle(frame.contentDocument.body).backgroundColor) < 0.2;
  const high = [...frame.contentDocument.querySelectorAll(".column")].map((one) => one.getBoundingClientRect().height);
  const height = frame.contentDocument.documentElement.scrollHeight;
  document.getElementById("found").textContent = JSON.stringify({wide, faint, dark, columns: high.length, highest: Math.max(0, ...high), height});
};
frame.srcdoc = HTML;
</script>"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [380, 800])
@pytest.mark.parametrize(("language", "name"), PAGES)
def test_in_a_browser_nothing_is_cut_and_everything_can_be_read(tmp_path: Path, language: str, name: str, width: int, scheme: str) -> None:
    chromium = shutil.which("chromium")
    if not chromium:
        servers.missing("Chromium")
    shown = json.dumps(page(language, name)[2]).replace("</", "<\\/")
    (tmp_path / "page.html").write_text(HARNESS.replace("WIDTH", str(width)).replace("HTML;", f"{shown};"), "utf-8")
    done = subprocess.run(
        [
            str(chromium),
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            f"--user-data-dir={tmp_path / 'profile'}",
            f"--blink-settings=preferredColorScheme={0 if scheme == 'dark' else 1}",
            "--window-size=1000,4000",
            "--virtual-time-budget=5000",
            "--dump-dom",
            (tmp_path / "page.html").as_uri(),
        ],
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    written = re.search(r'<pre id="found">(.*?)</pre>', done.stdout, re.DOTALL)
    assert written is not None
    found = json.loads(html_words.unescape(written[1]))
    assert (found["wide"], found["faint"]) == ([], [])
    assert found["dark"] == (scheme == "dark")
    assert found["height"] > 300  # it is laid out at all
    if name == "rich":
        assert (found["columns"], found["highest"]) == (6 * 12, 40)
