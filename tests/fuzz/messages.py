"""The octets of a message: parse, screen, visible reply, threading and the decision; from the odd mails of the tests."""

from pathlib import Path

from mailbot.core.mail.threading import threads_of
from tests.core.build import SIGNER, decided, facts, policy
from tests.parse.test_mails import NAMES, SNIPPETS, check

SEEDS = [path.read_bytes() for path in sorted(Path(__file__).parent.parent.rglob("*.eml"))]
WORDS = [f"{name}: ".encode() for name in NAMES] + SNIPPETS
RULES = policy(trusted_authserv="mx.studio.example")


def understand(octets: bytes) -> None:
    """Any octets give a mail that can be written down, and a decision."""
    mail = check(octets)
    threads_of(mail, SIGNER)
    decided(mail, facts(), RULES)
