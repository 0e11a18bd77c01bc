"""Signed reply addresses and Message-IDs: what a stranger tries with them, and what becomes of them when the secret changes."""

import sys
from typing import Any

import pytest

from mailbot.app import App
from mailbot.core.mail.threading import Key, Signer
from mailbot.errors import ConfigError
from tests.conftest import SECRET, Studio
from tests.duties.mails import mail

DESK = "support@studio.example"
NEW = "another secret of the tests, as long"
SIGNER = Signer(NEW.encode(), DESK, former=(SECRET.encode(), b"the first one of all"))
EVE = "eve@evil.example"


def compared(read: Any, value: str) -> int:
    """How often a signature is compared in constant time while this is read."""
    calls: list[str] = []
    sys.setprofile(lambda _frame, event, argument: calls.append(argument.__name__) if event == "c_call" else None)
    try:
        assert read(value) is None
    finally:
        sys.setprofile(None)
    return sum(name == "compare_digest" for name in calls)


@pytest.mark.parametrize(
    ("read", "value"),
    [(SIGNER.read_address, f"support+t12-{'a' * 16}@studio.example"), (SIGNER.read_message_id, f"t12.abcd.{'a' * 16}@studio.example")],
    ids=["address", "Message-ID"],
)
def test_the_time_of_a_wrong_guess_tells_nothing_of_the_right_one(read: Any, value: str) -> None:
    assert compared(read, value) == 3  # with each secret


@pytest.mark.parametrize("secret", [NEW, SECRET, "the first one of all"])
def test_what_any_of_the_secrets_signed_is_ours(secret: str) -> None:
    old = Signer(secret.encode(), DESK)
    assert SIGNER.read_address(old.reply_address("t", 12)) == Key("t", 12, "address")
    assert SIGNER.read_message_id(old.message_id("o", 12, "abcd")) == Key("o", 12, "message-id")


def test_the_first_secret_signs() -> None:
    assert SIGNER.reply_address("t", 12) == Signer(NEW.encode(), DESK).reply_address("t", 12)
    assert SIGNER.message_id("t", 12, "abcd") == Signer(NEW.encode(), DESK).message_id("t", 12, "abcd")


TAMPERED = {
    "another ticket": lambda local: local.replace("t1-", "t2-"),
    "the operators' role": lambda local: local.replace("t1-", "o1-"),
    "an offer": lambda local: local.replace("t1-", "f1-"),
    "a signature of 75 bits": lambda local: local[:-1],
    "a signature of 5 bits": lambda local: local[: local.index("-") + 2],
    "no signature": lambda local: local[: local.index("-") + 1],
    "a longer signature": lambda local: f"{local}a",
    "padding": lambda local: f"{local}======",
    "digits of another script": lambda local: local.replace("t1-", "t\N{ARABIC-INDIC DIGIT ONE}-"),
    "a number of a thousand digits": lambda local: local.replace("t1-", f"t{'0' * 1000}1-"),
}


@pytest.mark.parametrize("tamper", TAMPERED.values(), ids=TAMPERED)
def test_a_tampered_address_joins_nothing(studio: Studio, tamper: Any) -> None:
    app = studio.open()
    studio.take_in(app, mail(1), mail(2))
    local, _, domain = app.desk.policy.signer.reply_address("t", 1).partition("@")
    assert studio.take_in(app, mail(3, EVE, To=f"{local}@{domain}"))[-1]["ticket"] == 1
    assert studio.take_in(app, mail(4, EVE, To=f"{tamper(local)}@{domain}"))[-1]["ticket"] == 3


@pytest.mark.parametrize("change", [str.upper, str.title, str.swapcase], ids=["capitals", "some capitals", "the other case"])
def test_a_server_that_changes_the_case_breaks_no_thread(studio: Studio, change: Any) -> None:
    app = studio.open()
    studio.take_in(app, mail(1))
    assert studio.take_in(app, mail(2, EVE, To=change(app.desk.policy.signer.reply_address("t", 1))))[-1]["ticket"] == 1


def answers(studio: Studio, app: App) -> list[bytes]:
    """Answers of somebody else to each of the mails that a client got, by their address and by their Message-ID."""
    made = []
    for row in studio.outbox(app, "acknowledgement"):
        letter = studio.letter(app, row)
        made.append(mail(f"to-{row['id']}", EVE, To=str(letter["Reply-To"])))
        made.append(mail(f"re-{row['id']}", EVE, In_Reply_To=str(letter["Message-ID"])))
    return made


def outcomes(studio: Studio, app: App, messages: list[bytes]) -> list[str]:
    return [one["outcome"] for one in studio.take_in(app, *messages)[-len(messages) :]]


def test_a_new_secret_above_the_old_one_breaks_no_thread_and_a_removed_one_counts_no_more(studio: Studio) -> None:
    app = studio.open()
    studio.take_in(app, mail(1))
    before = answers(studio, app)
    (studio.folder / "secret").write_text(f"{NEW}\n\n{SECRET} \n")
    app = studio.open()
    assert outcomes(studio, app, before) == ["follow-up", "follow-up"]
    studio.take_in(app, mail(2))
    both = answers(studio, app)
    (studio.folder / "secret").write_text(f"{NEW}\n")
    app = studio.open()
    again = [one.replace(b"<request-", b"<again-") for one in both]
    assert outcomes(studio, app, again) == ["ticket", "ticket", "follow-up", "follow-up"]


def test_the_letters_of_another_desk_of_the_same_address_join_nothing(studio: Studio) -> None:
    app = studio.open()
    studio.take_in(app, mail(1))
    messages = answers(studio, app)
    (studio.folder / "secret").write_text(NEW)
    assert outcomes(studio, studio.open(), messages) == ["ticket", "ticket"]


def test_a_short_line_is_refused_and_not_shown(studio: Studio) -> None:
    (studio.folder / "secret").write_text(f"{NEW}\nhush-hush\n")
    with pytest.raises(ConfigError, match="has a line of fewer than 16 characters") as raised:
        studio.open()
    assert "hush-hush" not in str(raised.value)
