"""The post, wired for tests: a ledger on a database of its own, and couriers that step when told to."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest_asyncio

from services.notify import repository
from services.notify.domain.delivery import Outcome
from services.notify.domain.notices import Kind
from services.notify.jobs import Courier
from services.notify.models import Notice
from services.notify.providers import Provider
from services.notify.service.ledger import Ledger
from services.notify.service.letters import Letters
from shared.bell import Bell
from shared.db import Database
from shared.events import BaseEvent, NoticeFailed, decode
from shared.settings import CommonSettings
from tests.conftest import FrozenClock
from tests.services.notify.given import rows

LEASE = timedelta(seconds=60)


@dataclass
class Post:
    """The verbs of the post, each in a transaction of its own."""

    db: Database
    ledger: Ledger
    clock: FrozenClock

    async def enter(self, *events: BaseEvent) -> None:
        async with self.db.transaction() as session:
            await self.ledger.enter(session, events, self.clock())

    async def claim(self, *, kind: Kind = "email", worker: str = "test", limit: int = 100) -> list[Notice]:
        async with self.db.transaction() as session:
            return await repository.claim(session, kind=kind, worker=worker, lease=LEASE, limit=limit, now=self.clock())

    async def close(self, notices: Sequence[Notice], *outcomes: Outcome) -> None:
        async with self.db.transaction() as session:
            await self.ledger.close(session, notices, outcomes, self.clock())

    async def give_up_abandoned(self, own: str | None = None) -> int:
        async with self.db.transaction() as session:
            return await self.ledger.give_up_abandoned(session, own=own, now=self.clock())

    async def decide(self, notice: Notice, *, arrived: bool) -> Notice:
        async with self.db.transaction() as session:
            return await self.ledger.decide(session, notice.id, arrived=arrived, now=self.clock())

    async def notices(self) -> list[Any]:
        """The ledger's rows, oldest first."""
        return await rows(self.db, "SELECT * FROM notify.notices ORDER BY id")

    async def attempts(self) -> list[Any]:
        return await rows(self.db, "SELECT * FROM notify.delivery_attempts ORDER BY notice_id, number")

    async def failures(self) -> list[NoticeFailed]:
        """What the desk is told of notices that a person must look at."""
        events = [decode(row.payload) for row in await rows(self.db, "SELECT payload FROM notify.outbox ORDER BY seq")]
        return [event for event in events if isinstance(event, NoticeFailed)]

    def courier(self, provider: Provider, *, batch: int = 16, bell: Bell | None = None) -> Courier:
        return Courier(
            db=self.db,
            ledger=self.ledger,
            provider=provider,
            bell=bell or Bell(),
            instance="test",
            batch=batch,
            clock=self.clock,
        )


@pytest_asyncio.fixture
async def post(common: CommonSettings, clock: FrozenClock) -> AsyncIterator[Post]:
    db = Database(common.database_url, schema="notify")
    yield Post(db, Ledger(letters=Letters("id"), give_up_after=timedelta(hours=24)), clock)
    await db.close()
