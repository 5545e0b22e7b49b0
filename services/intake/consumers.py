"""What intake learns from tickets: an agent's answer is added to the chat that it belongs to."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from services.intake.models.chats import ChatReply
from services.intake.repository.chats import add_replies
from shared.consumer import Handlers
from shared.events import AnyEvent, TicketReplied, TicketResolved


async def receive_replies(session: AsyncSession, events: Sequence[AnyEvent], _now: datetime) -> None:
    """Adds the answers of agents to their chats, and the answers with which cases were resolved.

    A citizen who left no address learns them nowhere else.
    """
    await add_replies(session, [reply for event in events if (reply := _reply(event)) is not None])


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


HANDLERS: Handlers = {TicketReplied: receive_replies, TicketResolved: receive_replies}
