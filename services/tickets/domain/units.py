"""Who handles cases: the units of the authority. They are data; a slug names one in every contract."""

import hashlib
import re
from dataclasses import dataclass
from typing import Annotated

from pydantic import StringConstraints

LONGEST_SLUG = 63
SLUG = r"^[a-z0-9]+(-[a-z0-9]+)*$"
Slug = Annotated[str, StringConstraints(pattern=SLUG, max_length=LONGEST_SLUG)]


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit: its slug, for programs, and its name, for people."""

    slug: str
    name: str


def slug_of(name: str) -> str:
    """The slug of a unit called `name`: that of a slug is itself, and every name has one."""
    slug = re.sub("[^A-Za-z0-9]+", "-", name).lower().strip("-")
    if not slug:
        return f"unit-{hashlib.md5(name.encode(), usedforsecurity=False).hexdigest()[:8]}"
    return slug[:LONGEST_SLUG].strip("-")
