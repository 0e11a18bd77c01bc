"""The new words of a reply, as the mail programs of the world write them."""

import pytest

from mailbot.core.mail.visible import MARKER, visible_reply

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
    "Outlook on a telephone, bold": "Thank you!\n\n*From:* Web Studio\n*Sent:* today\n*To:* Anna\n\nWe have it.\n",
    "Yandex, Russian": "Thank you!\n\n18.11.2026, 12:00, Web Studio <support@studio.example>:\n> Мы получили.\n",
    "Yandex, Russian, with a verb": 'Thank you!\n\n18.11.2026, 12:00, "Web Studio" <support@studio.example> написал:\n\nМы получили.\n',
    "Mail.ru, Russian": ("Thank you!\n\nСреда, 18 ноября 2026, 12:00 +03:00 от Web Studio <support@studio.example>:\n\n> Мы получили.\n"),
    "Mail.ru, forwarded": "Thank you!\n\n-------- Пересылаемое сообщение --------\nОт: Web Studio\nКому: Anna\n\nМы получили.\n",
    "no blank line above the attribution": "Thank you!\nOn 18/11/2026 12:00, Web Studio wrote:\n> We have it.\n",
    "an attribution wrapped inside its date": "Thank you!\n\nOn Wed, Nov 18,\n2026 at 12:00 PM Web Studio wrote:\n\n> We have it.\n",
    "German": "Thank you!\n\nAm 18.11.2026 um 12:00 schrieb Web Studio:\n> Wir haben es.\n",
    "French": "Thank you!\n\nLe mer. 18 nov. 2026 à 12:00, Web Studio a écrit :\n> Nous l'avons.\n",
    "our own marker": f"Thank you!\n\n{MARKER}\nWe have it.\n",
    "our own marker under an attribution without a quote": f"Thank you!\nOn 18 Nov 2026, Web Studio wrote:\n{MARKER}\nWe have it.\n",
    "our own marker, quoted": f"Thank you!\n\n> {MARKER}\n> We have it.\n",
    "an attribution without '>' below": "Thank you!\n\nOn 18 Nov 2026, Web Studio wrote:\n\nWe have it.\n",
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
