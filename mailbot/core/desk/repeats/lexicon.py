"""Words that say nothing of what is asked: joints of sentences, impatience, politeness; and those that ask for something more.

A sentence that a client adds when asking again ("we are still waiting, customers complain") is told by them from a new request.
"""

import re
from functools import cache

from mailbot.core.desk.repeats.vocabulary import may_be, root

# In the midst of a sentence one more or less of these changes nothing.
_LITTLE = """
a the please pls plz kindly still again already really very quite so simply urgent urgently asap immediately finally actually anyway
пожалуйста плиз пжл пж уже опять снова очень срочно же ну наконец таки то
"""
# Words that make no content by themselves; yet 'before' for 'after' is another request.
_JOINTS = """
about all am an and any are as at be been being both but by can could do does did done either else even ever every for from get got go
had has have he her him his here how i if in into is it its let like look lot many matter may me might more most much my myself of ok on
one or other our out own perhaps rather see she shall should since some such than thank their them then there these they thing think
this those through to together too try until up us want was way we well were what when where which while who whose whom why will with
would yes yet you your yours а без более больше бы быть в вам ваш весь во вы да для до его ее если есть за здесь и из или именно иной к
как какой когда кто лишь ли между менее меньше мы на над наш но о об один она он они от перед по под пока после потом потому почему при
про пусть раз с сам самый свой себя сильно скоро со среди такой там тем теперь тоже только тот тут у хотеть хотя чем через чей что чтобы
это этот я just now once today that все еще вот так просто прямо сегодня сейчас повторно также сей пора сих пор
"""
# What people say when they wait, thank, complain or tell of their day.
_SAYS_NOTHING = """
работа история весь копировать фирма fyi able absolutely advance afraid ago agree annoy answer anybody anyone anything anticipate
apology apologise apologize appear appreciate ask assist attention attempt await awful aware bad badly bear become begin believe below
above best better big bit boss bother business busy call care case catch cause chase check chief clear client colleague come complain
complaint concern confident confuse consider contact convenient copy cost count couple critical customer damage dare day deal dear delay
depend desperate director disappoint disaster duplicate early earlier easy effect effort else email emergency end enough enquiry
everybody everyone everything evening exist expect experience explain express extra extremely fact fail far fast feedback feel few
finally find fine first five follow forget forgive fortnight forward four friend frustrate fully future gentle give glad good grateful
great guess guest hand happen happy hard hardly harm head hear heard hello help high highly hold honest hope hour hurry hurt idea ignore
important impatient impression inconvenience inform information inquiry instead intend interest involve issue keep kind know last late
lately later laugh lead least leave length less letter life line little live long lose loose loss lost lucky mail main major make
management manager mean mention mess message mind minute miss moment money month morning moreover nasty near necessary need nervous
never news next nice night nobody none normal note nothing notice nuisance number obvious occasion often old only opinion opportunity
ought outrage owner part partner past patience patient pay people perfect person personally phone pick plain plan pleasant point polite
possible potential press pretty previous prior priority probable problem progress promise prompt proper public push quarter question
queue quick quickly quiet quite quote rang reach react reaction read ready real reason receive recent refer regard regret regular
reliable rely remain remember remind reminder repeat reply report request resend resolve respond response rest result revenue right ring
run rush sad sale satisfy say second seem sell send sent serious service several shame share short side sign silence simple sir
situation slow small smile soon sorry sort sound speak specialist spend staff stage stand start state status stick stop story strange
stuck studio stuff submit success suffer suggest suppose support sure surprise take talk team tell ten terrible terribly thank thankful
third thought thousand three thursday ticket time tire tired tomorrow tonight tool top total trace trouble true trust truth try turn
twice two unable unacceptable understand unfortunate unfortunately unhappy unpleasant unread unresolved update upset urge urgency use
useful usual usually value visitor voice wait wake watch week weekend whole wife wish wonder work world worry worse worst worth write
written wrong wrote year yesterday young site website fix seen see сайт запрос исправить починить проверить быстрый наверх поднимать
ругаться ценить архив ау беда беспокоить беспокойство благодарить благодарность благодарный бледный боль большой босс будущее важно
важный вдруг вежливый верить вернуться вечер вечером вечность взгляд видеть вид видно вина виноватый внимание внимательный воз возможно
возможность возмущение возмутительный возражать волновать волноваться вообще вопрос вопросительный восемь впервые вроде время вряд всего
всегда всякий второй выходить выйти вынудить выручить выручать вышеуказанный год годиться голова голый горе горячий господин гость
готовый грустный давно далее далеко данный дата два дважды двое действие действительно действовать дело день деньги десять директор
длиться добрый довольный договориться дойти доложить долго долгий должен должный доход дорогой дорого думать дублировать дубль дубликат
другой дружище душа еле единственный ежедневно ерунда ждать жаль желание желательно жалоба жаловаться живой жизнь жуткий забыть забывать
завал завтра зависеть задержка зайти замечать заказчик заранее заметный заметить занятый затягивать зачем звать звонить звонок заявка
знать значит зря игнорировать игнор известие известно извинить извинение извинять издеваться иметь интерес интересно интересовать
информация испытывать итог каждый казаться календарь календарный качество клиент клиентка клиентский клиенты коллега количество команда
конец конечно конкретный контакт край крайний крайне красивый критичный критично круг крупный кстати куда лично личный ложиться любой
люди маленький малый мало мама место месяц минута многие много можно момент мочь молчание молчать муж наверно наверное надежда надежный
надеяться надо надоесть назад найти наконец написать напоминание напоминать напомнить народ настроение настоящий находиться начало
начальник начальство начать начинать невозможно невозможный недавно неделя недовольный недоразумение недоумение немедленно немедленный
немного необходимо нервничать нервы несколько неприятный неприятность нести неудобный неудобство ниже никак никакой ничто новость
новостей новый ночь нуждаться нужно нужный ныне обещать обидно обида обидный обойтись обращаться обращение обратиться обратный обстоять
общаться общий объяснить объяснять обычный обязательно ожидание ожидать около оперативность оперативно оперативный опыт остановиться
остаться оставаться ответ ответственный ответить отвечать отдел отзываться отзыв откликнуться отклик относительно отнестись отношение
отпуск отправить отправка отправлять отреагировать отсутствие отсутствовать отъезд ошибиться папа пара партнер первый передать
передавать переживать перезвонить пересылать переслать период письмо писать пожаловаться позвонить поздно пока показаться полагать
положение получить получать получиться получаться польза помнить помочь помогать помощь поддержка понедельник понимание понимать понять
понятно пора порядок последний посетитель послать посмотреть постараться постоянно поступить потерять потеряться поторопить поторопиться
почта почтовый поскорее поскорый похоже похожий поход пояснить правда право правильно предварительно предыдущий предупредить прежний
прежде приветствовать пригодиться прийти приходиться приходить приношение приносить прислать присылать причина приятный приятно проблема
провести проверка продажа продолжать продолжаться произойти происходить просить просто просьба простить простой против прочитать прочий
прошедший прошлый пройти проходить прям прямой пять пятый рад радость разбираться разобраться разный рамка ранее рано расстроить
расстроиться реагировать реальный реакция результат решение решить решать решаться рост руководство руководитель рука ряд связаться
связь сделать семь семья сердиться серьезный серьезно сервис сила ситуация сказать сказаться скорый скорее скорость сколько слать
следить следующий сложно сложный сложиться слово слух случай случиться слышать сменить смех смочь смысл снижаться собираться собственно
событие совершенно совсем согласный сожаление сообщать сообщение сообщить соображение сотрудник состояние спасибо спешить спешка
спокойно спокойный спасти спасать спрашивать спросить способ срок срочность срочный стараться старый старт стать статус стоять стоить
сторона страдать странный страшно стыдно сумма сутки сходить счастливый считать тема терпеливый терпеть терпение терять теряться тикет
тишина толк торопить торопиться точно третий три трубка трудно трудный тяжелый тяжело убедительно убыток убыточный уважение уважать
увидеть удаваться удобный удача удаться удивить удивление ужас ужасно ужасный узнать указанный усилие успеть успевать устать уточнить
утро уходить уйти учет уезжать ущерб хватать хватить хороший хорошо худо хуже целый час часто человек четвертый четыре честно честный
число читать чувство шеф шутка экстренный экстренно этап юрист являться яма ясно ясность подсказать подсказывать очередь мой твой ваш их
повторный рада рвать метать бешенство ярость разговор планерка совещание бесконечно бесконечный аудитор проверяющий разговаривать
сначала зато поэтому притом причем вчерашний позавчера послезавтра накануне выходные будни каникулы больничный командировка разозлить
злиться злой ругать смеяться плакать нравиться понравиться любимый паника паниковать сорвать срывать срыв потерянный упущенный терпимо
невыносимо надоедать раздражать раздражение удивляться удивлять подвести подводить рассчитывать расчет поверить доверие доверять
конкурент конкуренты заинтересованный лицо поставить-в-известность известить уведомить оповестить контролировать контроль курс просвет
сдвиг прогресс движение подвижка дозвониться достучаться откликаться молчите молчишь заглянуть глянуть furious lawyer auditor outraged
crazy mad scream shout swear tears cry holiday meeting monday-morning competitor competition counting hallo greetings meanwhile
progressing bump ping chasing nudge nudging overdue hanging hang outstanding pending unanswered ridiculous frankly seriously literally
basically apparently obviously clearly surely certainly definitely possibly maybe sincere kindness assistance responsible responsibility
expecting anxiously eagerly desperately looking-forward soonest swift swiftly rapid rapidly speedy promptly immediately instantly
quicker sooner longer shorter everywhere somebody someone something somewhere somehow ourselves themselves himself herself during within
against toward towards upon regarding concerning per via accountant accounting bookkeeper beforehand nag astray spam postpone pass
прошлое признательный признательна менеджер поручение направлять критический неужели joy insist astonish always inbox ребята хоть пинг
ап arrive вчера уж уверенный уверена уверен покупатель пользователь посетители
"""
# What a sentence that asks for attention may ask for: an answer, a look, haste.
_ATTENTION = """
long longer much still сколько прошлый прошлая прошлой turn wait six seven eight nine busy reach ждать очередь дойти мой просьба моя
свой шесть семь advice advise answer reply respond response confirm confirmation receipt help look see check fix solve sort resolve
react read tell let know inform keep post update urgent urgency urgently soon asap quick quickly possible today tomorrow back touch
return get hurry treat priority attention matter issue problem question request ticket mail email letter message below above forward
colleague advance thank favour minute time week day hour morning afternoon evening call chase ask hear happen do something anything deal
take action care expect resend acknowledge ответить отвечать ответ отписаться сообщить подсказать сказать подтвердить подтверждение
получение получить помочь помощь посмотреть взглянуть глянуть проверить исправить починить решить ускорить ускориться поторопиться
поторопить взять работа принять обратить внимание связаться позвонить перезвонить прочитать отреагировать реакция письмо сообщение
обращение заявка вопрос проблема срочный срочно скорый скорее быстро быстрый сегодня завтра возможно день час неделя минута время ниже
выше пересылать пожалуйста мочь просить знать дать понять разобраться написать извинить простить войти положение звонить ситуация
сделать что-нибудь решение пояснить уточнить сориентировать беспокойство надоедать somebody someone anyone anybody bookkeeping
бухгалтерия готовность затягивать критический хоть очень
"""
_MOMENT = re.compile(
    r"^(?:\d{1,2}|20\d\d|\d{1,2}:\d\d|\d{1,2}[./-]\d{1,2}(?:[./-](?:20)?\d\d)?|\d{1,2}(?:st|nd|rd|th)|\d{1,2}-?(?:го|й|е|ый|ий|х|ти"
    r"|м|часов|дней))$"
)
_DAYS = """
monday tuesday wednesday thursday friday saturday sunday january february march april may june july august september october november
december понедельник вторник среда четверг пятница суббота воскресенье январь февраль март апрель май июнь июль август сентябрь октябрь
ноябрь декабрь
"""
# In English a capital alone does not tell a name from the first word of a line.
_FIRST_NAMES = frozenset(
    """
aaron adam alan albert alex alexander alice alison amanda amy andrea andrew angela ann anna anne anthony barbara ben benjamin beth
betty bill bob brenda brian carl carlos carol caroline catherine charles charlotte chris christian christina christine christopher
claire clara colin craig daisy dan daniel dave david dawn dean deborah denis dennis diana diane dominic donald donna dorothy douglas
ed edward eleanor elena elizabeth ella ellen emily emma eric erik eva evelyn fiona frances francis frank fred gareth gary george
gerald gina gordon grace graham greg gregory hannah harold harry heather helen henry holly howard hugh ian irene isabel ivan jack
jackie jacob james jan jane janet jason jean jeff jennifer jenny jeremy jessica jill jim joan joanna joe john jonathan joseph joshua
joyce judith judy julia julian julie karen kate katherine kathleen keith kelly ken kenneth kevin kim larry laura lauren lee leo leon
leonard lewis liam lily linda lisa liz louis louise lucas lucy luke lynn margaret maria marie marina mark martha martin mary matt
matthew megan michael michelle mike monica nancy natalie nathan neil nick nicholas nicola nicole nigel nina noah norman olga oliver
olivia oscar pamela patricia patrick paul paula pauline peggy peter phil philip rachel ralph ray raymond rebecca richard rita rob
robert robin roger ronald rosa rose roy russell ruth ryan sally sam samantha samuel sandra sara sarah scott sean sharon shirley
simon sofia sonia sophia sophie stella stephanie stephen steve steven stuart sue susan sylvia tanya ted teresa terry theresa thomas
tim timothy tina todd tom tony tracy ursula valerie vanessa vera veronica victor victoria vincent virginia walter wendy will william
yvonne zoe
""".split()
)


def _roots(words: str) -> frozenset[str]:
    return frozenset({word for raw in words.split() for word in (raw.replace("ё", "е"), root(raw.replace("ё", "е")))})


@cache
def little() -> frozenset[str]:
    """Roots of words that may come and go within a sentence: impatience, politeness, articles."""
    return _roots(_LITTLE)


@cache
def joints() -> frozenset[str]:
    """Roots of words that make no content by themselves."""
    return little() | _roots(_JOINTS)


@cache
def says_nothing() -> frozenset[str]:
    """Roots of what people say when they wait, thank or complain, with the joints."""
    return joints() | _roots(_SAYS_NOTHING)


@cache
def attention() -> frozenset[str]:
    """Roots of what may be asked for without asking for work: an answer, a look, haste."""
    return joints() | _roots(_ATTENTION)


@cache
def days() -> frozenset[str]:
    """Roots of the names of days and months: in a reminder they say when it was, elsewhere they are what is asked for."""
    return _roots(_DAYS)


def is_moment(word: str) -> bool:
    """Whether a number can be a day, a year or a time: '18.11', '12:00', '18-го'."""
    return _MOMENT.match(word) is not None


def is_somebody(raw: str) -> bool:
    """Whether a word with a capital is somebody's name, as the dictionaries know names."""
    word = raw.casefold().replace("ё", "е")
    return raw[:1].isupper() and len(raw) > 1 and (word in _FIRST_NAMES or not may_be(word).isdisjoint(("Name", "Surn", "Patr")))
