"""A citizen is erased from what he was told, or told what is kept of it (UU 27/2022)."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from services.notify.repository import erasure
from shared.erasure import blank_copies, known_of
from shared.events import AnyEvent, CitizenErased, CitizenErasedData


async def erase(session: AsyncSession, events: Sequence[AnyEvent], now: datetime) -> None:
    """Erases citizens, of whom tickets tells. Once more does the same to what came since."""
    for event in events:
        if isinstance(event, CitizenErased):
            await erasure.erase(session, event.data.tracking_codes, now)
            await blank_copies(session, "notify", event.data.names)


async def known(session: AsyncSession, whose: CitizenErasedData) -> dict[str, Any]:
    """What is kept here of a citizen."""
    return {"notices": known_of(await erasure.known(session, whose.tracking_codes))}
