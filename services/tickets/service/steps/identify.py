"""Who is it? Each contact introduces a citizen of its own; nobody is looked for among those who are known."""

from collections.abc import Sequence

from services.tickets.domain.citizens import introduced
from services.tickets.service.batch import Arrival, Batch
from shared.events import ContactReceived


def identify(events: Sequence[ContactReceived]) -> Batch:
    """The batch of these contacts, each with the citizen that it speaks of."""
    return Batch([Arrival(event, introduced(event.data)) for event in events])
