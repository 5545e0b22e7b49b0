"""Who an event is about."""

from shared.events.envelope import Data


class Person(Data):
    """How a citizen can be addressed. `phone` is E.164."""

    name: str | None = None
    email: str | None = None
    phone: str | None = None

    @property
    def reachable(self) -> bool:
        """Whether there is a way to tell this person anything."""
        return bool(self.email or self.phone)
