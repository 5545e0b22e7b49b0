"""What a courier has in its hand: one claim, of which a part is handed over already."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from services.notify.domain.delivery import Accepted, NotHanded, Outcome, Uncertain
from services.notify.models import Attempt, Ended, Notice

_WAITS = NotHanded("it waits for its turn")
_STOPPED = Uncertain("the courier was stopped while sending")


class Hand:
    """Messages that wait, one that is under way, and what is known of others and not settled.

    `taken` were accepted: they may be settled together. `owed` ended otherwise: a ticket may have to hear of it.
    """

    def __init__(self, claim: UUID, notices: Iterable[Notice], worker: str) -> None:
        self.claim = claim
        self.waiting = _messages(notices)
        self.under_way: Sequence[Notice] = ()
        self.taken: list[Ended] = []
        self.owed: list[Ended] = []
        self._worker = worker
        self._attempt: Attempt | None = None
        self._noted = 0

    @property
    def not_noted(self) -> Sequence[Ended]:
        """What was taken since the last note."""
        return self.taken[self._noted :]

    def begin(self, now: datetime) -> None:
        """The next message is being handed over, and that is noted."""
        self.under_way = self.waiting.pop(0)
        self._attempt = Attempt(self._worker, now)
        self._noted = len(self.taken)

    def end(self, outcome: Outcome, now: datetime) -> None:
        """That is what became of the message under way."""
        ended = [Ended(notice, outcome, now, self._attempt) for notice in self.under_way]
        self.under_way = ()
        (self.taken if isinstance(outcome, Accepted) else self.owed).extend(ended)

    def settle_taken(self, not_written: Iterable[Ended]) -> None:
        """All that was taken is settled, but for these."""
        self.taken, self._noted = [], 0
        self.owed.extend(not_written)

    def unsettled(self, now: datetime) -> list[Ended]:
        """All that is not settled, when nothing more will be handed over."""
        stopped = [Ended(notice, _STOPPED, now, self._attempt) for notice in self.under_way]
        waits = [Ended(notice, _WAITS, now) for message in self.waiting for notice in message]
        return [*self.taken, *self.owed, *stopped, *waits]


def _messages(notices: Iterable[Notice]) -> list[list[Notice]]:
    """One message for each notice, but one for all that were held for an address."""
    messages: dict[object, list[Notice]] = {}
    for notice in notices:
        messages.setdefault(notice.address if notice.held else notice.id, []).append(notice)
    return list(messages.values())
