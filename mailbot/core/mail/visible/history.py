"""Where unquoted history begins: separators, blocks of header fields, and 'reply above this line', in the languages."""

import re
from collections.abc import Callable

MARKER = "-- ✂ --"  # our own forwards and answers carry it: what stands below is ours


def _names(*languages: str) -> tuple[str, ...]:
    return tuple(name for names in languages for name in names.split("|"))


# Words that programs put between dashes above the old mail ('-----Original Message-----').
_SEPARATORS = frozenset(
    _names(
        "original message|original email|original appointment|original meeting request|reply message",
        "forwarded message|forwarded mail|begin forwarded message|start of forwarded message|end of forwarded message",
        "ursprüngliche nachricht|originalnachricht|original-nachricht|ursprüngliche mail|originaltermin",
        "weitergeleitete nachricht|weitergeleitete mail|anfang der weitergeleiteten nachricht|anfang der weitergeleiteten e-mail",
        "message d'origine|message d’origine|message original|message initial|courriel original|e-mail d'origine|mail original",
        "message transféré|message transmis|début du message réexpédié|début du message transféré|rendez-vous d'origine",
        "mensaje original|mensaje origen|correo original|cita original|mensaje reenviado|inicio del mensaje reenviado",
        "messaggio originale|messaggio d'origine|messaggio inoltrato|inizio messaggio inoltrato|inizio del messaggio inoltrato",
        "mensagem original|mensagem encaminhada|mensagem reencaminhada|início da mensagem encaminhada|início da mensagem reencaminhada",
        "oorspronkelijk bericht|oorspronkelijke bericht|origineel bericht|doorgestuurd bericht|begin doorgestuurd bericht",
        "wiadomość oryginalna|oryginalna wiadomość|wiadomość pierwotna|wiadomość przekazana|przekazana wiadomość",
        "początek przekazywanej wiadomości|treść przekazywanej wiadomości|wiadomość przesłana dalej",
        "исходное сообщение|исходное письмо|оригинальное сообщение|оригинал сообщения|пересылаемое сообщение|пересылаемое письмо",
        "пересланное сообщение|переадресованное сообщение|перенаправленное сообщение|начало пересылаемого сообщения",
        "начало переадресованного сообщения|конец пересылаемого сообщения|конец пересылаемого письма",
        "вихідне повідомлення|оригінальне повідомлення|початкове повідомлення|переслане повідомлення|перенаправлене повідомлення",
        "пересланий лист|початок листа, що пересилається|початок переадресованого повідомлення",
        "orijinal ileti|orijinal mesaj|özgün ileti|özgün mesaj|iletilen mesaj|iletilen ileti|iletilmiş ileti|yönlendirilen ileti",
        "ursprungligt meddelande|originalmeddelande|vidarebefordrat meddelande|vidarebefordrat mejl|vidarebefordrat brev",
        "oprindelig meddelelse|original meddelelse|videresendt meddelelse|videresendt besked|start på videresendt besked",
        "opprinnelig melding|original melding|videresendt melding|alkuperäinen viesti|välitetty viesti|edelleenlähetetty viesti",
        "původní zpráva|původní e-mail|přeposlaná zpráva|přeposlaný e-mail|začátek přeposílané zprávy",
        "pôvodná správa|pôvodný e-mail|preposlaná správa|eredeti üzenet|továbbított üzenet|továbbított levél",
        "mesaj original|mesajul original|mesaj redirecționat|missatge original|missatge reenviat|izvorna poruka|izvirno sporočilo",
        "originalna poruka|proslijeđena poruka|оригинално съобщение|препратено съобщение|αρχικό μήνυμα|προωθημένο μήνυμα",
        "thư gốc|pesan asli|הודעה מקורית|الرسالة الأصلية|رسالة معاد توجيهها",
        "原始邮件|原邮件|邮件原件|原始信息|转发邮件|转发的邮件|转发的消息|回复的原邮件|原始郵件|原始訊息|轉寄郵件|轉寄的郵件|轉寄的訊息",
        "元のメッセージ|転送メッセージ|転送されたメッセージ|元の予定|원본 메시지|원본 메일|원래 메시지|전달된 메시지|전달된 메일",
    )
)
_DASHES = " \t-‐–—_*=#~+<>|:："
_DRESSED = re.compile(r"[*_>\s]{0,4}[-‐–—=_*#~]{2}")  # one dash begins an item of a list
_LONGEST_SEPARATOR = 100

# Outlook's field names, and those of other programs that quote under a block of fields. What a name means is the same everywhere.
_FIELDS = {
    "from": _names(
        "from|von|absender|de|expéditeur|remitente|da|mittente|remetente|van|afzender|från|fra|lähettäjä|feladó|de la|από",
        "от|от кого|від|від кого|od|nadawca|odesílatel|kimden|gönderen|מאת|من",
        "发件人|发送人|發件人|寄件者|寄件人|差出人|送信者|보낸 사람|보낸사람",
    ),
    "sent": _names(
        "sent|sent on|gesendet|envoyé|envoyé le|envoyée|date d'envoi|message du|enviado|enviado el|enviada|enviada em|enviado em|enviat",
        "inviato|inviata|data invio|verzonden|verzonden op|skickat|sendt|lähetetty|elküldve|küldve|trimis|στάλθηκε",
        "отправлено|надіслано|відправлено|wysłano|wysłane|data wysłania|odesláno|odoslané|poslano",
        "gönderildi|gönderilme tarihi|gönderme tarihi|נשלח|发送时间|發送時間|傳送時間|寄件日期|送信日時|보낸 날짜",
    ),
    "date": _names(
        "date|datum|data|fecha|dato|päivämäärä|päiväys|dátum|ημερομηνία|дата|дата и время|tarih|日期|日付|日時|날짜",
    ),
    "to": _names(
        "to|an|empfänger|à|destinataire|a|para|destinatario|per|per a|aan|till|til|vastaanottaja|címzett|către|προς",
        "кому|do|komu|za|kime|alıcı|אל|إلى|收件人|收件者|宛先|받는 사람|받는사람",
    ),
    "cc": _names(
        "cc|bcc|cci|cco|ccn|copie à|copie|copia|kopie|kopia|kopi|kopio|копия|копія|dw|udw|bilgi|másolat|másolatot kap|抄送|副本|참조"
    ),
    "subject": _names(
        "subject|betreff|objet|sujet|asunto|oggetto|assunto|onderwerp|ämne|emne|aihe|tárgy|subiect|θέμα|assumpte",
        "тема|temat|předmět|predmet|zadeva|konu|נושא|الموضوع|主题|主題|主旨|标题|標題|件名|제목",
    ),
    "other": _names(
        "reply-to|reply to|antwort an|répondre à|responder a|responder para|risposta|rispondi a|antwoord aan|svara till|svar til",
        "odpowiedz do|ответить|кому ответить|importance|priority|wichtigkeit|priorität|importancia|importância|importanza|prioriteit",
        "важность|важливість|ważność|attachments|attachment|anlagen|pièces jointes|datos adjuntos|allegati|anexos|bijlagen",
        "вложения|вкладення|załączniki|organization|sensitivity|newsgroups|resent-from|添付ファイル|附件",
    ),
}
_KINDS = {name: kind for kind, names in _FIELDS.items() for name in names}
_LABEL = re.compile(r"[*_\s]{0,4}([^\W\d][^:：*@<>]{0,30}?)[*_\s]{0,4}[:：]")
_ADDRESS = re.compile(r"[^\s@<>]@[^\s@<>]")
_TIME = re.compile(r"\d[:.h]\d\d|\d ?[時时點点시]")
_DAY = re.compile(r"(?:19|20)\d\d|\d{1,2}[./-]\d{1,2}[./-]\d\d(?!\d)")
_BLOCK_LINES = 16  # fields and their wrapped values
_LONGEST_VALUE = 200
_VALUE_LINES = 2  # lines that a wrapped value takes below its field

# 'Reply above this line' of helpdesks (Zendesk, Freshdesk, Help Scout, Basecamp, Jira …).
_ABOVE = _names(
    "above this line|above the line|above the dotted line|below this line",
    "über dieser linie|über dieser zeile|über diese linie|über diese zeile|oberhalb dieser linie|oberhalb dieser zeile",
    "dessus de cette ligne|dessus de la ligne",
    "encima de esta línea|arriba de esta línea|sobre esta línea",
    "sopra questa riga|sopra questa linea|sopra di questa riga",
    "acima desta linha|acima dessa linha",
    "boven deze lijn|boven deze regel",
    "powyżej tej linii|nad tą linią|nad tym wierszem",
    "выше этой линии|выше этой строки|выше этой черты|над этой линией|над этой строкой|над этой чертой",
    "вище цієї лінії|вище цього рядка|над цією лінією|над цією рискою|над цим рядком",
    "bu satırın üst|bu satırın üzeri|bu çizginin üst|bu çizginin üzeri",
    "ovanför denna rad|ovanför denna linje|ovanför den här raden|over denne linje|tämän rivin yläpuole",
    "nad tento řádek|nad tímto řádkem|nad týmto riadkom|a sor fölé|deasupra acestei linii|damunt d'aquesta línia",
    "行上方|线上方|線上方|此线以上|此行以上|行之上|行より上|線より上|줄 위에|선 위에",
)
_LONGEST_MARKER = 200
_ANSWER = re.compile(
    r"repl|respon|rispo|antwo|répon|odpow|ответ|відпов|yanıt|svar|vasta|odpov|válasz|răspun|回复|回覆|返信|답장|write|type", re.IGNORECASE
)
_OURS = re.compile(r"[-‐–—]{1,2}\s?✂[\ufe0e\ufe0f]?\s?[-‐–—]{1,2}")


def carries_marker(lines: list[str], number: int) -> bool:
    """Whether our own letters' marker stands in that line, or begins in it and was folded into the next.

    Programs turn its scissors into a picture (U+FE0F asks for it) and its blanks into others.
    """
    line = lines[number]
    if "✂" not in line and line[-1:] not in tuple("-‐–—"):
        return False
    if "✂" not in line and (number + 1 == len(lines) or lines[number + 1][:1] != "✂"):
        return False
    below = lines[number + 1] if number + 1 < len(lines) else ""
    place = line.find("✂")
    around = f"{line[max(place - 4, 0) :] if place >= 0 else line[-4:]} {below[:8]}"
    return _OURS.search(" ".join(around[:32].split())) is not None


def _is_separator(lines: list[str], number: int) -> bool:
    """'-----Original Message-----' (Outlook), '---------- Forwarded message ---------' (Gmail), 'Begin forwarded message:' (Apple Mail).

    The words alone can be the sender's ('Original message: … New message: …'): without dashes the old mail's fields or quote follow.
    """
    line = lines[number]
    if len(line) > _LONGEST_SEPARATOR or (line[0] not in _DASHES and line[-1] not in ":："):
        return False
    words = line.strip(_DASHES).casefold().replace("\u0307", "")  # the dot of a Turkish capital I
    if _DRESSED.match(line):
        return words in _SEPARATORS or words.startswith("forwarded by ")  # the latter is of Notes
    if words not in _SEPARATORS:
        return False
    below = _with_words(lines, number + 1, 3)
    return below is not None and (lines[below][0] == ">" or _begins_fields(lines, below))


def _is_dashes_above_fields(lines: list[str], number: int) -> bool:
    """'---------- … ----------' in whatever language, or Outlook's 32 underscores, right above a block of fields."""
    line = lines[number]
    if not (line.startswith("---") and line.endswith("---") and line.strip(_DASHES)) and line != "_" * 32:
        return False
    below = _with_words(lines, number + 1, 3)
    return len(line) <= _LONGEST_SEPARATOR and below is not None and _begins_fields(lines, below)


def _with_words(lines: list[str], start: int, most: int) -> int | None:
    """The index of the first line of `most` that is not blank."""
    return next((place for place in range(start, min(start + most, len(lines))) if lines[place]), None)


def _is_reply_above(lines: list[str], number: int) -> bool:
    """'##- Please type your reply above this line -##'. A sentence or a list's item has no such ends."""
    line = lines[number]
    if len(line) > _LONGEST_MARKER or line[0].isalnum():
        return False
    folded = line.casefold()
    if not any(words in folded for words in _ABOVE):
        return False
    ends = sum(bool(_DRESSED.match(end)) for end in (line, line[::-1]))
    return ends == 2 or (ends == 1 and _ANSWER.search(line) is not None)


def _is_header_block(lines: list[str], number: int) -> bool:
    """'From: … Sent: … To: … Subject: …' (Outlook, Lotus Notes, phones), plain or in bold, values beside or below.

    A form or a table of a journey has such lines too ('From: Rome, To: Oslo, Date: …'), so the values count: three fields with the
    address of the originator, a day and a time in a field that only mail has, or a day beside both a recipient and a subject.
    """
    found = _fields(lines, number)
    kinds = found.keys()
    if "from" not in kinds:
        return False
    if _ADDRESS.search(found["from"]):
        return len(kinds) >= 3
    when = f"{found.get('sent', '')} {found.get('date', '')}"
    return _is_moment(found.get("sent", "")) or (_DAY.search(when) is not None and {"to", "subject"} <= kinds)


def _begins_fields(lines: list[str], number: int) -> bool:
    """Whether there are fields that are enough below a separator: an originator, another field, and an address or a moment."""
    found = _fields(lines, number)
    values = " ".join(found.values())
    return "from" in found and len(found) > 1 and (_ADDRESS.search(values) is not None or _is_moment(values))


def _fields(lines: list[str], number: int) -> dict[str, str]:
    """The fields of a block that begins in a line, by kind, with their values; none when that line is no field."""
    found: dict[str, str] = {}
    loose, kind = 0, kind_of(lines[number])
    if kind is None:
        return found
    for place in range(number, min(number + _BLOCK_LINES, len(lines))):
        line = lines[place]
        now = kind_of(line)
        if now is None:
            loose += bool(line)
            if loose > _VALUE_LINES or (not line and place > number and not lines[place - 1]):
                break
        else:
            loose, kind = 0, now
        found[kind] = f"{found.get(kind, '')} {line[:_LONGEST_VALUE]}"
    return found


def _is_moment(value: str) -> bool:
    """Whether a value has the day, with its year, and the time that programs write."""
    return _DAY.search(value) is not None and _TIME.search(value) is not None


def kind_of(line: str) -> str | None:
    """Which field of a quoted header the line begins with, or None."""
    match = _LABEL.match(line) if ":" in line or "：" in line else None
    return _KINDS.get(match[1].strip().casefold()) if match else None


HISTORY: tuple[Callable[[list[str], int], bool], ...] = (
    _is_header_block,
    _is_separator,
    carries_marker,
    _is_reply_above,
    _is_dashes_above_fields,
)
_WORDS_FIRST = HISTORY[:3]  # those that hold for a line that begins with a letter: it has a colon near its begin or at its end


def starts_history(lines: list[str], number: int) -> bool:
    """Whether all from this line on is an old mail. `lines` are stripped, and this one is not blank."""
    line = lines[number]
    rules = HISTORY
    if line[0].isalnum():
        if line.find(":", 0, 40) < 0 and line[-1] != ":" and (line.isascii() or ("：" not in line and "✂" not in line)):
            return False
        rules = _WORDS_FIRST
    for rule in rules:  # noqa: SIM110 -- a generator here is a fifth of the time of a long text
        if rule(lines, number):
            return True
    return False
