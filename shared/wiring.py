"""What the composition root wired, for a route to ask for by its type. Nothing else reads `app.state`."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, TypeVar, cast

from fastapi import Depends, FastAPI, Request

from shared.clock import Clock
from shared.db import Database

if TYPE_CHECKING:
    from shared.auth import Authority
    from shared.limits import Limits

Part = TypeVar("Part")


@dataclass(frozen=True, slots=True)
class Wiring:
    """What every app has, and the parts that only this service's routes use."""

    db: Database
    authority: "Authority"
    clock: Clock
    limits: "Limits"
    parts: Sequence[object] = ()
    _found: dict[type[object], object] = field(default_factory=dict)
    """Parts by the types that routes asked for: many are asked for with every request."""

    def part(self, kind: type[Part]) -> Part:
        """The part of this type."""
        found = self._found.get(kind)
        if found is None:
            found = self._found[kind] = next(part for part in self.parts if isinstance(part, kind))
        return cast("Part", found)


def wire(app: FastAPI, wiring: Wiring) -> None:
    """Gives an app what its routes need."""
    app.state.wiring = wiring


def wiring_in(app: FastAPI) -> Wiring:
    """What an app has."""
    wiring: Wiring = app.state.wiring
    return wiring


def wiring_of(request: Request) -> Wiring:
    """What the app has that answers this request."""
    return wiring_in(request.app)


def wired(kind: type[Part]) -> Callable[[Request], Awaitable[Part]]:
    """A dependency: the part of this type."""

    async def part(request: Request) -> Part:
        return wiring_of(request).part(kind)

    return part


async def _db(request: Request) -> Database:
    return wiring_of(request).db


Db = Annotated[Database, Depends(_db)]
"""The service's database, for a route that opens its transactions itself: while it reads a file it holds none."""


async def _now(request: Request) -> datetime:
    return wiring_of(request).clock()


Now = Annotated[datetime, Depends(_now)]
"""The moment of the request."""
