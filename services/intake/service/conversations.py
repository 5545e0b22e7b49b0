"""Talks with callers by a menu: a call comes in, digits are typed, and each time there is something to hear."""

from dataclasses import replace
from datetime import datetime

from pydantic import TypeAdapter
from sqlalchemy.ext.asyncio import AsyncSession

from services.intake.domain.call_events import CallEvent
from services.intake.domain.menus import Menu
from services.intake.domain.turns import OVER, Turn, begin, go_on, repeat
from services.intake.models.calls import Call, CallKey, CallReport
from services.intake.repository import menus
from services.intake.service.calls import Calls
from services.intake.service.positions import closed, opened
from shared.errors import Conflict, FieldError, NotFound
from shared.events import Trace
from shared.seal import Seal

_MENU = TypeAdapter(Menu)


class CallEnded(Conflict):
    """The call has ended: nobody hears any more."""

    code, title = "call_ended", "The call has ended"
    fault = FieldError("call_id", "has ended", "a call that goes on")


class Conversations:
    """Leads callers through the menu `menu`. Each verb runs in the caller's transaction."""

    def __init__(self, *, calls: Calls, seal: Seal, menu: str) -> None:
        self._calls = calls
        self._seal = seal
        self._menu = menu

    async def open(self, session: AsyncSession, report: CallReport, now: datetime, trace: Trace) -> tuple[Call, Turn]:
        """A call comes in: what its caller hears first; what he hears just now, if it came in before; nothing, if its
        end was told before its beginning.
        """
        call = (await self._calls.tell(session, [report], now, trace))[report.key]
        if call.status == "ended":
            return call, OVER
        if call.position_sealed:
            return call, repeat(await self._menu_of(session, call), opened(self._seal, call.position_sealed))
        newest = await menus.find(session, self._menu)
        if newest is None:
            raise NotFound("The menu that the settings name has not been written.")
        turn = begin(_MENU.validate_python(newest.definition))
        return await self._take(session, replace(call, menu=newest.name, menu_version=newest.version), turn, now, trace)

    async def type(
        self, session: AsyncSession, key: CallKey, digits: str, now: datetime, trace: Trace, turn: int | None = None
    ) -> tuple[Call, Turn]:
        """The caller typed digits, or none in time: what he hears next.

        Where the system says at which `turn` he typed them, they count there only. Raises `NotFound`, `CallEnded`.
        """
        call = await self._calls.find(session, key)
        if call is None:
            raise NotFound("No such call came in here.")
        if call.status == "ended" or not call.position_sealed:
            raise CallEnded("The call has ended: nobody hears any more.")
        menu, position = await self._menu_of(session, call), opened(self._seal, call.position_sealed)
        if turn is not None and turn != call.turn:
            return call, repeat(menu, position)
        return await self._take(session, call, go_on(menu, position, digits), now, trace)

    async def _take(
        self, session: AsyncSession, call: Call, turn: Turn, now: datetime, trace: Trace
    ) -> tuple[Call, Turn]:
        """Keeps where the caller is. Who comes to a queue is offered to it."""
        call = replace(call, turn=call.turn + 1, position_sealed=closed(self._seal, turn.position))
        await self._calls.save(session, call)
        if turn.queue is None or call.offered_at is not None:
            return call, turn
        queued = CallEvent(key=f"menu {turn.queue}", kind="queued", at=now, queue=turn.queue)
        report = CallReport(call.provider, call.call_id, (queued,))
        return (await self._calls.tell(session, [report], now, trace))[call.key], turn

    async def _menu_of(self, session: AsyncSession, call: Call) -> Menu:
        version = await menus.find(session, call.menu or self._menu, call.menu_version)
        if version is None:
            raise NotFound("The menu of this call is not there any more.")
        return _MENU.validate_python(version.definition)
