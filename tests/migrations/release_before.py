"""What the release before `tickets_0006` says to the database of tickets: its statements, word for word."""

from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from shared.paging import page_of

_TYPES = {
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
_AUDIT = {
    "id": "uuid",
    "ticket_id": "uuid",
    "version": "integer",
    "actor": "text",
    "verb": "text",
    "detail": "text",
    "at": "timestamptz",
}


def _unnest(columns: dict[str, str]) -> str:
    return ", ".join(f"CAST(:{name} AS {kind}[])" for name, kind in columns.items())


async def insert_ticket(session: AsyncSession, row: dict[str, Any]) -> None:
    await session.execute(
        text(f"INSERT INTO tickets.tickets ({', '.join(_TYPES)}) SELECT * FROM unnest({_unnest(_TYPES)})"),
        {name: [row[name]] for name in _TYPES},
    )


async def update_ticket(session: AsyncSession, row: dict[str, Any]) -> None:
    columns = {"id": "uuid"} | {name: _TYPES[name] for name in _CHANGING}
    await session.execute(
        text(f"""
        UPDATE tickets.tickets t SET {", ".join(f"{name} = u.{name}" for name in _CHANGING)}
        FROM unnest({_unnest(columns)}) AS u({", ".join(columns)}) WHERE t.id = u.id
        """),
        {name: [row[name]] for name in columns},
    )


async def get_ticket(session: AsyncSession, ticket_id: UUID) -> dict[str, Any]:
    result = await session.execute(
        text(f"SELECT {', '.join(_TYPES)} FROM tickets.tickets WHERE id = :value FOR UPDATE"), {"value": ticket_id}
    )
    return dict(result.one()._mapping)


async def reseal(session: AsyncSession, old: str, new: str) -> None:
    await session.execute(
        text("UPDATE tickets.tickets t SET programme_number_sealed = :new WHERE t.programme_number_sealed = :old"),
        {"old": old, "new": new},
    )


async def insert_audit(session: AsyncSession, row: dict[str, Any]) -> None:
    await session.execute(
        text(f"INSERT INTO tickets.audit ({', '.join(_AUDIT)}) SELECT * FROM unnest({_unnest(_AUDIT)})"),
        {name: [row[name]] for name in _AUDIT},
    )


async def audit_of(session: AsyncSession, ticket_id: UUID) -> list[dict[str, Any]]:
    rows = f"""
        SELECT {", ".join(_AUDIT)}, coalesce(place, 0) AS place FROM tickets.audit
        WHERE ticket_id = :ticket_id AND (coalesce(place, 0), id) > (:after_place, CAST(:after_id AS uuid))
    """
    found = await session.execute(
        text(page_of(rows, order="place, id", body="detail")),
        {"ticket_id": ticket_id, "after_place": 0, "after_id": UUID(int=0), "limit": 100},
    )
    return [dict(row._mapping) for row in found]
