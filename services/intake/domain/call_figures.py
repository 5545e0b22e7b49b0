"""What a call counts for, and the figures that are made of such counts (docs/domain.md, "Telephones")."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from fractions import Fraction
from typing import Literal, get_args

from services.intake.domain.call_events import Direction
from services.intake.domain.calls import CallState
from services.intake.domain.stays import Stay

Figure = Literal["offered", "answered", "abandoned", "unanswered", "forwarded", "ended_in_menu", "unknown_end"]
FIGURES: tuple[Figure, ...] = get_args(Figure)
Grouping = Literal["hour", "day", "queue"]
HOUSE = ""
"""The queue under which a call is counted one time, whatever queues it went through."""
_WAITED: tuple[Figure, ...] = ("answered", "abandoned", "unanswered")
"""Those that are counted by the seconds that the caller waited."""


@dataclass(frozen=True, slots=True)
class Tally:
    """What is counted: a figure of a queue in an hour of UTC, by the whole seconds that were waited."""

    hour: datetime
    queue: str
    figure: Figure
    seconds: int = 0

    def encode(self) -> str:
        """This tally as one text, the queue last: it may hold any character."""
        return f"{self.hour.isoformat()} {self.figure} {self.seconds} {self.queue}"

    @classmethod
    def decode(cls, text: str) -> "Tally":
        """The tally of `encode`."""
        hour, figure, seconds, queue = text.split(" ", 3)
        named = next(one for one in FIGURES if one == figure)
        return cls(datetime.fromisoformat(hour), queue, named, int(seconds))


def counted(call: CallState, direction: Direction, *, is_consult: bool) -> frozenset[Tally]:
    """What a call counts for as it stands. One of ours to a citizen, or between two agents, counts for nothing."""
    if direction == "out" or is_consult:
        return frozenset()
    return frozenset({*_of_the_house(call), *_of_queues(call)})


def _of_the_house(call: CallState) -> Iterable[Tally]:
    hour = _hour(call.offered_at or call.opened_at)
    if call.status == "ended" and not call.is_end_known:
        yield Tally(hour, HOUSE, "unknown_end")
    if call.offered_at is None:
        if call.outcome == "menu":
            yield Tally(hour, HOUSE, "ended_in_menu")
        return
    yield Tally(hour, HOUSE, "offered")
    for figure in FIGURES:
        if call.outcome == figure:
            yield Tally(hour, HOUSE, figure, call.wait_seconds if figure in _WAITED else 0)


def _of_queues(call: CallState) -> Iterable[Tally]:
    for queue in {stay.queue for stay in call.stays} - {HOUSE}:
        yield from _of_queue(call, queue, [stay for stay in call.stays if stay.queue == queue])


def _of_queue(call: CallState, queue: str, stays: list[Stay]) -> Iterable[Tally]:
    hour = _hour(stays[0].began_at)
    yield Tally(hour, queue, "offered")
    answered = next((place for place, stay in enumerate(stays) if stay.end == "answered"), None)
    counting = stays if answered is None else stays[: answered + 1]
    seconds = sum(stay.seconds or 0 for stay in counting)
    if answered is not None:
        yield Tally(hour, queue, "answered", seconds)
    elif stays[-1].end == "abandoned" and call.outcome == "abandoned":
        yield Tally(hour, queue, "abandoned", seconds)
    elif stays[-1].end == "left":
        yield Tally(hour, queue, "unanswered", seconds)
    elif call.outcome == "forwarded":
        yield Tally(hour, queue, "forwarded")
    elif call.outcome == "unknown":
        yield Tally(hour, queue, "unknown_end")


def _hour(at: datetime) -> datetime:
    return at.astimezone(UTC).replace(minute=0, second=0, microsecond=0)


@dataclass(frozen=True, slots=True)
class CallFigures:
    """The figures of calls. `within` are those answered in time; a ratio is None where nothing was offered."""

    offered: int
    answered: int
    abandoned: int
    unanswered: int
    forwarded: int
    ended_in_menu: int
    unknown_end: int
    within: int
    waited: int
    """How many are known to have waited until they were answered, or not."""
    waited_seconds: int
    longest_wait_seconds: int

    @property
    def answer_rate(self) -> Fraction | None:
        """Answered ÷ offered."""
        return _ratio(self.answered, self.offered)

    @property
    def abandonment(self) -> Fraction | None:
        """Abandoned ÷ offered, short ones too."""
        return _ratio(self.abandoned, self.offered)

    @property
    def service_level(self) -> Fraction | None:
        """Answered in time ÷ offered."""
        return _ratio(self.within, self.offered)

    @property
    def average_wait_seconds(self) -> Fraction | None:
        """Seconds waited ÷ calls that waited."""
        return _ratio(self.waited_seconds, self.waited)


def figures_of(tallies: Mapping[tuple[Figure, int], int], within_seconds: int) -> CallFigures:
    """The figures of what was counted: so many calls of each figure that waited so many seconds."""
    counts: Counter[str] = Counter()
    within = waited = waited_seconds = longest = 0
    for (figure, seconds), count in tallies.items():
        counts[figure] += count
        if figure in _WAITED and count > 0:
            waited += count
            waited_seconds += seconds * count
            longest = max(longest, seconds)
        if figure == "answered" and seconds <= within_seconds:
            within += count
    return CallFigures(
        **{figure: counts[figure] for figure in FIGURES},
        within=within,
        waited=waited,
        waited_seconds=waited_seconds,
        longest_wait_seconds=longest,
    )


def _ratio(part: int, whole: int) -> Fraction | None:
    return Fraction(part, whole) if whole else None
