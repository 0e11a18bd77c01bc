"""The new words of a reply, without the quoted history and the signature. In doubt it keeps too much."""

import re

MARKER = "-- ✂ --"  # our own forwards and answers carry it: what stands below is ours

_ATTRIBUTION = re.compile(
    r"^\W{0,3}("
    r"on\b.{5,200}\bwrote"  # Gmail, Apple Mail, Thunderbird
    r"|am\b.{5,200}\bschrieb\b.{0,80}"
    r"|le\b.{5,200}\ba écrit\s?"
    r"|el\b.{5,200}\bescribió"
    r"|(il|in data)\b.{5,200}\bha scritto"
    r"|.{0,40}\d{1,2}[./-]\d{1,2}[./-]\d{2,4}.{0,160}(пишет|написала?|wrote)"  # Thunderbird, Mail.ru, Outlook in Russian
    r"|.{0,60}\d{4}\s?г?\.?.{0,160}(пишет|написала?|wrote)"
    r"|\d{1,2}\s?[а-яё]{3,9}\.?\s\d{4}.{0,120}<[^<>\s]+@[^<>\s]+>"  # Gmail in Russian: date, name, address, colon
    r"|(пн|вт|ср|чт|пт|сб|вс),? .{5,200}<[^<>\s]+@[^<>\s]+>"
    r")\s*:?\s*$",
    re.IGNORECASE | re.DOTALL,
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
        if MARKER in line:
            return number - 1 if number and is_attribution(lines[number - 1]) else number
        if not line:
            continue
        if _SEPARATOR.match(line) and any(following.strip() for following in lines[:number]):
            return number
        if _is_header_block(lines, number) and any(earlier.strip() for earlier in lines[:number]):
            return number
    return len(lines)


def _is_header_block(lines: list[str], number: int) -> bool:
    """Outlook quotes under a bare block of fields: at least three of them in a row."""
    return ":" in lines[number] and all(number + i < len(lines) and _HEADER_LINE.match(lines[number + i]) for i in range(3))


def is_attribution(line: str) -> bool:
    """Whether the line says who wrote what is quoted below it ('On …, Anna wrote:')."""
    return len(line) < 320 and bool(_ATTRIBUTION.match(line))


def _without_quotes(lines: list[str]) -> list[str]:
    kept: list[str] = []
    number = 0
    while number < len(lines):
        line = lines[number]
        if line.lstrip().startswith(">"):
            number += 1
            continue
        span = _attribution_span(lines, number)
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


def _attribution_span(lines: list[str], number: int) -> int:
    """How many lines the attribution takes that starts here: 0 (none), 1, or 2 to 3 when a program wrapped it."""
    if not lines[number].strip():
        return 0
    for span in range(1, min(3, len(lines) - number) + 1):
        # Without the colon only a quote right below makes it an attribution; this test spares nearly every line the patterns.
        if not lines[number + span - 1].rstrip().endswith((":", "：")) and not _opens_a_quote(lines[number + span : number + span + 3]):
            continue
        if is_attribution(" ".join(line.strip() for line in lines[number : number + span])):
            return span
    return 0


def _opens_a_quote(rest: list[str]) -> bool:
    """Whether the first line with words is quoted."""
    for line in rest:
        if line.strip():
            return line.lstrip().startswith(">")
    return False
