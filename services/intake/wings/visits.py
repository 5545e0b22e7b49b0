"""Booths."""

from datetime import timedelta

from services.intake.api import board, booth_figures, dispensers
from services.intake.api import booths as booth_routes
from services.intake.api import queues as queue_routes
from services.intake.api import visits as visit_routes
from services.intake.jobs.booths import BoothClock
from services.intake.repository.retention import blank_visits
from services.intake.service.board import Boards
from services.intake.service.booth_figures import BoothFigures
from services.intake.service.booths import Booths
from services.intake.service.dispensers import Dispensers
from services.intake.service.queues import Queues
from services.intake.service.visits import Visits
from services.intake.wings.ground import Ground, Wing
from services.intake.wings.live import Live
from shared.retention import Rule


def visits_wing(ground: Ground, live: Live) -> Wing:
    """Booths: numbers, turns, and what the board shows."""
    settings = ground.settings
    call_within = timedelta(seconds=settings.call_within_seconds)
    booths = Booths(zone=settings.booth_zone, follow=live.wakes.follow_booths)
    visits = Visits(contacts=ground.contacts, booths=booths, call_within=call_within)
    queues = Queues(booths=booths)
    modules = (booth_routes, visit_routes, queue_routes, dispensers, board, booth_figures)
    return Wing(
        routers=[module.router for module in modules],
        parts=[
            booths,
            visits,
            queues,
            Dispensers(booths=booths, visits=visits),
            Boards(booths=booths),
            BoothFigures(),
            live.boards,
        ],
        workers=[BoothClock(db=ground.pipes.db, queues=queues, clock=ground.clock), live.boards],
        keep=[Rule("visits", timedelta(days=settings.keep_visits_days), blank_visits)],
    )
