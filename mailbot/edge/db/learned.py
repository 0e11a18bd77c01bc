"""What was learned from labels: models of causes and of urgency, what to believe of likely repeats. And which causes are fixed."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, and_, bindparam, delete, func, insert, select, update

from mailbot.core.desk.repeats.learning import learn
from mailbot.core.mail.visible import visible_reply
from mailbot.edge.db.tables import fixed, insert_or_ignore, label, learned, message, ticket

if TYPE_CHECKING:
    from mailbot.core.desk.causes.model import Model

MODELS = ("cause", "urgent")
TEXT_READ = 20_000  # characters of a mail of which the own words are taken: a model reads fewer still
_KEPT = 8  # models that a process keeps


# Models

_kept: dict[str, "Model | None"] = {}  # by the digest of their octets: so it serves every database, and no rollback makes it wrong
_digests = select(learned.c.name, learned.c.sha256).where(learned.c.name.in_(MODELS))
_octets = select(learned.c.octets).where(learned.c.sha256 == bindparam("digest")).limit(1)


def models(connection: Connection) -> Mapping[str, "Model"]:
    """The models by name, read when they are new to this process. One of another version is not there: it must be trained anew."""
    found = {row.name: _known(connection, row.sha256) for row in connection.execute(_digests)}
    return {name: model for name, model in found.items() if model is not None}


def _known(connection: Connection, digest: str) -> "Model | None":
    if digest not in _kept:
        octets = connection.scalar(_octets, {"digest": digest})
        if octets is None:  # it has just been replaced
            return None
        while len(_kept) >= _KEPT:
            del _kept[next(iter(_kept))]
        _kept[digest] = _read(octets, digest)
    return _kept[digest]


def _read(octets: bytes, digest: str) -> "Model | None":
    """The model, or None when it must be trained anew: of another version, or damaged, where most changes would make another model."""
    from mailbot.core.desk.causes.model import Model

    try:
        return Model.from_octets(octets) if sha256(octets).hexdigest() == digest else None
    except ValueError:
        return None


def keep(connection: Connection, name: str, octets: bytes, labels: int, now: datetime) -> bool:
    """Keep what was learned from the labels up to the id `labels`; False when another process learned from newer ones."""
    values = {"octets": octets, "sha256": sha256(octets).hexdigest(), "labels": labels, "trained_at": now}
    first = insert_or_ignore(connection, learned).returning(learned.c.name)
    if connection.scalar(first, {"name": name, **values}) is not None:
        return True
    known = update(learned).where(learned.c.name == name, learned.c.labels <= labels)
    return connection.execute(known.values(values)).rowcount == 1


def correct(connection: Connection, what: str, number: int, value: str) -> None:
    """The step between two trainings: the model says of this ticket's text what the operator said. Nothing where there is no model."""
    held = connection.execute(select(learned.c.octets, learned.c.sha256).where(learned.c.name == what).with_for_update()).first()
    model = _read(held.octets, held.sha256) if held is not None else None
    row = connection.execute(_openings().where(ticket.c.number == number)).first()
    if model is None or row is None:
        return
    octets = model.step(_text(row), value).to_octets()
    connection.execute(update(learned).where(learned.c.name == what).values(octets=octets, sha256=sha256(octets).hexdigest()))


# Labels


def _openings(*more: Any) -> Any:
    """The tickets with the mail that opened each. One that was merged has none: what it asked is a repeat of another."""
    opening = and_(message.c.ticket == ticket.c.number, message.c.kind == "request")
    return select(ticket.c.subject, func.substr(message.c.text, 1, TEXT_READ).label("text"), *more).join(message, opening)


def _text(row: Any) -> str:
    """What a model reads of a ticket: the same as intake shows it of a new mail."""
    return f"{row.subject}\n{visible_reply(row.text)}"


def _newest(what: str) -> Any:
    return select(func.max(label.c.id)).where(label.c.what == what).group_by(label.c.ticket)


def examples(connection: Connection, what: str, most: int) -> tuple[list[tuple[str, str]], int]:
    """((text, value) of the newest label of each ticket, at most so many and the oldest first; the newest label's id, 0 for none)."""
    newest = connection.scalar(select(func.max(label.c.id)).where(label.c.what == what)) or 0
    query = _openings(label.c.value).join(label, label.c.ticket == ticket.c.number)
    rows = connection.execute(query.where(label.c.id.in_(_newest(what)), label.c.id <= newest).order_by(label.c.id.desc()).limit(most))
    return [(_text(row), row.value) for row in rows][::-1], newest


def later(connection: Connection, what: str, newest: int) -> Sequence[tuple[int, str]]:
    """(ticket, value) of the labels that came after that one."""
    rows = connection.execute(select(label.c.ticket, label.c.value).where(label.c.what == what, label.c.id > newest).order_by(label.c.id))
    return [(row.ticket, row.value) for row in rows]


def waits(connection: Connection, what: str, least: int) -> bool:
    """Whether a model is to be trained: of at least so many labels there are new ones, or what was learned cannot be read."""
    some = select(label.c.id).where(label.c.what == what).limit(least).subquery()
    if (connection.scalar(select(func.count()).select_from(some)) or 0) < least:
        return False
    newest = connection.scalar(select(func.max(label.c.id)).where(label.c.what == what)) or 0
    seen = connection.scalar(select(learned.c.labels).where(learned.c.name == what))
    return seen is None or seen < newest or what not in models(connection)


# Repeats


def answers(connection: Connection) -> tuple[list[tuple[float, bool]], int]:
    """((score, whether it was the same request) of each suggestion that an operator decided, the newest label's id)."""
    scored = (label.c.what == "repeat", label.c.score.is_not(None))
    newest = select(func.max(label.c.id)).where(*scored).group_by(label.c.ticket, label.c.of)
    rows = connection.execute(select(label.c.id, label.c.score, label.c.value).where(label.c.id.in_(newest)).order_by(label.c.id)).all()
    return [(row.score, row.value == "yes") for row in rows], rows[-1].id if rows else 0


def relearn_repeats(connection: Connection, now: datetime) -> None:
    """Learn anew what the operators' answers to suggestions teach: how far a score is believed, and from where on it may join."""
    said, newest = answers(connection)
    keep(connection, "repeat", json.dumps(asdict(learn(said))).encode(), newest, now)


# Fixed causes


@dataclass(frozen=True, slots=True)
class Fixed:
    """A cause that an operator called fixed."""

    cause: str
    day: date
    who: str


def fixed_causes(connection: Connection) -> list[Fixed]:
    """The fixed causes, the newest first."""
    rows = connection.execute(select(fixed.c.cause, fixed.c.day, fixed.c.who).order_by(fixed.c.day.desc(), fixed.c.cause))
    return [Fixed(row.cause, row.day, row.who) for row in rows]


def set_fixed(connection: Connection, cause: str, day: date | None, who: str, now: datetime) -> bool:
    """Mark a cause as fixed on a day, or take that back (None); whether it was marked before."""
    before = connection.execute(delete(fixed).where(fixed.c.cause == cause)).rowcount > 0
    if day is not None:
        connection.execute(insert(fixed).values(cause=cause, day=day, who=who, at=now))
    return before
