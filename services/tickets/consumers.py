"""What the service learns: what a citizen brought or withdrew, and that he may not have been told something."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from services.tickets.service import notices
from services.tickets.service.arrivals import Arrivals
from services.tickets.service.withdrawals import withdraw
from shared.consumer import Handlers
from shared.events import AnyEvent, ContactReceived, ContactWithdrawn, NoticeFailed, NoticeSettled


def contact_handlers(arrivals: Arrivals) -> Handlers:
    async def receive(session: AsyncSession, events: Sequence[AnyEvent], now: datetime) -> None:
        await arrivals.receive(session, [event for event in events if isinstance(event, ContactReceived)], now)

    return {ContactReceived: receive, ContactWithdrawn: withdraw}


NOTICE_HANDLERS: Handlers = {NoticeFailed: notices.note, NoticeSettled: notices.note}
