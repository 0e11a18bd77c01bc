"""Whether a message is a bounce: each rule takes the mail and returns its reason, or None.

A subject alone proves nothing: clients of a studio write about undelivered mail. A rule needs something that only a mail system writes.
"""

import re

from mailbot.core.mail.message import Mail
from mailbot.core.mail.patterns import any_of
from mailbot.core.mail.screen.notice import MAX_LINE, Notice, notice_of, tells_of_failure
from mailbot.core.mail.screen.undelivered import behind_a_label, leading_a_line

_DAEMON = re.compile(r"mail(?:er)?[-_.]?daemon$", re.IGNORECASE)
# RFC 2142 section 5, and what mail systems and their gateways write from.
SYSTEM = any_of(
    r"mail(?:er)?[-_.]?daemon|mdaemon|post[-_.]?master|bounces?(?:[-+=].*)?|.*-bounces(?:[+=].*)?",
    r"mail[-_. ]?(?:administrator|system)|mail[-_. ]?delivery[-_. ]?(?:sub)?system|system[-_. ]?administrator",
    r"e?mail[-_. ]?(?:gateway|router|server)|.*(?:antivirus|anti-virus|interscan|mailsweeper|mailmarshal).*",
    r"imss",  # InterScan Messaging Security Suite, as it is installed
    after="$",
)
_SYSTEM_NAME = any_of(
    r"\W*(?:mail |message |e-?mail |internet mail )?(?:delivery|transfer) (?:sub)?system|internet mail delivery",
    r"mail(?:er)?[- ](?:daemon|system)|mail (?:administrator|router)",
    r"system administrator|postmaster|microsoft exchange|interscan(?: \w+){0,3}",
    after=r"\W*$",
)
SUBJECT = any_of(
    # Postfix, sendmail, Exim, qmail, Exchange, Domino, GroupWise, MDaemon, IMail, InterScan …
    r"undeliver(?:ed|able)\b|delivery (?:status notification|notification|report|failure|has failed|problem|error|failed)",
    r"mail (?:delivery|system) (?:failed|failure|system|warning|error)|mail error|e?mail (?:could )?not (?:be )?delivered|mail failed",
    r"(?:auto: )?returned mail|failure (?:notice|delivery)|failed mail|permanent delivery|non[- ]?deliver|ndn:",
    r"message status - undeliverable",
    r"message (?:not delivered|undeliverable|delivery failure)|your message could not be delivered",
    r"warning: (?:message|could not send)|delayed mail",
    r"notice: mail delivery status|\[bounce\]|message delivery has failed|mail failure|(?:mail )?returned to sender",
    r"не доставлено|недоставленное сообщение|(?:ваше )?(?:сообщение|письмо) не доставлено",
    r"unzustellbar|nicht zustellbar|mail konnte nicht zugestellt|onbestelbaar|olevererat|ej leverans|kan ikke leveres",
    r"non remis|message non délivré|échec de (?:la )?remise|impossible de remettre|no entregado|no se puede entregar",
    r"não entregue|mensagem não entregue|non recapitabile|mancato recapito|niedostarczon|nie dostarczono|iletilemedi",
    r"退信|系统退信|邮件(?:传输|发送|投递)失败|配信(?:不能|エラー)|送信エラー|配送エラー|未達|メール配信に失敗|メッセージを配信できません",
    before=r"(?:\[postmaster\] )?",
)

_FOLLOWING = any_of(
    r"the (?:following|attached|enclosed) (?:e-?mail|mail|message)s? (?:could not|cannot|was not|were not|has not been|had permanent)"
)


def local_part(addr: str) -> str:
    """The part before the last `@`."""
    return addr.rpartition("@")[0]


def return_path(mail: Mail) -> str | None:
    """The reverse-path that the delivering server wrote, '' when it is null, None when there is none."""
    return mail.first("return-path").strip().strip("<>").strip() if mail.has("return-path") else None


def _writer(mail: Mail) -> str:
    return local_part(mail.originator.addr) if mail.originator else ""


def _is_named_system(mail: Mail) -> bool:
    return bool(mail.originator and (SYSTEM.match(_writer(mail)) or _SYSTEM_NAME.match(mail.originator.name)))


def _without_sender(mail: Mail) -> str | None:
    """Nobody stands behind it: no originator, or a null reverse-path (RFC 5321 section 4.5.5) or a daemon's."""
    path = return_path(mail)
    if mail.originator is None or "@" not in mail.originator.addr:
        return "without an originator" if mail.fields else None
    return "with a null reverse-path" if path == "" or (path and _DAEMON.match(local_part(path) or path)) else None


def _is_persons(mail: Mail) -> bool:
    """The reverse-path is the originator's: what comes back goes to him, and no mail system lets its bounces bounce."""
    path = return_path(mail)
    return bool(path and mail.originator and path.lower() == mail.originator.key)


def is_report(mail: Mail) -> str | None:
    """RFC 3462, RFC 3464: a delivery report says so in its type. A person passes its parts on in another type."""
    if mail.content_type == "multipart/report" and mail.content_params.get("report-type", "").lower() == "delivery-status":
        return "it is a delivery report (multipart/report)"
    carries = "message/delivery-status" in mail.part_types and (_without_sender(mail) or _is_named_system(mail))
    return "it carries a message/delivery-status part" if carries else None


def is_from_mail_system(mail: Mail) -> str | None:
    """Servers that do not keep to RFC 3464 still write from mailer-daemon, or name those who failed in a field (Exim, Gmail)."""
    if _DAEMON.match(_writer(mail)) and mail.originator:
        return f"{mail.originator.addr} is a mail system"
    return "field X-Failed-Recipients" if mail.has("x-failed-recipients") else None


def is_told_without_sender(mail: Mail) -> str | None:
    """It tells of a failure, and nobody stands behind it."""
    who = _without_sender(mail)
    tells = who and (SUBJECT.match(mail.subject) or tells_of_failure(mail.subject[:MAX_LINE]) or notice_of(mail).tells_of_failure)
    return f"it tells of a failure, {who}" if tells else None


def is_told_by_mail_system(mail: Mail) -> str | None:
    """A postmaster or a gateway tells of a failure in subject and text, or names whom it did not reach, or returns the message.

    Postmasters are people, too: where the reverse-path is their own, a sentence about lost mail is not enough.
    """
    if not _is_named_system(mail):
        return None
    subject_tells = SUBJECT.match(mail.subject) or tells_of_failure(mail.subject[:MAX_LINE])
    if _is_persons(mail) and not (SYSTEM.match(_writer(mail)) and subject_tells):
        return None
    notice = notice_of(mail)
    names = _returned(mail, notice) or leading_a_line(mail, notice) or behind_a_label(mail, notice)
    twice = not _is_persons(mail) and subject_tells and notice.tells_of_failure  # Exchange names people, not addresses
    tells = twice or (names and (subject_tells or notice.tells_of_failure))
    return f"a mail system tells of a failure ({mail.originator.addr if mail.originator else ''})" if tells else None


def is_rejection(mail: Mail) -> str | None:
    """A filter at the recipient's refuses by a disposition notification (RFC 5429 section 2.1: Sieve's reject)."""
    notifies = mail.content_type == "multipart/report" and "message/disposition-notification" in mail.part_types
    refused = notifies and re.search(r"\b(?:reject|refus)", mail.text[:500])
    return "its recipient's filter refused it" if refused else None


def returns_a_mail(mail: Mail) -> str | None:
    """Subject and first words tell of a failure, it names what or whom, and the message comes back with it.

    Never when the reverse-path is the originator's own: clients quote and attach mail that was lost.
    """
    if not SUBJECT.match(mail.subject) or _is_persons(mail):
        return None
    notice = notice_of(mail)
    names = leading_a_line(mail, notice) or behind_a_label(mail, notice) or _FOLLOWING.search(" ".join(notice.text[:300].split()))
    return f"“{mail.subject[:60]}” with the message itself" if names and _returned(mail, notice) and notice.tells_of_failure else None


def _returned(mail: Mail, notice: Notice) -> bool:
    return bool(notice.copy) or "message/rfc822" in mail.part_types or "text/rfc822-headers" in mail.part_types
