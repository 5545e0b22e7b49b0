"""Tells which answers in chats were read and which not, each once."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from services.intake.repository import unread
from shared import outbox
from shared.events import ChatUnread, ChatUnreadData, Trace
from shared.ids import new_id


async def tell_unread(session: AsyncSession, silent_since: datetime, now: datetime, limit: int) -> int:
    """Tells of the answers in up to `limit` chats in which none came after a moment. Answers how many chats it took.

    What is marked before this transaction has the chat is told as read.
    """
    chats = await unread.hold_silent(session, silent_since, limit)
    if not chats:
        return 0
    events = [
        ChatUnread.of(
            ChatUnreadData(
                chat_id=answers.chat_id,
                tracking_code=answers.tracking_code,
                reply_ids=tuple(answers.unread_ids),
                read_ids=tuple(answers.read_ids),
            ),
            subject=answers.chat_id,
            now=now,
            trace=Trace(str(new_id())),
        )
        for answers in await unread.tell(session, chats)
    ]
    await outbox.add(session, "intake", events)
    return len(chats)
