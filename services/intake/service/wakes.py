"""Tells the other processes of intake in which chat, or at which booth, something is new, so that each stream says it
at once.

It goes by publish and subscribe of Valkey, and may get lost: each process looks by itself every few seconds, too.
"""

from collections.abc import Collection
from contextlib import suppress
from typing import Any
from uuid import UUID

import orjson
from redis.asyncio import BlockingConnectionPool, Redis
from redis.asyncio.client import PubSub
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

from services.intake.domain.chats import Side
from services.intake.service.board_streams import BoardStreams
from services.intake.service.streams import ChatStream, Streams
from shared.bell import Bell, rings_within
from shared.broker import BrokerUnavailable, answer_of
from shared.ids import new_id
from shared.worker import Worker

CHANNEL = "satuatap:intake:chats"
_IDLE_SECONDS = 0.5
_CONNECTIONS = 8
_PATIENCE_SECONDS = 3.0
"""More than a look for a message takes."""


def valkey(url: object) -> Redis:
    """A client for all that the streams of a process ask of Valkey. Who finds no connection free waits for one."""
    pool = BlockingConnectionPool.from_url(
        str(url),
        protocol=2,
        max_connections=_CONNECTIONS,
        timeout=_PATIENCE_SECONDS,
        socket_timeout=_PATIENCE_SECONDS,
        socket_connect_timeout=_PATIENCE_SECONDS,
        retry=Retry(NoBackoff(), 0),
        retry_on_error=[],
    )
    return Redis(connection_pool=pool)


class Wakes(Worker):
    """Wakes the streams of this process, and tells all others."""

    name, essential = "chat wakes", False

    def __init__(self, redis: Redis, streams: Streams, boards: BoardStreams) -> None:
        self.sender = new_id().hex
        self._redis = redis
        self._streams = streams
        self._boards = boards
        self._bell = Bell()
        self._forget()

    def follow(self, chats: Collection[UUID]) -> None:
        """There is something new in these chats: lines, or how they stand."""
        self._streams.wake(chats)
        self._chats.update(chats)
        self._bell.ring()

    def follow_booths(self, booths: Collection[str]) -> None:
        """There is something new at these booths."""
        self._boards.wake(booths)
        self._booths.update(booths)
        self._bell.ring()

    def typing(self, chat_id: UUID, side: Side) -> None:
        """Somebody types at one side of a chat."""
        self._streams.tell_typing(chat_id, side)
        self._typing.add((chat_id, side))
        self._bell.ring()

    def open(self, stream: ChatStream) -> None:
        """Opens a stream here. If it is the only one of its reader, older ones end, wherever they are."""
        self._streams.open(stream)
        if stream.is_only:
            self._opened[stream.chat_id] = stream.id
            self._bell.ring()

    async def step(self) -> None:
        """Tells what has gathered. While Valkey is away it gathers nothing: what is late is found anyway."""
        ring = self._bell.next
        has_news = self._chats or self._typing or self._opened or self._booths
        if not has_news and not await rings_within(ring, _IDLE_SECONDS):
            return
        message = {
            "sender": self.sender,
            "chats": [str(chat) for chat in self._chats],
            "typing": [(str(chat), side) for chat, side in self._typing],
            "opened": [(str(chat), str(stream)) for chat, stream in self._opened.items()],
            "booths": sorted(self._booths),
        }
        self._forget()
        await answer_of(self._redis.publish(CHANNEL, orjson.dumps(message)))

    async def close(self) -> None:
        await self._redis.aclose(close_connection_pool=True)

    def _forget(self) -> None:
        self._chats: set[UUID] = set()
        self._typing: set[tuple[UUID, Side]] = set()
        self._opened: dict[UUID, UUID] = {}
        self._booths: set[str] = set()


class Listener(Worker):
    """Hears what other processes tell, and wakes the streams of this one. It is one subscription a process."""

    name, essential = "chat listener", False

    def __init__(self, redis: Redis, streams: Streams, boards: BoardStreams, sender: str) -> None:
        self._redis = redis
        self._streams = streams
        self._boards = boards
        self._own = sender
        self._subscription: PubSub | None = None

    async def step(self) -> None:
        """Takes the next message, or waits a moment for one."""
        try:
            if self._subscription is None:
                subscription = self._redis.pubsub(ignore_subscribe_messages=True)
                await answer_of(subscription.subscribe(CHANNEL))
                self._subscription = subscription
            message = await answer_of(self._subscription.get_message(timeout=_IDLE_SECONDS))
        except BrokerUnavailable:
            await self._unsubscribe()
            raise
        if message is not None:
            self._hear(orjson.loads(message["data"]))

    async def close(self) -> None:
        await self._unsubscribe()

    async def _unsubscribe(self) -> None:
        subscription, self._subscription = self._subscription, None
        if subscription is not None:
            with suppress(Exception):  # it is broken
                await subscription.aclose()  # type: ignore[no-untyped-call]

    def _hear(self, message: dict[str, Any]) -> None:
        if message["sender"] == self._own:
            return
        self._streams.wake({UUID(chat) for chat in _listed(message, "chats")})
        for chat, side in _listed(message, "typing"):
            self._streams.tell_typing(UUID(chat), side)
        for chat, stream in _listed(message, "opened"):
            self._streams.replace_older(UUID(chat), UUID(stream))
        self._boards.wake(_listed(message, "booths"))


def _listed(message: dict[str, Any], name: str) -> Collection[Any]:
    """What a message lists; another release may leave it out."""
    found = message.get(name, ())
    return found if isinstance(found, list) else ()
