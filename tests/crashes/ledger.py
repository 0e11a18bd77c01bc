"""What must hold whatever was stopped where: every message journalled once, each ticket once, each answer at most or at least once (R1)."""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from email import message_from_bytes

from sqlalchemy import select

from mailbot.app import App
from mailbot.edge.db import tables
from tests.conftest import Studio
from tests.duties.mails import mail
from tests.servers import ImapUser, SmtpServer

BOSS = "boss@studio.example"


@dataclass
class Ledger:
    """What clients and operators wrote, and the books against it."""

    user: ImapUser
    smtp: SmtpServer
    requests: int = 0
    answered: set[str] = field(default_factory=set)  # Reply-To of forwards

    def write(self, count: int) -> None:
        """Clients write so many requests, each another one; operators answer what was forwarded to them."""
        octets = []
        for _ in range(count):
            self.requests += 1
            number = self.requests
            text = f"Please change page {number * 7919} of catalogue {number}: the heading has to be {number * 104729}."
            octets.append(mail(number, sender=f"Client {number} <client{number}@shop{number}.example>", text=text))
        for one in self.forwarded():
            if one not in self.answered and len(self.answered) < self.requests // 4:
                self.answered.add(one)
                name = re.sub(r"\W", "-", one)
                octets.append(mail(f"answer-{name}", sender=f"Boss <{BOSS}>", To=one, Subject="Re: a request", text="We are on it."))
        self.user.append(*octets)

    def forwarded(self) -> list[str]:
        """Where operators answer."""
        found = (message_from_bytes(one)["Reply-To"] for one in self.smtp.sent_to(BOSS))
        return [one for one in found if one and "support+" in one]

    def check(self, studio: Studio, app: App) -> None:
        """The books, when all is done."""
        journal = studio.journal(app)
        digests = Counter(one["sha256"] for one in journal)
        assert len(journal) == len(digests) == self.requests + len(self.answered), "every message is journalled once"
        assert Counter(one["outcome"] for one in journal) == Counter(ticket=self.requests, operator=len(self.answered))
        with app.desk.database.reading() as transaction:
            tickets = transaction.scalars(select(tables.ticket.c.requester)).all()
            mails = transaction.execute(
                select(tables.outbox.c.message_id, tables.outbox.c.kind, tables.outbox.c.automatic, tables.outbox.c.state)
            ).all()
        assert sorted(tickets) == sorted(f"client{number}@shop{number}.example" for number in range(1, self.requests + 1))
        went = Counter(message_ids(one.octets for one in self.smtp.taken))
        assert not went.keys() - {one.message_id for one in mails}, "nothing went out that is not in the books"
        kinds = Counter(one.kind for one in mails)
        assert (kinds["acknowledgement"], kinds["forward"], kinds["reply"]) == (self.requests, self.requests, len(self.answered))
        for one in mails:
            times = went[one.message_id]
            if one.automatic:
                assert times <= 1, f"an automatic {one.kind} went out {times} times"
                assert (times == 1) or one.state == "failed", f"an automatic {one.kind} is lost without a word"
            else:
                assert times, f"a person's {one.kind} never went out ({one.state})"


def message_ids(mails: Iterable[bytes]) -> list[str]:
    """Their Message-IDs, as the outbox has them."""
    return [str(message_from_bytes(one)["Message-ID"]).strip().strip("<>") for one in mails]
