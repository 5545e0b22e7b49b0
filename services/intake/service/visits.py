"""Visits to a booth: a number is taken, and what was brought is settled at the booth or escalated."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.intake.domain.booths import Booth, label_of, series_of
from services.intake.domain.chats import UNLIMITED
from services.intake.domain.queues import in_order
from services.intake.domain.visits import SENT_AWAY, Outcome, call_due_at, check_can_be_notified, check_may_end
from services.intake.models.contacts import NewContact
from services.intake.models.queues import Waiting
from services.intake.models.visits import Transfer, Visit
from services.intake.repository import contacts, queues, visits
from services.intake.schemas.visits import OutcomeIn, VisitIn, VisitOut, VisitPage, WaitOut
from services.intake.service.booths import Booths
from services.intake.service.contacts import Contacts, Numbers, Origin
from shared.db import OUTBOX_BELL, after_commit
from shared.errors import NotFound
from shared.events import ContactData, ContactReceived
from shared.ids import new_id, new_tracking_code
from shared.paging import first_of
from shared.telemetry import ACCEPTED

_CALLS_LOOKED_AT = 200


@dataclass(frozen=True, slots=True)
class VisitEnding:
    """What the officer who ends a visit adds to it, and who he is."""

    form: OutcomeIn
    origin: Origin


class Visits:
    """The beginning and the end of a visit. Each verb runs in the caller's transaction."""

    def __init__(self, *, contacts: Contacts, booths: Booths, call_within: timedelta) -> None:
        self._contacts = contacts
        self._booths = booths
        self._call_within = call_within

    async def take_number(self, session: AsyncSession, name: str, form: VisitIn, now: datetime) -> VisitOut:
        """Gives the visitor the next number of the service on the booth's day, as the dispenser's button does.

        Who says his telephone number and waits there already gets his number again. Raises `BoothClosed`,
        `ServiceClosed`, and `Invalid` for a service that the booth does not have.
        """
        booth = await self._booths.find(session, name)
        service = booth.open_service(form.service)
        booth.check_gives_numbers(now)
        visit = await self._of_who_waits(session, booth, service.name, form.phone, now)
        if visit is None:
            series, day = series_of(service), booth.day(now)
            taken = await visits.next_number(session, name, series, day, now)
            visit = replace(self.new_visit(name, day, form, now), number=taken.number, place_at=taken.at)
            visit = replace(visit, series=series, first_service=service.name, service=service.name)
            await visits.add_visits(session, [visit])
            self._booths.changed(session, name)
        return visit_out(visit).model_copy(update={"waiting_ahead": await waiting_ahead(session, booth, visit, now)})

    async def _of_who_waits(
        self, session: AsyncSession, booth: Booth, service: str, phone: str | None, now: datetime
    ) -> Visit | None:
        if phone is None:
            return None
        await queues.lock_person(session, booth.name, phone)
        known = await queues.waits_at(session, booth.name, booth.day(now), service, phone=phone, email=None)
        return await _printed(session, known) if known else None

    def new_visit(self, booth: str, day: date, form: VisitIn, taken_at: datetime) -> Visit:
        """A visit that begins with a number; which one, is to be said yet."""
        return Visit(
            id=new_id(),
            booth=booth,
            day=day,
            number=0,
            tracking_code=new_tracking_code(),
            status="waiting",
            name=form.name,
            email=form.email,
            phone=form.phone,
            **self._contacts.numbers(form),
            subject=form.subject,
            body=form.body,
            taken_at=taken_at,
            call_due_at=call_due_at(taken_at, self._call_within),
            priority=form.priority,
            place_at=taken_at,
            queued_at=taken_at,
        )

    async def print_again(self, session: AsyncSession, visit_id: UUID) -> VisitOut:
        """Gives the same number again, for a paper that was not printed. Raises `NotFound`."""
        return visit_out(await _printed(session, visit_id))

    async def read(self, session: AsyncSession, visit_id: UUID) -> VisitOut:
        """The visit, with each of its waits. Raises `NotFound`."""
        visit = await visits.find_visit(session, visit_id)
        if visit is None:
            raise NotFound("There is no such visit.")
        return visit_out(visit, await visits.transfers(session, [visit.id]))

    async def page(
        self, session: AsyncSession, name: str, day: date | None, now: datetime, *, status: str | None, limit: int,
        after: UUID | None,
    ) -> VisitPage:  # fmt: skip
        """Visits of a day of a booth; without a day, of today."""
        day = day or (await self._booths.find(session, name)).day(now)
        found = await visits.list_visits(session, name, day, status=status, after=after, limit=limit + 1)
        shown, cursor = first_of(found, limit, lambda visit: visit.id)
        return VisitPage(items=[visit_out(visit) for visit in shown], next_cursor=cursor)

    async def end(self, session: AsyncSession, visit_id: UUID, ending: VisitEnding, outcome: Outcome) -> VisitOut:
        """Settles the visit or escalates it; either way what was brought becomes a contact, and so a ticket.

        Raises `NotFound`, `VisitNotCalled`, `VisitEnded`, and `Invalid` when an escalated visitor could not be
        notified.
        """
        visit = await locked_visit(session, visit_id)
        check_may_end(visit.status, was_swept=visit.swept_at is not None)
        visit = self._with_form(visit, ending.form)
        if outcome == "escalated":
            check_can_be_notified(visit.citizen)
        visit = replace(visit, status=outcome, ended_at=ending.origin.now, contact_id=new_id())
        await visits.save_visit(session, visit)
        self._booths.changed(session, visit.booth)
        await _accept(session, _contact(visit, outcome, ending.origin))
        return visit_out(visit)

    def _with_form(self, visit: Visit, form: OutcomeIn) -> Visit:
        """The visit with what the officer added; a field that he left empty stays as it was."""
        numbers: dict[str, Any] = {
            name: value or getattr(visit, name) for name, value in self._contacts.numbers(form).items()
        }
        return replace(
            visit,
            name=form.name or visit.name,
            email=form.email or visit.email,
            phone=form.phone or visit.phone,
            **numbers,
            subject=form.subject or visit.subject,
            body=form.body or visit.body,
        )


async def locked_visit(session: AsyncSession, visit_id: UUID) -> Visit:
    """A visit that nobody else changes before the end of the transaction. Raises `NotFound`."""
    visit = await visits.lock_visit(session, visit_id)
    if visit is None:
        raise NotFound("There is no such visit.")
    return visit


async def waiting_ahead(session: AsyncSession, booth: Booth, visit: Visit, now: datetime) -> int:
    """How many of those who wait at the same service are called before this visitor, as it looks now."""
    day, overnight = booth.day(now), booth.policy.keeps_overnight
    beside = await queues.beside(session, visit, day, overnight=overnight)
    if beside.priority in (0, beside.waiting):  # all of one kind go by their places: there is nothing to sort
        return beside.before
    everybody = await queues.waiting(session, booth.name, day, overnight=overnight)
    order = await ordered(session, booth, [each for each in everybody if each.service == visit.service], now)
    return next((place for place, each in enumerate(order) if each.id == visit.id), 0)


async def ordered(session: AsyncSession, booth: Booth, waiting: Sequence[Waiting], now: datetime) -> list[Waiting]:
    """Those who wait, of all services that are called together, in the order in which they are called."""
    mixed = len({each.priority is None for each in waiting}) > 1
    streak = await _priority_streak(session, booth, {each.service for each in waiting}, now) if mixed else 0
    return in_order(waiting, run=booth.policy.priority_run, streak=streak)


async def _priority_streak(session: AsyncSession, booth: Booth, services: set[str], now: datetime) -> int:
    """How many priority visitors were called last in a row, to any of these services, on the booth's day."""
    calls = await queues.first_calls(session, booth.name, booth.midnight_before(now), _CALLS_LOOKED_AT)
    kinds = [call.is_priority for call in calls if call.service in services]
    return kinds.index(False) if False in kinds else len(kinds)


def visit_out(visit: Visit, sent_on: list[Transfer] | None = None) -> VisitOut:
    """The answer about a visit; its waits where it is known how it was sent on."""
    found = VisitOut.model_validate(
        {
            **{name: getattr(visit, name) for name in VisitOut.model_fields if hasattr(visit, name)},
            "label": label_of(visit.series, visit.number),
            "escalation_offered": visit.status in SENT_AWAY and visit.swept_at is not None,
            "collides": visit.copy > 0,
        }
    )
    if sent_on is None:
        return found
    before = [
        WaitOut(service=each.from_service, queued_at=each.queued_at, called_at=each.called_at) for each in sent_on
    ]
    called_at = visit.service_called_at if sent_on else visit.called_at
    last = WaitOut(service=visit.service, queued_at=visit.queued_at or visit.taken_at, called_at=called_at)
    return found.model_copy(update={"waits": [*before, last]})


async def _printed(session: AsyncSession, visit_id: UUID) -> Visit:
    visit = await locked_visit(session, visit_id)
    visit = replace(visit, prints=visit.prints + 1)
    await visits.save_visit(session, visit)
    return visit


async def _accept(session: AsyncSession, contact: NewContact) -> None:
    """Accepts the contact of a visit together with the visit's end, as those of every channel are."""
    await contacts.accept(session, [contact], UNLIMITED)
    after_commit(session, ACCEPTED.labels(contact.event.data.channel).inc)
    after_commit(session, session.info[OUTBOX_BELL].ring)


def _contact(visit: Visit, outcome: Outcome, origin: Origin) -> NewContact:
    assert visit.contact_id is not None  # noqa: S101 - given by `end`
    data = ContactData(
        contact_id=visit.contact_id,
        tracking_code=visit.tracking_code,
        channel="booth",
        visit_id=visit.id,
        citizen=visit.citizen,
        **{name: getattr(visit, name) for name in Numbers.__annotations__},
        subject=visit.subject,
        body=visit.body,
        received_at=visit.taken_at,
        outcome=outcome,
    )
    event = ContactReceived.of(data, subject=visit.id, now=origin.now, trace=origin.trace)
    return NewContact(event=event, payload=event.encode(), client=origin.client, answer="")
