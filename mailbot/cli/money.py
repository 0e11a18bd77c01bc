"""Commands about what work costs: what covers a ticket, estimates, and a client's price."""

from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, Any

import typer

from mailbot.cli.common import LARGEST, Json, address_of, desk, minutes_of, operator, print_json, say
from mailbot.errors import PermanentError

if TYPE_CHECKING:
    from mailbot.core.money.quote import Quote

_CENTIHOUR = Decimal("0.01")
Number = Annotated[int, typer.Argument(metavar="N", help="The ticket's number.", min=1, max=LARGEST)]


def register(app: typer.Typer) -> None:
    """Add these commands to the program."""
    for command in (coverage, estimate, quote):
        app.command()(command)


def coverage(
    number: Number,
    kind: Annotated[str, typer.Argument(metavar="KIND", help="project, warranty, monthly, hourly, courtesy or none.")],
) -> None:
    """Say what covers a ticket; the client is told the terms again."""
    from mailbot.offers import cover

    app = desk()
    with app.desk.database.writing() as transaction:
        done = cover(transaction, app.desk, number, kind, operator(), app.desk.clock())
    say(f"ticket {number}: coverage {done.values['kind']}, {'the client is told' if done.values['told'] else 'the client is not told'}")


def estimate(
    number: Number,
    time: Annotated[str, typer.Argument(metavar="TIME", help="How long the work will take: 3h, 1h30m, 90.")],
    text: Annotated[str, typer.Option("--text", "-t", help="Words for the client, to go with it.")] = "",
) -> None:
    """Send the client an estimate of a ticket's work; his agreement is kept."""
    from mailbot.offers import estimate as send

    minutes = minutes_of(time)
    app = desk()
    with app.desk.database.writing() as transaction:
        done = send(transaction, app.desk, number, minutes, text, operator(), app.desk.clock())
    say(f"ticket {number}: estimate of {done.values['minutes']} min, {done.values['amount']} {app.config.money.currency}, is queued")


def quote(
    client: Annotated[str, typer.Argument(metavar="CLIENT", help="The client's name.")],
    send: Annotated[bool, typer.Option("--send", help="Send the price to the client as a proposal; his agreement is kept.")] = False,
    to: Annotated[str | None, typer.Option("--to", metavar="ADDRESS", help="To whom; else to the contact who wrote last.")] = None,
    as_json: Json = False,
) -> None:
    """Print a client's price of support with its arithmetic, month by month, beside what he pays."""
    from mailbot.core.money.quote import quote_of
    from mailbot.edge.db import clients, story

    if to is not None and not send:
        raise typer.BadParameter("--to goes with --send")
    to = None if to is None else address_of(to)
    app = desk()
    now, policy = app.desk.clock(), app.desk.policy
    with app.desk.database.writing() if send else app.desk.database.reading() as transaction:
        client_id = clients.id_by_name(transaction, client)
        if client_id is None:
            raise PermanentError(f"no client {client!r}; `mailbot client list` lists them")
        known = clients.load_client(transaction, client_id, now, policy.timezone, policy.money)
        found = quote_of(known, now.astimezone(policy.timezone).date(), policy.money)
        if send:
            from mailbot.offers import propose  # it brings what reads mail

            to = to or story.contact_of(transaction, client_id)
            if to is None:
                raise PermanentError(f"client {known.name} has no contact to write to; name one with --to")
            propose(transaction, app.desk, known, found, to, now)
    if as_json:
        print_json(_plain(found))
        return
    for line in _lines(found, app.config.money.currency):
        say(line)
    if send:
        say(f"queued for {to}")


def _plain(found: "Quote") -> dict[str, Any]:
    price = found.price
    return {
        "client": found.client,
        "months": [{"month": f"{one.first:%Y-%m}", "minutes": one.minutes, "would_cost": one.would_cost} for one in found.months],
        "hours": f"{price.hours.quantize(_CENTIHOUR).normalize():f}" if price else "0",
        "hourly_rate": found.hourly_rate,
        "markup": found.markup,
        "step": found.step,
        "price": price.amount if price else None,
        "arithmetic": price.arithmetic if price else "no full month lies behind this client",
        "pays": found.pays,
    }


def _lines(found: "Quote", currency: str) -> list[str]:
    months = [f"  {one.first:%Y-%m}  {one.minutes:6} min   alone {one.would_cost} {currency}" for one in found.months]
    lines = [f"{found.client}: the price of support", *months]
    if found.price is None:
        return [*lines, "  no full month lies behind this client, so there is no price yet"]
    lines.append(f"  {found.price.arithmetic} {currency} a month")
    if found.pays is None:
        return [*lines, "  no monthly contract"]
    over = found.price.amount - found.pays
    beside = f"{over} {currency} less than the price" if over > 0 else "not less than the price"
    return [*lines, f"  pays {found.pays} {currency} a month, {beside}"]
