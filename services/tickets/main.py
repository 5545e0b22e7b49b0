"""The composition root of tickets: nothing else wires anything."""

from services.tickets.api import citizens, matching, suggestions, tickets, track, units, verbs
from services.tickets.consumers import NOTICE_HANDLERS, contact_handlers
from services.tickets.service.arrivals import Arrivals
from services.tickets.service.rulebook import Rulebook
from services.tickets.settings import TicketsSettings
from shared.auth import Authority
from shared.clock import Clock, utcnow
from shared.events import STREAMS
from shared.plumbing import Plumbing
from shared.runner import Service
from shared.settings import CommonSettings
from shared.staff_tokens import StaffTokens


def build(common: CommonSettings, settings: TicketsSettings, clock: Clock = utcnow) -> Service:
    """tickets, wired."""
    pipes = Plumbing(common, "tickets", clock)
    rulebook = Rulebook(policy=settings.policy, default_unit=settings.default_unit)
    arrivals = Arrivals(rulebook=rulebook)
    workers = [
        pipes.consumer(STREAMS["contacts"], contact_handlers(arrivals)),
        pipes.consumer(STREAMS["notices"], NOTICE_HANDLERS, essential=False),
    ]
    app = pipes.app(
        description="Makes a case of each contact, gives it an owner and a clock, and lets people answer it.",
        authority=Authority(staff=StaffTokens(pipes.secrets), revocations=pipes.revocations),
        routers=[
            tickets.router,
            verbs.router,
            citizens.router,
            suggestions.router,
            matching.router,
            units.router,
            track.router,
        ],
        parts=[rulebook],
    )
    return pipes.service(app, workers)
