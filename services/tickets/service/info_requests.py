"""A citizen is asked for what is missing of his case, and what he answers is put where it belongs."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.tickets.domain import completeness
from services.tickets.domain.cases import Case
from services.tickets.domain.change import Act
from services.tickets.domain.completeness import known_fields, missing_fields
from services.tickets.repository import info_requests
from services.tickets.service.rulebook import Rulebook
from services.tickets.service.verbs import hold_case
from services.tickets.service.write import write


async def request_info(
    session: AsyncSession,
    rulebook: Rulebook,
    ticket_id: UUID,
    act: Act,
    *,
    fields: Sequence[str] | None,
) -> Case:
    """Asks the citizen for `fields`, or where these are None for all that his topic requires and he did not say.

    Raises `NotFound`, `VersionConflict`, `NotInThisState`, `NothingMissing`, `AlreadyAsked`.
    """
    case = await hold_case(session, ticket_id, act)
    asked = await _missing(session, rulebook, case, act) if fields is None else fields
    before = await info_requests.of_tickets(session, [case.ticket])
    change, request = completeness.request_info(case, asked, before, act)
    await write(session, [change])
    await info_requests.insert(session, [request])
    return change.after


async def _missing(session: AsyncSession, rulebook: Rulebook, case: Case, act: Act) -> list[str]:
    topics = (await rulebook.read(session, act.now)).classifier.by_slug
    return missing_fields(topics.get(case.ticket.topic or ""), case.ticket.channel, known_fields(case.citizen))
