"""Looks for files in the store that no contact has, and removes them."""

import asyncio

from services.intake.service.loose_files import remove_loose_files
from services.intake.storage import Store
from shared.db import Database
from shared.telemetry import log
from shared.worker import Worker

_BATCH = 100
_LOOK_EVERY_SECONDS = 1.0


class LooseFiles(Worker):
    """Any number of processes may look: each file is removed by one of them."""

    name, essential = "loose files", False

    def __init__(self, *, db: Database, store: Store) -> None:
        self._db = db
        self._store = store

    async def step(self) -> None:
        """Removes a batch of files, or waits a moment for one."""
        async with self._db.transaction() as session:
            count = await remove_loose_files(session, self._store, _BATCH)
        if count:
            log.info("files.removed", count=count)
        else:
            await asyncio.sleep(_LOOK_EVERY_SECONDS)
