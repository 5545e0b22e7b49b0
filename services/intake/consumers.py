"""What the doors learn from the desk: an agent's answer is shown in the chat that it belongs to."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from services.intake import repository
from shared.events import BaseEvent, TicketReplied, TicketResolved
from shared.stream import Handlers


async def show_last_word(session: AsyncSession, events: Sequence[BaseEvent], _now: datetime) -> None:
    """Adds what a case was resolved with to its chat: who left no address learns it nowhere else."""
    for event in events:
        assert isinstance(event, TicketResolved)  # noqa: S101 - registered for this kind only
        case = event.data
        if case.chat_id is not None and case.answer:
            await repository.add_reply(
                session, reply_id=event.id, chat_id=case.chat_id, body=case.answer, at=event.time
            )


async def show_reply(session: AsyncSession, events: Sequence[BaseEvent], _now: datetime) -> None:
    """Adds each answer to its chat, if the case came by chat."""
    for event in events:
        assert isinstance(event, TicketReplied)  # noqa: S101 - registered for this kind only
        reply = event.data
        if reply.chat_id is not None:
            await repository.add_reply(
                session, reply_id=reply.reply_id, chat_id=reply.chat_id, body=reply.body, at=event.time
            )


HANDLERS: Handlers = {TicketReplied: show_reply, TicketResolved: show_last_word}
