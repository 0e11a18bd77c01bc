"""What looks like a person's mail and must stay unanswered all the same: a ticket without an automatic answer.

Each rule returns its reason, or None.
"""

import re

from mailbot.core.mail.message import Mail
from mailbot.core.mail.patterns import any_of
from mailbot.core.mail.screen.bounces import SUBJECT, SYSTEM, local_part, return_path
from mailbot.core.mail.screen.machines import AUTO_SUBJECT, AUTOMATIC_WORDS, CHALLENGE_SUBJECT, READ, auto_submitted, precedence
from mailbot.core.mail.screen.notice import YOUR_MESSAGE, tells_of_failure

_NO_READER = any_of(
    r"(?:.*[-_.+])?(?:no|do[-_.]?not|not)[-_.]?reply(?:[-_.+].*)?",
    r"listserv|majordomo|robot|quarantine|notifications?|auto-?confirm",
    after="$",
)
_UNSUBSCRIBE = any_of(
    r"(?:no longer|not)[ \w]{0,30}(?:wish|want|like)[ \w]{0,20}to receive|opt[- ]?out|unsubscribe",
    r"отписаться|отказаться от (?:рассылки|получения)|abbestellen|se désabonner|désinscri|darse de baja|disiscri|descadastrar|wypisz się",
    after=r"[^()]{0,60}\(https?://",  # as links stand in the text of HTML
)
_CLAUSE = re.compile(r"[.,;!?]| (?:but|however|но|однако|aber|mais|pero|ma) ", re.IGNORECASE)


def has_null_reverse_path(mail: Mail) -> str | None:
    """RFC 3834 section 2: never answer a null reverse-path."""
    return "its reverse-path is null" if return_path(mail) == "" else None


def asks_for_silence(mail: Mail) -> str | None:
    """Exchange's X-Auto-Response-Suppress names the answers that the sender does not want ([MS-OXCMAIL] 2.2.3.2.14)."""
    wanted_off = {word.strip().lower() for word in mail.first("x-auto-response-suppress").split(",")}
    return "field X-Auto-Response-Suppress" if wanted_off & {"all", "autoreply", "oof"} else None


def read_by_nobody(addr: str) -> bool:
    """Whether an address says that nobody reads what is sent to it."""
    local = local_part(addr)
    return bool(SYSTEM.match(local) or _NO_READER.match(local))


def is_from_machine_address(mail: Mail) -> str | None:
    """Nobody reads the address that wants the answer: the one Reply-To, else the originator's."""
    address = mail.reply_to[0] if len(mail.reply_to) == 1 else mail.originator
    return f"{address.addr} is read by nobody" if address and read_by_nobody(address.addr) else None


def was_sent_by_a_program(mail: Mail) -> str | None:
    """A program's field on what may be somebody's words: a site's form (RFC 3834 section 5), Exchange's rules that forward or answer."""
    if auto_submitted(mail) not in ("", "no"):
        return f"Auto-Submitted: {auto_submitted(mail)}"
    if mail.has("x-ms-exchange-generated-message-source"):
        return "field X-Ms-Exchange-Generated-Message-Source"
    return f"Precedence: {precedence(mail)}" if precedence(mail) in ("bulk", "junk") else None


def says_it_is_automatic(mail: Mail) -> str | None:
    """Its first or last words say that no person wrote them, or that answers are not read."""
    words = mail.visible.split()
    told = AUTOMATIC_WORDS.search(" ".join(words[:40])) or AUTOMATIC_WORDS.search(" ".join(words[-40:]))
    return f"it says “{told[0]}”" if told else None


def can_be_unsubscribed(mail: Mail) -> str | None:
    """Mass mail (RFC 2369), but also what a mailing service adds to a site's contact form: it stays a ticket, unanswered."""
    return "field List-Unsubscribe" if mail.has("list-unsubscribe") else None


def offers_to_unsubscribe(mail: Mail) -> str | None:
    """Mass mail without a field says it in its text: HTML alone, with a link that stops it, and answers nothing."""
    if mail.html is None or "text/plain" in mail.part_types or mail.in_reply_to or mail.references:
        return None
    return "its text offers to unsubscribe" if _UNSUBSCRIBE.search(mail.text[:READ]) or _UNSUBSCRIBE.search(mail.text[-READ:]) else None


def sounds_like_a_bounce(mail: Mail) -> str | None:
    """A bounce's subject where no server noted the reverse-path, or a bounce's first words: a mail system, or a person about lost mail."""
    if SUBJECT.match(mail.subject) and return_path(mail) is None:
        return f"the subject “{mail.subject[:60]}” may be a mail system's"
    first = " ".join(mail.text[:600].split())[:300]
    clause = _CLAUSE.split(first[opened.end() :], maxsplit=1)[0] if (opened := YOUR_MESSAGE.match(first)) else ""
    return "its first words may be a mail system's" if tells_of_failure(clause) else None


def sounds_like_a_machine(mail: Mail) -> str | None:
    """An absence note's or a challenge's subject and nothing else: perhaps a client who writes about such mail."""
    found = AUTO_SUBJECT.match(mail.subject) or CHALLENGE_SUBJECT.search(mail.subject)
    return f"the subject “{mail.subject[:60]}” may be a machine's" if found else None
