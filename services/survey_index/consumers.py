"""What survey_index listens to: a resolved case may be asked about, and a citizen is erased."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from services.survey_index.service.erasure import erase
from services.survey_index.service.invitations import Invitations
from shared.consumer import Handlers
from shared.events import AnyEvent, CitizenErased, TicketResolved


def ticket_handlers(invitations: Invitations) -> Handlers:
    async def invite(session: AsyncSession, events: Sequence[AnyEvent], now: datetime) -> None:
        resolved = [event for event in events if isinstance(event, TicketResolved)]
        await invitations.invite(session, resolved, now)

    return {TicketResolved: invite, CitizenErased: erase}
