"""What the desk learns: that a citizen brought something, and that a citizen may not have been told something."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.tickets import repository
from services.tickets.models import Audit
from services.tickets.service.arrivals import Arrivals
from shared.consumer import Handlers
from shared.events import AnyEvent, ContactReceived, NoticeFailed, NoticeSettled
from shared.ids import new_id


def contact_handlers(arrivals: Arrivals) -> Handlers:
    async def receive(session: AsyncSession, events: Sequence[AnyEvent], now: datetime) -> None:
        await arrivals.receive(session, [event for event in events if isinstance(event, ContactReceived)], now)

    return {ContactReceived: receive}


async def note_notices(session: AsyncSession, events: Sequence[AnyEvent], now: datetime) -> None:
    """Writes into the audit trail that the citizen may not know, for a person to look after it, and how that ended."""
    records = [record for event in events if (record := _record(event, now))]
    versions = await repository.lock_versions(session, [record.ticket_id for record in records])
    known = [replace(record, version=versions[record.ticket_id]) for record in records if record.ticket_id in versions]
    await repository.insert_audit(session, known)


def _record(event: AnyEvent, now: datetime) -> Audit | None:
    match event:
        case NoticeFailed(data=failed) if failed.ticket_id:
            detail = f"{failed.kind} about {failed.reason}: {failed.error}"
            return _audit(failed.ticket_id, "notify", failed.outcome, detail, now)
        case NoticeSettled(data=settled):
            return _audit(settled.ticket_id, settled.by, settled.outcome, f"{settled.kind} about {settled.reason}", now)
        case _:
            return None


def _audit(ticket_id: UUID, actor: str, outcome: str, detail: str, now: datetime) -> Audit:
    """A record for the version of the ticket that is still to be looked up."""
    return Audit(
        id=new_id(), ticket_id=ticket_id, version=0, actor=actor, verb=f"notice_{outcome}", detail=detail, at=now
    )


NOTICE_HANDLERS: Handlers = {NoticeFailed: note_notices, NoticeSettled: note_notices}
