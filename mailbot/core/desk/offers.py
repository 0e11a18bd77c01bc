"""Replies to offers (R4): who may agree, and what becomes of a reply that does."""

from mailbot.core.desk.case import Case, Consent, Decision
from mailbot.core.desk.consent import read_answer
from mailbot.core.desk.facts import OfferFacts
from mailbot.core.mail.authentication import authentication


def answers(case: Case) -> tuple[Consent, ...]:
    """What a message says to the open offers that it answers; nothing when a machine wrote it, or somebody who is not of the client."""
    if case.verdict.kind != "normal" or case.facts.imported:
        return ()
    mine = [one for one in case.facts.offers if one.state == "open" and _is_addressed(case, one) and _is_of_client(case, one)]
    said = read_answer(case.mail.text) if mine else None
    if said is None:
        return ()
    proof = authentication(case.mail, case.policy.trusted_authserv)
    # Whom the mailbox's own server does not believe, an operator has to.
    verdict = "unclear" if proof is not None and not proof.passed else said.verdict
    newest = max(mine, key=lambda one: one.id)
    return (Consent(newest, verdict, said.words, proof.said if proof else ""),)


def _is_addressed(case: Case, offer: OfferFacts) -> bool:
    """Whether a signed address or Message-ID of ours names the offer, or its ticket."""
    return offer.id in case.threads.offers or any(key.role == "t" and key.number == offer.ticket for key in case.threads.signed)


def _is_of_client(case: Case, offer: OfferFacts) -> bool:
    client = case.facts.client
    return case.sender == offer.to_addr.lower() or (client is not None and client.id == offer.client_id)


def because(consents: tuple[Consent, ...]) -> list[str]:
    """Why each answer counts as what it counts, for people."""
    said = []
    for one in consents:
        proof = f", sender: {one.authenticated}" if one.authenticated else ""
        said.append(f"{one.verdict}: {one.offer.name}, version {one.offer.version}{proof}")
    return said


def agreement(case: Case) -> Decision | None:
    """Clear agreement with an offer that belongs to no ticket, such as an act, needs nobody's work: it is kept, and the operators told.

    Anything else that answers such an offer is a request: it gets a ticket.
    """
    consents = tuple(one for one in answers(case) if one.verdict == "agreed" and one.offer.ticket is None)
    if not consents or case.mail.attachments:
        return None
    return Decision("follow-up", tuple(because(consents)), language=case.language, consents=consents)
