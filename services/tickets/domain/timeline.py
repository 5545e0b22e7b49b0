"""What happens to a case moves its clocks: the one place that says how."""

from services.tickets.domain.clocks import Clock
from services.tickets.domain.happenings import Happened, Joined, Reopened, Resolved, Settled


def go_on(clocks: tuple[Clock, ...], happened: Happened) -> tuple[Clock, ...]:
    """The clocks of a case after what happened to it. Whatever is not known here moves none."""
    match happened.happening:
        case Resolved():
            return tuple(clock.stopped(happened.at) for clock in clocks)
        case Settled(settled_at=settled_at):
            return tuple(clock.stopped(settled_at or happened.at) for clock in clocks)
        case Joined() | Reopened():
            return tuple(clock.resumed() for clock in clocks)
        case _:
            return clocks
