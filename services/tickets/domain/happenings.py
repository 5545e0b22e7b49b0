"""What can happen to a ticket: a class for each kind, with what there is to know of it.

The audit trail and every event are made from these. They are kept as JSON under the name of their kind, and so are
those of a newer release: a kind, or data, that nobody here knows is kept as it is and is never an error.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import TypeAdapter, ValidationError


@dataclass(frozen=True, slots=True)
class Opened:
    """A contact became a case. `is_automatic`: a machine wrote it. `mention` is the code of another case in the
    subject of a mail, which is not its writer's, or of none at all.
    """

    channel: str
    is_automatic: bool = False
    mention: str | None = None


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
    "separated": Separated,
    "citizen_changed": CitizenChanged,
}
_NAMES = {kind: name for name, kind in _KINDS.items()}
_FORMS: dict[str, TypeAdapter[Known]] = {name: TypeAdapter(kind) for name, kind in _KINDS.items()}


@dataclass(frozen=True, slots=True)
class Happened:
    """Something that happened: to which ticket, in which version of it, what, by whom, and when."""

    ticket_id: UUID
    version: int
    happening: Happening
    actor: str
    at: datetime


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
    """What `kind_of` and `data_of` wrote, here or in another release."""
    if kind not in _FORMS:
        return Unrecognised(kind, data)
    try:
        return _FORMS[kind].validate_python(data)
    except ValidationError:
        return Unrecognised(kind, data)
