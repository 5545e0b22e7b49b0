"""What each role may: the one table from which every route asks a permission.

A route never asks for a role. Which units' cases somebody sees is another matter (`shared.visibility`).
"""

from collections.abc import Iterable, Mapping
from typing import Literal, get_args

from shared.caller import ROLES, Role

Permission = Literal[
    "contacts:enter",  # type in what a citizen brings, and read and write in his chat
    "answers:enter",  # type in what a citizen answers to a survey
    "booths:serve",  # call numbers at a booth, and serve who comes
    "callbacks:work",
    "files:read",  # what citizens attached
    "notices:read",
    "cases:read",
    "cases:work",  # answer, escalate, resolve
    "trails:read",  # who did what to a case
    "access:audit",  # who did and who read what at a service
    "figures:read",
    "surveys:run",  # import, close, publish, report
    "surveys:configure",  # what forgets a person's answers
    "gaps:read",  # what a provider numbered and we never got
    "raw:handle",  # what nobody could understand
    "notices:decide",
    "channels:configure",  # booths and menus
    "agents:read",  # who is on the roster, and who is there
    "agents:manage",
    "citizens:erase",  # and give out all that is known of one
    "rules:configure",  # units, and whatever else cases are handled by
]
PERMISSIONS: tuple[Permission, ...] = get_args(Permission)

_AT_A_DESK: frozenset[Permission] = frozenset(
    {
        "contacts:enter",
        "answers:enter",
        "booths:serve",
        "callbacks:work",
        "files:read",
        "notices:read",
        "cases:read",
        "cases:work",
        "trails:read",
        "figures:read",
        "agents:read",
    }
)
_OF_FIGURES: frozenset[Permission] = frozenset(
    {"cases:read", "trails:read", "figures:read", "surveys:run", "answers:enter", "gaps:read"}
)

MAY: Mapping[Role, frozenset[Permission]] = {
    "agent": _AT_A_DESK,
    "officer": _OF_FIGURES,
    "unit_head": _AT_A_DESK | {"agents:manage"},
    "supervisor": _AT_A_DESK
    | _OF_FIGURES
    | {"surveys:configure", "raw:handle", "notices:decide", "channels:configure", "agents:manage", "rules:configure"},
    "auditor": frozenset({"trails:read", "access:audit", "figures:read"}),
    "admin": frozenset(PERMISSIONS),
}
"""Every role, and what it may. An auditor reads trails and figures, and changes nothing."""

SEE_BELOW: frozenset[Role] = frozenset({"unit_head", "supervisor"})
"""Who sees, beside the cases of his units, those of the units below them."""


def roles_that_may(permission: Permission) -> frozenset[Role]:
    """The roles that have this permission."""
    return frozenset(role for role in ROLES if permission in MAY[role])


def permitted(roles: Iterable[str]) -> list[Permission]:
    """What somebody may who has these roles, in the order of the table. A role that is not known may nothing."""
    may = frozenset[Permission]().union(*(MAY[role] for role in ROLES if role in set(roles)))
    return [permission for permission in PERMISSIONS if permission in may]
