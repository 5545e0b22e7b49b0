"""Pages for people: the form behind an invitation's link, and what a survey published. They work without JavaScript."""

from http import HTTPStatus
from pathlib import Path as FilePath
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import HTMLResponse
from fastapi.templating import Jinja2Templates
from starlette.datastructures import FormData

from services.survey_index.domain.editions import EDITION_NAMES
from services.survey_index.domain.limits import LONGEST_COMMENT
from services.survey_index.domain.profile import FIELD_NAMES, PROFILE
from services.survey_index.models import Profile, Survey
from services.survey_index.report import wording
from services.survey_index.service import answers, publication
from services.survey_index.service.answers import Submission
from services.survey_index.service.invitations import opened_by
from services.survey_index.service.links import Links
from shared.auth import PUBLIC
from shared.errors import Invalid, NotFound, RateLimited, Refusal
from shared.http import Reading, Transaction, read_form
from shared.pages import PageRoute, as_meant
from shared.text import tidied
from shared.wiring import Now, wired

_templates = Jinja2Templates(FilePath(__file__).parent.parent / "templates")
_templates.env.filters |= {
    "angka": wording.figure,
    "bulat": wording.count,
    "hari": wording.day,
    "nama_periode": wording.period_name,
    "isi_periode": wording.period_days,
}

PLACES = frozenset({"", "s", "p"})
"""How the paths of pages begin: the address itself, forms behind links, what was published."""
_REASONS = {405: "not_taken", 408: "cut_off", 413: "too_large"}
"""What the template calls the refusals that no route of a page tells of itself, by status."""


def refused_page(request: Request, status: int, place: str) -> HTMLResponse:
    """The page of a refusal, of whatever layer."""
    return _page(request, "ended.html", status, why=_reason(status, place))


def _reason(status: int, place: str) -> str:
    if status == HTTPStatus.NOT_FOUND:
        return "unknown_link" if place == "s" else "unknown_address"
    return _REASONS.get(status, "failed" if status >= HTTPStatus.INTERNAL_SERVER_ERROR else "invalid")


class SurveyPage(PageRoute):
    """A route of these pages."""

    @staticmethod
    async def wait_page(request: Request, refusal: RateLimited) -> Response:
        """When to press again, with what was filled in."""
        words: dict[str, Any] = {"seconds": refusal.retry_after_seconds, "is_form": request.method == "POST"}
        if words["is_form"]:
            async with read_form(request) as form:
                words["said"] = _filled_in(form)
        return _page(request, "wait.html", refusal.status, **words)


WiredLinks = Annotated[Links, Depends(wired(Links))]
router = APIRouter(include_in_schema=False, dependencies=[PUBLIC], route_class=SurveyPage)


@router.get("/", response_class=HTMLResponse)
async def home(request: Request) -> HTMLResponse:
    """What this address is, for those who cut a link off. It lists no surveys."""
    return _page(request, "home.html", 200)


@router.get("/s", response_class=HTMLResponse)
@router.get("/p", response_class=HTMLResponse)
async def cut_off() -> HTMLResponse:
    """A link without its last part, which is counted as every guess is."""
    raise NotFound("The address names nothing.")


@router.get("/s/{token:path}", response_class=HTMLResponse)
async def form_page(request: Request, session: Reading, now: Now, links: WiredLinks, token: str) -> HTMLResponse:
    """The form, for a citizen with a telephone and no app."""
    try:
        invitation, survey = await opened_by(session, links, as_meant(token), now)
    except Refusal as refusal:
        return _page(request, "ended.html", refusal.status, why=refusal.code)
    if invitation.used_at is not None:
        return _page(request, "ended.html", 200, why="already_answered")
    return _page(request, "form.html", 200, **_form(survey, {}))


@router.post("/s/{token:path}", response_class=HTMLResponse)
async def form_sent(request: Request, session: Transaction, now: Now, links: WiredLinks, token: str) -> HTMLResponse:
    """Takes the form. A second click finds the link used, and is thanked all the same."""
    async with read_form(request) as form:
        said = _filled_in(form)
    token = as_meant(token)
    try:
        _, survey = await opened_by(session, links, token, now)
        await answers.submit_by_link(
            session, links, token, _submission(said, survey), now, service=said.get("service", "")
        )
    except Invalid as refusal:
        return _page(request, "form.html", 422, **_form(survey, said, refusal))
    except Refusal as refusal:
        status = 200 if refusal.code == "already_answered" else refusal.status
        return _page(request, "ended.html", status, why=refusal.code)
    return _page(request, "ended.html", 200, why="thanks")


@router.get("/p/{survey:path}", response_class=HTMLResponse)
async def published(request: Request, session: Reading, survey: str) -> HTMLResponse:
    """What a survey that has ended published: no cell in it stands for fewer than five people."""
    if not as_meant(survey):
        raise NotFound("The address names no survey.")
    for code in dict.fromkeys((survey, as_meant(survey))):  # a survey's code may end in a full stop, too
        try:
            page = await publication.read(session, code)
        except publication.NotPublished:
            continue
        return _page(request, "publication.html", 200, page=page, names=FIELD_NAMES, editions=EDITION_NAMES)
    return _page(request, "ended.html", 404, why="not_published")


def _filled_in(form: FormData) -> dict[str, str]:
    return {name: _typed(name, str(value)) for name, value in form.items()}


def _typed(name: str, value: str) -> str:
    """What was typed into a field: one line, but for the comment, which keeps its own."""
    return value.replace("\0", "").strip() if name == "comment" else tidied(value)


def _form(survey: Survey, filled_in: dict[str, str], refusal: Invalid | None = None) -> dict[str, Any]:
    """What the template of the form shows."""
    names = {element.slug: element.name.id for element in survey.instrument.elements}
    return {
        "survey": survey,
        "questions": [(question, names[question.element]) for question in survey.instrument.questions],
        "elements": [element for element in survey.instrument.elements if element.measure != "nps"],
        "profile": [(name, FIELD_NAMES[name], survey.codes.of(name)) for name in PROFILE],
        "said": filled_in,
        "faults": [error.field for error in refusal.errors] if refusal else [],
        "named": [
            names[question.element]
            for question in survey.instrument.questions
            for error in (refusal.errors if refusal else ())
            if error.field in (f"answers.{question.code}", question.code)
        ],
    }


def _submission(form: dict[str, str], survey: Survey) -> Submission:
    values = {code: _number(form[code]) for code in survey.instrument.codes if form.get(code)}
    age = _number(form["age"]) if form.get("age") else None
    profile = Profile(age, *(form.get(name, "") for name in PROFILE))
    comment = form.get("comment", "")[:LONGEST_COMMENT] or None
    return Submission(values, None, profile, comment, form.get("comment_about", "") if comment else "")


def _number(text: str) -> int:
    """A form's value as a number; what is none is put off the scale, where it is refused with its field."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 4 else -1


def _page(request: Request, name: str, status: int, **words: Any) -> HTMLResponse:
    return _templates.TemplateResponse(request, name, words, status_code=status)
