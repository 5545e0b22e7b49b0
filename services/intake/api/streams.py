"""A chat is followed as it goes on (server-sent events), and each side sees that the other is typing."""

import asyncio
from collections.abc import AsyncGenerator, Iterator
from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Header, Query, Request, Response

from services.intake.api.chats import ChatPresence, ChatReader, WiredChats, message_of
from services.intake.domain.chats import ChatEnded
from services.intake.domain.streams import seen_up_to
from services.intake.schemas.streams import Closed, ReadMarks, Status, StreamTicket, Typing
from services.intake.service.chats import side_of
from services.intake.service.stream_tickets import LASTS_SECONDS, StreamTickets
from services.intake.service.streams import ChatStream, News, Streams, TooManyStreams
from services.intake.service.wakes import Wakes
from shared import event_streams
from shared.auth import Access, Credentials, integration
from shared.caller import Caller
from shared.edge import HEAD_ALONE
from shared.errors import NotFound, Unauthenticated
from shared.event_streams import STILL_HERE, EventStreamResponse, frame
from shared.http import Reading
from shared.idempotency import KeyedRoute
from shared.limits import caller_of
from shared.refusals import refusals
from shared.wiring import Now, wired, wiring_of

WiredStreams = Annotated[Streams, Depends(wired(Streams))]
WiredWakes = Annotated[Wakes, Depends(wired(Wakes))]
WiredTickets = Annotated[StreamTickets, Depends(wired(StreamTickets))]


@dataclass(frozen=True)
class StreamAccess(Access):
    """The permission to read a chat, or a ticket that was given to somebody who has it."""

    async def __call__(
        self,
        request: Request,
        credentials: Credentials,
        ticket: Annotated[str | None, Query(description="Of `…/events:ticket`, where no header can be sent")] = None,
    ) -> Caller:
        if ticket is None or credentials is not None:
            return await super().__call__(request, credentials)
        limits = wiring_of(request).limits
        await limits.failing(caller_of(request))
        caller = await wiring_of(request).part(StreamTickets).redeem(ticket, request.path_params["chat_id"])
        if caller is None:
            await limits.failed(caller_of(request))
            raise Unauthenticated("The ticket was used, is too old, or of another chat: get another one.")
        request.state.caller = caller
        request.state.is_recorded = self.is_recorded
        return caller


_reading = integration("chats:read", "chat", chat=True)
Follower = Annotated[Caller, Depends(StreamAccess(_reading.scopes, _reading.roles, _reading.channel, _reading.chat))]

router = APIRouter(prefix="/v1", tags=["chats"], route_class=KeyedRoute)


@router.get(
    "/chats/{chat_id}/events",
    response_class=Response,
    responses={200: {"content": {"text/event-stream": {}}}, **refusals(NotFound, ChatEnded, TooManyStreams)},
)
async def follow_chat(
    request: Request,
    session: Reading,
    now: Now,
    chats: WiredChats,
    streams: WiredStreams,
    wakes: WiredWakes,
    chat_id: UUID,
    caller: Follower,
    after: Annotated[str, Query(description="The `id` of the last line that you have")] = "",
    last_event_id: Annotated[str, Header(description="The same, as `EventSource` sends it when it comes back")] = "",
) -> Response:
    """Follows the chat: first the lines after the last one that you have, then each as it comes (server-sent events).

    A line is a message with an `id`, the same number as in `…/messages`; what has none (`status`, `typing`, `closed`)
    leaves no place behind. A place that cannot be is none: then all lines come. A visitor has one stream: a newer one
    takes the place of an older.
    """
    chat = await chats.find(session, chat_id, caller, now)
    streams.check_room()
    seen = seen_up_to((last_event_id, after), chat.state.last_position)
    await chats.note_seen(session, chat_id, chat, caller, seen)
    stream = ChatStream(chat_id, side_of(caller), seen, is_only=caller.chat_id is not None)
    return EventStream(stream, streams, wakes, is_silent=HEAD_ALONE in request.scope["state"])


@router.post("/chats/{chat_id}/events:ticket", responses=refusals(NotFound, ChatEnded))
async def issue_ticket(
    session: Reading, now: Now, chats: WiredChats, tickets: WiredTickets, chat_id: UUID, caller: ChatReader
) -> StreamTicket:
    """Gives a ticket with which `…/events` opens once, for `EventSource`, which sends no `Authorization`."""
    await chats.find(session, chat_id, caller, now)
    return StreamTicket(ticket=await tickets.issue(chat_id, caller), expires_in=LASTS_SECONDS)


@router.post("/chats/{chat_id}/typing", status_code=204, responses=refusals(NotFound, ChatEnded))
async def tell_typing(
    session: Reading, now: Now, chats: WiredChats, wakes: WiredWakes, chat_id: UUID, caller: ChatPresence
) -> None:
    """Lets the other side see that somebody is typing. Nothing is kept; tell it every few seconds while it is so."""
    await chats.find(session, chat_id, caller, now)
    wakes.typing(chat_id, side_of(caller))


class EventStream(EventStreamResponse):
    """Says what a stream of a chat is brought."""

    def __init__(self, stream: ChatStream, streams: Streams, wakes: Wakes, *, is_silent: bool) -> None:
        super().__init__(is_silent=is_silent)
        self._stream, self._streams, self._wakes = stream, streams, wakes

    async def frames(self) -> AsyncGenerator[bytes, None]:
        loop = asyncio.get_running_loop()
        until = loop.time() + event_streams.RENEW_SECONDS
        self._wakes.open(self._stream)
        try:
            while True:
                news = await self._streams.next(self._stream, event_streams.HEARTBEAT_SECONDS) or News()
                if loop.time() > until:
                    self._stream.end("renew")
                yield b"".join(_frames(news))
                if news.ending:
                    break
        finally:
            self._streams.forget(self._stream)


def _frames(news: News) -> Iterator[bytes]:
    """The news as they are sent; a comment where there are none."""
    for line in news.lines:
        message = message_of(line)
        yield b"id: %d\ndata: %s\n\n" % (message.id, message.model_dump_json().encode())
    if news.state is not None:
        marks = ReadMarks(citizen=news.state.citizen_read, agent=news.state.agent_read)
        yield frame(Status(ended_at=news.state.ended_at, read=marks), "status")
    if news.typing:
        yield frame(Typing(author=news.typing), "typing")
    if news.ending:
        yield frame(Closed(reason=news.ending), "closed")
    if news == News():
        yield STILL_HERE
