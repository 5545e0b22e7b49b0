"""A citizen is erased, or told what is known of him (UU 27/2022): here at once, and elsewhere by an event that names
what is his and not who he is. Tickets, their trails and every figure stay.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.tickets.repository import erasure
from services.tickets.repository.erasure import Erasure
from shared import outbox
from shared.erasure import blank_copies, known_of
from shared.errors import NotFound
from shared.events import CitizenErased, CitizenErasedData, Trace
from shared.ids import new_id, normalise_tracking_code


async def erase(
    session: AsyncSession, citizen_id: UUID, *, reason: str, by: str, trace: Trace, now: datetime
) -> Erasure:
    """Erases a citizen, and tells the other services. Once more does the same to what came since. Raises `NotFound`."""
    whose = await find(session, citizen_id, now)
    await erasure.erase(session, whose, await erasure.family(session, citizen_id))
    await blank_copies(session, "tickets", whose.names)
    done = Erasure(new_id(), citizen_id, reason, by, now, len(whose.ticket_ids))
    await erasure.remember(session, done)
    await outbox.add(session, "tickets", [CitizenErased.of(whose, subject=citizen_id, now=now, trace=trace)])
    return done


async def find(session: AsyncSession, citizen_id: UUID, now: datetime) -> CitizenErasedData:
    """What is a citizen's, and of all that are one with him. Raises `NotFound`."""
    citizens = await erasure.family(session, citizen_id)
    if not citizens:
        raise NotFound("There is no such citizen.")
    return await erasure.find(session, citizen_id, citizens, now)


async def citizen_of(session: AsyncSession, name: str) -> UUID:
    """The citizen of this id, or whose case has this tracking code. Raises `NotFound`."""
    code = normalise_tracking_code(name)
    citizen_id = await erasure.citizen_of_code(session, code) if code else None
    if citizen_id is None:
        try:
            citizen_id = UUID(name)
        except ValueError:
            raise NotFound("This is neither the tracking code of a case nor the id of a citizen.") from None
    return citizen_id


async def known(session: AsyncSession, whose: CitizenErasedData) -> dict[str, Any]:
    """What is known here of a citizen."""
    citizens = await erasure.family(session, whose.citizen_id)
    return {name: known_of(rows) for name, rows in (await erasure.known(session, whose, citizens)).items()}
