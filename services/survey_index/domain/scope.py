"""Whose service, and which of them, a survey asks about: nothing else is counted in it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Scope:
    """One unit, and some of its services; an empty one stands for every unit, or every service."""

    unit: str = ""
    services: tuple[str, ...] = ()

    @property
    def only_service(self) -> str:
        """What an answer is about that names no service; empty where there are several, or any."""
        return self.services[0] if len(self.services) == 1 else ""

    def find_unit(self, said: str) -> str | None:
        """The unit that `said` means, as the survey spells it; None if it is another one."""
        return _find(said, (self.unit,) if self.unit else ()) if said else self.unit

    def find_service(self, said: str) -> str | None:
        """The service that `said` means, as the survey spells it; None if it is another one."""
        return _find(said, self.services) if said else self.only_service


EVERYTHING = Scope()


def _find(said: str, known: tuple[str, ...]) -> str | None:
    if not known:
        return said
    return next((name for name in known if name.casefold() == said.casefold()), None)
