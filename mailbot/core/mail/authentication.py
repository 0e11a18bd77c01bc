"""What the mailbox's own server says of a sender: Authentication-Results (RFC 8601)."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from mailbot.core.mail.message import Mail

# A method may carry its version (RFC 8601 section 2.2): `dmarc/1=pass`.
_RESULT = re.compile(r"^\s*(dmarc|dkim|spf)\s*(?:/\s*\d{1,9}\s*)?=\s*([a-z]+)\b", re.IGNORECASE)
# Sought in the whole field, syntax or not: a quotation mark that a sender brought must not hide what the server said behind it.
_FAILED = re.compile(r"\bdmarc\s*(?:/\s*\d{1,9}\s*)?=\s*fail\b", re.IGNORECASE)
_PROPERTY = re.compile(r"\b(header\.(?:from|d|i)|smtp\.(?:mailfrom|helo))\s*=\s*\"?([^\s;\"]+)", re.IGNORECASE)
LONGEST_DOMAIN = 255  # RFC 1035 section 2.3.4
_ALIGNED = {"dmarc": ("header.from",), "dkim": ("header.d", "header.i"), "spf": ("smtp.mailfrom",)}


@dataclass(frozen=True, slots=True)
class Authentication:
    """Whether the originator's domain is proved, and by what ('dmarc=pass', or why not).

    `disowned`: it is disproved, by the policy that the domain itself publishes (RFC 7489). A domain without one is neither.
    """

    passed: bool
    said: str
    disowned: bool = False


def authentication(mail: Mail, authserv: str | None) -> Authentication | None:
    """What `authserv` says of the originator; None when no server is trusted.

    Only the topmost field with that authserv-id counts: a server adds its own above what a stranger wrote (RFC 8601 section 5). A method
    counts when it passed for the domain of From, or for one above it (RFC 7489 section 3.1 calls that relaxed alignment); none does
    beside a failed dmarc, which is the domain owner's own word.
    """
    if authserv is None:
        return None
    field = next((body for body in mail.fields.get("authentication-results", ()) if _authserv_id(body) == authserv), None)
    domain = _in_ascii(mail.originator.key.rpartition("@")[2]) if mail.originator else ""
    if field is None or not domain:
        return Authentication(False, f"no Authentication-Results of {authserv}")
    said, passed, others = [], [], False
    for part in _bare(field).split(";")[1:]:
        if (match := _RESULT.match(part)) is None:
            continue
        method, result = match[1].lower(), match[2].lower()
        domains = [_in_ascii(body.lower().rpartition("@")[2]) for name, body in _PROPERTY.findall(part) if name.lower() in _ALIGNED[method]]
        said.append(f"{method}={result}")
        if result == "pass" and _aligned(domain, domains):
            passed.append(f"{method}=pass")
        elif result == "pass" and method == "dmarc" and domains:
            others = True  # of several originators the server looked at another one than we do
    if _FAILED.search(field):
        return Authentication(False, ", ".join(said) if "dmarc=fail" in said else "dmarc=fail", disowned=True)
    if others:
        return Authentication(False, f"dmarc=pass, but not of {domain}", disowned=True)
    if passed:
        return Authentication(True, passed[0])
    return Authentication(False, ", ".join(said) or "nothing was checked")


def _bare(body: str) -> str:
    """A field body without comments (they nest, RFC 5322 section 3.2.2) and without what quoted strings could disguise as syntax.

    A stranger chooses what stands in both: the reverse-path is repeated there.
    """
    kept: list[str] = []
    depth, quoted, escaped = 0, False, False
    for character in body[:10_000]:
        if escaped or character == "\\":
            escaped = not escaped
        elif quoted or character == '"':  # in a comment as well: servers put a quoted local part there unescaped
            quoted = quoted != (character == '"')
            if not depth:
                kept.append(character if character.isalnum() or character in "@.-_+" else "_")
        elif character in "()":
            depth = max(depth + (1 if character == "(" else -1), 0)
        elif not depth:
            kept.append(character)
    return "".join(kept)


def _authserv_id(body: str) -> str:
    return next(iter(_bare(body).partition(";")[0].split()), "").lower()


def _in_ascii(domain: str) -> str:
    """A domain as DNS has it: whoever writes one with letters beyond ASCII may write either form (RFC 5890 section 2.3.2)."""
    if domain.isascii() or len(domain) > LONGEST_DOMAIN:
        return domain
    try:
        return domain.encode("idna").decode()
    except UnicodeError:
        return domain


def _aligned(domain: str, domains: Iterable[str]) -> bool:
    return any(one == domain or (one.count(".") and domain.endswith(f".{one}")) for one in domains)
