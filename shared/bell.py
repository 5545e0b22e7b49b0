"""A bell: tells everybody who waits that there is something to do, so that nobody waits for the next poll."""

import asyncio


class Bell:
    """May be rung by anybody. Who looks for work takes the next ring *before* he looks: none is missed in between."""

    def __init__(self) -> None:
        self._next = asyncio.Event()

    def ring(self) -> None:
        """There is something to do."""
        self._next.set()
        self._next = asyncio.Event()

    @property
    def next(self) -> asyncio.Event:
        """Is set when the bell is rung the next time."""
        return self._next


async def rings_within(ring: asyncio.Event, seconds: float) -> bool:
    """Waits for `ring`, at most `seconds`. Whether it rang."""
    try:
        await asyncio.wait_for(ring.wait(), seconds)
    except TimeoutError:
        return False
    return True
