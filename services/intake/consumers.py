"""What intake learns from tickets: an agent's answer is added to the chat that it belongs to, it is noted which
contacts have their ticket, and a citizen is erased.
"""

from collections.abc import Callable, Collection, Sequence
from datetime import datetime
from functools import partial
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.intake.models.chats import ChatReply
from services.intake.models.gaps import Ticketed
from services.intake.repository import ledger
from services.intake.repository.chats import add_replies
from services.intake.service.erasure import erase
from shared.consumer import Handlers
from shared.db import after_commit
from shared.events import (
    AnyEvent,
    CitizenErased,
    TicketClosed,
    TicketForwarded,
    TicketInfoRequested,
    TicketJoined,
    TicketOpened,
    TicketRejected,
    TicketReopened,
    TicketReplied,
    TicketResolved,
)


def ticket_handlers(follow: Callable[[Collection[UUID]], None]) -> Handlers:
    """Adds the answers of agents to their chats, and tells `follow` in which chats something is new."""

    async def receive(session: AsyncSession, events: Sequence[AnyEvent], now: datetime) -> None:
        chats = await receive_replies(session, events, now)
        if chats:
            after_commit(session, partial(follow, chats))

    return {
        TicketReplied: receive,
        TicketInfoRequested: receive,
        TicketResolved: receive,
        TicketClosed: receive,
        TicketRejected: receive,
        TicketForwarded: receive,
        TicketOpened: note_tickets,
        TicketJoined: note_tickets,
        TicketReopened: note_tickets,
        CitizenErased: erase,
    }


async def receive_replies(session: AsyncSession, events: Sequence[AnyEvent], _now: datetime) -> Collection[UUID]:
    """Adds the answers of agents to their chats, and the words with which cases ended or went elsewhere. Answers which
    chats. What agents note for each other is no event, and never comes here.

    A citizen who left no address learns them nowhere else.
    """
    replies = [reply for event in events if (reply := _reply(event)) is not None]
    await add_replies(session, replies)
    return {reply.chat_id for reply in replies}


async def note_tickets(session: AsyncSession, events: Sequence[AnyEvent], now: datetime) -> None:
    """Notes in the ledger which contacts have their ticket."""
    ticketed = [
        Ticketed(event.data.contact_id, event.data.tracking_code, event.data.ticket_id)
        for event in events
        if isinstance(event, TicketOpened | TicketJoined | TicketReopened)
    ]
    await ledger.note_tickets(session, ticketed, now)


def _reply(event: AnyEvent) -> ChatReply | None:
    """Makes the line that `event` adds to a chat.

    None if its case came by another channel, or was resolved without a word.
    """
    match event:
        case TicketReplied(data=case) | TicketInfoRequested(data=case):
            reply_id, body = case.reply_id, case.body
        case TicketResolved(data=case):
            reply_id, body = event.id, case.answer
        case TicketClosed(data=case) | TicketRejected(data=case):
            reply_id, body = event.id, case.reason
        case TicketForwarded(data=case):
            reply_id, body = event.id, f"Pengaduan Anda menjadi wewenang {case.to}. {case.body}".strip()
        case _:
            return None
    return ChatReply(reply_id, case.chat_id, body, event.time) if case.chat_id is not None and body else None
