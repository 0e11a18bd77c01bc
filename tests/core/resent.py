"""Mail that is surely the same request again, and mail that is surely another one although it looks the same.

The requests stand in requests/ru.txt and requests/en.txt: blocks between lines of "====", the first line the subject, then the text, one
paragraph or list item a line. Sentences in {braces} carry the point: they alone are the same request, said shorter. Below the text:
"~ kind: old -> new; old -> new" makes another request of it (in text and subject), "+ sentence" one more demand, "= sentence" a remark
that adds no demand. Whatever is put around them (phrases.py, forms.py) changes nothing.
"""

import re
import textwrap
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cache
from itertools import chain
from pathlib import Path
from random import Random

from tests.core.forms import FORWARDS, QUOTES, Old
from tests.core.phrases import DOMAINS, PHRASES, PRIVATE, Person

LANGUAGES = ("ru", "en")
MONDAY = datetime(2026, 11, 9)  # noqa: DTZ001 (a local time in a header)

# What the files call a difference, and what it is called here.
DIFFERENCES = {
    "number": "another number or address of mail",
    "url": "another URL or path",
    "page": "another page or section",
    "date": "another date or period",
    "name": "another name",
    "product": "another product or service",
    "negation": "a negation more or less",
    "opposite": "the opposite",
    "object": "another object",
    "variant": "another language, colour, currency or format",
    "place": "another place",
    "unit": "another unit",
    "word": "another word of content",
    "subject": "another subject alone",
    "reply": "a short reply",
}
ONE_MORE = "one more demand"


@dataclass(frozen=True)
class Said:
    """What one mail says."""

    sender: str
    subject: str
    text: str


@dataclass(frozen=True)
class Pair:
    """Two mails of one client; `typos`: the later has typing errors (the wrong layout is one)."""

    language: str
    kind: str
    typos: bool
    earlier: Said
    later: Said


@dataclass(frozen=True)
class Difference:
    """Makes another request of a request; `swaps` are (old, new)."""

    kind: str
    swaps: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Request:
    """One block of the files."""

    language: str
    subject: str
    text: str
    point: str  # "" where each sentence carries it
    differences: tuple[Difference, ...]
    demands: tuple[str, ...]
    remarks: tuple[str, ...]

    @property
    def whole(self) -> bool:
        """Whether the text says it all: it is no short reply, and the subject can change."""
        return not {DIFFERENCES["subject"], DIFFERENCES["reply"]} & {difference.kind for difference in self.differences}

    def other(self, difference: Difference) -> "Request":
        """The request with this difference in text and subject."""
        subject, text = self.subject, self.text
        for old, new in difference.swaps:
            whole_words = re.compile(rf"(?<!\w){re.escape(old)}(?!\w)")
            subject, text = (whole_words.sub(new, part) for part in (subject, text))
        return replace(self, subject=subject, text=text)


@cache
def requests(language: str) -> tuple[Request, ...]:
    """All requests of a language."""
    content = (Path(__file__).parent / "requests" / f"{language}.txt").read_text(encoding="utf-8")
    return tuple(_request(language, block.strip().split("\n")) for block in content.split("====\n"))


def _request(language: str, lines: list[str]) -> Request:
    marked = {mark: [line[2:] for line in lines if line.startswith(mark)] for mark in ("~ ", "+ ", "= ")}
    text = "\n".join(line for line in lines[1:] if line[:2] not in marked)
    differences = []
    for line in marked["~ "]:
        key, swaps = line.split(": ", 1)
        pairs = tuple((old, new) for old, new in (swap.split(" -> ") for swap in swaps.split("; ")))
        differences.append(Difference(DIFFERENCES[key], pairs))
    return Request(
        language,
        lines[0].split(": ", 1)[1],
        re.sub("[{}]", "", text),
        " ".join(re.findall(r"\{(.+?)\}", text)),
        tuple(differences),
        tuple(marked["+ "]),
        tuple(marked["= "]),
    )


@cache
def vocabulary() -> frozenset[str]:
    """All words of all requests: a typing error that makes one of them would be another word."""
    texts = ((Path(__file__).parent / "requests" / f"{language}.txt").read_text(encoding="utf-8") for language in LANGUAGES)
    return frozenset(re.findall(r"\w+", " ".join(texts).lower()))


@dataclass(frozen=True)
class Draft:
    """A mail while it is made: the parts of its text, and the request that it says."""

    request: Request
    person: Person
    address: str
    domain: str
    subject: str
    greeting: str
    body: str
    signature: str
    when: datetime
    kept: frozenset[str] = frozenset()  # words that get no typing error: the difference is in them

    @property
    def text(self) -> str:
        """The whole text."""
        return "\n\n".join(part for part in (self.greeting, self.body, self.signature) if part)

    def said(self) -> Said:
        """The finished mail."""
        return Said(self.address, self.subject, self.text)


Change = Callable[[Random, Draft], Draft]


def _signature(rng: Random, language: str, person: Person, domain: str) -> str:
    phrases = PHRASES[language]
    company = phrases.companies[DOMAINS.index(domain)]
    name = rng.choice((person.name, person.name.split()[0]))
    closing = rng.choice(phrases.closings)
    forms = (
        "",
        name,
        f"{closing}\n{name}",
        f"{closing}\n{person.name}\n{person.position}\n{company}\n{person.phone}",
        f"{closing}\n\n-- \n{person.name}\n{person.position}, {company}\n{person.phone}",
        f"-- \n{person.name}, {company}",
        f"{name}\n{person.phone}",
        rng.choice(phrases.devices),
    )
    return rng.choice(forms).lstrip("\n")


def _greeting(rng: Random, request: Request) -> str:
    phrases = PHRASES[request.language]
    return "" if request.text.lower().startswith(phrases.salutes) else rng.choice((*phrases.greetings, ""))


def draft(rng: Random, request: Request, *, vague: bool) -> Draft:
    """The request as a client first writes it; `vague`: the subject may say nothing."""
    person, domain = rng.choice(PHRASES[request.language].people), rng.choice(DOMAINS)
    subject = rng.choice(PHRASES[request.language].vague) if vague and rng.random() < 0.35 else request.subject
    when = MONDAY + timedelta(days=rng.randrange(12), hours=rng.randrange(8, 20), minutes=rng.randrange(60))
    signature = _signature(rng, request.language, person, domain)
    return Draft(request, person, f"{person.user}@{domain}", domain, subject, _greeting(rng, request), request.text, signature, when)


def frame(rng: Random, mail: Draft) -> Draft:
    """A colleague, or the same person from another address, with another greeting and signature."""
    people = [person for person in PHRASES[mail.request.language].people if person != mail.person]
    person = rng.choice((mail.person, rng.choice(people)))
    address = f"{person.user}@{rng.choice(PRIVATE) if person == mail.person else mail.domain}"
    while True:
        signature, greeting = _signature(rng, mail.request.language, person, mail.domain), _greeting(rng, mail.request)
        if signature != mail.signature or greeting != mail.greeting:
            return replace(mail, person=person, address=address, greeting=greeting, signature=signature)


def readdress(rng: Random, mail: Draft) -> Draft:
    """The same mail from the other address of the same person."""
    return replace(mail, address=f"{mail.person.user}@{rng.choice(PRIVATE)}")


def _fold(rng: Random, text: str) -> str:
    width = rng.randrange(44, 79)
    return "\n".join(textwrap.fill(line, width, break_long_words=False, break_on_hyphens=False) for line in text.split("\n"))


def _join(_: Random, text: str) -> str:
    """One paragraph, but a list stays a list."""
    return text if re.search(r"(?m)^\d+[.)]", text) else " ".join(text.split("\n"))


def _sentences_apart(_: Random, text: str) -> str:
    return re.sub(r"(?<!\d)([.!?]) (?=[A-ZА-ЯЁ])", r"\1\n\n", text)  # not behind the number of an item


def _no_break(rng: Random, text: str) -> str:
    return re.sub(" ", lambda _: rng.choice((" ", "\N{NO-BREAK SPACE}")), text)


def _other_marks(rng: Random, text: str) -> str:
    """The quotation marks, dashes and dots of another program."""
    left, right = rng.choice((('"', '"'), ("“", "”"), ("„", "“"), ("«", "»")))
    text = re.sub(r'«([^«»\n]*)»|"([^"\n]*)"', lambda found: f"{left}{found[1] or found[2]}{right}", text)
    return re.sub("[–—]", lambda _: rng.choice("-–—"), text).replace("...", "…").replace("'", "’")


# Line lengths and marks: no word changes, but ё, which Russian may write as е.
LAYS: tuple[Callable[[Random, str], str], ...] = (
    _fold,
    _join,
    _sentences_apart,
    _no_break,
    _other_marks,
    lambda _, text: text.replace("\n", "\n\n"),
    lambda rng, text: re.sub(r"(?m)$", lambda _: " " * rng.randrange(4), text),
    lambda rng, text: re.sub(r"(?<=[.!?]) ", lambda _: rng.choice((" ", "  ")), text),
    lambda _, text: text.replace("ё", "е").replace("Ё", "Е"),
)


def rewrap(rng: Random, mail: Draft) -> Draft:
    """Other lines, spaces, quotation marks, dashes, ё."""
    body = mail.body
    while body.strip() == mail.body.strip():
        for lay in rng.sample(LAYS, rng.randrange(2, 5)):
            body = lay(rng, body)
    return replace(mail, body=body)


def _forward(name: str) -> Change:
    def change(rng: Random, mail: Draft) -> Draft:
        phrases = PHRASES[mail.request.language]
        old = Old(mail.request.language, mail.person.name, mail.address, mail.when, mail.subject, mail.text)
        person = rng.choice((mail.person, rng.choice(phrases.people)))
        prefix = rng.choice(
            ("FW: ", "Fwd: ", "Пересл: ") if name == "forwarded by Outlook" and mail.request.language == "ru" else ("FW: ", "Fwd: ")
        )
        cover = rng.choice(("", "", rng.choice(phrases.covers)))
        signature = cover and rng.choice(("", "", _signature(rng, mail.request.language, person, mail.domain)))
        top = "\n\n".join(part for part in (cover, signature) if part)
        body = f"{top}\n\n{rng.choice(FORWARDS[name])(old)}".lstrip("\n")
        return replace(
            mail, person=person, address=f"{person.user}@{mail.domain}", subject=prefix + mail.subject, greeting="", body=body, signature=""
        )

    return change


def quote(rng: Random, mail: Draft) -> Draft:
    """A few words of impatience, and the request below as the mail program quotes it."""
    language = mail.request.language
    old = Old(language, mail.person.name, mail.address, mail.when, mail.subject, mail.text)
    signature = rng.choice(("", mail.person.name.split()[0], _signature(rng, language, mail.person, mail.domain)))
    top = "\n\n".join(part for part in (rng.choice(PHRASES[language].nudges), signature) if part)
    subject = mail.subject if mail.subject.startswith("Re: ") else f"Re: {mail.subject}"
    return replace(mail, subject=subject, greeting="", body=f"{top}\n\n{rng.choice(QUOTES)(old)}", signature="")


def remind(rng: Random, mail: Draft) -> Draft:
    """One or two sentences about waiting, then the same words."""
    lines = rng.sample(PHRASES[mail.request.language].reminders, rng.choice((1, 1, 2)))
    words = " ".join(lines).replace("{end}", mail.person.end)
    return replace(mail, body=f"{words}{rng.choice((' ', chr(10), chr(10) * 2))}{mail.body}")


def resubject(rng: Random, mail: Draft) -> Draft:
    """Another subject; one that is needed stays in it."""
    forms = [form for form in PHRASES[mail.request.language].again if mail.request.whole or "{}" in form]
    while (subject := rng.choice(forms).format(mail.subject).strip()) == mail.subject:
        pass
    return replace(mail, subject=subject)


def excerpt(_: Random, mail: Draft) -> Draft:
    """The sentences that carry the point."""
    return replace(mail, body=mail.request.point)


def remark(rng: Random, mail: Draft) -> Draft:
    """A sentence that adds no demand: in front, behind, or between two sentences."""
    choices = (*PHRASES[mail.request.language].remarks, *mail.request.remarks * 6)
    words = rng.choice(choices).replace("{end}", mail.person.end)
    gaps = [found.end() for found in re.finditer(r"(?<!\d)[.!?] (?=[A-ZА-ЯЁ])", mail.body)]
    # Behind a list it is a paragraph of its own: it must not belong to the last item.
    last = "\n\n" if re.search(r"(?m)^\d+[.)]", mail.body) else rng.choice((" ", "\n", "\n\n"))
    at = rng.choice(("front", "middle", "behind")) if gaps else rng.choice(("front", "behind"))
    if at == "middle":
        gap = rng.choice(gaps)
        return replace(mail, body=f"{mail.body[:gap]}{words} {mail.body[gap:]}")
    end = "" if mail.body.endswith((".", "!", "?", "»", '"')) else "."
    return replace(mail, body=f"{words} {mail.body}" if at == "front" else f"{mail.body}{end}{last}{words}")


ROWS = {"ru": ("йцукенгшщзхъ", "фывапролджэ", "ячсмитьбю"), "en": ("qwertyuiop", "asdfghjkl", "zxcvbnm")}
# Small letters alone: names keep their letters. No part of an address, a number or a file name.
PLAIN = {"ru": re.compile(r"(?<![\w/@.:-])[а-яё]{5,}(?![\w/@:-]|\.\w)"), "en": re.compile(r"(?<![\w/@.:'-])[a-z]{5,}(?![\w/@:'-]|\.\w)")}


def _mistype(rng: Random, word: str, language: str) -> str:
    at = rng.randrange(1, len(word) - 1)
    row = next((row for row in ROWS[language] if word[at] in row), word[at])
    near = row.find(word[at]) + rng.choice((-1, 1))
    return rng.choice(
        (
            word[:at] + row[max(0, min(near, len(row) - 1))] + word[at + 1 :],
            word[:at] + word[at + 1] + word[at] + word[at + 2 :],
            word[:at] + word[at + 1 :],
            word[: at + 1] + word[at:],
        )
    )


def _mistypable(mail: Draft) -> list[re.Match[str]]:
    return [match for match in PLAIN[mail.request.language].finditer(mail.body) if match[0] not in mail.kept]


def mistype(rng: Random, mail: Draft) -> Draft:
    """One to four typing errors, if a word may have one: a neighbouring key, two letters swapped, one dropped or doubled."""
    found = _mistypable(mail)
    if not found:
        return mail
    most = max(1, min(4, len(mail.body.split()) // 6))
    body = mail.body
    for match in sorted(rng.sample(found, min(len(found), rng.randint(1, most))), key=re.Match.start, reverse=True):
        while (word := _mistype(rng, match[0], mail.request.language)) in vocabulary():
            pass
        body = body[: match.start()] + word + body[match.end() :]
    return replace(mail, body=body)


# The same keys in two layouts.
CYRILLIC = "йцукенгшщзхъфывапролджэячсмитьбюёЙЦУКЕНГШЩЗХЪФЫВАПРОЛДЖЭЯЧСМИТЬБЮЁ"
LATIN = "qwertyuiop[]asdfghjkl;'zxcvbnm,.`QWERTYUIOP{}ASDFGHJKL:\"ZXCVBNM<>~"
OTHER_KEYS = {
    "ru": str.maketrans(CYRILLIC + '.,?:;"', LATIN + "/?&^$@"),
    "en": str.maketrans(LATIN + "?&", CYRILLIC + ",?"),
}
OWN_LETTERS = {"ru": "А-Яа-яЁё", "en": "A-Za-z"}


def wrong_layout(rng: Random, mail: Draft) -> Draft:
    """One to three words, or all, typed in the other keyboard layout; addresses and numbers are pasted."""
    language = mail.request.language
    table, letters = OTHER_KEYS[language], OWN_LETTERS[language]
    if rng.random() < 0.4:
        tokens = re.split(r"(\s+)", mail.body)
        body = "".join(token if re.search(r"[\d@/_]", token) else token.translate(table) for token in tokens)
        return replace(mail, body=body, greeting=mail.greeting.translate(table))
    words = list(re.finditer(rf"(?<![\w/@.:'’-])[{letters}]{{4,}}(?![\w/@:'’-]|\.\w)", mail.body))
    body = mail.body
    for match in sorted(rng.sample(words, min(len(words), rng.randint(1, 3))), key=re.Match.start, reverse=True):
        body = body[: match.start()] + match[0].translate(table) + body[match.end() :]
    return replace(mail, body=body)


CHANGES: dict[str, Change] = {
    "second address": readdress,
    "other greeting and signature": frame,
    "rewrapped": rewrap,
    **{name: _forward(name) for name in FORWARDS},
    "reminder above a quote": quote,
    "reminder on top": remind,
    "changed subject": resubject,
    "excerpt": excerpt,
    "extra sentence": remark,
    "typos": mistype,
    "wrong layout": wrong_layout,
}
TYPOS = frozenset(("typos", "wrong layout"))

# Made in this order: what is in the words first, what is around them last.
MIXES = (
    ("reminder on top", "other greeting and signature"),
    ("rewrapped", "forwarded by Outlook"),
    ("extra sentence", "forwarded by Gmail"),
    ("typos", "other greeting and signature"),
    ("typos", "extra sentence"),
    ("typos", "forwarded by Yandex"),
    ("excerpt", "reminder on top"),
    ("extra sentence", "changed subject"),
    ("rewrapped", "reminder above a quote"),
    ("wrong layout", "reminder on top"),
)

# What a difference hides behind, alone or two at once.
DISGUISES: tuple[tuple[str, ...], ...] = (
    (),
    ("other greeting and signature",),
    ("rewrapped",),
    ("reminder on top",),
    ("changed subject",),
    ("extra sentence",),
    ("typos",),
    *((name,) for name in FORWARDS),
    ("rewrapped", "other greeting and signature"),
    ("reminder on top", "other greeting and signature"),
    ("typos", "other greeting and signature"),
    ("extra sentence", "changed subject"),
    ("rewrapped", "forwarded by Outlook"),
    ("typos", "forwarded by Gmail"),
)
# A short answer stays what it is only behind these.
OF_A_REPLY: tuple[tuple[str, ...], ...] = ((), ("other greeting and signature",), ("rewrapped",))


def _changed(rng: Random, mail: Draft, names: tuple[str, ...]) -> Draft:
    for name in names:
        mail = CHANGES[name](rng, mail)
    return mail


def resent(seed: int) -> list[Pair]:
    """Pairs whose later mail is surely the same request: 30 of each of 24 kinds in each language; deterministic in `seed`."""
    rng, pairs = Random(seed), []
    for language in LANGUAGES:
        for names in chain(((name,) for name in CHANGES), MIXES):
            fit = [request for request in requests(language) if request.whole and (request.point or "excerpt" not in names)]
            for request in chain(rng.sample(fit, min(len(fit), 30)), rng.sample(fit, max(0, 30 - len(fit)))):
                earlier = draft(rng, request, vague=True)
                later = _changed(rng, earlier, names)
                pairs.append(Pair(language, " + ".join(names), not TYPOS.isdisjoint(names), earlier.said(), later.said()))
    return pairs


def _others(rng: Random, request: Request) -> Iterator[tuple[str, Request, Request, frozenset[str]]]:
    """(kind, a request, another one, the words they differ in)."""
    for difference in request.differences:
        pair = [request, request.other(difference)]
        rng.shuffle(pair)
        yield difference.kind, pair[0], pair[1], frozenset(re.findall(r"\w+", " ".join(chain(*difference.swaps))))
    for demand in request.demands:
        item = re.match(r"\d", demand)
        end = "" if request.text.endswith((".", "!", "?", "»", ";")) else "."
        more = replace(request, text=f"{request.text}{chr(10) if item else end + rng.choice((' ', chr(10), chr(10) * 2))}{demand}")
        yield ONE_MORE, request, more, frozenset(re.findall(r"\w+", demand))


def near_misses(seed: int) -> list[Pair]:
    """Pairs whose later mail is surely another request: each difference of each request, behind three disguises; deterministic in `seed`."""
    rng, pairs = Random(seed), []
    for request in chain(*(requests(language) for language in LANGUAGES)):
        for kind, first, second, words in _others(rng, request):
            for names in rng.sample(OF_A_REPLY if kind == DIFFERENCES["reply"] else DISGUISES, 3):
                earlier = draft(rng, first, vague=request.whole)
                subject = second.subject if earlier.subject == first.subject else earlier.subject
                other = replace(earlier, request=second, subject=subject, body=second.text, kept=words)
                later = _changed(rng, other, names)
                typos = "typos" in names and bool(_mistypable(other))
                pairs.append(Pair(request.language, kind, typos, earlier.said(), later.said()))
    return pairs
