"""A provider that is away, or that nobody understands, is left alone for growing times, on all its connections."""

import math
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from services.notify.domain.delivery import (
    Acceptance,
    Deferral,
    Doubt,
    NoHandover,
    Outcome,
    ProviderTrouble,
    Rejection,
    pause_after,
)

MOST_UNCLEAR = 3
"""After so many attempts in a row that tell of no notice what became of it, the provider is left alone."""


class Breaker:
    """Says whether a provider may be tried, from what became of the attempts before. One for all its connections.

    What is queued stays queued meanwhile: the first notice may become uncertain, the hundredth not. When a pause is
    over, one connection tries with one notice. Moments are seconds of any steady clock.

    Each kind of trouble has pauses of its own, which grow with its own number: a server that was away for an hour and
    breaks off once when it is back is not one whose answers nobody understands.
    """

    def __init__(self, provider: str) -> None:
        self._provider = provider
        self._in_a_row: Counter[ProviderTrouble] = Counter()
        self._unclear_since = -math.inf
        self._closed_until = 0.0
        self._is_being_tried = False
        self.trouble: str | None = None

    @property
    def is_open(self) -> bool:
        """Whether the provider is being left alone, or only tried."""
        return self.trouble is not None

    def may_try(self, now: float) -> bool:
        return not self.is_open or (now >= self._closed_until and not self._is_being_tried)

    @contextmanager
    def trying(self) -> Iterator[None]:
        """Around an attempt: while one connection tries whether the provider is back, no other does."""
        self._is_being_tried = self.is_open
        try:
            yield
        finally:
            self._is_being_tried = False

    def learn(self, outcome: Outcome, *, began: float, now: float) -> None:
        """Takes note of an attempt that began at `began` and ended at `now`."""
        match outcome:
            case NoHandover(error, trouble):
                if not self.is_open or now >= self._closed_until:  # else another connection met the same
                    self._leave_alone(trouble, error, now)
            case Doubt(error):
                if began >= self._unclear_since:  # else what cut the other connection off cut this one, too
                    self._unclear_since = now
                    self._find_unclear(error, now)
            case Acceptance() | Rejection() | Deferral():
                self._in_a_row.clear()
                self.trouble = None

    def _find_unclear(self, error: str, now: float) -> None:
        if self._in_a_row[ProviderTrouble.UNCLEAR] + 1 >= MOST_UNCLEAR or self.is_open:
            self._leave_alone(ProviderTrouble.UNCLEAR, f"nobody knows what becomes of them ({error})", now)
        else:
            self._in_a_row[ProviderTrouble.UNCLEAR] += 1

    def _leave_alone(self, trouble: ProviderTrouble, error: str, now: float) -> None:
        pause = pause_after(self._in_a_row[trouble], trouble).total_seconds()
        self._in_a_row[trouble] += 1
        self._closed_until = max(self._closed_until, now + pause)
        self.trouble = f"nothing can be handed over by {self._provider}: {error}; tried again every {pause:.0f} s"
