"""What covers a ticket (R3): the first rule that speaks decides."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Literal

from mailbot.core.desk.facts import Client
from mailbot.core.desk.policy import Policy
from mailbot.core.desk.words import fault_words, large_change_words
from mailbot.core.mail.message import Mail
from mailbot.core.money.price import support_price
from mailbot.core.money.quote import markup_of

CoverageKind = Literal["project", "warranty", "monthly", "hourly", "courtesy", "none"]
OFFERED: tuple[CoverageKind, ...] = ("courtesy", "none")  # their answer offers the terms of support


@dataclass(frozen=True, slots=True)
class Coverage:
    """What covers a request, why, and the figures that the answer states."""

    kind: CoverageKind
    because: str
    warranty_until: date | None = None
    fee: Decimal | None = None
    minutes_included: int | None = None
    minutes_left: int | None = None
    rate: Decimal | None = None
    price: Decimal | None = None
    price_arithmetic: str | None = None


@dataclass(frozen=True, slots=True)
class Request:
    """What the coverage of a request depends on."""

    client: Client | None
    mail: Mail
    urgent: bool
    now: datetime


Rule = Callable[[Request, Policy], Coverage | None]


def project(request: Request, _policy: Policy) -> Coverage | None:
    """A large change: a contract of its own, whatever support there is."""
    words = large_change_words(request.mail.subject, request.mail.visible)
    return Coverage("project", f"“{words}” asks for a large change") if words else None


def warranty(request: Request, policy: Policy) -> Coverage | None:
    """A fault or typo within `warranty_days` after hand-over of the site."""
    client = request.client
    if client is None or client.handed_over is None:
        return None
    until = client.handed_over + timedelta(days=policy.warranty_days)
    today = request.now.astimezone(policy.timezone).date()
    fault = fault_words(request.mail.subject, request.mail.visible) if client.handed_over <= today <= until else None
    if fault is None:
        return None
    return Coverage("warranty", f"“{fault}” within {policy.warranty_days} days after {client.handed_over}", warranty_until=until)


def _contract_holds(client: Client, request: Request, policy: Policy) -> bool:
    return client.since is None or client.since <= request.now.astimezone(policy.timezone).date()


def monthly(request: Request, policy: Policy) -> Coverage | None:
    """The client has a monthly contract."""
    client = request.client
    if client is None or client.contract != "monthly" or not _contract_holds(client, request, policy):
        return None
    return _by_month(client, f"{client.name} has a monthly contract", policy)


def _by_month(client: Client, because: str, policy: Policy) -> Coverage:
    left = None if client.included_minutes is None else max(client.included_minutes - client.minutes_this_month, 0)
    rate = client.rate or policy.money.hourly_rate
    return Coverage("monthly", because, fee=client.fee, minutes_included=client.included_minutes, minutes_left=left, rate=rate)


def hourly(request: Request, policy: Policy) -> Coverage | None:
    """The client has an hourly contract."""
    client = request.client
    if client is None or client.contract != "hourly" or not _contract_holds(client, request, policy):
        return None
    return Coverage("hourly", f"{client.name} has an hourly contract", rate=client.rate or policy.money.hourly_rate)


def _offered(kind: CoverageKind, because: str, client: Client | None, policy: Policy) -> Coverage:
    """Coverage without a contract, with the figures of the three kinds of support that the answer offers."""
    money = policy.money
    price = (
        support_price(client.months, money.hourly_rate, markup_of(client.client_class, money), money.step)
        if client and any(client.months)
        else None
    )
    return Coverage(
        kind,
        because,
        rate=(client.rate if client else None) or money.hourly_rate,
        price=price.amount if price else None,
        price_arithmetic=price.arithmetic if price else None,
    )


def courtesy(request: Request, policy: Policy) -> Coverage | None:
    """No contract, urgent, and the client's one courtesy is unused."""
    client = request.client
    if client is None or client.courtesy_used or not request.urgent:
        return None
    return _offered("courtesy", f"urgent, and the courtesy of {client.name} is unused", client, policy)


def none(request: Request, policy: Policy) -> Coverage:
    """No contract."""
    because = f"{request.client.name} has no contract" if request.client else "the sender is no known client"
    return _offered("none", because, request.client, policy)


RULES: tuple[Rule, ...] = (project, warranty, monthly, hourly, courtesy, none)


def coverage_of(request: Request, policy: Policy) -> Coverage:
    """The coverage of a new request."""
    return next(coverage for rule in RULES if (coverage := rule(request, policy)))


def chosen(kind: CoverageKind, client: Client | None, policy: Policy, who: str) -> Coverage:
    """The coverage that an operator says, with the figures that its letter states. Raises ValueError when it makes no sense here."""
    because = f"{who} said so"
    if kind == "monthly":
        if client is None or client.contract != "monthly":
            raise ValueError(f"{client.name if client else 'the requester'} has no monthly contract; give it one in the clients file first")
        return _by_month(client, because, policy)
    if kind == "hourly":
        return Coverage("hourly", because, rate=(client.rate if client else None) or policy.money.hourly_rate)
    if kind == "warranty":
        until = client.handed_over + timedelta(days=policy.warranty_days) if client and client.handed_over else None
        return Coverage("warranty", because, warranty_until=until)
    if kind == "courtesy" and client is None:
        raise ValueError("a courtesy is a client's, and the requester is none; `mailbot client add` makes him one")
    return Coverage("project", because) if kind == "project" else _offered(kind, because, client, policy)
