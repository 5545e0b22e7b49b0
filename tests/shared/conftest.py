"""A bench for the machinery: the desk's schema, its outbox, and a reader of its stream whose effects can be counted."""

from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import pytest_asyncio
from redis.asyncio import Redis
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from shared import outbox
from shared.consumer import Consumer, Handlers
from shared.counters import Counters
from shared.db import Database
from shared.events import STREAMS, AnyEvent, TicketOpened
from shared.limits import Limits
from shared.outbox import Relay
from shared.settings import CommonSettings
from tests.conftest import FrozenClock
from tests.factories import ticket_opened

STREAM = STREAMS["tickets"]


@dataclass
class Bench:
    """`tickets` writes, `notify` reads: its only effect is a row for each event."""

    common: CommonSettings
    redis: Any  # its stubs cannot tell which of many shapes a command answers with
    clock: FrozenClock
    writer: Database
    reader: Database
    relay: Relay
    trouble: dict[Any, Callable[[AsyncSession], Any]] = field(default_factory=dict)
    made: list[Any] = field(default_factory=list)

    async def say(self, count: int = 1) -> list[AnyEvent]:
        """Commits `count` new events to the outbox."""
        events: list[AnyEvent] = [ticket_opened() for _ in range(count)]
        async with self.writer.transaction() as session:
            await outbox.add(session, "tickets", events)
        return events

    async def tell(self, event: AnyEvent) -> None:
        """Commits this event to the outbox, and publishes it."""
        async with self.writer.transaction() as session:
            await outbox.add(session, "tickets", [event])
        await self.relay.step()

    async def replay_since(self, moment: datetime) -> None:
        """What `satuatap replay --since` does."""
        async with self.writer.transaction() as session:
            await outbox.replay_since(session, "tickets", moment)
        await self.relay.step()

    async def publish(self, count: int = 1) -> list[AnyEvent]:
        events = await self.say(count)
        await self.relay.step()
        return events

    async def handle(self, session: AsyncSession, events: Sequence[AnyEvent], _now: datetime) -> None:
        """The handler: may be troubled by an event, else leaves a row."""
        for event in events:
            if event.id in self.trouble:
                await self.trouble[event.id](session)
            await session.execute(text("INSERT INTO notify.effects VALUES (:id)"), {"id": event.id})

    def consumer(self, instance: str = "one", **options: Any) -> Consumer:
        """A reader that gives up a failing event as soon as it may."""
        handlers: Handlers = {TicketOpened: self.handle}
        usual: dict[str, Any] = {
            "db": self.reader,
            "handlers": handlers,
            "patience": timedelta(),
            "clock": self.clock,
        }
        made = Consumer(redis_url=self.common.redis_url, stream=STREAM, instance=instance, **usual | options)
        self.made.append(made)
        return made

    def another_relay(self) -> Relay:
        """One that knows only what PostgreSQL and Redis hold."""
        made = _relay(self.common, self.writer, self.clock)
        self.made.append(made)
        return made

    async def effects(self) -> list[Any]:
        """The ids of the events that had an effect, in order."""
        return await self.column("SELECT event_id FROM notify.effects ORDER BY ctid")

    async def column(self, sql: str) -> list[Any]:
        async with self.reader.autocommit() as session:
            return list((await session.scalars(text(sql))).all())

    async def unpublished(self) -> int:
        async with self.writer.autocommit() as session:
            return int(await session.scalar(text("SELECT count(*) FROM outbox WHERE published_at IS NULL")) or 0)

    async def on_stream(self) -> int:
        return int(await self.redis.xlen(STREAM.key))

    async def pending(self) -> int:
        return int((await self.redis.xpending(STREAM.key, "notify"))["pending"])


def limits_of(common: CommonSettings, *, left_alone_seconds: float = 5, **numbers: int) -> Limits:
    """Limits that nobody reaches, but for those that `numbers` name."""
    counters = Counters(common.redis_url, b"only for tests", left_alone_seconds=left_alone_seconds)
    generous = dict.fromkeys(("public_per_minute", "failures_per_minute", "chats_per_minute"), 100_000)
    return Limits(counters, "test", **{**generous, **numbers})


def ids(events: Sequence[AnyEvent]) -> list[Any]:
    return [event.id for event in events]


def _relay(common: CommonSettings, writer: Database, clock: FrozenClock) -> Relay:
    return Relay(
        db=writer,
        redis_url=common.redis_url,
        stream=STREAM,
        clock=clock,
        replay_window=timedelta(days=7),
    )


@pytest_asyncio.fixture
async def bench(common: CommonSettings, redis: Redis, clock: FrozenClock) -> AsyncIterator[Bench]:
    writer = Database(common.database_url, schema="tickets")
    reader = Database(common.database_url, schema="notify")
    relay = _relay(common, writer, clock)
    async with reader.transaction() as session:
        await session.execute(text("CREATE TABLE notify.effects (event_id uuid)"))
    made = Bench(common, redis, clock, writer, reader, relay)
    yield made
    for thing in (relay, *made.made):
        await thing.close()
    await writer.close()
    await reader.close()
