"""Whom of a unit an escalation is told."""

from collections.abc import Sequence

from fastapi import APIRouter, Depends

from services.tickets.api.parameters import SUPERVISOR
from services.tickets.api.units import UnitSlug
from services.tickets.domain.escalation import Contact
from services.tickets.schemas.escalation import EscalationContact, EscalationContacts
from services.tickets.service import escalation
from shared.errors import NotFound
from shared.http import Reading, Transaction
from shared.idempotency import KeyedRoute
from shared.refusals import refusals

router = APIRouter(prefix="/v1", tags=["units"], dependencies=[Depends(SUPERVISOR)], route_class=KeyedRoute)


@router.get("/units/{slug}/escalation-contacts", responses=refusals(NotFound))
async def get_contacts(session: Reading, slug: UnitSlug) -> EscalationContacts:
    """Whom of a unit the steps of a policy's chain tell, by role."""
    return _told(await escalation.contacts_of(session, slug))


@router.put("/units/{slug}/escalation-contacts", responses=refusals(NotFound))
async def put_contacts(session: Transaction, slug: UnitSlug, form: EscalationContacts) -> EscalationContacts:
    """Puts these in the place of all that the unit has. What they are told holds nothing of whose case it is."""
    contacts = [Contact(slug, each.role, each.email) for each in form.contacts]
    return _told(await escalation.keep_contacts(session, slug, contacts))


def _told(contacts: Sequence[Contact]) -> EscalationContacts:
    return EscalationContacts(contacts=[EscalationContact(role=each.role, email=each.email) for each in contacts])
