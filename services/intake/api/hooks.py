"""The routes that channels call: what they bring is kept as it is, before anybody looks into it."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import PlainTextResponse
from fastapi.routing import APIRoute

from services.intake.channels.channel import NotGenuine, NotOurs, Webhook
from services.intake.service.hooks import Hooks
from services.intake.service.raw import RawKeeper
from shared.auth import SIGNED, not_signed
from shared.errors import NotFound
from shared.http import trace
from shared.lean import LeanRawRoute
from shared.refusals import refusals
from shared.wiring import Now, wired

WiredHooks = Annotated[Hooks, Depends(wired(Hooks))]
WiredKeeper = Annotated[RawKeeper, Depends(wired(RawKeeper))]


class HookRoute(APIRoute):
    """A route that others call as they like to: with queries of their own, which are part of what they sign."""

    takes_any_query = True


class LeanHookRoute(HookRoute, LeanRawRoute):
    """The same on the lean way (ADR 28): messengers bring much of a day."""


router = APIRouter(prefix="/v1/hooks", tags=["hooks"], dependencies=[SIGNED], route_class=HookRoute)
lean = APIRouter(route_class=LeanHookRoute)


@router.get("/{channel}", responses=refusals(NotFound, NotOurs))
async def greet_hook(request: Request, hooks: WiredHooks, channel: str) -> PlainTextResponse:
    """Answers the handshake of whoever asks, before he sends anything, whether this address is ours."""
    return PlainTextResponse(hooks.greet(channel, request.query_params))


@lean.post("/{channel}", responses=refusals(NotFound, NotGenuine))
async def receive_hook(request: Request, now: Now, hooks: WiredHooks, keeper: WiredKeeper, channel: str) -> Response:
    """Keeps what a channel brings, and answers 200 once it is kept. Whoever calls signs it as the channel does."""
    webhook = Webhook(await request.body(), dict(request.headers), request.scope["query_string"].decode("latin-1"))
    try:
        raw = hooks.raw(channel, webhook, trace(request), now)
    except NotGenuine:
        await not_signed(request)
        raise
    await keeper.keep(raw)
    return Response("{}", media_type="application/json")


router.include_router(lean)
