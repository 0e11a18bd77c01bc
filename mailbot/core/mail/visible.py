"""The new words of a reply, without the quoted history and the signature. In doubt it keeps too much."""

import re

MARKER = "-- ✂ --"  # our own forwards and answers carry it: what stands below is ours

_MAILBOX = r"<[^<>\s]+@[^<>\s]+>"
# Attributions that open with a word or a date, and those that only hold a date; both hold a digit, a sentence often does not.
_OPENED = re.compile(
    r"^\W{0,3}(?=.*\d)("
    r"on\b.{5,200}\bwrote"  # Gmail, Apple Mail, Thunderbird
    r"|am\b.{5,200}\bschrieb\b.{0,80}"
    r"|le\b.{5,200}\ba écrit\s?"
    r"|el\b.{5,200}\bescribió"
    r"|(il|in data)\b.{5,200}\bha scritto"
    rf"|\d{{1,2}}\s?[а-яё]{{3,9}}\.?\s\d{{4}}.{{0,120}}{_MAILBOX}"  # Gmail in Russian: date, name, address, colon
    rf"|\d{{1,2}}\.\d{{1,2}}\.\d{{4}},? .{{0,120}}{_MAILBOX}"  # Yandex
    rf"|(пн|вт|ср|чт|пт|сб|вс),? .{{5,200}}{_MAILBOX}"
    r")\s*:?\s*$",
    re.IGNORECASE,
)
_DATED = re.compile(
    r"^(.{0,43}\d{1,2}[./-]\d{1,2}[./-]\d{2,4}.{0,160}(пишет|написал(а|\(а\))?|wrote)"  # Thunderbird, Outlook in Russian
    r"|.{0,63}\d{4}\s?г?\.?.{0,160}(пишет|написал(а|\(а\))?|wrote)"
    rf"|.{{0,43}}\d{{4}}.{{0,40}}\bот\b.{{0,120}}{_MAILBOX}"  # Mail.ru
    r")\s*:?\s*$",
    re.IGNORECASE,
)
_SEPARATOR = re.compile(
    r"^\s*([-_*]{2,}\s*(original message|forwarded message|исходное сообщение|пересылаемое сообщение|пересланное сообщение"
    r"|конец пересылаемого сообщения|ursprüngliche nachricht|message d'origine|reply above this line)\s*[-_*]{2,}|_{20,})\s*$",
    re.IGNORECASE,
)
_HEADER_LINE = re.compile(r"^\s*\*?(from|sent|to|cc|subject|date|от|отправлено|кому|копия|тема|дата)\s?:\*?\s?\S", re.IGNORECASE)
_SIGNATURE = re.compile(r"^-- ?$")


def visible_reply(text: str) -> str:
    """The lines that the sender wrote himself.

    Below a separator of a mail program (attribution line, `-----Original Message-----`, a block of header lines)
    everything is history, unless unquoted words follow the quote: those are an answer below the quote and stay.
    """
    lines = text.replace("\r\n", "\n").split("\n")
    lines = lines[: _end_of_own_words(lines)]
    kept = _without_quotes(lines)
    for number, line in enumerate(kept):
        if _SIGNATURE.match(line) and number and len(kept) - number <= 15:
            kept = kept[:number]
            break
    return "\n".join(kept).strip() or text.strip()


def _end_of_own_words(lines: list[str]) -> int:
    """The index of the first line of history that is not marked with `>`, or the number of lines."""
    for number, line in enumerate(lines):
        if not line or line.startswith(">"):
            continue
        if MARKER in line:
            return _before_attribution(lines, number)
        if _SEPARATOR.match(line) and any(following.strip() for following in lines[:number]):
            return number
        if _is_header_block(lines, number) and any(earlier.strip() for earlier in lines[:number]):
            return number
    return len(lines)


def _before_attribution(lines: list[str], number: int) -> int:
    """The index of the first line of what a mail program wrote above a quote that starts at `number`."""
    end = number
    while end and not lines[end - 1].strip():
        end -= 1
    for span in (1, 2, 3):
        if end >= span and is_attribution(" ".join(line.strip() for line in lines[end - span : end])):
            return end - span
    return number


def _is_header_block(lines: list[str], number: int) -> bool:
    """Outlook quotes under a bare block of fields: at least three of them in a row."""
    return ":" in lines[number] and all(number + i < len(lines) and _HEADER_LINE.match(lines[number + i]) for i in range(3))


def is_attribution(line: str) -> bool:
    """Whether the line says who wrote what is quoted below it ('On …, Anna wrote:')."""
    return len(line) < 320 and bool(_OPENED.match(line) or _DATED.match(line))


def _without_quotes(lines: list[str]) -> list[str]:
    ends = _possible_ends(lines)
    kept: list[str] = []
    number = 0
    while number < len(lines):
        line = lines[number]
        if line.lstrip().startswith(">"):
            number += 1
            continue
        span = _attribution_span(lines, number, ends) if ends and line.strip() else 0
        if span:
            rest = lines[number + span :]
            if not _opens_a_quote(rest):
                # Some programs quote without `>`: all below the attribution is history.
                break
            number += span
            continue
        kept.append(line)
        number += 1
    return kept


def _possible_ends(lines: list[str]) -> set[int]:
    """The lines that an attribution can end with: those with a colon at their end, and those right above a quote.

    Few texts have any, and only near those the patterns are tried.
    """
    ends: set[int] = set()
    quote_below = -1
    for number in range(len(lines) - 1, -1, -1):
        line = lines[number].strip()
        if not line:
            continue
        if line.startswith(">"):
            quote_below = number
            continue
        if line.endswith((":", "：")) or number < quote_below <= number + 3:
            ends.add(number)
        quote_below = -1
    return ends


def _attribution_span(lines: list[str], number: int, ends: set[int]) -> int:
    """How many lines the attribution takes that starts here: 0 (none), 1, or 2 to 3 when a program wrapped it."""
    for span in range(1, min(3, len(lines) - number) + 1):
        last = lines[number + span - 1]
        if not last.strip() or last.startswith(">"):
            return 0
        if number + span - 1 not in ends:
            continue
        joined = [" ".join(line.strip() for line in lines[number + skip : number + span]) for skip in range(span)]
        if not is_attribution(joined[0]):
            continue
        # "Yes." above "On 18 Nov 2026, Anna wrote:" are words of the sender, though the two together look like one attribution.
        opens = _OPENED.match(joined[0])
        if not any(_OPENED.match(rest) or (not opens and _DATED.match(rest)) for rest in joined[1:]):
            return span
    return 0


def _opens_a_quote(rest: list[str]) -> bool:
    """Whether the first line with words is quoted."""
    for line in rest:
        if line.strip():
            return line.lstrip().startswith(">")
    return False
