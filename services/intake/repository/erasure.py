"""Erasing a citizen: what he brought, where it came from, who called, and whom we were to call back."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from services.intake.repository import attachments
from services.intake.repository.retention import OF_WHOM
from shared.events import CitizenErasedData


@dataclass(frozen=True, slots=True)
class Brought:
    """What a citizen brought: the contacts with the chats that they are in, their codes, and his telephone numbers."""

    contacts: Sequence[UUID]
    chats: Sequence[UUID]
    codes: Sequence[str]
    phones: Sequence[str]


async def brought(session: AsyncSession, whose: CitizenErasedData) -> Brought:
    """What he brought, also what has no ticket yet; it is held."""
    found = await session.execute(
        text("""
        SELECT id, chat_id, tracking_code, phone FROM intake.contacts
        WHERE id = ANY(:contacts) OR chat_id = ANY(:chats) ORDER BY id FOR UPDATE
        """),
        {"contacts": list(whose.contact_ids), "chats": list(whose.chat_ids)},
    )
    rows = list(found)
    return Brought(
        contacts=[row.id for row in rows],
        chats=sorted({row.chat_id for row in rows if row.chat_id}),
        codes=sorted({row.tracking_code for row in rows}),
        phones=sorted({row.phone for row in rows if row.phone}),
    )


async def erase(session: AsyncSession, what: Brought, now: datetime) -> None:
    """Removes who brought it, and what it says, with the bytes in which it came."""
    values = {"contacts": list(what.contacts), "chats": list(what.chats), "now": now}
    removed = "text_removed_at = coalesce(text_removed_at, :now)"
    await attachments.remove_of(session, what.contacts)
    for statement in (
        f"UPDATE intake.contacts SET {OF_WHOM}, subject = '', body = '', {removed} WHERE id = ANY(:contacts)",
        f"UPDATE intake.chat_replies SET body = '', {removed} WHERE chat_id = ANY(:chats)",
        f"""UPDATE intake.visits SET {OF_WHOM}, nik_index = NULL, programme_number_index = NULL, priority = NULL,
            subject = '', body = '', {removed} WHERE contact_id = ANY(:contacts)""",
        """UPDATE intake.raw r SET content = '', headers = '{}' FROM intake.sources s
           WHERE s.contact_id = ANY(:contacts) AND r.id = s.raw_id AND r.status <> 'waiting'""",
        "DELETE FROM intake.sources WHERE contact_id = ANY(:contacts)",
        "DELETE FROM intake.threads WHERE chat_id = ANY(:chats)",
    ):
        await session.execute(text(statement), values)
    await _erase_calls(session, what, now)


async def _erase_calls(session: AsyncSession, what: Brought, now: datetime) -> None:
    """Nobody calls back who is erased."""
    await session.execute(
        text("""
        WITH called AS (
            UPDATE intake.calls SET caller = '', is_callable = false, position_sealed = NULL,
                text_removed_at = coalesce(text_removed_at, :now)
            WHERE tracking_code = ANY(:codes) OR caller = ANY(:phones) RETURNING callback_id
        )
        UPDATE intake.callbacks b SET number = '', text_removed_at = coalesce(b.text_removed_at, :now),
            ended_at = coalesce(b.ended_at, :now),
            status = CASE WHEN b.status IN ('open', 'claimed') THEN 'withdrawn' ELSE b.status END
        WHERE b.number = ANY(:phones) OR b.id IN (SELECT callback_id FROM called)
        """),
        {"codes": list(what.codes), "phones": list(what.phones), "now": now},
    )


async def known(session: AsyncSession, what: Brought) -> dict[str, Sequence[Any]]:
    """The rows about a citizen, by what they are."""
    values = {"contacts": list(what.contacts), "chats": list(what.chats), "codes": list(what.codes)}
    questions = {
        "contacts": """SELECT id, channel, tracking_code, name, email, phone, nik_last4, programme_number_last4,
                       subject, body, received_at FROM intake.contacts WHERE id = ANY(:contacts) ORDER BY id""",
        "files": """SELECT id, contact_id, name, media_type, size FROM intake.attachments
                    WHERE contact_id = ANY(:contacts) ORDER BY contact_id, place""",
        "answers_in_chats": """SELECT chat_id, body, sent_at FROM intake.chat_replies WHERE chat_id = ANY(:chats)
                               ORDER BY chat_id, position""",
        "came_from": """SELECT contact_id, channel, account, sender, received_at FROM intake.sources
                        WHERE contact_id = ANY(:contacts) ORDER BY contact_id""",
        "visits": """SELECT booth, tracking_code, status, taken_at FROM intake.visits WHERE contact_id = ANY(:contacts)
                     ORDER BY id""",
        "calls": """SELECT provider, caller, opened_at, ended_at, outcome FROM intake.calls
                    WHERE tracking_code = ANY(:codes) ORDER BY id""",
    }
    return {name: (await session.execute(text(sql), values)).all() for name, sql in questions.items()}
