"""How a case can stand, and which verbs may follow: the one table that says so (docs/domain.md, "Lifecycle")."""

from collections.abc import Mapping
from typing import Literal, get_args

Status = Literal[
    "open", "escalated", "answered", "waiting", "held", "forwarded", "resolved", "closed", "rejected", "merged"
]
Category = Literal["open", "waiting", "resolved"]
Verb = Literal[
    "claim",
    "assign",
    "unassign",
    "reply",
    "note",
    "request_info",
    "hold",
    "escalate",
    "forward",
    "resolve",
    "reopen",
    "close",
    "reject",
    "merge",
    "unmerge",
    "split",
    "link",
    "set_priority",
    "set_privacy",
]
VERBS: tuple[Verb, ...] = get_args(Verb)

CATEGORY: Mapping[Status, Category] = {
    "open": "open",
    "escalated": "open",
    "answered": "waiting",
    "waiting": "waiting",
    "held": "waiting",
    "forwarded": "waiting",
    "resolved": "resolved",
    "closed": "resolved",
    "rejected": "resolved",
    "merged": "resolved",
}
"""`waiting`: somebody else has the next word. `resolved`: it came to an end, one way or another."""

_ALWAYS: frozenset[Verb] = frozenset({"note", "link", "set_privacy"})
_OURS: frozenset[Verb] = _ALWAYS | {"claim", "assign", "unassign", "reply", "resolve", "close", "reject"}
_WORK: frozenset[Verb] = _OURS | {
    "request_info",
    "hold",
    "escalate",
    "forward",
    "merge",
    "split",
    "set_priority",
}
MAY: Mapping[Status, frozenset[Verb]] = {
    "open": _WORK,
    "escalated": _WORK,
    "answered": _WORK,
    "waiting": _WORK,
    "held": _WORK,
    "forwarded": _OURS | {"reopen", "set_priority"},
    "resolved": _ALWAYS | {"reopen", "close"},
    "rejected": _ALWAYS | {"reopen", "close"},
    "closed": _ALWAYS,
    "merged": frozenset({"unmerge", "set_privacy"}),
}
"""What staff may do to a case that stands so. The citizen may always write: no end is one for him."""


def category_of(status: str) -> Category:
    """The category of a status; one that only a newer release knows is looked after as an open one."""
    return CATEGORY.get(status, "open")  # type: ignore[call-overload, no-any-return]


def possible(status: str) -> list[Verb]:
    """What may be done to a case that stands so, in the order of the verbs."""
    may = MAY.get(status, frozenset())  # type: ignore[call-overload]
    return [verb for verb in VERBS if verb in may]
