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
        known = self._names_of(place)
        return known[0] if len(known) == 1 else ""

    def find(self, place: Place, name: str) -> str | None:
        """What `name` means, as the survey spells it; None if that is not in the survey."""
        if not name:
            return self.usual(place)
        known = self._names_of(place)
        return next((spelled for spelled in known if folded(spelled) == folded(name)), None) if known else name

    def other(self, place: Place) -> tuple[str, str]:
        """What is wrong with a place that is not in the survey, and what was expected."""
        return f"is no {place} of this survey", f"one of: {', '.join(self._names_of(place))}, or nothing"

    def _names_of(self, place: Place) -> tuple[str, ...]:
        return self.services if place == "service" else tuple(filter(None, [self.unit]))


EVERYTHING = Scope()


def folded(name: str) -> str:
    """A name as it is compared: a letter's case and the number of spaces say nothing."""
    return " ".join(name.split()).lower()
