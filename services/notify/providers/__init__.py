"""The ways out, one file each: a new way is a new file and a line in `main`."""

from collections.abc import Sequence
from typing import Protocol

from services.notify.domain.delivery import Outcome
from services.notify.domain.notices import Kind
from services.notify.models import Notice


class Provider(Protocol):
    """One connection to whoever carries messages."""

    kind: Kind

    async def send(self, notices: Sequence[Notice]) -> list[Outcome]:
        """Hands the notices over, in order, and says for each what became of it. Never raises."""
        ...

    async def close(self) -> None: ...
