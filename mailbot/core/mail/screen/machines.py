"""Machines that are no mail system: responders, lists, challenges, calendars, filters. Each rule returns its reason, or None."""

from mailbot.core.mail.message import Mail
from mailbot.core.mail.patterns import any_of
from mailbot.core.mail.screen.bounces import is_from_mail_system, local_part, return_path
from mailbot.core.mail.screen.notice import YOUR_MESSAGE
from mailbot.core.mail.visible.history import kind_of

MAX_HOPS = 50  # Postfix refuses more Received fields than that; RFC 5321 section 6.3 wants them counted
READ = 4000  # characters of text in which a machine tells what it is

# The forms that responders write: the whole subject, or before the one that they answer ("Out of office: Prices", "[Auto-Reply] Prices").
AUTO_SUBJECT = any_of(
    r"out of(?: the)? office(?: (?:auto[- ]?)?repl(?:y|ies))?|auto(?:matic(?:al)?|mated)?[- ]?(?:reply|response|answer|submitted)",
    r"auto-?respon(?:se|der)|vacation reply|away from my mail|i am (?:away|out of(?: the)? office)|on vacation",
    r"автоматический ответ|автоответ(?:чик)?|я в отпуске|в отпуске|отсутствую|нет на месте|автоматична відповідь|автовідповідь",
    r"abwesenheit\w*|abwesend|automatische (?:antwort|e-?mail)|automatisch antwoord|afwezig(?:heid)?|autosvar|frånvaro\w*|poissa\w*",
    r"réponse automatique|absence du bureau|message d'absence|respuesta automática|fuera de (?:la )?oficina",
    r"risposta automatica|fuori ufficio|resposta automática|automatyczna odpowied[zź]|nieobecno\w+|otomatik yanıt",
    r"自动回复|自動回覆|自動返信|自動応答|자동 ?(?:응답|회신)",
    before=r"\W{0,5}",
    after=r"\s{0,3}(?:[:：\])!.–—-]|$)",
)
# The whole form that Exchange and Domino write; a person's sentence does not have it.
_RESPONDER_SUBJECT = any_of(
    r"out of office autoreply: ",
    r"auto: .{1,80} is out of (?:the )?office(?:\.? ?\(|\.?$)",
    r"авто: .{1,80} (?:не в офисе|отсутствует)(?:\.? ?\(|\.?$)",
    before=r"(?:(?:re|aw|sv|fwd?|ha|отв)\s?:\s{0,3}|\[[^\]]{1,40}\]\s{0,3}){0,4}",
)
AUTOMATIC_WORDS = any_of(
    r"this is an? (?:automat(?:ic|ed)|auto[- ]?generated)(?:ally generated)? (?:response|reply|message|e-?mail|notification)\b",
    r"this is the only notification you will receive while",  # Domino
    r"(?:это|данное) (?:письмо|сообщение) (?:было )?(?:отправлено|создано|сформировано|сгенерировано) автоматически",
    r"это автоматический ответ",
    r"(?:отвечать на (?:него|это письмо) не (?:нужно|надо|следует)|не отвечайте на (?:него|это письмо|данное письмо))",
    r"(?:please )?do not (?:reply|respond) to this (?:automat\w+ )?(?:e-?mail|message|mail)",
    r"dies ist eine automatisch\w*|bitte antworten sie nicht auf diese|ceci est un(?:e réponse| message) automatique",
)
CHALLENGE_SUBJECT = any_of(
    r"please confirm your (?:message|e-?mail)|confirm that you sent|sender verification",
    r"your e-?mail requires verification|подтвердите отправку",
)
# In one line; the address to visit stands near the words.
_CHALLENGE_WORDS = any_of(
    r"\b(?:allowed|approved|guest|white|safe)[- ]?(?:senders? )?list\b.{0,400}https?://",
    r"https?://.{0,200}\b(?:allowed|approved|guest|white|safe)[- ]?(?:senders? )?list\b",
    r"protected by .{0,60}(?:challenge|sender verification|anti-?spam|spam (?:blocker|filter)).{0,500}https?://",
    r"(?:verify|confirm|prove).{0,80}(?:you are (?:a )?(?:human|person|real)|your (?:e-?mail )?address|that you sent).{0,300}https?://",
    r"has been (?:waitlisted|held|quarantined).{0,400}(?:click|follow|visit).{0,200}https?://",
)
_RECEIPT_SUBJECT = any_of(r"(?:not )?read|deleted|(?:не )?прочитано|прочтено|(?:un)?gelesen|(?:non )?lu|leído|letto", after=r"\s?: ")
_LIST_SERVERS = any_of(r"mailman|majordomo|listserv|listar|ezmlm|sympa|smartlist")
_PRECEDENCE = ("precedence", "x-precedence")


def precedence(mail: Mail) -> str:
    """The value of Precedence or X-Precedence in lower case, `-` as `_`; '' without one."""
    return next((value for name in _PRECEDENCE if (value := mail.first(name).strip().lower().replace("-", "_"))), "")


def _words(mail: Mail) -> str:
    return " ".join(mail.text[:READ].split())


def _is_for_somebody(mail: Mail) -> bool:
    """A program wrote it for a person who is to be answered: a site's form (From the site, Reply-To its visitor), a forwarding rule."""
    if len(mail.reply_to) != 1 or mail.in_reply_to or mail.references or return_path(mail) == "":
        return False
    return not mail.originator or mail.reply_to[0].key != mail.originator.key


def is_challenge(mail: Mail) -> str | None:
    """A challenge asks the sender to prove that he is a person; answering it by machine would be a lie."""
    for name in ("x-boxtrapper", "x-challenge", "x-tmda-confirm", "x-bluebottle-request", "x-ask-version", "x-spamarrest-noid"):
        if mail.has(name):
            return f"field {name.title()}"
    if is_from_mail_system(mail):
        return None  # a server's report that quotes somebody's challenge as the reason
    by_machine = mail.content_type == "multipart/report" or return_path(mail) == ""
    return "it asks the sender to prove himself" if by_machine and _CHALLENGE_WORDS.search(_words(mail)) else None


def auto_submitted(mail: Mail) -> str:
    """The keyword of Auto-Submitted in lower case, '' without one."""
    return mail.first("auto-submitted").split(";")[0].split("(")[0].strip().lower()


def is_auto_submitted(mail: Mail) -> str | None:
    """RFC 3834 section 5: anything but `no` was sent without a person; `auto-generated` by a form is somebody's request all the same."""
    value = auto_submitted(mail)
    form = value == "auto-generated" and _is_for_somebody(mail)
    return f"Auto-Submitted: {value}" if value not in ("", "no") and not form else None


def is_notification(mail: Mail) -> str | None:
    """A disposition notification (RFC 8098) tells that a mail was read, a feedback report (RFC 5965) that it was called spam."""
    report = mail.content_type == "multipart/report"
    return f"it is a report ({mail.content_params.get('report-type', 'no type')})" if report else None


def is_receipt(mail: Mail) -> str | None:
    """Outlook's receipts to mail of other programs are plain text: 'Read: Prices', 'Your message To: … was read on …'."""
    lines = [line.strip() for line in mail.text[:READ].split("\n")]
    fields = sum(kind_of(line) is not None for line in lines[:12])
    found = fields > 1 and _RECEIPT_SUBJECT.match(mail.subject) and YOUR_MESSAGE.match(mail.text[:READ])
    return f"the receipt “{mail.subject[:60]}”" if found else None


def is_list(mail: Mail) -> str | None:
    """RFC 2919 and RFC 2369 list fields, and those of list servers that are older."""
    for name in ("list-id", "list-post", "mailing-list", "x-mailing-list", "x-beenthere", "x-mailman-version", "x-ml-name", "x-listname"):
        if mail.has(name):
            return f"field {name.title()}"
    return "Precedence: list" if precedence(mail) == "list" else None


def is_sent_by_list(mail: Mail) -> str | None:
    """The Sender of a list server without list fields: `owner-NAME` (Majordomo), `NAME-owner`, `NAME-bounces` (Mailman), and Precedence."""
    sender = local_part(mail.first("sender").strip().strip("<>").lower())
    listed = (sender.startswith("owner-") or sender.endswith(("-owner", "-bounces"))) and precedence(mail) in ("bulk", "junk", "list")
    return f"Sender {mail.first('sender').strip()} is a list server's" if listed else None


def is_digest(mail: Mail) -> str | None:
    """A digest (RFC 2046 section 5.1.5) from a list's `-request` address (RFC 2142 section 6), of a list server or of several messages."""
    if not mail.originator or not local_part(mail.originator.addr).lower().endswith("-request"):
        return None
    listed = _LIST_SERVERS.search(mail.first("x-mailer")) or mail.part_types.count("message/rfc822") > 1
    return f"a digest from {mail.originator.addr}" if listed else None


def is_vacation_field(mail: Mail) -> str | None:
    """Fields of responders that are older than RFC 3834 (cPanel, vacation, Apple, autorespond of qmail), and of cron."""
    for name in (
        "x-autoreply",
        "x-autorespond",
        "x-autoresponder",
        "x-mail-autoreply",
        "x-autogenerated",
        "x-cron-env",
        "x-autoreply-from",
        "x-auto-reply-from",
        "x-apple-action",
    ):
        if mail.has(name) and mail.first(name).strip().lower() != "no":
            return f"field {name.title()}"
    if "autoresponder" in (body.strip().lower() for body in mail.fields.get("delivered-to", ())):
        return "Delivered-To: autoresponder"
    return "Precedence: auto_reply" if precedence(mail) == "auto_reply" else None


def is_bulk_answer(mail: Mail) -> str | None:
    """`Precedence: bulk` or `junk` on an answer: the vacation programs of Unix and web mail set it (RFC 3834 section 3.1.8)."""
    answers = (
        mail.in_reply_to
        or mail.references
        or return_path(mail) == ""
        or mail.subject[:3].lower() == "re:"
        or AUTO_SUBJECT.match(mail.subject)
    )
    return f"Precedence: {precedence(mail)} on an answer" if answers and precedence(mail) in ("bulk", "junk") else None


def is_bulk(mail: Mail) -> str | None:
    """`Precedence: bulk` or `junk` (RFC 2076 section 3.9): mass mail, unless a form sends a visitor's words so."""
    return f"Precedence: {precedence(mail)}" if precedence(mail) in ("bulk", "junk") and not _is_for_somebody(mail) else None


def is_auto_subject(mail: Mail) -> str | None:
    """Many absence notes are given away by nothing but their subject; they answer a mail or say what they are, a new request does not."""
    answers = mail.in_reply_to or mail.references or return_path(mail) == "" or AUTOMATIC_WORDS.match(_words(mail))
    found = _RESPONDER_SUBJECT.match(mail.subject) or (answers and AUTO_SUBJECT.match(mail.subject))
    return f"the subject “{mail.subject[:60]}”" if found else None


def is_spam(mail: Mail) -> str | None:
    """What the mailbox's own filter wrote."""
    flagged = mail.first("x-spam-flag").strip().lower() == "yes" or mail.first("x-spam-status").strip().lower().startswith("yes")
    return "the mailbox's spam filter says so" if flagged else None


def is_invitation(mail: Mail) -> str | None:
    """A calendar object with a method (RFC 5546) is written by a program for a program."""
    return f"a calendar object, method {mail.calendar_method}" if mail.calendar_method else None


def is_loop(mail: Mail) -> str | None:
    """It has gone round for long (RFC 5321 section 6.3)."""
    return f"{mail.hops} Received fields" if mail.hops > MAX_HOPS else None
