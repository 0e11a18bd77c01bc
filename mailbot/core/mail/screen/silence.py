"""What looks like a person's mail and must stay unanswered all the same: a ticket without an automatic answer.

Each rule returns its reason, or None.
"""

import re

from mailbot.core.mail.message import Mail
from mailbot.core.mail.patterns import any_of
from mailbot.core.mail.screen.bounces import SUBJECT, local_part, return_path
from mailbot.core.mail.screen.machines import AUTO_SUBJECT, CHALLENGE_SUBJECT, READ
from mailbot.core.mail.screen.notice import tells_of_failure

_MACHINE_LOCAL_PARTS = re.compile(
    r"^(mailer[-_.]?daemon|mail[-_.]?daemon|postmaster|mdaemon|bounces?([-+=].*)?|.*-bounces([+=].*)?|listserv|majordomo)$",
    re.IGNORECASE,
)
_NO_REPLY = re.compile(r"^(.*[-_.+])?(no|do[-_.]?not|not)[-_.]?reply([-_.+].*)?$", re.IGNORECASE)
_UNSUBSCRIBE = any_of(
    r"(?:no longer|not)[ \w]{0,30}(?:wish|want|like)[ \w]{0,20}to receive|opt[- ]?out|unsubscribe",
    r"отписаться|отказаться от (?:рассылки|получения)|abbestellen|se désabonner|désinscri|darse de baja|disiscri|descadastrar|wypisz się",
)
# A notice speaks to whoever wrote the message; a person who tells of one begins otherwise.
_YOUR_MESSAGE = any_of(
    r"your (?:e-?mail )?(?:message|e-?mail|mail)\b(?! (?:server|form|box|system))",
    r"(?:votre|ihre?|su|il (?:tuo|suo)|a sua|twoja|uw|ваше) "
    r"(?:message|e-?mail|mail|courriel|nachricht|mensaje|correo|messaggio|mensagem|wiadomość|bericht|сообщение|письмо)\b",
    before=r"[\W_]{0,200}",
)


def has_null_reverse_path(mail: Mail) -> str | None:
    """RFC 3834 section 2: never answer a null reverse-path."""
    return "its reverse-path is null" if return_path(mail) == "" else None


def asks_for_silence(mail: Mail) -> str | None:
    """Exchange's X-Auto-Response-Suppress names the answers that the sender does not want ([MS-OXCMAIL] 2.2.3.2.14)."""
    wanted_off = {word.strip().lower() for word in mail.first("x-auto-response-suppress").split(",")}
    return "field X-Auto-Response-Suppress" if wanted_off & {"all", "autoreply", "oof"} else None


def is_from_machine_address(mail: Mail) -> str | None:
    """Addresses that nobody reads."""
    for address in (mail.originator, *mail.reply_to[:1]):
        if address and (_MACHINE_LOCAL_PARTS.match(local_part(address.addr)) or _NO_REPLY.match(local_part(address.addr))):
            return f"{address.addr} is read by nobody"
    return None


def can_be_unsubscribed(mail: Mail) -> str | None:
    """Mass mail (RFC 2369), but also what a mailing service adds to a site's contact form: it stays a ticket, unanswered."""
    return "field List-Unsubscribe" if mail.has("list-unsubscribe") else None


def offers_to_unsubscribe(mail: Mail) -> str | None:
    """Mass mail without a field says it in its text: HTML alone, with a link and the offer to stop it, and answers nothing."""
    if mail.html is None or "text/plain" in mail.part_types or mail.in_reply_to or mail.references:
        return None
    offers = "href=" in mail.html and (_UNSUBSCRIBE.search(mail.text[:READ]) or _UNSUBSCRIBE.search(mail.text[-READ:]))
    return "its text offers to unsubscribe" if offers else None


def sounds_like_a_bounce(mail: Mail) -> str | None:
    """A bounce's subject where no server noted the reverse-path, or a bounce's first words: a mail system, or a person about lost mail."""
    if SUBJECT.match(mail.subject) and return_path(mail) is None:
        return f"the subject “{mail.subject[:60]}” may be a mail system's"
    first = " ".join(mail.text[:600].split())[:300]
    return "its first words may be a mail system's" if _YOUR_MESSAGE.match(first) and tells_of_failure(first) else None


def sounds_like_a_machine(mail: Mail) -> str | None:
    """An absence note's or a challenge's subject and nothing else: perhaps a client who writes about such mail."""
    found = AUTO_SUBJECT.match(mail.subject) or CHALLENGE_SUBJECT.search(mail.subject)
    return f"the subject “{mail.subject[:60]}” may be a machine's" if found else None
