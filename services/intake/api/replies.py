"""What a citizen answers about his case: a form as that of complaints, on the page of his case, which tickets shows,
and here. Whoever has the link of the case may answer (`shared.case_links`).
"""

from functools import partial
from http import HTTPStatus
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import HTMLResponse

from services.intake.api.form_pages import NOTHING_SENT, PageForm, Sent, WiredForms, page
from services.intake.domain.form_words import REPLY_WORDS
from services.intake.schemas.citizens import LONGEST_TEXT
from shared.auth import PUBLIC
from shared.case_links import CaseLinks
from shared.errors import NotFound, RateLimited
from shared.http import Reading
from shared.pages import PageRoute, as_meant
from shared.wiring import Now, wired

_REPLY = PageForm("reply.html", REPLY_WORDS, ("body",))
WiredLinks = Annotated[CaseLinks, Depends(wired(CaseLinks))]


class ReplyRoute(PageRoute):
    """A route of the reply: who comes too often gets what he wrote back, with the time to wait."""

    @staticmethod
    async def wait_page(request: Request, refusal: RateLimited) -> Response:
        return await _REPLY.wait_page(request, refusal)


router = APIRouter(include_in_schema=False, dependencies=[PUBLIC], route_class=ReplyRoute)


@router.get("/r/{token}", response_class=HTMLResponse)
async def empty_reply(request: Request, links: WiredLinks, token: str) -> HTMLResponse:
    """The form, with a key of its own."""
    token, _ = _opened(links, token)
    return _REPLY.page(request, HTTPStatus.OK, NOTHING_SENT, case=links.page(token))


@router.post("/r/{token}", response_class=HTMLResponse)
async def send_reply(request: Request, now: Now, forms: WiredForms, links: WiredLinks, token: str) -> Response:
    """Takes an answer, and leads to the page that says so. What cannot be taken comes back, with all that it says."""
    token, ticket_id = _opened(links, token)
    case = links.page(token)
    async with _REPLY.read(request) as sent:
        faults = _faults(sent, forms.most_file_bytes)
        if faults:
            return _REPLY.faulty(request, sent, faults, forms.most_file_bytes, case=case)
        keep = partial(forms.reply, ticket_id, sent.values["body"].strip())
        return await _REPLY.take(request, sent, forms, now, keep, at=f"/r/{token}", case=case)


@router.get("/r/{token}/{link}", response_class=HTMLResponse)
async def sent_reply(
    request: Request, session: Reading, forms: WiredForms, links: WiredLinks, token: str, link: str
) -> HTMLResponse:
    """The page after an answer: it is received, and there is the way back to the case."""
    token, _ = _opened(links, token)
    await forms.receipt(session, link)
    return page(request, "replied.html", HTTPStatus.OK, REPLY_WORDS, case=links.page(token))


def _opened(links: CaseLinks, token: str) -> tuple[str, UUID]:
    """The token as it was meant, and the ticket that it names. Raises `NotFound`."""
    token = as_meant(token)
    ticket_id = links.read(token)
    if ticket_id is None:
        raise NotFound("The link is not complete, or not one of ours.")
    return token, ticket_id


def _faults(sent: Sent, most_file_bytes: int) -> set[str]:
    fault = sent.files_fault(most_file_bytes)
    faults = {fault} if fault else set()
    if len(sent.values["body"]) > LONGEST_TEXT:
        return faults | {"body"}
    is_empty = not (sent.values["body"].strip() or sent.chosen or sent.is_cut)
    return faults | {"empty"} if is_empty else faults
