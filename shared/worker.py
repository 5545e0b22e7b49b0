"""What works in the background of a service."""

from abc import ABC, abstractmethod


class Worker(ABC):
    """Works a step at a time; between two steps it may be stopped.

    `essential` says whether the service is worth anything without it: a service whose essential worker does not get
    on is not ready. `trouble` says why it does not get on, for `/readyz`; it is None while it does.
    """

    name: str
    essential: bool = True
    trouble: str | None = None

    @abstractmethod
    async def step(self) -> None:
        """Does one piece of work, or waits a moment for one."""

    async def close(self) -> None:  # noqa: B027 - most hold nothing
        """Gives back what it holds."""

    def let_go(self) -> None:  # noqa: B027 - most keep nobody
        """Ends the answers that would go on for ever: the server waits for every other one before it stops."""
