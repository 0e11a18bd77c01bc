"""A message in the shape of the contract: what `mailbot parse --json` prints."""

from dataclasses import asdict
from hashlib import md5
from typing import Any

from mailbot.core.mail.message import Address, Attachment, Mail
from mailbot.core.mail.screen import Verdict
from mailbot.edge.parse.decode import decoded_body


def seen(mail: Mail, verdict: Verdict, octets: bytes) -> dict[str, Any]:
    """The message in these octets as mailbot sees it, as JSON values and moments."""
    return {
        "subject": mail.subject,
        "from": _one(mail.originator),
        "reply_to": [_one(address) for address in mail.reply_to],
        "to": [_one(address) for address in mail.to],
        "cc": [_one(address) for address in mail.cc],
        "date": mail.date,
        "message_id": mail.message_id,
        "in_reply_to": mail.in_reply_to[0] if mail.in_reply_to else None,
        "references": list(mail.references),
        "text": mail.text,
        "html": mail.html,
        "attachments": [_file(file, octets) for file in mail.attachments],
        "kind": verdict.kind,
        "auto_reply_allowed": verdict.answerable,
        "because": list(verdict.because),
        "bounce": asdict(verdict.bounce) if verdict.bounce else None,
        "visible_reply": mail.visible,
        "language": mail.language,
        "charset": mail.charset,
        "defects": list(mail.defects),
    }


def _file(file: Attachment, octets: bytes) -> dict[str, Any]:
    """An attachment without its place; MD5 too, by which the lists of virus scanners know files."""
    body = decoded_body(octets[file.start : file.end], file.encoding, [])
    shown = {name: value for name, value in asdict(file).items() if name not in ("start", "end", "encoding")}
    return shown | {"md5": md5(body, usedforsecurity=False).hexdigest()}


def _one(address: Address | None) -> dict[str, str]:
    return {"name": address.name if address else "", "addr": address.addr if address else ""}
