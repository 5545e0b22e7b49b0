"""Keeps what channels bring, as it is: many in one commit, and before anybody tries to understand it."""

from collections.abc import Sequence

from services.intake.models.raw import Raw
from services.intake.repository import raw
from services.intake.service.group_commit import GroupCommit, Pending, QueueLimits
from shared.bell import Bell
from shared.db import Database


class RawKeeper(GroupCommit[Raw, None]):
    """Keeps raw bytes durably. Who is answered after `keep` need not send them again."""

    name = "keeper of raw bytes"

    def __init__(self, *, db: Database, limits: QueueLimits) -> None:
        super().__init__(limits)
        self._db = db
        self.kept = Bell()
        """Rings when something new waits to be parsed."""

    async def keep(self, brought: Raw) -> None:
        """Returns after the commit. Raises `Unavailable` as `commit`."""
        await self.commit(brought)

    async def _commit(self, batch: Sequence[Pending[Raw, None]]) -> None:
        try:
            async with self._db.autocommit() as session:
                await raw.keep(session, [pending.item for pending in batch])
        except Exception as error:
            await self._refuse(batch, error)
            return
        self.kept.ring()
        for pending in batch:
            pending.answer(None)
