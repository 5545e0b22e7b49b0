"""When a caller who gave up is called back, and how such a call-back goes on (docs/domain.md, "Telephones")."""

from datetime import datetime
from typing import Literal

from services.intake.domain.hours import Hours, standing
from shared.errors import Conflict, FieldError

CallbackStatus = Literal["open", "claimed", "reached", "failed", "came_back", "withdrawn"]
"""`came_back`: he reached us by himself. `withdrawn`: it turned out that he had been answered."""


class CallbackClaimed(Conflict):
    """Somebody else calls back."""

    code, title = "callback_claimed", "Somebody else calls back"
    fault = FieldError("callback_id", "was claimed by somebody else", "a call-back that is open")


class CallbackNotClaimed(Conflict):
    """Only who claimed a call-back says how it went."""

    code, title = "callback_not_claimed", "You did not claim this call-back"
    fault = FieldError("callback_id", "is not claimed by you", "a call-back that you claimed")


class CallbackEnded(Conflict):
    """A call-back ends once."""

    code, title = "callback_ended", "The call-back has ended already"
    fault = FieldError("callback_id", "has ended before", "a call-back that is open")


class CallbackTooEarly(Conflict):
    """Nobody is called back outside of the contact centre's hours, or again at once."""

    code, title = "callback_too_early", "It is not yet time to call back"
    fault = FieldError("callback_id", "waits", "a call-back whose `due_at` has come, within the hours")


def next_calling(hours: Hours, now: datetime) -> datetime:
    """The next moment at which citizens are called: `now`, or when somebody is there again."""
    found = standing(hours, now)
    return now if found.is_open else found.next_opening or now


def check_claim(status: CallbackStatus, claimed_by: str | None, caller: str) -> None:
    """Raises `CallbackEnded` or `CallbackClaimed` unless `caller` may claim it; who has it may do so again."""
    if status == "claimed" and claimed_by != caller:
        raise CallbackClaimed("Another member of staff calls this citizen back.")
    if status not in ("open", "claimed"):
        raise CallbackEnded("This call-back has ended; see its `status`.")


def check_may_end(status: CallbackStatus, claimed_by: str | None, caller: str) -> None:
    """Raises `CallbackEnded` or `CallbackNotClaimed` unless `caller` has claimed it."""
    if status not in ("open", "claimed"):
        raise CallbackEnded("This call-back has ended; see its `status`.")
    if status == "open" or claimed_by != caller:
        raise CallbackNotClaimed("Claim it first (`claim`): then nobody else calls him at the same time.")
