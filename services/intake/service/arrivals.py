"""Who waits for an answer, so that work that nobody waits for lets them go first."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from time import perf_counter

_QUIET_SECONDS = 0.01
_LOOK_EVERY_SECONDS = 0.01


class Arrivals:
    """Counts, over every queue of a process, who waits for a commit."""

    def __init__(self) -> None:
        self._waiting = 0
        self._last = float("-inf")

    @contextmanager
    def one(self) -> Iterator[None]:
        """Around the wait of one of them."""
        self._waiting += 1
        try:
            yield
        finally:
            self._waiting -= 1
            self._last = perf_counter()

    @property
    def are_over(self) -> bool:
        """Whether nobody waits, and nobody did just now."""
        return not self._waiting and perf_counter() - self._last >= _QUIET_SECONDS

    async def give_way(self, longest: float) -> None:
        """Returns when they are over, or after `longest` seconds: what gives way must get on, too."""
        end = perf_counter() + longest
        while not self.are_over and perf_counter() < end:  # noqa: ASYNC110 - being quiet is no event
            await asyncio.sleep(_LOOK_EVERY_SECONDS)
