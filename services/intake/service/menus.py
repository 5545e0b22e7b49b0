"""Telephone menus: read, and written as a new version once they hold together."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from services.intake.domain.menus import menu_faults
from services.intake.models.menus import MenuVersion
from services.intake.repository import menus
from services.intake.schemas.menus import MenuIn, MenuOut
from shared.errors import FieldError, Invalid, NotFound
from shared.problems import MOST_ERRORS


class Menus:
    """The menus, by their names. Each verb runs in the caller's transaction."""

    async def read(self, session: AsyncSession, name: str) -> MenuOut:
        """The newest version of a menu. Raises `NotFound`."""
        found = await menus.find(session, name)
        if found is None:
            raise NotFound("There is no menu of this name.")
        return _menu_out(found)

    async def write(self, session: AsyncSession, name: str, form: MenuIn, writer: str, now: datetime) -> MenuOut:
        """Makes this the newest version; what is the newest already stays that. Calls that are in an older one end in
        it. Raises `Invalid` with each place at which the menu does not hold together.
        """
        faults = [FieldError(fault.path, fault.message, fault.expected) for fault in menu_faults(form.menu())]
        if faults:
            raise Invalid("A caller could not get through this menu.", errors=faults[:MOST_ERRORS])
        await menus.hold(session, name)
        newest = await menus.find(session, name)
        if newest is not None and MenuIn.model_validate(newest.definition) == form:
            return _menu_out(newest)
        definition = form.model_dump(mode="json", exclude_none=True)
        menu = MenuVersion(name, newest.version + 1 if newest else 1, definition, writer, now)
        await menus.add(session, menu)
        return _menu_out(menu)


def _menu_out(menu: MenuVersion) -> MenuOut:
    return MenuOut(name=menu.name, version=menu.version, written_at=menu.written_at, **menu.definition)
