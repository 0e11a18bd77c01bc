"""Names of files, in every form in which mail programs write them."""

import re
from urllib.parse import unquote_to_bytes

from mailbot.edge.parse.decode import text_of
from mailbot.edge.parse.head import CONTROLS
from mailbot.edge.parse.structure import Part
from mailbot.edge.parse.words import words

_PERCENT_UTF_8 = re.compile(r"%[C-Fc-f][0-9A-Fa-f]%[89ABab][0-9A-Fa-f]")
_NUMBERED = re.compile(r"(?:file)?name\*(\d{1,4})\*?")


def filename(part: Part, defects: list[str], hint: str | None = None) -> str | None:
    """The name of a part's file: RFC 2231 forms first, then encoded-words, then raw octets; Content-Type's `name` as a fallback."""
    for params, name in ((part.disposition_params, "filename"), (part.params, "name"), (part.disposition_params, "name")):
        if params and (found := _parameter(params, name, defects, hint)):
            return found
    return None


def terminal(text: str) -> str | None:
    """A name without controls and directories (RFC 2183 section 2.3: a terminal component only), at most 255 characters; None for none."""
    bare = re.split(r"[/\\]", CONTROLS.sub(" ", text).strip().rstrip("/\\"))[-1].strip()
    return bare[:255] if bare not in ("", ".", "..") else None


def _parameter(params: dict[str, str], name: str, defects: list[str], hint: str | None) -> str | None:
    if f"{name}*" in params:
        return _extended(params[f"{name}*"], defects, hint)
    numbered = sorted((int(match[1]), key) for key in params if key.startswith(name) and (match := _NUMBERED.fullmatch(key)))
    if numbered:
        return _continued([(key, params[key]) for _, key in numbered], defects, hint)
    if name not in params:
        return None
    value = params[name]
    if _PERCENT_UTF_8.search(value) and "=?" not in value:
        # What browsers do with names in URLs some mail programs do with names of files.
        octets = unquote_to_bytes(value.encode("utf-8", "surrogateescape"))
        try:
            return terminal(octets.decode("utf-8"))
        except UnicodeError:
            pass
    return terminal(words(value.encode("utf-8", "surrogateescape"), defects, hint))


def _continued(pieces: list[tuple[str, str]], defects: list[str], hint: str | None) -> str | None:
    """RFC 2231 section 3: continuations, in the order of their numbers; only those marked with a `*` of their own are percent-encoded."""
    charset, octets = "", b""
    for key, value in pieces:
        if not key.endswith("*"):
            octets += value.encode("utf-8", "surrogateescape")
            continue
        if not octets and value.count("'") >= 2:
            charset, _, first = value.split("'", 2)
            octets += unquote_to_bytes(first.encode("utf-8", "surrogateescape"))
            continue
        octets += unquote_to_bytes(value.encode("utf-8", "surrogateescape"))
    if not charset and b"=?" in octets:  # encoded-words cut into continuations
        return terminal(words(octets, defects, hint))
    return terminal(text_of(octets, charset or None, defects, hint)[0])


def _extended(value: str, defects: list[str], hint: str | None) -> str | None:
    charset, text = "", value
    if value.count("'") >= 2:
        charset, _, text = value.split("'", 2)
    elif "=?" in value:
        return terminal(words(value.encode("utf-8", "surrogateescape"), defects, hint))
    return terminal(text_of(unquote_to_bytes(text.encode("utf-8", "surrogateescape")), charset or None, defects, hint)[0])
