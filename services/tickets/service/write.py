"""Writes what verbs came to: the one place where tickets, their trails, conversations and events are written."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.tickets.domain.change import Change
from services.tickets.domain.ticket import Ticket
from services.tickets.repository import entries, happenings, tickets
from services.tickets.service import announce
from shared import outbox


async def write(session: AsyncSession, changes: Sequence[Change]) -> None:
    """Writes changes in their order, one statement a table, however many they are; tickets are held by the caller."""
    before: dict[UUID, Ticket | None] = {}
    after: dict[UUID, Ticket] = {}
    for change in changes:
        before.setdefault(change.ticket.id, change.before)
        after[change.ticket.id] = change.ticket
    await tickets.insert(session, [ticket for ticket in after.values() if before[ticket.id] is None])
    await tickets.update(session, [ticket for ticket in after.values() if before[ticket.id] not in (None, ticket)])
    await entries.insert(session, [change.entry for change in changes if change.entry])
    await happenings.insert(session, [happened for change in changes for happened in change.happened])
    await outbox.add(session, "tickets", [event for change in changes for event in announce.events(change)])
