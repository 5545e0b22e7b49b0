"""What a citizen sees of his case. Who has its code sees how it stands and what happened; who has its link, which is
for him alone, reads the conversation as well.
"""

from collections.abc import Sequence
from dataclasses import replace
from html import escape
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.tickets.domain.cases import Standing
from services.tickets.domain.entries import Entry
from services.tickets.domain.ticket import Ticket
from services.tickets.domain.tracking import steps_of
from services.tickets.models import Conversation, Place, Tracked
from services.tickets.repository import cases, codes, entries, happenings, merges, tickets
from shared.visibility import EVERYTHING

_HAPPENINGS = 200
_MOST_LINES = 30
_MOST_BYTES = 16_000
"""Of what was written, on one page; one line stands there in any case."""


async def by_code(session: AsyncSession, tracking_code: str) -> Tracked | None:
    """The case whose citizen was given this code, or that what was given it joined, which is his right to see it; where
    it was merged, the one that goes on with it.
    """
    found = await codes.anchors(session, EVERYTHING, codes=[tracking_code])
    return await _led_to(session, [anchor.ticket_id for anchor in found.values()], tracking_code)


async def by_link(session: AsyncSession, ticket_id: UUID) -> Tracked | None:
    """The case that a link names; where it was merged, its own words are read in the one that goes on with it."""
    own = await tickets.get(session, EVERYTHING, ticket_id)
    return await _led_to(session, [ticket.id for ticket in own], own[0].tracking_code if own else "")


async def _led_to(session: AsyncSession, ticket_ids: Sequence[UUID], tracking_code: str) -> Tracked | None:
    for lead in await merges.leads(session, EVERYTHING, ticket_ids):
        case = await cases.get(session, EVERYTHING, lead.root_id)
        return await _tracked(session, _under(case, tracking_code) if case else None)
    return None


async def conversation(session: AsyncSession, ticket: Ticket, link_of: UUID, before: Place) -> Conversation:
    """The last that was said before a place. Where others take part, who has the link of one ticket reads what was said
    in that one: theirs is not his.
    """
    said_to = None if link_of == ticket.id else link_of
    found = await entries.last_public(session, ticket, said_to, before, _MOST_LINES + 1)
    shown = _fitting(found)
    is_all = len(shown) == len(found)
    return Conversation([entry for entry, _ in shown], None if is_all else shown[0][1])


def _under(standing: Standing, tracking_code: str) -> Standing:
    return replace(standing, ticket=replace(standing.ticket, tracking_code=tracking_code))


async def _tracked(session: AsyncSession, standing: Standing | None) -> Tracked | None:
    if standing is None:
        return None
    happened = await happenings.last_of_ticket(session, standing.ticket, _HAPPENINGS)
    return Tracked(standing, steps_of(happened))


def _fitting(found: Sequence[tuple[Entry, Place]]) -> Sequence[tuple[Entry, Place]]:
    """The last of them that have room on a page, as they are written there."""
    left, first = _MOST_BYTES, len(found)
    for entry, _ in reversed(found[-_MOST_LINES:]):
        left -= len(escape(entry.body).encode())
        if left < 0 and first < len(found):
            break
        first -= 1
    return found[first:]
