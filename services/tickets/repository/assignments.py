"""Which cases wait for somebody, how many somebody has, and why each went where it went."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncSession

from services.tickets.domain.routing import Look, Placing, Waiting
from services.tickets.domain.status import CATEGORY
from services.tickets.domain.ticket import Ticket
from services.tickets.models import Demand, Routing
from shared.ids import new_id

_OPEN = "status IN ('open', 'escalated')"
"""What the indices of the migration `0019_staff` hold: cases in which the next word is ours."""
_RANK = "CASE priority WHEN 'urgent' THEN 0 WHEN 'high' THEN 1 WHEN 'low' THEN 3 ELSE 2 END"
_ENDED = [status for status, category in CATEGORY.items() if category == "resolved"]
_MOST_KEPT = 100


async def hold_waiting(session: AsyncSession, demands: Sequence[Demand]) -> list[Waiting]:
    """The first cases of each unit that nobody has and somebody could take, held until the end of the transaction.

    One that somebody else holds is passed over: he may be claiming it.
    """
    found = await session.execute(
        text(f"""
        SELECT w.id, w.unit, w.topic, w.priority, w.opened_at, l.language
        FROM jsonb_to_recordset(CAST(:demands AS jsonb)) AS d(unit text, topics text[], most integer),
             LATERAL (SELECT id, unit, topic, priority, opened_at FROM tickets.tickets t
                      WHERE t.unit = d.unit AND assignee IS NULL AND {_OPEN}
                        AND (d.topics IS NULL OR t.topic IS NULL OR t.topic = ANY(d.topics))
                      ORDER BY {_RANK}, opened_at, id LIMIT d.most FOR UPDATE SKIP LOCKED) w
             LEFT JOIN tickets.languages l ON l.ticket_id = w.id
        """),
        {"demands": json.dumps([asdict(demand) for demand in demands])},
    )
    return [_waiting(row) for row in found]


async def waiting_of(session: AsyncSession, ticket: Ticket) -> Waiting:
    """What a ticket asks of whoever takes it."""
    language = await session.scalar(
        text("SELECT language FROM tickets.languages WHERE ticket_id = :id"), {"id": ticket.id}
    )
    return Waiting(ticket.id, ticket.unit, ticket.topic, ticket.priority, ticket.opened_at, language)


async def loads(session: AsyncSession, subjects: Sequence[str]) -> Mapping[str, int]:
    """How many open cases each of them has. Who holds the agents counts what stays so."""
    found = await session.execute(
        text(f"""
        SELECT assignee, count(*) AS load FROM tickets.tickets
        WHERE assignee = ANY(:subjects) AND assignee IS NOT NULL AND {_OPEN} GROUP BY assignee
        """),
        {"subjects": list(subjects)},
    )
    return {row.assignee: row.load for row in found}


async def ids_of(session: AsyncSession, subject: str) -> list[UUID]:
    """The cases that somebody has and that have not ended. They are not held."""
    found = await session.scalars(
        text("SELECT id FROM tickets.tickets WHERE assignee = :subject AND NOT status = ANY(:ended) ORDER BY id"),
        {"subject": subject, "ended": _ENDED},
    )
    return list(found)


async def keep(session: AsyncSession, placings: Sequence[Placing], now: datetime) -> None:
    """Keeps why cases went where they went. Of a case that waits only the last reason is kept."""
    await session.execute(
        text("DELETE FROM tickets.routings WHERE ticket_id = ANY(:ids) AND agent IS NULL"),
        {"ids": [placing.ticket_id for placing in placings if placing.agent is None]},
    )
    await session.execute(
        text("""
        INSERT INTO tickets.routings (id, ticket_id, at, agent, looks)
        SELECT id, ticket_id, :now, agent, looks
        FROM unnest(CAST(:ids AS uuid[]), CAST(:tickets AS uuid[]), CAST(:agents AS text[]), CAST(:looks AS jsonb[]))
            AS r(id, ticket_id, agent, looks)
        """),
        {
            "now": now,
            "ids": [new_id() for _ in placings],
            "tickets": [placing.ticket_id for placing in placings],
            "agents": [placing.agent for placing in placings],
            "looks": [json.dumps([asdict(look) for look in placing.looks]) for placing in placings],
        },
    )


async def last(session: AsyncSession, ids: Sequence[UUID]) -> dict[UUID, Routing]:
    """What was kept last of each of these tickets."""
    found = await session.execute(
        text("""
        SELECT DISTINCT ON (ticket_id) ticket_id, at, agent, looks FROM tickets.routings WHERE ticket_id = ANY(:ids)
        ORDER BY ticket_id, id DESC
        """),
        {"ids": list(ids)},
    )
    return {row.ticket_id: _routing(row) for row in found}


async def of_ticket(session: AsyncSession, ticket: Ticket) -> list[Routing]:
    """What was kept of a ticket, the newest first."""
    found = await session.execute(
        text(f"""
        SELECT at, agent, looks FROM tickets.routings WHERE ticket_id = :id ORDER BY id DESC LIMIT {_MOST_KEPT}
        """),
        {"id": ticket.id},
    )
    return [_routing(row) for row in found]


async def set_language(session: AsyncSession, ticket: Ticket, language: str) -> None:
    await session.execute(
        text("""
        INSERT INTO tickets.languages (ticket_id, language) VALUES (:id, :language)
        ON CONFLICT (ticket_id) DO UPDATE SET language = excluded.language
        """),
        {"id": ticket.id, "language": language},
    )


def _waiting(row: Row[Any]) -> Waiting:
    return Waiting(row.id, row.unit, row.topic, row.priority, row.opened_at, row.language)


def _routing(row: Row[Any]) -> Routing:
    return Routing(row.at, row.agent, tuple(Look(**look) for look in row.looks))
