"""The tickets. Every read takes what its reader sees, and finds nothing else."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, Uuid, and_, any_, literal, or_, select, tuple_
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.sql.selectable import NamedFromClause

from services.tickets.domain.search import tells_nobody
from services.tickets.domain.ticket import Ticket
from services.tickets.models import Filter, Sort, Turn
from services.tickets.repository.clocks import CLOCKS
from services.tickets.repository.codes import CODES
from services.tickets.repository.entries import ENTRIES
from services.tickets.repository.search import matching, naming
from shared.rows import Table
from shared.visibility import Visibility

TICKETS = Table("tickets.tickets", Ticket)
_TICKET = TICKETS.sql.alias("t")


async def insert(session: AsyncSession, tickets: Sequence[Ticket]) -> None:
    """Writes new tickets, many at once."""
    await TICKETS.insert_many(session, tickets)


async def update(session: AsyncSession, tickets: Sequence[Ticket]) -> None:
    """Writes down how locked tickets changed, many at once."""
    await TICKETS.update_many(session, tickets)


async def lock(session: AsyncSession, sees: Visibility, ids: Sequence[UUID]) -> list[Ticket]:
    """Those of the tickets that are there and are seen, held until the end of the transaction.

    Who adds to a trail holds its ticket: or he would take a place that others see only when they are past it.
    """
    return await _find(session, _held(_visible(sees).where(_TICKET.c.id == _any(ids))))


async def of_citizen(session: AsyncSession, sees: Visibility, citizen_id: UUID, limit: int) -> list[Ticket]:
    """The newest tickets of a citizen, but those of which it is hidden from this reader whose they are."""
    query = _visible(sees).where(_TICKET.c.citizen_id == citizen_id, _shows_identity(sees))
    return await _find(session, query.order_by(_TICKET.c.opened_at.desc(), _TICKET.c.id.desc()).limit(limit))


async def ids_of_citizen(session: AsyncSession, sees: Visibility, citizen_id: UUID) -> list[UUID]:
    """Which tickets are a citizen's. They are not held."""
    query = _visible(sees).where(_TICKET.c.citizen_id == citizen_id).with_only_columns(_TICKET.c.id)
    return list(await session.scalars(query))


async def get(session: AsyncSession, sees: Visibility, ticket_id: UUID) -> list[Ticket]:
    """The ticket, if there is one."""
    return await _find(session, _visible(sees).where(_TICKET.c.id == ticket_id))


async def of_ids(session: AsyncSession, sees: Visibility, ids: Sequence[UUID]) -> list[Ticket]:
    """Those of the tickets that are there. They are not held."""
    return await _find(session, _visible(sees).where(_TICKET.c.id == _any(ids))) if ids else []


async def lock_held(session: AsyncSession, sees: Visibility, now: datetime, limit: int) -> list[Ticket]:
    """Tickets that were held until now, and that nobody else works on. `tickets.tickets_held` serves it."""
    is_due = _TICKET.c.held_until <= now
    due = _visible(sees).where(is_due).order_by(_TICKET.c.held_until).limit(limit)
    return await _find(session, due.with_for_update(skip_locked=True))


async def page(
    session: AsyncSession, sees: Visibility, criteria: Filter, sort: Sort, after: Turn | None, limit: int
) -> list[Ticket]:
    """Tickets in an order, that come `after` a turn in it."""
    query = _visible(sees).where(*_conditions(criteria, sees))
    return await _find(session, _in_order(query, sort, after).limit(limit))


def _in_order(query: Select[Any], sort: Sort, after: Turn | None) -> Select[Any]:
    match sort:
        case "newest":
            query = query.order_by(_TICKET.c.id.desc())
            return query if after is None else query.where(_TICKET.c.id < after.id)
        case "oldest":
            query = query.order_by(_TICKET.c.id)
            return query if after is None else query.where(_TICKET.c.id > after.id)
        case "due":  # `tickets.clocks_running` serves it
            clock = CLOCKS.sql
            place = clock.c.due_at, clock.c.ticket_id
            query = query.join(clock, clock.c.ticket_id == _TICKET.c.id).where(*_is_running(clock)).order_by(*place)
            return query if after is None else query.where(tuple_(*place) > tuple_(after.due_at, after.id))


def _visible(sees: Visibility) -> Select[Any]:
    """Every ticket that is seen: where each read begins."""
    query = select(*TICKETS.labelled(_TICKET))
    return query if sees.units is None else query.where(_TICKET.c.unit.in_(sorted(sees.units)))


def _held(query: Select[Any]) -> Select[Any]:
    return query.order_by(_TICKET.c.id).with_for_update()


def _any(ids: Sequence[UUID]) -> ColumnElement[Any]:
    return any_(literal(list(ids), ARRAY(Uuid)))


def _conditions(criteria: Filter, sees: Visibility) -> Iterator[ColumnElement[bool]]:
    """What a list is narrowed to; they hold together."""
    if criteria.tracking_code is not None:
        yield _led_to_by(criteria.tracking_code)
    for name in ("status", "channel", "unit", "topic", "escalation_level"):
        value = getattr(criteria, name)
        if value is not None:
            yield _TICKET.c[name] == value
    if criteria.statuses is not None:
        yield _TICKET.c.status.in_(criteria.statuses)
    if criteria.contact_id is not None:
        entry = ENTRIES.sql
        yield _TICKET.c.id.in_(select(entry.c.ticket_id).where(entry.c.contact_id == criteria.contact_id))
    if criteria.opened_from is not None:
        yield _TICKET.c.opened_at >= criteria.opened_from
    if criteria.opened_to is not None:
        yield _TICKET.c.opened_at < criteria.opened_to
    if criteria.wanted:
        yield _TICKET.c.id.in_(matching(criteria.wanted))
        yield or_(
            _shows_identity(sees),
            and_(literal(tells_nobody(criteria.wanted)), _TICKET.c.id.not_in(naming(criteria.wanted))),
        )
    if criteria.due_before is not None:
        yield _TICKET.c.id.in_(_due_before(criteria.due_before))


def _shows_identity(sees: Visibility) -> ColumnElement[bool]:
    """`Visibility.shows_identity`, of tickets that are seen."""
    return _TICKET.c.privacy.in_(sees.shown_privacies)


def _led_to_by(code: str) -> ColumnElement[bool]:
    """The ticket of this code, and the one that what was given this code joined."""
    joined = select(CODES.sql.c.ticket_id).where(CODES.sql.c.code == code)
    return _TICKET.c.id.in_(joined.union(select(TICKETS.sql.c.id).where(TICKETS.sql.c.tracking_code == code)))


def _due_before(moment: datetime) -> Select[Any]:
    """The tickets whose clock runs and ends before a moment. `tickets.clocks_running` serves it."""
    clock = CLOCKS.sql
    return select(clock.c.ticket_id).where(*_is_running(clock), clock.c.due_at < moment)


def _is_running(clock: NamedFromClause) -> tuple[ColumnElement[bool], ...]:
    return clock.c.kind == "resolution", clock.c.stopped_at.is_(None)


async def _find(session: AsyncSession, query: Select[Any]) -> list[Ticket]:
    return [TICKETS.read(row, "t") for row in await session.execute(query)]
