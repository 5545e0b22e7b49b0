"""The units that handle cases."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path

from services.tickets.api.parameters import READER, SUPERVISOR
from services.tickets.domain.units import LONGEST_SLUG, SLUG, Unit
from services.tickets.schemas import UnitIn, UnitOut, UnitPage
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
    """Adds a unit, or gives it another name. Its slug stays: cases, topics and tokens go by it."""
    return UnitOut.model_validate(await units.keep(session, Unit(slug, form.name)), from_attributes=True)
