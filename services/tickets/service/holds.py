"""Cases that rest until a moment: when it has come, the next word is ours again."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from services.tickets.domain import verbs
from services.tickets.domain.change import Act
from services.tickets.repository import cases
from services.tickets.service.write import write
from shared.events import Trace
from shared.ids import new_id
from shared.visibility import EVERYTHING

CLOCK = "clock"
"""Who does what nobody but the time did."""
MOST_AT_ONCE = 100


async def end_due(session: AsyncSession, now: datetime) -> int:
    """Ends the holds whose moment has come, and that nobody works on just now. How many tickets were looked at."""
    due = await cases.lock_held(session, EVERYTHING, now, MOST_AT_ONCE)
    acts = [Act(CLOCK, Trace(str(new_id())), now, EVERYTHING, "job holds") for _ in due]
    await write(session, [verbs.end_hold(case, act) for case, act in zip(due, acts, strict=True)])
    return len(due)
