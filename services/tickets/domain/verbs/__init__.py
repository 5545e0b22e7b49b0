"""The verbs that change a case. Each may refuse; what it changed and what happened are one `Change`."""

from services.tickets.domain.verbs.arriving import join, open_case
from services.tickets.domain.verbs.ending import close, forward, reject, reopen, resolve
from services.tickets.domain.verbs.holding import end_hold, hold
from services.tickets.domain.verbs.marking import link, note, set_priority, set_privacy, write_note
from services.tickets.domain.verbs.merging import MergedMeanwhile, NotMerged, check_mergeable, merge, split, unmerge
from services.tickets.domain.verbs.owning import AlreadyAssigned, assign, claim, unassign
from services.tickets.domain.verbs.refusing import AlreadyResolved, MergedAway, NotInThisState
from services.tickets.domain.verbs.working import HIGHEST_LEVEL, HighestLevel, escalate, reply

__all__ = [
    "HIGHEST_LEVEL",
    "AlreadyAssigned",
    "AlreadyResolved",
    "HighestLevel",
    "MergedAway",
    "MergedMeanwhile",
    "NotInThisState",
    "NotMerged",
    "assign",
    "check_mergeable",
    "claim",
    "close",
    "end_hold",
    "escalate",
    "forward",
    "hold",
    "join",
    "link",
    "merge",
    "note",
    "open_case",
    "reject",
    "reopen",
    "reply",
    "resolve",
    "set_priority",
    "set_privacy",
    "split",
    "unassign",
    "unmerge",
    "write_note",
]
