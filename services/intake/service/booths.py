"""The booth: a number is taken, called, and what was brought is settled at once or escalated."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.intake import repository
from services.intake.domain.visits import booth_day, call_due_at, check_can_be_told, check_may_end
from services.intake.models import Visit
from services.intake.schemas import OutcomeIn, VisitIn, VisitOut
from services.intake.service.contacts import Contacts, Origin
from shared import outbox
from shared.errors import NotFound
from shared.events import ContactData, ContactReceived, Person
from shared.ids import new_id, new_tracking_code


class QueueEmpty(NotFound):
    """Nobody is waiting at this booth."""

    code, title = "queue_empty", "Nobody is waiting"


class Booths:
    """The verbs of a booth. Each runs in the caller's transaction."""

    def __init__(self, *, contacts: Contacts, zone: str, call_within: timedelta) -> None:
        self._contacts = contacts
        self._zone = zone
        self._call_within = call_within

    async def take_number(self, session: AsyncSession, booth: str, form: VisitIn, now: datetime) -> VisitOut:
        """The dispenser's button."""
        day = booth_day(now, self._zone)
        visit = Visit(
            id=new_id(),
            booth=booth,
            day=day,
            number=await repository.next_number(session, booth, day),
            tracking_code=new_tracking_code(),
            status="waiting",
            subject=form.subject,
            body=form.body,
            taken_at=now,
            call_due_at=call_due_at(now, self._call_within),
            **self._contacts.citizen(form),
        )
        await repository.save_visit(session, visit)
        return show(visit, await repository.waiting_ahead(session, visit))

    async def call_next(
        self, session: AsyncSession, booth: str, by: str, now: datetime, *, another: bool = False
    ) -> VisitOut:
        """Calls the visitor who has waited longest, unless one whom `by` called is still there. Raises `QueueEmpty`.

        With `another`, calls one more all the same.
        """
        day = booth_day(now, self._zone)
        await repository.lock_officer(session, booth, by)
        visit = None if another else await repository.called_by(session, booth, day, by)
        visit = visit or await repository.call_next(session, booth, day, by, now)
        if visit is None:
            raise QueueEmpty("No visitor is waiting at this booth.")
        return show(visit)

    async def end(
        self,
        session: AsyncSession,
        visit_id: UUID,
        outcome: Literal["settled", "escalated"],
        form: OutcomeIn,
        origin: Origin,
    ) -> VisitOut:
        """Settles the visit or escalates it; either way what was brought becomes a contact, and so a ticket.

        Raises `NotFound`, `VisitNotCalled`, `VisitEnded`, and `Invalid` when an escalated visitor could not be told.
        """
        visit = await repository.lock_visit(session, visit_id)
        if visit is None:
            raise NotFound("There is no such visit.")
        check_may_end(visit.status)
        visit = self._with(visit, form)
        if outcome == "escalated":
            check_can_be_told(visit.citizen)
        visit = replace(visit, status=outcome, ended_at=origin.now, contact_id=new_id())
        await repository.save_visit(session, visit)
        await outbox.add(session, "intake", [_contact(visit, outcome, origin)])
        return show(visit)

    def _with(self, visit: Visit, form: OutcomeIn) -> Visit:
        """The visit with what the officer added; what was known stays unless it is said anew."""
        told, known = self._contacts.citizen(form), visit.citizen
        citizen = told["citizen"]
        return replace(
            visit,
            citizen=Person(
                name=citizen.name or known.name,
                email=citizen.email or known.email,
                phone=citizen.phone or known.phone,
            ),
            programme_number_sealed=told["programme_number_sealed"] or visit.programme_number_sealed,
            programme_number_last4=told["programme_number_last4"] or visit.programme_number_last4,
            subject=form.subject or visit.subject,
            body=form.body or visit.body,
        )


def show(visit: Visit, waiting_ahead: int | None = None) -> VisitOut:
    return VisitOut.model_validate(visit, from_attributes=True).model_copy(update={"waiting_ahead": waiting_ahead})


def _contact(visit: Visit, outcome: Literal["settled", "escalated"], origin: Origin) -> ContactReceived:
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
    return ContactReceived.of(
        data,
        subject=visit.id,
        now=origin.now,
        trace=origin.trace,
    )
