"""What can happen to a ticket: a class for each kind, with what there is to know of it.

The audit trail and every event are made from these. They are kept as JSON under the name of their kind, and so are
those of a newer release: a kind, or data, that nobody here knows is kept as it is and is never an error.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from pydantic import TypeAdapter, ValidationError

from services.tickets.domain.seals import is_digest


@dataclass(frozen=True, slots=True)
class Opened:
    """A contact became a case. `is_automatic`: a machine wrote it. `mention` is the code of another case in the
    subject of a mail, which is not its writer's, or of none at all. `because` is what speaks for its topic, and
    `confidence` how sure that is (0 to 1); a release that did not say so gave none.
    """

    channel: str
    is_automatic: bool = False
    mention: str | None = None
    because: tuple[str, ...] = ()
    confidence: float | None = None


@dataclass(frozen=True, slots=True)
class Joined:
    """The citizen said more. `newly_reachable`: only since then is there a way to tell him anything.

    `contact_id` is None where the release that wrote it did not say which. Where nothing proves that it belongs here,
    `score` says how likely it is, and `because` why.
    """

    contact_id: UUID | None = None
    newly_reachable: bool = False
    because: tuple[str, ...] = ()
    score: float | None = None


@dataclass(frozen=True, slots=True)
class Reopened:
    """The citizen said more about a case that was resolved. Its data are those of `Joined`."""

    contact_id: UUID | None = None
    newly_reachable: bool = False
    because: tuple[str, ...] = ()
    score: float | None = None


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
class Settled:
    """The channel that brought the case had resolved it already, at `settled_at`: its outcome was `settled`.

    `settled_at` is None where the release that wrote it did not say when.
    """

    settled_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class NoticeFailed:
    """The citizen may not have been told something. `way` is how he was to be told it, `reason` what it was about."""

    way: str
    reason: str
    outcome: str
    error: str


@dataclass(frozen=True, slots=True)
class NoticeSettled:
    """What became of a notice that had failed, or of which nobody knew whether it was handed over."""

    way: str
    reason: str
    outcome: str


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """The citizen took back something that he had said."""

    contact_id: UUID


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
class HoldEnded:
    """The moment came until which the case was held."""


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
    """The citizen was asked for fields that his case lacks, by the line `reply_id`. He has the next word."""

    reply_id: UUID
    fields: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class InfoReceived:
    """The citizen answered what he was asked for by the line `reply_id`: with these of the fields."""

    reply_id: UUID
    fields: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Warned:
    """A clock of the case ran so far that somebody was to be warned; it is due at that moment."""

    clock: str
    due_at: datetime


@dataclass(frozen=True, slots=True)
class Breached:
    """A clock of the case ran out: what was due at that moment was not done."""

    clock: str
    due_at: datetime


@dataclass(frozen=True, slots=True)
class Alerted:
    """Somebody of a unit was told that a clock ran out, or will: by which step of its chain, and in which role."""

    clock: str
    step: int
    due_at: datetime
    unit: str
    role: str
    email: str


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


@dataclass(frozen=True, slots=True)
class Recomputed:
    """A calendar was edited: what a clock owes is due at another moment by this version of it."""

    clock: str
    calendar: str
    edition: int
    before: datetime
    after: datetime


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
class Unrecognised:
    """Something that another release wrote, and that this one cannot take apart."""

    kind: str
    data: Mapping[str, Any]


Known = (
    Opened
    | Joined
    | Reopened
    | Replied
    | Escalated
    | Resolved
    | Settled
    | NoticeFailed
    | NoticeSettled
    | Withdrawn
    | Claimed
    | Assigned
    | Unassigned
    | Noted
    | Held
    | HoldEnded
    | Forwarded
    | ReopenedByAgent
    | Closed
    | Rejected
    | Prioritised
    | PrivacySet
    | Linked
    | Merged
    | Unmerged
    | Split
    | InfoRequested
    | InfoReceived
    | Warned
    | Breached
    | Alerted
    | DueSet
    | PolicyChanged
    | Recomputed
    | Separated
    | CitizenChanged
)
Happening = Known | Unrecognised

_KINDS: dict[str, type[Known]] = {
    "opened": Opened,
    "joined": Joined,
    "reopened": Reopened,
    "replied": Replied,
    "escalated": Escalated,
    "resolved": Resolved,
    "settled": Settled,
    "notice_failed": NoticeFailed,
    "notice_settled": NoticeSettled,
    "withdrawn": Withdrawn,
    "claimed": Claimed,
    "assigned": Assigned,
    "unassigned": Unassigned,
    "noted": Noted,
    "held": Held,
    "hold_ended": HoldEnded,
    "forwarded": Forwarded,
    "reopened_by_agent": ReopenedByAgent,
    "closed": Closed,
    "rejected": Rejected,
    "prioritised": Prioritised,
    "privacy_set": PrivacySet,
    "linked": Linked,
    "merged": Merged,
    "unmerged": Unmerged,
    "split": Split,
    "info_requested": InfoRequested,
    "info_received": InfoReceived,
    "warned": Warned,
    "breached": Breached,
    "alerted": Alerted,
    "due_set": DueSet,
    "policy_changed": PolicyChanged,
    "recomputed": Recomputed,
    "separated": Separated,
    "citizen_changed": CitizenChanged,
}
_NAMES = {kind: name for name, kind in _KINDS.items()}
_FORMS: dict[str, TypeAdapter[Known]] = {name: TypeAdapter(kind) for name, kind in _KINDS.items()}


@dataclass(frozen=True, slots=True)
class Happened:
    """Something that happened: to which ticket, in which version of it, what, by whom, when, and from where."""

    ticket_id: UUID
    version: int
    happening: Happening
    actor: str
    at: datetime
    origin: str = ""


def kind_of(happening: Happening) -> str:
    """The name of its kind."""
    return happening.kind if isinstance(happening, Unrecognised) else _NAMES[type(happening)]


def data_of(happening: Happening) -> Mapping[str, Any]:
    """What it says, as JSON holds it."""
    if isinstance(happening, Unrecognised):
        return happening.data
    data: dict[str, Any] = _FORMS[kind_of(happening)].dump_python(happening, mode="json")
    return data


def read(kind: str, data: Mapping[str, Any]) -> Happening:
    """What `kind_of` and `data_of` wrote, here or in another release. A text that was erased since is empty."""
    if kind not in _FORMS:
        return Unrecognised(kind, data)
    try:
        return _FORMS[kind].validate_python({name: "" if is_digest(value) else value for name, value in data.items()})
    except ValidationError:
        return Unrecognised(kind, data)
