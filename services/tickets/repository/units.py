"""The units."""

from collections.abc import Sequence

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from services.tickets.domain.units import Unit
from shared import locks
from shared.rows import Table

UNITS = Table("tickets.units", Unit, key=("slug",))


async def load(session: AsyncSession, slugs: Sequence[str]) -> dict[str, Unit]:
    """The units of these slugs. One that has no row, because an older release wrote it, is called by its slug."""
    found = await session.execute(
        text(f"SELECT {UNITS.select('u')} FROM tickets.units u WHERE slug = ANY(:slugs)"), {"slugs": sorted(set(slugs))}
    )
    return {slug: Unit(slug, slug) for slug in slugs} | {row.u_slug: UNITS.read(row, "u") for row in found}


async def get(session: AsyncSession, slug: str) -> Unit | None:
    """The unit of this slug, or None."""
    found = await session.execute(
        text(f"SELECT {UNITS.select('u')} FROM tickets.units u WHERE slug = :slug"), {"slug": slug}
    )
    row = found.one_or_none()
    return UNITS.read(row, "u") if row else None


async def list_all(session: AsyncSession) -> list[Unit]:
    """Every unit, by its name."""
    found = await session.execute(text(f"SELECT {UNITS.select('u')} FROM tickets.units u ORDER BY lower(name), slug"))
    return [UNITS.read(row, "u") for row in found]


async def assigning(session: AsyncSession) -> list[str]:
    """The units whose cases are given to their agents by themselves."""
    return list(await session.scalars(text("SELECT slug FROM tickets.units WHERE auto_assign ORDER BY slug")))


async def hold_tree(session: AsyncSession) -> None:
    """Holds who belongs to whom until the end of the transaction: two changes together could lead round."""
    await locks.hold(session, "tickets unit tree")


async def keep(session: AsyncSession, unit: Unit) -> None:
    """Adds a unit, or changes the one of this slug."""
    await session.execute(
        text("""
        INSERT INTO tickets.units (slug, name, parent, auto_assign) VALUES (:slug, :name, :parent, :auto_assign)
        ON CONFLICT (slug) DO UPDATE SET name = excluded.name, parent = excluded.parent,
            auto_assign = excluded.auto_assign
        """),
        {"slug": unit.slug, "name": unit.name, "parent": unit.parent, "auto_assign": unit.auto_assign},
    )


async def add(session: AsyncSession, unit: Unit) -> None:
    """Adds a unit, unless there is one of this slug."""
    await session.execute(
        text("INSERT INTO tickets.units (slug, name) VALUES (:slug, :name) ON CONFLICT (slug) DO NOTHING"),
        {"slug": unit.slug, "name": unit.name},
    )
