"""A visit to a booth: a number is taken, called, then settled or escalated (docs/domain.md, "Booths")."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from shared.errors import Conflict, FieldError, Invalid
from shared.events import Person

Outcome = Literal["settled", "escalated"]
"""How an officer ends a visit."""
SENT_AWAY = ("no_show", "closed_unserved")
"""How a visit ends that nobody served: the visitor did not come when he was called, or was not called in time."""


class VisitNotCalled(Conflict):
    """Only a visitor who stands at the booth can be served."""

    code, title = "visit_not_called", "The visitor has not been called yet"
    fault = FieldError("visit_id", "was not called yet", "a visitor who stands at the booth")


class VisitEnded(Conflict):
    """A visit ends once."""

    code, title = "visit_ended", "The visit has ended already"
    fault = FieldError("visit_id", "has ended before", "a visitor who stands at the booth")


def booth_day(now: datetime, zone: str) -> date:
    """Finds the day to which a number taken at `now` belongs, in the zone of the booths."""
    return now.astimezone(ZoneInfo(zone)).date()


def call_due_at(taken_at: datetime, within: timedelta) -> datetime:
    """Says until when the visitor must be called: `within` five minutes (docs/domain.md, "Booths")."""
    return taken_at + within


def check_may_end(status: str, *, was_swept: bool = False) -> None:
    """Raises `VisitNotCalled` or `VisitEnded` unless the visitor stands at the booth.

    Whom only the end of the day sent away may be served all the same: he was at the counter, or takes the offer.
    """
    if status == "waiting":
        raise VisitNotCalled("Call the visitor first (`call-next`).")
    if status != "called" and not (was_swept and status in SENT_AWAY):
        raise VisitEnded(f"This visit was {status} before; a visit ends once.")


def check_can_be_notified(citizen: Person) -> None:
    """Raises `Invalid` unless there is a way to send the notice that an escalation owes (docs/domain.md, "Booths")."""
    if citizen.phone or citizen.email:
        return
    expected = "a telephone number or an e-mail address, to send the notice with the due date to"
    errors: Sequence[FieldError] = [
        FieldError("phone", "is missing", expected),
        FieldError("email", "is missing", expected),
    ]
    raise Invalid("Who is escalated must be told the due date by SMS or e-mail.", errors=errors)
