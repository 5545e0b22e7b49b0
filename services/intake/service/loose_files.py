"""Removes the bytes of files that no contact has any more, or never came to have."""

from sqlalchemy.ext.asyncio import AsyncSession

from services.intake.repository import loose_files
from services.intake.storage import Store
from shared.crash import crash_point


async def remove_loose_files(session: AsyncSession, store: Store, limit: int) -> int:
    """Removes up to `limit` files that are due. How many.

    They are forgotten with the commit: where it does not come to that, they are removed once more.
    """
    due = await loose_files.hold_due(session, limit)
    if due:
        await store.remove(due)
        crash_point("intake.files.removed")
        await loose_files.forget(session, due)
    return len(due)
