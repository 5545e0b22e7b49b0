"""What the service learns: that a citizen brought something, and that a citizen may not have been told something."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from services.tickets.service import notices
from services.tickets.service.arrivals import Arrivals
from shared.consumer import Handlers
from shared.events import AnyEvent, ContactReceived, NoticeFailed, NoticeSettled


def contact_handlers(arrivals: Arrivals) -> Handlers:
    async def receive(session: AsyncSession, events: Sequence[AnyEvent], now: datetime) -> None:
        await arrivals.receive(session, [event for event in events if isinstance(event, ContactReceived)], now)

    return {ContactReceived: receive}


NOTICE_HANDLERS: Handlers = {NoticeFailed: notices.note, NoticeSettled: notices.note}
