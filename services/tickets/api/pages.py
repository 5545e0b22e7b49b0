"""The page of a case, for its citizen: it works without JavaScript, on a cheap telephone.

Behind the tracking code it shows how the case stands; behind the link, which is in letters to him alone, also the
conversation, and a form to answer. The answer is taken by intake.
"""

import secrets
from datetime import datetime
from http import HTTPStatus
from pathlib import Path
from typing import Annotated, Any, get_args

from babel.dates import format_date, format_datetime
from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from fastapi.templating import Jinja2Templates

from services.tickets.api.parameters import cursor_at, place_of
from services.tickets.api.track import told
from services.tickets.domain.tracking_words import CHANNELS, PAGE, Language
from services.tickets.models import END, Place
from services.tickets.service import track as tracking
from services.tickets.settings import TicketsSettings
from shared.auth import PUBLIC
from shared.case_links import CaseLinks
from shared.errors import Invalid, NotFound, RateLimited
from shared.http import Reading
from shared.ids import normalise_tracking_code
from shared.pages import PageRoute, as_meant, language_of
from shared.wiring import wired

_templates = Jinja2Templates(Path(__file__).parent.parent / "templates")
PLACES = frozenset({"t"})
_KEPT = {"Cache-Control": "private, no-cache"}
"""A page that its browser may not keep is gone when somebody presses "back", with what he wrote in it."""
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; form-action 'self' {}; base-uri 'none'"
WiredLinks = Annotated[CaseLinks, Depends(wired(CaseLinks))]


class CasePage(PageRoute):
    """A route of these pages."""

    @staticmethod
    async def wait_page(request: Request, refusal: RateLimited) -> Response:
        return _page(request, "refused.html", refusal.status, why="wait", seconds=refusal.retry_after_seconds)


class Replies:
    """Where citizens answer: intake's address, or that of these pages where both are behind one."""

    def __init__(self, settings: TicketsSettings) -> None:
        self._intake = str(settings.intake_url or "").rstrip("/")

    def form(self, token: str) -> str:
        """Where the form behind a link is sent."""
        return f"{self._intake}/r/{token}"

    @property
    def policy(self) -> dict[str, str]:
        """The headers of a page with that form."""
        return {"Content-Security-Policy": _POLICY.format(f"{self._intake}/" if self._intake else "")}


WiredReplies = Annotated[Replies, Depends(wired(Replies))]
router = APIRouter(include_in_schema=False, dependencies=[PUBLIC], route_class=CasePage)


@router.get("/t", response_class=HTMLResponse)
async def find_case(request: Request) -> Response:
    """Asks for a code, and leads to its case."""
    typed = request.query_params.get("code", "")
    code = normalise_tracking_code(typed)
    if code:
        return RedirectResponse(f"/t/{code}?lang={language_of(request)}", HTTPStatus.SEE_OTHER)
    return _page(request, "find.html", HTTPStatus.OK, typed=bool(typed.strip()))


@router.get("/t/{name:path}", response_class=HTMLResponse)
async def case_page(
    request: Request, session: Reading, links: WiredLinks, replies: WiredReplies, name: str
) -> Response:
    """The case of a code, or of a link."""
    name = as_meant(name)
    if not name:
        return await find_case(request)
    ticket_id = links.read(name)
    code = None if ticket_id else normalise_tracking_code(name)
    if ticket_id:
        tracked = await tracking.by_link(session, ticket_id)
    else:
        tracked = await tracking.by_code(session, code) if code else None
    if tracked is None:
        raise NotFound("No case is known by this code or link.")
    case = told(tracked, language_of(request))
    if not ticket_id:
        return _page(request, "case.html", HTTPStatus.OK, name=code, case=case, conversation=None)
    before = _before(request)
    said = await tracking.conversation(session, tracked.standing.ticket, before)
    page = _page(
        request,
        "case.html",
        HTTPStatus.OK,
        name=name,
        case=case,
        conversation=said,
        earlier=cursor_at(said.earlier),
        is_earlier=before != END,
        form=replies.form(name),
        key=secrets.token_urlsafe(16),
    )
    page.headers.update(replies.policy)
    return page


def refused_page(request: Request, status: int, _place: str) -> HTMLResponse:
    """The page of a refusal, of whatever layer."""
    if status == HTTPStatus.NOT_FOUND:
        return _page(request, "refused.html", status, why="unknown")
    return _page(request, "refused.html", status, why="failed" if status >= 500 else "invalid")


def _before(request: Request) -> Place:
    """The place before which the conversation is shown: what others put into a link counts for nothing."""
    try:
        return place_of(request.query_params["before"])
    except (KeyError, Invalid):
        return END


def _page(request: Request, template: str, status: int, **words: Any) -> HTMLResponse:
    language = language_of(request)
    [other] = (each for each in get_args(Language) if each != language)
    context = {
        "language": language,
        "other": other,
        "words": PAGE[language],
        "channels": CHANNELS[language],
        "day": lambda moment: _day(moment, language),
        "moment": lambda moment: _moment(moment, language),
        **words,
    }
    return _templates.TemplateResponse(request, template, context, status_code=status, headers=_KEPT)


def _day(moment: datetime, language: Language) -> str:
    return format_date(moment.date(), "EEEE, d MMMM y", locale=language)


def _moment(moment: datetime, language: Language) -> str:
    """In the zone that the moment has."""
    return format_datetime(moment, "d MMMM y HH.mm", tzinfo=moment.tzinfo, locale=language)
