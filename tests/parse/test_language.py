"""The language of short and mixed texts, as clients write them."""

import subprocess
import sys

import pytest

from mailbot.edge.parse.language import language_of

TEXTS = {
    "Russian": ("Не работает форма заказа на странице роз.", "ru"),
    "one Russian word": ("Спасибо", "ru"),
    "short Russian that looks Bulgarian": ("Сайт лежит!!!", "ru"),
    "Russian with Latin product names": ("Не работает WordPress plugin WooCommerce checkout page", "ru"),
    "Russian behind a long link": ("https://rose.example/catalogue/roses?colour=red&size=large смотрите", "ru"),
    "Ukrainian": ("Добрий день! Форма замовлення не працює, коли буде готово?", "uk"),
    "English": ("The form on the order page is broken.", "en"),
    "short English": ("ASAP pls fix banner", "en"),
    "an English file name and a date": ("See attached price-list_2026.pdf of 18.11.2026", "en"),
    "German": ("Das Formular funktioniert nicht, bitte ändern Sie die Telefonnummer.", "de"),
    "French": ("Le formulaire ne marche pas, merci de regarder.", "fr"),
    "Polish": ("Formularz nie działa, proszę sprawdzić.", "pl"),
    "Turkish": ("Sipariş formu çalışmıyor, lütfen bakar mısınız?", "tr"),
    "Chinese": ("订单表单坏了，请看一下", "zh"),
    "Japanese": ("注文フォームが壊れています", "ja"),
    "numbers alone": ("12:30 18.11", None),
    "a link alone": ("https://rose.example/a", None),
    "a sign alone": ("+1", None),
    "nothing": ("", None),
    "half a character": ("\ud800 ", None),
}


@pytest.mark.parametrize(("text", "language"), TEXTS.values(), ids=TEXTS)
def test_the_language_is_told(text, language):
    assert language_of(text) == language


WITHOUT_A_NETWORK = """
import sys

def refuse(event, arguments):
    if event in ("socket.connect", "socket.getaddrinfo", "socket.sendto"):
        raise SystemExit(f"asked the network: {event} {arguments}")

sys.addaudithook(refuse)
from mailbot.edge.parse.language import language_of
print(language_of("Das Formular funktioniert nicht."))
"""


def test_the_model_is_in_the_package():
    done = subprocess.run([sys.executable, "-c", WITHOUT_A_NETWORK], capture_output=True, text=True, timeout=60, check=False)
    assert (done.stdout.strip(), done.stderr, done.returncode) == ("de", "", 0)
