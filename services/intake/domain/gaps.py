"""What a source sent, what became a contact, and what became a ticket: the difference is a gap (docs/operations.md,
"Nothing is lost: how to see it").
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

Missing = Literal["contact", "ticket", "raw", "mail", "paper", "visit", "call"]
"""What is not there: the row of a contact that was answered for, its ticket, a contact of what a channel brought, a UID
of a mailbox, a paper of a dispenser, the contact of a visit that has ended, or of a call that owes one.
"""
Doubled = Literal["contact", "said", "paper"]
"""What is there twice: a contact in two tickets, a thing that was said in two contacts, the number on a paper."""

GRACE = timedelta(minutes=5)
"""So long something may be on its way before it is missing."""
LONGEST = timedelta(days=31)
MOST_NAMES = 20
_MILLISECOND_BITS = 80


@dataclass(frozen=True, slots=True)
class Span:
    """What was brought since a moment and before another. Of what is younger than `settled` nobody knows yet."""

    since: datetime
    until: datetime
    settled: datetime

    @classmethod
    def of(cls, since: datetime, until: datetime, now: datetime) -> "Span":
        """The span, judged at `now`."""
        return cls(since, until, max(since, min(until, now - GRACE)))


@dataclass(frozen=True, slots=True)
class Gap:
    """Things of one kind that are missing, or doubled, in a channel: how many, and the names of the first of them."""

    kind: Missing | Doubled
    count: int
    names: Sequence[str]


@dataclass(frozen=True, slots=True)
class Account:
    """What came of what a channel was sent."""

    ticketed: int = 0
    on_the_way: int = 0
    raw_on_the_way: int = 0
    unreadable: int = 0
    missing: tuple[Gap, ...] = ()
    doubled: tuple[Gap, ...] = ()

    @property
    def accepted(self) -> int:
        """Contacts that are there."""
        return self.ticketed + self.on_the_way + sum(gap.count for gap in self.missing if gap.kind == "ticket")

    @property
    def sent(self) -> int:
        """What the source has sent, as far as it numbers or signs for it."""
        before = sum(gap.count for gap in self.missing if gap.kind != "ticket")
        return self.accepted + self.raw_on_the_way + before


def lowest_id(moment: datetime) -> UUID:
    """The lowest UUID version 7 of a moment: what was made since then has a higher one (RFC 9562)."""
    return UUID(int=int(moment.timestamp() * 1_000) << _MILLISECOND_BITS)


def by_channel(gaps: Iterable[tuple[str, Gap]]) -> Mapping[str, tuple[Gap, ...]]:
    """The gaps of each channel."""
    found: defaultdict[str, tuple[Gap, ...]] = defaultdict(tuple)
    for channel, gap in gaps:
        found[channel] += (gap,)
    return found
