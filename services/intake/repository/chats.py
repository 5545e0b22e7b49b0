"""Chats, their lines, and the answers of agents in them."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from services.intake.models.chats import Chat, ChatLine, ChatReply
from shared.paging import page_of


async def find_chat(session: AsyncSession, chat_id: UUID) -> Chat | None:
    """Reads a chat, if it is there."""
    result = await session.execute(
        text("""
        SELECT c.tracking_code, first.client AS opened_by, COALESCE(
            (SELECT received_at FROM intake.contacts WHERE chat_id = c.id AND position = c.last_position),
            (SELECT sent_at FROM intake.chat_replies WHERE chat_id = c.id AND position = c.last_position),
            c.opened_at
        ) AS last_line_at
        FROM intake.chats c JOIN intake.contacts first ON first.id = c.id
        WHERE c.id = :id
        """),
        {"id": chat_id},
    )
    row = result.one_or_none()
    return Chat(row.tracking_code, row.opened_by, row.last_line_at) if row else None


_LINES = text(
    page_of(
        """
        SELECT position, 'citizen' AS author, body, received_at AS sent_at FROM intake.contacts
        WHERE chat_id = :chat AND position > :after AND body <> ''
        UNION ALL
        SELECT position, 'agent', body, sent_at FROM intake.chat_replies
        WHERE chat_id = :chat AND position > :after AND body <> ''
        """,
        order="position",
        body="body",
    )
)


async def chat_lines(session: AsyncSession, chat_id: UUID, after: int, limit: int) -> tuple[list[ChatLine], bool]:
    """Reads a page of the lines of a chat after the place `after`, in order, and whether there is more."""
    result = await session.execute(_LINES, {"chat": chat_id, "after": after, "limit": limit})
    rows = result.all()
    return [ChatLine(row.position, row.author, row.body, row.sent_at) for row in rows], bool(rows) and rows[-1].more


async def add_replies(session: AsyncSession, replies: Sequence[ChatReply]) -> None:
    """Adds agents' answers to their chats, at the next places. Chats are locked in the order that `accept` takes."""
    if not replies:  # as of most batches: few cases come by chat
        return
    await session.execute(
        text("""
        WITH incoming AS (
            SELECT * FROM unnest(CAST(:ids AS uuid[]), CAST(:chats AS uuid[]), CAST(:bodies AS text[]),
                                 CAST(:times AS timestamptz[])) WITH ORDINALITY AS t(id, chat_id, body, sent_at, place)
        ), growing AS (
            SELECT c.id, c.last_position, n.count FROM intake.chats c
            JOIN (SELECT chat_id, count(*) FROM incoming GROUP BY chat_id) n ON n.chat_id = c.id
            ORDER BY c.id FOR UPDATE OF c
        ), grown AS (
            UPDATE intake.chats c SET last_position = c.last_position + g.count FROM growing g WHERE c.id = g.id
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
