"""A provider that is away, or that nobody understands, is left alone for growing times, on all its connections."""

from collections.abc import Iterator
from contextlib import contextmanager

from services.notify.domain.delivery import Accepted, Deferred, NotHanded, Outcome, Refused, Uncertain, Why, pause_after

MOST_UNCLEAR = 3
"""After so many attempts in a row that tell of no notice what became of it, the provider is left alone."""


class Breaker:
    """Says whether a provider may be tried, from what became of the attempts before. One for all its connections.

    What is queued stays queued meanwhile: the first notice may become uncertain, the hundredth not. When a pause is
    over, one connection tries with one notice. Moments are seconds of any steady clock.
    """

    def __init__(self, provider: str) -> None:
        self._provider = provider
        self._pauses = 0
        self._unclear = 0
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

    def learn(self, outcome: Outcome, now: float) -> None:
        """Takes note of an attempt that ended at `now`."""
        match outcome:
            case NotHanded(error, why):
                self._leave_alone(why, error, now)
            case Uncertain(error):
                self._unclear += 1
                if self._unclear >= MOST_UNCLEAR or self.is_open:
                    self._leave_alone(Why.UNCLEAR, f"nobody knows what becomes of them ({error})", now)
            case Accepted() | Refused() | Deferred():
                self._pauses = self._unclear = 0
                self.trouble = None

    def _leave_alone(self, why: Why, error: str, now: float) -> None:
        if self.is_open and now < self._closed_until:
            return  # another connection met the same, and has said so
        pause = pause_after(self._pauses, why).total_seconds()
        self._pauses += 1
        self._closed_until = now + pause
        self.trouble = f"nothing can be handed over by {self._provider}: {error}; tried again every {pause:.0f} s"
