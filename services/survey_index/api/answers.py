"""Answers come in: from apps, from files, and from the form behind an invitation's link."""

from datetime import date
from pathlib import Path as FilePath
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query, Request
from fastapi.responses import HTMLResponse
from fastapi.templating import Jinja2Templates
from starlette.datastructures import UploadFile

from services.survey_index.domain.instruments import instruments
from services.survey_index.schemas import ImportDone, LinkOut, QuestionOut, ResponseAccepted, ResponseIn
from services.survey_index.service import surveys
from services.survey_index.service.links import Links
from shared.auth import PUBLIC, Caller, staff
from shared.errors import FieldError, Invalid, Refusal
from shared.http import Reading, Transaction

Officer = Annotated[Caller, Depends(staff("officer", "supervisor"))]
SurveyPath = Annotated[str, Path(pattern=r"^[A-Za-z0-9._-]{1,64}$")]
_templates = Jinja2Templates(FilePath(__file__).parent.parent / "templates")
_CSV_BODY = {
    "requestBody": {
        "required": True,
        "content": {
            "text/csv": {"schema": {"type": "string"}},
            "multipart/form-data": {
                "schema": {"type": "object", "properties": {"file": {"type": "string", "format": "binary"}}}
            },
        },
    }
}


def routes(links: Links) -> APIRouter:
    """The router, around the links that `main` wired."""
    router = APIRouter(tags=["answers"])

    @router.post("/v1/responses", status_code=201, dependencies=[PUBLIC])
    async def respond(request: Request, session: Transaction, form: ResponseIn) -> ResponseAccepted:
        """Takes the answers of an invited citizen; the token is the permission, and works once."""
        now = request.app.state.clock()
        response = await surveys.answer(session, links, form.token, form.answers, form.nps, form.comment, now)
        return ResponseAccepted(response_id=response.id, survey=response.survey)

    @router.get("/v1/invitations/{token}", dependencies=[PUBLIC])
    async def read_invitation(request: Request, session: Reading, token: str) -> LinkOut:
        """What an invitation asks, for apps that draw the form themselves."""
        invitation, survey = await surveys.opened_by(session, links, token, request.app.state.clock())
        elements = instruments()[survey.instrument].elements
        return LinkOut(
            survey=survey.code,
            expires_at=invitation.expires_at,
            answered=invitation.used_at is not None,
            questions=[
                QuestionOut(slug=e.slug, name=e.name, question=e.question, scale=list(e.scale)) for e in elements
            ],
        )

    @router.post("/v1/surveys/{survey}/responses:import", status_code=201, openapi_extra=_CSV_BODY)
    async def import_responses(
        request: Request,
        session: Transaction,
        survey: SurveyPath,
        caller: Officer,
        mapping: Annotated[
            str | None,
            Query(
                max_length=1_000,
                description="Where the order differs from the seed's: `U8:pengaduan,U9:sarana`",
            ),
        ] = None,
        answered_on: Annotated[date | None, Query(description="The day of the answers; today if left out")] = None,
    ) -> ImportDone:
        """Imports a CSV file with the header `respondent,U1,…,U9` (or the elements' slugs, and `nps` if asked).

        Send it as the body (`text/csv`) or as the field `file` of a form. All of it is imported, or nothing.
        """
        done = await surveys.import_csv(
            session,
            survey,
            await _file(request),
            mapping=mapping,
            answered_on=answered_on,
            channel="paper",
            actor=caller.subject,
            now=request.app.state.clock(),
        )
        return ImportDone(import_id=done.import_id, survey=survey, rows=done.rows, repeated=done.repeated)

    @router.get("/s/{token}", response_class=HTMLResponse, dependencies=[PUBLIC], include_in_schema=False)
    async def form_page(request: Request, session: Reading, token: str) -> HTMLResponse:
        """The form, for a citizen with a telephone and no app. It works without JavaScript."""
        try:
            invitation, survey = await surveys.opened_by(session, links, token, request.app.state.clock())
        except Refusal as refusal:
            return _page(request, "ended.html", refusal.status, why=refusal.code)
        if invitation.used_at is not None:
            return _page(request, "ended.html", 200, why="already_answered")
        return _page(request, "form.html", 200, elements=instruments()[survey.instrument].elements, faults=(), said={})

    @router.post("/s/{token}", response_class=HTMLResponse, dependencies=[PUBLIC], include_in_schema=False)
    async def form_sent(request: Request, session: Transaction, token: str) -> HTMLResponse:
        """Takes the form. A second click finds the link used, and is thanked all the same."""
        async with request.form() as form:
            said = {name: str(value) for name, value in form.items()}
        now = request.app.state.clock()
        try:
            _, survey = await surveys.opened_by(session, links, token, now)
            elements = instruments()[survey.instrument].elements
            answers = {e.slug: _number(said[e.slug]) for e in elements if said.get(e.slug)}
            comment = said.get("comment", "").replace("\0", "").strip()[:2_000] or None
            nps = _number(said["nps"]) if said.get("nps") else None
            await surveys.answer(session, links, token, answers, nps, comment, now)
        except Invalid as refusal:
            return _page(request, "form.html", 422, elements=elements, faults=refusal.errors, said=said)
        except Refusal as refusal:
            status = 200 if refusal.code == "already_answered" else refusal.status
            return _page(request, "ended.html", status, why=refusal.code)
        return _page(request, "ended.html", 200, why="thanks")

    return router


async def _file(request: Request) -> bytes:
    if request.headers.get("content-type", "").startswith("multipart/form-data"):
        async with request.form() as form:
            file = form.get("file")
            if not isinstance(file, UploadFile):
                expected = "a CSV file in the field `file`, or as the body of the request"
                raise Invalid("The form has no file.", errors=[FieldError("file", "is missing", expected)])
            return await file.read()
    return await request.body()


def _number(text: str) -> int:
    """A form's value as a number; what is none is put off the scale, where it is refused with its field."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 4 else -1


def _page(request: Request, name: str, status: int, **words: Any) -> HTMLResponse:
    headers = {
        "Cache-Control": "no-store",
        "Referrer-Policy": "no-referrer",
        "X-Content-Type-Options": "nosniff",
    }
    return _templates.TemplateResponse(request, name, words, status_code=status, headers=headers)
