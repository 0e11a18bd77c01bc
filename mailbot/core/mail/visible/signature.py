"""Where a mail's signature begins, and the lines that telephones, mail programs and virus scanners add below it.

Closing words ('Best regards, Anna') stay: they are the sender's, and whether they are a signature nobody can say.
"""

import re

_BLOCK = 15  # lines with words of a signature below its '-- '; more are a text
_SHORT_BLOCK = 5  # below a divider that people put between paragraphs too
_SHORT_LINE = 80
_CONTACT = re.compile(r"[^\s@]@[^\s@]|\+?\d[\d ()./-]{6,}\d")
_REACHED_AT = re.compile(r"(?:\w{1,12}[.:]* ?){0,2}[(<+]*(?:[\w.+-]+@[\w.-]+\w|\+?\d[\d ()./-]{6,}\d|https?://|www\.)", re.IGNORECASE)
_ITEM = re.compile(r"\d{1,2}[.)]\s|[-*•–—]\s|(?:p\.? ?s|з\.? ?ы|p\.? ?p\.? ?s)(?![^\W_])", re.IGNORECASE)
_DIGIT = re.compile(r"\d")
_WORDS_OF_A_NAME = 5
_CLOSING = re.compile(
    r"\b(?:regards|sincerely|cheers|wishes|grüße?n?|grüsse?n?|gruß|уважением|пожеланиями|повагою|cordialement|salutations|saludos|saluti"
    r"|cumprimentos|atenciosamente|groet(?:en|jes)?|pozdrawiam|poważaniem|pozdravem|hälsningar|hilsen|terveisin|saygılarımla)\b",
    re.IGNORECASE,
)
_DIVIDER = re.compile(r"(?:[-–—_*=#~+][-–—_*=#~+ ]*|\u1427)$")  # U+1427 is the trace of a tracker in Gmail
_SIGNED_NAME = re.compile(r"(?:-|--\s?)[^\W\d_][\w'’.-]*(?: [^\W\d_][\w'’.-]*){0,2}$")

# 'Sent from' in the languages. 'Sent by post' is a sentence: the preposition counts, and a device or a program must follow it.
_SENT_FROM = re.compile(
    r"(?:this (?:e-?mail|message) (?:was|has been) |mensaje |письмо |сообщение |лист |wiadomość |message )?(?:"
    r"(?:sent|written|typed) (?:securely |wirelessly )?(?:from|via|with|using|by)"
    r"|(?:gesendet|geschrieben) (?:von|vom|mit|über|via)|envoyée? (?:depuis|de|d['’]|à partir|avec|via|par)"
    r"|enviad[oa] (?:desde|con|mediante|do|da|de|via|através|a partir|pelo)|inviat[oa] (?:da|dal|dall['’]|dalla|con|tramite)"
    r"|(?:verzonden|verstuurd) (?:vanaf|vanuit|met|van|via)|wysłan[eoay] (?:z|ze|za|przy|przez)"
    r"|odesláno (?:z|ze|pomocí)|odoslané (?:z|zo|pomocou)"
    r"|(?:отправлено|послано|написано) (?:с|со|из|через)|(?:надіслано|відправлено) (?:з|із|зі|через|від)|изпратено (?:от|чрез)"
    r"|skicka(?:t|des) (?:från|med|via)|sendt (?:fra|med|via)|lähetetty|trimis (?:de pe|din|cu)|enviat (?:des|amb)|poslano (?:s|sa|iz|z)"
    r"|στάλθηκε από|elküldve|dikirim dari|đã gửi từ|נשלח מ|أرسلت من"
    r")(?![^\W\d_])",
    re.IGNORECASE,
)
# The programs' whole forms: without spaces between words a preposition and a device make half of the sentences on telephones.
_SENT_FROM_CJK = re.compile(
    r"(?:(?:发自|發自|发送自|来自|來自) ?(?:我的 ?)?[^，。,的]{0,20}(?:手机|手機|邮箱|邮箱大师|邮件|郵件|平板|iphone|ipad|android|outlook)"
    r"[\w.+ -]{0,20}"
    r"|(?:从|從) ?(?:我的[^，。,的]{1,20}|windows [^，。,的]{0,6}(?:邮件|郵件)) ?(?:发送|發送|傳送)"
    r"|[^、。,]{0,20}(?:iphone|ipad|android|携帯|スマートフォン|スマホ|xperia|galaxy|outlook|メール)[^、。,はがの]{0,10}から送信(?:されました)?"
    r"|(?:나의|내) [^,.]{1,20}에서 보냄|[^,.]{0,20}(?:스마트폰|휴대폰|메일)에서 (?:보냄|보냈습니다)"
    r"|ส่งจาก ?(?:iphone|ipad|android)[^,.]{0,12})[。.]?$",
    re.IGNORECASE | re.ASCII,
)
_SENT_LAST = re.compile(
    r"(?:(?:diese (?:nachricht|e-?mail|mail) (?:wurde )?)?(?:von|vom|mit|über) (.{3,70}) (?:gesendet|geschickt|geschrieben)"
    r"|(\S{3,20}(?: \S{1,20}){0,2}) gönderildi)[.!]?$",
    re.IGNORECASE,
)
_DEVICE = re.compile(
    r"(?<![^\W\d_])(?:i(?:phon\w*|pad|pod|os)|android|galaxy|samsung|htc|nokia|lumia|blackberry|huawei|honor|xiaomi|redmi|poco|oppo|vivo"
    r"|realme|oneplus|pixel|moto(?:rola)?|sony|xperia|lenovo|asus|alcatel|wiko|zte|mac(?:book)?|windows"
    r"|smart-?ph\w*|smartf\w*|смартфон\w*|(?:mobile |cell ?)?phone|mobile?|mobil\w*|móvil|cell|cellulare|celular\w*"
    r"|téléphone|telefon\w*|teléfono|telefone|handy|toestel|tablet\w*|планшет\w*|телефон\w*|мобильн\w*|мобільн\w*"
    r"|device|dispositivo|appareil|gerät|urządzeni\w*|устройств\w*|пристро\w*|puhelime\w*"
    r"|gmail|mailbox|airmail|outlook|yahoo|spark|proton(?:mail)?|zoho|mail\.ru|yandex|яндекс\w*|почты|mymail|k-9"
    r"|aquamail|bluemail|thunderbird|newton|typeapp)",
    re.IGNORECASE,
)
_MODEL = re.compile(r"(?:^|\s)[A-Z]{2,}[- ]?\w*\d\w*$")  # telephones give the number of their model: 'Sent from my SM-G950F'
# What may stand between a device's name and the line's end: its model, its maker's word for it, the program on it.
_BEHIND_A_DEVICE = re.compile(
    r"['’]?\w*\d[\w.+]*|['’]\w+|pro|plus|max|mini|ultra|edge|note|air|lite|se|xl|tab|mail|email|app|smart-?phone|phone|device|wireless|secure"
    r"|using|with|for|on|by|для|на|mit|für|tapatalk|почт\w*|gerät",
    re.IGNORECASE,
)
_PLAIN_WORD = re.compile(r"(?<![\w'’@])[^\W\d_]+")
_CLAUSE = re.compile(r"[,;!|]|[.:]\s")
_EXCUSE = re.compile(
    r"excus|pardon|forgive|sorry|typo|brevity|terse|извин|простит|прощени|опечат|вибач|помилк|entschuld|tippfehler|disculp|perd|scus|desculp",
    re.IGNORECASE,
)
_WORDS_OF_A_FOOTER = 12
_LINK = re.compile(r"\s*[<(\[]?https?://\S+$")
_APP = r"(?:outlook|yahoo mail|bluemail|spark|aquamail|typeapp|\w+ outlook)(?: \w+)? (?:ios|android|mobile)"
_GET = re.compile(
    rf"(?:(?:get|download|obtenez|obtenir|téléchargez|télécharger|obtener|obtén|descarg\w*|holen|laden|scarica|ottieni|obter|obtenha|baixe"
    r"|pobierz|скачать|скачайте|получить|получите|отримати|отримайте|завантажити|hämta|hent|hanki|lataa|získat|stáhnout|获取|下载|取得)"
    rf"(?: sie| o| l['’])? ?{_APP}"
    rf"|{_APP}(?: sie)? ?(?:herunterladen|downloaden|edinin|indir\w*|を?入手|ophalen))[.。]?$",
    re.IGNORECASE,
)
_SCANNERS = r"(?:vir(?:us|en)|avast|avg|antivir|malware|mailscanner|kaspersky|eset|mcafee|sophos|symantec)"
_SCANNED = re.compile(
    rf"(?:this (?:e-?mail|message) (?:has been |was |is )?(?:scanned|checked) (?:for|by|with).{{0,60}}{_SCANNERS}"
    r"|(?:this (?:e-?mail|message) is )?virus-free(?!\w)|checked by av"
    r"|diese (?:e-?mail|nachricht) wurde .{0,60}geprüft|virenfrei\W"
    r"|l'absence de virus dans ce|cet e-?mail a été vérifié|garanti sans virus"
    r"|este (?:correo|mensaje|e-?mail)\b.{0,20} (?:ha sido|foi|fue) .{0,60}virus|el software de antivirus .{0,60}virus"
    r"|libre de virus\W|livre de vírus\W"
    r"|quest[ao] (?:e-?mail|messaggio) è stat[ao] (?:controllat|verificat|analizzat)|privo di virus\W"
    r"|deze e-?mail is gecontroleerd|virusvrij\W"
    r"|ta wiadomość .{0,20}(?:została sprawdzona|jest wolna) .{0,40}wirus|wolny od wirusów\W"
    r"|(?:это|данное) (?:сообщение|письмо) (?:было )?(?:проверено|свободно|не содержит) .{0,40}вирус|без вирусов\W|не містить вірусів\W)",
    re.IGNORECASE,
)
_LONGEST_FOOTER = 200


def _is_sent_from(line: str) -> bool:
    """'Sent from my iPhone', 'Отправлено из мобильной Яндекс Почты', 'Von meinem Samsung Galaxy gesendet'.

    The device ends the first clause: 'Sent from my phone by the courier' is a sentence. What follows that clause excuses typing
    errors, or it is an address; 'Sent from my phone, no answer came' is a sentence.
    """
    line = line.strip(" ()<>[]*_\"'“”«»-—")
    if not line.isascii() and _SENT_FROM_CJK.match(line):
        return True
    clause, *rest = _CLAUSE.split(line, maxsplit=1)
    if len(clause.split()) > _WORDS_OF_A_FOOTER or (rest and rest[0].strip() and not (_EXCUSE.search(rest[0]) or "://" in line)):
        return False
    if sent := _SENT_FROM.match(clause):
        return _ends_in_device(_LINK.sub("", clause[sent.end() :]))
    sent = _SENT_LAST.match(line)
    return sent is not None and _ends_in_device(sent[1] or sent[2])


def _ends_in_device(words: str) -> bool:
    """Whether the words are a device or a program; before it stand a possessive and an adjective, small, and its maker, capital."""
    words = words.strip(" .()<>[]")
    devices = list(_DEVICE.finditer(words))
    if not devices:
        return _MODEL.search(words) is not None and len(words.split()) < 4
    small = [word for word in _PLAIN_WORD.findall(words, 0, devices[0].start()) if word[0].islower()]
    behind = re.split(r"[-\s®™]+", words[devices[-1].end() :])
    return len(small) < 3 and all(not word or _BEHIND_A_DEVICE.fullmatch(word) for word in behind)


def _is_get_the_app(line: str) -> bool:
    """'Get Outlook for iOS', with or without its link."""
    return "aka.ms/" in line or _GET.match(_LINK.sub("", line)) is not None


def _is_virus_scan(line: str) -> bool:
    """'This email has been checked for viruses by Avast', 'Virus-free. www.avg.com'."""
    return _SCANNED.match(line) is not None


FOOTERS = (_is_sent_from, _is_get_the_app, _is_virus_scan)


def is_divider(line: str) -> bool:
    """Whether the stripped line is an ornament: dashes, stars, underscores, and nothing else."""
    return _DIVIDER.match(line) is not None and (len(line) > 1 or line in "—–\u1427")


def _is_signed_by_rule(divider: str, block: list[str]) -> bool:
    """`-- `, with its blank: RFC 3676 section 4.3 keeps that line for signatures."""
    return divider == "-- " and len(block) <= _BLOCK


def _two_dashes(divider: str, block: list[str]) -> bool:
    """Programs cut blanks at a line's end, but people part their texts with `--` too: a name or a way to reach someone comes first."""
    return divider == "--" and len(block) <= _BLOCK and _is_personal(block)


def _underscores(divider: str, block: list[str]) -> bool:
    """A line of underscores (Mailman's footer, signatures of offices) or one long dash (GitHub) above a few short lines."""
    return divider.strip("_") in ("", "—", "–") and _is_short(block) and _is_personal(block)


def _three_dashes(divider: str, block: list[str]) -> bool:
    """`---` parts texts most of all: a signature gives its name and a way to reach someone, or it is a scanner's note."""
    reaches = any(_CONTACT.search(line) or _is_footer(line) for line in block)
    return not divider.strip("-") and _is_short(block) and reaches and _is_personal(block)


DIVIDERS = (_is_signed_by_rule, _two_dashes, _underscores, _three_dashes)


def _is_short(block: list[str]) -> bool:
    return len(block) <= _SHORT_BLOCK and all(len(line) <= _SHORT_LINE for line in block)


def _is_personal(block: list[str]) -> bool:
    """Whether a block begins like a signature, and holds no sentence."""
    first = block[0]
    begins = _is_footer(first) or _is_name(first) or _REACHED_AT.match(first) or (len(block) > 1 and _REACHED_AT.match(block[1]))
    return bool(begins) and not any(_is_sentence(line) for line in block)


def _is_name(line: str) -> bool:
    """'Anna Rose', 'Rose Shop GmbH & Co. KG', 'Anna @rose': capital words; or the closing words above a name."""
    words = _PLAIN_WORD.findall(line)
    if not words or len(words) > _WORDS_OF_A_NAME or line[-1] in "!?:;" or _DIGIT.search(line):
        return False
    return _CLOSING.search(line) is not None or len(words) == 1 or all(len(word) < 4 or not word[0].islower() for word in words)


def _is_sentence(line: str) -> bool:
    """Whether the line has words in a row that no name, office or address has. The note of a scanner is none of the sender's."""
    small = sum(word[0].islower() for word in _PLAIN_WORD.findall(line))
    return small > (2 if line[-1] in ".!:;…" else 4) and not _REACHED_AT.search(line) and not _is_footer(line)


def _asks(line: str) -> bool:
    """A question, an item of a list or a postscript is the sender's, whatever it stands below."""
    return line[-1] == "?" or _ITEM.match(line) is not None


def _is_footer(line: str) -> bool:
    return len(line) <= _LONGEST_FOOTER and any(rule(line) for rule in FOOTERS)


def own_end(lines: list[str]) -> int:
    """The index below the last of the stripped lines that is not signature; 0 when there is nothing else."""
    end = _trimmed(lines, _divided(lines))
    if end and _is_signed_name(lines, end - 1):
        end = _trimmed(lines, end - 1)
    return end


def _divided(lines: list[str]) -> int:
    """The index of the first divider with a signature below it, or the number of lines."""
    below: list[str] = []
    found, greeted = len(lines), _greeting_end(lines)
    for number in range(len(lines) - 1, 0, -1):
        line = lines[number]
        if not line:
            continue
        if line[0] not in "-_—–" or not is_divider(line.strip()):
            below.insert(0, line)
            if len(below) > _BLOCK or _asks(line):
                break
        # A line of many dashes right below words is to be filled in, or underlines them. One that stands twice parts a text.
        elif below and (line in ("-- ", "--", "—", "–") or not lines[number - 1]) and any(rule(line, below) for rule in DIVIDERS):
            if (line != "-- " and lines.count(line) > 1) or (number <= greeted and any(map(_is_sentence, below))):
                break
            found = number
    return found


def _greeting_end(lines: list[str]) -> int:
    """The index of the second line with words when the first is 'Hello Anna,': people wrote into the signature that follows; else 0."""
    first, second, *_ = *(number for number, line in enumerate(lines) if line), 0, 0
    return second if second and lines[first][-1] in ",!" and len(lines[first].split()) < 4 else 0


def _trimmed(lines: list[str], end: int) -> int:
    """`end` moved above ornaments, blank lines and footers."""
    while end:
        line = lines[end - 1]
        if line and not is_divider(line) and not _is_footer(line):
            break
        end -= 1
    return end


def _is_signed_name(lines: list[str], number: int) -> bool:
    """'-Anna Rose' alone at the end. A list's entry has others beside it or a colon above it."""
    line = lines[number]
    if number < 2 or lines[number - 1] or not _SIGNED_NAME.match(line) or not all(word[0].isupper() for word in line.strip("- ").split()):
        return False
    above = next((earlier for earlier in reversed(lines[max(number - 4, 0) : number]) if earlier), "")
    return above[-1:] in tuple(".!)") and not above.startswith("-")
