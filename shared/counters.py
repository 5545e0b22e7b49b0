"""Counts by the minute: in Redis, so that all instances of a service count as one, and in memory while Redis is away.

Redis is asked for a moment only, and left alone for some seconds when it does not answer: no caller waits for a count,
and none is refused because nobody could count. Nobody is named there: a key holds a keyed hash of who was counted.
"""

import asyncio
import hashlib
import hmac
from collections.abc import Awaitable, Callable
from math import ceil
from time import monotonic, time

from limits import RateLimitItemPerMinute
from limits.aio.storage import MemoryStorage, RedisStorage
from limits.aio.strategies import FixedWindowRateLimiter
from redis.asyncio import BlockingConnectionPool
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

from shared.db import describe
from shared.telemetry import log

_PATIENCE_SECONDS = 0.5
_CONNECTIONS = 10
_MOST_IN_MEMORY = 5_000
"""So many are counted in memory; then it begins anew, for the library looks through all of them with each count."""
_MOST_ROUNDED_OFF_SECONDS = 0.5
"""Redis tells the rest of a minute in whole seconds, up or down."""


class Counters:
    """Counts who did what how often in a minute, which begins when he does it for the first time."""

    def __init__(self, redis_url: object, key: bytes, *, left_alone_seconds: float = 5.0) -> None:
        self._key = key
        self._left_alone_seconds = left_alone_seconds
        self._pool = BlockingConnectionPool.from_url(
            str(redis_url),
            protocol=2,
            max_connections=_CONNECTIONS,
            timeout=_PATIENCE_SECONDS,
            socket_timeout=_PATIENCE_SECONDS,
            socket_connect_timeout=_PATIENCE_SECONDS,
            retry=Retry(NoBackoff(), 0),
            retry_on_error=[],
        )
        storage = RedisStorage(
            "async+redis://",  # the pool knows where
            implementation="redispy",
            key_prefix="satuatap:limits",
            connection_pool=self._pool,  # type: ignore[arg-type]
        )
        self._shared = FixedWindowRateLimiter(storage)
        self._memory = MemoryStorage()
        self._own = FixedWindowRateLimiter(self._memory)
        self._away_until: float | None = None
        self._refused: dict[tuple[str, str], float] = {}

    async def add(self, limit: str, caller: str, most: int, cost: int = 1) -> int:
        """Counts `cost` more for `caller`: 0 up to `most` in a minute, else in how many seconds he may again."""
        return await self._seconds_refused(
            limit, caller, most, lambda limiter, item, name: limiter.hit(item, name, cost=cost)
        )

    async def used_up(self, limit: str, caller: str, most: int) -> int:
        """The same without counting: 0 while one more would be no more than `most`."""
        return await self._seconds_refused(limit, caller, most, lambda limiter, item, name: limiter.test(item, name))

    async def close(self) -> None:
        await self._pool.disconnect()

    async def _seconds_refused(
        self,
        limit: str,
        caller: str,
        most: int,
        question: Callable[[FixedWindowRateLimiter, RateLimitItemPerMinute, str], Awaitable[bool]],
    ) -> int:
        until = self._refused.get((limit, caller))
        if until and until > monotonic():  # until then he stays refused, whoever is asked
            return ceil(until - monotonic())
        item = RateLimitItemPerMinute(most, namespace=limit)
        name = hmac.digest(self._key, caller.encode(), hashlib.sha256).hex()[:32]

        async def count(limiter: FixedWindowRateLimiter) -> float:
            if await question(limiter, item, name):
                return 0
            return await limiter.storage.get_expiry(item.key_for(name)) - time() + _MOST_ROUNDED_OFF_SECONDS

        seconds = max(0.0, await self._counted(count))
        if seconds:
            if len(self._refused) >= _MOST_IN_MEMORY:
                self._refused.clear()
            self._refused[limit, caller] = monotonic() + seconds
        return ceil(seconds)

    async def _counted(self, count: Callable[[FixedWindowRateLimiter], Awaitable[float]]) -> float:
        if self._away_until is None or self._away_until <= monotonic():
            if self._away_until:  # this one finds out whether it is back, and no other waits for that
                self._away_until = monotonic() + self._left_alone_seconds
            try:
                async with asyncio.timeout(_PATIENCE_SECONDS):
                    seconds = await count(self._shared)
            except Exception as error:  # whatever it is, a count is not worth a request
                if self._away_until is None:
                    log.warning("limits.counted_in_memory", error=describe(error))
                self._away_until = monotonic() + self._left_alone_seconds
            else:
                self._away_until = None
                return seconds
        if len(self._memory.storage) >= _MOST_IN_MEMORY:
            await self._memory.reset()
        return await count(self._own)
