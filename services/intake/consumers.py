"""What intake learns from tickets: an agent's answer is added to the chat that it belongs to."""

from collections.abc import Callable, Collection, Sequence
from datetime import datetime
from functools import partial
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.intake.models.chats import ChatReply
from services.intake.repository.chats import add_replies
from shared.consumer import Handlers
from shared.db import after_commit
from shared.events import AnyEvent, TicketReplied, TicketResolved


def ticket_handlers(follow: Callable[[Collection[UUID]], None]) -> Handlers:
    """Adds the answers of agents to their chats, and tells `follow` in which chats something is new."""

    async def receive(session: AsyncSession, events: Sequence[AnyEvent], now: datetime) -> None:
        chats = await receive_replies(session, events, now)
        if chats:
            after_commit(session, partial(follow, chats))

    return {TicketReplied: receive, TicketResolved: receive}


async def receive_replies(session: AsyncSession, events: Sequence[AnyEvent], _now: datetime) -> Collection[UUID]:
    """Adds the answers of agents to their chats, and the answers with which cases were resolved. Answers which chats.

    A citizen who left no address learns them nowhere else.
    """
    replies = [reply for event in events if (reply := _reply(event)) is not None]
    await add_replies(session, replies)
    return {reply.chat_id for reply in replies}


def _reply(event: AnyEvent) -> ChatReply | None:
    """Makes the line that `event` adds to a chat.

    None if its case came by another channel, or was resolved without a word.
    """
    match event:
        case TicketReplied(data=case):
            reply_id, body = case.reply_id, case.body
        case TicketResolved(data=case):
            reply_id, body = event.id, case.answer
        case _:
            return None
    return ChatReply(reply_id, case.chat_id, body, event.time) if case.chat_id is not None and body else None
