"""Whether a sentence that was added to a request only reminds, thanks or complains.

In doubt it does not: a sentence that says something new taken for a remark would lose a request.
"""

import re
from collections.abc import Collection, Sequence

from mailbot.core.desk.repeats.lexicon import attention, days, is_moment, is_somebody, joints, says_nothing
from mailbot.core.desk.repeats.reading import Word
from mailbot.core.desk.repeats.vocabulary import grammar, is_imperative, root

_REMINDS = re.compile(
    r"\b(?:already|did write|write about|still|again|once more|remind\w*|wait(?:ed|ing)?|wrote|written|writing|write to you|asked"
    r"|asking|sent|sending"
    r"|resen[dt]\w*"
    r"|forward(?:ed|ing)|reported|contacted|rang|called|promised|silence|nobody|no one|anybody|anyone there|my turn|seen this|bump\w*"
    r"|hello$|well$|in case|below|fyi|ping|any joy"
    r"|chas(?:e|ing)|nag|astray|lost|spam|duplicat\w*|copy(?:ing)?|past(?:e|ing)|on behalf"
    r"|any (?:news|update|progress|word)|follow(?:ing|ed)? up|nothing (?:has|was|happened)"
    r"|(?:not|no|nothing) (?:reply|answer\w*|response|reaction|replied|heard|received|happened)|(?:second|third|fourth|\d(?:nd|rd"
    r"|th)) (?:time|attempt|request|one|mail|message)"
    r"|when (?:can|will|is|are|do|could)|how much longer|how long|did you (?:get|see|receive)|have you (?:got|seen|received|read)"
    r"|уже|до сих пор|по.?прежнему|напом[ин]\w*|повтор\w*|пишу|пишем|писал\w*|написал\w*|звонил\w*|обраща\w*|обратил\w*|просил\w*"
    r"|присылал\w*"
    r"|отправ(?:ил|л[ия]л)\w*|отправля(?:ю|ем)|пересыла\w*|переслать|сообщал\w*|жд[уеё]\w*|ждать|ожида\w*|нет ответа|ответа (?:так и "
    r"|все |пока )?нет"
    r"|без ответа|дублиру\w*|копиру\w*|еще раз|ниже|спам|не (?:ответил\w*|отвеча\w*|получил\w*|реагиру\w*|решен\w*|изменил\w*)"
    r"|никто не|обещал\w*"
    r"|никакой реакции|тишина"
    r"|молчани\w*|когда|второй раз|третий раз|есть (?:ли )?(?:новости|ответ)|кто живой|неделя|получили|дош(?:ло|ел)|висит|видели"
    r"|очередь|ау|ну (?:что|как)|поднима\w*|наверх|третье|второе|потерял\w*)\b",
    re.IGNORECASE,
)
_FEELS = re.compile(
    r"\b(?:complain\w*|angry|annoy\w*|furious|upset|tired|frustrat\w*|disappoint\w*|unhappy|los(?:e|es|ing)|hurt\w*|worr\w*|nervous"
    r"|important|matters?"
    r"|urgent\w*|urge|asap|soon|soonest|quick\w*|hurry|depends?|count on|rely\w*|thanks?|thankful|thank you|appreciated?|grateful|hope"
    r"|hoping|sorry"
    r"|apolog\w*|help\w*|understand\w*|unfortunately|boss|director|customers?|clients?|visitors?|call me|ring me|reach\w*|away|busy|holiday"
    r"|look(?:ing)? forward"
    r"|ridiculous|unacceptable|story|reply|answer|respond|response|advise|confirm|attention|priority|let (?:me|us) know|tears|crazy"
    r"|delay\w*|deal with|get back|timing|colleague|manager|on leave|insist|astonish\w*"
    r"|жалу\w*|зл(?:ой|ая|ые|ит\w*|им\w*)|серд\w*|недовол\w*|раздраж\w*|устал\w*|расстро\w*|разочар\w*|теря\w*|убыт\w*|важн\w*"
    r"|срочн\w*|скоре\w*"
    r"|быстр\w*|оперативн\w*|спеш\w*|рассчит\w*|надее\w*|надею\w*|завис(?:ит|им)|спасибо|благодар\w*|заранее|извин\w*|прости\w*"
    r"|помо\w*|понима\w*"
    r"|к сожалению|начальств\w*|директор\w*|шеф\w*|клиент\w*|покупател\w*|посетител\w*|гост[иья]\w*|люди|звонят|звоните|ругаются"
    r"|на связи|отпуск\w*|отъезд\w*"
    r"|ценим|признател\w*|коллег\w*|руководител\w*|поручени\w*|критическ\w*|неудоб\w*|кошмар|ужас\w*|надоел\w*|безобраз\w*|ответ\w*"
    r"|отпи[сш]\w*|внимани\w*|подтверд\w*|терпен\w*|прошу|просьба"
    r"|проси[тм])\b",
    re.IGNORECASE,
)
# These turn a request into another one: something more, something else, something no more.
_TURNS = re.compile(
    r"^(?:and|but|yes|no|agreed|except|only|и|но|да|нет|а|только|кроме|лучше)\b"
    r"|\b(?:too|also|only|instead|another|others?|else|correction|meant|unless|except|never ?mind|ignore|cancel\w*|stop\w*|leave it"
    r"|undo|agree\w*"
    r"|no need|not needed|wait until|(?:reply|answer|waiting|call) (?:to|for|from) (?!you|us|me|a|an|your|my|some|any|last|first|it"
    r"|this|that|one|mail|message)\w+|(?:for|got"
    r"|received) your (?:quick )?(?:answer|reply)|for (?:the )?quick|for doing|reply needed|not right|do not (?!know|understand|hear"
    r"|see)\w+|wrong mail|who asked"
    r"|can (?:this |it )?wait|wait please|please wait|how much(?! longer)|price\w*|cost\w*|by the way"
    r"|btw|interested|new|actually"
    r"|rather not|nothing to do"
    r"|тоже|также|только|теперь|кроме|точнее|уточн\w*|наоборот|вместо|иначе|друг(?:ой|ая|ое|ие|ую|ого)|заодно|отбой|отмен\w*"
    r"|передумал\w*|снят\w*"
    r"|не надо|не нужн\w*|неактуальн\w*|не торопи\w*|можно не|соглас\w*|сколько сто\w*|почему|кстати|насч[её]т|интересу\w*|нов(?:ый|ая|ое"
    r"|ые|ого|ую|ой)"
    r"|оставьте|прекрат\w*|не сейчас|кто это|(?:звоните|ответьте) (?!мне|нам|на|по|пожалуйста|в|хоть|срочно|уже)\w+|извините,? (?:не"
    r"|это))\b",
    re.IGNORECASE,
)
_DONE = re.compile(
    r"\b(?:works|working|worked|fixed|solved|sorted|resolved|found|close this|back up|all good|looks? great|great|lovely|perfect"
    r"|got it|quick fix|done|заработал\w*|работает|работают"
    r"|починил\w*|исправил\w*"
    r"|решил\w*|нашел|нашла|нашли|супер|готово|разобрались|ответили|получен|отлично|прекрасно|вижу|увидел\w*)\b",
    re.IGNORECASE,
)
# What a "not" in a remark is about: that nobody answers, or that its writer does not know.
_UNANSWERED = re.compile(
    r"\b(?:no|not|nobody|nothing|never|none|without|не|нет|ни|никто|ничего|никогда|без)\b(?: \S+){0,3}? ?\b(?:answer\w*|repl\w*"
    r"|respon\w*|react\w*|hear|heard|news"
    r"|receiv\w*|happen\w*|sure|know\w*|understand\w*|arriv\w*|mind|picked|reaction|сколько|ответ(?:а|ов|ил\w*)|отвеча(?:ет|ют|ете)"
    r"|отзыва\w*|реакци\w*|реагиру\w*"
    r"|получ\w*|решен\w*|решил\w*|пришл\w*|дош\w*|дозвон\w*|понима\w*|понял\w*|знаю|знаем|уверен\w*|разбира\w*|бер(?:ут|ете|ет)"
    r"|подход\w*|могу|можем|могут|может|хочу|хотим)\b"
    r"|\bответа (?:\S+ ){0,3}нет\b|\b(?:answered|fixed|solved|done) yet\b|\bstill not\b|\bcannot|can not|nothing done|не сделан\w*"
    r"|ничего не (?:происход\w*|делает\w*)\b"
)
_UNDONE = re.compile(r"\b(?:not|nothing|nobody|не|ничего|никто)\b(?: \w+){0,2}? \w+")
_ASKS = re.compile(
    r"\b(?:please|pls|(?:could|can|would|will) (?:you|we|i)|need|needs|want|wants|should|must|have to|has to|lets|let's|make sure"
    r"|would like)\b"
    r"|\b(?:надо|нужн\w*|хоч\w*|хотим|хотел\w*|хотелось|просьба|прошу|просим|можно|давайте|необходим\w*|требуется|следует|стоит|пусть)\b",
    re.IGNORECASE,
)
_REACHED = re.compile(
    r"\b(?:call me|ring me|reach\w*|available|in the office|on the phone|звони\w*|перезвон\w*|на связи|на месте|доступ[ен]\w*)\b"
)
# Words that are content in a request, and none in a remark.
_EVERYDAY = frozenset(
    """
open away busy reached available six seven eight nine ten bump bumping after before until since because due over off out under within went
come came fyi am pm после до перед из-за шести семи восьми надоела надоело надоел см
""".split()
)
_ORDERS = re.compile(
    r"^(?:make|let|stop|send|take|use|give|put|keep|set|do|get|bring|run|have|leave|go|open|close|undo|add|remove|change|check|fix|see"
    r"|update)\b"
)
_VERBAL = re.compile(r"(?:ly|ing|ed)$")


def is_remark(sentence: Sequence[Word], known: Collection[str]) -> bool:
    """Whether a sentence says nothing of a request. `known`: the words and roots of the request."""
    line = " ".join(word.text for word in sentence)
    raw = " ".join(word.raw for word in sentence)
    reminds = _REMINDS.search(line) is not None
    asks = "?" in raw
    if any(word.kind == "not" for word in sentence) and not _UNANSWERED.search(line):
        return False
    if _TURNS.search(line) or (_DONE.search(_UNDONE.sub("", line)) and not asks):
        return False
    feels = _FEELS.search(line) is not None
    if not (reminds or feels) or (asks and not reminds and not _ASKS.search(line)):
        return False
    strange = [word for word in sentence if not _is_plain(word, reminds or _REACHED.search(line) is not None)]
    if _asks_for_work(sentence, line, reminds, asks):
        return False
    unknown = [word for word in strange if not (reminds and (word.text in known or root(word.text) in known))]
    return len(unknown) <= (0 if asks else 2) and all(word.kind == "word" and _says_how(word, feels) for word in unknown)


def is_idle(words: Sequence[Word]) -> bool:
    """Whether words say nothing of a request, wherever they stand."""
    return all(word.kind == "word" and not word.is_name and root(word.text) in says_nothing() for word in words)


def _is_plain(word: Word, timely: bool) -> bool:
    """Whether a word is none that a request is about; in a reminder somebody's name and the day are none."""
    if word.kind == "not":
        return True
    if word.kind == "number":
        return is_moment(word.text) and timely
    if word.kind == "place":
        return False
    if root(word.text) in days():
        return timely
    return root(word.text) in says_nothing() or root(word.text) in attention() or word.text in _EVERYDAY or is_somebody(_bare(word))


def _asks_for_work(sentence: Sequence[Word], line: str, reminds: bool, asks: bool) -> bool:
    """Whether a sentence asks for more than an answer, a look or haste."""
    told = not asks and _ORDERS.search(line) is not None
    if not (told or _ASKS.search(line) or any(is_imperative(word.text) for word in sentence)):
        return False
    may_ask = says_nothing() if reminds else attention()
    said = (word for word in sentence if word.kind != "not" and root(word.text) not in days() and not is_moment(word.text))
    return any(
        word.kind != "word" or not (root(word.text) in may_ask or word.text in _EVERYDAY or is_somebody(_bare(word))) for word in said
    )


def _bare(word: Word) -> str:
    return word.raw.strip(".,;:!?")


def _says_how(word: Word, feels: bool) -> bool:
    """Whether a word that nobody foresaw may say how somebody waits, but is no thing that somebody waits for."""
    if word.is_name:
        return False
    said = grammar(word.text)
    how = ("VERB", "GRND", "PRTF", "ADVB", "PRED", "ADJS") if feels else ("VERB", "GRND", "PRTF")
    return not said.isdisjoint(how) if said else _VERBAL.search(word.text) is not None


def has_content(word: Word) -> bool:
    """Whether a word counts when it is asked how much two requests share."""
    return word.kind != "word" or root(word.text) not in joints()
