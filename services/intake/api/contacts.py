"""The route of web forms."""

from fastapi import APIRouter, Request, Response

from services.intake.api.acceptance import ContactWriter, WiredAcceptor, WiredContacts, accept, origin_of
from services.intake.schemas.contacts import Accepted, ContactIn
from shared.idempotency import IdempotencyKey
from shared.lean import LeanRoute
from shared.wiring import Now

router = APIRouter(prefix="/v1", tags=["contacts"], route_class=LeanRoute)
"""It takes much of a day (ADR 28)."""


@router.post("/contacts", status_code=202, response_model=Accepted)
async def receive_form(
    request: Request,
    now: Now,
    contacts: WiredContacts,
    acceptor: WiredAcceptor,
    form: ContactIn,
    caller: ContactWriter,
    key: IdempotencyKey = None,
) -> Response:
    """Takes a web form. The answer is sent after the commit."""
    return await accept(acceptor, contacts.from_form(form, await origin_of(request, caller, now, key)))
