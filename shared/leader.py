"""Only one of us does this now: leadership by a lock in PostgreSQL, until the end of a transaction."""

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession


async def leads(session: AsyncSession, name: str) -> bool:
    """Whether this transaction may do what is called `name`. Nobody else may before it ends; nobody waits for it."""
    taken = text("SELECT pg_try_advisory_xact_lock(hashtext(:name))")
    return bool(await session.scalar(taken, {"name": name}))


async def is_leading(session: AsyncSession) -> bool:
    """Whether the transaction still stands that leads. Raises what says that its connection is lost."""
    return bool(await session.scalar(text("SELECT true")))
