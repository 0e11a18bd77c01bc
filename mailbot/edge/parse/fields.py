"""Fields of a message read as what they are: words, addresses, dates, ids, file names. mail-parser does the reading of broken ones."""

import re
from datetime import UTC, datetime, timedelta, timezone
from email.utils import parsedate_tz
from urllib.parse import unquote_to_bytes

from mailparser.utils import decode_header_part, get_addresses

from mailbot.core.mail.message import Address
from mailbot.edge.parse.decode import text_of
from mailbot.edge.parse.structure import CONTROLS, Part, raw_text

MAX_ADDRESSES = 500
_ID = re.compile(r"<([^<>\s]+)>")
_SIMPLE_ADDRESS = re.compile(
    r'^(?:"?(?P<name>[A-Za-z0-9 .!#$%&\'*+/=?^_`{|}~-]*?)"?\s*<)?(?P<addr>[A-Za-z0-9._%+\'=/-]+@[A-Za-z0-9.-]+)(?(name)>|)$'
)


_ANGLE_ADDRESS = re.compile(r"<([^<>\s@]+@[^<>\s@]+)>")


def words(body: bytes, defects: list[str]) -> str:
    """Unstructured text (RFC 5322 section 2.2.1) with encoded-words decoded (RFC 2047); raw 8-bit octets as the likeliest charset."""
    if not body.isascii():
        text, _ = text_of(body, None, defects)
        defects.append("a field with raw 8-bit octets")
    else:
        text = body.decode("ascii")
    if "\n" in text:
        text = re.sub(r"\n[ \t]?", " ", text)
    if "=?" in text:
        text = decode_header_part(text)
    # What an encoded-word hides must not become a line of its own (CR and LF in encoded-words).
    return CONTROLS.sub(" ", text).strip()


def addresses(bodies: list[bytes], defects: list[str]) -> tuple[Address, ...]:
    """The mailboxes of an address field (RFC 5322 section 3.4), groups taken apart."""
    found: list[Address] = []
    for body in bodies:
        text = raw_text(body)
        if "=?" not in text and (match := _SIMPLE_ADDRESS.match(text)):  # nine of ten fields: no quoting, one mailbox
            found.append(Address((match["name"] or "").strip(), match["addr"]))
            continue
        if not body.isascii():
            text = text_of(body, None, [])[0]
        text = CONTROLS.sub(" ", text.replace("\0", ""))  # one terminal escape in a name would cost the whole address
        read = [(name, addr) for name, addr in get_addresses(text[:20000], decode_names=True)[:MAX_ADDRESSES] if name or addr]
        if not any("@" in addr for _, addr in read) and (angle := _ANGLE_ADDRESS.search(text[:20000])):
            # A phrase that breaks the grammar hides the address from mail-parser; what stands in `<>` is plain all the same.
            read = [(words(text[: angle.start()].encode(), defects).strip('" '), angle[1])]
            defects.append("a display-name that breaks RFC 5322 section 3.4")
        found += [Address(CONTROLS.sub(" ", name).strip(), clean_addr(addr)) for name, addr in read]
    if any(len(one.addr) > 320 for one in found):
        defects.append("an address longer than RFC 5321 section 4.5.3.1 allows was cut")
    return tuple(Address(one.name[:500], one.addr[:320]) for one in found)


def clean_addr(addr: str) -> str:
    """An addr-spec without white space, controls and a trailing dot of the domain."""
    return re.sub(r"[\s\x00-\x1f\x7f\ud800-\udfff]+", "", addr).rstrip(".")


def ids(bodies: list[bytes]) -> tuple[str, ...]:
    """The Message-IDs in References or In-Reply-To, in order, without `<>`; what is no id is passed over."""
    text = " ".join(raw_text(body) for body in bodies)
    found = _ID.findall(text)
    if not found:
        found = [word for word in text.split() if "@" in word and len(word) < 998]
    return tuple(dict.fromkeys(_bounded(CONTROLS.sub("", one)) for one in found))


def content_id(part: Part) -> str | None:
    """The Content-ID of a part (RFC 2045 section 7) without `<>`."""
    return _bounded(CONTROLS.sub("", raw_text(part.first("content-id"))).strip("<> ")) or None


def message_id(body: bytes) -> str | None:
    """The Message-ID without `<>`; an odd one is kept as it stands, so that replies to it are still recognised."""
    text = CONTROLS.sub("", raw_text(body)).strip()
    match = _ID.search(text)
    found = match[1] if match else text.strip("<> ")
    return _bounded(found) or None


def _bounded(found: str) -> str:
    """An id of at most 998 octets (RFC 5322 section 2.1.1), also when it is not ASCII: databases index no longer ones."""
    return found if found.isascii() and len(found) <= 998 else found.encode("utf-8", "replace")[:998].decode("utf-8", "ignore")


def date(body: bytes) -> datetime | None:
    """The moment of a Date field (RFC 5322 section 3.3, and the forms that servers write), None when it is none."""
    if not body:
        return None
    read = parsedate_tz(raw_text(body)[:200])
    if read is None:
        return None
    try:
        zone = timezone(timedelta(seconds=read[9])) if read[9] is not None else UTC
        return datetime(*read[:6], tzinfo=zone)
    except (ValueError, OverflowError):
        return None


def filename(part: Part, defects: list[str]) -> str | None:
    """The name of a part's file: RFC 2231 forms first, then encoded-words, then raw octets; Content-Type's `name` as a fallback."""
    for params, name in ((part.disposition_params, "filename"), (part.params, "name")):
        if found := _parameter(params, name, defects):
            return found
    return None


def _parameter(params: dict[str, str], name: str, defects: list[str]) -> str | None:
    if f"{name}*" in params:
        return _extended(params[f"{name}*"], defects)
    pieces = sorted((key for key in params if re.match(rf"^{name}\*\d+\*?$", key)), key=lambda key: int(key.split("*")[1]))
    if pieces:
        # RFC 2231 section 3: continuations; only those marked with a `*` of their own are percent-encoded.
        charset, _, first = params[pieces[0]].partition("'") if pieces[0].endswith("*") else ("", "", params[pieces[0]])
        rest = [first.partition("'")[2] if pieces[0].endswith("*") else first, *(params[key] for key in pieces[1:])]
        octets = b"".join(
            unquote_to_bytes(value.encode("utf-8", "surrogateescape")) if key.endswith("*") else value.encode("utf-8", "surrogateescape")
            for key, value in zip(pieces, rest, strict=True)
        )
        return _name(text_of(octets, charset or "utf-8", defects)[0])
    if name not in params:
        return None
    return _name(words(params[name].encode("utf-8", "surrogateescape"), defects))


def _extended(value: str, defects: list[str]) -> str | None:
    charset, _, rest = value.partition("'")
    _, quote, text = rest.partition("'")
    if not quote:
        charset, text = "utf-8", value
    return _name(text_of(unquote_to_bytes(text.encode("utf-8", "surrogateescape")), charset or "utf-8", defects)[0])


def _name(text: str) -> str | None:
    return CONTROLS.sub(" ", text).strip()[:1000] or None
