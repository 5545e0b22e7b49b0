"""Whom of each unit an escalation is told."""

from collections.abc import Sequence

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from services.tickets.domain.escalation import Contact
from shared.rows import Table

CONTACTS = Table("tickets.unit_contacts", Contact, key=("unit", "role", "email"))


async def of_units(session: AsyncSession, units: Sequence[str]) -> list[Contact]:
    """The contacts of these units, by their roles."""
    found = await session.execute(
        text(
            f"SELECT {CONTACTS.select('c')} FROM tickets.unit_contacts c WHERE unit = ANY(:units) ORDER BY role, email"
        ),
        {"units": sorted(set(units))},
    )
    return [CONTACTS.read(row, "c") for row in found]


async def replace(session: AsyncSession, unit: str, contacts: Sequence[Contact]) -> None:
    """Puts these in the place of all contacts of a unit."""
    await session.execute(text("DELETE FROM tickets.unit_contacts WHERE unit = :unit"), {"unit": unit})
    await CONTACTS.insert_many(session, contacts)
