"""What notify listens to: everything that happened to a ticket, and invitations to a survey."""

from collections.abc import Callable, Sequence
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from services.notify.service.ledger import Ledger
from shared.consumer import Handlers
from shared.db import after_commit
from shared.events import (
    AnyEvent,
    SurveyInvited,
    TicketEscalated,
    TicketJoined,
    TicketOpened,
    TicketReplied,
    TicketResolved,
)


def ticket_handlers(ledger: Ledger, wake: Callable[[], None]) -> Handlers:
    async def enter(session: AsyncSession, events: Sequence[AnyEvent], now: datetime) -> None:
        await ledger.enter(session, events, now)
        after_commit(session, wake)

    return dict.fromkeys(
        (TicketOpened, TicketJoined, TicketEscalated, TicketReplied, TicketResolved, SurveyInvited), enter
    )
