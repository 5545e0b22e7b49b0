"""The routes of telephone menus: a menu is read, and written anew as a version."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path

from services.intake.schemas.menus import MenuIn, MenuOut
from services.intake.service.menus import Menus
from shared.auth import staff
from shared.caller import Caller
from shared.errors import NotFound
from shared.http import Reading, Transaction
from shared.idempotency import KeyedRoute
from shared.refusals import refusals
from shared.wiring import Now, wired

MenuName = Annotated[str, Path(pattern=r"^[a-z0-9][a-z0-9_-]{0,63}$")]
Supervisor = Annotated[Caller, Depends(staff("channels:configure"))]
WiredMenus = Annotated[Menus, Depends(wired(Menus))]

router = APIRouter(prefix="/v1/ivr", tags=["calls"], route_class=KeyedRoute)


@router.get("/menus/{name}", responses=refusals(NotFound))
async def read_menu(session: Reading, menus: WiredMenus, name: MenuName, _: Supervisor) -> MenuOut:
    """The newest version of a menu, which calls that come in now are led through."""
    return await menus.read(session, name)


@router.put("/menus/{name}")
async def write_menu(
    session: Transaction, now: Now, menus: WiredMenus, name: MenuName, form: MenuIn, caller: Supervisor
) -> MenuOut:
    """Makes this the newest version. A menu with a dead end, a loop without a way out or an unknown target is refused,
    with the path at which that is. Calls that are in an older version end in it.
    """
    return await menus.write(session, name, form, caller.subject, now)
