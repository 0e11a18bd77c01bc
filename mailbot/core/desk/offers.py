"""Replies to offers (R4): who may agree, and what becomes of a reply that does."""

import re

from mailbot.core.desk.case import Case, Consent, Decision
from mailbot.core.desk.consent import WORDS_KEPT, read_answer
from mailbot.core.desk.facts import OfferFacts
from mailbot.core.desk.operators import is_file

_STRUCK = re.compile(r"<(?:s|strike|del)[\s>]|line-through", re.IGNORECASE)  # no text shows what was struck out


def answers(case: Case) -> tuple[Consent, ...]:
    """What a message says to the offer that it answers; nothing when a machine wrote it, or somebody who is not of the client.

    An answer answers the offer's own letter or its reminder: a "yes" to an operator's question agrees to nothing. What was settled or
    withdrawn before is settled by nobody, but what is said of it is kept.
    """
    if case.verdict.kind != "normal" or case.facts.imported:
        return ()
    answered = [one for one in case.facts.offers if _is_of_client(case, one)]
    if not answered:
        return ()
    offer = max(answered, key=lambda one: one.id)
    said = read_answer(case.mail.text, case.mail.originator.name if case.mail.originator else "")
    if said is None:
        # Terms stand in every acknowledgement: a reply that adds something to the request says nothing of them.
        return () if offer.kind == "terms" or offer.state != "open" else (Consent(offer, "unclear", case.mail.visible[:WORDS_KEPT], ""),)
    proof = case.proof
    # Whom the mailbox's own server does not believe, an operator has to; and nobody can agree to what was taken back.
    doubtful = (proof is not None and not proof.passed) or offer.state == "withdrawn" or _STRUCK.search(case.mail.html or "") is not None
    return (Consent(offer, "unclear" if doubtful else said.verdict, said.words, proof.said if proof else ""),)


def _is_of_client(case: Case, offer: OfferFacts) -> bool:
    """Whether the sender may answer: a contact of the client as the list of clients is now, or the one to whom the offer went."""
    client = case.facts.client
    return case.sender == offer.to_addr.lower() if offer.client_id is None else client is not None and client.id == offer.client_id


def because(consents: tuple[Consent, ...]) -> list[str]:
    """Why each answer counts as what it counts, for people."""
    said = []
    for one in consents:
        proof = f", sender: {one.authenticated}" if one.authenticated else ""
        before = f", which was {one.offer.state} before" if one.offer.state != "open" else ""
        said.append(f"{one.verdict}: {one.offer.name}{before}, version {one.offer.version}{proof}")
    return said


def agreement(case: Case) -> Decision | None:
    """Clear agreement with an offer that belongs to no ticket, such as an act, needs nobody's work: it is kept, and the operators told.

    Anything else that answers such an offer is a request: it gets a ticket.
    """
    consents = tuple(one for one in answers(case) if one.verdict == "agreed" and one.offer.ticket is None)
    if not consents or any(is_file(one) for one in case.mail.attachments):
        return None
    return Decision("follow-up", tuple(because(consents)), language=case.language, consents=consents)
