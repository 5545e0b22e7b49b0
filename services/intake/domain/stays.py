"""The stays of a caller in queues, from what was told of his call (docs/domain.md, "Telephones")."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil
from typing import Literal

from services.intake.domain.call_events import CallEvent

_ENDS_A_STAY = ("answered", "left", "abandoned")
_GOES_ON = frozenset({"queued", "answered", "transferred", "left", "forwarded"})


@dataclass(frozen=True, slots=True)
class Stay:
    """A stay in a queue. `seconds` is None while it lasts, and where nobody knows; `end` is empty where it was passed
    over, as in a transfer.
    """

    queue: str
    began_at: datetime
    seconds: int | None = None
    end: Literal["answered", "left", "abandoned", ""] = ""


def stays_of(known: Sequence[CallEvent]) -> list[Stay]:
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
        seconds = seconds_between(entry.at, closing.at) if entry else 0
    if entry is None:
        talked = timedelta(seconds=closing.talked_seconds or 0)
        return Stay(closing.queue, closing.at - talked - timedelta(seconds=seconds), seconds, end)
    return Stay(entry.queue, entry.at, seconds, end)


def _unclosed(entry: CallEvent, known: Sequence[CallEvent]) -> Stay:
    """A stay of which no end was told: it lasted until what came next, if anything did."""
    following = next((event for event in known if event.at > entry.at and event.kind in _GOES_ON), None)
    return Stay(entry.queue, entry.at, seconds_between(entry.at, following.at) if following else None)


def ended_stays(stays: Sequence[Stay], end: CallEvent | None) -> list[Stay]:
    """The stays, of which those that still lasted when the call ended are given up."""
    if end is None:
        return list(stays)
    if not stays and end.queue and end.talked_seconds is None:
        return [Stay(end.queue, end.at, 0, "abandoned")]
    return [
        Stay(stay.queue, stay.began_at, seconds_between(stay.began_at, end.at), "abandoned")
        if stay.seconds is None
        else stay
        for stay in stays
    ]


def seconds_between(began_at: datetime, ended_at: datetime) -> int:
    """Whole seconds, rounded up; none where the clocks of two systems disagree."""
    return max(0, ceil((ended_at - began_at).total_seconds()))
