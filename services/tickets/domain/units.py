"""Who handles cases: the units of the authority. They are data; a slug names one in every contract.

Units contain units: whoever heads one, or supervises it, sees its cases and those of all below it.
"""

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Annotated

from pydantic import StringConstraints

LONGEST_SLUG = 63
SLUG = r"^[a-z0-9]+(-[a-z0-9]+)*$"
Slug = Annotated[str, StringConstraints(pattern=SLUG, max_length=LONGEST_SLUG)]
Parents = Mapping[str, str | None]
"""Of each unit, the one that it belongs to."""


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit: its slug, for programs, and its name, for people; the unit that it belongs to; and whether its cases are
    given to its agents by themselves.
    """

    slug: str
    name: str
    parent: str | None = None
    auto_assign: bool = False


def slug_of(name: str) -> str:
    """The slug of a unit called `name`: that of a slug is itself, and every name has one."""
    slug = re.sub("[^A-Za-z0-9]+", "-", name).lower().strip("-")
    if not slug:
        return f"unit-{hashlib.md5(name.encode(), usedforsecurity=False).hexdigest()[:8]}"
    return slug[:LONGEST_SLUG].strip("-")


def with_all_below(units: Iterable[str], parents: Parents) -> frozenset[str]:
    """These units, and every unit below them. It ends for a tree that leads round, too."""
    children: dict[str, list[str]] = {}
    for unit, parent in parents.items():
        if parent is not None:
            children.setdefault(parent, []).append(unit)
    found: set[str] = set()
    left = list(units)
    while left:
        unit = left.pop()
        if unit not in found:
            found.add(unit)
            left += children.get(unit, ())
    return frozenset(found)
