"""What stands around a request in a mail and changes nothing in it: people, greetings, signatures, reminders, remarks. By language."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Person:
    """Who writes; `end` is the ending of the past tense that Russian wants of her."""

    name: str
    user: str
    position: str
    phone: str
    end: str = ""


@dataclass(frozen=True)
class Phrases:
    """Phrases of one language; `{end}` is the writer's."""

    people: tuple[Person, ...]
    companies: tuple[str, ...]  # in the order of DOMAINS
    greetings: tuple[str, ...]
    salutes: tuple[str, ...]  # a body that begins with one of these, lower-cased, gets no second greeting
    closings: tuple[str, ...]
    devices: tuple[str, ...]
    reminders: tuple[str, ...]
    nudges: tuple[str, ...]  # a whole mail above the quoted request
    covers: tuple[str, ...]  # a line above the forwarded request
    remarks: tuple[str, ...]  # add no demand
    vague: tuple[str, ...]  # subjects that say nothing
    again: tuple[str, ...]  # subjects of a second mail; `{}` is the first one's


DOMAINS = ("rose.example", "teplo-dom.example", "oakbikes.example", "mebel.example", "harbour.example", "sadovod.example")
PRIVATE = ("mail.example", "post.example", "inbox.example")

RU = Phrases(
    people=(
        Person("Ольга Смирнова", "o.smirnova", "менеджер по продажам", "+7 916 204-11-83", "а"),
        Person("Игорь Лебедев", "lebedev", "директор", "8 (495) 640-77-31, доб. 12"),
        Person("Наталья Кравец", "n.kravets", "главный бухгалтер", "+7 921 330-45-09", "а"),
        Person("Дмитрий Орлов", "orlov.d", "отдел маркетинга", "8-903-118-62-40"),
        Person("Татьяна Белая", "tatyana", "администратор", "тел. 640-77-30", "а"),
        Person("Сергей Н.", "sergey", "снабжение", "+7 985 771 20 16"),
        Person("Вера Павловна", "office", "секретарь", "(495) 640-77-30", "а"),
        Person("Артур Гаспарян", "a.gasparyan", "заместитель директора", "+7 (926) 555 81 47"),
    ),
    companies=(
        "Салон «Роза ветров»",
        "ООО «Тёплый дом»",
        "Прокат «Дуб»",
        "Фабрика мебели «Контур-Плюс»",
        "Гостиница «Гавань»",
        "ИП Садовод",
    ),
    greetings=(
        "Здравствуйте!",
        "Добрый день!",
        "Добрый день, Андрей!",
        "Здравствуйте, Андрей,",
        "Доброе утро!",
        "Приветствую!",
        "Коллеги, добрый день!",
        "Андрей, привет!",
        "Уважаемые коллеги,",
        "Доброго времени суток.",
    ),
    salutes=("здравствуйте", "добр", "уважаемые", "коллеги", "привет"),
    closings=(
        "С уважением,",
        "Спасибо!",
        "Заранее благодарю.",
        "Спасибо,",
        "Всего доброго,",
        "С наилучшими пожеланиями,",
        "Хорошего дня!",
        "",
    ),
    devices=("Отправлено с iPhone", "Отправлено из мобильной Почты Mail.ru", "Отправлено из мобильного приложения Яндекс Почты"),
    reminders=(
        "Писал{end} вам ещё в понедельник, ответа нет.",
        "Третий раз обращаюсь с той же просьбой.",
        "Напоминаю о своём письме.",
        "Прошла уже неделя, а воз и ныне там.",
        "Вы получили моё предыдущее письмо? На всякий случай повторю.",
        "Дублирую, потому что никто не ответил.",
        "Жду уже десять дней!!!",
        "Отправлял{end} это 3 ноября, повторяю.",
        "Подскажите, пожалуйста, когда дойдёт очередь до моей просьбы? Копирую её ещё раз.",
        "Ау, есть кто живой?",
        "Сколько можно ждать? Пишу снова.",
        "Повторно прошу.",
        "Моё письмо, похоже, потерялось.",
        "Андрей обещал посмотреть до пятницы, но тишина.",
        "Второй раз пишу, первый был в прошлый четверг.",
        "Извините, что тороплю, но вопрос всё ещё не решён.",
        "Никакой реакции на моё обращение, поэтому ещё раз.",
        "Звонил{end} вам дважды, трубку не берут.",
        "Ещё раз то же самое, раз уж на первое письмо вы не реагируете.",
        "Вчера вечером уже отправлял{end}, не уверен{end}, что дошло.",
    ),
    nudges=(
        "Есть ли новости по моему вопросу?",
        "Андрей, напоминаю про письмо ниже.",
        "Ну что там?",
        "Прошу ответить на моё письмо, жду с прошлой недели.",
        "Подскажите, пожалуйста, когда ждать? Моё письмо ниже.",
        "До сих пор ничего не сделано.",
        "Вы это видели?",
        "Поднимаю наверх.",
        "Добрый день. Ответа так и нет, а время идёт.",
        "Напоминаю. Уже третий раз.",
        "Ау!",
        "Очень жду вашего ответа.",
    ),
    covers=(
        "Пересылаю ещё раз.",
        "См. ниже, ответа так и нет.",
        "Посмотрите, пожалуйста, письмо ниже.",
        "Дублирую на всякий случай, вдруг не дошло.",
        "Коллега просит переслать вам.",
        "Отправляю повторно, прошлое письмо осталось без ответа.",
        "FYI",
        "Это же так и висит.",
    ),
    remarks=(
        "Очень неудобно.",
        "Заранее спасибо за помощь!",
        "Клиенты уже жалуются.",
        "Для нас это правда важно.",
        "Я на связи до шести вечера.",
        "Если будут вопросы, звоните мне после 14:00.",
        "Понимаю, что у вас много работы.",
        "Начальство спрашивает об этом каждый день.",
        "Надеюсь на вашу оперативность.",
        "Простите за беспокойство.",
        "Всё это ужасно некстати.",
        "Мы очень ценим вашу работу.",
        "Вся эта история порядком надоела.",
        "Завтра я в отъезде, но почту читаю.",
        "Буду рад{end} быстрому ответу.",
        "Сами мы в этом, к сожалению, не разбираемся.",
    ),
    vague=("Вопрос", "сайт", "Срочно!!!", "", "", "Просьба", "по сайту", "Письмо от клиента", "(без темы)"),
    again=(
        "Re: {}",
        "RE: {}",
        "Повторно: {}",
        "{} (второй раз)",
        "Повторный запрос",
        "Напоминание",
        "",
        "Срочно!",
        "Вопрос по сайту",
        "Жду ответа",
        "Напоминаю: {}",
        "снова я",
    ),
)

EN = Phrases(
    people=(
        Person("Helen Marsh", "h.marsh", "Sales Manager", "Tel. 01632 960 214"),
        Person("Tom Okafor", "tom", "Director", "+44 1632 960377"),
        Person("Priya Nair", "priya.nair", "Marketing", "Mobile: 07700 900 482"),
        Person("Greg Holloway", "gholloway", "Head of Accounts", "01632 960 215 ext. 12"),
        Person("Lucy Dunn", "lucy", "Front Desk", "Tel. 01632 960 210"),
        Person("Stephen P.", "stephen", "Purchasing", "07700 900119"),
        Person("Ruth Abernathy", "office", "Personal Assistant", "T: 01632 960 211"),
        Person("Carlos Vega", "c.vega", "Deputy Director", "Mob. 07700 900 733"),
    ),
    companies=("Rosemary Florists", "Warm House & Sons", "Oak Bikes Ltd", "Vega Furniture", "Harbour Inn", "Green Garden Centre"),
    greetings=(
        "Hello,",
        "Hi Andrew,",
        "Dear Andrew,",
        "Good morning,",
        "Hi all,",
        "Hi there!",
        "Dear support team,",
        "Hello Andrew, hope you are well.",
        "Good afternoon.",
        "Hey,",
    ),
    salutes=("hello", "hi ", "dear", "good evening"),
    closings=("Kind regards,", "Thanks!", "Many thanks,", "Thank you in advance.", "Best,", "Yours sincerely,", "Cheers,", ""),
    devices=("Sent from my iPhone", "Sent from Outlook for Android", "Get Outlook for iOS"),
    reminders=(
        "I wrote to you about this on Monday already.",
        "This is the third time I am asking.",
        "A gentle reminder of my earlier email.",
        "It has been a week and nothing has happened.",
        "Did you get my last mail? Here it is once more, just in case.",
        "Sending this again because nobody has answered.",
        "Still waiting, ten days now!!!",
        "I first sent this on 3 November.",
        "Could you tell me when it will be my turn? I am copying my request below.",
        "Hello? Anybody there?",
        "How much longer do we have to wait? Once again:",
        "Second request.",
        "My mail seems to have got lost.",
        "Andrew promised to look into it by Friday, and since then there has been silence.",
        "Writing for the second time, the first was last Thursday.",
        "Sorry to push, but this is still open.",
        "No reaction so far, so here we go again.",
        "I rang you twice and nobody picked up.",
        "Following up on this.",
        "I sent this last night, but I am not sure it went out.",
    ),
    nudges=(
        "Any news on this?",
        "Andrew, just a reminder of the mail below.",
        "Well?",
        "Please answer my mail, I have been waiting since last week.",
        "When can we expect this? My message is below.",
        "Still nothing done.",
        "Have you seen this?",
        "Bumping this up.",
        "Hello, no answer yet and time is running.",
        "Reminder. The third one.",
        "???",
        "Looking forward to hearing from you.",
    ),
    covers=(
        "Forwarding this once more.",
        "See below, no answer yet.",
        "Please see the message below.",
        "Sending again in case it did not arrive.",
        "My colleague asked me to pass this on.",
        "Once again, as there was no reply to the last one.",
        "FYI",
        "This is still pending.",
    ),
    remarks=(
        "It is really annoying.",
        "Thanks in advance for your help!",
        "Customers are complaining already.",
        "This matters a lot to us.",
        "I can be reached until six.",
        "If you have any questions, call me after 2 pm.",
        "I know that you are busy.",
        "My boss asks me about it every day.",
        "We count on you.",
        "Sorry to bother you.",
        "The timing could hardly be worse.",
        "We do appreciate your work.",
        "We are rather tired of the whole story.",
        "I am away tomorrow, but I read my mail.",
        "A quick reply would be much appreciated.",
        "Unfortunately none of us here knows about these things.",
    ),
    vague=("Question", "website", "URGENT!!!", "", "", "Request", "our site", "Message from a client", "(no subject)"),
    again=(
        "Re: {}",
        "RE: {}",
        "Second request: {}",
        "{} (again)",
        "Second request",
        "Reminder",
        "",
        "Urgent!",
        "A question about the site",
        "Waiting for your answer",
        "Reminder: {}",
        "me again",
    ),
)

PHRASES = {"ru": RU, "en": EN}
