"""The new words of a reply, as the mail programs of the world write them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailbot.core.mail.visible import MARKER, READ, own_words, visible_reply
from mailbot.core.mail.visible.attribution import is_attribution, is_whole
from mailbot.core.mail.visible.history import HISTORY
from mailbot.core.mail.visible.signature import DIVIDERS, FOOTERS

ONLY_THE_NEW_WORDS = {
    "Gmail, English": "Thank you!\n\nOn Wed, Nov 18, 2026 at 12:00 PM Web Studio <support@studio.example> wrote:\n\n> We have it.\n> Number 12.\n",
    "Gmail, English, wrapped": "Thank you!\n\nOn Wed, Nov 18, 2026 at 12:00 PM Web Studio <\nsupport@studio.example> wrote:\n\n> We have it.\n",
    "Gmail, Russian": "Thank you!\n\nср, 18 нояб. 2026 г. в 12:00, Web Studio <support@studio.example>:\n\n> Мы получили.\n",
    "Gmail, Russian, full date": "Thank you!\n\n18 ноября 2026 г., 12:00 пользователь Web Studio <support@studio.example> написал:\n\n> Мы получили.\n",
    "Apple Mail, English": "Thank you!\n\n> On 18 Nov 2026, at 12:00, Web Studio <support@studio.example> wrote:\n> \n> We have it.\n",
    "Apple Mail, Russian": "Thank you!\n\n> 18 нояб. 2026 г., в 12:00, Web Studio <support@studio.example> написал(а):\n> \n> Мы получили.\n",
    "Thunderbird, English": "Thank you!\n\nOn 18/11/2026 12:00, Web Studio wrote:\n> We have it.\n",
    "Thunderbird, Russian": "Thank you!\n\n18.11.2026 12:00, Web Studio пишет:\n> Мы получили.\n",
    "Outlook, English": (
        "Thank you!\n\nFrom: Web Studio <support@studio.example>\nSent: Wednesday, November 18, 2026 12:00 PM\n"
        "To: Anna\nSubject: Re: Price list [#12]\n\nWe have it.\n"
    ),
    "Outlook, English, with a line above": (
        "Thank you!\n\n________________________________\nFrom: Web Studio <support@studio.example>\nSent: Wednesday\nTo: Anna\n\nWe have it.\n"
    ),
    "Outlook, Russian": (
        "Thank you!\n\nОт: Web Studio <support@studio.example>\nОтправлено: 18 ноября 2026 г. 12:00\n"
        "Кому: Anna\nТема: Re: Прайс [#12]\n\nМы получили.\n"
    ),
    "Outlook, original message": "Thank you!\n\n-----Original Message-----\nFrom: Web Studio\nSent: today\n\nWe have it.\n",
    "Outlook Express, Russian": "Thank you!\n\n----- Исходное сообщение -----\nОт: Web Studio\n\nМы получили.\n",
    "Outlook on a telephone, bold": "Thank you!\n\n*From:* Web Studio\n*Sent:* 18 November 2026 12:00\n*To:* Anna\n\nWe have it.\n",
    "Yandex, Russian": "Thank you!\n\n18.11.2026, 12:00, Web Studio <support@studio.example>:\n> Мы получили.\n",
    "Yandex, Russian, with a verb": 'Thank you!\n\n18.11.2026, 12:00, "Web Studio" <support@studio.example> написал:\n\nМы получили.\n',
    "Mail.ru, Russian": ("Thank you!\n\nСреда, 18 ноября 2026, 12:00 +03:00 от Web Studio <support@studio.example>:\n\n> Мы получили.\n"),
    "Mail.ru, forwarded": "Thank you!\n\n-------- Пересылаемое сообщение --------\nОт: Web Studio\nКому: Anna\n\nМы получили.\n",
    "no blank line above the attribution": "Thank you!\nOn 18/11/2026 12:00, Web Studio wrote:\n> We have it.\n",
    "an attribution wrapped inside its date": "Thank you!\n\nOn Wed, Nov 18,\n2026 at 12:00 PM Web Studio wrote:\n\n> We have it.\n",
    "German": "Thank you!\n\nAm 18.11.2026 um 12:00 schrieb Web Studio:\n> Wir haben es.\n",
    "French": "Thank you!\n\nLe mer. 18 nov. 2026 à 12:00, Web Studio a écrit :\n> Nous l'avons.\n",
    "an address that a blank line divides from its name": (
        "Thank you!\n\nOn 18.11.2026 12:00, Web Studio\n\n<support@studio.example> wrote:\n> We have it.\n"
    ),
    "an address that two blank lines divide from its name": "Thank you!\n\n\n<support@studio.example> wrote:\n> We have it.\n",
    "our own marker": f"Thank you!\n\n{MARKER}\nWe have it.\n",
    "our own marker under an attribution without a quote": f"Thank you!\nOn 18 Nov 2026, Web Studio wrote:\n{MARKER}\nWe have it.\n",
    "our own marker, quoted": f"Thank you!\n\n> {MARKER}\n> We have it.\n",
    "an attribution without '>' below": "Thank you!\n\nOn 18 Nov 2026, at 12:00, Web Studio wrote:\n\nWe have it.\n",
    "our own marker, with a picture of scissors": "Thank you!\n\n-- ✂️ -- Reply above.\nWe have it.\n",
    "our own marker, folded": "Thank you!\n\n-- ✂\n-- Reply above.\nWe have it.\n",
    "our own marker, folded before its scissors": "Thank you!\n\n--\n✂ -- Reply above.\nWe have it.\n",
    "our own marker with other blanks": "Thank you!\n\n--\xa0✂  -- Reply above.\nWe have it.\n",
    "our own marker under an attribution that no table has": f"Thank you!\n\nWeb Studio skrifaði 18.11.:\n{MARKER}\nWe have it.\n",
    "lines that end in CRLF": "Thank you!\r\n\r\nOn 18/11/2026 12:00, Web Studio wrote:\r\n> We have it.\r\n",
    "a signature": "Thank you!\n\n-- \nAnna Rose\nRose Shop\n",
    "a signature without its blank": "Thank you!\n--\nAnna Rose\n",
    "a signature above the quote": "Thank you!\n\n-- \nAnna\n\nOn 18/11/2026 12:00, Web Studio wrote:\n> We have it.\n",
}

KEPT = {
    "answers between the quotes": (
        "On 18/11/2026 12:00, Web Studio wrote:\n> Which page?\nThe roses.\n> Which price?\n100.\n",
        "The roses.\n100.",
    ),
    "an answer below the quote": (
        "On 18/11/2026 12:00, Web Studio wrote:\n> Which page?\n\nThe roses.\n",
        "The roses.",
    ),
    "an answer below a quote of Apple Mail": ("> On 18 Nov 2026, at 12:00, Studio wrote:\n> Which page?\n\nThe roses.", "The roses."),
    "words above and below the quote": (
        "Hello!\n\nOn 18/11/2026 12:00, Web Studio wrote:\n> Which page?\n\nThe roses.\n",
        "Hello!\n\n\nThe roses.",
    ),
    "a first mail": ("Please put the price list\non the page of roses.", "Please put the price list\non the page of roses."),
    "a first mail that lists fields of a form": (
        "Name: Anna\nPhone: 12\nSubject: roses\nPlease call.",
        "Name: Anna\nPhone: 12\nSubject: roses\nPlease call.",
    ),
    "a first mail that begins with forwarded fields": (
        "From: Olga\nTo: Anna\nSubject: roses\n\nThe page is broken.",
        "From: Olga\nTo: Anna\nSubject: roses\n\nThe page is broken.",
    ),
    "a forward without a word of its own": (
        "-------- Forwarded Message --------\nSubject: roses\n\nThe page is broken.",
        "-------- Forwarded Message --------\nSubject: roses\n\nThe page is broken.",
    ),
    "a sentence that ends in 'wrote:'": ("The customer wrote:\nThe page is broken.", "The customer wrote:\nThe page is broken."),
    "a sentence that opens like an attribution": (
        "On Tuesday the customer wrote:\nIt is broken.",
        "On Tuesday the customer wrote:\nIt is broken.",
    ),
    "a date in a sentence with a colon": (
        "The sale of 18.11.2026 has these prices:\nroses 100",
        "The sale of 18.11.2026 has these prices:\nroses 100",
    ),
    "nothing but a quote": ("> We have it.", "> We have it."),
    "a long text below two dashes": ("Plan:\n-- \n" + "line\n" * 30, ("Plan:\n-- \n" + "line\n" * 30).strip()),
    "a comparison with >": ("Prices > 100 must be red.", "Prices > 100 must be red."),
    "an empty mail": ("", ""),
    "blank lines": ("\n \n\n", ""),
}


@pytest.mark.parametrize("text", ONLY_THE_NEW_WORDS.values(), ids=ONLY_THE_NEW_WORDS)
def test_history_and_signature_are_cut(text):
    assert visible_reply(text) == "Thank you!"


@pytest.mark.parametrize(("text", "expected"), KEPT.values(), ids=KEPT)
def test_words_of_the_sender_are_kept(text, expected):
    assert visible_reply(text) == expected


ATTRIBUTIONS = {
    "Gmail, English": "On Wed, 18 Nov 2026 at 12:00, Web Studio <support@studio.example> wrote:",
    "Proton, English": "On Wednesday, November 18th, 2026 at 12:00, Web Studio <support@studio.example> wrote:",
    "K-9, English": "On November 18, 2026 12:00:01 PM GMT+03:00, Web Studio <support@studio.example> wrote:",
    "Roundcube, English": "On 2026-11-18 12:00, Web Studio wrote:",
    "Zoho": "---- On Wed, 18 Nov 2026 12:00:00 +0300 Web Studio <support@studio.example> wrote ---",
    "Notes": "-----Web Studio <support@studio.example> wrote: -----",
    "Gmail, a zone in the date": "2026-11-18 12:00 GMT+03:00 Web Studio:",
    "Gmail, Ukrainian": "ср, 18 лист. 2026 р. о 12:00 Web Studio <support@studio.example> пише:",
    "Thunderbird, Ukrainian": "18.11.2026 12:00, Web Studio пише:",
    "Apple Mail, Ukrainian": "18 лист. 2026 р. о 12:00 Web Studio <support@studio.example> написав(-ла):",
    "Mail.ru, an address without brackets": "среда, 18 ноября 2026г., 12:00 +03:00 от Web Studio support@studio.example:",
    "Gmail, German": "Am Mi., 18. Nov. 2026 um 12:00 Uhr schrieb Web Studio <support@studio.example>:",
    "Gmail, German, name first": "Web Studio <support@studio.example> schrieb am Mi., 18. Nov. 2026, 12:00:",
    "Gmail, Spanish": "El mié, 18 nov 2026 a las 12:00, Web Studio (<support@studio.example>) escribió:",
    "Thunderbird, Spanish": "El 18/11/26 a las 12:00, Web Studio escribió:",
    "Gmail, Italian": "Il giorno mer 18 nov 2026 alle ore 12:00 Web Studio <support@studio.example> ha scritto:",
    "Gmail, Brazilian": "Em qua., 18 de nov. de 2026 às 12:00, Web Studio <support@studio.example> escreveu:",
    "Gmail, Portuguese": "Web Studio <support@studio.example> escreveu no dia quarta, 18/11/2026 à(s) 12:00:",
    "Gmail, Dutch": "Op wo 18 nov 2026 om 12:00 schreef Web Studio <support@studio.example>:",
    "Apple Mail, Dutch": "Op 18 nov 2026 om 12:00 heeft Web Studio <support@studio.example> het volgende geschreven:",
    "Gmail, Polish": "śr., 18 lis 2026 o 12:00 Web Studio <support@studio.example> napisał(a):",
    "Thunderbird, Polish": "W dniu 18.11.2026 o 12:00, Web Studio pisze:",
    "Gmail, Turkish": "Web Studio <support@studio.example>, 18 Kas 2026 Çar, 12:00 tarihinde şunu yazdı:",
    "Thunderbird, Turkish": "18.11.2026 12:00 tarihinde Web Studio yazdı:",
    "Gmail, Chinese": "Web Studio <support@studio.example> 于2026年11月18日周三 12:00写道：",
    "Gmail, Chinese of Taiwan": "Web Studio <support@studio.example> 於 2026年11月18日 週三 下午12:00寫道：",
    "Thunderbird, Chinese": "在 2026/11/18 12:00, Web Studio 写道:",
    "Gmail, Japanese": "2026年11月18日(水) 12:00 Web Studio <support@studio.example>:",
    "Apple Mail, Japanese": "2026/11/18 12:00、Web Studio <support@studio.example>のメール:",
    "Gmail, Korean": "2026년 11월 18일 (수) 오후 12:00, Web Studio <support@studio.example>님이 작성:",
    "Gmail, Catalan": "Missatge de Web Studio <support@studio.example> del dia dc., 18 de nov. 2026 a les 12:00:",
    "Gmail, Finnish": "ke 18. marrask. 2026 klo 12.00 Web Studio (support@studio.example) kirjoitti:",
    "Gmail, Swedish": "Den ons 18 nov. 2026 kl 12:00 skrev Web Studio <support@studio.example>:",
    "Gmail, Norwegian": "ons. 18. nov. 2026 kl. 12:00 skrev Web Studio <support@studio.example>:",
    "Gmail, Czech": "st 18. 11. 2026 v 12:00 odesílatel Web Studio <support@studio.example> napsal:",
    "Gmail, Slovak": "st 18. 11. 2026 o 12:00 Web Studio <support@studio.example> napísal(a):",
    "Gmail, Hungarian": "Web Studio <support@studio.example> ezt írta (időpont: 2026. nov. 18., Sze, 12:00):",
    "Gmail, Romanian": "În mie., 18 nov. 2026 la 12:00, Web Studio <support@studio.example> a scris:",
    "Gmail, Greek": "Στις Τετ 18 Νοε 2026 στις 12:00 μ.μ., ο χρήστης Web Studio <support@studio.example> έγραψε:",
    "Gmail, Croatian": "sri, 18. stu 2026. u 12:00 Web Studio <support@studio.example> napisao je:",
    "Gmail, Bulgarian": "На ср, 18.11.2026 г. в 12:00 Web Studio <support@studio.example> написа:",
    "Gmail, Vietnamese": "Vào Th 4, 18 thg 11, 2026 vào lúc 12:00 Web Studio <support@studio.example> đã viết:",
    "marks of direction inside": "\u200eOn 18 Nov 2026, 12:00, \u202aWeb Studio\u202c <\u200esupport@studio.example> wrote:",
}
NO_ATTRIBUTIONS = {
    "no date": "On the page of roses we wrote:",
    "no verb": "The prices of 18.11.2026 in the shop:",
    "the date far from the begin": "I looked at the page again on 18.11.2026 and saw what the customer wrote:",
    "the verb inside": "On 18.11.2026 my colleague wrote to you about this:",
    "an address in a sentence": "Write to anna@rose.example:",
    "a time": "Open at 12:00:",
}
# Only right above a quote.
NEARBY = {
    "Eudora": "At 12:00 18/11/2026, you wrote:",
    "Gnus": "Web Studio <support@studio.example> writes:",
    "a day without a time": "On 18 Nov 2026, Web Studio <support@studio.example> wrote:",
    "a client, Russian": "18.11.2026 в 12:00 клиент Иван <ivan@rose.example> написал:",
    "a client without a time": "On 18.11.2026 the client Ivan <ivan@rose.example> wrote:",
    "a client, German": "Am 18.11.2026 um 12:00 Uhr schrieb uns ein Kunde:",
    "a client without an address": "18.11.2026 клиент Иван писал:",
    "a client without a date": "Иван Петров <ivan@rose.example> пишет:",
    "a name": "Web Studio wrote:",
    "The Bat": "Вы писали 18 ноября 2026 г., 12:00:24:",
    "Thunderbird, name first": "Web Studio schrieb am 18.11.2026 um 12:00:",
    "a date in a language that no table has": "18/11/2026 12:00, Web Studio:",
}


@pytest.mark.parametrize("line", ATTRIBUTIONS.values(), ids=ATTRIBUTIONS)
def test_an_attribution_ends_the_new_words_with_or_without_marks_of_quoting(line):
    assert visible_reply(f"Thank you!\n\n{line}\n\nWe have it.\n") == "Thank you!"
    assert visible_reply(f"Thank you!\n{line}\n> We have it.\n> Number 12.\n") == "Thank you!"


@pytest.mark.parametrize("line", ATTRIBUTIONS.values(), ids=ATTRIBUTIONS)
def test_a_wrapped_attribution_is_one(line):
    halfway = line.index(" ", min(len(line) // 2, line.rindex(" ")))
    assert visible_reply(f"Thank you!\n\n{line[:halfway]}\n{line[halfway + 1 :]}\n\n> We have it.\n") == "Thank you!"


@pytest.mark.parametrize("line", ATTRIBUTIONS.values(), ids=ATTRIBUTIONS)
def test_an_answer_below_the_attribution_and_its_quote_is_kept(line):
    assert visible_reply(f"{line}\n> We have it.\n\nThank you!") == "Thank you!"


@pytest.mark.parametrize("line", NO_ATTRIBUTIONS.values(), ids=NO_ATTRIBUTIONS)
def test_a_sentence_is_no_attribution(line):
    assert not is_attribution(line)
    assert visible_reply(f"Hello!\n\n{line}\nIt is broken.") == f"Hello!\n\n{line}\nIt is broken."


@pytest.mark.parametrize("line", NEARBY.values(), ids=NEARBY)
def test_what_a_person_writes_too_is_an_attribution_only_right_above_a_quote(line):
    assert visible_reply(f"Thank you!\n\n{line}\n\n> We have it.\n") == "Thank you!"
    assert visible_reply(f"Hello!\n\n{line}\nIt is broken.") == f"Hello!\n\n{line}\nIt is broken."


SEPARATORS = {
    "Outlook, English": "-----Original Message-----",
    "Gmail, English": "---------- Forwarded message ---------",
    "Samsung, English": "-------- Original message --------",
    "Zoho": "============ Forwarded message ============",
    "Notes": "----- Forwarded by Web Studio/Office on 18.11.2026 12:00 -----",
    "bold": "*-------- Original Message --------*",
    "German": "-------- Ursprüngliche Nachricht --------",
    "German, Thunderbird": "-------- Weitergeleitete Nachricht --------",
    "French": "-----Message d'origine-----",
    "Spanish": "-----Mensaje original-----",
    "Italian": "-----Messaggio originale-----",
    "Portuguese": "-----Mensagem original-----",
    "Dutch": "-----Oorspronkelijk bericht-----",
    "Polish": "-----Wiadomość oryginalna-----",
    "Ukrainian": "-------- Вихідне повідомлення --------",
    "Turkish": "-----Özgün İleti-----",
    "Swedish": "-----Ursprungligt meddelande-----",
    "Finnish": "-----Alkuperäinen viesti-----",
    "Czech": "-------- Původní zpráva --------",
    "Chinese": "-----邮件原件-----",
    "Chinese, NetEase": "---- 回复的原邮件 ----",
    "Japanese": "-----元のメッセージ-----",
    "Korean": "-----원본 메시지-----",
    "dashes of another kind": "‐‐‐‐‐‐‐ Original Message ‐‐‐‐‐‐‐",
    "Zendesk": "##- Please type your reply above this line -##",
    "Help Scout": "-- Please reply above this line --",
    "Basecamp": "-- Write ABOVE THIS LINE to post a reply or view this online --",
    "Zendesk, German": "##- Bitte geben Sie Ihre Antwort oberhalb dieser Zeile ein. -##",
    "Zendesk, French": "##- Veuillez saisir votre réponse au-dessus de cette ligne -##",
    "Zendesk, Spanish": "##- Escriba su respuesta por encima de esta línea -##",
    "Zendesk, Italian": "##- Digita la risposta sopra questa riga -##",
    "Zendesk, Portuguese": "##- Digite sua resposta acima desta linha -##",
    "Zendesk, Dutch": "##- Typ uw antwoord boven deze regel -##",
    "Zendesk, Polish": "##- Wpisz odpowiedź powyżej tej linii -##",
    "Zendesk, Russian": "##- Введите ответ выше этой строки -##",
    "Zendesk, Ukrainian": "##- Введіть відповідь над цим рядком -##",
    "Zendesk, Turkish": "##- Yanıtınızı bu satırın üzerine yazın -##",
    "Zendesk, Chinese": "##- 请在此行上方键入您的回复 -##",
    "Zendesk, Japanese": "##- 返信はこの行より上に入力してください -##",
}
BLOCKS = {
    "Apple Mail, English": "Begin forwarded message:\n\nFrom: Studio <s@studio.example>\nSubject: roses",
    "Apple Mail, French": "Début du message réexpédié :\n\nDe: Studio <s@studio.example>\nObjet: roses",
    "Outlook's line": "________________________________\nFrom: Studio <s@studio.example>\nSent: Wednesday",
    "English": "From: Studio <s@studio.example>\nSent: Wednesday, 18 November 2026 12:00\nTo: Anna\nSubject: Re: roses",
    "English, Outlook for Mac": "From: Studio <s@studio.example>\nDate: Wednesday, 18 November 2026 at 12:00\nTo: Anna\nSubject: Re: roses",
    "English, an answer to another address": "From: Studio <s@studio.example>\nReply-To: Studio <r@studio.example>\nDate: today\nTo: Anna",
    "English, a long line of recipients": "From: Studio\nSent: 18/11/2026 12:00\nTo: Anna <a@rose.example>;\n Olga <o@rose.example>\nSubject: roses",
    "English, bold, blank lines between": "*From:* Studio\n\n*Sent:* 18/11/2026\n\n*To:* Anna\n\n*Subject:* roses",
    "English, values below": "From:\nStudio\nSent:\n18/11/2026 12:00\nTo:\nAnna",
    "English, indented": "   From: Studio <s@studio.example>\n   Sent: today\n   To: Anna",
    "English, below an ornament": " ------------------------------\n\n*From:* Studio\n*Sent:* 18/11/2026 12:00\n*To:* Anna",
    "below dashes with words that no table has": "---------- Ujumbe ----------\nFrom: Studio <s@studio.example>\nDate: today\nSubject: roses",
    "German": "Von: Studio <s@studio.example>\nGesendet: Mittwoch, 18. November 2026 12:00\nAn: Anna\nBetreff: AW: Rosen",
    "German, two fields": "  Von: Studio\n  Gesendet: 18.11.2026 12:00",
    "French": "De : Studio <s@studio.example>\nEnvoyé : mercredi 18 novembre 2026 12:00\nÀ : Anna\nObjet : RE: roses",
    "French, Orange": "> Message du 18/11/26 12:00\n> De : Studio".replace("> ", "").replace("du ", "du : ") + "\nA : Anna\nObjet : roses",
    "Spanish": "De: Studio <s@studio.example>\nEnviado el: miércoles, 18 de noviembre de 2026 12:00\nPara: Anna\nAsunto: rosas",
    "Italian": "Da: Studio <s@studio.example>\nInviato: mercoledì 18 novembre 2026 12:00\nA: Anna\nOggetto: R: rose",
    "Portuguese": "De: Studio <s@studio.example>\nEnviada em: quarta-feira, 18 de novembro de 2026 12:00\nPara: Anna\nAssunto: rosas",
    "Dutch": "Van: Studio <s@studio.example>\nVerzonden: woensdag 18 november 2026 12:00\nAan: Anna\nOnderwerp: rozen",
    "Polish": "Od: Studio <s@studio.example>\nWysłano: środa, 18 listopada 2026 12:00\nDo: Anna\nTemat: róże",
    "Ukrainian": "Від: Studio <s@studio.example>\nНадіслано: 18 листопада 2026 р. 12:00\nКому: Anna\nТема: троянди",
    "Turkish": "Kimden: Studio <s@studio.example>\nGönderildi: 18 Kasım 2026 12:00\nKime: Anna\nKonu: güller",
    "Swedish": "Från: Studio <s@studio.example>\nSkickat: den 18 november 2026 12:00\nTill: Anna\nÄmne: rosor",
    "Danish": "Fra: Studio <s@studio.example>\nSendt: 18. november 2026 12:00\nTil: Anna\nEmne: roser",
    "Finnish": "Lähettäjä: Studio <s@studio.example>\nLähetetty: 18. marraskuuta 2026 12:00\nVastaanottaja: Anna\nAihe: ruusut",
    "Czech": "Od: Studio <s@studio.example>\nOdesláno: 18. listopadu 2026 12:00\nKomu: Anna\nPředmět: růže",
    "Chinese": "发件人: Studio <s@studio.example>\n发送时间: 2026年11月18日 12:00\n收件人: Anna\n主题: 玫瑰",
    "Chinese, wide colons": "发件人：Studio\n发送时间：2026年11月18日 12:00\n收件人：Anna\n主题：玫瑰",
    "Japanese": "差出人: Studio <s@studio.example>\n送信日時: 2026年11月18日 12:00\n宛先: Anna\n件名: バラ",
    "Korean": "보낸 사람: Studio <s@studio.example>\n보낸 날짜: 2026년 11월 18일 12:00\n받는 사람: Anna\n제목: 장미",
}
SIGNATURES = {
    "a telephone": "Sent from my iPhone",
    "a telephone that gives the number of its model": "Sent from my SM-G950F",
    "a telephone, with an excuse": "Sent from my cell, please excuse any typos.",
    "a program": "Sent from Mail for Windows 10",
    "Yahoo": "Sent from Yahoo Mail on Android",
    "Outlook": "Get Outlook for iOS<https://aka.ms/o0ukef>",
    "Outlook, German": "Outlook für Android herunterladen",
    "Russian": "Отправлено с iPhone",
    "Russian, Yandex": "Отправлено из мобильной Яндекс Почты",
    "Ukrainian": "Надіслано з iPhone",
    "German": "Von meinem iPhone gesendet",
    "German, K-9": "Diese Nachricht wurde von meinem Android-Gerät mit K-9 Mail gesendet.",
    "French": "Envoyé de mon iPhone",
    "Spanish": "Enviado desde mi iPhone",
    "Italian": "Inviato da iPhone",
    "Portuguese": "Enviado do meu iPhone",
    "Dutch": "Verstuurd vanaf mijn iPhone",
    "Polish": "Wysłano z mojego telefonu",
    "Turkish": "iPhone'umdan gönderildi",
    "Chinese": "发自我的iPhone",
    "Japanese": "iPhoneから送信",
    "Norwegian": "Sendt fra min iPad",
    "a scanner of viruses": "---\nThis email has been checked for viruses by Avast antivirus software.\nwww.avast.com",
    "a scanner of viruses, Russian": "Без вирусов. www.avast.ru",
    "a mailing list's footer": "_______________________________________________\nroses mailing list\nroses@lists.example\nhttps://lists.example/roses",
    "three dashes and how to reach her": "---\nAnna Rose\nRose Shop\n+7 900 000-00-00",
    "one long dash": "—\nAnna Rose",
    "a dash and a name": "-Anna Rose",
    "two dashes and a name": "-- Anna",
    "nothing but ornaments": "***\n======\n_______\n --",
    "several": "--\nAnna\n\nSent from my iPhone",
}
KEPT_BELOW = {
    "a list below two dashes": "--\nPlease also:\n1. paint the roses\n2. when will it be?",
    "a sentence below two dashes": "--\nPlease also paint all the roses red.",
    "several tasks between dashes": "--\n\nPaint the roses.\n\n--\n\nCall Anna",
    "names between dashes that stand twice": "--\nAnna Rose\n--\nOlga Rose",
    "a postscript in a signature": "-- \nAnna Rose\n\nP.S. And the tulips, please.",
    "a postscript in a signature, Russian": "-- \nАнна Роза\n\nЗ.Ы. И тюльпаны.",
    "a question in a signature": "-- \nAnna Rose\nWhen will it be ready?",
    "a question below underscores": "______\n\nИ ещё: когда будет готово",
    "a sentence below a long dash": "—\n\nPaint the roses on the first page",
    "a telephone of the page below three dashes": "---\n\nPut this on the page: +7 900 000-00-00",
    "a greeting above a signature with sentences": "-- \nplease paint all the roses on the first page\nAnna",
    "a client's words below a separator's words": "Original message:\nRoses 5\nNew message:\nRoses 10",
    "the same, Russian": "Исходное сообщение:\nРозы 5",
    "a forwarded message without fields": "Forwarded message:\nRoses 5",
    "an item on a line": "- move the rose above the line\n- paint it",
    "an item below a line": "- everything below this line is wrong\n- paint it",
    "an item on a line, Russian": "- розу над этой линией\n- покрасьте",
    "a helpdesk's line in guillemets": "«Please reply above this line»\nis to go",
    "fields of a form, Russian": "От кого: Анна\nДата: 18.11\nТема: Розы\nА ещё телефон",
    "labels of a form": "От: имя\nКому: отдел\nТема: список\nДата: день\nсделайте их",
    "labels of a form, English": "From: (name)\nTo: (shop)\nSubject: (list)\nplease",
    "a parcel": "From: Rome\nSent: 12.05\nis wrong",
    "a letter's head without a recipient": "From: Rose Shop <shop@rose.example>\nSubject: Your roses\n\nThey are ready.",
    "a line to sign on": "Agreed:\n\n________________________________\n\nthe contract's text",
    "a passage for a page": "Put this there:\n> Roses 10\nThank you.",
    "a passage for a page, alone": "Put this there:\n> Roses 10\n> Tulips 5",
    "a comparison with a mark of quoting": "It must be\n>1000 roses\nat least",
    "a shell's prompt": "> rose install\nError: no such rose",
    "what looks like initials": "MX> a.example\nMX> b.example",
    "a client's words": "Иван Петров <ivan@rose.example> пишет:\nне могу оплатить",
    "a client's words below a date": "18.11.2026 в 12:00 клиент Иван <ivan@rose.example> написал:\nне могу оплатить",
    "a client's words below an address": "Вчера в 12:00 клиент ivan@rose.example написал:\nне могу оплатить",
    "a log": "2026-11-18 12:00 GMT+03:00 ERROR no roses\n2026-11-18 12:01 GMT+03:00 ERROR shop:\nplease look",
    "a table below a client's words": "On 18.11.2026 Anna <a@rose.example> wrote:\n| roses | 1 |\nplease",
    "a sentence on telephones, Chinese": "从手机访问网站打不开",
    "a sentence on mail, Chinese": "从邮箱发送的邮件 收不到",
    "a sentence on mail, Japanese": "携帯から送信したメールが届きません",
    "a sentence on a telephone, Russian": "Отправлено с телефона клиента",
    "a sentence on an application": "Скачать Outlook для Android не получается",
    "a sentence on an infected mail": "Это сообщение содержит вирус",
    "a sentence on a form": "Sent via contact form on Android page",
    "a sentence on a check": "This message was checked by our lawyer",
    "a sentence on a telephone, German": "Vom Handy des Kunden wurde es gesendet",
    "a sentence on a telephone": "Sent from my desk, which is easier than my mobile phone.",
    "a sentence on the post": "Отправлено почтой вчера.",
    "a sentence that ends like a footer": "Das Formular habe ich vom Handy gesendet.",
    "a sentence on Outlook": "It fails in Outlook for Android.",
    "a sentence on a virus": "Avast says that there is a virus on your page.",
    "three dashes between paragraphs": "---\n\nThe second page is broken too.",
    "a line to be filled in": "Sign here:\n__________\nand send it back",
    "a list": "-Roses\n-Tulips",
    "closing words": "Best regards,\nAnna",
    "a marker's words in a sentence": "What stands above this line is wrong.",
    "a journey": "From: Rome\nTo: Oslo\nDate: 18.11.2026",
    "a report on a letter that did not come": "Your message\nTo: anna@rose.example\nSubject: roses\nSent: today\ndid not come.",
    "a table with bars": "| page | price |\n| 1 | 100 |",
    "a comparison that begins a line": "A > B\nA>B holds for the page",
    "a divider with a long text below": "______________________\n\n" + "A long line of the text, which is no signature of anybody.\n" * 6,
}


@pytest.mark.parametrize("line", SEPARATORS.values(), ids=SEPARATORS)
def test_below_a_separator_all_is_history(line):
    assert visible_reply(f"Thank you!\n\n{line}\n\nWe have it.\n\nGood bye.\n") == "Thank you!"
    assert visible_reply(f"{line}\n\nWe have it.") == f"{line}\n\nWe have it.", "a mail that is nothing but that is kept whole"


@pytest.mark.parametrize("block", BLOCKS.values(), ids=BLOCKS)
def test_below_a_block_of_fields_all_is_history(block):
    assert visible_reply(f"Thank you!\n\n{block}\n\nWe have it.\n\nGood bye.\n") == "Thank you!"
    assert visible_reply(f"{block}\n\nWe have it.") == f"{block}\n\nWe have it.".strip(), "a mail that is nothing but that is kept whole"


@pytest.mark.parametrize("block", SIGNATURES.values(), ids=SIGNATURES)
def test_a_signature_is_cut_above_the_history_too(block):
    assert visible_reply(f"Thank you!\n\n{block}\n") == "Thank you!"
    assert visible_reply(f"Thank you!\n\n{block}\n\nOn 18/11/2026 12:00, Web Studio wrote:\n> We have it.\n") == "Thank you!"
    assert visible_reply(block), "a mail that is nothing but that is not emptied"


@pytest.mark.parametrize("block", KEPT_BELOW.values(), ids=KEPT_BELOW)
def test_what_only_looks_like_a_signature_or_history_is_kept(block):
    assert visible_reply(f"Hello!\n\n{block}") == f"Hello!\n\n{block}".strip()


QUOTES = {
    "initials": ("Hello!\n\nВы писали 18.11.2026:\n\nAR> Which page?\nAR> Which price?\n\nThe roses.", "Hello!\n\n\n\nThe roses."),
    "bars below an attribution": (
        "Thank you!\n\nOn 18/11/2026 12:00, Web Studio <support@studio.example> wrote:\n\n| We have it.\n|\n| Number 12.\n",
        "Thank you!",
    ),
    "an attribution whose address was wrapped before its bracket": (
        "Thank you!\n\nAm 18.11.2026 12:00 schrieb Studio <support@studio.example\n>:\n\n> Wir haben es.",
        "Thank you!",
    ),
    "a short line in lower case between long quoted lines may be an answer": (
        f"Thank you!\n\nOn 18/11/2026 12:00, Web Studio wrote:\n> {'We have the new price list ' * 3}and\nput it there.\n> Number 12.",
        "Thank you!\n\nput it there.",
    ),
    "answers within a quote below a separator without fields": (
        "See below.\n\n-----Original Message-----\n> Which page?\nThe roses.\n> Which price?\n100.\n",
        "See below.\n\nThe roses.\n100.",
    ),
    "a line of a log that stands alone": (
        "The log says:\n\n2026-11-18 12:00 GMT+03:00 ERROR:\n\nthe disk is full",
        "The log says:\n\n2026-11-18 12:00 GMT+03:00 ERROR:\n\nthe disk is full",
    ),
    "answers below a signature above the quote": (
        "See inline.\n\n--\nAnna\n\nOn 18/11/2026 12:00, Web Studio wrote:\n> Which page?\nThe roses.\n> Which price?\n100.\n",
        "See inline.\nThe roses.\n100.",
    ),
    "answers within a quote of Outlook Express": (
        (
            "See below.\n\n----- Original Message -----\nFrom: Web Studio <support@studio.example>\nTo: Anna\nSent: Wednesday\n"
            "Subject: Re: Price list\n\n> Which page?\nThe roses.\n> Which price?\n100.\n"
        ),
        "See below.\n\nThe roses.\n100.",
    ),
    "a short answer in lower case between quoted lines": (
        "On 18/11/2026 12:00, Web Studio wrote:\n> Red or blue\nred\n> Which page?\nroses",
        "red\nroses",
    ),
    "an attribution above words that are not quoted, at the top": (
        "On 18/11/2026 12:00, Web Studio <support@studio.example> wrote:\n\nWe have it.",
        "We have it.",
    ),
    "a sentence that only looks so, at the top": (
        "On 18/11/2026 12:00 the customer wrote:\n\nIt is broken.",
        "On 18/11/2026 12:00 the customer wrote:\n\nIt is broken.",
    ),
    "words right above an attribution": ("Yes.\nOn 18 Nov 2026, Anna Rose wrote:\n> Red?", "Yes."),
    "a forward of a reply": (
        "---------- Forwarded message ---------\nFrom: Anna <a@rose.example>\nDate: today\nSubject: roses\n\nRed.\n\n> Which?",
        "---------- Forwarded message ---------\nFrom: Anna <a@rose.example>\nDate: today\nSubject: roses\n\nRed.\n\n> Which?",
    ),
}


@pytest.mark.parametrize(("text", "expected"), QUOTES.values(), ids=QUOTES)
def test_quotes(text, expected):
    assert visible_reply(text) == expected


HOSTILE = {
    "openings": "On On On\n" * 100_000,
    "openings with colons": "On On On:\n" * 100_000,
    "dates with colons": "On 12.05.2026 Anna:\n" * 20_000,
    "one line": "On 12.05.2026 " * 150_000 + ":",
    "quotes": "> x\n" * 100_000,
    "marks": ">" * 1_000_000,
    "attributions": "On 12.05.2026, Anna <a@b.example> wrote:\n> x\n" * 20_000,
    "dividers without words": "Hi,\n" + "\n" * 60_000 + "-- \n" * 50_000 + "x",
    "times": "12:00:\n" * 40_000,
    "years": "2026-\n" * 40_000,
    "short quotes": ">\nx\n" * 60_000,
    "folded markers": "-- ✂\n" * 50_000,
    "ends of attributions": "> wrote:\n" * 100_000,
    "signatures": "-- \nx\n" * 100_000,
    "dashes": "-" * 1_000_000 + "x",
    "dividers": "\n__\nx" * 100_000,
    "fields": "From: a\n" * 100_000,
    "brackets": "<\n\n" * 100_000,
    "blank lines": "\n" * 1_000_000,
    "blanks": " " * 1_000_000,
    "footers": "Sent from my iPhone\n" * 50_000,
    "accents": "a" + "\u0301" * 600_000 + ":",
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_any_text_ends(text):
    assert len(visible_reply(text)) <= len(text)


def test_every_rule_says_why():
    assert all(rule.__doc__ for rule in (*HISTORY, *FOOTERS, *DIVIDERS))


def test_a_log_that_nobody_typed_is_kept_whole():
    text = "The log is below.\n\n" + "2026-11-18 12:00 a line of a log\n" * (READ // 30)
    assert visible_reply(text) == text.strip()


def test_of_a_long_quote_nothing_is_kept():
    text = f"Thank you!\n\n{MARKER}\n" + "internal words of the desk\n" * (READ // 20)
    assert visible_reply(text) == "Thank you!"
    assert own_words(text.removeprefix("Thank you!")) == ""


@pytest.mark.parametrize("line", ["Sent from my phone, no answer came since Monday.", "Отправлено с телефона, но заказ так и не пришёл."])
def test_a_sentence_about_a_telephone_is_no_footer(line):
    assert visible_reply(f"The form is broken.\n{line}") == f"The form is broken.\n{line}"


DATES_AND_VERBS = (
    "> ",
    ">> ",
    "On ",
    "Am ",
    "18.11.2026",
    " 12:00",
    "Anna",
    "<anna@rose.example>",
    " wrote",
    "пишет",
    "написал(а)",
    "写道",
    ":",
)
FIELDS_AND_MARKS = (
    "From: ",
    "Sent: ",
    "To: ",
    "Subject: ",
    "От: ",
    "Кому: ",
    "-----Original Message-----",
    "-- ",
    "--",
    "___",
    "| ",
    MARKER,
)
OTHERS = (
    "Thank you!",
    "Спасибо",
    "-Anna",
    "Sent from my iPhone",
    "##- reply above this line -##",
    "_" * 32,
    "\u200e",
    "\r",
    "*",
    "a" * 80,
    "?",
)
PIECES = st.sampled_from((*DATES_AND_VERBS, *FIELDS_AND_MARKS, *OTHERS))
LINES = st.lists(st.lists(PIECES | st.text(max_size=5), max_size=5).map("".join), max_size=20)


@given(LINES)
def test_the_new_words_are_lines_of_the_text_in_their_order(lines):
    text = "\n".join(lines)
    rest = iter(line.strip() for line in text.replace("\r\n", "\n").split("\n"))
    assert all(line.strip() in rest for line in visible_reply(text).split("\n"))


@given(LINES)
def test_the_first_line_is_kept_above_whatever_comes_below(lines):
    text = "\n".join(("These words are new.", *lines))
    assert "These words are new." in visible_reply(text)


WORDS = st.lists(
    st.sampled_from(("The roses are red.", "Please paint them,", "розы", "12 of them", "on page 3", "", "Anna", "(soon)")), max_size=12
)


@given(WORDS, WORDS)
def test_a_text_without_a_separator_a_field_or_a_mark_of_quoting_is_kept_whole(above, below):
    text = "\n".join((*above, "These words are new.", *below))
    assert visible_reply(text) == text.strip()


@given(LINES, WORDS)
def test_words_below_a_quote_are_kept(quoted, below):
    quote = "\n".join(f"> {' '.join(line.split())}" for line in quoted)
    text = "\n".join(("On 18/11/2026 12:00, Web Studio wrote:", "> Which page?", quote, "> ", "", "These words are new.", *below))
    assert "These words are new." in visible_reply(text)


def test_a_mail_without_own_words_has_none_and_is_shown_whole():
    history = "From: Studio <s@studio.example>\nSent: 18.11.2026 12:00\nTo: Anna\n\nWe have it."
    assert own_words(history) == ""
    assert visible_reply(history) == history


@pytest.mark.parametrize("divider", ["-- ", "--", "___"])
@pytest.mark.parametrize("place", range(4))
def test_a_signature_hides_no_answer_below_the_quote_that_follows(place, divider):
    runs = [f"Answer {number} is here.\n" for number in range(4)]
    runs[place] += f"\n{divider}\nAnna Rose\n"
    quotes = [f"> Question {number} of the studio?\n" for number in range(3)]
    text = f"{runs[0]}\nOn 18/11/2026 12:00, Web Studio wrote:\n" + "".join(map("".join, zip(quotes, runs[1:], strict=True)))
    visible = visible_reply(text)
    assert [number for number in range(4) if f"Answer {number} is here." not in visible] == []
    assert "Anna Rose" not in visible
    assert "Question" not in visible


ABOVE = ("", "On 18.11.2026 12:00\n", "On Wed, 18 Nov 2026 at 12:00 Anna\n")
OURS = ("", " Reply above.", " 18.11.2026 12:00, Anna")
BELOW = (
    "Anna <anna@rose.example> wrote:\n> q",
    "wrote:\n> q",
    "\nOn 18 Nov 2026, Anna wrote:\n\n> q",
    "От: Анна\nТема: розы\n\n> q",
    "\n\n\n> q",
    "| q",
)


@pytest.mark.parametrize("below", BELOW)
@pytest.mark.parametrize("ours", OURS)
@pytest.mark.parametrize("above", ABOVE)
def test_nothing_below_our_marker_is_the_senders_whatever_stands_there(above, ours, below):
    visible = own_words(f"It is done.\n\n{above}{MARKER}{ours}\n{below}\ninternal\n> r\ninternal")
    assert visible.startswith("It is done.")
    assert "internal" not in visible


@given(LINES)
def test_nothing_below_our_marker_is_the_senders(lines):
    below = "\n".join(f"{line} internal" if line[-1:].isalpha() else line for line in lines)
    assert own_words(f"It is done.\n\n{MARKER} Reply above.\n{below}") == "It is done."


LAST_LINES = {
    "an attribution with nothing below it": "Yes, do it.\n\nOn Wed, 18 Nov 2026 at 12:00, Anna <anna@rose.example> wrote:\n\n",
    "a line of Notes above words without marks": "Yes, do it.\n\n-----Anna <anna@rose.example> wrote: -----\n\nShall we move it?\nAnna",
    "a line of Zoho above words without marks": "Yes, do it.\n\n---- On Wed, 18 Nov 2026 12:00:00 +0300 Anna wrote ----\n\nShall we?",
}


@pytest.mark.parametrize("text", LAST_LINES.values(), ids=LAST_LINES)
def test_an_attribution_above_little_or_nothing_is_history(text):
    assert visible_reply(text) == "Yes, do it."


@pytest.mark.parametrize("line", ["-----Anna <anna@rose.example> wrote: -----", "---- On Wed, 18 Nov 2026 Anna wrote ----"])
def test_a_line_between_rules_is_a_programs(line):
    assert is_whole(line, set_apart=False)
    assert not is_whole(line.strip("- "), set_apart=False)
    assert not is_whole("---- We wrote to you on Wednesday ----", set_apart=False)
