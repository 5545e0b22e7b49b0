"""The web form, for those who have no front end: pages that work without JavaScript, on a cheap telephone."""

import asyncio
import secrets
from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from http import HTTPStatus
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from fastapi.templating import Jinja2Templates
from pydantic import ValidationError
from starlette.datastructures import FormData, UploadFile

from services.intake.domain.files import media_type_of, plain_name
from services.intake.domain.form_words import FORM_WORDS, LANGUAGES, Language
from services.intake.domain.forms import MOST_FILES_BYTES, fault_of
from services.intake.domain.utterances import Attachment
from services.intake.schemas.contacts import ContactIn
from services.intake.service.contacts import Origin
from services.intake.service.forms import CLIENT, Forms, mark_of
from shared.auth import PUBLIC
from shared.errors import IdempotencyKeyReused, NotFound, RateLimited, TooLarge, Unavailable
from shared.files import form_up_to
from shared.http import Reading, trace
from shared.pages import PageRoute
from shared.text import tidied
from shared.wiring import Now, wired

_templates = Jinja2Templates(Path(__file__).parent.parent / "templates")
_FIELDS = ("subject", "body", "name", "email", "phone", "programme_number")
_KEY_CHARACTERS = 22
_MOST_FIELDS_BYTES = 262_144
"""All that is typed, with what a form has around it."""
BOUNDED = frozenset({"/f"})
"""The path of the form, which reads what is too long as far as its fields: so these come back to the reader."""
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
        told: dict[str, Any] = {"alert": "wait", "seconds": refusal.retry_after_seconds}
        if request.method != "POST":
            return _form_page(request, refusal.status, _FormFields({}, ""), **told)
        # the fields stand before the files, which nobody needs here
        async with _fields_of(request, _MOST_FIELDS_BYTES) as sent:
            return _form_page(request, refusal.status, sent, **told)


router = APIRouter(include_in_schema=False, dependencies=[PUBLIC], route_class=FormRoute)


@router.get("/f", response_class=HTMLResponse)
async def empty_form(request: Request) -> HTMLResponse:
    """The form, with a key of its own: a double click, a reload and the back button make one complaint of it."""
    return _form_page(request, HTTPStatus.OK, _FormFields({}, ""))


@router.post("/f", response_class=HTMLResponse)
async def send_form(request: Request, now: Now, forms: WiredForms) -> Response:
    """Takes the form, and leads to the page with the code. What cannot be taken comes back, with all that it says."""
    async with _fields_of(request, MOST_FILES_BYTES + _MOST_FIELDS_BYTES) as sent:
        form = _checked(sent, forms.most_file_bytes)
        if not isinstance(form, ContactIn):
            return _faulty_page(request, sent, form, forms.most_file_bytes)
        if not sent.key:  # of a form that nobody got from us: it gets one now
            return _form_page(request, HTTPStatus.OK, sent, alert="sent_before")
        try:
            async with forms.turn(len(sent.chosen)):
                files = [await _file(chosen) for chosen in sent.chosen]
                mark = await asyncio.to_thread(mark_of, sent.values, files)
                origin = Origin(CLIENT, trace(request), now, idempotency_key=sent.key, fingerprint=mark)
                link = await forms.send(form, origin, files)
        except IdempotencyKeyReused as refusal:
            return _form_page(request, refusal.status, replace(sent, key=""), alert="sent_before")
        except Unavailable as refusal:
            return _form_page(request, refusal.status, sent, alert="away")
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


@dataclass(frozen=True, slots=True)
class _FormFields:
    """What was filled in; the key of the form, empty if it has none that nobody can guess; and the files that were
    chosen, of which the last was cut off where not all was read.
    """

    values: Mapping[str, str]
    key: str
    chosen: Sequence[UploadFile] = ()
    is_cut: bool = False


@asynccontextmanager
async def _fields_of(request: Request, most_bytes: int) -> AsyncIterator[_FormFields]:
    """What was sent, as far as so many bytes; of a form that cannot have files, as far as its fields go."""
    may_have_files = request.headers.get("content-type", "").startswith("multipart/form-data")
    async with form_up_to(request, most_bytes if may_have_files else _MOST_FIELDS_BYTES) as (form, is_cut):
        if sum(len(text) for _, text in form.multi_items() if isinstance(text, str)) > _MOST_FIELDS_BYTES:
            raise TooLarge(_MOST_FIELDS_BYTES)
        key, values = _text(form, "key"), {name: _filled_in(form, name) for name in _FIELDS}
        chosen = [file for file in form.getlist("files") if isinstance(file, UploadFile) and file.filename]
        yield _FormFields(values, key if len(key) >= _KEY_CHARACTERS else "", chosen, is_cut)


async def _file(chosen: UploadFile) -> Attachment:
    content = await chosen.read()
    told = chosen.content_type or "application/octet-stream"
    return Attachment(plain_name(chosen.filename or ""), media_type_of(content, told), content)


def _checked(sent: _FormFields, most_file_bytes: int) -> ContactIn | Collection[str]:
    """The form, or which of its fields are to be mended; of the files, `too_many` or `too_large`."""
    files = "too_large" if sent.is_cut else fault_of([file.size or 0 for file in sent.chosen], most_file_bytes)
    faults: set[str] = {files} if files else set()
    try:
        form = ContactIn.model_validate(sent.values)
    except ValidationError as error:
        return faults | {str(fault["loc"][0]) for fault in error.errors()}
    return faults or form


def _filled_in(form: FormData, name: str) -> str:
    text = _text(form, name).replace("\0", "")
    return text.replace("\r\n", "\n") if name == "body" else tidied(text)


def _text(form: FormData, name: str) -> str:
    value = form.get(name)
    return value if isinstance(value, str) else ""


def _faulty_page(request: Request, sent: _FormFields, faults: Collection[str], most_file_bytes: int) -> HTMLResponse:
    status = HTTPStatus.REQUEST_ENTITY_TOO_LARGE if "too_large" in faults else HTTPStatus.UNPROCESSABLE_ENTITY
    each = f"{min(most_file_bytes, MOST_FILES_BYTES) / 1_048_576:.2g}"
    return _form_page(request, status, sent, alert="faults", faults=faults, each=each)


def _form_page(request: Request, status: int, sent: _FormFields, **words: Any) -> HTMLResponse:
    """The form with what was filled in. Its files have to be chosen once more: no browser keeps them."""
    values, key = {**dict.fromkeys(_FIELDS, ""), **sent.values}, sent.key or secrets.token_urlsafe(16)
    choose_again = bool(sent.chosen) or sent.is_cut
    return _page(request, "form.html", status, values=values, key=key, choose_again=choose_again, **words)


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
