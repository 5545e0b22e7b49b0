"""Tells which answers in chats were not read, each once."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from services.intake.repository import unread
from shared import outbox
from shared.events import ChatUnread, ChatUnreadData, Trace
from shared.ids import new_id


async def tell_unread(session: AsyncSession, silent_since: datetime, now: datetime, limit: int) -> int:
    """Tells of the answers in up to `limit` chats in which none came after a moment. Answers how many chats it took.

    A mark that is set before this transaction has the chat keeps its answers out of it.
    """
    chats = await unread.hold_silent(session, silent_since, limit)
    if not chats:
        return 0
    events = [
        ChatUnread.of(
            ChatUnreadData(chat_id=left.chat_id, tracking_code=left.tracking_code, reply_ids=tuple(left.reply_ids)),
            subject=left.chat_id,
            now=now,
            trace=Trace(str(new_id())),
        )
        for left in await unread.settle(session, chats)
    ]
    await outbox.add(session, "intake", events)
    return len(chats)
