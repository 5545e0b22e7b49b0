"""What happened to all tickets, in order: polled, or followed."""

import asyncio
from collections.abc import AsyncGenerator
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Header, Query, Request, Response

from services.tickets.api.parameters import Reader
from services.tickets.models import START, FeedItem, FeedPlace
from services.tickets.schemas.feed import FeedItemOut, FeedPage
from services.tickets.service.feed import Feed, TooManyFollowers
from shared import event_streams
from shared.edge import HEAD_ALONE
from shared.event_streams import STILL_HERE, EventStreamResponse, frame
from shared.paging import cursor_to, place_in
from shared.refusals import refusals
from shared.trail import RecordedRoute
from shared.visibility import Visibility
from shared.wiring import wired

_MEDIA_TYPE = "text/event-stream"
WiredFeed = Annotated[Feed, Depends(wired(Feed))]
After = Annotated[str | None, Query(description="Only what happened after this place: the `place` of an event")]
LastEventId = Annotated[str | None, Header(alias="Last-Event-ID", description="The same, of who comes back")]
router = APIRouter(prefix="/v1", tags=["events"], route_class=RecordedRoute)


@router.get(
    "/events",
    response_model=FeedPage,
    responses={200: {"content": {_MEDIA_TYPE: {}}}, **refusals(TooManyFollowers)},
)
async def read_events(
    request: Request,
    sees: Reader,
    feed: WiredFeed,
    after: After = None,
    last_event_id: LastEventId = None,
    limit: Annotated[int, Query(ge=1, le=1_000)] = 100,
    accept: Annotated[str, Header(description="`text/event-stream` to follow what happens")] = "",
) -> FeedPage | Response:
    """What happened to the tickets that you see, in an order that stays: read on after the last `place`, and you miss
    nothing and get nothing twice. With `Accept: text/event-stream` it goes on (server-sent events).
    """
    place = _place(last_event_id or after)
    if _MEDIA_TYPE in accept:
        feed.check_room()
        return FeedEvents(feed, sees, place, is_silent=HEAD_ALONE in request.scope["state"])
    items = await feed.read(sees, place, limit)
    return FeedPage(items=[_out(item) for item in items], next_after=_cursor(items[-1].place) if items else after)


class FeedEvents(EventStreamResponse):
    """Says what happens, each under its place."""

    def __init__(self, feed: Feed, sees: Visibility, after: FeedPlace, *, is_silent: bool) -> None:
        super().__init__(is_silent=is_silent)
        self._feed, self._sees, self._after = feed, sees, after

    async def frames(self) -> AsyncGenerator[bytes, None]:
        loop = asyncio.get_running_loop()
        until = loop.time() + event_streams.RENEW_SECONDS
        portions = self._feed.follow(self._sees, self._after, event_streams.HEARTBEAT_SECONDS)
        try:
            async for items in portions:
                yield b"".join(_frame(item) for item in items) or STILL_HERE
                if loop.time() > until:
                    return
        finally:
            await portions.aclose()


def _frame(item: FeedItem) -> bytes:
    return b"id: %s\n%s" % (_cursor(item.place).encode(), frame(_out(item)))


def _out(item: FeedItem) -> FeedItemOut:
    return FeedItemOut(
        id=item.place.id,
        place=_cursor(item.place),
        ticket_id=item.ticket_id,
        version=item.version,
        kind=item.kind,
        actor=item.actor,
        at=item.at,
        unit=item.unit,
        topic=item.topic,
        channel=item.channel,
    )


def _cursor(place: FeedPlace) -> str:
    return cursor_to(place.transaction.to_bytes(8) + place.number.to_bytes(8, signed=True) + place.id.bytes)


def _place(cursor: str | None) -> FeedPlace:
    if not cursor:
        return START
    place = place_in(cursor, 32)
    return FeedPlace(int.from_bytes(place[:8]), int.from_bytes(place[8:16], signed=True), UUID(bytes=place[16:]))
