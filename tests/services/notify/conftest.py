"""The running, wired for tests: a ledger on a database of its own, and couriers that step when told to."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest_asyncio

from services.notify.domain.breaker import Breaker
from services.notify.domain.delivery import Acceptance, Decision, Outcome
from services.notify.domain.notices import Kind
from services.notify.jobs.courier import Courier
from services.notify.models import Attempt, Ending, Notice
from services.notify.providers import Provider
from services.notify.repository import claims
from services.notify.service.ledger import Decisions, Ledger
from services.notify.service.letters import Letters
from shared.bell import Bell
from shared.db import Database
from shared.events import AnyEvent, ChatUnread, NoticeFailed, NoticeSettled, decode
from shared.ids import new_id
from shared.settings import CommonSettings
from tests.conftest import FrozenClock
from tests.services.notify.given import holds, rows
from tests.services.notify.given import ledger as ledger_of

LEASE = timedelta(seconds=60)
MOST_AN_HOUR = 200


@dataclass
class Running:
    """The verbs of the service, each in a transaction of its own."""

    db: Database
    letters: Letters
    ledger: Ledger
    clock: FrozenClock

    async def enter(self, *events: AnyEvent) -> None:
        async with self.db.transaction() as session:
            await self.ledger.enter(session, events, self.clock())

    async def learn(self, *events: ChatUnread) -> None:
        async with self.db.transaction() as session:
            await holds(most_an_hour=MOST_AN_HOUR).learn_readings(session, events, self.clock())

    async def release_overdue(self) -> int:
        async with self.db.transaction() as session:
            return await holds(most_an_hour=MOST_AN_HOUR).release_overdue(session, self.clock())

    async def claim(self, *, kind: Kind = "email", worker: str = "test", limit: int = 100) -> list[Notice]:
        async with self.db.transaction() as session:
            return await claims.claim(
                session, new_id(), kind=kind, worker=worker, lease=LEASE, limit=limit, now=self.clock()
            )

    async def begin(self, *message: Notice, accepted: Sequence[Notice] = ()) -> bool:
        """A message begins to be handed over, after `accepted` were. Whether it may be."""
        [claim] = {notice.claim for notice in (*message, *accepted)}
        assert claim is not None
        now = self.clock()
        ended = [Ending(notice, Acceptance("its name"), now, Attempt("test", now)) for notice in accepted]
        async with self.db.notes() as notes:
            return await claims.note(notes, claim, [notice.id for notice in message], ended, now)

    async def close(self, notices: Sequence[Notice], *outcomes: Outcome) -> None:
        """What became of these, that were handed over."""
        now = self.clock()
        ended = [
            Ending(one, outcome, now, Attempt("test", now)) for one, outcome in zip(notices, outcomes, strict=True)
        ]
        async with self.db.transaction() as session:
            await self.ledger.record(session, ended, now)

    async def give_up_abandoned(self, own: str | None = None) -> int:
        async with self.db.transaction() as session:
            return await self.ledger.give_up_abandoned(session, own=own, now=self.clock())

    async def decide(self, decision: Decision, *notices: Notice) -> Decisions:
        async with self.db.transaction() as session:
            ids = [notice.id for notice in notices]
            return await self.ledger.decide(session, ids, decision, by="staff:4711", now=self.clock())

    async def notices(self) -> list[Any]:
        """The ledger's rows, oldest first."""
        return await rows(self.db, "SELECT * FROM notify.notices ORDER BY id")

    async def rows(self, sql: str) -> list[Any]:
        return await rows(self.db, sql)

    async def attempts(self) -> list[Any]:
        return await rows(self.db, "SELECT * FROM notify.delivery_attempts ORDER BY notice_id, number")

    async def claims(self) -> list[Any]:
        return await rows(self.db, "SELECT * FROM notify.claims ORDER BY id")

    async def failures(self) -> list[NoticeFailed]:
        """What the desk is told of notices that a person must look at."""
        return [event for event in await self.events() if isinstance(event, NoticeFailed)]

    async def settlements(self) -> list[tuple[UUID, str, str]]:
        """Notice, outcome and who said so, of what the desk is told of notices that a person need not look at."""
        settled = [event.data for event in await self.events() if isinstance(event, NoticeSettled)]
        return [(data.notice_id, data.outcome, data.by) for data in settled]

    async def events(self) -> list[AnyEvent]:
        return [decode(row.payload) for row in await rows(self.db, "SELECT payload FROM notify.outbox ORDER BY seq")]

    def courier(
        self, provider: Provider, *, batch: int = 16, bell: Bell | None = None, breaker: Breaker | None = None
    ) -> Courier:
        return Courier(
            db=self.db,
            ledger=self.ledger,
            letters=self.letters,
            provider=provider,
            breaker=breaker or Breaker(provider.kind),
            bell=bell or Bell(),
            instance="test",
            batch=batch,
            clock=self.clock,
        )


@pytest_asyncio.fixture
async def running(common: CommonSettings, clock: FrozenClock) -> AsyncIterator[Running]:
    db = Database(common.database_url, schema="notify")
    letters = Letters("id")
    ledger = ledger_of(letters, most_an_hour=MOST_AN_HOUR)
    yield Running(db, letters, ledger, clock)
    await db.close()
