"""Whose turn it is, and how often who does not come is called (docs/domain.md, "Booths")."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any, Literal, Protocol, TypeVar

from services.intake.domain.booths import Policy
from shared.errors import Conflict, FieldError

Priority = Literal["elderly", "disabled", "pregnant"]
"""For whom it is hard to stand in a queue."""


class VisitNotWaiting(Conflict):
    """Somebody else called the visitor, or the visit has ended."""

    code, title = "visit_not_waiting", "The visitor does not wait"
    fault = FieldError("visit_id", "does not wait", "a visitor who waits")


class VisitNotAtTurn(Conflict):
    """The visitor is not called just now."""

    code, title = "visit_not_at_turn", "The visitor is not called just now"
    fault = FieldError("visit_id", "is not called just now", "a visitor who was called and has not come")


class CalledTooEarly(Conflict):
    """The visitor was called a moment ago, and is still on his way."""

    code, title = "called_too_early", "The visitor was called a moment ago"
    fault = FieldError("visit_id", "was called a moment ago", "a visitor whose last call is some time ago")


class ReturnedTooLate(Conflict):
    """The visitor came back after the time for it, or was no no-show."""

    code, title = "returned_too_late", "It is too late to come back"
    fault = FieldError("visit_id", "cannot come back", "a no-show within the grace of the booth, on the same day")


class AlreadyWaitsThere(Conflict):
    """The same person waits at that service already."""

    code, title = "already_waits_there", "The visitor waits there already"
    fault = FieldError("service", "is where the same person waits", "another service")


class Queued(Protocol):
    """Somebody in a queue."""

    @property
    def priority(self) -> str | None: ...

    @property
    def place(self) -> Any: ...


Visitor = TypeVar("Visitor", bound=Queued)


def in_order(waiting: Sequence[Visitor], *, run: int, streak: int) -> list[Visitor]:
    """Those who wait in the order in which they are called, if nobody comes or goes meanwhile.

    Priority visitors go first, but after `run` of them in a row it is the turn of one of the others; `streak` of them
    were called last. Among their kind all go by their places. It is the one order there is.
    """
    by_place = sorted(waiting, key=lambda visitor: visitor.place)
    priority = [visitor for visitor in by_place if visitor.priority]
    others = [visitor for visitor in by_place if not visitor.priority]
    ordered = []
    while priority and others:
        if streak < run:
            ordered.append(priority.pop(0))
            streak += 1
        else:
            ordered.append(others.pop(0))
            streak = 0
    return ordered + priority + others


def check_calls(calls: int, last_called_at: datetime | None, policy: Policy, now: datetime) -> None:
    """Raises `CalledTooEarly` where the last of `calls` is not long enough ago."""
    if calls and last_called_at and now < last_called_at + policy.between_calls:
        left = last_called_at + policy.between_calls - now
        seconds = max(1, -int(-left.total_seconds() // 1))
        raise CalledTooEarly(f"Call again in {seconds} s.", headers={"Retry-After": str(seconds)})


def is_no_show(calls: int, policy: Policy) -> bool:
    """Whether who did not come was called often enough."""
    return calls >= policy.calls_before_no_show


def may_return(ended_at: datetime | None, policy: Policy, now: datetime) -> bool:
    """Whether a no-show may still come back."""
    return ended_at is not None and now <= ended_at + policy.return_within


def estimate(ahead: int, calls: Sequence[datetime]) -> tuple[timedelta, timedelta] | None:
    """How long who comes now waits behind `ahead` others, as a range: from the quarters of the pauses between the last
    calls. None while there were fewer than four.
    """
    ordered = sorted(calls)
    pauses = sorted(later - earlier for earlier, later in pairwise(ordered))
    if len(pauses) < _FEWEST_PAUSES:
        return None
    low, high = pauses[len(pauses) // 4], pauses[-1 - len(pauses) // 4]
    return low * (ahead + 1), high * (ahead + 1)


_FEWEST_PAUSES = 3
