"""The notice of a mail system: what it wrote itself, where the copy of the message begins, and whether it tells of a failure."""

from dataclasses import dataclass

from mailbot.core.mail.message import Mail
from mailbot.core.mail.patterns import any_of

MAX_NOTICE = 20_000  # characters that are read
MAX_LINE = 500
FIRST_WORDS = 3_000  # characters within which a notice tells what it is about

# The line above the copy of the message, in the words of the mail systems that write one; or the first field of the copy itself.
_COPY = any_of(
    r"(?:this|below this line|attachment|included|here)? ?(?:is )?(?:a )?copy of (?:the|your)\b.{0,30}(?:message|mail|part)",
    r"here is a copy|a copy of the original",
    r"(?:the )?(?:header|first \d+ lines|top \d+ lines|body)s? (?:of|and|from)\b.{0,40}\b(?:message|mail)",
    r"(?:the )?(?:(?:start|text) of )?(?:your )?(?:original|returned|unsent|undelivered|source|old|forwarded|message|mail)[ -]"
    r"(?:message|mail|header|text|follows|details)\b",
    r"(?:summary|headers?) of the .{0,30}(?:message|mail)|your message reads",
    r"(?:копия|исходное|оригинальное|заголовки|ниже этой линии)\b.{0,40}(?:сообщени|письм)",
    r"mensaje original|message original|ursprüngliche nachricht|messaggio originale|mensagem original|oryginalna wiadomość",
    r"附件|原信件|オリジナル|元のメッセージ",
    r"(?:received|return-path|x-[\w-]{1,40}|mime-version): ",
    before=r"[\s*>|~-]{0,60}",
)
_FAILURE = any_of(
    # English: the message was not delivered …
    r"(?:could ?n[o'’]t|can ?n?[o'’]t|(?:not|never) (?:yet )?been|not be|was ?n[o'’]t|(?:were|is|are) not|(?:unable|failed|impossible) to)"
    r"(?: be| been| yet| successfully)* (?:deliver(?:ed|ing)?|reach(?:ed)?|sen[dt]|accept(?:ed)?)\b",
    r"(?:did|does) not (?:reach|receive)|undeliver(?:ed|able)|non[- ]?deliver(?:y|able)|not delivered",
    r"delivery (?:problems|errors|status notification)",
    r"del[ie]very (?:of|to|has|for|attempts?)?\b.{0,60}\b(?:failed|failure|aborted|postponed|delayed|not possible)|delay in the delivery",
    r"(?:permanent|fatal)(?:ly)? (?:fatal|failed|failure|error)|returned mail|returned to sender|failed (?:mail|recipients|addresses)",
    r"(?:has been|was)(?: automatically)? (?:rejected|refused|returned|bounced)",
    r"following (?:recipients|address(?:\(?es\)?)?) (?:failed|had|have)",
    r"failure reasons?|error sending your mail|error .{0,40}(?:processing|process the|attempting to deliver)|delayed .{0,10}(?:hour|day)",
    r"(?:could not send message|queued) for (?:past )?\d+",
    # … because
    r"user (?:is )?unknown|unknown (?:or illegal )?(?:user|recipient|address|local)",
    r"no such (?:user|mailbox|address|account|recipient)|no mailbox here",
    r"not a valid (?:user|address|mailbox|recipient)|no (?:longer )?valid recipients?",
    r"invalid (?:final delivery userid|recipient|address|mailbox)",
    r"mailbox.{0,30}(?:full|unavailable|disabled|not found|exceed)",
    r"(?:over|exceed\w*)(?: the| their| its| his)? (?:disk |storage )?quota|quota (?:exceeded|violation)",
    r"recipient address rejected|does ?n[o']t have an? .{0,40}account|did not (?:exactly )?match an?\b",
    # Russian
    r"не (?:может|могло|удалось|было|будет|удается|удаётся|могут|смогли).{0,40}достав|не доставлен|недоставлен|невозможно доставить",
    r"доставка .{0,60}(?:не удалась|невозможна|отложена)|(?:пользовател|адрес|ящик)\w* .{0,60}(?:не найден|не существует|переполнен)",
    r"(?:нет|не существует|неизвестн\w+|не найден\w*) .{0,20}(?:получател|пользовател|адрес|ящик)",
    # German, French, Spanish, Portuguese, Italian, Polish, Dutch, Turkish
    r"(?:nicht|konnte).{0,60}(?:zugestellt|ausgeliefert|übermittelt)|unzustellbar",
    r"n'(?:a|ont) pas pu|non (?:remis|délivr|distribu)|impossible de (?:livrer|remettre|distribuer)",
    r"no (?:pudo|se pudo|ha podido|se ha podido|puede) (?:ser )?(?:entrega|enviar)|no entregado",
    r"n[aã]o (?:p[oô]de|foi possível).{0,20}(?:entreg|envi)|non (?:è stato possibile|consegnat|recapitat)",
    r"nie (?:można|udało się|mogła zostać|może zostać).{0,40}dostarcz|niedoręczon",
    r"kan niet worden (?:bezorgd|afgeleverd)|onbestelbaar|teslim edile?me|iletile?me",
    # Chinese and Japanese
    r"无法(?:发送|投递|送达)|退信|投递失败|配信(?:できません|に失敗|不能|エラー)|送信(?:できません|エラー)|届きません|見つかりません",
)
_DELAYED = any_of(
    r"\bdelayed\b|not yet been delivered|warning (?:message )?only|still being retried|has been postponed|message will be retried",
    r"will (?:be retried|continue to (?:try|be made|attempt))|attempts will continue|continue to try|temporarily deferred",
    r"отложена|будут продолжены|retardé|verzögert",
)
_GOES_ON = any_of(r"not yet been delivered|delivery attempts will (?:continue|be)|will continue (?:to try|trying)|message will be retried")
_GIVEN_UP = any_of(r"permanent(?:ly)?\b|giv(?:en|ing) up|not going to try|no further attempts")

# A notice speaks to whoever wrote the message; a person who tells of one begins otherwise.
YOUR_MESSAGE = any_of(
    r"your (?:e-?mail )?(?:message|e-?mail|mail)\b(?! (?:server|form|box|system))",
    r"(?:votre|ihre?|su|il (?:tuo|suo)|a sua|twoja|uw|ваше) "
    r"(?:message|e-?mail|mail|courriel|nachricht|mensaje|correo|messaggio|mensagem|wiadomość|bericht|сообщение|письмо)\b",
    before=r"[\W_]{0,200}",
)


@dataclass(frozen=True, slots=True)
class Notice:
    """What the mail system wrote itself, and the copy of the message below it ('' when there is none in the text)."""

    text: str
    copy: str

    @property
    def lines(self) -> list[str]:
        """Its lines, long ones cut."""
        return [line[:MAX_LINE] for line in self.text.split("\n")]

    @property
    def words(self) -> str:
        """Its text as one line: servers break sentences anywhere."""
        return " ".join(self.text.split())

    @property
    def tells_of_failure(self) -> bool:
        """Whether its first words say that something was not delivered."""
        return tells_of_failure(" ".join(self.text[:FIRST_WORDS].split()))

    @property
    def tells_of_delay(self) -> bool:
        """Whether the mail system goes on trying."""
        words = self.words
        return bool(_GOES_ON.search(words)) or (bool(_DELAYED.search(words)) and not _GIVEN_UP.search(words))


def tells_of_failure(line: str) -> bool:
    """Whether one line of text says that something was not delivered."""
    return _FAILURE.search(line) is not None


def notice_of(mail: Mail) -> Notice:
    """The text of a message taken apart at the copy of another one."""
    text = mail.text[:MAX_NOTICE]
    place = 0
    for line in text.split("\n"):
        if place and _COPY.match(line[:MAX_LINE]):
            return Notice(text[:place], text[place:])
        place += len(line) + 1
    return Notice(text, "")
