"""The routes of tickets."""

import base64
import re
from contextlib import suppress
from dataclasses import fields
from typing import Annotated, Any
from uuid import UUID
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, Header, Query, Request, Response
from pydantic import AwareDatetime

from services.tickets.domain.audit import Record
from services.tickets.domain.cases import Case, Standing
from services.tickets.domain.change import Act
from services.tickets.domain.citizens import Citizen
from services.tickets.domain.entries import Entry
from services.tickets.domain.ticket import CATEGORY, Category, Status
from services.tickets.domain.topics import missing_fields
from services.tickets.domain.verbs import AlreadyResolved, HighestLevel
from services.tickets.models import BEGINNING, Filter, Page, Place
from services.tickets.schemas import (
    AuditOut,
    AuditPage,
    CitizenOut,
    EntryOut,
    EntryPage,
    EscalateIn,
    ReplyIn,
    ResolveIn,
    TicketDetail,
    TicketOut,
    TicketPage,
    Tracking,
)
from services.tickets.service import reading, verbs
from services.tickets.service.rulebook import Rulebook
from shared.auth import PUBLIC, Caller, staff
from shared.errors import FieldError, Invalid, NotFound, VersionConflict
from shared.events import Channel
from shared.http import Reading, Transaction, trace
from shared.idempotency import KeyedRoute
from shared.ids import normalise_tracking_code
from shared.refusals import refusals
from shared.wiring import Now, wired

Agent = Annotated[Caller, Depends(staff("agent", "supervisor"))]
Reader = Depends(staff("agent", "supervisor", "officer"))
IfMatch = Annotated[
    str | None,
    Header(alias="If-Match", description='The `ETag` that you read, such as `"3"`; 412 if somebody was faster'),
]
_PAGE = 100
PageLimit = Annotated[int, Query(ge=1, le=500)]
_ETAG = re.compile(r'^(?:W/)?"(\d{1,9})"$')


WiredRulebook = Annotated[Rulebook, Depends(wired(Rulebook))]
_OF_A_VERB = (NotFound, VersionConflict, AlreadyResolved)


async def _act(request: Request, caller: Agent, now: Now) -> Act:
    return Act(caller.subject, trace(request), now)


AgentsAct = Annotated[Act, Depends(_act)]
router = APIRouter(prefix="/v1", route_class=KeyedRoute)


@router.get("/tickets", tags=["tickets"], dependencies=[Reader])
async def list_tickets(
    session: Reading,
    status: Status | None = None,
    status_category: Category | None = None,
    channel: Channel | None = None,
    unit: str | None = None,
    topic: str | None = None,
    escalation_level: Annotated[int | None, Query(ge=0, le=32_767)] = None,
    tracking_code: str | None = None,
    contact_id: UUID | None = None,
    opened_from: AwareDatetime | None = None,
    opened_to: AwareDatetime | None = None,
    due_before: AwareDatetime | None = None,
    limit: Annotated[int, Query(ge=1, le=1_000)] = 50,
    cursor: str | None = None,
) -> TicketPage:
    """Tickets, newest first. Follow `next_cursor` until it is null; new arrivals never shift a page."""
    wanted = Filter(
        status=status,
        statuses=tuple(s for s, c in CATEGORY.items() if c == status_category) if status_category else None,
        channel=channel,
        unit=unit,
        topic=topic,
        escalation_level=escalation_level,
        tracking_code=normalise_tracking_code(tracking_code) or "" if tracking_code is not None else None,
        contact_id=contact_id,
        opened_from=opened_from,
        opened_to=opened_to,
        due_before=due_before,
    )
    found = await reading.list_tickets(session, wanted, _read_ticket(cursor), limit + 1)
    page = found[:limit]
    return TicketPage(
        items=[_show(standing) for standing in page],
        next_cursor=_cursor(page[-1].ticket.id.bytes) if len(found) > limit else None,
    )


@router.get("/tickets/{ticket_id}", tags=["tickets"], dependencies=[Reader], responses=refusals(NotFound))
async def get_ticket(
    response: Response, session: Reading, now: Now, rulebook: WiredRulebook, ticket_id: UUID
) -> TicketDetail:
    """One ticket, what is still missing from it, and where its conversation and its audit trail begin."""
    case = await reading.get_case(session, ticket_id)
    ticket = case.ticket
    classifier, _ = await rulebook.read(session, now)
    entries = await reading.entries_of(session, ticket_id, BEGINNING, _PAGE)
    audit = await reading.audit_of(session, ticket_id, BEGINNING, _PAGE)
    response.headers["ETag"] = f'"{ticket.version}"'
    return TicketDetail(
        **_show(case).model_dump(),
        citizen=_citizen(case.citizen),
        missing=missing_fields(classifier.by_slug.get(ticket.topic or ""), _known(case.citizen)),
        entries=_entries(entries),
        entries_next_cursor=_next(entries),
        audit=_audit(audit),
        audit_next_cursor=_next(audit),
    )


@router.get("/tickets/{ticket_id}/entries", tags=["tickets"], dependencies=[Reader], responses=refusals(NotFound))
async def list_entries(
    session: Reading, ticket_id: UUID, limit: PageLimit = _PAGE, cursor: str | None = None
) -> EntryPage:
    """The conversation of a ticket, in its order. Follow `next_cursor` until it is null: nothing that is said
    meanwhile is skipped. Long lines make a page shorter than `limit`.
    """
    await reading.check_there(session, ticket_id)
    page = await reading.entries_of(session, ticket_id, _read_place(cursor), limit)
    return EntryPage(items=_entries(page), next_cursor=_next(page))


@router.get("/tickets/{ticket_id}/audit", tags=["tickets"], dependencies=[Reader], responses=refusals(NotFound))
async def list_audit(
    session: Reading, ticket_id: UUID, limit: PageLimit = _PAGE, cursor: str | None = None
) -> AuditPage:
    """The audit trail of a ticket, in its order, in pages as its conversation."""
    await reading.check_there(session, ticket_id)
    page = await reading.audit_of(session, ticket_id, _read_place(cursor), limit)
    return AuditPage(items=_audit(page), next_cursor=_next(page))


@router.post("/tickets/{ticket_id}/reply", tags=["tickets"], responses=refusals(*_OF_A_VERB))
async def reply(
    response: Response,
    session: Transaction,
    act: AgentsAct,
    ticket_id: UUID,
    form: ReplyIn,
    if_match: IfMatch = None,
) -> TicketOut:
    """Answers the citizen, who gets it by the way he came: in the chat, and by e-mail or SMS."""
    case = await verbs.reply(session, ticket_id, act, body=form.body, version=_version(if_match))
    return _changed(response, case)


@router.post("/tickets/{ticket_id}/escalate", tags=["tickets"], responses=refusals(*_OF_A_VERB, HighestLevel))
async def escalate(
    response: Response,
    session: Transaction,
    act: AgentsAct,
    ticket_id: UUID,
    form: EscalateIn | None = None,
    if_match: IfMatch = None,
) -> TicketOut:
    """Takes the ticket one level up; the citizen is told the due date."""
    form = form or EscalateIn()
    case = await verbs.escalate(session, ticket_id, act, unit=form.unit, reason=form.reason, version=_version(if_match))
    return _changed(response, case)


@router.post("/tickets/{ticket_id}/resolve", tags=["tickets"], responses=refusals(*_OF_A_VERB))
async def resolve(
    response: Response,
    session: Transaction,
    act: AgentsAct,
    ticket_id: UUID,
    form: ResolveIn | None = None,
    if_match: IfMatch = None,
) -> TicketOut:
    """Settles the ticket; the citizen is told, and asked how well it went."""
    form = form or ResolveIn()
    case = await verbs.resolve(session, ticket_id, act, body=form.body, version=_version(if_match))
    return _changed(response, case)


@router.get("/track/{tracking_code}", tags=["track"], dependencies=[PUBLIC], responses=refusals(NotFound))
async def track(session: Reading, tracking_code: str) -> Tracking:
    """How the case stands, for whoever knows its code. Typing errors such as O for 0 are understood."""
    code = normalise_tracking_code(tracking_code)
    standing = await reading.find_by_code(session, code) if code else None
    if standing is None:
        raise NotFound(
            "No case is known by this code.",
            errors=[FieldError("tracking_code", "is not known", "the code that you were given, as 7K3Q-WM9X-TB40")],
        )
    return Tracking.model_validate(_told(standing))


def _show(standing: Standing) -> TicketOut:
    return TicketOut.model_validate(_told(standing))


def _told(standing: Standing) -> dict[str, Any]:
    """What people are told of a case, its moments in the unit's zone."""
    ticket = standing.ticket.in_zone()
    return {
        **{field.name: getattr(ticket, field.name) for field in fields(ticket)},
        "status_category": ticket.status_category,
        "resolution_due_at": standing.clock.due_at.astimezone(ZoneInfo(ticket.zone)),
    }


def _changed(response: Response, case: Case) -> TicketOut:
    response.headers["ETag"] = f'"{case.ticket.version}"'
    return _show(case)


def _citizen(citizen: Citizen) -> CitizenOut:
    number = citizen.programme_number
    masked = f"************{number.last4 or ''}" if number else None
    return CitizenOut(**citizen.person.model_dump(), programme_number=masked)


def _known(citizen: Citizen) -> set[str]:
    known = {**citizen.person.model_dump(), "programme_number": citizen.programme_number, "body": True}
    return {name for name, value in known.items() if value}


def _version(if_match: str | None) -> int | None:
    if if_match is None or if_match == "*":
        return None
    match = _ETAG.match(if_match)
    if match is None:
        raise Invalid("If-Match is not an ETag of ours.", errors=[FieldError("If-Match", "has the wrong form", '"3"')])
    return int(match.group(1))


def _entries(page: Page[Entry]) -> list[EntryOut]:
    return [EntryOut.model_validate(entry, from_attributes=True) for entry in page.items]


def _audit(page: Page[Record]) -> list[AuditOut]:
    return [AuditOut.model_validate(record, from_attributes=True) for record in page.items]


def _next(page: Page[Any]) -> str | None:
    return _cursor(page.next.number.to_bytes(8, signed=True) + page.next.id.bytes) if page.next else None


def _cursor(place: bytes) -> str:
    return base64.urlsafe_b64encode(place).decode().rstrip("=")


def _read_ticket(cursor: str | None) -> UUID | None:
    return UUID(bytes=_read_cursor(cursor, 16)) if cursor is not None else None


def _read_place(cursor: str | None) -> Place:
    if cursor is None:
        return BEGINNING
    place = _read_cursor(cursor, 24)
    return Place(int.from_bytes(place[:8], signed=True), UUID(bytes=place[8:]))


def _read_cursor(cursor: str, length: int) -> bytes:
    """What `_cursor` wrote. Raises `Invalid` for anything else."""
    with suppress(ValueError):
        place = base64.urlsafe_b64decode(cursor + "==")
        if len(place) == length:
            return place
    raise Invalid(
        "The cursor is not one of ours.",
        errors=[FieldError("cursor", "was not made by this service", "the `next_cursor` of the page before")],
    )
