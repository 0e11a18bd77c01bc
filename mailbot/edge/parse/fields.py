"""Fields of a message read as what they are: addresses, dates, ids. mail-parser does the reading of broken addresses."""

import re
from datetime import UTC, datetime, timedelta, timezone
from email.utils import parsedate_tz

from mailparser.utils import get_addresses

from mailbot.core.mail.message import Address
from mailbot.edge.parse.decode import text_of
from mailbot.edge.parse.head import CONTROLS, raw_text
from mailbot.edge.parse.structure import Part
from mailbot.edge.parse.words import hidden, revealed

MAX_ADDRESSES = 500
_ID = re.compile(r"<([^<>]+)>")
_BLANK = re.compile(r"\s")
# Zones that RFC 5322 section 3.3 has no form for: `+03:00` of ISO 8601, `GMT+3`, and names that servers in Europe write.
_ZONE_WITH_COLON = re.compile(r"(?:GMT|UTC)?([+-])(\d{1,2})(?::?(\d\d))?(?=\s*(?:$|\())")
_ZONES = {"MSK": "+0300", "MSD": "+0400", "CET": "+0100", "CEST": "+0200", "EET": "+0200", "EEST": "+0300"}
_SIMPLE_ADDRESS = re.compile(
    r'^(?:"?(?P<name>[A-Za-z0-9 .!#$%&\'*+/=?^_`{|}~-]*?)"?\s*<)?(?P<addr>[A-Za-z0-9._%+\'=/-]+@[A-Za-z0-9.-]+)(?(name)>|)$'
)
_ANGLE_ADDRESS = re.compile(r"<\s*([^<>\s@,;]{1,250}@[^<>\s@,;]{1,250})")
_BARE_ADDRESS = re.compile(r"(?<![^\s,;:()\[\]<>\"])[^\s@,;:()\[\]<>\"]{1,250}@[^\s@,;:()\[\]<>\"]{1,250}")
# A mail system that does not tell which one it is.
_DAEMON = re.compile(r"\s*<?\s*(mailer-daemon)\s*>?\s*(?:\(([^()]{0,200})\))?\s*$", re.IGNORECASE)


def addresses(bodies: list[bytes], defects: list[str], hint: str | None = None) -> tuple[Address, ...]:
    """The mailboxes of an address field (RFC 5322 section 3.4), groups taken apart; `hint` is a charset for raw 8-bit octets."""
    found: list[Address] = []
    for body in bodies:
        text = raw_text(body)
        if "=?" not in text and (match := _SIMPLE_ADDRESS.match(text)):  # nine of ten fields: no quoting, one mailbox
            found.append(Address((match["name"] or "").strip(), match["addr"].rstrip(".")))
            continue
        if not body.isascii():
            defects.append("a field with raw 8-bit octets")
            text = text_of(body, None, [], hint)[0]
        text = CONTROLS.sub(" ", text.replace("\0", ""))  # one terminal escape in a name would cost the whole address
        found += _listed(text[:20_000], defects if body.isascii() else [], hint)  # what was raw is UTF-8 by now
    if any(len(one.addr) > 320 for one in found):
        defects.append("an address longer than RFC 5321 section 4.5.3.1 allows was cut")
    return tuple(Address(one.name[:500], one.addr[:320]) for one in found[: MAX_ADDRESSES * 2])


def _listed(text: str, defects: list[str], hint: str | None) -> list[Address]:
    """The mailboxes of a list that is not a simple one, with the encoded-words in their names decoded."""
    text, shown = hidden(text, defects, hint) if "=?" in text else (text, [])
    if ";" in text and ":" not in text and '"' not in text:
        text = text.replace(";", ",")  # Outlook's users divide their lists so, and some programs send them as they are
    told: list[dict[str, object]] = []
    read = [(name, addr) for name, addr in get_addresses(text, defects=told)[:MAX_ADDRESSES] if name or addr]
    lost = [str(one["raw"]) for one in told[:MAX_ADDRESSES] if not one["recovered"]]
    mended = [one for raw in lost if (one := _mended(raw))]
    if not mended and not any("@" in addr for _, addr in read):
        mended = [one for whole in (text, revealed(text, shown)) if (one := _mended(whole))][:1]
    if mended:
        # A phrase that breaks the grammar hides the address from mail-parser; what stands in `<>` is plain all the same.
        defects.append("a display-name that breaks RFC 5322 section 3.4")
    return [
        Address(CONTROLS.sub(" ", revealed(name, shown)).strip().strip('"').strip(), clean_addr(revealed(addr, shown)))
        for name, addr in (*read, *mended)
    ]


def _mended(text: str) -> tuple[str, str] | None:
    """(name, address) of the first address in what mail-parser finds none in."""
    if angle := _ANGLE_ADDRESS.search(text):
        return text[: angle.start()].strip('" :<'), angle[1]
    if bare := _BARE_ADDRESS.search(text):
        around = f"{text[: bare.start()]} {text[bare.end() :]}"
        return " ".join(re.sub(r'[()<>\[\]"]+', " ", around).split()), bare[0]
    if daemon := _DAEMON.match(text):
        return (daemon[2] or "").strip(), daemon[1]
    return None


def clean_addr(addr: str) -> str:
    """An addr-spec without white space, controls and a trailing dot of the domain."""
    return re.sub(r"[\s\x00-\x1f\x7f\ud800-\udfff]+", "", addr).rstrip(".")


def ids(bodies: list[bytes]) -> tuple[str, ...]:
    """The Message-IDs in References or In-Reply-To, in order, without `<>`; what is no id is passed over."""
    text = " ".join(raw_text(body) for body in bodies)
    bracketed = [one.strip() for one in _ID.findall(text)]
    found = [one for one in bracketed if one and not _BLANK.search(one)]
    if not found:  # an odd Message-ID with blanks comes back in replies as it stands
        found = [one for one in bracketed if "@" in one]
    if not found:
        found = [bare for word in text.split() if "@" in word and len(word) < 998 and (bare := word.strip("<>,;"))]
    return tuple(dict.fromkeys(_bounded(CONTROLS.sub("", one)) for one in found))


def content_id(part: Part) -> str | None:
    """The Content-ID of a part (RFC 2045 section 7) without `<>`."""
    return _bounded(CONTROLS.sub("", raw_text(part.first("content-id"))).strip("<> ")) or None


def message_id(body: bytes) -> str | None:
    """The Message-ID without `<>`; an odd one is kept as it stands, so that replies to it are still recognised."""
    text = CONTROLS.sub("", raw_text(body)).strip()
    match = _ID.search(text)
    found = match[1].strip() if match else text.strip("<> ")
    return _bounded(found) or None


def _bounded(found: str) -> str:
    """An id of at most 998 octets (RFC 5322 section 2.1.1), also when it is not ASCII: databases index no longer ones."""
    return found if found.isascii() and len(found) <= 998 else found.encode("utf-8", "replace")[:998].decode("utf-8", "ignore")


def date(body: bytes) -> datetime | None:
    """The moment of a Date field (RFC 5322 section 3.3, and the forms that servers write), None when it is none."""
    text = raw_text(body)[:200] if body else ""
    if not text:
        return None
    if text[:4].isdecimal():  # `2026-11-18 12:00:00 +0300`
        return _from_iso(text)
    name = text.rpartition(" ")[2]
    if name in _ZONES:
        text = text[: -len(name)] + _ZONES[name]
    elif not (name[:1] in ("+", "-") and len(name) == 5):  # as nearly all are
        text = _ZONE_WITH_COLON.sub(_zone, text, count=1)
    read = parsedate_tz(text)
    if read is None:
        return None
    try:
        zone = timezone(timedelta(seconds=read[9])) if read[9] and abs(read[9]) < 86_400 else UTC
        return datetime(*read[:5], min(read[5], 59), tzinfo=zone)  # a leap second is no second to Python
    except (ValueError, OverflowError):
        return None


def _zone(match: re.Match[str]) -> str:
    """`+03:00`, `GMT+3` → `+0300`; four digits stay as they are."""
    return f"{match[1]}{int(match[2]):02}{match[3] or '00'}"


def _from_iso(text: str) -> datetime | None:
    try:
        read = datetime.fromisoformat(re.sub(r"\s+(?=[+-]\d)", "", text.split(" (", maxsplit=1)[0]))
    except ValueError:
        return None
    return read if read.tzinfo else read.replace(tzinfo=UTC)
