"""One verb for many tickets: each for itself, by the same rules; what is refused to one stops none."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.tickets.domain.cases import Case
from services.tickets.domain.change import Act
from services.tickets.repository import tickets
from shared.errors import Refusal

VerbOfOne = Callable[[UUID], Awaitable[Case]]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one ticket: its version now, or why it was refused."""

    ticket_id: UUID
    version: int | None
    refusal: Refusal | None = None


async def carry_out(
    session: AsyncSession, ids: Sequence[UUID], others: Sequence[UUID], act: Act, verb: VerbOfOne
) -> list[Outcome]:
    """Does it to each ticket, in their order. They, and `others` that the verb touches, are held at once before: so two
    who do something to many never wait for each other.
    """
    await tickets.lock(session, act.sees, sorted({*ids, *others}))
    return [await _one(session, id_, verb) for id_ in dict.fromkeys(ids)]


async def _one(session: AsyncSession, ticket_id: UUID, verb: VerbOfOne) -> Outcome:
    try:
        async with session.begin_nested():
            case = await verb(ticket_id)
    except Refusal as refusal:
        return Outcome(ticket_id, None, refusal)
    return Outcome(ticket_id, case.ticket.version)
