"""How PostgreSQL plans what it asks for each row that is written."""

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession


async def keep(session: AsyncSession) -> None:
    """Has the questions of foreign keys and triggers planned once, and not again for each row, in this transaction.

    Whatever is written is found by a key: so a plan that was made while a table was empty uses the index, too.
    """
    await session.execute(
        text("SELECT set_config('plan_cache_mode', 'auto', true), set_config('enable_seqscan', 'off', true)")
    )
