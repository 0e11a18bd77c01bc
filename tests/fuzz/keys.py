"""What opens a door: reply addresses, Message-IDs and Authentication-Results. Nobody forges one, whatever he writes.

An input is a few texts between `|`: the first ones are addresses and Message-IDs, the last is what a sender has put into his own reverse-path.
"""

import re

from mailbot.core.mail.authentication import authentication
from mailbot.core.mail.message import Address
from mailbot.core.mail.threading import subject_with_tag, threads_of
from tests.core.build import ANNA, SIGNER, mail

OURS = "mx.studio.example"
GOOD = [SIGNER.reply_address(role, 12) for role in "tof"] + [SIGNER.message_id(role, 12, "abcd1234") for role in "tof"]  # type: ignore[arg-type]
SEEDS = [one.encode() + b"|eve" for one in GOOD] + [
    "|".join([*GOOD, "eve"]).encode(),
    b"support+t12-aaaaaaaaaaaaaaaa@studio.example|x; dmarc=pass header.from=rose.example; y",
    b'SUPPORT+T12@studio.example|"(x) \\" ; dmarc/1=pass header.from=rose.example',
    b"[#12]|(dmarc=fail); dkim=pass header.d=rose.example",
]
WORDS = [b"support+t12-", b"@studio.example", b"dmarc", b"dkim", b"spf", b"=pass", b"header.from=rose.example", b"header.d=rose.example"]
WORDS += [OURS.encode(), b";", b'"', b"(", b")", b"\\", b"[#12]", b"\r\n ", *(one.encode() for one in GOOD)]


def understand(octets: bytes) -> None:
    """The three readers, and what a whole mail with these words names."""
    *lines, last = octets.decode("utf-8", "replace").split("|")
    for line in lines:
        named(line)
    results(last)
    message = mail(
        to=tuple(Address("", one) for one in lines),
        references=tuple(lines),
        in_reply_to=tuple(lines[:1]),
        subject=last,
        fields={"delivered-to": lines, "authentication-results": [last, *lines]},
    )
    threads = threads_of(message, SIGNER)
    assert all(key.number == 12 for key in threads.signed), threads
    assert set(threads.offers) <= {12}
    proof = authentication(message, OURS)
    assert proof is not None
    assert not (proof.passed and proof.disowned)
    assert len(subject_with_tag(last, 12)) <= 220


def named(line: str) -> None:
    """What is read as ours is what we would write, up to the case of letters."""
    if key := SIGNER.read_address(line):
        assert line.lower() == SIGNER.reply_address(key.role, key.number), line
    if key := SIGNER.read_message_id(line):
        assert line.lower() == SIGNER.message_id(key.role, key.number, line.lower().split(".")[1]), line


def results(said: str) -> None:
    """A server that writes down what a sender chose, as RFC 8601 wants it, neither proves him by that nor hides its own failure."""
    escaped = re.sub(r'([\\"()])', r"\\\1", said.replace("\r", ""))
    for body in (f'{OURS}; spf=fail smtp.mailfrom="{escaped}"@evil.example', f"{OURS}; spf=fail ({escaped}) smtp.mailfrom=evil.example"):
        proof = authentication(mail(ANNA, fields={"authentication-results": body}), OURS)
        assert proof is not None
        assert not proof.passed, body
    for body in (f"{OURS}; spf=pass smtp.mailfrom={said}; dmarc=fail header.from=rose.example", f"{OURS}; dmarc=fail; x=({said})"):
        proof = authentication(mail(ANNA, fields={"authentication-results": body}), OURS)
        assert proof is not None
        assert proof.disowned, body
