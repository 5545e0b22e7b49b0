"""Ends calls of which nobody told the end, and gives back call-backs of which nobody told how they went."""

from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from services.intake.domain.call_events import CallEvent
from services.intake.models.calls import CallReport
from services.intake.repository import callbacks, calls
from services.intake.service.calls import Calls
from shared.events import Trace

_CLAIM_LASTS = timedelta(minutes=30)
_WAITS_AT_MOST = timedelta(days=7)


async def end_silent_calls(
    session: AsyncSession, told_of: Calls, *, silent_for: timedelta, limit: int, now: datetime, trace: Trace
) -> int:
    """Ends up to `limit` calls of which nothing was told for so long, as `unknown_end`. How many.

    A real end that is told later takes the place of it.
    """
    silent = await calls.unended(session, now - silent_for, limit)
    ends = [
        CallReport(provider, call_id, (CallEvent("unknown end", "unknown_end", now),)) for provider, call_id in silent
    ]
    if ends:
        await told_of.tell(session, ends, now, trace)
    return len(ends)


async def release_callbacks(session: AsyncSession, now: datetime) -> int:
    """Lets others claim the call-backs that somebody claimed half an hour ago, and ends those that waited for a week,
    since nobody will call any more. How many.
    """
    released = await callbacks.release(session, now - _CLAIM_LASTS)
    return released + await callbacks.give_up(session, now - _WAITS_AT_MOST, now)
