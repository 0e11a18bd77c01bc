"""Daemons that are killed at random moments and started again: nothing is lost, nothing doubled."""

import random

from tests.conftest import Studio
from tests.crashes.kills import killed
from tests.crashes.ledger import Ledger
from tests.servers import ImapUser, SmtpServer


def test_two_daemons_that_are_killed_at_random_lose_and_double_nothing(
    any_studio: Studio, imap_user: ImapUser, smtp_server: SmtpServer
) -> None:
    any_studio.configure(mailbox=[imap_user.settings(done="move:Done")], smtp=smtp_server.settings())
    seed = random.randrange(10**6)
    print(f"seed {seed}")  # noqa: T201 -- a failure can be looked at again
    killed(any_studio, Ledger(imap_user, smtp_server), 6, 60, 2, random.Random(seed))
