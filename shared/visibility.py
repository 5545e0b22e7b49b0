"""What a reader may see. Every read of a case takes it as an argument: nobody sees what is not his unit's."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Visibility:
    """The units whose cases a reader sees, by their slugs; None stands for every unit."""

    units: frozenset[str] | None

    def shows(self, unit: str) -> bool:
        """Whether the cases of this unit are seen."""
        return self.units is None or unit in self.units


EVERYTHING = Visibility(None)
"""What the service itself sees while it works, and what whoever holds a capability sees of the one thing it opens."""
