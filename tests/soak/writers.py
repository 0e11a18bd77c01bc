"""Everybody who writes to the desk in a soak: mail of every kind, each with what must become of it."""

import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from email import message_from_bytes
from hashlib import sha256

from tests.duties.mails import mail, mail_with_file
from tests.servers import SmtpServer

BOSS = "boss@studio.example"
_RETURNED = """\
From: Mail Delivery System <mailer-daemon@mx.example>
To: support@studio.example
Subject: Undelivered Mail Returned to Sender
Message-ID: <bounce-{number}@mx.example>
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="=-"

--=-

The mail could not be delivered.
--=-
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example

Final-Recipient: rfc822; {recipient}
Action: failed
Status: 5.1.1

--=-
Content-Type: text/rfc822-headers

Message-ID: {message_id}
From: support@studio.example
To: {recipient}

--=---
"""


def client(number: int) -> str:
    """Each request comes from another client."""
    return f"client{number}@shop{number}.example"


def words(number: int) -> str:
    """What that client asks for: nothing that another one asks for."""
    return f"Please change page {number * 7919} of catalogue {number}: the heading has to be {number * 104729}."


@dataclass
class Writers:
    """Everybody who writes to the desk. `outcomes`: what each mail must become, by its digest; `went`: how often the server took each Message-ID."""

    chance: random.Random
    outcomes: dict[str, list[str]] = field(default_factory=dict)
    written: int = 0
    requests: int = 0
    minutes: int = 0
    repeatable: list[int] = field(default_factory=list)
    answers: list[tuple[str, str, str]] = field(default_factory=list)  # acknowledgements: recipient, Reply-To, Message-ID
    forwards: list[str] = field(default_factory=list)  # where operators answer
    seen: set[str] = field(default_factory=set)
    went: Counter[str] = field(default_factory=Counter)

    def read(self, smtp: SmtpServer) -> None:
        """Read what the server took. Only what is needed later is kept."""
        while smtp.taken:
            one = smtp.taken.pop(0)
            message = message_from_bytes(one.octets)
            name, reply_to = str(message["Message-ID"]).strip(), str(message["Reply-To"] or "")
            self.went[name.strip("<>")] += 1
            if "support+" not in reply_to or reply_to in self.seen:
                continue
            self.seen.add(reply_to)
            if one.recipients == [BOSS]:
                self.forwards.append(reply_to)
            else:
                self.answers.append((one.recipients[0], reply_to, name))

    def write(self) -> bytes:
        """The next mail: of a kind that is possible now, by its weight."""
        octets: bytes | None = None
        while octets is None:
            (kind,) = self.chance.choices(list(KINDS), list(KINDS.values()))
            octets = kind(self)
        self.written += 1
        return octets

    def expect(self, outcome: str, octets: bytes) -> bytes:
        """The mail, with what must become of it."""
        self.outcomes.setdefault(sha256(octets).hexdigest(), []).append(outcome)
        return octets

    def request(self) -> bytes:
        """A request of somebody who never wrote before."""
        self.requests += 1
        self.repeatable.append(self.requests)
        return self.expect("ticket", mail(self.requests, f"Client <{client(self.requests)}>", words(self.requests)))

    def large_request(self) -> bytes:
        """A request whose file goes to the store of large messages, and out again with the forward."""
        self.requests += 1
        octets = self.chance.randbytes(self.chance.randrange(300_000, 900_000))
        return self.expect("ticket", mail_with_file(octets, number=self.requests, sender=f"Client <{client(self.requests)}>"))

    def repeat(self) -> bytes | None:
        """The same request again, in a mail of its own."""
        if not self.repeatable:
            return None
        number = self.repeatable.pop(self.chance.randrange(len(self.repeatable)))
        return self.expect("repeat", mail(f"{number}-again", f"Client <{client(number)}>", words(number), Subject=f"Request {number}"))

    def reply(self) -> bytes | None:
        """A client replies to an acknowledgement."""
        if not self.answers:
            return None
        sender, reply_to, name = self.answers.pop(self.chance.randrange(len(self.answers)))
        text = f"And page {self.written} has to go, the one about {self.written * 15485863}."
        octets = mail(f"reply-{self.written}", sender, text, To=reply_to, Subject="Re: your request", In_Reply_To=name)
        return self.expect("follow-up", octets)

    def command(self) -> bytes | None:
        """An operator answers a forward, and enters time."""
        if not self.forwards:
            return None
        to = self.forwards.pop(self.chance.randrange(len(self.forwards)))
        self.minutes += 10
        text = f"We are on it.\n\n/time 10m\n/cause {self.chance.choice(('fault', 'content', 'change'))}"
        return self.expect("operator", mail(f"command-{self.written}", f"Boss <{BOSS}>", text, To=to, Subject="Re: a request"))

    def bounce(self) -> bytes | None:
        """An acknowledgement comes back."""
        if not self.answers:
            return None
        recipient, _, name = self.answers.pop(self.chance.randrange(len(self.answers)))
        text = _RETURNED.format(number=self.written, recipient=recipient, message_id=name)
        return self.expect("bounce", text.replace("\n", "\r\n").encode())

    def machine(self) -> bytes:
        """An out-of-office note."""
        return self.expect(
            "machine", mail(f"away-{self.written}", f"away{self.written}@shop.example", "I am away.", Auto_Submitted="auto-replied")
        )


# With their weights.
KINDS: dict[Callable[[Writers], bytes | None], int] = {
    Writers.request: 50,
    Writers.reply: 12,
    Writers.repeat: 10,
    Writers.command: 12,
    Writers.machine: 10,
    Writers.bounce: 4,
    Writers.large_request: 2,
}
