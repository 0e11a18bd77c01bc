"""What makes a request urgent (R6)."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from mailbot.core.desk.causes.configured import CauseRule, spoken
from mailbot.core.desk.words import READ, urgent_words
from mailbot.core.mail.message import Mail

if TYPE_CHECKING:
    from mailbot.core.desk.causes.model import Model


def urgency(mail: Mail, rules: Sequence[CauseRule], model: "Model | None" = None) -> str | None:
    """Why a request is urgent (R6), None when it is not.

    The desk's own rules, the sender's words, Importance or Priority (RFC 2156), X-Priority; then what operators called urgent, as the
    model learned it.
    """
    sender = mail.originator.key if mail.originator else ""
    text = f"{mail.subject}\n{mail.visible}"
    if why := next((why for rule in rules if (why := spoken(rule, text[:READ], sender, mail.language))), None):
        return f"urgent: configured: {why}"
    if words := urgent_words(mail.subject, mail.visible):
        return f"urgent: “{words}”"
    if mail.first("importance").strip().lower() == "high":
        return "urgent: Importance: high"
    if mail.first("priority").strip().lower() == "urgent":
        return "urgent: Priority: urgent"
    if mail.first("x-priority").strip()[:1] in ("1", "2"):
        return "urgent: X-Priority"
    guess = model.classify(text) if model else None
    return f"urgent: learned: {guess.because}" if guess and guess.cause == "yes" and not guess.abstains else None
