"""What the routes that accept a contact have in common: who may bring it, where it comes from, and its 202."""

from typing import Annotated

from fastapi import Depends, Request, Response

from services.intake.models.contacts import NewContact
from services.intake.service.acceptance import Acceptor
from services.intake.service.contacts import Contacts, Origin
from shared.auth import integration
from shared.caller import Caller
from shared.fingerprints import fingerprint_of
from shared.http import trace
from shared.idempotency import REPLAYED
from shared.wiring import Now, wired

# who brings a contact is kept with it, in its one statement: no row of the access trail beside it
ContactWriter = Annotated[Caller, Depends(integration("contacts:write", "form", is_recorded=False))]
WiredContacts = Annotated[Contacts, Depends(wired(Contacts))]
WiredAcceptor = Annotated[Acceptor, Depends(wired(Acceptor))]


async def origin_of(request: Request, caller: Caller, now: Now, key: str | None) -> Origin:
    """Where a contact comes from, with its key: contacts share a commit, and take their keys along into it."""
    fingerprint = await fingerprint_of(request) if key else ""
    return Origin(caller.subject, trace(request), now, idempotency_key=key, fingerprint=fingerprint)


async def accept(acceptor: Acceptor, contact: NewContact) -> Response:
    """Answers 202 after the commit, for a repeated key with the first answer. Raises as `Acceptor.accept` does."""
    answer = await acceptor.accept(contact)
    replayed = answer != contact.answer  # each has an id of its own, so it is another's: the first
    return Response(answer, 202, headers=REPLAYED if replayed else None, media_type="application/json")
