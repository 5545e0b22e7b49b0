"""Visits to a booth: a number is taken, called, and what was brought is settled at the booth or escalated."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.intake.domain.visits import (
    Outcome,
    booth_day,
    call_due_at,
    check_can_be_notified,
    check_may_end,
)
from services.intake.models.visits import Visit
from services.intake.repository import visits
from services.intake.schemas.visits import OutcomeIn, VisitIn, VisitOut
from services.intake.service.contacts import Contacts, Origin
from shared import outbox
from shared.errors import NotFound
from shared.events import ContactData, ContactReceived, Person
from shared.ids import new_id, new_tracking_code


class QueueEmpty(NotFound):
    """Nobody is waiting at this booth."""

    code, title = "queue_empty", "Nobody is waiting"


@dataclass(frozen=True, slots=True)
class VisitEnding:
    """What the officer who ends a visit adds to it, and who he is."""

    form: OutcomeIn
    origin: Origin


class Visits:
    """The verbs of a visit. Each runs in the caller's transaction."""

    def __init__(self, *, contacts: Contacts, zone: str, call_within: timedelta) -> None:
        self._contacts = contacts
        self._zone = zone
        self._call_within = call_within

    async def take_number(self, session: AsyncSession, booth: str, form: VisitIn, now: datetime) -> VisitOut:
        """Gives the visitor the next number of the booth's day, as the dispenser's button does."""
        day = booth_day(now, self._zone)
        visit = Visit(
            id=new_id(),
            booth=booth,
            day=day,
            number=await visits.next_number(session, booth, day),
            tracking_code=new_tracking_code(),
            status="waiting",
            subject=form.subject,
            body=form.body,
            taken_at=now,
            call_due_at=call_due_at(now, self._call_within),
            **self._contacts.citizen(form),
        )
        await visits.save_visit(session, visit)
        return _visit_out(visit, await visits.waiting_ahead(session, visit))

    async def call_next(
        self, session: AsyncSession, booth: str, officer: str, now: datetime, *, another: bool = False
    ) -> VisitOut:
        """Calls the visitor who has waited longest, unless one whom `officer` called is still there.

        With `another`, calls one more all the same. Raises `QueueEmpty`.
        """
        day = booth_day(now, self._zone)
        await visits.lock_officer(session, booth, officer)
        visit = None if another else await visits.called_by(session, booth, day, officer)
        visit = visit or await visits.call_next(session, booth, day, officer, now)
        if visit is None:
            raise QueueEmpty("No visitor is waiting at this booth.")
        return _visit_out(visit)

    async def end(self, session: AsyncSession, visit_id: UUID, ending: VisitEnding, outcome: Outcome) -> VisitOut:
        """Settles the visit or escalates it; either way what was brought becomes a contact, and so a ticket.

        Raises `NotFound`, `VisitNotCalled`, `VisitEnded`, and `Invalid` when an escalated visitor could not be
        notified.
        """
        visit = await visits.lock_visit(session, visit_id)
        if visit is None:
            raise NotFound("There is no such visit.")
        check_may_end(visit.status)
        visit = self._with_form(visit, ending.form)
        if outcome == "escalated":
            check_can_be_notified(visit.citizen)
        visit = replace(visit, status=outcome, ended_at=ending.origin.now, contact_id=new_id())
        await visits.save_visit(session, visit)
        await outbox.add(session, "intake", [_contact(visit, outcome, ending.origin)])
        return _visit_out(visit)

    def _with_form(self, visit: Visit, form: OutcomeIn) -> Visit:
        """The visit with what the officer added; a field that he left empty stays as it was."""
        added = self._contacts.citizen(form)
        citizen = added["citizen"]
        return replace(
            visit,
            citizen=Person(
                name=citizen.name or visit.citizen.name,
                email=citizen.email or visit.citizen.email,
                phone=citizen.phone or visit.citizen.phone,
            ),
            programme_number_sealed=added["programme_number_sealed"] or visit.programme_number_sealed,
            programme_number_last4=added["programme_number_last4"] or visit.programme_number_last4,
            subject=form.subject or visit.subject,
            body=form.body or visit.body,
        )


def _visit_out(visit: Visit, waiting_ahead: int | None = None) -> VisitOut:
    return VisitOut.model_validate(visit, from_attributes=True).model_copy(update={"waiting_ahead": waiting_ahead})


def _contact(visit: Visit, outcome: Outcome, origin: Origin) -> ContactReceived:
    assert visit.contact_id is not None  # noqa: S101 - given by `end`
    data = ContactData(
        contact_id=visit.contact_id,
        tracking_code=visit.tracking_code,
        channel="booth",
        visit_id=visit.id,
        citizen=visit.citizen,
        programme_number_sealed=visit.programme_number_sealed,
        programme_number_last4=visit.programme_number_last4,
        subject=visit.subject,
        body=visit.body,
        received_at=visit.taken_at,
        outcome=outcome,
    )
    return ContactReceived.of(data, subject=visit.id, now=origin.now, trace=origin.trace)
