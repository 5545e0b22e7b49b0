"""Contacts become tickets: a batch at a time, each contact exactly one entry of exactly one ticket."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from services.tickets.repository import citizens, info_requests
from services.tickets.service.batch import batch_of
from services.tickets.service.rulebook import Rulebook
from services.tickets.service.steps.ask import ask
from services.tickets.service.steps.classify import classify
from services.tickets.service.steps.complete import answered, complete
from services.tickets.service.steps.hold import hold
from services.tickets.service.steps.identify import identify
from services.tickets.service.steps.match import match
from services.tickets.service.steps.remember import remember
from services.tickets.service.steps.route import route
from services.tickets.service.steps.thread import thread
from services.tickets.service.write import write
from shared.events import ContactReceived
from shared.seal import Seal


class Arrivals:
    """Receives contacts."""

    def __init__(self, *, rulebook: Rulebook, seal: Seal) -> None:
        self._rulebook = rulebook
        self._seal = seal

    async def receive(self, session: AsyncSession, events: Sequence[ContactReceived], now: datetime) -> None:
        """Opens a ticket for each contact, or lets it join the one that it belongs to."""
        rules = await self._rulebook.read(session, now)
        batch = batch_of(events)
        await thread(session, batch)
        await identify(session, batch, now)
        classify(batch, rules.classifier)
        await match(session, batch, rules.matching, now)
        await hold(session, batch)
        await complete(session, batch, self._seal)
        changes = list(route(batch, rules.policies, rules.default_unit, now))
        changed = [*changes, *answered(batch, changes)]
        asked = list(ask(batch, changed, rules.classifier))
        await citizens.keep(session, batch.recognised)
        await write(session, [*changed, *(change for change, _ in asked)])
        await remember(session, batch, changes, now)
        answers = [request.id for arrival in batch.arrivals for request in arrival.answers]
        await info_requests.update_answered(session, answers, now)
        await info_requests.insert(session, [request for _, request in asked])
