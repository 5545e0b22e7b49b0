"""A citizen is erased from what he brought, or told what is kept of it (UU 27/2022). That somebody brought it stays."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from services.intake.repository import erasure
from shared.erasure import blank_copies, known_of
from shared.events import AnyEvent, CitizenErased, CitizenErasedData


async def erase(session: AsyncSession, events: Sequence[AnyEvent], now: datetime) -> None:
    """Erases citizens, of whom tickets tells. Once more does the same to what came since."""
    for event in events:
        if isinstance(event, CitizenErased):
            what = await erasure.brought(session, event.data)
            await erasure.erase(session, what, now)
            await blank_copies(session, "intake", event.data.names.union(map(str, what.contacts), map(str, what.chats)))


async def known(session: AsyncSession, whose: CitizenErasedData) -> dict[str, Any]:
    """What is kept here of a citizen."""
    what = await erasure.brought(session, whose)
    return {name: known_of(rows) for name, rows in (await erasure.known(session, what)).items()}
