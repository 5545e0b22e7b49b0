"""A citizen is erased from the surveys, or told what is kept there (UU 27/2022). His answers stay counted."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from services.survey_index.repository import cases
from shared.erasure import blank_copies, known_of
from shared.events import AnyEvent, CitizenErased, CitizenErasedData


async def erase(session: AsyncSession, events: Sequence[AnyEvent], _now: datetime) -> None:
    """Erases citizens, of whom tickets tells. Once more does the same to what came since."""
    for event in events:
        if isinstance(event, CitizenErased):
            for ticket_id in await cases.about(session, event.data):
                await cases.forget_ticket(session, ticket_id)
            await blank_copies(session, "survey_index", event.data.names)


async def known(session: AsyncSession, whose: CitizenErasedData) -> dict[str, Any]:
    """What is kept here of a citizen: that he was asked, and what he wrote. His answers are nobody's."""
    return {"surveys": known_of(await cases.known(session, await cases.about(session, whose)))}
