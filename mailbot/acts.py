"""Acts of completed work (R8): one for each client and month, numbered, sent and kept. A correction is a new one that names the old."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import cache

from sqlalchemy import Connection

from mailbot.core.desk.letters import Letter
from mailbot.core.desk.manners import is_ours
from mailbot.core.mail.compose import File
from mailbot.core.mail.message import Address
from mailbot.core.money.act import Act, Month, Parties, correction, draft, terms_of
from mailbot.desk import Desk
from mailbot.edge import pdf
from mailbot.edge.db import acts, clients, offers, story
from mailbot.edge.db.acts import Made
from mailbot.edge.db.billing import entries_of
from mailbot.edge.db.database import take_turns
from mailbot.edge.db.facts import manners_of
from mailbot.errors import PermanentError
from mailbot.letters import queue_letter
from mailbot.log import log

Printer = Callable[[str], bytes]


@dataclass(frozen=True, slots=True)
class Wanted:
    """Whose act of which month. `corrects`: a new one, in place of the one that was made; `again`: that one once more, as it is."""

    client: str
    month: Month
    corrects: bool = False
    again: bool = False


@dataclass(frozen=True, slots=True)
class Papers:
    """An act and its documents. `pdf`: None where WeasyPrint is not installed."""

    act: Act
    html: str
    pdf: bytes | None

    @property
    def files(self) -> list[File]:
        """All documents, the one to send first."""
        html = File(f"{self.act.name}.html", "text/html", self.html.encode())
        return [html] if self.pdf is None else [File(f"{self.act.name}.pdf", "application/pdf", self.pdf), html]


def look(desk: Desk, wanted: Wanted, with_pdf: bool = True) -> Papers:
    """The papers of the act that was made, or else a draft of the one that would be made today; nothing is kept.

    Raises PermanentError when the client is unknown, the month has not ended, or there is nothing to make an act of.
    """
    printer = pdf.printer() if with_pdf else None
    with desk.database.reading() as transaction:
        client_id, made = _standing(transaction, desk, wanted)
        if made and not wanted.corrects:
            return Papers(made.act, made.html, made.pdf)
        return _papers(desk, _drafted(transaction, desk, client_id, wanted, made), printer)


def text_of(desk: Desk, act: Act) -> str:
    """An act as plain text."""
    return desk.renderer.render(act.parties.language, "act", {"act": act})[1]


def send(desk: Desk, wanted: Wanted, to: str | None, who: str) -> tuple[Act, str]:
    """Make the act of a month and queue it for the client; returns it and the address it goes to. All of that happens, or nothing.

    `to`: None for the contact who wrote last. Raises PermanentError as `look` does, and when the month is billed already or nobody to write
    to is known; ConfigError when a template fails.
    """
    printer = pdf.printer()
    printer = cache(printer) if printer else None
    if not wanted.again:  # a long act takes seconds to print: not while nobody else can write
        _printed_ahead(desk, wanted, printer)
    with desk.database.writing() as transaction:
        take_turns(transaction, "acts")
        client_id, old = _standing(transaction, desk, wanted)
        if old and not (wanted.corrects or wanted.again):
            raise PermanentError(
                f"{old.act.parties.client}, {wanted.month}: billed already by act {old.act.number} of {old.act.day}; nothing was sent. "
                "--correct makes a new act in its place, --again sends it once more"
            )
        new = old.act if old and wanted.again else _drafted(transaction, desk, client_id, wanted, old)
        addr = to or story.contact_of(transaction, client_id)
        if addr is None:
            raise PermanentError(f"{new.parties.client} has no contact to send it to; name an address with --to")
        if is_ours(addr, desk.policy) or addr in desk.policy.operators:
            raise PermanentError(f"{addr} is an address of the desk itself or of an operator; nothing was sent")
        if manners_of(transaction, addr, desk.policy.limits, desk.clock()).dead:
            raise PermanentError(f"{addr} does not deliver; name another address with --to; nothing was sent")
        if old and wanted.again:
            papers, act_id = Papers(old.act, old.html, old.pdf), old.id
        else:
            papers = _papers(desk, replace(new, number=acts.next_number(transaction, new.day.year)), printer)
            kept = acts.Kept(client_id, old.edition + 1 if old else 1, papers.act, papers.html, papers.pdf)
            act_id = acts.add(transaction, kept, desk.clock(), who)
        if old:
            offers.withdraw_of_act(transaction, old.id, desk.clock())
        _queue(transaction, desk, client_id, act_id, papers, addr)
    log.info("act", client=new.parties.client, period=str(wanted.month), number=papers.act.number, to=addr)
    return papers.act, addr


def _printed_ahead(desk: Desk, wanted: Wanted, printer: Printer | None) -> None:
    """Print the act as it will be when nothing changes until it is kept; `printer` remembers it."""
    with desk.database.reading() as transaction:
        client_id, old = _standing(transaction, desk, wanted)
        if old and not wanted.corrects:
            return
        new = _drafted(transaction, desk, client_id, wanted, old)
        new = replace(new, number=acts.next_number(transaction, new.day.year))
    _papers(desk, new, printer)


def _standing(transaction: Connection, desk: Desk, wanted: Wanted) -> tuple[int, Made | None]:
    """The client, and its newest act of the month."""
    client_id = clients.id_by_name(transaction, wanted.client)
    if client_id is None:
        raise PermanentError(f"no client {wanted.client!r}; `mailbot client list` lists them")
    today = desk.clock().astimezone(desk.policy.timezone).date()
    if wanted.month.last >= today:
        when = "is in the future" if wanted.month.first > today else "has not ended"
        raise PermanentError(f"{wanted.month} {when}; there is no act of it yet")
    made = acts.newest(transaction, client_id, str(wanted.month))
    if made is None and (wanted.corrects or wanted.again):
        raise PermanentError(f"{wanted.client}, {wanted.month}: no act was made yet; there is nothing to correct or to send again")
    return client_id, made


def _drafted(transaction: Connection, desk: Desk, client_id: int, wanted: Wanted, old: Made | None) -> Act:
    policy, now, month = desk.policy, desk.clock(), wanted.month
    client = clients.load_client(transaction, client_id, now, policy.timezone, policy.money, month.last)
    parties = Parties(
        client=client.name,
        studio=policy.studio,
        customer=acts.customer(transaction, client_id),
        language=story.language_of(transaction, client_id) or policy.language,
        currency=policy.money.currency,
    )
    worked = list(entries_of(transaction, client_id, month.first, month.last + timedelta(days=1)))
    today = now.astimezone(policy.timezone).date()
    act = draft(parties, worked, terms_of(client, policy.money, month), month, today, old.act if old else None)
    return correction(act, old.act) if old else act


def _papers(desk: Desk, act: Act, printer: Printer | None) -> Papers:
    html = desk.renderer.render(act.parties.language, "act", {"act": act})[2]
    return Papers(act, html, printer(html) if printer else None)


def _queue(transaction: Connection, desk: Desk, client_id: int, act_id: int, papers: Papers, addr: str) -> None:
    """The letter that brings the act, and the offer that waits for its answer."""
    act, now = papers.act, desk.clock()
    offer = offers.NewOffer(
        kind="act",
        client_id=client_id,
        to_addr=addr,
        language=act.parties.language,
        version=desk.renderer.version(act.parties.language, "act"),
        detail={"number": act.number, "day": str(act.day), "period": act.period, "total": str(act.total), "currency": act.parties.currency},
        act=act_id,
    )
    offer_id = offers.make(transaction, offer, now, desk.policy.offers)
    _, message_id = queue_letter(transaction, desk, letter(desk, papers, addr, offer_id), now)
    offers.sent_as(transaction, offer_id, message_id)


def letter(desk: Desk, papers: Papers, addr: str, offer_id: int) -> Letter:
    """The letter that brings an act to the client; its reply address names the offer."""
    policy, act = desk.policy, papers.act
    return Letter(
        kind="act",
        template="act-letter",
        language=act.parties.language,
        to=Address("", addr),
        sender=policy.originator,
        role="f",
        ticket=0,
        subject=act.name,
        context={"act": act, "answer_days": policy.offers.remind_after_days},
        automatic="auto-generated",
        offer=offer_id,
        files=papers.files[:1],
    )
