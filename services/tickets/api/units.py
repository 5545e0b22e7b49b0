"""The units that handle cases."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path

from services.tickets.api.parameters import READER, SUPERVISOR
from services.tickets.domain.units import LONGEST_SLUG, SLUG
from services.tickets.schemas.units import UnitIn, UnitOut, UnitPage
from services.tickets.service import units
from shared.http import Reading, Transaction
from shared.idempotency import KeyedRoute

UnitSlug = Annotated[str, Path(pattern=SLUG, max_length=LONGEST_SLUG, description="As `prakerja-pencairan`")]
router = APIRouter(prefix="/v1", route_class=KeyedRoute)


@router.get("/units", tags=["units"], dependencies=[Depends(READER)])
async def list_units(session: Reading) -> UnitPage:
    """Every unit that handles cases, by its name."""
    return UnitPage(
        items=[UnitOut.model_validate(unit, from_attributes=True) for unit in await units.list_units(session)]
    )


@router.put("/units/{slug}", tags=["units"], dependencies=[Depends(SUPERVISOR)])
async def put_unit(session: Transaction, slug: UnitSlug, form: UnitIn) -> UnitOut:
    """Adds a unit, gives it another name, or has it belong to another. Its slug stays: cases and tokens go by it."""
    kept = await units.keep(session, slug, form.model_dump(exclude_unset=True))
    return UnitOut.model_validate(kept, from_attributes=True)
