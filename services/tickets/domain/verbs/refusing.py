"""When a verb refuses because of how the case stands: by the table in `domain/status.py`, in words that help."""

from services.tickets.domain.status import MAY, Verb, possible
from services.tickets.domain.ticket import Ticket
from shared.errors import Conflict, FieldError


class NotInThisState(Conflict):
    """The ticket stands in a way in which this is refused; the answer says how, and what can be done instead."""

    code, title = "not_in_this_state", "That cannot be done to the ticket as it stands"


class AlreadyResolved(NotInThisState):
    """A resolved case is only reopened or closed; the citizen may open it again by writing."""

    code, title = "ticket_resolved", "The ticket is resolved"


class MergedAway(NotInThisState):
    """The ticket was merged into another: what is to be done is done to that one."""

    code, title = "ticket_merged", "The ticket was merged into another"


_REFUSALS: dict[str, type[NotInThisState]] = {"resolved": AlreadyResolved, "merged": MergedAway}


def check_may(ticket: Ticket, verb: Verb) -> None:
    """Raises `NotInThisState`, or what is said instead of a resolved or a merged case, unless the verb may follow."""
    may = possible(ticket.status)
    if verb in may:
        return
    state = f"merged into {ticket.merged_into}" if ticket.status == "merged" else ticket.status
    expected = " or ".join(status for status, verbs in MAY.items() if verb in verbs)
    raise _REFUSALS.get(ticket.status, NotInThisState)(
        f"The ticket is {state}. What can be done to it now: {', '.join(may) or 'nothing'}.",
        errors=[FieldError("ticket_id", f"is {ticket.status}", f"a ticket that is {expected}")],
    )
