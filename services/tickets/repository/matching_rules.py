"""The rules by which contacts join cases, in versions."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from shared import locks
from shared.rows import Table


@dataclass(frozen=True, slots=True)
class RulesRow:
    """A version of the rules. The one with the highest number is in force."""

    version: int
    rules: Mapping[str, Any]
    created_at: datetime
    created_by: str


RULES = Table("tickets.matching_rules", RulesRow, key=("version",))


async def load(session: AsyncSession) -> RulesRow:
    """The rules in force. There are some, from the migration on."""
    found = await session.execute(
        text(f"SELECT {RULES.select('r')} FROM tickets.matching_rules r ORDER BY version DESC LIMIT 1")
    )
    return RULES.read(found.one(), "r")


async def hold(session: AsyncSession) -> RulesRow:
    """The rules in force, of which nobody else makes a next version before the commit."""
    await locks.hold(session, "tickets matching rules")
    return await load(session)


async def add(session: AsyncSession, row: RulesRow) -> None:
    """Adds a version, which is in force from now on."""
    await RULES.insert_many(session, [row])
