"""Nothing is kept for ever by accident: what is older than its time is removed, a little at a time.

Each rule is a statement of whoever owns the table. A text goes first and the fact stays, so that no figure changes;
what still waits for somebody (an open dead letter, a notice that is not sent yet) is no rule's business.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from prometheus_client import Counter
from sqlalchemy.ext.asyncio import AsyncSession

from shared import idempotency, trail
from shared.clock import Clock
from shared.consumer import dead
from shared.db import Database
from shared.inbox import Inbox
from shared.leader import leads
from shared.settings import CommonSettings
from shared.telemetry import REGISTRY, log
from shared.worker import Worker

BATCH = 5_000
_PASS_EVERY_SECONDS = 600.0
_LOOK_SECONDS = 1.0

REMOVED = Counter(
    "satuatap_retention_rows_total",
    "Rows removed, or blanked, because their time was over",
    ["rule"],
    registry=REGISTRY,
)

Remove = Callable[[AsyncSession, datetime, int], Awaitable[int]]
"""Removes, or blanks, at most so many rows from before a moment; the number of rows."""


@dataclass(frozen=True, slots=True)
class Rule:
    """What is removed, and after how long."""

    name: str
    after: timedelta
    remove: Remove


def common_rules(schema: str, settings: CommonSettings) -> list[Rule]:
    """The rules for the tables that every service has."""
    return [
        Rule("inbox", settings.inbox_window, Inbox(schema).forget),
        Rule("idempotency keys", timedelta(days=settings.keep_keys_days), partial(_in, schema, idempotency.forget)),
        Rule("dead letters", timedelta(days=settings.keep_dead_letters_days), partial(_in, schema, dead.forget)),
        Rule("skips", timedelta(days=settings.keep_dead_letters_days), partial(_in, schema, dead.forget_skips)),
        Rule("access trail", timedelta(days=settings.keep_access_trail_days), partial(_in, schema, trail.forget)),
    ]


async def _in(
    schema: str,
    remove: Callable[[AsyncSession, str, datetime, int], Awaitable[int]],
    session: AsyncSession,
    before: datetime,
    limit: int,
) -> int:
    return await remove(session, schema, before, limit)


class Retention(Worker):
    """Goes through its rules every ten minutes. Of all instances of a service one does so at a time."""

    name = "retention"
    essential = False

    def __init__(self, *, db: Database, rules: Sequence[Rule], clock: Clock) -> None:
        self._db = db
        self._rules = rules
        self._clock = clock
        self._left: list[Rule] = []
        self._next_pass = 0.0

    async def step(self) -> None:
        """Removes one batch by one rule, or waits a moment for the next pass."""
        loop = asyncio.get_running_loop()
        if not self._left:
            if loop.time() < self._next_pass:
                await asyncio.sleep(_LOOK_SECONDS)
                return
            self._next_pass = loop.time() + _PASS_EVERY_SECONDS
            self._left = list(self._rules)
        rule = self._left[0]
        if await self._remove(rule) < BATCH:
            self._left.pop(0)

    async def _remove(self, rule: Rule) -> int:
        async with self._db.transaction() as session:
            if not await leads(session, f"retention {self._db.schema}"):
                return 0
            count = await rule.remove(session, self._clock() - rule.after, BATCH)
        if count:
            REMOVED.labels(rule.name).inc(count)
            log.info("retention.removed", rule=rule.name, count=count)
        return count
