"""What a bounce says: which addresses were not reached, why, and which message it was; also for servers that do not keep to RFC 3464.

Their notices are prose, but of few kinds: the address at the start of a line, behind a label, or in a sentence that tells of the
failure; then, below a line that says so, a copy of the message. Each kind is a row of `FORMS`; the first that finds an address decides.
"""

import re
from collections.abc import Callable
from itertools import pairwise

from mailbot.core.mail.message import Bounce, Mail
from mailbot.core.mail.patterns import any_of
from mailbot.core.mail.screen.notice import MAX_NOTICE, Notice, notice_of, tells_of_failure

MAX_RECIPIENTS = 100

_ADDRESS = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]{1,100}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63})+"
_ANY_ADDRESS = re.compile(_ADDRESS)
_MESSAGE_ID = re.compile(r"^[> \t]*message-id:\s{0,3}<([^<>\s]{3,998})>", re.IGNORECASE | re.MULTILINE)
_STATUS = re.compile(r"(?<![\d.])[245]\.[0-7]\.\d{1,3}(?![\d.])")

# RFC 3463 by the words that servers use, for notices without a status of their own.
STATUS_WORDS = (
    ("5.7.1", any_of(r"\bspam\b|relay(?:ing)? (?:denied|not)|unable to relay|blocked|policy|not accepting mail|blacklist|block ?list")),
    (
        "5.1.1",
        any_of(
            r"user (?:is )?(?:unknown|not (?:known|found))|unknown (?:or illegal )?(?:user|recipient|addressee)|addressee unknown",
            r"no such (?:user|mailbox|account|recipient)|no mailbox here|not a valid (?:user|address)|not listed in domino",
            r"(?:user|mailbox|address|account|recipient)\b.{0,40}\b(?:(?:does )?n[o'’]t exist|no longer valid)",
            r"invalid (?:mailbox|recipient|final delivery userid)|recipient name is not recogni[sz]ed|does ?n[o']t have an? .{0,60}account",
            r"disabled or discontinued|n'existe pas|неизвестн\w+ пользовател|нет такого",
            r"(?:пользовател|адрес|ящик)\w* .{0,30}не (?:найден|существует)",
        ),
    ),
    (
        "5.1.2",
        any_of(
            r"unrouteable address|unknown host|host or domain name not found|name service error",
            r"domain (?:does not exist|not found)|no route to host",
        ),
    ),
    ("5.2.2", any_of(r"quota|mailbox.{0,20}full|full mailbox|folder is full|space not enough|too much mail|ящик .{0,20}переполнен")),
    ("5.4.6", any_of(r"too many hops|mail loop|message looping")),
)
# What the server holds against whoever sends says nothing of the recipient.
_ABOUT_SENDER = any_of(
    r"sender (?:verif|address|domain)|your (?:domain|ip|host|server)|client host|\bptr\b|reverse dns|\bspf\b|dkim|dmarc",
    r"try again",  # what may pass is no reason to be silent for 60 days
)


def bounce_of(mail: Mail) -> Bounce:
    """What the bounce says: the report where there is one, the notice's prose where the report is silent."""
    report = mail.report or Bounce((), (), None, None)
    notice = notice_of(mail)
    if report.action in ("delivered", "relayed", "expanded"):
        return report
    statuses = report.statuses
    if not any(not status.endswith(".0.0") for status in statuses):
        statuses = tuple(dict.fromkeys((*statuses, *_statuses(notice.words))))
    return Bounce(
        recipients=report.recipients or _recipients(mail, notice),
        statuses=statuses,
        action=report.action or ("delayed" if notice.tells_of_delay else "failed"),
        original_message_id=report.original_message_id or _original_id(mail, notice),
    )


def _original_id(mail: Mail, notice: Notice) -> str | None:
    """The Message-ID of what came back: enclosed, copied, told of in the notice, or what the bounce answers (RFC 3834 section 3.1.5)."""
    if mail.original and mail.original.message_id:
        return mail.original.message_id
    match = _MESSAGE_ID.search(notice.copy) or _MESSAGE_ID.search(notice.text)
    if match:
        return match[1]
    return next(iter((*mail.in_reply_to[:1], *mail.references[-1:])), None)


def _statuses(text: str) -> tuple[str, ...]:
    said = tuple(dict.fromkeys(_STATUS.findall(text)))
    said = tuple(status for status in said if not status.endswith(".0.0")) or said  # 503 5.0.0 in a transcript is no reason
    if said or _ABOUT_SENDER.search(text):
        return said
    return tuple(status for status, words in STATUS_WORDS if words.search(text))[:1]


Form = Callable[[Mail, Notice], list[str]]

_BULLET = r"^[\s>*<\"'\[-]{0,20}(?:\(?SMTP:|.{0,80}SMTP=)?"
_LEADING = re.compile(rf"{_BULLET}({_ADDRESS})[>\"'\]]{{0,3}}\s{{0,5}}(?:$|[:;(,<]|\.\.\.|-|on\b|\.?$)")
_EXPANDED = re.compile(rf"\(expanded from:? ?<?({_ADDRESS})", re.IGNORECASE)
_LABEL = any_of(
    r"failed recipient|recipient(?: address)?|undeliverable address|intended recipient|final-recipient|error-for",
    r"original(?:ly)?[ -](?:address(?:ed to)?|recipient)|addressed to|did not reach the following recipient",
    r"unknown user|final delivery userid|undeliverable\s+to|delivery failed .{0,20}attempts|user's mailbox is full",
    after=rf"\s?:?\s{{0,5}}(?:rfc822;)?\s?[<\"'\[(]{{0,2}}(?:SMTP:)?({_ADDRESS})",
)
_FAILED_COMMAND = re.compile(rf"RCPT TO:\s?<({_ADDRESS})>", re.IGNORECASE)
_GENERATED = re.compile(rf"\((?:ultimately )?generated from <?({_ADDRESS})", re.IGNORECASE)
_ABOUT_OTHERS = any_of(
    r"^\s*(?:from|sender|reply-to|date|message-id|subject|cc|errors-to|x-[\w-]+)\s?:",
    r"\b(?:contact|assistance|questions)\b(?!@)|please (?:reply|send)|mail from|postmaster@",
)
_SENT_BY = re.compile(r"(sent by|from|sender)\s?:?\s*$", re.IGNORECASE)
_NAME_ALONE = re.compile(r"^[\t ]+([A-Za-z0-9._-]{2,64})\s*$")


def in_a_field(mail: Mail, _notice: Notice) -> list[str]:
    """Exim and Gmail name them in X-Failed-Recipients."""
    return _ANY_ADDRESS.findall(", ".join(mail.fields.get("x-failed-recipients", ()))[:MAX_NOTICE])


def leading_a_line(_mail: Mail, notice: Notice) -> list[str]:
    """`<anna@rose.example>: host said …` (Postfix, qmail, Exim, Yahoo, Domino, MDaemon, Exchange and most others)."""
    found: list[str] = []
    before = ""
    for line in notice.lines:
        if not _SENT_BY.search(before) and not _ABOUT_OTHERS.search(line):
            found += [match[1] for match in (_LEADING.match(line), _EXPANDED.search(line)) if match]  # an alias, and what we wrote to
        before = line if line.strip() else before
    return found


def behind_a_label(_mail: Mail, notice: Notice) -> list[str]:
    """`Failed Recipient: anna@rose.example` (MailEnable, LISTSERV, IMail, HotPOP …)."""
    return [addr for line in notice.lines for addr in _LABEL.findall(line)]


def in_a_refused_command(_mail: Mail, notice: Notice) -> list[str]:
    """`RCPT TO:<anna@rose.example>` in a transcript of the session (InterScan, sendmail)."""
    return _FAILED_COMMAND.findall(notice.text)


def in_a_sentence(_mail: Mail, notice: Notice) -> list[str]:
    """`Your message to anna@rose.example could not be delivered`: the sentence may go on in the next line."""
    lines = [line for line in notice.lines if line.strip()]
    found: list[str] = []
    for number, line in enumerate(lines):
        if "@" in line and not _ABOUT_OTHERS.search(line) and tells_of_failure(" ".join(lines[max(number - 1, 0) : number + 2])):
            found += _ANY_ADDRESS.findall(line)
    return found


def generated_from(_mail: Mail, notice: Notice) -> list[str]:
    """Exim names what it was written to when it does not tell where it forwards."""
    return _GENERATED.findall(notice.text)


def mailbox_alone(mail: Mail, notice: Notice) -> list[str]:
    """A server that knows only its own users names them without their domain (AOL): a name alone below a line with a colon."""
    domain = mail.originator.addr.rpartition("@")[2] if mail.originator else ""
    names = [
        match[1]
        for above, line in pairwise(notice.lines)
        if (match := _NAME_ALONE.match(line)) and (above.rstrip().endswith(":") or not above.strip())
    ]
    return [f"{name}@{domain}" for name in names] if domain else []


def whom_it_was_for(mail: Mail, _notice: Notice) -> list[str]:
    """The notice names nobody, but the enclosed message had one recipient alone."""
    to = mail.original.to if mail.original else ()
    return [to[0].addr] if len(to) == 1 else []


FORMS: tuple[Form, ...] = (
    in_a_field,
    leading_a_line,
    behind_a_label,
    in_a_refused_command,
    in_a_sentence,
    generated_from,
    mailbox_alone,
    whom_it_was_for,
)


def _recipients(mail: Mail, notice: Notice) -> tuple[str, ...]:
    """The addresses that were not reached, by the first form that finds any; never those of the bounce's own From and To."""
    ours = {one.key for one in mail.recipients}
    writer = mail.originator.key if mail.originator else ""
    for own in (ours | {writer}, ours):  # a filter refuses in the name of its user: then the writer is whom it did not reach
        for form in FORMS:
            found = {addr.lower(): addr for addr in form(mail, notice)[:MAX_RECIPIENTS] if addr.lower() not in own}
            if found:
                return tuple(found.values())
    return ()
