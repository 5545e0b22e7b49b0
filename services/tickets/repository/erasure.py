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

_HIS_LINES = """((e.ticket_id = ANY(:tickets) AND e.said_to IS NULL) OR e.said_to = ANY(:tickets))"""


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
    """Whose case has this code, or was joined by what has it."""
    found: UUID | None = await session.scalar(
        text("""
        SELECT citizen_id FROM tickets.tickets WHERE tracking_code = :code
        UNION ALL SELECT t.citizen_id FROM tickets.codes c JOIN tickets.tickets t ON t.id = c.ticket_id
        WHERE c.code = :code
        LIMIT 1
        """),
        {"code": tracking_code},
    )
    return found


async def family(session: AsyncSession, citizen_id: UUID) -> list[UUID]:
    """The citizen with all that are one with him, whoever was merged into whom; none if there is no such citizen. They
    are held.
    """
    found = await session.scalars(
        text("""
        WITH RECURSIVE up AS (
            SELECT id, merged_into FROM tickets.citizens WHERE id = :id
            UNION SELECT c.id, c.merged_into FROM up JOIN tickets.citizens c ON c.id = up.merged_into
        ), down AS (
            SELECT id FROM up WHERE merged_into IS NULL
            UNION SELECT c.id FROM down JOIN tickets.citizens c ON c.merged_into = down.id
        )
        SELECT id FROM tickets.citizens WHERE id IN (SELECT id FROM down) ORDER BY id FOR UPDATE
        """),
        {"id": citizen_id},
    )
    return list(found)


async def find(session: AsyncSession, citizen_id: UUID, citizens: Sequence[UUID], now: datetime) -> CitizenErasedData:
    """By what others find what they keep of these citizens, who are one. Their tickets are held. What others said in
    a case that theirs was merged with is none of it.
    """
    found = await session.execute(
        text("""
        SELECT id, tracking_code, contact_id, chat_id FROM tickets.tickets
        WHERE citizen_id = ANY(:citizens) ORDER BY id FOR UPDATE
        """),
        {"citizens": list(citizens)},
    )
    tickets = list(found)
    said = await session.execute(
        text(f"""
        SELECT e.contact_id, c.chat_id, c.code FROM tickets.entries e
        LEFT JOIN tickets.codes c ON c.contact_id = e.contact_id WHERE {_HIS_LINES} AND e.contact_id IS NOT NULL
        """),
        {"tickets": [ticket.id for ticket in tickets]},
    )
    lines = list(said)
    return CitizenErasedData(
        citizen_id=citizen_id,
        ticket_ids=tuple(ticket.id for ticket in tickets),
        tracking_codes=tuple(
            sorted({*(t.tracking_code for t in tickets), *(line.code for line in lines if line.code)})
        ),
        contact_ids=tuple(sorted({*(t.contact_id for t in tickets), *(line.contact_id for line in lines)})),
        chat_ids=tuple(sorted({row.chat_id for row in (*tickets, *lines) if row.chat_id})),
        erased_at=now,
    )


async def erase(session: AsyncSession, whose: CitizenErasedData, citizens: Sequence[UUID]) -> None:
    """Removes who the citizens are, and what was written in their cases; of a case that theirs was merged with, what
    they said, and what was answered there. Triggers clear the columns of older releases.
    """
    values = {"citizens": list(citizens), "tickets": list(whose.ticket_ids)}
    for statement in (
        "DELETE FROM tickets.handles WHERE citizen_id = ANY(:citizens)",
        "UPDATE tickets.citizens SET name = NULL, version = version + 1 WHERE id = ANY(:citizens)",
        "UPDATE tickets.citizen_merges SET reason = '' WHERE citizen_id = ANY(:citizens) OR into_id = ANY(:citizens)",
        "UPDATE tickets.tickets SET subject = '' WHERE id = ANY(:tickets)",
        f"""DELETE FROM tickets.found_by WHERE ticket_id = ANY(:tickets)
            OR ticket_id IN (SELECT e.ticket_id FROM tickets.entries e WHERE {_HIS_LINES})""",
        f"""UPDATE tickets.entries SET body = '' WHERE author = 'agent' AND ticket_id IN (
            SELECT e.ticket_id FROM tickets.entries e WHERE {_HIS_LINES})""",
        f"UPDATE tickets.entries e SET body = '' WHERE {_HIS_LINES}",
    ):
        await session.execute(text(statement), values)
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


async def known(session: AsyncSession, whose: CitizenErasedData, citizens: Sequence[UUID]) -> dict[str, Sequence[Any]]:
    """The rows about a citizen, by what they are."""
    values = {"citizens": list(citizens), "tickets": list(whose.ticket_ids)}
    questions = {
        "citizen": "SELECT id, name, created_at FROM tickets.citizens WHERE id = ANY(:citizens) ORDER BY id",
        "handles": """SELECT kind, value, last4, first_seen_at FROM tickets.handles
                      WHERE citizen_id = ANY(:citizens) ORDER BY first_seen_at, id""",
        "tickets": """SELECT id, tracking_code, channel, status, topic, unit, subject, opened_at, resolved_at
                      FROM tickets.tickets WHERE id = ANY(:tickets) ORDER BY id""",
        "conversation": f"""SELECT e.ticket_id, e.author, e.body, e.at FROM tickets.entries e
                            WHERE {_HIS_LINES} AND e.author IN ('citizen', 'agent') AND NOT e.is_internal
                            ORDER BY e.ticket_id, coalesce(e.place, 0), e.id""",
    }
    return {name: (await session.execute(text(sql), values)).all() for name, sql in questions.items()}
