"""Booths as supervisors describe them: a zone, services, counters, dispensers, and the rules they go by."""

from collections.abc import Callable, Collection
from datetime import datetime
from functools import partial

from sqlalchemy.ext.asyncio import AsyncSession

from services.intake.domain.booths import Booth
from services.intake.repository import booths
from services.intake.schemas.booths import BoothIn, BoothOut
from shared.db import after_commit
from shared.errors import Conflict, FieldError


class ServiceInUse(Conflict):
    """Somebody waits at a service that would no longer be there: close it first, and let them go."""

    code, title = "service_in_use", "Somebody waits at that service"
    fault = FieldError("services", "leaves out one at which somebody waits", "every service at which somebody waits")


class Booths:
    """Knows the booths. One that nobody described stands in `zone`, with one service and the usual rules.

    It tells `follow` at which booths something changed.
    """

    def __init__(self, *, zone: str, follow: Callable[[Collection[str]], None] = lambda _: None) -> None:
        self._zone = zone
        self._follow = follow

    def changed(self, session: AsyncSession, name: str) -> None:
        """Tells, after the commit, that the board of a booth may show something else."""
        after_commit(session, partial(self._follow, {name}))

    async def find(self, session: AsyncSession, name: str) -> Booth:
        """The booth of that name."""
        return (await self.find_each(session, [name]))[name]

    async def find_each(self, session: AsyncSession, names: Collection[str]) -> dict[str, Booth]:
        """The booths of these names."""
        described = await booths.booths(session, names)
        return {name: described.get(name) or Booth(name, self._zone) for name in names}

    async def show(self, session: AsyncSession, name: str) -> BoothOut:
        """The booth of that name, as it is answered."""
        return BoothOut.of(await self.find(session, name))

    async def describe(self, session: AsyncSession, name: str, form: BoothIn, now: datetime) -> BoothOut:
        """Describes a booth anew. Raises `ServiceInUse`."""
        booth = form.booth(name)
        await booths.lock_booth(session, name)
        left_out = await booths.services_in_use(session, name) - {service.name for service in booth.services}
        if left_out:
            raise ServiceInUse("A service at which somebody waits cannot be left out.")
        await booths.save_booth(session, booth, now)
        self.changed(session, name)
        return BoothOut.of(booth)
