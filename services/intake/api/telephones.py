"""The routes that telephone systems of others call, each in its own dialect. None is refused for a caller's number."""

from collections.abc import Callable
from typing import Annotated, TypeVar

import orjson
from fastapi import APIRouter, Depends, Request, Response

from services.intake.api.hooks import HookRoute
from services.intake.channels.channel import NotGenuine, Webhook
from services.intake.schemas.telephones import LinesTaken
from services.intake.service.telephones import Telephones
from shared.auth import SIGNED
from shared.errors import FieldError, Invalid, NotFound
from shared.http import Transaction, form_of, trace
from shared.limits import caller_of
from shared.refusals import refusals
from shared.wiring import Now, wired, wiring_of

WiredTelephones = Annotated[Telephones, Depends(wired(Telephones))]
Checked = TypeVar("Checked")

router = APIRouter(prefix="/v1/hooks", tags=["hooks"], dependencies=[SIGNED], route_class=HookRoute)
"""Before the routes of other channels: `/{channel}` would take these, too."""


class TwimlResponse(Response):
    """What Twilio plays."""

    media_type = "text/xml"


@router.post("/twilio/voice", response_class=TwimlResponse, responses=refusals(NotFound, NotGenuine))
async def receive_voice(request: Request, session: Transaction, now: Now, telephones: WiredTelephones) -> Response:
    """A call comes in by Twilio: answers with what its caller hears."""
    form = await _signed_form(request, telephones)
    return TwimlResponse(await telephones.voice(session, form, now, trace(request)))


@router.post("/twilio/gather", response_class=TwimlResponse, responses=refusals(NotFound, NotGenuine))
async def receive_digits(request: Request, session: Transaction, now: Now, telephones: WiredTelephones) -> Response:
    """A caller by Twilio typed digits, or none in time. `n` in the query is the turn of the menu; typed twice, it is
    answered twice, and counts once.
    """
    form = await _signed_form(request, telephones)
    return TwimlResponse(await telephones.gather(session, form, now, trace(request)))


@router.post("/twilio/status", response_class=TwimlResponse, responses=refusals(NotFound, NotGenuine))
async def receive_status(request: Request, session: Transaction, now: Now, telephones: WiredTelephones) -> Response:
    """What became of a call of Twilio's, or how it left a queue."""
    form = await _signed_form(request, telephones)
    return TwimlResponse(await telephones.status(session, form, now, trace(request)))


@router.post("/cti/{token}", responses=refusals(NotFound, NotGenuine))
async def receive_cti_event(
    request: Request, session: Transaction, now: Now, telephones: WiredTelephones, token: str
) -> dict[str, str]:
    """A PBX tells of `newCall`, `answer` or `hangup`, as JSON or as a form, in the generic CTI dialect of Zammad."""
    await _genuine(request, lambda: telephones.cti.authenticate(token))
    await telephones.event(session, await _fields(request), now, trace(request))
    return {}


@router.post("/asterisk", responses=refusals(NotFound, NotGenuine))
async def receive_queue_log(
    request: Request, session: Transaction, now: Now, telephones: WiredTelephones
) -> LinesTaken:
    """Lines of a queue_log, as a JSON array or as text; the token is in `Authorization`. The same lines may come again.

    Lines that cannot be read are kept with the reason, and cost their neighbours nothing.
    """
    webhook = await _webhook(request)
    await _genuine(request, lambda: telephones.asterisk.authenticate(webhook))
    taken, faults = await telephones.queue_log(session, webhook, now, trace(request))
    return LinesTaken(taken=taken, unreadable=[fault.place for fault in faults])


async def _webhook(request: Request) -> Webhook:
    query = request.scope["query_string"].decode("latin-1")
    return Webhook(await request.body(), dict(request.headers), query)


async def _signed_form(request: Request, telephones: Telephones) -> dict[str, str]:
    """The form that Twilio signed. Raises `NotGenuine`, and `NotFound` where Twilio is not opened."""
    webhook = await _webhook(request)
    path = request.scope["raw_path"].decode("latin-1").partition("?")[0]
    return dict(await _genuine(request, lambda: telephones.twilio.authenticate(path, webhook)))


async def _genuine(request: Request, check: Callable[[], Checked]) -> Checked:
    """What `check` finds. Raises `NotGenuine`; who guesses is held up."""
    try:
        return check()
    except NotGenuine:
        await wiring_of(request).limits.failed(caller_of(request))
        raise


async def _fields(request: Request) -> dict[str, list[str]]:
    """What a PBX sent, JSON or a form, by its names. Raises `Invalid`."""
    if request.headers.get("content-type", "").startswith("application/json"):
        try:
            sent = orjson.loads(await request.body())
        except orjson.JSONDecodeError:
            sent = None
        if not isinstance(sent, dict):
            fault = FieldError("body", "is no JSON object", "the event of a call as JSON, or as a form")
            raise Invalid("The body cannot be read.", errors=[fault])
        return {name: _texts(value) for name, value in sent.items()}
    form = await form_of(request)
    return {name: [value for value in form.getlist(name) if isinstance(value, str)] for name in form}


def _texts(value: object) -> list[str]:
    """A value of JSON, or each of a list, as text."""
    return [str(one) for one in (value if isinstance(value, list) else [value]) if one is not None]
