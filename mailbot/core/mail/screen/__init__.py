"""Who wrote it: a person, or a machine of which kind. Each rule is a function with a name; the first that speaks decides.

A rule takes the mail and returns its reason, or None. New rule: a function in `bounces`, `machines` or `silence`, a row in `RULES` or
`SILENT_RULES`, a row in its test.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from mailbot.core.mail.message import Bounce, Mail
from mailbot.core.mail.screen import bounces, machines, silence
from mailbot.core.mail.screen.undelivered import bounce_of

Kind = Literal["normal", "auto_reply", "bounce", "list", "challenge", "calendar", "spam", "loop"]
Rule = Callable[[Mail], str | None]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What screening found. `answerable` is false when an automatic answer must not go out, whatever else holds.

    `doubtful`: a person who passes such a mail on may look the same.
    """

    kind: Kind
    answerable: bool
    because: tuple[str, ...]
    bounce: Bounce | None = None
    doubtful: bool = False


RULES: tuple[tuple[Kind, Rule], ...] = (
    ("loop", machines.is_loop),
    ("challenge", machines.is_challenge),  # before reports: some challenges are sent as one
    ("bounce", bounces.is_report),
    ("bounce", bounces.is_from_mail_system),
    ("bounce", bounces.is_rejection),
    ("bounce", bounces.is_told_without_sender),
    ("bounce", bounces.is_told_by_mail_system),
    ("bounce", bounces.returns_a_mail),
    ("auto_reply", machines.is_auto_submitted),
    ("auto_reply", machines.is_notification),
    ("auto_reply", machines.is_receipt),
    ("list", machines.is_list),
    ("list", machines.is_sent_by_list),
    ("list", machines.is_digest),
    ("auto_reply", machines.is_vacation_field),
    ("auto_reply", machines.is_bulk_answer),
    ("list", machines.is_bulk),
    ("auto_reply", machines.is_auto_subject),
    ("spam", machines.is_spam),
    ("calendar", machines.is_invitation),
)

DOUBTFUL: tuple[Rule, ...] = (bounces.is_told_by_mail_system, bounces.returns_a_mail)

SILENT_RULES: tuple[Rule, ...] = (
    silence.has_null_reverse_path,
    silence.asks_for_silence,
    silence.is_from_machine_address,
    silence.was_sent_by_a_program,
    silence.says_it_is_automatic,
    silence.can_be_unsubscribed,
    silence.offers_to_unsubscribe,
    silence.sounds_like_a_bounce,
    silence.sounds_like_a_machine,
)


def screen(mail: Mail) -> Verdict:
    """Say what wrote the message and whether an automatic answer may go to it.

    A machine that a rule of `RULES` recognises is never answered. A mail that looks like a person's may still
    have to stay unanswered (`SILENT_RULES`): it becomes a ticket all the same.
    """
    for kind, rule in RULES:
        if reason := rule(mail):
            return Verdict(kind, False, (reason,), bounce_of(mail) if kind == "bounce" else None, rule in DOUBTFUL)
    silent = tuple(reason for rule in SILENT_RULES if (reason := rule(mail)))
    return Verdict("normal", not silent, silent)
