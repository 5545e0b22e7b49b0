"""Two tickets become one, and two again; lines of one become another; and tickets are linked. Tickets are held in the
order of their ids: who comes second finds what the first made.
"""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.tickets.domain import verbs
from services.tickets.domain.cases import Case
from services.tickets.domain.change import Act
from services.tickets.repository import cases, entries, links, merges, tickets
from services.tickets.service import search
from services.tickets.service.verbs import hold_case
from services.tickets.service.write import write
from shared.errors import FieldError, Invalid, NotFound, VersionConflict


async def merge(session: AsyncSession, ticket_id: UUID, act: Act, *, into: UUID) -> Case:
    """The ticket goes on as another. Its conversation, and whatever is still said to it, is found there."""
    source, target = await _hold_two(session, ticket_id, into, act, "into")
    [lead] = await merges.leads(session, act.sees, [into])
    verbs.check_mergeable(source.ticket, target.ticket, lead.root_id)
    done = verbs.merge(source, target, await merges.into(session, target.ticket), act)
    await write(session, [done.source, done.target])
    await merges.insert(session, done.merge)
    await entries.merge(session, source.ticket, into=target.ticket)
    await search.rewrite(session, [done.source.after, done.target.after])
    return done.source.after


async def roots_of(session: AsyncSession, ids: Sequence[UUID], act: Act) -> list[UUID]:
    """The tickets that those of these go on as that are merged."""
    found = await tickets.of_ids(session, act.sees, ids)
    return [ticket.merged_into for ticket in found if ticket.merged_into]


async def unmerge(session: AsyncSession, ticket_id: UUID, act: Act) -> Case:
    """Undoes the merge of a ticket: it gets back what was said to it before and since. A second time is no change."""
    parent = next((ticket.merged_into for ticket in await tickets.get(session, act.sees, ticket_id)), None)
    if parent is None:
        return await _not_merged(session, ticket_id, act)
    source, target = await _hold_two(session, ticket_id, parent, act, "ticket_id")
    if source.ticket.merged_into != target.ticket.id:
        raise VersionConflict("Somebody undid or made a merge just now. Read the ticket again, and decide again.")
    into_target = await merges.into(session, target.ticket)
    merged = next(merge for merge in into_target if merge.source_id == source.ticket.id)
    done = verbs.unmerge(source, target, merged, into_target, act)
    family = await merges.family(session, source.ticket)
    await write(session, [done.source, done.target])
    await merges.update(session, done.merge)
    await entries.unmerge(session, source.ticket, out_of=target.ticket, said_to=family)
    await search.rewrite(session, [done.source.after, done.target.after])
    return done.source.after


async def split(session: AsyncSession, ticket_id: UUID, act: Act, *, entry_ids: Sequence[UUID]) -> Case:
    """Lines of a ticket become a new one. Answers that."""
    case = await hold_case(session, ticket_id, act)
    lines = await entries.get(session, case.ticket, entry_ids)
    if len(lines) != len(set(entry_ids)):
        fault = FieldError(
            "entry_ids", "are not all lines of this ticket", "ids of GET /v1/tickets/{ticket_id}/entries"
        )
        raise Invalid("Only lines of the ticket become another.", errors=[fault])
    origin, new = verbs.split(case, lines, act)
    await write(session, [origin, new])
    await entries.move(session, [line.id for line in lines], to=new.after.ticket)
    await search.rewrite(session, [origin.after, new.after])
    return new.after


async def link(session: AsyncSession, ticket_id: UUID, act: Act, *, other: UUID) -> Case:
    """The two tickets have to do with each other. A second time is no change."""
    one, two = await _hold_two(session, ticket_id, other, act, "other")
    changes = [verbs.link(one, other, act), verbs.link(two, ticket_id, act)]
    if not await links.add(session, one.ticket, two.ticket, act):
        return one
    await write(session, changes)
    return changes[0].after


async def _hold_two(session: AsyncSession, ticket_id: UUID, other_id: UUID, act: Act, field: str) -> tuple[Case, Case]:
    """Both cases, held, of which the first is in the version that was read. Raises `NotFound`, `VersionConflict`, and
    `Invalid` where it is the other that is not there.
    """
    held = {case.ticket.id: case for case in await cases.lock(session, act.sees, [ticket_id, other_id])}
    if ticket_id not in held:
        raise NotFound("There is no such ticket.")
    held[ticket_id].ticket.check_version(act.version)
    if other_id not in held:
        fault = FieldError(field, "is no ticket that you see", "the id of a ticket")
        raise Invalid("There is no such other ticket.", errors=[fault])
    return held[ticket_id], held[other_id]


async def _not_merged(session: AsyncSession, ticket_id: UUID, act: Act) -> Case:
    case = await hold_case(session, ticket_id, act)
    if not await merges.was_merged(session, case.ticket):
        raise verbs.NotMerged("It was never merged.")
    return case
