"""The web form, for those who have no front end: pages that work without JavaScript, on a cheap telephone."""

from collections.abc import Collection
from functools import partial
from http import HTTPStatus

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse
from pydantic import ValidationError

from services.intake.api.form_pages import NOTHING_SENT, PageForm, Sent, WiredForms, page
from services.intake.domain.form_words import FORM_WORDS
from services.intake.schemas.contacts import ContactIn
from shared.auth import PUBLIC
from shared.errors import NotFound, RateLimited
from shared.http import Reading
from shared.pages import PageRoute
from shared.wiring import Now

_FORM = PageForm("form.html", FORM_WORDS, ("subject", "body", "name", "email", "phone", "programme_number"))
BOUNDED = frozenset({"/f", "/r/"})
"""The paths of forms, which read what is too long as far as their fields: so these come back to the reader."""
PLACES = frozenset({"f", "r"})
_WHY = {404: "unknown", 413: "too_large"}
"""What the template calls refusals, by status."""


class FormRoute(PageRoute):
    """A route of the form: who comes too often gets what he wrote back, with the time to wait."""

    @staticmethod
    async def wait_page(request: Request, refusal: RateLimited) -> Response:
        return await _FORM.wait_page(request, refusal)


router = APIRouter(include_in_schema=False, dependencies=[PUBLIC], route_class=FormRoute)


@router.get("/f", response_class=HTMLResponse)
async def empty_form(request: Request) -> HTMLResponse:
    """The form, with a key of its own: a double click, a reload and the back button make one complaint of it."""
    return _FORM.page(request, HTTPStatus.OK, NOTHING_SENT)


@router.post("/f", response_class=HTMLResponse)
async def send_form(request: Request, now: Now, forms: WiredForms) -> Response:
    """Takes the form, and leads to the page with the code. What cannot be taken comes back, with all that it says."""
    async with _FORM.read(request) as sent:
        form = _checked(sent, forms.most_file_bytes)
        if not isinstance(form, ContactIn):
            return _FORM.faulty(request, sent, form, forms.most_file_bytes)
        return await _FORM.take(request, sent, forms, now, partial(forms.send, form), at="/f")


@router.get("/f/{link}", response_class=HTMLResponse)
async def sent_form(request: Request, session: Reading, forms: WiredForms, link: str) -> HTMLResponse:
    """The page after the form: the code, large, and by which way we will tell."""
    try:
        receipt = await forms.receipt(session, link)
    except NotFound as refusal:
        return refused_page(request, refusal.status, "f")
    return page(request, "sent.html", 200, code=receipt.tracking_code, email=receipt.email, phone=receipt.phone)


def refused_page(request: Request, status: int, _place: str) -> HTMLResponse:
    """The page of a refusal, of whatever layer."""
    why = _WHY.get(status, "failed" if status >= HTTPStatus.INTERNAL_SERVER_ERROR else "invalid")
    return page(request, "refused.html", status, why=why)


def _checked(sent: Sent, most_file_bytes: int) -> ContactIn | Collection[str]:
    """The form, or which of its fields are to be mended; of the files, `too_many` or `too_large`."""
    fault = sent.files_fault(most_file_bytes)
    faults = {fault} if fault else set()
    try:
        form = ContactIn.model_validate(sent.values)
    except ValidationError as error:
        return faults | {str(fault["loc"][0]) for fault in error.errors()}
    return faults or form
