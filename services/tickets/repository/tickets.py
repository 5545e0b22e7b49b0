"""The tickets."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from services.tickets.domain.ticket import Ticket
from services.tickets.models import Filter
from shared.events import Person

_COLUMNS = {
    "id": "uuid",
    "tracking_code": "text",
    "contact_id": "uuid",
    "chat_id": "uuid",
    "channel": "text",
    "status": "text",
    "topic": "text",
    "unit": "text",
    "subject": "text",
    "name": "text",
    "email": "text",
    "phone": "text",
    "programme_number_sealed": "text",
    "programme_number_last4": "text",
    "policy_name": "text",
    "policy_version": "integer",
    "zone": "text",
    "opened_at": "timestamptz",
    "resolution_due_at": "timestamptz",
    "first_replied_at": "timestamptz",
    "resolved_at": "timestamptz",
    "escalation_level": "integer",
    "version": "integer",
    "correlation_id": "text",
}
_ALL = ", ".join(_COLUMNS)
_CHANGING = (
    "status",
    "topic",
    "unit",
    "subject",
    "name",
    "email",
    "phone",
    "programme_number_sealed",
    "programme_number_last4",
    "first_replied_at",
    "resolved_at",
    "escalation_level",
    "version",
)


def _unnest(columns: dict[str, str]) -> str:
    return ", ".join(f"CAST(:{name} AS {kind}[])" for name, kind in columns.items())


_INSERT = text(f"INSERT INTO tickets.tickets ({_ALL}) SELECT * FROM unnest({_unnest(_COLUMNS)})")
_CHANGES = {"id": "uuid"} | {name: _COLUMNS[name] for name in _CHANGING}
_UPDATE = text(f"""
    UPDATE tickets.tickets t SET {", ".join(f"{name} = u.{name}" for name in _CHANGING)}
    FROM unnest({_unnest(_CHANGES)}) AS u({", ".join(_CHANGES)}) WHERE t.id = u.id
""")


async def insert(session: AsyncSession, tickets: Sequence[Ticket]) -> None:
    """Writes new tickets, many at once."""
    if tickets:
        rows = [_row(ticket) for ticket in tickets]
        await session.execute(_INSERT, {name: [row[name] for row in rows] for name in _COLUMNS})


async def update(session: AsyncSession, tickets: Sequence[Ticket]) -> None:
    """Writes down how locked tickets changed, many at once."""
    if tickets:
        rows = [_row(ticket) for ticket in tickets]
        await session.execute(_UPDATE, {name: [row[name] for row in rows] for name in _CHANGES})


async def lock_chats(session: AsyncSession, chat_ids: Sequence[UUID]) -> dict[UUID, Ticket]:
    """The tickets of these chats, and the right to open one for each that has none.

    The locks are taken in order, so that two batches never wait for each other.
    """
    await session.execute(
        text("""
        SELECT pg_advisory_xact_lock(key) FROM (
            SELECT DISTINCT hashtextextended('chat ' || id, 0) AS key FROM unnest(CAST(:ids AS uuid[])) AS id
            ORDER BY key) AS keys
        """),
        {"ids": list(chat_ids)},
    )
    result = await session.execute(
        text(f"SELECT {_ALL} FROM tickets.tickets WHERE chat_id = ANY(:ids) ORDER BY id FOR UPDATE"),
        {"ids": list(chat_ids)},
    )
    return {row.chat_id: _ticket(row) for row in result}


async def lock(session: AsyncSession, ids: Sequence[UUID]) -> dict[UUID, Ticket]:
    """Those of the tickets that are there, held until the end of the transaction.

    Who adds to a trail holds its ticket: or he would take a place that others see only when they are past it.
    """
    result = await session.execute(
        text(f"SELECT {_ALL} FROM tickets.tickets WHERE id = ANY(:ids) ORDER BY id FOR UPDATE"), {"ids": list(ids)}
    )
    return {row.id: _ticket(row) for row in result}


async def get(session: AsyncSession, ticket_id: UUID) -> Ticket | None:
    return await _one(session, "id = :value", ticket_id)


async def find_by_code(session: AsyncSession, tracking_code: str) -> Ticket | None:
    return await _one(session, "tracking_code = :value", tracking_code)


async def page(session: AsyncSession, wanted: Filter, before: UUID | None, limit: int) -> list[Ticket]:
    """Tickets, newest first, that come after the one called `before` in that order."""
    conditions = {
        "status": "status = :status",
        "statuses": "status = ANY(:statuses)",
        "channel": "channel = :channel",
        "unit": "unit = :unit",
        "topic": "topic = :topic",
        "escalation_level": "escalation_level = :escalation_level",
        "tracking_code": "tracking_code = :tracking_code",
        "contact_id": "id IN (SELECT ticket_id FROM tickets.entries WHERE contact_id = :contact_id)",
        "opened_from": "opened_at >= :opened_from",
        "opened_to": "opened_at < :opened_to",
        "due_before": "resolution_due_at < :due_before AND status <> 'resolved'",
    }
    values = {name: value for name, value in asdict(wanted).items() if value is not None}
    where = [conditions[name] for name in values]
    if before is not None:
        where.append("id < :before")
        values["before"] = before
    clause = f"WHERE {' AND '.join(where)}" if where else ""
    result = await session.execute(
        text(f"SELECT {_ALL} FROM tickets.tickets {clause} ORDER BY id DESC LIMIT :limit"),
        {**values, "limit": limit},
    )
    return [_ticket(row) for row in result]


async def _one(session: AsyncSession, condition: str, value: object) -> Ticket | None:
    result = await session.execute(
        text(f"SELECT {_ALL} FROM tickets.tickets WHERE {condition}"),
        {"value": value},
    )
    row = result.one_or_none()
    return _ticket(row) if row else None


def _row(ticket: Ticket) -> dict[str, Any]:
    citizen = ticket.citizen
    whole = {"name": citizen.name, "email": citizen.email, "phone": citizen.phone}
    return {name: whole[name] if name in whole else getattr(ticket, name) for name in _COLUMNS}


def _ticket(row: Any) -> Ticket:
    values = dict(row._mapping)
    citizen = Person(name=values.pop("name"), email=values.pop("email"), phone=values.pop("phone"))
    return Ticket(citizen=citizen, **values)
