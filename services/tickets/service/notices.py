"""What the trail of a ticket learns of notices: that the citizen may not know, for a person to look after it."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.tickets.domain import verbs
from services.tickets.domain.change import Act
from services.tickets.domain.happenings import Happening, NoticeFailed, NoticeSettled
from services.tickets.repository import cases
from services.tickets.service.write import write
from shared import events
from shared.events import AnyEvent
from shared.visibility import EVERYTHING

NOTIFY = "notify"


async def note(session: AsyncSession, notice_events: Sequence[AnyEvent], now: datetime) -> None:
    """Adds to the trails of tickets which notices failed, and how that ended. Tickets that are not known are none."""
    noted = list(_happenings_in(notice_events, now))
    ids = [ticket_id for ticket_id, _, _ in noted]
    held = {case.ticket.id: case for case in await cases.lock(session, EVERYTHING, ids)}
    await write(session, [verbs.note(held[id_], happening, act) for id_, happening, act in noted if id_ in held])


def _happenings_in(notice_events: Sequence[AnyEvent], now: datetime) -> Iterator[tuple[UUID, Happening, Act]]:
    for event in notice_events:
        match event:
            case events.NoticeFailed(data=data) if data.ticket_id:
                failed = NoticeFailed(way=data.kind, reason=data.reason, outcome=data.outcome, error=data.error)
                yield data.ticket_id, failed, Act(NOTIFY, event.trace, now, EVERYTHING, f"notice {event.id}")
            case events.NoticeSettled(data=data):
                settled = NoticeSettled(way=data.kind, reason=data.reason, outcome=data.outcome)
                yield data.ticket_id, settled, Act(data.by, event.trace, now, EVERYTHING, f"notice {event.id}")
