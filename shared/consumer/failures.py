"""What an error means, and so what is done about it. There are three kinds.

*Outage*: an engine is away or busy. It is waited for, and counts as nothing.
*Ours*: the installation is at fault (a migration under way, a rule that is missing, a refused login), the event is
innocent. The reader stops and says so, and goes on by itself when it is mended; nothing is buried.
*Its own*: only this event cannot be handled. It is tried again with growing pauses, then it waits for a person.
"""

import random
from collections import Counter, OrderedDict
from collections.abc import Hashable
from datetime import timedelta
from enum import Enum, auto

from shared.db import is_outage, sqlstates

# SQLSTATE classes and codes (PostgreSQL, appendix A) that say that what we brought along does not fit the database:
# undefined or forbidden tables and columns, plans from before a migration, a schema or a login that is not there,
# a row that ours refers to and that somebody has deleted.
_OURS = ("42", "0A", "3D", "3F", "28", "23503")

FEWEST_FAILURES = 5
"""However old an event is: so often it is tried before it is buried."""
_FIRST_PAUSE = timedelta(seconds=0.5)
_LONGEST_PAUSE = timedelta(seconds=40)


class OurFault(Exception):
    """The installation is not as it must be; the text says what is missing, and holds nothing of an event."""


class Fault(Enum):
    """Whose fault an error is."""

    OUTAGE = auto()
    OURS = auto()
    ITS_OWN = auto()


def fault_of(error: BaseException) -> Fault:
    """Whose fault `error` is, as far as it tells."""
    if isinstance(error, OurFault) or any(state.startswith(_OURS) for state in sqlstates(error)):
        return Fault.OURS
    return Fault.OUTAGE if is_outage(error) else Fault.ITS_OWN


def pause_before(attempt: int) -> timedelta:
    """How long to wait before attempt number `attempt` (2 is the first repetition); with jitter.

    Always shorter than the minute after which another instance takes over what this one does not acknowledge.
    """
    longest: timedelta = min(_LONGEST_PAUSE, _FIRST_PAUSE * 2 ** min(attempt - 2, 12))
    return longest * random.uniform(0.5, 1)  # noqa: S311 - jitter, not a secret


def is_hopeless(failures: int, trying_for: timedelta, patience: timedelta) -> bool:
    """Whether an event that failed so often, for so long, waits for a person from now on."""
    return failures >= FEWEST_FAILURES and trying_for >= patience


class Breaker:
    """Says that a fault is ours when most of the latest events failed for one and the same reason."""

    def __init__(self, *, window: int = 20, fewest: int = 5) -> None:
        self._window = window
        self._fewest = fewest
        self._latest: OrderedDict[Hashable, str | None] = OrderedDict()

    def handled(self, events: list[Hashable]) -> None:
        """These went well. If one of them had failed, what it failed for is mended."""
        mended = {self._latest.get(event) for event in events} - {None}
        for event, reason in list(self._latest.items()):
            if reason in mended:
                del self._latest[event]
        for event in events[-self._window :]:
            self._note(event, None)

    def failed(self, event: Hashable, reason: str) -> None:
        """This one failed; an event that fails again counts once."""
        self._note(event, reason)

    @property
    def reason(self) -> str | None:
        """Why most of the latest events failed; None while they do not, or fail for reasons of their own."""
        reasons = Counter(reason for reason in self._latest.values() if reason is not None)
        if not reasons:
            return None
        reason, count = reasons.most_common(1)[0]
        return reason if count >= self._fewest and 2 * count > len(self._latest) else None

    def _note(self, event: Hashable, reason: str | None) -> None:
        self._latest.pop(event, None)
        self._latest[event] = reason
        while len(self._latest) > self._window:
            self._latest.popitem(last=False)
