"""Telephone menus, version by version."""

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from services.intake.models.menus import MenuVersion
from shared import locks
from shared.rows import Table

MENUS = Table("intake.ivr_menus", MenuVersion, key=("name", "version"))


async def find(session: AsyncSession, name: str, version: int | None = None) -> MenuVersion | None:
    """This version of a menu, or the newest; None where there is none."""
    result = await session.execute(
        text(f"""
        SELECT {MENUS.select("m")} FROM intake.ivr_menus m
        WHERE m.name = :name AND (CAST(:version AS integer) IS NULL OR m.version = :version)
        ORDER BY m.version DESC LIMIT 1
        """),
        {"name": name, "version": version},
    )
    row = result.one_or_none()
    return MENUS.read(row, "m") if row else None


async def hold(session: AsyncSession, name: str) -> None:
    """Lets whoever writes this menu wait until the end of the transaction."""
    await locks.hold(session, f"intake menu {name}")


async def add(session: AsyncSession, menu: MenuVersion) -> None:
    """Writes a new version."""
    await MENUS.insert_many(session, [menu])
