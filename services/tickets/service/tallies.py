"""Counts what cases come to, in the transaction in which they change."""

from collections import Counter
from collections.abc import Sequence

from sqlalchemy.ext.asyncio import AsyncSession

from services.tickets.domain.cases import Standing
from services.tickets.domain.change import Change
from services.tickets.domain.tallies import Counted, counted, deed, differences
from services.tickets.repository import cases, tallies
from shared.staff_tokens import STAFF
from shared.visibility import EVERYTHING


async def count(session: AsyncSession, changes: Sequence[Change]) -> None:
    """Counts what cases are after changes, instead of what they were, and what happened to them."""
    new = {change.after.ticket.id for change in changes if change.before is None}
    latest = {change.after.ticket.id: change.after for change in changes}
    before = await tallies.load_counted(session, [ticket_id for ticket_id in latest if ticket_id not in new])
    await _count(session, before, list(latest.values()))
    deeds = Counter(deed(each, change.after.ticket, STAFF) for change in changes for each in change.happened)
    await tallies.add_deeds(session, deeds)


async def count_missed(session: AsyncSession, limit: int) -> int:
    """Counts cases that an older release wrote or changed. How many, at most `limit`."""
    missed = await tallies.uncounted(session, limit)
    held = await cases.lock(session, EVERYTHING, sorted(missed))
    await _count(session, await tallies.load_counted(session, [case.ticket.id for case in held]), held)
    return len(held)


async def _count(session: AsyncSession, before: Sequence[Counted], standing: Sequence[Standing]) -> None:
    """The cases are held: nobody else counts them meanwhile."""
    now = [counted(case) for case in standing]
    known = {counting.ticket_id for counting in before}
    await tallies.insert_counted(session, [counting for counting in now if counting.ticket_id not in known])
    await tallies.update_counted(session, [counting for counting in now if counting.ticket_id in known])
    await tallies.add(session, differences(before, now))
