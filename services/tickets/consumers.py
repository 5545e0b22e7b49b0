"""What the desk learns: that a citizen brought something, and that a citizen may not have been told something."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from services.tickets import repository
from services.tickets.models import Audit
from services.tickets.service.arrivals import Arrivals
from shared.consumer import Handlers
from shared.events import BaseEvent, ContactReceived, NoticeFailed
from shared.ids import new_id


def contact_handlers(arrivals: Arrivals) -> Handlers:
    async def receive(session: AsyncSession, events: Sequence[BaseEvent], now: datetime) -> None:
        await arrivals.receive(session, [event for event in events if isinstance(event, ContactReceived)], now)

    return {ContactReceived: receive}


async def note_failures(session: AsyncSession, events: Sequence[BaseEvent], now: datetime) -> None:
    """Writes into the audit trail that the citizen may not know, for a person to look after it."""
    failures = [event.data for event in events if isinstance(event, NoticeFailed) and event.data.ticket_id]
    versions = await repository.lock_versions(session, [data.ticket_id for data in failures if data.ticket_id])
    records = [
        Audit(
            id=new_id(),
            ticket_id=data.ticket_id,
            version=versions[data.ticket_id],
            actor="notify",
            verb=f"notice_{data.outcome}",
            detail=f"{data.kind} about {data.reason}: {data.error}",
            at=now,
        )
        for data in failures
        if data.ticket_id in versions
    ]
    await repository.insert_audit(session, records)


NOTICE_HANDLERS: Handlers = {NoticeFailed: note_failures}
