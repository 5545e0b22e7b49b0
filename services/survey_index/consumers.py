"""What the ear listens to: a settled case may be asked about."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from services.survey_index.service import surveys
from services.survey_index.service.links import Links
from shared.events import BaseEvent, TicketResolved
from shared.stream import Handlers


def ticket_handlers(*, links: Links, survey_code: str, valid_for: timedelta) -> Handlers:
    async def invite(session: AsyncSession, events: Sequence[BaseEvent], now: datetime) -> None:
        resolved = [event for event in events if isinstance(event, TicketResolved)]
        await surveys.invite(session, resolved, links=links, survey_code=survey_code, valid_for=valid_for, now=now)

    return {TicketResolved: invite}
