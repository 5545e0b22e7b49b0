"""The route by which others hand over whole mails, as they came to them."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request

from services.intake.schemas.mails import MailAccepted
from services.intake.service.mails import Envelope, Mails
from shared.auth import integration
from shared.errors import FieldError, Invalid, UnsupportedMediaType
from shared.http import trace
from shared.trail import RecordedRoute
from shared.wiring import Now, wired

_MEDIA_TYPE = "message/rfc822"
_BODY = {
    "requestBody": {
        "required": True,
        "content": {_MEDIA_TYPE: {"schema": {"type": "string", "format": "binary"}}},
    }
}
# who hands it over brings a contact as any other: no row of the access trail beside it
MAY_BRING = Depends(integration("contacts:write", "email", is_recorded=False))
WiredMails = Annotated[Mails, Depends(wired(Mails))]

router = APIRouter(prefix="/v1", tags=["mails"], route_class=RecordedRoute)


@router.post("/mails", status_code=202, openapi_extra=_BODY, dependencies=[MAY_BRING])
async def receive_mail(request: Request, now: Now, mails: WiredMails) -> MailAccepted:
    """Takes a mail, byte for byte. The answer is sent after the commit; a contact is made of it afterwards.

    The same mail may be sent again: by its `Message-ID`, or by its bytes where it has none, it is the same contact.
    """
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != _MEDIA_TYPE:
        errors = [FieldError("Content-Type", "is missing or names no mail", _MEDIA_TYPE)]
        raise UnsupportedMediaType("The body is a mail as it came (RFC 5322).", errors=errors)
    content = await request.body()
    if not content.strip():
        raise Invalid("The body is empty.", errors=[FieldError("body", "is empty", "a mail as it came (RFC 5322)")])
    return MailAccepted(raw_id=await mails.keep(content, Envelope(), trace(request), now))
