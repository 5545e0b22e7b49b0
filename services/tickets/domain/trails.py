"""Whether a trail is as it was sealed (docs/domain.md, "The trail")."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from services.tickets.domain.seals import DEFINITION, seal

CHANGED = "it is not what was sealed, or a row before it is missing"
MISSING = "the rows between version {before} and this one are missing, or it is not what was sealed"
CUT = "the rows after it are missing"
GONE = "all its rows are missing, or their seals"
NEWER = "it was sealed by a definition that this release does not know"


@dataclass(frozen=True, slots=True)
class Broken:
    """The first link of a trail that does not fit: in which version of its ticket, and what is wrong. The version is
    None where there is no row left to name.
    """

    ticket_id: UUID
    version: int | None
    what: str


@dataclass(frozen=True, slots=True)
class Verified:
    """A trail that was looked through: how many rows are sealed, how many are from before it was, and how many were
    written without a seal since; and what is broken.
    """

    sealed: int
    before_seals: int
    without_seal: int
    broken: Broken | None


def verify(ticket_id: UUID, last_seal: str | None, rows: Sequence[Mapping[str, Any]]) -> Verified:
    """Looks through the trail of a ticket, in its order."""
    previous: str | None = None
    version, before_seals, without_seal, count = 0, 0, 0, 0
    broken: Broken | None = None
    for row in rows:
        if row["seal"] is None:
            before_seals += previous is None
            without_seal += previous is not None
            continue
        count += 1
        if broken is None:
            what = _fault(previous, version, row)
            broken = Broken(ticket_id, row["version"], what) if what else None
        previous, version = row["seal"], row["version"]
    if broken is None and previous != last_seal:
        broken = Broken(ticket_id, version or None, CUT if previous else GONE)
    return Verified(count, before_seals, without_seal, broken)


def _fault(previous: str | None, version: int, row: Mapping[str, Any]) -> str | None:
    if not row["seal"].startswith(f"{DEFINITION}:"):
        return NEWER
    if seal(previous, row) == row["seal"]:
        return None
    return MISSING.format(before=version) if row["version"] > version + 1 else CHANGED
