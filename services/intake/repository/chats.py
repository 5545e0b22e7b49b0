"""Chats, their lines, and the answers of agents in them."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from itertools import groupby
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from services.intake.domain.chats import Side
from services.intake.models.chats import Chat, ChatLine, ChatNews, ChatReply, ChatState
from shared.paging import page_of


async def find_chat(session: AsyncSession, chat_id: UUID) -> Chat | None:
    """Reads a chat, if it is there."""
    result = await session.execute(
        text("""
        SELECT c.tracking_code, first.client AS opened_by, COALESCE(
            (SELECT received_at FROM intake.contacts WHERE chat_id = c.id AND position = c.last_position),
            (SELECT sent_at FROM intake.chat_replies WHERE chat_id = c.id AND position = c.last_position),
            c.opened_at
        ) AS last_line_at, c.last_position, c.citizen_read, c.agent_read, c.ended_at
        FROM intake.chats c JOIN intake.contacts first ON first.id = c.id
        WHERE c.id = :id
        """),
        {"id": chat_id},
    )
    row = result.one_or_none()
    return Chat(row.tracking_code, row.opened_by, row.last_line_at, _state(row)) if row else None


async def with_an_address(session: AsyncSession, chat_ids: Collection[UUID]) -> set[UUID]:
    """In which of some chats somebody said by which address he can be reached."""
    found = await session.scalars(
        text("""
        SELECT asked.id FROM unnest(CAST(:chats AS uuid[])) AS asked(id) WHERE EXISTS (
            SELECT FROM intake.contacts WHERE chat_id = asked.id AND (email IS NOT NULL OR phone IS NOT NULL))
        """),
        {"chats": list(chat_ids)},
    )
    return set(found)


def _state(row: Any) -> ChatState:
    return ChatState(row.last_position, row.citizen_read, row.agent_read, row.ended_at)


_CITIZENS = "SELECT position, 'citizen' AS author, body, received_at AS sent_at, NULL AS event FROM intake.contacts"
_AGENTS = """
SELECT position, CASE WHEN event IS NULL THEN 'agent' ELSE 'system' END, body, sent_at, event FROM intake.chat_replies
"""
_LINES = text(
    page_of(
        f"""
        {_CITIZENS} WHERE chat_id = :chat AND position > :after AND body <> ''
        UNION ALL
        {_AGENTS} WHERE chat_id = :chat AND position > :after AND (body <> '' OR event IS NOT NULL)
        """,
        order="position",
        body="body",
    )
)


async def chat_lines(session: AsyncSession, chat_id: UUID, after: int, limit: int) -> tuple[list[ChatLine], bool]:
    """Reads a page of the lines of a chat after the place `after`, in order, and whether there is more."""
    result = await session.execute(_LINES, {"chat": chat_id, "after": after, "limit": limit})
    rows = result.all()
    return [_line(row) for row in rows], bool(rows) and rows[-1].more


def _line(row: Any) -> ChatLine:
    return ChatLine(row.position, row.author, row.body, row.sent_at, row.event)


_MOST_NEWS = 20
"""Lines of one chat at a time: four hundred kilobytes at the most."""


async def news(session: AsyncSession, after: Mapping[UUID, int]) -> dict[UUID, ChatNews]:
    """Reads how chats stand, and what was said in each after a place: its first twenty lines, in order."""
    found = await session.execute(
        text(f"""
        SELECT c.id, c.last_position, c.citizen_read, c.agent_read, c.ended_at,
               line.position, line.author, line.body, line.sent_at, line.event
        FROM unnest(CAST(:chats AS uuid[]), CAST(:places AS integer[])) AS wanted(id, after)
        JOIN intake.chats c ON c.id = wanted.id
        LEFT JOIN LATERAL (
            ({_CITIZENS} WHERE chat_id = c.id AND position > wanted.after AND body <> ''
             ORDER BY position LIMIT {_MOST_NEWS})
            UNION ALL
            ({_AGENTS} WHERE chat_id = c.id AND position > wanted.after AND (body <> '' OR event IS NOT NULL)
             ORDER BY position LIMIT {_MOST_NEWS})
            ORDER BY position LIMIT {_MOST_NEWS}
        ) AS line ON true
        ORDER BY c.id, line.position
        """),
        {"chats": list(after), "places": list(after.values())},
    )
    told = {}
    for chat_id, group in groupby(found.all(), key=lambda row: row.id):
        rows = list(group)
        lines = [_line(row) for row in rows if row.position is not None]
        told[chat_id] = ChatNews(_state(rows[0]), lines, more=len(lines) == _MOST_NEWS)
    return told


async def mark_read(session: AsyncSession, chat_id: UUID, side: Side, up_to: int) -> int | None:
    """Notes that one side has the lines up to a place before it, as far as there are lines. It only goes forward.

    Answers up to where it has read now, or None if that was known.
    """
    read = f"{side}_read"
    result = await session.execute(
        text(f"""
        UPDATE intake.chats SET {read} = least(:up_to, last_position)
        WHERE id = :chat AND {read} < least(:up_to, last_position) RETURNING {read}
        """),
        {"chat": chat_id, "up_to": up_to},
    )
    return result.scalar_one_or_none()


async def end_chat(session: AsyncSession, chat_id: UUID, line_id: UUID, now: datetime) -> bool:
    """Ends a chat with a line that says so, at the next place. False if it is ended already."""
    ended = await session.execute(
        text("""
        WITH ended AS (
            UPDATE intake.chats SET last_position = last_position + 1, ended_at = :now
            WHERE id = :chat AND ended_at IS NULL RETURNING id, last_position
        )
        INSERT INTO intake.chat_replies (id, chat_id, position, body, sent_at, event)
        SELECT :line, id, last_position, '', :now, 'ended' FROM ended RETURNING id
        """),
        {"chat": chat_id, "line": line_id, "now": now},
    )
    return ended.scalar_one_or_none() is not None


async def add_replies(session: AsyncSession, replies: Sequence[ChatReply]) -> None:
    """Adds agents' answers to their chats, at the next places. Chats are locked in the order that `accept` takes.

    Who brought the first line by another channel than a chat reads them there, and is not waited for here.
    """
    if not replies:  # as of most batches: few cases come by chat
        return
    await session.execute(
        text("""
        WITH incoming AS (
            SELECT * FROM unnest(CAST(:ids AS uuid[]), CAST(:chats AS uuid[]), CAST(:bodies AS text[]),
                                 CAST(:times AS timestamptz[])) WITH ORDINALITY AS t(id, chat_id, body, sent_at, place)
        ), growing AS (
            SELECT c.id, c.last_position, n.count, CASE first.channel WHEN 'chat' THEN n.last_at END AS unread_since
            FROM intake.chats c JOIN intake.contacts first ON first.id = c.id
            JOIN (SELECT chat_id, count(*), max(sent_at) AS last_at FROM incoming GROUP BY chat_id) n
            ON n.chat_id = c.id
            ORDER BY c.id FOR UPDATE OF c
        ), grown AS (
            UPDATE intake.chats c
            SET last_position = c.last_position + g.count, unread_since = greatest(c.unread_since, g.unread_since)
            FROM growing g WHERE c.id = g.id
            RETURNING c.id, g.last_position AS before
        )
        INSERT INTO intake.chat_replies (id, chat_id, position, body, sent_at)
        SELECT i.id, i.chat_id, g.before + row_number() OVER (PARTITION BY i.chat_id ORDER BY i.place), i.body,
               i.sent_at
        FROM incoming i JOIN grown g ON g.id = i.chat_id
        """),
        {
            "ids": [reply.id for reply in replies],
            "chats": [reply.chat_id for reply in replies],
            "bodies": [reply.body for reply in replies],
            "times": [reply.sent_at for reply in replies],
        },
    )
