"""Whom of a unit an escalation is told: looked up and edited."""

from collections.abc import Sequence

from sqlalchemy.ext.asyncio import AsyncSession

from services.tickets.domain.escalation import Contact
from services.tickets.repository import escalation, units
from shared.errors import FieldError, NotFound


async def contacts_of(session: AsyncSession, unit: str) -> Sequence[Contact]:
    """The contacts of a unit. Raises `NotFound`."""
    await _check_known(session, unit)
    return await escalation.of_units(session, [unit])


async def keep_contacts(session: AsyncSession, unit: str, contacts: Sequence[Contact]) -> Sequence[Contact]:
    """Puts these in the place of all contacts of a unit. Raises `NotFound`."""
    await _check_known(session, unit)
    await escalation.replace(session, unit, list(dict.fromkeys(contacts)))
    return await escalation.of_units(session, [unit])


async def _check_known(session: AsyncSession, unit: str) -> None:
    if await units.get(session, unit) is None:
        fault = FieldError("slug", "is not known", "the slug of one of GET /v1/units")
        raise NotFound("There is no such unit.", errors=[fault])
