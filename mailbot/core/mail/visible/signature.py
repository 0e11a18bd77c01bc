"""Where a mail's signature begins, and the lines that telephones, mail programs and virus scanners add below it.

Closing words ('Best regards, Anna') stay: they are the sender's, and whether they are a signature nobody can say.
"""

import re

_BLOCK = 15  # lines with words of a signature below its '-- '; more are a text
_SHORT_BLOCK = 5  # below a divider that people put between paragraphs too
_SHORT_LINE = 80
_CONTACT = re.compile(r"[^\s@]@[^\s@]|\+?\d[\d ()./-]{6,}\d")
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
_SENT_FROM_CJK = re.compile(
    r"(?:发自|發自|发送自|來自|来自|从|從|自|由|ส่งจาก|나의|내 ).{1,30}$|.{1,30}(?:から送信|傳送|发送|發送|보냄)[。.]?$"
)
_SENT_LAST = re.compile(
    r"(?:(?:von|vom|mit|über|diese (?:nachricht|e-?mail|mail)) .{3,70} (?:gesendet|geschickt|geschrieben)"
    r"|\S{3,20}(?: \S{1,20}){0,2} gönderildi)[.!]?$",
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
_DEVICE_CJK = re.compile("手机|手機|邮箱|郵件|邮件|携帯|スマートフォン|スマホ|휴대폰|iphone|ipad|android|outlook", re.IGNORECASE)
_MODEL = re.compile(r"(?:^|\s)[A-Z][\w-]*\d")  # a product that is not in the list: 'TI-85'
_CLAUSE = re.compile(r"[,;!|]|[.:]\s")
_EXCUSE = re.compile(
    r"excus|pardon|forgive|sorry|typo|brevity|terse|извин|простит|прощени|опечат|вибач|помилк|entschuld|tippfehler|disculp|perd|scus|desculp",
    re.IGNORECASE,
)
_WORDS_OF_A_FOOTER = 12
_GET = re.compile(
    r"(?:get|download|obtenez|obtenir|téléchargez|télécharger|obtener|obtén|descarga\w*|holen|laden|scarica|ottieni|obter|obtenha|baixe"
    r"|pobierz|скачать|скачайте|получить|получите|отримати|отримайте|завантажити|hämta|hent|hanki|lataa|získat|stáhnout|获取|下载|取得)\W"
    r"|.*(?:herunterladen|downloaden|edinin|indir\w*|入手)[.。]?$",
    re.IGNORECASE,
)
_APP = re.compile(r"(?:outlook|yahoo|bluemail|spark|aquamail|typeapp)\W.{0,20}(?:ios|android|mobile)", re.IGNORECASE)
_SCANNED = re.compile(
    r"(?:this (?:e-?mail|message) (?:has been |was |is )?(?:scanned|checked|virus)|virus-free\W|checked by av"
    r"|diese (?:e-?mail|nachricht) wurde .{0,40}(?:vir|avast|geprüft)|virenfrei\W"
    r"|(?:l'absence de virus|cet e-?mail a été vérifié|garanti sans virus)"
    r"|(?:este (?:correo|mensaje|e-?mail)|el software de antivirus) .{0,60}virus|libre de virus\W|livre de vírus\W"
    r"|quest[ao] (?:e-?mail|messaggio) è .{0,40}(?:virus|avast)|privo di virus\W|deze e-?mail is gecontroleerd|virusvrij\W"
    r"|ta wiadomość .{0,40}(?:wirus|avast)|wolny od wirusów\W"
    r"|(?:это|данное) (?:сообщение|письмо) .{0,40}вирус|без вирусов\W|не містить вірусів\W)",
    re.IGNORECASE,
)
_LONGEST_FOOTER = 200


def _is_sent_from(line: str) -> bool:
    """'Sent from my iPhone', 'Отправлено из мобильной Яндекс Почты', 'Von meinem Samsung Galaxy gesendet'.

    The device is named in the first clause: 'Sent from my desk, is easier than my phone' is a sentence. What follows that clause
    excuses typing errors, or it is an address; 'Sent from my phone, no answer came' is a sentence.
    """
    line = line.strip(" ()<>[]*_\"'“”«»-—")
    if not line.isascii() and _SENT_FROM_CJK.match(line):
        return _DEVICE_CJK.search(line) is not None
    clause, *rest = _CLAUSE.split(line, maxsplit=1)
    if len(clause.split()) > _WORDS_OF_A_FOOTER or (rest and not (_EXCUSE.search(rest[0]) or "://" in line or len(rest[0].split()) < 3)):
        return False
    if sent := _SENT_FROM.match(clause):
        device = clause[sent.end() :]
        return bool(_DEVICE.search(device) or _MODEL.search(device))
    return bool(_SENT_LAST.match(line) and _DEVICE.search(line))


def _is_get_the_app(line: str) -> bool:
    """'Get Outlook for iOS', with or without its link."""
    return bool(_APP.search(line) and (_GET.match(line) or "aka.ms" in line) and len(line.split()) <= 9)


def _is_virus_scan(line: str) -> bool:
    """'This email has been checked for viruses by Avast', 'Virus-free. www.avg.com'."""
    return _SCANNED.match(line) is not None


FOOTERS = (_is_sent_from, _is_get_the_app, _is_virus_scan)


def is_divider(line: str) -> bool:
    """Whether the stripped line is an ornament: dashes, stars, underscores, and nothing else."""
    return _DIVIDER.match(line) is not None and (len(line) > 1 or line in "—–\u1427")


def _dashes(divider: str, block: list[str]) -> bool:
    """RFC 3676 section 4.3: `-- ` stands above the signature; programs that cut blanks at a line's end leave `--`."""
    return divider == "--" and len(block) <= _BLOCK


def _underscores(divider: str, block: list[str]) -> bool:
    """A line of underscores (Mailman's footer, signatures of offices) or one long dash (GitHub) above a few short lines."""
    return divider.strip("_") in ("", "—", "–") and _is_short(block)


def _three_dashes(divider: str, block: list[str]) -> bool:
    """`---` parts texts too: only a way to reach someone or a scanner's note makes it a signature."""
    return not divider.strip("-") and _is_short(block) and any(_CONTACT.search(line) or _is_footer(line) for line in block)


DIVIDERS = (_dashes, _underscores, _three_dashes)


def _is_short(block: list[str]) -> bool:
    return len(block) <= _SHORT_BLOCK and all(len(line) <= _SHORT_LINE and line[-1] != "?" for line in block)


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
    found = len(lines)
    for number in range(len(lines) - 1, 0, -1):
        line = lines[number]
        if not line:
            continue
        if line[0] not in "-_—–" or not is_divider(line):
            below.append(line)
            if len(below) > _BLOCK:
                break
        # A line of dashes right below words is to be filled in, or underlines them.
        elif below and (line == "--" or not lines[number - 1]) and any(rule(line, below) for rule in DIVIDERS):
            found = number
    return found


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
    return above[-1:] in tuple(".!?)") and not above.startswith("-")
