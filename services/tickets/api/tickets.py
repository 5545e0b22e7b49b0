"""What is looked at: tickets, their conversations and their trails."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response

from services.tickets.api.criteria import Criteria, Sorting, cursor_after, turn_in
from services.tickets.api.parameters import (
    PAGE,
    PageLimit,
    Reader,
    TrailReader,
    WiredRulebook,
    cursor_of,
    place_of,
    ticket_out,
)
from services.tickets.domain.audit import Record
from services.tickets.domain.cases import Case
from services.tickets.domain.citizens import Citizen, Handle
from services.tickets.domain.completeness import known_fields, missing_fields
from services.tickets.domain.entries import Entry
from services.tickets.domain.privacy import shown
from services.tickets.models import BEGINNING, Page
from services.tickets.schemas.tickets import (
    AuditOut,
    AuditPage,
    CitizenOut,
    EntryOut,
    EntryPage,
    ParticipantOut,
    TicketDetail,
    TicketPage,
)
from services.tickets.service import tickets
from shared.errors import NotFound
from shared.http import Reading
from shared.idempotency import KeyedRoute
from shared.privacy import masked_number
from shared.refusals import refusals
from shared.wiring import Now

router = APIRouter(prefix="/v1", route_class=KeyedRoute)


@router.get("/tickets", tags=["tickets"])
async def list_tickets(
    session: Reading,
    sees: Reader,
    criteria: Criteria,
    sort: Sorting = "newest",
    limit: Annotated[int, Query(ge=1, le=1_000)] = 50,
    cursor: str | None = None,
) -> TicketPage:
    """Tickets, newest first, or in another order (`due`: those whose resolution is owed, the most urgent first). Follow
    `next_cursor` until it is null; new arrivals never shift a page.
    """
    after = turn_in(cursor, sort) if cursor is not None else None
    page, next_turn = await tickets.list_tickets(session, sees, criteria, sort, after, limit)
    return TicketPage(
        items=[ticket_out(standing) for standing in page],
        next_cursor=cursor_after(next_turn) if next_turn else None,
    )


@router.get("/tickets/{ticket_id}", tags=["tickets"], responses=refusals(NotFound))
async def get_ticket(
    response: Response, session: Reading, sees: Reader, now: Now, rulebook: WiredRulebook, ticket_id: UUID
) -> TicketDetail:
    """One ticket, what is still missing from it, and where its conversation and its audit trail begin."""
    case = await tickets.get_case(session, sees, ticket_id)
    ticket, told = case.ticket, shown(case, sees)
    topics = (await rulebook.read(session, now)).classifier.by_slug
    entries = await tickets.entries_of(session, sees, ticket, BEGINNING, PAGE)
    audit = await tickets.audit_of(session, sees, ticket, BEGINNING, PAGE)
    response.headers["ETag"] = f'"{ticket.version}"'
    return TicketDetail(
        **ticket_out(told).model_dump(),
        citizen=_citizen(told.citizen),
        missing=missing_fields(topics.get(ticket.topic or ""), ticket.channel, known_fields(case.citizen)),
        participants=[_participant(merged) for merged in await tickets.merged_into(session, sees, ticket)],
        links=list(await tickets.links_of(session, ticket)),
        entries=_entries(entries),
        entries_next_cursor=cursor_of(entries),
        audit=_audit(audit),
        audit_next_cursor=cursor_of(audit),
    )


@router.get("/tickets/{ticket_id}/entries", tags=["tickets"], responses=refusals(NotFound))
async def list_entries(
    session: Reading, sees: Reader, ticket_id: UUID, limit: PageLimit = PAGE, cursor: str | None = None
) -> EntryPage:
    """The conversation of a ticket, in its order. Follow `next_cursor` until it is null: nothing that is said
    meanwhile is skipped. Long lines make a page shorter than `limit`.
    """
    ticket = await tickets.get_ticket(session, sees, ticket_id)
    page = await tickets.entries_of(session, sees, ticket, place_of(cursor), limit)
    return EntryPage(items=_entries(page), next_cursor=cursor_of(page))


@router.get("/tickets/{ticket_id}/audit", tags=["tickets"], responses=refusals(NotFound))
async def list_audit(
    session: Reading, sees: TrailReader, ticket_id: UUID, limit: PageLimit = PAGE, cursor: str | None = None
) -> AuditPage:
    """The audit trail of a ticket, in its order, in pages as its conversation."""
    ticket = await tickets.get_ticket(session, sees, ticket_id)
    page = await tickets.audit_of(session, sees, ticket, place_of(cursor), limit)
    return AuditPage(items=_audit(page), next_cursor=cursor_of(page))


def _citizen(citizen: Citizen) -> CitizenOut:
    return CitizenOut(
        id=citizen.id,
        **citizen.person.model_dump(),
        nik=_masked(citizen.nik),
        programme_number=_masked(citizen.programme_number),
    )


def _participant(case: Case) -> ParticipantOut:
    ticket = case.ticket
    return ParticipantOut(ticket_id=ticket.id, tracking_code=ticket.tracking_code, citizen=_citizen(case.citizen))


def _masked(number: Handle | None) -> str | None:
    return masked_number(number.last4) if number else None


def _entries(page: Page[Entry]) -> list[EntryOut]:
    return [EntryOut.model_validate(entry, from_attributes=True) for entry in page.items]


def _audit(page: Page[Record]) -> list[AuditOut]:
    return [AuditOut.model_validate(record, from_attributes=True) for record in page.items]
