"""Who wrote what is quoted below: the line that a mail program puts above a quote ('On …, Anna wrote:').

A pattern for each program and language would be a long list that still lacks the next one. Almost all lines are made of the same
pieces, and a rule names the pieces that together no sentence has: a date, a verb of writing, an address in angle brackets.
"""

import re
from unicodedata import normalize

LONGEST = 320  # characters of an attribution; a longer line is a text
_SPAN = 6  # lines that a program wraps one over: name, address and verb may each have their own


def _words(*languages: str) -> frozenset[str]:
    return frozenset(word for words in languages for word in words.split())


# The verb is the last word in these ('On …, Anna wrote:').
_WROTE = _words(
    "wrote writes written",  # English; 'writes' is Gnus
    "schrieb schreibt geschrieben",  # German
    "écrit ecrit écrivait",  # French
    "escribió escribio escribe escrito escrit escriure escribiu",  # Spanish, Catalan, Galician
    "scritto scrive scriveva",  # Italian
    "escreveu escreve",  # Portuguese
    "schreef schreven geschreven",  # Dutch
    "пишет писал писала писали написал написала написали",  # Russian
    "пише писав писала написав написала",  # Ukrainian
    "написаў написа написао",  # Belarusian, Bulgarian, Serbian
    "napisał napisała pisze",  # Polish
    "napsal napsala napísal napísala",  # Czech, Slovak
    "napisao napisala pisal pisala napisal",  # Croatian, Slovene
    "yazdı yazmış",  # Turkish
    "kirjoitti skrev skreiv skriver",  # Finnish, Swedish, Danish, Norwegian
    "írta scris έγραψε kirjutas rašė rakstīja",  # Hungarian, Romanian, Greek, Estonian, Lithuanian, Latvian
    "viết menulis כתב כתבה كتب",  # Vietnamese, Indonesian, Hebrew, Arabic
    "写道 写 寫道 寫",  # Chinese
    "のメッセージ のメール 書きました は書きました さんは書きました",  # Japanese
    "작성 님이작성 썼습니다 씀 글",  # Korean
)
# After these come the name or the date ('Am … schrieb Anna:', 'Вы писали 18 ноября:', 'Anna escreveu no dia 18/11/2026:').
_WROTE_THEN = _words(
    "schrieb schreibt schreef skrev skreiv skriver kirjoitti escreveu írta писали писал писала kirjutas",
    "missatge",  # Gmail in Catalan: 'Missatge de Anna <…> del dia …:'
)
_OPENERS = _words(
    "on at am den le el il in em no dia op",  # English, German and Swedish, French, Spanish, Italian, Portuguese, Dutch
    "w we dnia dne dňa v ve na pe în la dana",  # Polish, Czech, Slovak, Slovene, Romanian, Croatian
    "στις την vào pada в во у от від на",
    "在 בתאריך ב في",
)
_WORD = re.compile(r"[^\W\d_]+")
_DIGIT = re.compile(r"\d")
_DATE = re.compile(r"(?<!\d)(?:\d{1,4}[./-] ?\d{1,2}[./-] ?\d{1,4}|(?:19|20)\d\d|\d{1,2}[:.h]\d\d)(?!\d)")
_TIME = re.compile(r"(?<!\d)\d{1,2}[:.h]\d\d(?!\d)")
# The first number of a date is its day, or a year that is followed by the month.
_DAY = re.compile(r"(?:\d{1,2}(?![\d:h]|\.\d\d(?![\d.]))|\d{4} ?[-./年년])")
_MAILBOX = re.compile(r"[<(\[]\s?(?:mailto:)?[^<>()\[\]\s@]+@[^<>()\[\]\s]+")
_MAILBOX_LAST = re.compile(r"[<(\[]\s?(?:mailto:)?[^<>()\[\]\s@]+@[^<>()\[\]\s]+[>)\]\s]*[:：]?$")
_BARE_ADDRESS_LAST = re.compile(r" [^<>()\[\]\s@]+@[^<>()\[\]\s]+:$")
_GMAIL_ZONE = re.compile(r"\d{4}-\d\d-\d\d \d{1,2}:\d\d GMT[+-]\d\d:\d\d [^\d<>]{1,60}(?::|<[^<>\s]+@[^<>\s]+>:?)?$")
_SHOUTED = re.compile(r":\d\d [\[(]?(?:ERROR|WARN|WARNING|INFO|DEBUG|FATAL|NOTICE|TRACE|CRITICAL)\b")
_FULL_DATE = re.compile(r"(?<!\d)(?:\d{1,2}[./-] ?\d{1,2}[./-] ?\d{2,4}|\d{4}[./-] ?\d{1,2}[./-] ?\d{1,2}|(?:19|20)\d\d)(?!\d)")
_CLOCK = re.compile(r"(?<!\d)\d{1,2}[:.h]\d\d(?:[:.]\d\d)?(?!\d|[./-]\d)")
_BRACKETS = re.compile(r"[<(\[]+\s?(?:mailto:)?[^<>()\[\]\s@]+@[^<>()\[\]\s]+[>)\]]*")
_LOGIN = re.compile(r"[^\W\d]+[\w.-]*[._@\d][\w.-]*\w")  # 'anna_rose', 'anna@rose.example': a name, though it is small
_PARTICLE = re.compile(r"\b(?:van (?:de[nr]?)?|von (?:de[nr])?|ten|ter|zu|of|and|und|и) ")  # 'Peter van der Berg', 'House of Roses'
# Words beside the name, the date and the verb; none of them is cased like a name.
_BESIDE = _words(
    "at ла đã lúc vào uhr um folgendes ha het volgende heeft om a às à alle ore las la di da del della de dia giorno no klo kl",
    "le el il en em on am den o v u w ob для от від из в о об г р м ч п пользователь користувач odesílatel użytkownik utente user usuario",
    "ο χρήστης μ στις tarihinde şunu ezt időpont to je la на и через via pm am gmt utc msk est cet p m x mailto",
)
_VERB_LAST_SUFFIX = _words("a а ла la je")  # 'napisał(a)', 'написал(а)', 'napisao je'
_ENDED = re.compile(r"(?:[!?:]|[^\W\d]{6}\.)$")  # the end of a sentence; 'am 28.' and 'am 28. Nov.' are none
_TAIL = re.compile(r"> ?(?:[^\W\d_]+ ?){0,3}[:：]$")  # an address that was wrapped before its '>': not a quote

_SPOKEN = _WROTE | _WROTE_THEN
_KNOWN = _SPOKEN | _OPENERS | _BESIDE


class _Line:
    """The pieces of a line that may be an attribution."""

    def __init__(self, line: str) -> None:
        self.line = line.strip(" -–—*_=>|").rstrip()
        words = [word.casefold() for word in _WORD.findall(line)]
        last = words[-1] if words else ""
        if last in _VERB_LAST_SUFFIX and len(words) > 1:
            last = words[-2]
        self.words = len(words)
        self.verb_last = last in _WROTE
        self.verb = self.verb_last or not _WROTE_THEN.isdisjoint(words)
        self.verb_inside = not _WROTE.isdisjoint(words)
        date = _DATE.search(line)
        self.date = date is not None
        self.address_first = date is not None and _MAILBOX.search(line, 0, date.start()) is not None
        digit = _DIGIT.search(line)
        self.ends = line[-1:] in (":", "：")
        head = [word.casefold() for word in _WORD.findall(line[: digit.start()])] if digit else words
        # 'On Wednesday, November 18', 'Il giorno mer 18', 'Среда, 18', 'Wed, Nov 18', '18.11.2026'
        self.opened = bool(head) and head[0] in _OPENERS
        self.complete = digit is not None and _DAY.match(line, digit.start()) is not None
        self.date_first = self.date and len(head) <= (4 if self.opened else 2) and _WROTE.isdisjoint(head)


def _date_and_verb(one: _Line) -> bool:
    """'On 18 Nov 2026, Anna wrote:', 'Am 18.11.2026 um 12:00 schrieb Anna:', '18.11.2026 12:00, Anna пишет:'."""
    return one.date_first and one.verb


def _date_and_address(one: _Line) -> bool:
    """'ср, 18 нояб. 2026 г. в 12:00, Anna <anna@rose.example>:' (Gmail), Yandex and Mail.ru the like."""
    if not one.date_first:
        return False
    return bool(_MAILBOX_LAST.search(one.line) or (_BARE_ADDRESS_LAST.search(one.line) and _TIME.search(one.line)))


def _address_and_verb(one: _Line) -> bool:
    """'Anna <anna@rose.example> schrieb am Mi., 18. Nov. 2026:' (Gmail), 'Anna <anna@rose.example> writes:' (Gnus)."""
    return (one.verb or (one.verb_inside and one.address_first)) and _MAILBOX.search(one.line) is not None


def _date_with_zone(one: _Line) -> bool:
    """'2026-11-18 12:00 GMT+03:00 Anna <anna@rose.example>:' (Gmail until 2016, in most languages). A log shouts behind such a date."""
    return _GMAIL_ZONE.match(one.line) is not None and not _SHOUTED.search(one.line)


def _name_and_verb(one: _Line) -> bool:
    """'Anna wrote:' (Evolution, Claws and others), 'Anna schrieb am 18.11.2026 um 12:00:' (Thunderbird), 'Вы писали …:' (The Bat)."""
    return one.verb_inside and one.ends and one.words <= 12


def _date_alone(one: _Line) -> bool:
    """'18.11.2026 12:00, Anna:' in whatever language."""
    return one.date_first and one.ends and one.words <= 12


_BY_DATE = (_date_with_zone, _date_and_verb, _date_and_address)
_BY_NAME = (_address_and_verb,)
_OPENED = 5  # the strength of an attribution that an opening word and a date begin
_ABOVE_A_QUOTE = (_name_and_verb, _date_alone)  # a person writes these too; right above a quote they are the program's


def is_attribution(line: str) -> bool:
    """Whether the line says who wrote what stands below it ('On …, Anna wrote:')."""
    one = _Line(normalize("NFC", line))
    return len(line) < LONGEST and any(rule(one) for rule in (*_BY_DATE, *_BY_NAME))


def is_whole(line: str, *, set_apart: bool) -> bool:
    """Whether only a program writes such a line: a day with its year, a time, a name with its address, a verb, and nothing else.

    A person writes 'On 18.11.2026 the client Anna <anna@rose.example> wrote:' above what he quotes without a mark of quoting.
    `set_apart`: blank lines stand above and below, as programs write it; then the name is enough.
    """
    line = normalize("NFC", line)
    if not is_attribution(line):
        return False
    if line.startswith("--") and line.endswith("-"):
        return True  # '-----Anna <anna@rose.example> wrote: -----' (Notes), '---- On Wed, 18 Nov 2026 Anna wrote ----' (Zoho)
    bare = _BRACKETS.sub(" @ ", line)
    day, clock, digit = _FULL_DATE.search(bare), _CLOCK.search(bare), _DIGIT.search(bare)
    if not day or not clock or not digit or not (set_apart or "@ " in bare):
        return False
    end = max(day.end(), clock.end())
    rest = _LOGIN.sub(" @ ", _PARTICLE.sub(" ", bare[end:]))
    tail = _WORD.findall(rest)
    head = _WORD.findall(bare, 0, digit.start())
    named = "@" in bare or "@" in rest or any(word.casefold() not in _KNOWN for word in tail)
    # The names of days and months are small in most languages: they stand inside the date, or one stands before it.
    odd = [place for place, word in enumerate(head) if _is_odd(word)]
    day_first = not odd or "@" in bare[: digit.start()] or all(word.casefold() in _KNOWN for word in head[: odd[0]])
    return named and len(odd) <= 1 and day_first and not any(map(_is_odd, tail))


def _is_odd(word: str) -> bool:
    """Whether a word is neither a name nor one that programs write."""
    return word.casefold() == word != word.upper() and word not in _KNOWN


def is_tail(line: str) -> bool:
    """Whether a line that begins with '>' is the end of an attribution that was wrapped inside its address."""
    return line[-1] in ":：" and len(line) < 40 and _TAIL.match(line) is not None


def attributions(lines: list[str]) -> dict[int, int]:
    """Where attributions stand in the stripped lines: the index of the first line of each, with that below its last."""
    found: dict[int, int] = {}
    quote_below = after = -1  # the nearest quoted line below, the nearest line with words below
    for number in range(len(lines) - 1, -1, -1):
        line = lines[number]
        if not line:
            continue
        if line[0] == "|" or (line[0] == ">" and not is_tail(line)):
            quote_below = after = number
            continue
        near = after == quote_below and number < quote_below <= number + 3
        if (line[-1] in ":：-" or near or (line[0].isdigit() and "GMT" in line)) and len(line) < LONGEST:
            start = _start(lines, number, near and quote_below <= number + 2 and lines[quote_below][0] == ">")
            if start is not None:
                found[start] = number + 1
        after = number
    return found


def _strength(one: _Line, above_a_quote: bool) -> int:
    """How sure it is that the line is an attribution from its first word on: 0 to `_OPENED`."""
    if any(rule(one) for rule in _BY_DATE):
        # '12:00, Anna <anna@rose.example>:' is the rest of one that was wrapped inside its date.
        return 2 if not one.complete else _OPENED if one.opened else 3
    if any(rule(one) for rule in _BY_NAME):
        return 4 if one.address_first else 2  # '18 Kas 2026 tarihinde şunu yazdı:' is the rest of such a one
    return int(above_a_quote and any(rule(one) for rule in _ABOVE_A_QUOTE))


def _start(lines: list[str], end: int, above_a_quote: bool) -> int | None:
    """The index of the first line of the attribution that ends at `end`; None when none ends there.

    The shortest run of lines that opens like a date is one; what stands above is the sender's ('Yes.' above 'On 18 Nov 2026, …').
    A run without an opening word can be the rest of a longer one: '2026, Anna wrote:', 'Rose <anna@rose.example> wrote:'.
    """
    found: int | None = None
    strength = 0
    joined, told = "", False
    for start in range(end, max(end - _SPAN, -1), -1):
        line = lines[start]
        if not line and lines[start + 1][:1] in ("<", ">"):
            continue
        if start < end and (not line or (line[0] == ">" and not is_tail(line)) or (found is not None and _ENDED.search(line))):
            break
        joined = f"{line} {joined}"
        if len(joined) > LONGEST or strength == _OPENED:
            break
        told = told or "@" in line or "GMT" in line or not _SPOKEN.isdisjoint(word.casefold() for word in _WORD.findall(line))
        if not above_a_quote and not (told and ("@" in joined or _DIGIT.search(joined))):
            continue  # all rules want an address or a verb, and a date or an address
        one = _Line(normalize("NFC", joined.rstrip()))
        if (now := _strength(one, above_a_quote and start == end)) > strength:
            found, strength = start, now
    return found
