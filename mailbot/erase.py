"""Erase: a person's data goes, or is replaced, wherever it stands; what the desk must be able to prove stays without him.

Looking and writing are repeated until a look finds nothing: what arrives meanwhile is found by the next one.
"""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import islice

from sqlalchemy import Connection

from mailbot.core.desk.erasing import ERASED, Needles, full_names, token
from mailbot.core.desk.manners import is_ours
from mailbot.core.mail.message import Mail
from mailbot.desk import Desk
from mailbot.edge import pdf
from mailbot.edge.db import erasing, journal
from mailbot.edge.db.database import take_turns
from mailbot.edge.db.erasing import Mention, Sent, Written
from mailbot.edge.parse import parse
from mailbot.errors import PermanentError, TransientError

ROUNDS = 5
_BATCH = 200
# What hides words in raw octets: base64, quoted-printable, encoded words, UTF-16, parameters by RFC 2231, references of HTML, and the
# charsets that spell everything with ASCII (UTF-7, ISO-2022, HZ).
_ENCODED = (b"base64", b"quoted-printable", b"=?", b"\0", b"*=", b"&", b"utf-7", b"\x1b", b"~{")


@dataclass(frozen=True, slots=True)
class Person:
    """Whom to erase: his address in lower case and the names that stood beside it.

    `alone`: those of the names that mean nobody else; `shared`: other addresses that wrote under his name; `kept`: names of clients.
    """

    addr: str
    names: frozenset[str]
    alone: frozenset[str]
    shared: tuple[str, ...]
    kept: frozenset[str]

    @property
    def anywhere(self) -> Needles:
        """What means him wherever it stands."""
        return Needles(self.addr, self.alone)

    @property
    def on_his_tickets(self) -> Needles:
        """What means him on tickets on which he wrote: there "Anna" is Anna."""
        return Needles(None, self.names - self.alone)

    @property
    def near(self) -> Needles:
        """Both."""
        return Needles(self.addr, self.names)


@dataclass(slots=True)
class Found:
    """What names a person. `own`: journal ids of what he wrote; `others`: of what names or answers him; `mails`: outbox ids.

    `titles`: the subjects of his tickets, by number.
    """

    written: Written
    titles: dict[int, str] = field(default_factory=dict)
    own: set[int] = field(default_factory=set)
    others: set[int] = field(default_factory=set)
    mails: set[int] = field(default_factory=set)
    mentions: list[Mention] = field(default_factory=list)
    papers: int = 0
    about: dict[str, int] = field(default_factory=dict)

    @property
    def nothing(self) -> bool:
        """Whether nothing is left."""
        return not (self.own or self.others or self.mails or self.mentions or self.papers)

    def counts(self) -> dict[str, int]:
        """How many of what, for people."""
        return {
            "messages of this person: text, files, raw octets": len(self.own),
            "messages of others that name or answer this person: raw octets, quoted words": len(self.others),
            "mails of the outbox: raw octets, subjects": len(self.mails),
            "tickets opened by this person: requester, name, subject": len(self.written.opened),
            **{f"{name}": count for name, count in self.about.items()},
            "rows in all that name this person": len(self.mentions),
            "acts: the address alone": self.papers,
        }


def person_of(desk: Desk, addr: str) -> Person:
    """The person behind an address. Raises PermanentError for an address of the desk itself or of an operator."""
    addr = addr.lower()
    if is_ours(addr, desk.policy) or addr in desk.policy.operators:
        raise PermanentError(f"{addr} is an address of the desk itself or of an operator; take it out of the configuration first")
    with desk.database.reading() as transaction:
        names = {name for name in erasing.names_of(transaction, addr) if len(name) > 2}  # "A" would be half of the words of a text
        of_clients = erasing.client_names(transaction) | {desk.policy.name.casefold()}
        kept = {name for name in names if name.casefold() in of_clients}
        shared = erasing.others_named(transaction, addr, names - kept)
    alone = full_names(names - kept) - set(shared)
    return Person(addr, frozenset(names - kept), alone, tuple(sorted({one for some in shared.values() for one in some})), frozenset(kept))


def look(desk: Desk, person: Person, before: Found | None = None) -> Found:
    """All that names a person. `before`: what was found before it was erased, by which later traces of it are known."""
    with desk.database.reading() as transaction:
        written = erasing.written_by(transaction, person.addr)
        if before is not None:
            written = Written(
                written.entries | before.written.entries,
                before.written.first | written.first,
                written.opened | before.written.opened,
            )
        found = Found(written, before.titles if before else {})
        for some in _some(sorted(written.opened)):
            found.titles |= erasing.titles(transaction, person.addr, some)
        answers = erasing.answers_to(transaction, written.first)
        _look_through_journal(transaction, desk, person, found, answers)
        _look_through_outbox(transaction, person, found)
        found.mentions = list(erasing.mentions(transaction, person.anywhere))
        if person.on_his_tickets.names:
            for some in _some(sorted(written.tickets)):
                found.mentions += erasing.mentions(transaction, person.on_his_tickets, some)
        found.papers = sum(1 for _ in erasing.papers_naming(transaction, Needles(person.addr)))
        found.about = erasing.about(transaction, person.addr)
    return found


def _look_through_journal(transaction: Connection, desk: Desk, person: Person, found: Found, answers: set[int]) -> None:
    after = 0
    while rows := erasing.stored(transaction, after, _BATCH):
        after = rows[-1][0]
        for entry, packed, digest, outcome in rows:
            octets = b""
            with suppress(PermanentError):  # a blob that is missing names nobody
                octets = desk.blobs.get(digest) if packed is None else journal.unpack(packed)
            mail = _read(octets, person.near.hints())
            if entry in found.written.entries or (mail and mail.originator and mail.originator.key == person.addr):
                if outcome == "pending":
                    raise TransientError(f"journal entry {entry} of {person.addr} waits for intake; try again in a minute")
                found.own.add(entry)
            elif entry in answers or (mail and _names(mail, octets, person.anywhere)):
                if outcome in ("pending", "quarantined"):  # its words are nowhere else, and it is somebody else's request
                    raise TransientError(f"journal entry {entry} names {person.addr} and is not handled yet; see `mailbot quarantine`")
                found.others.add(entry)


def _read(octets: bytes, hints: Collection[str]) -> Mail | None:
    """The message, or None when nothing of the person can stand in it: most need not be parsed. `hints`: of which one would."""
    lowered = octets.lower()
    sought = (*_ENCODED, *(hint.lower().encode("utf-8", "replace") for hint in hints))
    plain = octets.isascii() and not any(hint in lowered for hint in sought)
    return None if plain else parse(octets)


def _names(mail: Mail, octets: bytes, needles: Needles) -> bool:
    people = [one for one in (mail.originator, *mail.reply_to, *mail.to, *mail.cc) if one]
    files = [one.filename or "" for one in mail.attachments]
    texts = [mail.subject, mail.text, mail.html or "", *files, *(f"{one.name} <{one.addr}>" for one in people)]
    texts += [body for bodies in mail.fields.values() for body in bodies]
    return any(map(needles.found_in, texts)) or needles.found_in(octets.decode("utf-8", "replace"))


def _look_through_outbox(transaction: Connection, person: Person, found: Found) -> None:
    after = 0
    while rows := erasing.mails_after(transaction, after, _BATCH):
        after = rows[-1].id
        for one in rows:
            if _concerns(one, person, found):
                if one.state == "sending":
                    raise TransientError(f"mail {one.id} of the outbox is just being sent; try again in a minute")
                found.mails.add(one.id)


def _concerns(one: Sent, person: Person, found: Found) -> bool:
    """Whether a mail may hold the person's words, name or address. One that still waits to go to somebody else is read for them."""
    if one.to_addr.lower() == person.addr or (one.encloses in found.own and one.kind == "forward"):
        return True
    his = one.ticket in found.written.tickets
    if his and one.state in ("sent", "failed"):
        return True
    octets = journal.unpack(one.packed)
    mail = _read(octets, {*person.near.hints(), *(max(title.split(), key=len) for title in found.titles.values())})
    if mail is None:
        return False
    if _names(mail, octets, person.near if his else person.anywhere):
        return True
    lists = _lists(mail.text, found.titles)
    if lists and one.state == "due":  # others are to have it, and his subject is gone from it only after that
        raise TransientError(f"mail {one.id} of the outbox lists a request of {person.addr} and waits to be sent; try again when it is")
    return lists


def _lists(text: str, titles: Mapping[int, str]) -> bool:
    """Whether a mail of the desk (a summary, overdue promises, what a request may repeat) speaks of one of these tickets."""
    words = " ".join(text.split())
    return any(" ".join(title.split()) in words and re.search(rf"(?<!\d){number}(?!\d)", words) for number, title in titles.items())


def erase(desk: Desk, person: Person) -> tuple[Found, str, bool]:
    """Erase a person; returns what was found at first, what stands for his address now, and whether freed pages are clean.

    Raises TransientError when a message of his is just being taken in or sent, and when new ones keep arriving.
    """
    first, name = None, ""
    with desk.database.lock("erase") as held:
        if not held:
            raise TransientError("another `mailbot erase` is at work; try again when it has ended")
        for _ in range(ROUNDS):
            found = look(desk, person, first)
            first = first or found
            if found.nothing and name:
                return first, name, desk.database.wipe()
            with desk.database.writing() as transaction:
                name = name or token(erasing.next_number(transaction))
                _erase(transaction, desk, person, found, name)
    raise TransientError(f"mail of {person.addr} keeps arriving; what came before is erased, run it again for the rest")


def _erase(transaction: Connection, desk: Desk, person: Person, found: Found, name: str) -> None:
    blobs: list[str] = []
    take_turns(transaction, "blobs")
    erasing.drop_mails(transaction, sorted(found.mails), desk.clock())
    for some in _some(sorted(found.others)):
        erasing.keep_new_words(transaction, some)
    for some in _some(sorted(found.own | found.written.entries)):
        erasing.forget_entries(transaction, some, person.addr)
    for some in _some(sorted(found.own | found.others)):
        blobs += erasing.drop_octets(transaction, some)
    written = found.written
    for some in _some(sorted(written.tickets)):
        part = Written(frozenset(), dict.fromkeys(some, 0), written.opened & frozenset(some))
        erasing.forget_tickets(transaction, part, person.addr)
    erasing.forget_address(transaction, person.addr, desk.clock())
    _replace(transaction, person, written, name)
    for digest in blobs:  # last, and before the commit: when that fails they are wanted no more than before
        desk.blobs.drop(digest)


def _replace(transaction: Connection, person: Person, written: Written, name: str) -> None:
    """Rows are looked for again: those that were found have changed since."""
    for one in list(erasing.mentions(transaction, person.anywhere)):
        erasing.replace_mention(transaction, one, person.anywhere, name)
    if person.on_his_tickets.names:
        for some in _some(sorted(written.tickets)):
            for one in list(erasing.mentions(transaction, person.on_his_tickets, some)):
                erasing.replace_mention(transaction, one, person.on_his_tickets, ERASED)
    address = Needles(person.addr)
    printer = None
    for act_id, paper in list(erasing.papers_naming(transaction, address)):
        printer = printer or pdf.printer()
        html = str(address.replaced_in(paper["html"], name))
        content = address.replaced_in(paper["content"], name)
        erasing.replace_in_paper(transaction, act_id, content, html, printer(html) if printer else None)


def _some(found: Sequence[int]) -> Iterator[list[int]]:
    """In parts: a statement takes only so many values."""
    waiting: Iterable[int] = iter(found)
    while part := list(islice(waiting, _BATCH)):
        yield part
