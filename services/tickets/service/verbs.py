"""What staff do to a ticket. Each verb holds the ticket, asks the rule whether it may, and writes what came of it.

Each raises `NotFound`, `VersionConflict`, and what its rule raises (`domain/verbs`).
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.tickets.domain import verbs
from services.tickets.domain.cases import Case
from services.tickets.domain.change import Act, Addressee, Change
from services.tickets.domain.completeness import check_complete, done_despite, known_fields, missing_fields
from services.tickets.domain.entries import Entry, agent_entry, internal_note
from services.tickets.domain.ticket import Priority
from services.tickets.repository import cases, entries, topics
from services.tickets.service import assignments, units
from services.tickets.service.write import write
from shared.errors import NotFound
from shared.visibility import EVERYTHING, Privacy


async def claim(session: AsyncSession, ticket_id: UUID, act: Act) -> Case:
    """Whoever acts takes the case, if nobody has it: of two at once, the second finds it taken."""
    return await _do(session, ticket_id, act, lambda case: verbs.claim(case, act))


async def assign(session: AsyncSession, ticket_id: UUID, act: Act, *, assignee: str, because: str = "") -> Case:
    """Gives the case to an agent, whoever has it now. One of the roster must be able to take it: `CannotTake`."""
    agent = await assignments.hold_assignee(session, assignee)
    case = await hold_case(session, ticket_id, act)
    await assignments.check(session, agent, case.ticket, act.now)
    return await _done(session, verbs.assign(case, assignee, act, because=because))


async def unassign(session: AsyncSession, ticket_id: UUID, act: Act, *, because: str = "") -> Case:
    """Takes the case from who has it: it waits for whoever claims it."""
    return await _do(session, ticket_id, act, lambda case: verbs.unassign(case, act, because=because))


async def note(session: AsyncSession, ticket_id: UUID, act: Act, *, body: str) -> Case:
    """Adds a line for colleagues."""
    line = internal_note(ticket_id, body, act.now)
    return await _do(session, ticket_id, act, lambda case: verbs.write_note(case, line, act))


async def reply(session: AsyncSession, ticket_id: UUID, act: Act, *, body: str) -> Case:
    """Answers the citizen."""
    line = agent_entry(ticket_id, body, act.now)
    return await _tell(session, ticket_id, act, lambda case: verbs.reply(case, line, act))


async def escalate(session: AsyncSession, ticket_id: UUID, act: Act, *, unit: str | None = None, reason: str) -> Case:
    """Takes the case one level up, to the unit of that slug or name if one is given: `Invalid` for no unit of ours."""
    above = await units.called(session, unit) if unit else None
    return await _tell(session, ticket_id, act, lambda case: verbs.escalate(case, above, reason, act))


async def hold(session: AsyncSession, ticket_id: UUID, act: Act, *, until: datetime, reason: str) -> Case:
    """Lets the case rest until a moment."""
    return await _do(session, ticket_id, act, lambda case: verbs.hold(case, until, reason, act))


async def forward(
    session: AsyncSession, ticket_id: UUID, act: Act, *, to: str, body: str = "", despite: str = ""
) -> Case:
    """Notes that the case was sent to another authority, and tells the citizen, with or without more words. Of a case
    that lacks something: `Incomplete`, unless it is said why it is done `despite` that.
    """
    line = _line(ticket_id, body, act)
    return await _end(session, ticket_id, act, lambda case: verbs.forward(case, to, line, act), despite)


async def resolve(session: AsyncSession, ticket_id: UUID, act: Act, *, body: str = "", despite: str = "") -> Case:
    """Resolves the case, with or without a last word. Of one that lacks something: `Incomplete`, as in `forward`."""
    line = _line(ticket_id, body, act)
    return await _end(session, ticket_id, act, lambda case: verbs.resolve(case, line, act), despite)


async def close(session: AsyncSession, ticket_id: UUID, act: Act, *, reason: str) -> Case:
    """Ends the case for us, and tells the citizen why."""
    line = agent_entry(ticket_id, reason, act.now)
    return await _tell(session, ticket_id, act, lambda case: verbs.close(case, line, act))


async def reject(session: AsyncSession, ticket_id: UUID, act: Act, *, reason: str) -> Case:
    """Takes the case for none, and tells the citizen why."""
    line = agent_entry(ticket_id, reason, act.now)
    return await _tell(session, ticket_id, act, lambda case: verbs.reject(case, line, act))


async def reopen(session: AsyncSession, ticket_id: UUID, act: Act, *, reason: str) -> Case:
    """Takes the case up again."""
    return await _do(session, ticket_id, act, lambda case: verbs.reopen(case, reason, act))


async def set_priority(session: AsyncSession, ticket_id: UUID, act: Act, *, priority: Priority) -> Case:
    """Says how urgent the case is."""
    return await _do(session, ticket_id, act, lambda case: verbs.set_priority(case, priority, act))


async def set_privacy(session: AsyncSession, ticket_id: UUID, act: Act, *, privacy: Privacy) -> Case:
    """Says from whom it is hidden whose case it is."""
    return await _do(session, ticket_id, act, lambda case: verbs.set_privacy(case, privacy, act))


async def hold_case(session: AsyncSession, ticket_id: UUID, act: Act) -> Case:
    """The case, held until the end of the transaction. Raises `NotFound` and `VersionConflict`."""
    for case in await cases.lock(session, act.sees, [ticket_id]):
        case.ticket.check_version(act.version)
        return case
    raise NotFound("There is no such ticket.")


async def _do(session: AsyncSession, ticket_id: UUID, act: Act, verb: Callable[[Case], Change]) -> Case:
    return await _done(session, verb(await hold_case(session, ticket_id, act)))


async def _end(session: AsyncSession, ticket_id: UUID, act: Act, verb: Callable[[Case], Change], despite: str) -> Case:
    """A verb with which a case leaves our hands: of one that lacks something it is noted why that is done without."""
    case = await hold_case(session, ticket_id, act)
    change = verb(case)
    missing = await _missing(session, case)
    if not missing:
        return await _told(session, change)
    check_complete(missing, despite)
    noted = verbs.write_note(case, internal_note(ticket_id, done_despite(missing, despite), act.now), act)
    return await _told(session, verb(noted.after), before=[noted])


async def _missing(session: AsyncSession, case: Case) -> list[str]:
    """What the case lacks, where its policy has citizens asked for it: elsewhere nobody told them that it is needed."""
    if not (case.resolution.policy.asks_by_itself and case.ticket.topic):
        return []
    found = await topics.get(session, case.ticket.topic)
    return missing_fields(found.topic if found else None, case.ticket.channel, known_fields(case.citizen))


async def _tell(session: AsyncSession, ticket_id: UUID, act: Act, verb: Callable[[Case], Change]) -> Case:
    """A verb of which the citizen is told."""
    return await _told(session, verb(await hold_case(session, ticket_id, act)))


async def _told(session: AsyncSession, change: Change, before: Sequence[Change] = ()) -> Case:
    """Writes a change, after those `before` it, and has the citizen told: who spoke last, where several take part."""
    last = await entries.last_of_citizen(session, change.after.ticket)
    if last is not None and last.said_to is not None:
        theirs = await cases.get(session, EVERYTHING, last.said_to)
        if theirs is not None:
            change = replace(change, addressee=Addressee(theirs.ticket, theirs.citizen))
    return await _done(session, *before, change)


async def _done(session: AsyncSession, *changes: Change) -> Case:
    await write(session, changes)
    return changes[-1].after


def _line(ticket_id: UUID, body: str, act: Act) -> Entry | None:
    return agent_entry(ticket_id, body, act.now) if body else None
