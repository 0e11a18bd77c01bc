"""A journalled message as deciding sees it: read, screened, and with all that is known of the world."""

from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection

from mailbot.core.desk.case import Case
from mailbot.core.desk.manners import answer_address, reply_address
from mailbot.core.desk.repeats.comparing import asked
from mailbot.core.desk.repeats.terms import sketch
from mailbot.core.desk.words import words_digest
from mailbot.core.mail.authentication import authentication
from mailbot.core.mail.message import Mail
from mailbot.core.mail.screen import Verdict, screen
from mailbot.core.mail.threading import Threads, identity, threads_of
from mailbot.desk import Desk
from mailbot.edge.db import journal, learned
from mailbot.edge.db.facts import Sought, client_id_of, facts_for
from mailbot.edge.db.journal import Entry
from mailbot.edge.parse import parse

_NO_THREADS = Threads((), (), ())


@dataclass(frozen=True, slots=True)
class Read:
    """A journal row whose octets have been read."""

    entry: Entry
    mail: Mail
    verdict: Verdict
    threads: Threads

    @property
    def sender(self) -> str:
        """The originator's address in lower case, '' without one."""
        return self.mail.originator.key if self.mail.originator else ""


def read(desk: Desk, entry: Entry) -> Read:
    """Read the octets of a journal row. Raises PermanentError when they are gone."""
    octets = journal.opened(entry.id, entry.packed)
    mail = parse(desk.blobs.get(entry.sha256) if octets is None else octets)
    return Read(entry, mail, screen(mail), threads_of(mail, desk.policy.signer))


def case_of(transaction: Connection, desk: Desk, message: Read, client_id: int | None, now: datetime) -> tuple[Case, Sought]:
    """The message with the facts of the world as they are now."""
    return _case(transaction, desk, message, client_id, now, message.threads, _identities(desk, message))


def case_again(transaction: Connection, desk: Desk, entry: Entry, now: datetime) -> tuple[Case, Sought]:
    """A message that was decided before, as if it came by itself: what it names does not count, nor that the journal has it."""
    message = read(desk, entry)
    case, sought = _case(transaction, desk, message, client_id_of(transaction, message.sender), now, _NO_THREADS, ("",))
    # It stands among what the sender wrote of late; and a person has read it and asks for this.
    return replace(case, facts=replace(case.facts, same=0, alike=0)), sought


def _identities(desk: Desk, message: Read) -> tuple[str, ...]:
    """The message's own, and for a forged one that of the mail whose copy it may be: behind the true one it is a duplicate."""
    mail, digest = message.mail, message.entry.sha256
    proof = authentication(mail, desk.policy.trusted_authserv)
    own = identity(mail, digest)
    return (identity(mail, digest, disowned=True), own) if proof and proof.disowned else (own,)


def _case(
    transaction: Connection, desk: Desk, message: Read, client_id: int | None, now: datetime, threads: Threads, identities: tuple[str, ...]
) -> tuple[Case, Sought]:
    mail, policy = message.mail, desk.policy
    bounce = message.verdict.bounce
    key = policy.signer.read_message_id(bounce.original_message_id or "") if bounce else None
    # Mail without a sender is nobody's: it repeats nothing.
    words = words_digest(mail) if message.sender and message.verdict.kind in ("normal", "list") else None
    sought = Sought(
        sender=message.sender,
        client_id=client_id,
        identities=identities,
        threads=threads,
        words=words,
        sketch=sketch(mail.subject, asked(mail.text)) if words else None,
        files=mail.attachments,
        text=mail.text,
        answer_to=answer_address(mail, policy, client_id is None or client_id_of(transaction, reply_address(mail)) == client_id),
        bounced=key.number if key and key.role != "f" else None,
        bounced_offer=key.number if key and key.role == "f" else None,
        imported=message.entry.imported,
    )
    models = learned.models(transaction)
    facts = replace(facts_for(transaction, sought, policy, now), causes=models.get("cause"), urgency=models.get("urgent"))
    return Case(mail, message.verdict, threads, sought.words, sought.answer_to, facts, policy, now), sought
