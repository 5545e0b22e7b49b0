"""What a channel brings, in one form whatever dialect it came in: pure values, before anything is kept."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from shared.events import DeliveryStatus, Person

NOBODY = Person()


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that came with an utterance. `content` is None where the channel sent only a `reference` to it."""

    name: str
    media_type: str
    content: bytes | None = None
    reference: str = ""


@dataclass(frozen=True, slots=True)
class Utterance:
    """One thing that somebody told us. It becomes one contact.

    `account` is which mailbox, number or page of ours it came to, and `external_id` what the other side calls it: of
    one channel and account, the same id is the same utterance, however often it comes and in whatever bytes.
    `sender` is what the other side calls whoever said it. It goes on with the first conversation that is known by one
    of the names in `goes_on_with`, or begins one; and from then on that conversation is known by `names`, too. Without
    names it is a case of its own. `programme_number` is as it was written; it is sealed before it is kept.
    """

    account: str
    external_id: str
    sender: str
    said_at: datetime
    body: str
    subject: str = ""
    citizen: Person = NOBODY
    programme_number: str | None = None
    names: tuple[str, ...] = ()
    goes_on_with: tuple[str, ...] = ()
    attachments: tuple[Attachment, ...] = ()
    ticket_id: UUID | None = None
    """The ticket that it answers, where it carries a token of ours which proves that."""
    is_automatic: bool = False
    """Whether a machine wrote it, which must not be answered by one."""


@dataclass(frozen=True, slots=True)
class Receipt:
    """What the other side tells of a message of ours, which it calls `external_id`; `notice_id` where that carries a
    mark of ours which says of which notice it is.
    """

    account: str
    external_id: str
    status: DeliveryStatus
    at: datetime
    reason: str = ""
    notice_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """Whoever said `external_id` wants it unsaid: its words are to be seen nowhere. It may come before them."""

    account: str
    external_id: str


@dataclass(frozen=True, slots=True)
class Renaming:
    """A conversation that is known as `before` is known as `after`, too."""

    account: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A part of what was brought that could not be understood. `place` says which, `reason` what was expected; neither
    says anything of its content.
    """

    place: str
    reason: str


Item = Utterance | Receipt | Withdrawal | Renaming | Unreadable


@dataclass(frozen=True, slots=True)
class Parsed:
    """What there was in something raw, sorted."""

    utterances: Sequence[Utterance]
    receipts: Sequence[Receipt]
    withdrawals: Sequence[Withdrawal]
    renamings: Sequence[Renaming]
    faults: Sequence[Unreadable]

    @property
    def size(self) -> int:
        """How many items there are."""
        return sum(map(len, (self.utterances, self.receipts, self.withdrawals, self.renamings, self.faults)))


def sorted_items(items: Sequence[Item]) -> Parsed:
    """Sorts what a channel found, each kind in its order."""
    return Parsed(
        [item for item in items if isinstance(item, Utterance)],
        [item for item in items if isinstance(item, Receipt)],
        [item for item in items if isinstance(item, Withdrawal)],
        [item for item in items if isinstance(item, Renaming)],
        [item for item in items if isinstance(item, Unreadable)],
    )
