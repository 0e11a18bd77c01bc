"""Commands about causes and urgency, and what is learned of them."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from mailbot.cli.common import LARGEST, Json, cell, desk, operator, print_json, say, show_rows
from mailbot.errors import PermanentError

if TYPE_CHECKING:
    from mailbot.learn import Taught, TaughtRepeats

Number = Annotated[int, typer.Argument(metavar="N", help="The ticket's number.", min=1, max=LARGEST)]


def register(app: typer.Typer) -> None:
    """Add these commands to the program."""
    for command in (cause, urgent, fixed, learn):
        app.command()(command)


def cause(number: Number, name: Annotated[str, typer.Argument(metavar="NAME", help="A name of [causes] tree.")]) -> None:
    """Say what a ticket was about; mailbot learns from it."""
    from mailbot.operate import name_cause

    app = desk()
    with app.desk.database.writing() as transaction:
        done = name_cause(transaction, app.desk, number, name, operator(), app.desk.clock())
    say(f"ticket {number}: cause {done.values['cause']}")


def urgent(number: Number, no: Annotated[bool, typer.Option("--no", help="It is not urgent.")] = False) -> None:
    """Say that a ticket is urgent, or that it is not; the promised time of the first answer follows, and mailbot learns from it."""
    from mailbot.operate import call_urgent

    app = desk()
    with app.desk.database.writing() as transaction:
        due_at = call_urgent(transaction, app.desk, number, not no, operator(), app.desk.clock()).values["due_at"]
    promise = f", first answer by {cell(due_at)}" if due_at else ""
    say(f"ticket {number}: {'not urgent' if no else 'urgent'}{promise}")


def fixed(
    cause: Annotated[str | None, typer.Argument(metavar="[CAUSE]", help="A name of [causes] tree; without it all are listed.")] = None,
    on: Annotated[datetime | None, typer.Option("--on", formats=["%Y-%m-%d"], help="The day; today when not given.")] = None,
    no: Annotated[bool, typer.Option("--no", help="Take the mark back.")] = False,
    as_json: Json = False,
) -> None:
    """Mark a cause as fixed on a day: the weekly summary shows how many tickets had it before and since."""
    from mailbot.edge.db import learned
    from mailbot.operate import known_cause

    app = desk()
    now = app.desk.clock()
    today = now.astimezone(app.desk.policy.timezone).date()
    day = on.date() if on else today
    if cause is not None:
        if day > today:
            raise PermanentError(f"{day} is in the future; nothing was marked")
        name = cause if no else known_cause(app.desk, cause)  # one that left the tree can still be taken back
        with app.desk.database.writing() as transaction:
            before = learned.set_fixed(transaction, name, None if no else day, operator(), now)
        if no and not before:
            raise PermanentError(f"cause {name} is not marked as fixed; `mailbot fixed` lists those that are")
        if not as_json:
            say(f"cause {name}: no longer marked as fixed" if no else f"cause {name}: fixed on {day}")
            return
    elif no or on:
        raise typer.BadParameter("which cause? `mailbot fixed CAUSE`")
    with app.desk.database.reading() as transaction:
        rows = [asdict(one) for one in learned.fixed_causes(transaction)]
    show_rows(rows, as_json, {"cause": "cause", "fixed on": "day", "said by": "who"}, "No cause is marked as fixed; `mailbot fixed CAUSE`.")


def learn(as_json: Json = False) -> None:
    """Learn now from what operators said, and print what came of it; the daemon does it by itself, in the background."""
    from mailbot.edge.db.learned import MODELS
    from mailbot.learn import repeats, train

    app = desk()
    taught, answers = [train(app.desk, what) for what in MODELS], repeats(app.desk)
    if as_json:
        print_json(_as_json(taught, answers))
        return
    for one in taught:
        say(f"{_NAMES[one.what]}: {_in_words(one)}")
    say(f"repeats: {_repeats_in_words(answers)}")


_NAMES = {"cause": "causes", "urgent": "urgency"}


def _in_words(one: "Taught") -> str:
    from mailbot.core.desk.causes.training import ENOUGH, PROMISE

    labels = f"{one.labels} {'ticket' if one.labels == 1 else 'tickets'} labelled"
    if one.speaks_from is not None:
        return f"{labels}; speaks from a confidence of {one.speaks_from:.2f}, which it would have had on {one.answered:.0%} of them"
    if one.causes < 2:
        return f"{labels}; says nothing yet, it needs labels of at least two kinds"
    if one.labels < ENOUGH:
        return f"{labels}; says nothing yet, it needs {ENOUGH} at least"
    return f"{labels}; says nothing yet, because not {PROMISE:.0%} of what it would say are sure to be right"


def _repeats_in_words(answers: "TaughtRepeats") -> str:
    said = f"{answers.confirmed} confirmed, {answers.refused} refused; "
    if answers.joins_from is not None:
        return f"{said}a score from {answers.joins_from:.2f} on joins by itself"
    return f"{said}none joins by itself yet, {answers.needed} in a row are needed, there are {answers.in_a_row}"


def _as_json(taught: Sequence["Taught"], answers: "TaughtRepeats") -> dict[str, Any]:
    models = {_NAMES[one.what]: {key: value for key, value in asdict(one).items() if key != "what"} for one in taught}
    return {**models, "repeats": asdict(answers)}
