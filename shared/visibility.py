"""What a reader may see. Every read of a case takes it as an argument: nobody sees what is not his unit's."""

from dataclasses import dataclass
from typing import Literal

Privacy = Literal["none", "anonymous", "confidential"]
"""From whom it is hidden who the citizen of a case is: `anonymous` from everybody ("Anonim"), `confidential` from all
but the unit that handles it ("Rahasia")."""


@dataclass(frozen=True, slots=True)
class Visibility:
    """The units whose cases a reader sees, by their slugs; None stands for every unit. `own` are those that he is of,
    where he sees the cases of others, too: the units below his.
    """

    units: frozenset[str] | None
    own: frozenset[str] | None = None

    def shows(self, unit: str) -> bool:
        """Whether the cases of this unit are seen."""
        return self.units is None or unit in self.units

    @property
    def shown_privacies(self) -> tuple[Privacy, ...]:
        """With which privacy a case that is seen shows whose it is: `shows_identity` as a list."""
        return ("none",) if self.units is None else ("none", "confidential")

    def shows_identity(self, unit: str, privacy: str) -> bool:
        """Whether it is seen who the citizen of a case is. A reader of every unit is of none: of a confidential case he
        is not told. A word that only a newer release knows hides.
        """
        if privacy == "confidential":
            mine = self.units if self.own is None else self.own
            return mine is not None and unit in mine
        return privacy == "none" and self.shows(unit)


EVERYTHING = Visibility(None)
"""What the service itself sees while it works, and what whoever holds a capability sees of the one thing it opens."""
