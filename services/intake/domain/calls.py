"""How a call stands, from what a telephone system tells of it (docs/domain.md, "Telephones").

It tells things twice, in any order, or not at all. So a call's state is made anew from all that is known of it: the
same for every order of its events, and for every doubling.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil
from typing import Literal

Direction = Literal["in", "out"]
Kind = Literal[
    "opened",
    "progress",
    "queued",
    "ringing",
    "rang_out",
    "answered",
    "transferred",
    "left",
    "abandoned",
    "forwarded",
    "ended",
    "unknown_end",
]
"""What happens to a call. `progress`: it is there. `rang_out`: an agent did not pick up. `left`: the queue gave the
caller up, not he it. `unknown_end`: nobody told of an end for so long that there must have been one."""
Status = Literal["menu", "queued", "ringing", "answered", "ended"]
Outcome = Literal["answered", "abandoned", "unanswered", "forwarded", "menu", "unknown"]
"""What came of a call. `unanswered`: the queue gave him up. `menu`: it ended before he asked for a person."""

_ASKS_FOR_A_PERSON = frozenset(
    {"queued", "ringing", "rang_out", "answered", "transferred", "left", "abandoned", "forwarded"}
)
_ENDS_A_STAY = ("answered", "left", "abandoned")
_GOES_ON = frozenset({"queued", "answered", "transferred", "left", "abandoned", "forwarded", "ended"})
_ENDS = frozenset({"abandoned", "ended"})


@dataclass(frozen=True, slots=True)
class CallEvent:
    """Something that a telephone system told of a call. Of one call, the same `key` is the same event.

    `waited_seconds` is how long the stay in the queue was that ends here, and `talked_seconds` how long the talk was,
    where the system says so.
    """

    key: str
    kind: Kind
    at: datetime
    queue: str = ""
    agent: str = ""
    cause: str = ""
    waited_seconds: int | None = None
    talked_seconds: int | None = None


@dataclass(frozen=True, slots=True)
class Stay:
    """A stay in a queue. `seconds` is None while it lasts, and where nobody knows; `end` is empty where it was passed
    over, as in a transfer.
    """

    queue: str
    began_at: datetime
    seconds: int | None = None
    end: Literal["answered", "left", "abandoned", ""] = ""


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
    stays = _ended(_stays(known), end)
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


def _stays(known: Sequence[CallEvent]) -> list[Stay]:
    """The stays in queues: what began is joined with what ended it, queue by queue, latest beginning first.

    What ends without a beginning says itself how long it was, or is of no length.
    """
    entries = [event for event in known if event.kind == "queued"]
    stays: list[Stay] = []
    for closing in _closing(known):
        entry = _entry_of(closing, entries)
        if entry:
            entries.remove(entry)
        elif not closing.queue or (closing.waited_seconds is None and stays):
            continue  # of no queue: a phone that was picked up, or a second agent
        stays.append(_stay(entry, closing))
    stays += [_unclosed(entry, known) for entry in entries]
    return sorted(stays, key=lambda stay: (stay.began_at, stay.queue, stay.seconds or 0, stay.end))


def _closing(known: Sequence[CallEvent]) -> list[CallEvent]:
    """The events that end a stay. Where no answer was told, the end of the talk tells of it."""
    closing = [event for event in known if event.kind in _ENDS_A_STAY]
    if any(event.kind == "answered" for event in closing):
        return closing
    return closing + [event for event in known if event.talked_seconds is not None]


def _entry_of(closing: CallEvent, entries: Sequence[CallEvent]) -> CallEvent | None:
    """The entry whose stay this ends: the latest before it; of one that came in the same second, one before that."""
    before = [entry for entry in entries if entry.at <= closing.at and entry.queue == closing.queue]
    if not before and closing.waited_seconds is None:  # it does not say which queue, or calls it otherwise
        before = [entry for entry in entries if entry.at <= closing.at]
    earlier = [entry for entry in before if entry.at < closing.at] or before
    return earlier[-1] if earlier else None


def _stay(entry: CallEvent | None, closing: CallEvent) -> Stay:
    end: Literal["answered", "left", "abandoned"] = "answered"
    if closing.kind == "left" or closing.kind == "abandoned":
        end = closing.kind
    seconds = closing.waited_seconds
    if seconds is None:
        seconds = _seconds(entry.at, closing.at) if entry else 0
    if entry is None:
        talked = timedelta(seconds=closing.talked_seconds or 0)
        return Stay(closing.queue, closing.at - talked - timedelta(seconds=seconds), seconds, end)
    return Stay(entry.queue, entry.at, seconds, end)


def _unclosed(entry: CallEvent, known: Sequence[CallEvent]) -> Stay:
    """A stay of which no end was told: it lasted until what came next, if anything did."""
    later = (event for event in known if event.at > entry.at and event.kind in _GOES_ON - _ENDS)
    following = next(later, None)
    return Stay(entry.queue, entry.at, _seconds(entry.at, following.at) if following else None)


def _ended(stays: Sequence[Stay], end: CallEvent | None) -> list[Stay]:
    """The stays, of which those that still lasted when the call ended are given up."""
    if end is None:
        return list(stays)
    ended = [
        Stay(stay.queue, stay.began_at, _seconds(stay.began_at, end.at), "abandoned") if stay.seconds is None else stay
        for stay in stays
    ]
    return ended or ([Stay(end.queue, end.at, 0, "abandoned")] if end.queue and end.talked_seconds is None else [])


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
    return _seconds(offered_at, until) if offered_at and until else 0


def _seconds(began_at: datetime, ended_at: datetime) -> int:
    """Whole seconds, rounded up; none where the clocks of two systems disagree."""
    return max(0, ceil((ended_at - began_at).total_seconds()))
