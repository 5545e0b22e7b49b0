"""What a courier has in its hand: one claim, of which a part is handed over already."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from services.notify.domain.delivery import Acceptance, Doubt, NoHandover, Outcome
from services.notify.models import Attempt, Ending, Notice

_WAITS = NoHandover("it waits for its turn")
_STOPPED = Doubt("the courier was stopped while sending")


class Hand:
    """Messages that wait, one that is under way, and what became of others, as far as it is not recorded.

    `accepted` may be recorded together. What is `owed` ended otherwise: a ticket may have to hear of it.
    """

    def __init__(self, claim: UUID, notices: Iterable[Notice], worker: str) -> None:
        self.claim = claim
        self.waiting = _messages(notices)
        self.under_way: Sequence[Notice] = ()
        self.accepted: list[Ending] = []
        self.owed: list[Ending] = []
        self._worker = worker
        self._attempt: Attempt | None = None
        self._noted = 0

    @property
    def not_noted(self) -> Sequence[Ending]:
        """What was accepted since the last note."""
        return self.accepted[self._noted :]

    def begin(self, now: datetime) -> None:
        """The next message is being handed over, and that is noted."""
        self.under_way = self.waiting.pop(0)
        self._attempt = Attempt(self._worker, now)
        self._noted = len(self.accepted)

    def end(self, outcome: Outcome, now: datetime) -> None:
        """That is what became of the message under way."""
        ended = [Ending(notice, outcome, now, self._attempt) for notice in self.under_way]
        self.under_way = ()
        (self.accepted if isinstance(outcome, Acceptance) else self.owed).extend(ended)

    def drop_accepted(self, not_written: Iterable[Ending]) -> None:
        """All that was accepted is recorded, but for these."""
        self.accepted, self._noted = [], 0
        self.owed.extend(not_written)

    def unrecorded(self, now: datetime) -> list[Ending]:
        """All that is not recorded, when nothing more will be handed over."""
        stopped = [Ending(notice, _STOPPED, now, self._attempt) for notice in self.under_way]
        waits = [Ending(notice, _WAITS, now) for message in self.waiting for notice in message]
        return [*self.accepted, *self.owed, *stopped, *waits]


def _messages(notices: Iterable[Notice]) -> list[list[Notice]]:
    """One message for each notice, but one for all that were held for an address."""
    messages: dict[object, list[Notice]] = {}
    for notice in notices:
        messages.setdefault(notice.address if notice.held else notice.id, []).append(notice)
    return list(messages.values())
