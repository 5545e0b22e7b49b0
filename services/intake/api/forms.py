"""The web form, for those who have no front end: pages that work without JavaScript, on a cheap telephone."""

import secrets
from collections.abc import Mapping
from http import HTTPStatus
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from fastapi.templating import Jinja2Templates
from pydantic import ValidationError
from starlette.datastructures import FormData

from services.intake.domain.form_words import FORM_WORDS, LANGUAGES, Language
from services.intake.schemas.contacts import ContactIn
from services.intake.service.contacts import Origin
from services.intake.service.forms import CLIENT, Forms, mark_of
from shared.auth import PUBLIC
from shared.errors import IdempotencyKeyReused, NotFound, RateLimited, Unavailable
from shared.http import Reading, read_form, trace
from shared.pages import PageRoute
from shared.text import tidied
from shared.wiring import Now, wired

_templates = Jinja2Templates(Path(__file__).parent.parent / "templates")
_FIELDS = ("subject", "body", "name", "email", "phone", "programme_number")
_KEY_CHARACTERS = 22
_KEPT = {"Cache-Control": "private, no-cache"}
"""A page that its browser may not keep is gone when somebody presses "back", with what he wrote in it."""
PLACES = frozenset({"f"})
_WHY = {404: "unknown", 413: "too_large"}
"""What the template calls refusals, by status."""
WiredForms = Annotated[Forms, Depends(wired(Forms))]


class FormRoute(PageRoute):
    """A route of the form: who comes too often gets what he wrote back, with the time to wait."""

    @staticmethod
    async def wait_page(request: Request, refusal: RateLimited) -> Response:
        values, key = await _sent(request) if request.method == "POST" else ({}, "")
        return _form_page(request, refusal.status, values, key, alert="wait", seconds=refusal.retry_after_seconds)


router = APIRouter(include_in_schema=False, dependencies=[PUBLIC], route_class=FormRoute)


@router.get("/f", response_class=HTMLResponse)
async def empty_form(request: Request) -> HTMLResponse:
    """The form, with a key of its own: a double click, a reload and the back button make one complaint of it."""
    return _form_page(request, 200, {}, "")


@router.post("/f", response_class=HTMLResponse)
async def send_form(request: Request, now: Now, forms: WiredForms) -> Response:
    """Takes the form, and leads to the page with the code. What cannot be taken comes back, with all that it says."""
    values, key = await _sent(request)
    try:
        form = ContactIn.model_validate(values)
    except ValidationError as error:
        faults = {str(fault["loc"][0]) for fault in error.errors()}
        return _form_page(request, HTTPStatus.UNPROCESSABLE_ENTITY, values, key, alert="faults", faults=faults)
    if not key:  # of a form that nobody got from us: it gets one now
        return _form_page(request, HTTPStatus.OK, values, "", alert="sent_before")
    origin = Origin(CLIENT, trace(request), now, idempotency_key=key, fingerprint=mark_of(values))
    try:
        link = await forms.send(form, origin)
    except IdempotencyKeyReused as refusal:
        return _form_page(request, refusal.status, values, "", alert="sent_before")
    except Unavailable as refusal:
        return _form_page(request, refusal.status, values, key, alert="away")
    return RedirectResponse(f"/f/{link}?lang={_language(request)}", HTTPStatus.SEE_OTHER)


@router.get("/f/{link}", response_class=HTMLResponse)
async def sent_form(request: Request, session: Reading, forms: WiredForms, link: str) -> HTMLResponse:
    """The page after the form: the code, large, and by which way we will tell."""
    try:
        receipt = await forms.receipt(session, link)
    except NotFound as refusal:
        return refused_page(request, refusal.status, "f")
    return _page(request, "sent.html", 200, code=receipt.tracking_code, email=receipt.email, phone=receipt.phone)


def refused_page(request: Request, status: int, _place: str) -> HTMLResponse:
    """The page of a refusal, of whatever layer."""
    why = _WHY.get(status, "failed" if status >= HTTPStatus.INTERNAL_SERVER_ERROR else "invalid")
    return _page(request, "refused.html", status, why=why)


async def _sent(request: Request) -> tuple[dict[str, str], str]:
    """What was filled in, and the key of the form; an empty one if it has none that nobody can guess."""
    async with read_form(request) as form:
        key = _text(form, "key")
        return {name: _filled_in(form, name) for name in _FIELDS}, key if len(key) >= _KEY_CHARACTERS else ""


def _filled_in(form: FormData, name: str) -> str:
    text = _text(form, name).replace("\0", "")
    return text.replace("\r\n", "\n") if name == "body" else tidied(text)


def _text(form: FormData, name: str) -> str:
    value = form.get(name)
    return value if isinstance(value, str) else ""


def _form_page(request: Request, status: int, values: Mapping[str, str], key: str, **words: Any) -> HTMLResponse:
    shown = {**dict.fromkeys(_FIELDS, ""), **values}
    return _page(request, "form.html", status, values=shown, key=key or secrets.token_urlsafe(16), **words)


def _page(request: Request, template: str, status: int, **words: Any) -> HTMLResponse:
    language = _language(request)
    [other] = (each for each in LANGUAGES if each != language)
    context = {"language": language, "other": other, "words": FORM_WORDS[language], "faults": (), **words}
    return _templates.TemplateResponse(request, template, context, status_code=status, headers=_KEPT)


def _language(request: Request) -> Language:
    """The one that the address asks for, or else the browser's if it is one of ours; Indonesian for all others."""
    asked = request.query_params.get("lang")
    preferred = request.headers.get("accept-language", "").strip().lower()
    return "en" if asked == "en" or (asked is None and preferred.startswith("en")) else "id"
