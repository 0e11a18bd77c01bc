"""Tickets as people look at them, in the shape of the contract."""

from typing import Any

from sqlalchemy import Connection, func, select

from mailbot.edge.db.tables import attachment, client, event, message, outbox, suggestion, ticket, work

_minutes = select(func.coalesce(func.sum(work.c.minutes), 0)).where(work.c.ticket == ticket.c.number).scalar_subquery()


def _query() -> Any:
    return select(
        ticket.c.number,
        ticket.c.status,
        client.c.name.label("client"),
        ticket.c.requester,
        ticket.c.subject,
        ticket.c.coverage,
        ticket.c.urgent,
        ticket.c.cause,
        ticket.c.cause_by,
        ticket.c.repeats,
        ticket.c.possible_repeat_of,
        ticket.c.related_to,
        ticket.c.merged_into,
        _minutes.label("minutes"),
        ticket.c.opened_at,
        ticket.c.verdict_due_at,
        ticket.c.first_response_at,
        ticket.c.closed_at,
        ticket.c.language,
    ).outerjoin(client, client.c.id == ticket.c.client_id)


def listed(connection: Connection, status: str | None = None) -> list[dict[str, Any]]:
    """All tickets by number, in the shape of the contract."""
    query = _query().order_by(ticket.c.number)
    return [dict(row) for row in connection.execute(query.where(ticket.c.status == status) if status else query).mappings()]


def shown(connection: Connection, number: int) -> dict[str, Any] | None:
    """One ticket with its messages, work, answers and events, in the shape of the contract; None when there is none."""
    row = connection.execute(_query().where(ticket.c.number == number)).mappings().first()
    if row is None:
        return None
    return dict(row) | {
        "possible_repeats": _rows(
            connection,
            select(suggestion.c.of, suggestion.c.score, suggestion.c.because)
            .where(suggestion.c.ticket == number)
            .order_by(suggestion.c.score.desc(), suggestion.c.of),
        ),
        "messages": _messages(connection, number),
        "work": _rows(
            connection,
            select(work.c.minutes, work.c.day, work.c.who, work.c.note, work.c.entered_at)
            .where(work.c.ticket == number)
            .order_by(work.c.id),
        ),
        "answers": _rows(
            connection,
            select(
                outbox.c.id,
                outbox.c.kind,
                outbox.c.to_addr.label("to"),
                outbox.c.subject,
                outbox.c.message_id,
                outbox.c.state,
                outbox.c.error,
                outbox.c.created_at,
            )
            .where(outbox.c.ticket == number)
            .order_by(outbox.c.id),
        ),
        "events": _rows(
            connection, select(event.c.at, event.c.what, event.c.who, event.c.detail).where(event.c.ticket == number).order_by(event.c.id)
        ),
    }


def _messages(connection: Connection, number: int) -> list[dict[str, Any]]:
    messages = [
        dict(one)
        for one in connection.execute(
            select(
                message.c.id,
                message.c.journal_id,
                message.c.direction,
                message.c.kind,
                message.c.message_id,
                message.c.from_addr,
                message.c.from_name,
                message.c.at,
                message.c.text,
                message.c.visible,
                message.c.because,
            )
            .where(message.c.ticket == number)
            .order_by(message.c.id)
        ).mappings()
    ]
    files: dict[int, list[dict[str, Any]]] = {}
    for file in connection.execute(
        select(
            attachment.c.message_id,
            attachment.c.filename,
            attachment.c.content_type,
            attachment.c.size,
            attachment.c.sha256,
            attachment.c.content_id,
            attachment.c.inline,
        )
        .where(attachment.c.message_id.in_([one["id"] for one in messages]))
        .order_by(attachment.c.id)
    ).mappings():
        held = dict(file)
        files.setdefault(held.pop("message_id"), []).append(held)
    for one in messages:
        one["attachments"] = files.get(one.pop("id"), [])
        one["from"] = {"name": one.pop("from_name"), "addr": one.pop("from_addr")}
        one["visible"] = one["text"] if one["visible"] is None else one["visible"]
    return messages


def _rows(connection: Connection, query: Any) -> list[dict[str, Any]]:
    return [dict(row) for row in connection.execute(query).mappings()]
