"""Keeps by what cases are found, in the transaction in which they change."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.tickets.domain.cases import Case
from services.tickets.domain.change import Change
from services.tickets.domain.happenings import Withdrawn
from services.tickets.domain.search import exact_words, exact_words_of, exact_words_of_ticket
from services.tickets.repository import cases, entries, search
from services.tickets.repository.search import Findable
from shared.visibility import EVERYTHING


async def keep(session: AsyncSession, changes: Sequence[Change]) -> None:
    """Lets cases be found by what was said now; those of which something was withdrawn by what is left, alone."""
    latest = {change.after.ticket.id: change.after for change in changes}
    rewritten = {
        change.after.ticket.id
        for change in changes
        if any(isinstance(each.happening, Withdrawn) for each in change.happened)
    }
    said: defaultdict[UUID, list[str]] = defaultdict(list)
    for change in changes:
        if change.entry:
            said[change.after.ticket.id].append(change.entry.body)
    grown = [case for ticket_id, case in latest.items() if ticket_id not in rewritten]
    await search.add(session, [_findable(case, said[case.ticket.id]) for case in grown])
    await rewrite(session, [latest[ticket_id] for ticket_id in rewritten])


async def keep_missed(session: AsyncSession, limit: int) -> int:
    """Lets cases be found that an older release wrote or changed. How many, at most `limit`."""
    missed = await search.unfindable(session, limit)
    held = await cases.lock(session, EVERYTHING, sorted(missed))
    await rewrite(session, held)
    return len(held)


async def rewrite(session: AsyncSession, held: Sequence[Case]) -> None:
    """Lets these cases be found by what is said in them now, and by nothing else."""
    said = await entries.bodies(session, [case.ticket.id for case in held])
    await search.replace(session, [_findable(case, said.get(case.ticket.id, ())) for case in held])


def _findable(case: Case, said: Iterable[str]) -> Findable:
    text = "\n".join((case.ticket.subject, *said))
    exact = exact_words(text) | exact_words_of_ticket(case.ticket)
    return Findable(
        case.ticket.id, case.ticket.version, text, frozenset(exact), frozenset(exact_words_of(case.citizen))
    )
