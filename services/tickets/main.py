"""The composition root of tickets: nothing else wires anything."""

from services.tickets.api import (
    assignments,
    bulk,
    calendars,
    citizens,
    erasure,
    escalation,
    exports,
    feed,
    figures,
    info_requests,
    matching,
    me,
    merges,
    pages,
    policies,
    roster,
    sla,
    suggestions,
    tickets,
    topic_models,
    topics,
    track,
    units,
    verbs,
)
from services.tickets.consumers import NOTICE_HANDLERS, contact_handlers
from services.tickets.jobs.clocks import ClockKeeper
from services.tickets.jobs.figures import FigureGauges
from services.tickets.jobs.holds import HoldClock
from services.tickets.jobs.missed import MissedCases
from services.tickets.jobs.routing import Routing
from services.tickets.service.arrivals import Arrivals
from services.tickets.service.feed import Feed
from services.tickets.service.rulebook import Rulebook
from services.tickets.service.units import UnitTree
from services.tickets.settings import TicketsSettings
from shared.case_links import CaseLinks
from shared.clock import Clock, utcnow
from shared.events import STREAMS
from shared.pages import Pages
from shared.plumbing import Plumbing
from shared.runner import Service
from shared.seal import Seal
from shared.settings import CommonSettings


def build(common: CommonSettings, settings: TicketsSettings, clock: Clock = utcnow) -> Service:
    """tickets, wired."""
    pipes = Plumbing(common, "tickets", clock)
    rulebook = Rulebook(policy=settings.policy, default_unit=settings.default_unit)
    following = Feed(db=pipes.db, most=settings.most_followers)
    arrivals = Arrivals(rulebook=rulebook, seal=Seal(pipes.secrets))
    workers = [
        pipes.consumer(STREAMS["contacts"], contact_handlers(arrivals)),
        pipes.consumer(STREAMS["notices"], NOTICE_HANDLERS, essential=False),
        FigureGauges(db=pipes.db, clock=clock),
        MissedCases(db=pipes.db),
        ClockKeeper(db=pipes.db, clock=clock),
        following,
        HoldClock(db=pipes.db, clock=clock),
        Routing(db=pipes.db, clock=clock),
    ]
    app = pipes.app(
        description="Makes a case of each contact, gives it an owner and a clock, and lets people answer it.",
        authority=pipes.authority(widen=UnitTree(pipes.db).widen),
        routers=[
            tickets.router,
            exports.router,
            verbs.router,
            merges.router,
            bulk.router,
            info_requests.router,
            sla.router,
            erasure.router,
            citizens.router,
            suggestions.router,
            matching.router,
            units.router,
            escalation.router,
            calendars.router,
            policies.router,
            topics.router,
            topic_models.router,
            track.router,
            figures.router,
            feed.router,
            me.router,
            roster.router,
            assignments.router,
            pages.router,
        ],
        parts=[rulebook, following, CaseLinks(pipes.secrets), pages.Replies(settings)],
    )
    app.add_middleware(Pages, places=pages.PLACES, page=pages.refused_page)
    return pipes.service(app, workers)
