"""What a person asked back: dead letters that are handled again by the one reader that buried them."""

import asyncio

from shared.clock import Clock
from shared.consumer import dead
from shared.consumer.failures import Fault, fault_of
from shared.consumer.handling import Handling
from shared.consumer.suspects import Suspects
from shared.db import Database, describe
from shared.events import Stream, UnknownEventType
from shared.telemetry import log

_LOOK_SECONDS = 1.0


class Replays:
    """The replays of one stream, for one group."""

    def __init__(self, *, db: Database, stream: Stream, handling: Handling, suspects: Suspects, clock: Clock) -> None:
        self._db = db
        self._stream = stream
        self._handling = handling
        self._suspects = suspects
        self._clock = clock
        self._next_look = 0.0

    async def handle_one(self) -> bool:
        """Handles a letter that was asked back, if there is one; whether there was.

        One that fails waits for a person as before: a replay never stops its stream. Raises what an outage says.
        """
        now = asyncio.get_running_loop().time()
        if now < self._next_look:
            return False
        letter = None
        try:
            async with self._db.transaction() as session:
                letter = await dead.next_asked(session, self._db.schema, self._stream.name)
                if letter is None:
                    self._next_look = now + _LOOK_SECONDS
                    return False
                event = self._handling.understand(letter.payload)
                if event is None:
                    raise UnknownEventType("no handler")
                await self._handling.effect(session, [event], self._clock())
                await dead.replayed(session, self._db.schema, letter.id, self._clock())
        except Exception as error:
            if letter is None:
                raise
            name = letter.id.bytes
            if fault_of(error) is Fault.OUTAGE and not await self._suspects.is_to_blame(name):
                raise
            self._suspects.acquit([name])
            async with self._db.transaction() as session:
                await dead.failed_again(session, self._db.schema, letter.id, f"replayed in vain: {describe(error)}")
            log.error("letter.failed_again", stream=self._stream.name, letter=letter.id, exc_info=error)
        else:
            log.info("letter.replayed", stream=self._stream.name, letter=letter.id, event_id=event.id)
        return True
