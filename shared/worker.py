"""What works in the background of a service."""

import asyncio
from abc import ABC, abstractmethod

_PAUSE_SECONDS = 1.0
"""So soon a worker that waits for its time can be stopped."""


class Worker(ABC):
    """Works a step at a time; between two steps it may be stopped.

    `essential` says whether the service is worth anything without it: a service whose essential worker does not get
    on is not ready. `trouble` says why it does not get on, for `/readyz`; it is None while it does.
    """

    name: str
    essential: bool = True
    trouble: str | None = None

    @abstractmethod
    async def step(self) -> None:
        """Does one piece of work, or waits a moment for one."""

    async def close(self) -> None:  # noqa: B027 - most hold nothing
        """Gives back what it holds."""

    def let_go(self) -> None:  # noqa: B027 - most keep nobody
        """Ends the answers that would go on for ever: the server waits for every other one before it stops."""


class Periodic(Worker):
    """Looks every so many seconds whether there is something to do, and at once again while there is more."""

    every_seconds: float
    _next_at = 0.0

    async def step(self) -> None:
        """Looks, or waits a moment until it is time."""
        loop = asyncio.get_running_loop()
        if loop.time() < self._next_at:
            await asyncio.sleep(min(_PAUSE_SECONDS, self._next_at - loop.time()))
        elif not await self.look():
            self._next_at = loop.time() + self.every_seconds

    @abstractmethod
    async def look(self) -> bool:
        """Does what there is to do, up to a bound. Whether there is more."""
