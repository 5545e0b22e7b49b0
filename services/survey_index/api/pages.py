"""Pages for people: the form behind an invitation's link, and what a survey published. They work without JavaScript."""

from collections.abc import Callable, Coroutine
from pathlib import Path as FilePath
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse
from fastapi.templating import Jinja2Templates
from starlette.datastructures import FormData

from services.survey_index.domain.editions import EDITION_NAMES
from services.survey_index.domain.limits import LONGEST_COMMENT
from services.survey_index.domain.profile import FIELD_NAMES, PROFILE
from services.survey_index.models import Profile, Survey
from services.survey_index.report import wording
from services.survey_index.service import answers, publication
from services.survey_index.service.answers import Said
from services.survey_index.service.invitations import opened_by
from services.survey_index.service.links import Links
from shared.auth import PUBLIC
from shared.db import is_outage
from shared.errors import Invalid, RateLimited, Refusal
from shared.http import Reading, Transaction, read_form
from shared.idempotency import KeyedRoute
from shared.telemetry import log
from shared.text import tidied

_templates = Jinja2Templates(FilePath(__file__).parent.parent / "templates")
_templates.env.filters |= {
    "angka": wording.figure,
    "bulat": wording.count,
    "hari": wording.day,
    "nama_periode": wording.period_name,
    "isi_periode": wording.period_days,
}

_HEADERS = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; base-uri 'none'",
}


_NOT_OF_LINKS = " \t\r\n/.,;:!?)]}>\"'”’»"


class _PageRoute(KeyedRoute):
    """A route that answers with a page, whatever happens, and says with each what it may not do."""

    media_type = "text/html"
    takes_any_query = True
    """`fbclid`, `utm_source`: what others add to a link that they pass on."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()

        async def handle_page(request: Request) -> Response:
            try:
                response = await handle(request)
            except RateLimited as refusal:
                response = await _wait_page(request, refusal)
            except Refusal as refusal:
                response = _page(request, "ended.html", refusal.status, why=refusal.code)
            except Exception as error:
                log.error("request.failed", request_id=request.scope["state"]["request_id"], exc_info=error)
                response = _page(request, "ended.html", 503 if is_outage(error) else 500, why="failed")
            response.headers.update(_HEADERS)
            return response

        return handle_page


def routes(links: Links) -> APIRouter:
    """The router, around the links that `main` wired."""
    router = APIRouter(include_in_schema=False, dependencies=[PUBLIC], route_class=_PageRoute)

    @router.get("/s/{token:path}", response_class=HTMLResponse)
    async def form_page(request: Request, session: Reading, token: str) -> HTMLResponse:
        """The form, for a citizen with a telephone and no app."""
        try:
            invitation, survey = await opened_by(session, links, _as_meant(token), request.app.state.clock())
        except Refusal as refusal:
            return _page(request, "ended.html", refusal.status, why=refusal.code)
        if invitation.used_at is not None:
            return _page(request, "ended.html", 200, why="already_answered")
        return _page(request, "form.html", 200, **_form(survey, {}))

    @router.post("/s/{token:path}", response_class=HTMLResponse)
    async def form_sent(request: Request, session: Transaction, token: str) -> HTMLResponse:
        """Takes the form. A second click finds the link used, and is thanked all the same."""
        async with read_form(request) as form:
            said = _filled_in(form)
        now, token = request.app.state.clock(), _as_meant(token)
        try:
            _, survey = await opened_by(session, links, token, now)
            await answers.by_link(session, links, token, _said(said, survey), now, service=said.get("service", ""))
        except Invalid as refusal:
            return _page(request, "form.html", 422, **_form(survey, said, refusal))
        except Refusal as refusal:
            status = 200 if refusal.code == "already_answered" else refusal.status
            return _page(request, "ended.html", status, why=refusal.code)
        return _page(request, "ended.html", 200, why="thanks")

    @router.get("/p/{survey:path}", response_class=HTMLResponse)
    async def published(request: Request, session: Reading, survey: str) -> HTMLResponse:
        """What a survey that has ended published: no cell in it stands for fewer than five people."""
        try:
            page = await publication.read(session, _as_meant(survey))
        except Refusal as refusal:
            return _page(request, "ended.html", refusal.status, why="not_published")
        return _page(request, "publication.html", 200, page=page, names=FIELD_NAMES, editions=EDITION_NAMES)

    return router


def _as_meant(last_part: str) -> str:
    """The last part of a link, without the full stop, bracket or slash that stood behind it where it was copied."""
    return last_part.rstrip(_NOT_OF_LINKS)


async def _wait_page(request: Request, refusal: RateLimited) -> Response:
    """When to press again, with what was filled in. It asks no database, for who comes too often must cost little."""
    words: dict[str, Any] = {"seconds": refusal.retry_after_seconds, "is_form": request.method == "POST"}
    if words["is_form"]:
        async with read_form(request) as form:
            words["said"] = _filled_in(form)
    page = _page(request, "wait.html", refusal.status, **words)
    page.headers.update(refusal.headers)
    return page


def _filled_in(form: FormData) -> dict[str, str]:
    return {name: _typed(name, str(value)) for name, value in form.items()}


def _typed(name: str, value: str) -> str:
    """What was typed into a field: one line, but for the comment, which keeps its own."""
    return value.replace("\0", "").strip() if name == "comment" else tidied(value)


def _form(survey: Survey, said: dict[str, str], refusal: Invalid | None = None) -> dict[str, Any]:
    """What the template of the form shows."""
    names = {element.slug: element.name.id for element in survey.instrument.elements}
    return {
        "survey": survey,
        "questions": [(question, names[question.element]) for question in survey.instrument.questions],
        "elements": [element for element in survey.instrument.elements if element.measure != "nps"],
        "profile": [(name, FIELD_NAMES[name], survey.codes.of(name)) for name in PROFILE],
        "said": said,
        "faults": [error.field for error in refusal.errors] if refusal else [],
        "named": [
            names[question.element]
            for question in survey.instrument.questions
            for error in (refusal.errors if refusal else ())
            if error.field in (f"answers.{question.code}", question.code)
        ],
    }


def _said(said: dict[str, str], survey: Survey) -> Said:
    values = {code: _number(said[code]) for code in survey.instrument.codes if said.get(code)}
    age = _number(said["age"]) if said.get("age") else None
    profile = Profile(age, *(said.get(name, "") for name in PROFILE))
    comment = said.get("comment", "")[:LONGEST_COMMENT] or None
    return Said(values, None, profile, comment, said.get("comment_about", "") if comment else "")


def _number(text: str) -> int:
    """A form's value as a number; what is none is put off the scale, where it is refused with its field."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 4 else -1


def _page(request: Request, name: str, status: int, **words: Any) -> HTMLResponse:
    return _templates.TemplateResponse(request, name, words, status_code=status)
