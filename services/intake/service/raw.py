"""Keeps what channels bring, as it is, before anybody tries to understand it; and shows what nobody could."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.intake.models.raw import Faulty, Raw
from services.intake.repository import raw
from services.intake.service.arrivals import Arrivals
from services.intake.service.group_commit import GroupCommit, Pending, QueueLimits
from shared.bell import Bell
from shared.db import Database, after_commit
from shared.errors import NotFound
from shared.paging import first_of


class RawKeeper(GroupCommit[Raw, None]):
    """Keeps raw bytes durably. Who is answered after `keep` need not send them again."""

    name = "keeper of raw bytes"

    def __init__(self, *, db: Database, limits: QueueLimits, arrivals: Arrivals) -> None:
        super().__init__(limits, arrivals)
        self._db = db
        self.kept = Bell()
        """Rings when something new waits to be parsed."""

    async def keep(self, item: Raw) -> None:
        """Returns after the commit. Raises `Unavailable` as `commit`."""
        await self.commit(item)

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

    async def parse_again(self, session: AsyncSession, raw_id: UUID, now: datetime) -> None:
        """Has something parsed once more, which nobody could understand. What became a contact stays that contact.

        Raises `NotFound`.
        """
        if not await raw.let_wait_again(session, raw_id, now):
            raise NotFound("There is nothing of that name which nobody could understand.")
        after_commit(session, self.kept.ring)


async def list_faulty(
    session: AsyncSession, channel: str | None, before: UUID | None, limit: int
) -> tuple[Sequence[Faulty], str | None]:
    """What could not be understood, the newest first, and where the next page begins."""
    found = await raw.list_faulty(session, channel=channel, before=before, limit=limit + 1)
    return first_of(found, limit, lambda faulty: faulty.id)
