"""The deadlines of a ticket: explained, fixed by a person, and put under another policy."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.tickets.domain.calendars import Calendar
from services.tickets.domain.cases import Case
from services.tickets.domain.change import Act, Change
from services.tickets.domain.clocks import Clock
from services.tickets.domain.deadlines import set_due, set_policy
from services.tickets.domain.explanation import Explanation, explain
from services.tickets.domain.happenings import Happened, PolicyChanged
from services.tickets.domain.policies import Policy
from services.tickets.domain.ticket import Ticket
from services.tickets.domain.timeline import run
from services.tickets.models import BEGINNING, Place
from services.tickets.repository import calendars, cases, happenings, policies
from services.tickets.service.policies import get_policy
from services.tickets.service.verbs import hold_case
from services.tickets.service.write import write
from shared.errors import NotFound
from shared.visibility import Visibility

_PIECE = 500


@dataclass(frozen=True, slots=True)
class Checked:
    """The sum of a clock, and when it is due when the sum is done again from all that happened to the ticket; None: by
    that it has no such clock.
    """

    explanation: Explanation
    due_again: datetime | None

    @property
    def agrees(self) -> bool:
        return self.due_again == self.explanation.clock.due_at


async def explained(
    session: AsyncSession, sees: Visibility, ticket_id: UUID, now: datetime
) -> tuple[Case, Sequence[Checked]]:
    """How each deadline of a ticket comes about. Raises `NotFound`."""
    case = await cases.get(session, sees, ticket_id)
    if case is None:
        raise NotFound("There is no such ticket.")
    again = {clock.kind: clock for clock in await _done_again(session, case)}
    return case, [
        Checked(explain(clock, now), again[clock.kind].due_at if clock.kind in again else None) for clock in case.clocks
    ]


async def fix_due(
    session: AsyncSession,
    ticket_id: UUID,
    act: Act,
    *,
    clock: str,
    due_at: datetime | None,
    reason: str,
) -> Case:
    """Fixes when something is due. Raises `NotFound`, `VersionConflict`, `NotInThisState`, `Invalid`."""
    case = await hold_case(session, ticket_id, act)
    return await _done(session, set_due(case, clock, due_at, reason, act))


async def put_under(session: AsyncSession, ticket_id: UUID, act: Act, *, policy: str) -> Case:
    """Puts a case under a policy that is in force. Raises `NotFound`, `VersionConflict`, `NotInThisState`."""
    case = await hold_case(session, ticket_id, act)
    return await _done(session, set_policy(case, await get_policy(session, policy), act))


async def _done_again(session: AsyncSession, case: Case) -> tuple[Clock, ...]:
    """The clocks of a case as its trail alone gives them, by the versions of calendars that it has now."""
    trail = await _trail(session, case.ticket)
    changes = [happened.happening for happened in trail if isinstance(happened.happening, PolicyChanged)]
    own = case.resolution.policy
    first = (changes[0].before, changes[0].before_version) if changes else (own.name, own.version)
    named = sorted({first, *((change.policy, change.version) for change in changes)})
    kept = {clock.kind: clock.calendar for clock in case.clocks}
    known = await policies.versions(session, named, await calendars.in_force(session))
    under = {name: _by(policy, kept) for name, policy in known.items()}
    return run(under, under[first], case.ticket.id, case.resolution.started_at, trail)


async def _trail(session: AsyncSession, ticket: Ticket) -> list[Happened]:
    """All that happened to a ticket."""
    found: list[Happened] = []
    after: Place | None = BEGINNING
    while after is not None:
        page = await happenings.of_ticket(session, ticket, after, _PIECE)
        found += page.items
        after = page.next
    return found


def _by(policy: Policy, kept: Mapping[str, Calendar]) -> Policy:
    """The policy with the calendars by which the clocks of its kinds run."""
    terms = (replace(term, calendar=_same(term.calendar, kept.get(term.kind))) for term in policy.terms)
    return replace(policy, terms=tuple(terms))


def _same(calendar: Calendar, kept: Calendar | None) -> Calendar:
    return kept if kept is not None and kept.name == calendar.name else calendar


async def _done(session: AsyncSession, change: Change) -> Case:
    await write(session, [change])
    return change.after
