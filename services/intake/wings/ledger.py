"""The ledger."""

from services.intake.api import gaps as gap_routes
from services.intake.jobs.gaps import GapsWatch
from services.intake.repository.ledger import forget_tickets
from services.intake.service.gaps import KEPT, Gaps
from services.intake.wings.ground import Ground, Wing
from shared.retention import Rule


def ledger_wing(ground: Ground) -> Wing:
    """What shows that nothing was lost."""
    gaps = Gaps(zone=ground.settings.hours_zone)
    return Wing(
        routers=[gap_routes.router],
        parts=[gaps],
        workers=[GapsWatch(db=ground.pipes.db, gaps=gaps, clock=ground.clock)],
        keep=[Rule("ledger", KEPT, forget_tickets)],
    )
