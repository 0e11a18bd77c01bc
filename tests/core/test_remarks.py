"""Sentences that a client adds when he asks again: which say nothing new, and which are something else."""

import pytest

from mailbot.core.desk.repeats.comparing import compare, readings
from mailbot.core.desk.repeats.reading import read
from mailbot.core.desk.repeats.remarks import is_remark

REMARKS = """
Пишу вам уже второй раз, ответа нет.
Очень ждём, для нас это важно.
Подскажите, пожалуйста, когда дойдёт очередь до моей просьбы?
До сих пор ничего не сделано.
Клиенты жалуются.
Заранее спасибо за помощь!
Я на связи до шести вечера.
Просьба ответить на письмо.
Дублирую на всякий случай.
Андрей обещал посмотреть до пятницы, но тишина.
Any news?
I wrote to you on Monday and there is still no answer.
How much longer do we have to wait?
Please reply.
Please treat it as urgent.
My boss asks me about it every day.
We are losing customers.
Sorry to push, but this is still open.
If you have any questions, call me after 2 pm.
Sending again in case it did not arrive.
""".strip().split("\n")

REQUESTS = """
И логотип.
Логотип тоже.
Жду счёт.
Когда будет логотип?
Напоминаю про логотип.
Второй раз прошу сменить пароль.
Добавьте Петрова.
Заработало, спасибо!
Спасибо, починили!
Уже не надо.
Не отвечайте.
Отбой.
Не весенней, а летней.
Теперь и на телефоне.
Сколько стоит?
Форма заявки отправляет письма не туда.
And the logo.
When is the logo ready?
Waiting for the invoice.
Please update it.
Please stop.
It works now, thanks!
Thanks, that looks great!
Never mind.
Please don't reply.
No longer urgent.
Sorry, the summer sale.
On mobile too.
Works for me but not for customers.
How much?
The certificate expires tomorrow.
Wait until Monday.
""".strip().split("\n")

BANNER = "На главной странице не отображается баннер с весенней распродажей, посмотрите, пожалуйста, что случилось."


@pytest.mark.parametrize("sentence", REMARKS)
def test_a_remark_says_nothing_of_the_request(sentence: str) -> None:
    assert is_remark(read("", sentence).words, set())
    assert compare(readings("", f"{BANNER} {sentence}"), readings("", BANNER)).same


@pytest.mark.parametrize("sentence", REQUESTS)
def test_what_asks_for_more_takes_back_or_corrects_is_no_remark(sentence: str) -> None:
    assert not is_remark(read("", sentence).words, set())
    assert not compare(readings("", f"{BANNER} {sentence}"), readings("", BANNER)).same
    assert not compare(readings("", f'{sentence}\n\n18.11.2026, 12:00, "Анна" <anna@rose.example>:\n> {BANNER}'), readings("", BANNER)).same
