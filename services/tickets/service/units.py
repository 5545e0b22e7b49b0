"""The units that handle cases, and what they are called."""

from collections.abc import Sequence

from sqlalchemy.ext.asyncio import AsyncSession

from services.tickets.domain.units import Unit, slug_of
from services.tickets.repository import units
from shared.errors import FieldError, Invalid


async def list_units(session: AsyncSession) -> Sequence[Unit]:
    """Every unit, by its name."""
    return await units.list_all(session)


async def keep(session: AsyncSession, unit: Unit) -> Unit:
    """Adds a unit, or renames it."""
    await units.keep(session, unit)
    return unit


async def called(session: AsyncSession, name: str) -> Unit:
    """The unit of this slug or name. Raises `Invalid` if there is none: a case sent nowhere would be lost."""
    unit = await units.get(session, slug_of(name))
    if unit is None:
        fault = FieldError("unit", "is no unit that is known", "the slug or the name of one of GET /v1/units")
        raise Invalid("There is no such unit. A supervisor adds one by PUT /v1/units/{slug}.", errors=[fault])
    return unit
