"""Sentences that a client adds when he asks again: which say nothing new, and which are something else."""

import pytest

from mailbot.core.desk.repeats.comparing import compare, readings
from mailbot.core.desk.repeats.reading import read
from mailbot.core.desk.repeats.remarks import has_content, is_idle, is_remark

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


# Each: a sentence that is added to a request of a banner, and whether it only reminds, thanks or complains.
OF_A_BANNER = {
    "a reminder that names it": ("I wrote about the banner.", True),
    "a reminder that names several": ("I wrote about the banners.", True),
    "a reminder that names something else": ("I wrote about the rainbow.", False),
    "a complaint that names it": ("The banner is important.", False),
    "a question that names it": ("Still no answer on the banner?", True),
    "a question whether it is done": ("Is the banner already done?", True),
    "that it is done": ("The banner is already done.", False),
    "an order that names it": ("Open the banner again.", False),
    "a question that begins like an order": ("Fix for the banner already?", True),
    "a need that names it": ("We need the banner again.", False),
    "a please that names it": ("Again the banner, please.", False),
    "a Russian order that names it": ("Уже добавьте баннер.", False),
    "a Russian reminder that names it": ("Уже жду баннер.", True),
    "a page": ("I wrote about /banner.", False),
    "a host that is called like a word": ("I wrote to http://help again.", False),
    "a number": ("I wrote about 4711.", False),
    "a day and a time": ("Still waiting since Monday, 16.11, 12:00.", True),
    "a day without a reminder": ("It is urgent, Monday.", False),
    "a date without a reminder": ("It is urgent, 16.11.", False),
    "a day to call": ("Call me on Monday at 12:00.", True),
    "a day to answer": ("Please answer by Monday, 16.11, we are still waiting.", True),
    "a day to answer without a reminder": ("Please answer by Monday.", False),
    "an answer that is asked for because there is none": ("Please answer, there is still no answer.", True),
    "an answer that is asked of somebody": ("Please answer Anna, we are still waiting.", True),
    "an answer that is asked of Rainbow": ("Please answer Rainbow, we are still waiting.", False),
    "an answer while it is open": ("Please answer, it is still open.", True),
    "a receipt": ("Please confirm receipt quickly.", True),
    "money": ("Please pay quickly.", False),
    "the end of the waiting": ("Still waiting, please end the silence.", True),
    "whether it is urgent": ("Is it urgent?", False),
    "whether one could hurry": ("Could you hurry?", True),
    "whether a remark was seen": ("Have you seen it?", True),
    "a name of somebody": ("Still waiting: Anna.", True),
    "a name of something": ("Still waiting: Grumbling.", False),
    "how somebody waits": ("Still waiting and grumbling.", True),
    "how somebody waits in two words": ("Still waiting, grumbling and sweating.", True),
    "how somebody waits in three words": ("Still waiting, grumbling, sweating and shivering.", False),
    "a question how somebody waits": ("Still waiting and grumbling?", False),
    "a thing beside how somebody waits": ("Still waiting, grumbling: rainbow.", False),
    "a place beside how somebody waits": ("Still waiting, grumbling: /a.", False),
    "what somebody did": ("Уже поседели.", True),
    "what somebody did while waiting": ("Жду, проклиная.", True),
    "how somebody is": ("Жду промокшие.", True),
    "a thing in Russian": ("Жду радугу.", False),
    "how it is, in a reminder": ("Уже туго.", False),
    "how it is, in a complaint": ("Нам туго, это важно.", True),
    "how somebody feels, in a reminder": ("Уже голоден.", False),
    "how somebody feels, in a complaint": ("Голоден, это важно.", True),
    "what somebody did, in a complaint": ("Поседели, это важно.", True),
    "what somebody did, in a complaint, while waiting": ("Надоело сидеть проклиная, это важно.", False),
    "of which kind it is, in a complaint": ("Это важно, мокрые.", False),
    "that it is past bearing, in a complaint": ("Невмоготу, это важно.", True),
    "that it is past bearing, in a reminder": ("Уже невмоготу.", False),
    "what somebody does, in a complaint, while waiting": ("Это важно, проклиная.", True),
    "how they look, in a complaint": ("Это важно, промокшие.", True),
    "nothing of waiting": ("The rainbow.", False),
    "a word of every day alone": ("It is open.", False),
}


@pytest.mark.parametrize(("sentence", "expected"), OF_A_BANNER.values(), ids=OF_A_BANNER)
def test_a_reminder_may_name_what_it_reminds_of(sentence: str, expected: bool) -> None:
    assert is_remark(read("", sentence).words, {"banner", "баннер", "move"}) is expected


def test_a_reminder_may_name_it_in_the_form_that_the_request_has() -> None:
    assert is_remark(read("", "I wrote about the banners.").words, {"banners"})


@pytest.mark.parametrize(
    ("words", "idle"),
    [
        ("", True),
        ("still waiting, please", True),
        ("Please answer", True),
        ("please Answer", False),  # a name
        ("please banner", False),
        ("banner", False),
        ("please 12", False),
        ("not", False),
        ("please /answer", False),
    ],
)
def test_idle_words_say_nothing_wherever_they_stand(words: str, idle: bool) -> None:
    assert is_idle(read("", words).words) is idle


@pytest.mark.parametrize(
    ("word", "content"),
    [("banner", True), ("answer", True), ("12", True), ("not", True), ("/and", True), ("and", False), ("before", True), ("наш", False)],
)
def test_joints_of_sentences_have_no_content(word: str, content: bool) -> None:
    (read_word,) = read("", word).words
    assert has_content(read_word) is content
