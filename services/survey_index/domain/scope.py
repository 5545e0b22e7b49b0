"""Whose service, and which of them, a survey asks about: nothing else is counted in it."""

from dataclasses import dataclass
from typing import Literal

Place = Literal["unit", "service"]


@dataclass(frozen=True, slots=True)
class Scope:
    """One unit, and some of its services; an empty one stands for every unit, or every service."""

    unit: str = ""
    services: tuple[str, ...] = ()

    def usual(self, place: Place) -> str:
        """What an answer is about that does not say it: the survey's own unit, or its service if there is only one."""
        known = self._known(place)
        return known[0] if len(known) == 1 else ""

    def find(self, place: Place, said: str) -> str | None:
        """What `said` means, as the survey spells it; None if that is not in the survey."""
        if not said:
            return self.usual(place)
        known = self._known(place)
        return next((name for name in known if folded(name) == folded(said)), None) if known else said

    def other(self, place: Place) -> tuple[str, str]:
        """What is wrong with a place that is not in the survey, and what was expected."""
        return f"is no {place} of this survey", f"one of: {', '.join(self._known(place))}, or nothing"

    def _known(self, place: Place) -> tuple[str, ...]:
        return self.services if place == "service" else tuple(filter(None, [self.unit]))


EVERYTHING = Scope()


def folded(name: str) -> str:
    """A name as it is compared: a letter's case and the number of spaces say nothing."""
    return " ".join(name.split()).lower()
