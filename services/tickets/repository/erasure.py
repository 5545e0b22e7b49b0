"""Erasing a citizen: what is his, how it goes, and that it was done."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from shared.events import CitizenErasedData
from shared.rows import Table

_FREE_TEXTS = ["reason", "error", "because", "detail"]
"""What data of happenings say in free words, whatever the kind. The reason of a notice is a word, and goes along."""


@dataclass(frozen=True, slots=True)
class Erasure:
    """That a citizen was erased, with so many tickets."""

    id: UUID
    citizen_id: UUID
    reason: str
    erased_by: str
    erased_at: datetime
    tickets: int


ERASURES = Table("tickets.erasures", Erasure)


async def remember(session: AsyncSession, erasure: Erasure) -> None:
    """Writes down that it was done."""
    await ERASURES.insert_many(session, [erasure])


async def citizen_of_code(session: AsyncSession, tracking_code: str) -> UUID | None:
    """Whose case has this code."""
    found: UUID | None = await session.scalar(
        text("SELECT citizen_id FROM tickets.tickets WHERE tracking_code = :code"), {"code": tracking_code}
    )
    return found


async def find(session: AsyncSession, citizen_id: UUID, now: datetime) -> CitizenErasedData | None:
    """By what others find what they keep of a citizen; None if there is no such citizen. His tickets are held."""
    known = await session.scalar(text("SELECT id FROM tickets.citizens WHERE id = :id FOR UPDATE"), {"id": citizen_id})
    if known is None:
        return None
    found = await session.execute(
        text("""
        SELECT id, contact_id, chat_id FROM tickets.tickets WHERE citizen_id = :id ORDER BY id FOR UPDATE
        """),
        {"id": citizen_id},
    )
    tickets = list(found)
    said = await session.scalars(
        text("SELECT contact_id FROM tickets.entries WHERE ticket_id = ANY(:ids) AND contact_id IS NOT NULL"),
        {"ids": [ticket.id for ticket in tickets]},
    )
    return CitizenErasedData(
        citizen_id=citizen_id,
        ticket_ids=tuple(ticket.id for ticket in tickets),
        contact_ids=tuple(sorted({*said, *(ticket.contact_id for ticket in tickets)})),
        chat_ids=tuple(ticket.chat_id for ticket in tickets if ticket.chat_id),
        erased_at=now,
    )


async def erase(session: AsyncSession, whose: CitizenErasedData) -> None:
    """Removes who the citizen is, and what was written in his cases. Triggers clear the columns of older releases."""
    values = {"id": whose.citizen_id, "tickets": list(whose.ticket_ids)}
    await session.execute(text("DELETE FROM tickets.handles WHERE citizen_id = :id"), values)
    await session.execute(text("UPDATE tickets.citizens SET name = NULL, version = version + 1 WHERE id = :id"), values)
    await session.execute(text("UPDATE tickets.tickets SET subject = '' WHERE id = ANY(:tickets)"), values)
    await session.execute(text("UPDATE tickets.entries SET body = '' WHERE ticket_id = ANY(:tickets)"), values)
    await session.execute(text("DELETE FROM tickets.found_by WHERE ticket_id = ANY(:tickets)"), values)
    await _erase_trails(session, list(whose.ticket_ids))


async def _erase_trails(session: AsyncSession, tickets: Sequence[UUID]) -> None:
    """Puts digests into the place of free texts, made with the salt of a row that is sealed: its seal still fits."""
    await session.execute(
        text("""
        UPDATE tickets.happenings h SET data = (
            SELECT jsonb_object_agg(d.name, CASE
                WHEN d.name = ANY(CAST(:names AS text[])) AND jsonb_typeof(d.value) = 'string' AND d.told <> ''
                THEN jsonb_build_object('sha256', encode(sha256(convert_to(s.salt || d.told, 'UTF8')), 'hex'))
                ELSE d.value END)
            FROM (SELECT key AS name, value, value #>> '{}' AS told FROM jsonb_each(h.data)) AS d)
        FROM (
            SELECT id, coalesce(to_jsonb(r) ->> 'salt', CAST(gen_random_uuid() AS text)) AS salt
            FROM tickets.happenings r WHERE ticket_id = ANY(:tickets)
        ) s WHERE s.id = h.id AND jsonb_exists_any(h.data, CAST(:names AS text[]))
        """),
        {"tickets": list(tickets), "names": _FREE_TEXTS},
    )
    await session.execute(  # what older releases read
        text("UPDATE tickets.audit SET detail = '' WHERE ticket_id = ANY(:tickets) AND verb <> 'opened'"),
        {"tickets": list(tickets)},
    )


async def known(session: AsyncSession, whose: CitizenErasedData) -> dict[str, Sequence[Any]]:
    """The rows about a citizen, by what they are."""
    values = {"id": whose.citizen_id, "tickets": list(whose.ticket_ids)}
    questions = {
        "citizen": "SELECT id, name, created_at FROM tickets.citizens WHERE id = :id",
        "handles": """SELECT kind, value, last4, first_seen_at FROM tickets.handles WHERE citizen_id = :id
                      ORDER BY first_seen_at, id""",
        "tickets": """SELECT id, tracking_code, channel, status, topic, unit, subject, opened_at, resolved_at
                      FROM tickets.tickets WHERE id = ANY(:tickets) ORDER BY id""",
        "conversation": """SELECT ticket_id, author, body, at FROM tickets.entries
                           WHERE ticket_id = ANY(:tickets) AND author IN ('citizen', 'agent')
                           ORDER BY ticket_id, coalesce(place, 0), id""",
    }
    return {name: (await session.execute(text(sql), values)).all() for name, sql in questions.items()}
