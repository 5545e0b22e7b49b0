"""The ways out, one file each: a new way is a new file and a line in `main`."""

from typing import Protocol

from services.notify.domain.delivery import Outcome
from services.notify.domain.notices import Kind
from services.notify.models import Notice


class Provider(Protocol):
    """One connection to whoever carries messages."""

    kind: Kind

    async def send(self, notice: Notice, until: float) -> Outcome:
        """Hands a notice over, and says what became of it. Never raises.

        `until`, in seconds of the event loop's clock, is when the claim on it may end: what has not been handed over
        by then is not handed over. Whoever took it may take longer to say so.
        """
        ...

    async def close(self) -> None: ...
