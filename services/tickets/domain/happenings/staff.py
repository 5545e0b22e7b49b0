"""What members of staff did to a ticket."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Replied:
    """An agent answered. `reply_id` is the line of the conversation; None as in `Joined`."""

    reply_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Escalated:
    """The case went up, to this level."""

    level: int
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Resolved:
    """An agent resolved the case."""


@dataclass(frozen=True, slots=True)
class Claimed:
    """An agent took the case as his."""

    assignee: str


@dataclass(frozen=True, slots=True)
class Assigned:
    """The case was given to an agent, and taken from who had it before."""

    assignee: str
    before: str | None = None
    because: str = ""


@dataclass(frozen=True, slots=True)
class Unassigned:
    """The case is nobody's any more."""

    before: str
    because: str = ""


@dataclass(frozen=True, slots=True)
class Noted:
    """An agent wrote something for his colleagues: the line `entry_id`, which no citizen sees."""

    entry_id: UUID


@dataclass(frozen=True, slots=True)
class Held:
    """Nothing is to be done about the case before a moment."""

    until: datetime
    reason: str


@dataclass(frozen=True, slots=True)
class Forwarded:
    """The case is another authority's to decide: it was sent there."""

    to: str


@dataclass(frozen=True, slots=True)
class ReopenedByAgent:
    """An agent took a case up again that had ended, or that was sent elsewhere."""

    before: str
    reason: str


@dataclass(frozen=True, slots=True)
class Closed:
    """The case came to its end without being resolved, or after it was; the citizen was told why."""

    before: str
    reason: str


@dataclass(frozen=True, slots=True)
class Rejected:
    """The case is none that can be taken up; the citizen was told why."""

    before: str
    reason: str


@dataclass(frozen=True, slots=True)
class Prioritised:
    """The case became more urgent, or less."""

    before: str
    after: str


@dataclass(frozen=True, slots=True)
class PrivacySet:
    """From whom it is hidden whose case it is."""

    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Linked:
    """The case has to do with another."""

    other: UUID


@dataclass(frozen=True, slots=True)
class Merged:
    """Two cases became one: of the source, `other` goes on with it; of the target, it goes on with `other`, too.

    `due_at` is by when the one case that they are is to be resolved: the earlier moment of the two.
    """

    other: UUID
    role: Literal["source", "target"]
    due_at: datetime
    before: str = ""


@dataclass(frozen=True, slots=True)
class Unmerged:
    """What was one case is two again. `due_at` is by when the case of this trail is to be resolved from now on."""

    other: UUID
    role: Literal["source", "target"]
    due_at: datetime
    after: str = ""


@dataclass(frozen=True, slots=True)
class Split:
    """Lines of a case became a case of their own: of the origin, `other` has them now; of the new one, they were in
    `other`.
    """

    other: UUID
    role: Literal["origin", "new"]
    entry_ids: tuple[UUID, ...] = ()


@dataclass(frozen=True, slots=True)
class InfoRequested:
    """The citizen was asked for fields that his case lacks, by the line `reply_id`. He has the next word. A reminder
    asks for what he was asked before, of which his time runs already.
    """

    reply_id: UUID
    fields: tuple[str, ...]
    is_reminder: bool = False


@dataclass(frozen=True, slots=True)
class Separated:
    """A person took out again what a contact had said here: it is the ticket `ticket_id` now."""

    contact_id: UUID
    ticket_id: UUID


@dataclass(frozen=True, slots=True)
class CitizenChanged:
    """A person merged two citizens, or parted them again: the case is now `citizen_id`'s."""

    citizen_id: UUID


@dataclass(frozen=True, slots=True)
class DueSet:
    """A person said by when something is due, or that it is due again when its policy says so (None)."""

    clock: str
    due_at: datetime | None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class PolicyChanged:
    """The case is under this version of a policy from now on, and was under that one before."""

    policy: str
    version: int
    before: str
    before_version: int
