"""How a call stands, from what a telephone system tells of it (docs/domain.md, "Telephones").

It tells things twice, in any order, or not at all. So a call's state is made anew from all that is known of it: the
same for every order of its events, and for every doubling.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from services.intake.domain.call_events import CallEvent
from services.intake.domain.stays import Stay, ended_stays, seconds_between, stays_of

Status = Literal["menu", "queued", "ringing", "answered", "ended"]
Outcome = Literal["answered", "abandoned", "unanswered", "forwarded", "menu", "unknown"]
"""What came of a call. `unanswered`: the queue gave him up. `menu`: it ended before he asked for a person."""

_ASKS_FOR_A_PERSON = frozenset(
    {"queued", "ringing", "rang_out", "answered", "transferred", "left", "abandoned", "forwarded"}
)
_ENDS = frozenset({"abandoned", "ended"})


@dataclass(frozen=True, slots=True)
class CallState:
    """How a call stands. `offered_at` is when it asked for a person; `wait_seconds` until it was answered, or not."""

    status: Status
    outcome: Outcome | None
    opened_at: datetime
    offered_at: datetime | None = None
    answered_at: datetime | None = None
    ended_at: datetime | None = None
    is_end_known: bool = False
    is_incomplete: bool = False
    wait_seconds: int = 0
    cause: str = ""
    stays: tuple[Stay, ...] = ()


def call_state(events: Iterable[CallEvent]) -> CallState:
    """The state of a call of which these events are known: at least one, in any order, each perhaps several times."""
    known = _once_each(events)
    end = _first(known, *_ENDS)
    unknown_end = None if end else _first(known, "unknown_end")
    offered_at = min((event.at for event in known if _is_offer(event)), default=None)
    stays = ended_stays(stays_of(known), end)
    answered_at = _answered_at(known, stays)
    outcome = _outcome(known, stays, offered_at=offered_at, answered_at=answered_at, end=end, unknown_end=unknown_end)
    last = end or unknown_end
    return CallState(
        status=_status(known, answered_at, last),
        outcome=outcome,
        opened_at=min(event.at for event in known),
        offered_at=offered_at,
        answered_at=answered_at,
        ended_at=last.at if last else None,
        is_end_known=end is not None,
        is_incomplete=not any(event.kind == "opened" for event in known),
        wait_seconds=_wait_seconds(stays, offered_at, answered_at or (end.at if end else None), answered_at),
        cause=next((event.cause for event in reversed(known) if event.cause and event.kind != "rang_out"), ""),
        stays=tuple(stays),
    )


def _once_each(events: Iterable[CallEvent]) -> list[CallEvent]:
    """Every event one time, in an order that does not depend on that in which they came."""
    first: dict[str, CallEvent] = {}
    for event in sorted(events, key=_order):
        first.setdefault(event.key, event)
    return sorted(first.values(), key=_order)


def _order(event: CallEvent) -> tuple[object, ...]:
    told = (event.waited_seconds or 0, event.talked_seconds or 0)
    return event.at, event.kind, event.key, event.queue, event.agent, event.cause, *told


def _first(known: Sequence[CallEvent], *kinds: str) -> CallEvent | None:
    return next((event for event in known if event.kind in kinds), None)


def _is_offer(event: CallEvent) -> bool:
    """Whether it says that the call had asked for a person: who ended in a queue, or had talked, must have."""
    return event.kind in _ASKS_FOR_A_PERSON or (
        event.kind == "ended" and (bool(event.queue) or event.talked_seconds is not None)
    )


def _answered_at(known: Sequence[CallEvent], stays: Sequence[Stay]) -> datetime | None:
    """When it was answered: some systems tell so when it has ended, and with it how long the caller had waited."""
    answered = _first(known, "answered")
    if answered:
        waited = [stay.began_at + timedelta(seconds=stay.seconds or 0) for stay in stays if stay.end == "answered"]
        return min([answered.at, *waited])
    talked = [event.at - timedelta(seconds=event.talked_seconds) for event in known if event.talked_seconds is not None]
    return min(talked, default=None)


def _outcome(
    known: Sequence[CallEvent],
    stays: Sequence[Stay],
    *,
    offered_at: datetime | None,
    answered_at: datetime | None,
    end: CallEvent | None,
    unknown_end: CallEvent | None,
) -> Outcome | None:
    if answered_at is not None:
        return "answered"
    if _first(known, "abandoned"):
        return "abandoned"
    if _first(known, "forwarded", "transferred"):
        return "forwarded"
    if stays and stays[-1].end == "left":
        return "unanswered"
    if end:
        return "menu" if offered_at is None else "abandoned"
    return "unknown" if unknown_end else None


def _status(known: Sequence[CallEvent], answered_at: datetime | None, end: CallEvent | None) -> Status:
    if end:
        return "ended"
    if answered_at is not None:
        return "answered"
    latest = next((event for event in reversed(known) if event.kind in ("queued", "ringing", "left")), None)
    if latest is None or latest.kind == "left":
        return "menu"
    return "ringing" if latest.kind == "ringing" else "queued"


def _wait_seconds(
    stays: Sequence[Stay], offered_at: datetime | None, until: datetime | None, answered_at: datetime | None
) -> int:
    """How long he waited for a person: in every queue before he was answered; without queues, until then."""
    if stays:
        counted = [stay for stay in stays if answered_at is None or stay.began_at <= answered_at]
        return sum(stay.seconds or 0 for stay in counted)
    return seconds_between(offered_at, until) if offered_at and until else 0
