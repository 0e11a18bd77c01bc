"""Which charset octets are in, when their message does not say it, or says what cannot be."""

import re

# Pairs of letters that are frequent in Russian, Ukrainian and Bulgarian words: in the right charset most pairs of a text are among these.
_FREQUENT = (
    "ст но то на ен ов ни ра во ко ро по пр ре ос ор ер ол ал ан от ли ел ло ле ка та ва ет ти те ри ин не ве де ла ой го он ом ск ми "
    "од ис да ит ес из ть ны ие ия ий ый ая ое ые ог ег ем им ам ах ях ям ым их ую ей ши ще щи чт че чи ча жа же жи ше за зд зн зв зо "
    "зы ба бо бе бы бу бр об аб бл дн ди до ду др дл ды дь ад ед ид уд га ги гл гр гу гд аг иг уг вс вн ви вл вы вр вз ав ев ив уж уч "
    "уш ур ус ут ул ум ук уб ув ке ки кт кл кр ку кс ак ек ик ок ля лу лы ль лю лк лн ил ма ме мо му мы мн ею яв яз ят ял яс як ян вя "
    "ня тя ся ря бя мя нн нт нк нс ну нь нд нц оп оч ож оз ош ощ ою оя ои оо па пе пи пл пу пы пя ап еп ип уп ар ир ру ры рт рн рс рг "
    "рж рк рм рв са се си сл см сн со сп сс су сы сь ас тв тн тр ту тс ты тк фо фи фе ха хо ху цв це ци ца ац ез еж еч ещ ён ёт чё её "
    "ёл шл шк шн чн чк чу эт эл эк юд ют ющ ящ яд кв бщ щё щу дъ въ ъе ыл ын ыв ыс ыт ып ьн ьк ьс ьш ьт ью ья ье аж аз ай ач аш аю ае "
    "ві ті рі лі сі мі кі ді зі пі бі іс ів ін іт ід іл ії ія іє єю її ої єт ує юч ці чі щі жі із ім ік єм єд аї оє ає ьо йо нє ът ъл "
    "ъд ър ъз ъш къ съ пъ мъ иб бк жд жн дв вт вк вш гн дм дп зк зр ич иш ищ лс мп нг нф рд рл рп рх рц рь сд ср тл тм тп ух фа фр хн "
    "хр цы шь щн ыч ьз юл юс "
)
_PAIRS = frozenset(_FREQUENT.split())
_LETTERS = frozenset("абвгдежзийклмнопрстуфхцчшщъыьэюяёіїєґ")
_SIGNS = frozenset("«»„“”‘’–—…№\xa0")
_WORD = re.compile("[\u0400-\u045f\u0490\u0491]+")
_MIXED = re.compile("[A-Za-z][\u0400-\u0491]|[\u0400-\u0491][A-Za-z]")
_HIGH_WORD = re.compile(rb"[\x80-\xff]{3,}")
CYRILLIC = {
    "windows-1251": "cp1251",
    "koi8-r": "koi8-r",
    "koi8-u": "koi8-u",
    "cp866": "cp866",
    "cp1125": "cp1125",  # cp866 of Ukrainian DOS
    "iso-8859-5": "iso-8859-5",
    "x-mac-cyrillic": "mac-cyrillic",
}
ASCII = bytes(range(0x80))
_SAMPLE = 4000
_SCORED = 300  # octets, from the first high one: more make no answer surer
_HIGH = re.compile(rb"[\x80-\xff]")
# What is left to chardet: no charset of mainframes, of DOS in the West or of old Macs, which mail is never written in. The Cyrillic ones
# are scored here, because chardet takes one in ten short Russian texts for another charset of the family (measured with texts of our own).
_OTHERS = (
    *("cp1252", "cp1250", "iso-8859-2", "cp1254", "cp1253", "iso-8859-7", "cp1255", "iso-8859-8", "cp1256", "iso-8859-6"),
    *("cp1257", "cp1258", "cp874", "gb18030", "big5", "cp932", "shift_jis", "euc-jp", "cp949", "euc-kr"),
)


def likely(octets: bytes) -> tuple[str, float]:
    """The likeliest charset of octets that are neither ASCII nor UTF-8, and how sure it is (0.2 and more: rather);
    windows-1252 when nothing speaks for another."""
    cyrillic, score = likely_cyrillic(octets)
    if score >= 0.65:
        return cyrillic, score
    if japanese := _with_kana(octets):
        return japanese, 1.0
    other, confidence = _other(octets)
    return (cyrillic, 0.0) if score >= 0.4 and confidence < 0.15 else (other, confidence)


def likely_cyrillic(octets: bytes) -> tuple[str, float]:
    """The Cyrillic charset in which the octets look most like words, and how much so: Cyrillic text has about 0.4 to 1."""
    scores = {name: cyrillic_score(octets, name) for name in CYRILLIC}
    best = max(scores, key=scores.__getitem__)
    return best, scores[best]


def cyrillic_score(octets: bytes, name: str, scored: int = _SCORED) -> float:
    """How much that many octets, from the first high one, look like Cyrillic words in that charset (a key of CYRILLIC)."""
    first = _HIGH.search(octets)
    start = max(first.start() - 1, 0) if first else 0
    return _score(octets[start : start + scored], CYRILLIC[name])


def stands_in_words(octets: bytes) -> bool:
    """Whether most high octets stand together, as in scripts that are not Latin: accented letters of the West stand alone."""
    sample = octets[:_SAMPLE]
    return sum(map(len, _HIGH_WORD.findall(sample))) * 2 > len(sample.translate(None, ASCII))


def _score(octets: bytes, codec: str) -> float:
    """Points for each high octet: pairs that words have, against pairs, signs, letters and capitals that they do not have."""
    text = octets.decode(codec, "replace")
    high = sum(char >= "\x80" for char in text)
    if not high:
        return 0.0
    points = 0.0
    for word in _WORD.findall(text):
        low = word.lower()
        points += (len(low) > 1) + sum(1 if low[place : place + 2] in _PAIRS else -1 for place in range(len(low) - 1))
        points -= 2 * sum(char not in _LETTERS for char in low)
        if not (word.islower() or word.isupper() or word[1:].islower()):
            points -= 2 * sum(word[place].islower() and word[place + 1].isupper() for place in range(len(word) - 1))
    points -= 2 * sum(char >= "\x80" and char not in _SIGNS for char in _WORD.sub("", text))
    points -= 2 * len(_MIXED.findall(text))
    return points / high


def _with_kana(octets: bytes) -> str | None:
    """The Japanese charset in which a third of the characters are kana: no other language and charset looks like that."""
    for name, codec in (("shift_jis", "cp932"), ("euc-jp", "euc_jp")):
        try:
            text = octets[:_SAMPLE].decode(codec) if len(octets) <= _SAMPLE else octets[:_SAMPLE].decode(codec, "ignore")
        except UnicodeError:
            continue
        if sum("\u3041" <= char <= "\u30fc" for char in text) * 3 > sum(char >= "\x80" for char in text):
            return name
    return None


def _other(octets: bytes) -> tuple[str, float]:
    """The likeliest charset that is not Cyrillic, and chardet's confidence."""
    import chardet  # its models take memory and a twentieth of a second, and few mails come without a true charset

    found = chardet.detect(octets[:_SAMPLE], include_encodings=_OTHERS)
    name, confidence = str(found["encoding"] or "windows-1252").lower(), float(found["confidence"])
    if confidence < 0.05 and not stands_in_words(octets):  # a throw of dice: a few accents in an English or German text
        return "windows-1252", confidence
    return name, confidence
