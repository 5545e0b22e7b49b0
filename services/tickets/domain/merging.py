"""What is kept of a merge, so that it can be undone (docs/adr/0046-merging.md)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Merge:
    """A ticket, the source, goes on as another, the target. `own_due_at` is by when the target is due without all that
    was merged into it, `source_due_at` by when the source is.
    """

    id: UUID
    source_id: UUID
    target_id: UUID
    source_due_at: datetime
    own_due_at: datetime
    merged_at: datetime
    merged_by: str
    unmerged_at: datetime | None = None


def due_without(merge: Merge, into_target: Sequence[Merge]) -> datetime:
    """By when the target of a merge is due once it is undone: of its own, and of what stays merged into it."""
    others = [other.source_due_at for other in into_target if other.id != merge.id]
    return min([merge.own_due_at, *others])
