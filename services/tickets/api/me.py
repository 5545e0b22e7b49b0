"""What a member of staff is here: his roles, his units, and what he may."""

from typing import Annotated

from fastapi import APIRouter, Depends

from services.tickets.schemas.me import Me
from shared.auth import anybody_of_staff
from shared.caller import Caller
from shared.idempotency import KeyedRoute
from shared.roles import permitted

router = APIRouter(prefix="/v1", tags=["staff"], route_class=KeyedRoute)


@router.get("/me")
async def get_me(caller: Annotated[Caller, Depends(anybody_of_staff())]) -> Me:
    """Who you are by your token: what you may in every service, the units whose cases you see, and until when."""
    return Me(
        subject=caller.subject,
        roles=sorted(caller.roles),
        units=None if caller.sees.units is None else sorted(caller.sees.units),
        may=permitted(caller.roles),
        expires_at=caller.expires_at,
    )
