"""How API keys are used: within their limits, and when last. No request waits for an engine because of it.

Each process counts in its memory, by minutes of the clock. Every second it adds what it counted to the counts in Redis,
and learns what the others did: so together they go beyond a limit by what comes within a second. While Redis is away
each counts for itself. When a secret was used last is written down every five minutes, for all keys at once.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from math import ceil

from shared.broker import answer_of, connect
from shared.clock import Clock
from shared.worker import Worker

_EVERY_SECONDS = 1.0
_SAVED_EVERY_SECONDS = 300.0
_MINUTE_SECONDS = 60
_KEPT_SECONDS = 120
Headers = tuple[tuple[bytes, bytes], ...]
Save = Callable[[Mapping[str, datetime]], Awaitable[None]]
"""Writes down when secrets, named by their hashes, were used last."""


@dataclass(frozen=True, slots=True)
class KeyInUse:
    """An API key as somebody calls with it: the hash of the secret that he has, and how much it may in a minute."""

    key_id: str
    secret_hash: str
    per_minute: int | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """How a key stands to its limit after a request: `left` in this minute, which ends in `seconds`."""

    per_minute: int
    left: int
    seconds: int
    is_over: bool = False

    @property
    def headers(self) -> Headers:
        """As the draft of the IETF tells it (draft-ietf-httpapi-ratelimit-headers-10)."""
        return _policy(self.per_minute), (b"ratelimit", b'"key";r=%d;t=%d' % (self.left, self.seconds))


@dataclass(slots=True)
class _Counted:
    """Requests of one key in one minute: those that Redis knows of, of all processes, and those that are new here."""

    minute: int
    told: int = 0
    new: int = 0


@dataclass(slots=True)
class _Uses:
    """When each secret was used, as long as that is not written down; and when it was written down last."""

    new: dict[str, float] = field(default_factory=dict)
    saved_at: dict[str, float] = field(default_factory=dict)


class KeyUses(Worker):
    """Counts the requests of keys. `count` may be called by any request; `step` is run by one worker."""

    name, essential = "uses of keys", False

    def __init__(self, *, redis_url: object, service: str, save: Save, clock: Clock) -> None:
        self._redis = connect(redis_url)
        self._service = service
        self._save = save
        self._clock = clock
        self._counted: dict[str, _Counted] = {}
        self._uses = _Uses()

    def count(self, key: KeyInUse) -> Standing | None:
        """Counts a request, unless it is beyond the limit of its key. None for a key that has none."""
        now = self._clock().timestamp()
        if now - self._uses.saved_at.get(key.secret_hash, 0.0) >= _SAVED_EVERY_SECONDS:
            self._uses.new[key.secret_hash] = now
        if key.per_minute is None:
            return None
        minute, second = divmod(now, _MINUTE_SECONDS)
        counted = self._counted.get(key.key_id)
        if counted is None or counted.minute != minute:
            counted = self._counted[key.key_id] = _Counted(int(minute))
        left, seconds = key.per_minute - counted.told - counted.new, ceil(_MINUTE_SECONDS - second)
        if left <= 0:
            return Standing(key.per_minute, 0, seconds, is_over=True)
        counted.new += 1
        return Standing(key.per_minute, left - 1, seconds)

    async def step(self) -> None:
        """Waits a second, and tells what was counted."""
        await asyncio.sleep(_EVERY_SECONDS)
        await self.tell()

    async def tell(self) -> None:
        """Writes down which secrets were used, and adds to the counts in Redis what is new. Raises
        `BrokerUnavailable`.
        """
        uses, self._uses.new = self._uses.new, {}
        if uses:
            await self._save({secret_hash: datetime.fromtimestamp(at, UTC) for secret_hash, at in uses.items()})
            self._uses.saved_at |= uses
        new = {key_id: counted for key_id, counted in self._counted.items() if counted.new}
        if new:
            await self._share(new)

    async def _share(self, new: Mapping[str, _Counted]) -> None:
        pipeline = self._redis.pipeline(transaction=False)
        told = [counted.new for counted in new.values()]
        for key_id, counted in new.items():
            name = f"satuatap:limits:{self._service}/keys/{key_id}/{counted.minute}"
            pipeline.incrby(name, counted.new).expire(name, _KEPT_SECONDS)  # type: ignore[attr-defined]
        answers = await answer_of(pipeline.execute())
        for counted, count, total in zip(new.values(), told, answers[::2], strict=True):
            counted.told, counted.new = total, counted.new - count

    async def close(self) -> None:
        await self._redis.aclose()


@lru_cache(256)
def _policy(per_minute: int) -> tuple[bytes, bytes]:
    return b"ratelimit-policy", b'"key";q=%d;w=%d' % (per_minute, _MINUTE_SECONDS)
