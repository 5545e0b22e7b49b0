"""The tickets."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from services.tickets.domain.ticket import Ticket
from services.tickets.models import Filter
from shared.rows import Table

TICKETS = Table("tickets.tickets", Ticket)
_RUNNING = "SELECT ticket_id FROM tickets.clocks WHERE kind = 'resolution' AND stopped_at IS NULL"


async def insert(session: AsyncSession, tickets: Sequence[Ticket]) -> None:
    """Writes new tickets, many at once."""
    await TICKETS.insert_many(session, tickets)


async def update(session: AsyncSession, tickets: Sequence[Ticket]) -> None:
    """Writes down how locked tickets changed, many at once."""
    await TICKETS.update_many(session, tickets)


async def lock_chats(session: AsyncSession, chat_ids: Sequence[UUID]) -> list[Ticket]:
    """The tickets of these chats, held until the end of the transaction, and the right to open one for each other chat.

    The locks are taken in order, so that two batches never wait for each other.
    """
    if not chat_ids:
        return []
    await session.execute(
        text("""
        SELECT pg_advisory_xact_lock(key) FROM (
            SELECT DISTINCT hashtextextended('chat ' || id, 0) AS key FROM unnest(CAST(:ids AS uuid[])) AS id
            ORDER BY key) AS keys
        """),
        {"ids": list(chat_ids)},
    )
    return await _find(session, "chat_id = ANY(:ids) ORDER BY id FOR UPDATE", ids=list(chat_ids))


async def lock(session: AsyncSession, ids: Sequence[UUID]) -> list[Ticket]:
    """Those of the tickets that are there, held until the end of the transaction.

    Who adds to a trail holds its ticket: or he would take a place that others see only when they are past it.
    """
    return await _find(session, "id = ANY(:ids) ORDER BY id FOR UPDATE", ids=list(ids))


async def get(session: AsyncSession, ticket_id: UUID) -> list[Ticket]:
    """The ticket, if there is one."""
    return await _find(session, "id = :id", id=ticket_id)


async def find_by_code(session: AsyncSession, tracking_code: str) -> list[Ticket]:
    """The ticket with this code, if there is one."""
    return await _find(session, "tracking_code = :code", code=tracking_code)


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
        "due_before": f"id IN ({_RUNNING} AND due_at < :due_before)",
    }
    values = {name: value for name, value in asdict(wanted).items() if value is not None}
    where = [conditions[name] for name in values]
    if before is not None:
        where.append("id < :before")
        values["before"] = before
    return await _find(session, f"{' AND '.join(where) or 'true'} ORDER BY id DESC LIMIT :limit", **values, limit=limit)


async def _find(session: AsyncSession, condition: str, **values: Any) -> list[Ticket]:
    found = await session.execute(
        text(f"SELECT {TICKETS.select('t')} FROM tickets.tickets t WHERE {condition}"), values
    )
    return [TICKETS.read(row, "t") for row in found]
