"""How what happened is kept: as JSON under the name of its kind, also what a newer release wrote."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, get_args
from uuid import UUID

from pydantic import TypeAdapter, ValidationError

from services.tickets.domain.happenings.citizens import (
    InfoReceived,
    Joined,
    NoticeFailed,
    NoticeSettled,
    Opened,
    Reopened,
    Settled,
    Withdrawn,
)
from services.tickets.domain.happenings.clocks import (
    Alerted,
    Breached,
    HoldEnded,
    Recomputed,
    Warned,
)
from services.tickets.domain.happenings.staff import (
    Assigned,
    CitizenChanged,
    Claimed,
    Closed,
    DueSet,
    Escalated,
    Forwarded,
    Held,
    InfoRequested,
    Linked,
    Merged,
    Noted,
    PolicyChanged,
    Prioritised,
    PrivacySet,
    Rejected,
    ReopenedByAgent,
    Replied,
    Resolved,
    Separated,
    Split,
    Unassigned,
    Unmerged,
)
from services.tickets.domain.seals import is_digest


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

_NAMES: dict[type[Known], str] = {
    kind: re.sub(r"(?<!^)(?=[A-Z])", "_", kind.__name__).lower() for kind in get_args(Known)
}
"""Under what each kind is kept: `notice_failed`. So a class that has been released keeps its name."""
_FORMS: dict[str, TypeAdapter[Known]] = {name: TypeAdapter(kind) for kind, name in _NAMES.items()}
KINDS = frozenset(_FORMS)
"""The names of all kinds that are known here."""


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
