"""What notify listens to: everything that happened to a ticket, invitations to a survey, and what was read in chats."""

from collections.abc import Callable, Sequence
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from services.notify.service.erasure import erase
from services.notify.service.holds import Holds
from services.notify.service.ledger import Ledger
from shared.consumer import Handlers
from shared.db import after_commit
from shared.events import (
    AnyEvent,
    ChatUnread,
    CitizenErased,
    SurveyInvited,
    TicketAlerted,
    TicketClosed,
    TicketEscalated,
    TicketForwarded,
    TicketInfoRequested,
    TicketJoined,
    TicketOpened,
    TicketRejected,
    TicketReplied,
    TicketResolved,
)

_TOLD = (
    TicketOpened,
    TicketJoined,
    TicketEscalated,
    TicketReplied,
    TicketInfoRequested,
    TicketResolved,
    TicketClosed,
    TicketRejected,
    TicketForwarded,
    TicketAlerted,
    SurveyInvited,
)


def ticket_handlers(ledger: Ledger, wake: Callable[[], None]) -> Handlers:
    async def enter(session: AsyncSession, events: Sequence[AnyEvent], now: datetime) -> None:
        await ledger.enter(session, events, now)
        after_commit(session, wake)

    return {**dict.fromkeys(_TOLD, enter), CitizenErased: erase}


def contact_handlers(holds: Holds, wake: Callable[[], None]) -> Handlers:
    async def learn_readings(session: AsyncSession, events: Sequence[AnyEvent], now: datetime) -> None:
        await holds.learn_readings(session, events, now)
        after_commit(session, wake)

    return {ChatUnread: learn_readings}
