"""A case that nothing can be done about before a moment."""

from datetime import datetime, timedelta

from services.tickets.domain.cases import Case
from services.tickets.domain.change import Act, Change
from services.tickets.domain.happenings import Held, HoldEnded
from services.tickets.domain.verbs.changing import change, next_version, open_status, unchanged
from services.tickets.domain.verbs.refusing import check_may
from shared.errors import FieldError, Invalid

LONGEST_HOLD = timedelta(days=366)


def hold(case: Case, until: datetime, reason: str, act: Act) -> Change:
    """Nothing is done before `until`, unless the citizen writes or somebody does something to the case."""
    check_may(case.ticket, "hold")
    if not act.now < until <= act.now + LONGEST_HOLD:
        fault = FieldError("until", "is not in the time to come", "a moment from now on, within a year")
        raise Invalid("A case is held until a moment to come.", errors=[fault])
    return change(case, next_version(case, status="held", held_until=until), Held(until, reason), act)


def end_hold(case: Case, act: Act) -> Change:
    """The moment has come: the next word is ours again. Nothing, if it was not held any more, or longer."""
    until = case.ticket.held_until
    if case.ticket.status != "held" or until is None or until > act.now:
        return unchanged(case, act)
    return change(case, next_version(case, status=open_status(case.ticket)), HoldEnded(), act)
