"""Fetches the files of one channel that are due, several at once."""

import asyncio

from services.intake.models.media import Medium
from services.intake.providers.media import MediaSource
from services.intake.service.media import Media
from shared.telemetry import log
from shared.worker import Worker

_AT_ONCE = 4
_LOOK_EVERY_SECONDS = 1.0


class MediaFetcher(Worker):
    """Each channel has its own, and each file its own task: what is slow holds up nothing else. Any number of processes
    may fetch: each file is tried by one of them.
    """

    essential = False

    def __init__(self, *, source: MediaSource, media: Media) -> None:
        self.name = f"files of {source.channel}"
        self._source = source
        self._media = media
        self._running: set[asyncio.Task[None]] = set()

    async def step(self) -> None:
        """Begins with what is due, or waits a moment for something. Raises what a task raised that has ended."""
        ended = {task for task in self._running if task.done()}
        self._running -= ended
        errors = [error for task in ended if (error := task.exception())]
        if errors:
            raise errors[0]
        room = _AT_ONCE - len(self._running)
        due = await self._media.take(self._source.channel, room) if room else []
        self._running |= {asyncio.create_task(self._fetch(medium)) for medium in due}
        if self._running:
            await asyncio.wait(self._running, timeout=_LOOK_EVERY_SECONDS, return_when=asyncio.FIRST_COMPLETED)
        else:
            await asyncio.sleep(_LOOK_EVERY_SECONDS)

    async def close(self) -> None:
        """Ends what is under way: it is tried again when its lease has ended."""
        for task in self._running:
            task.cancel()
        await asyncio.gather(*self._running, return_exceptions=True)
        await self._source.close()

    async def _fetch(self, medium: Medium) -> None:
        outcome = await self._source.fetch(medium)
        await self._media.settle(medium, outcome)
        log.info(
            "media.tried",
            channel=medium.channel,
            attachment_id=str(medium.attachment_id),
            tries=medium.tries,
            outcome=type(outcome).__name__,
        )
