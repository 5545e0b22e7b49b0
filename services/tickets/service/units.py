"""The units that handle cases, what they are called, and which of them belong to which."""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from time import monotonic
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from services.tickets.domain.units import Parents, Unit, slug_of, with_all_below
from services.tickets.repository import units
from shared.db import Database
from shared.errors import FieldError, Invalid
from shared.visibility import Visibility

_REMEMBERED_SECONDS = 10.0


class UnitTree:
    """Which units are below which, read again every ten seconds: so long somebody sees as he did before a change."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._parents: Parents = {}
        self._until = float("-inf")
        self._loading = asyncio.Lock()

    async def widen(self, sees: Visibility) -> Visibility:
        """What somebody sees who sees the units below his own, too."""
        if sees.units is None:
            return sees
        return Visibility(with_all_below(sees.units, await self._now()), own=sees.units)

    async def _now(self) -> Parents:
        async with self._loading:
            if monotonic() >= self._until:
                async with self._db.autocommit() as session:
                    self._parents = _parents(await units.list_all(session))
                self._until = monotonic() + _REMEMBERED_SECONDS
        return self._parents


async def list_units(session: AsyncSession) -> Sequence[Unit]:
    """Every unit, by its name."""
    return await units.list_all(session)


async def keep(session: AsyncSession, slug: str, changes: Mapping[str, Any]) -> Unit:
    """Adds a unit, or changes what `changes` names of it. Raises `Invalid` where it would belong to itself."""
    await units.hold_tree(session)
    known = {unit.slug: unit for unit in await units.list_all(session)}
    unit = replace(known.get(slug, Unit(slug, slug)), **changes)
    if unit.parent is not None:
        _check_parent(unit, unit.parent, known)
    await units.keep(session, unit)
    return unit


def _check_parent(unit: Unit, parent: str, known: Mapping[str, Unit]) -> None:
    expected = "the slug of one of GET /v1/units that is not below this one"
    if parent not in known and parent != unit.slug:
        raise Invalid("There is no such unit.", errors=[FieldError("parent", "is no unit that is known", expected)])
    if parent in with_all_below([unit.slug], _parents(known.values())):
        fault = FieldError("parent", "is this unit, or one below it", expected)
        raise Invalid("A unit cannot belong to itself.", errors=[fault])


def _parents(listed: Iterable[Unit]) -> Parents:
    return {unit.slug: unit.parent for unit in listed}


async def called(session: AsyncSession, name: str) -> Unit:
    """The unit of this slug or name. Raises `Invalid` if there is none: a case sent nowhere would be lost."""
    unit = await units.get(session, slug_of(name))
    if unit is None:
        fault = FieldError("unit", "is no unit that is known", "the slug or the name of one of GET /v1/units")
        raise Invalid("There is no such unit. A supervisor adds one by PUT /v1/units/{slug}.", errors=[fault])
    return unit
