"""The routes that channels call: what they bring is kept as it is, before anybody looks into it."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import PlainTextResponse
from fastapi.routing import APIRoute

from services.intake.channels.channel import Brought, NotGenuine, NotOurs
from services.intake.service.hooks import Hooks
from services.intake.service.raw import RawKeeper
from shared.auth import SIGNED
from shared.errors import NotFound
from shared.http import trace
from shared.limits import caller_of
from shared.refusals import refusals
from shared.wiring import Now, wired, wiring_of

WiredHooks = Annotated[Hooks, Depends(wired(Hooks))]
WiredKeeper = Annotated[RawKeeper, Depends(wired(RawKeeper))]


class HookRoute(APIRoute):
    """A route that others call as they like to: with queries of their own, which are part of what they sign."""

    takes_any_query = True


router = APIRouter(prefix="/v1/hooks", tags=["hooks"], dependencies=[SIGNED], route_class=HookRoute)


@router.get("/{channel}", responses=refusals(NotFound, NotOurs))
async def greet_hook(request: Request, hooks: WiredHooks, channel: str) -> PlainTextResponse:
    """Answers the handshake of whoever asks, before he sends anything, whether this address is ours."""
    return PlainTextResponse(hooks.greet(channel, request.query_params))


@router.post("/{channel}", responses=refusals(NotFound, NotGenuine))
async def receive_hook(request: Request, now: Now, hooks: WiredHooks, keeper: WiredKeeper, channel: str) -> Response:
    """Keeps what a channel brings, and answers 200 once it is kept. Whoever calls signs it as the channel does."""
    brought = Brought(await request.body(), dict(request.headers), request.scope["query_string"].decode("latin-1"))
    try:
        raw = hooks.raw(channel, brought, trace(request), now)
    except NotGenuine:
        await wiring_of(request).limits.failed(caller_of(request))  # who guesses is held up
        raise
    await keeper.keep(raw)
    return Response("{}", media_type="application/json")
