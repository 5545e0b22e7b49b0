"""What a citizen is told of what happened to his case: no name, no note, and no word that anybody wrote."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import groupby

from services.tickets.domain.happenings import Happened, kind_of
from services.tickets.domain.tracking_words import STEPS

MOST_STEPS = 20


@dataclass(frozen=True, slots=True)
class Step:
    """Something that happened, as the citizen is told it; so many times in a row, and when the last time."""

    kind: str
    at: datetime
    times: int = 1


def steps_of(happened: Iterable[Happened]) -> Sequence[Step]:
    """The last steps of a case, in order. A kind that has no words for citizens is none, also one that only a newer
    release knows.
    """
    return list(_counted(Step(kind_of(each.happening), each.at) for each in happened))[-MOST_STEPS:]


def _counted(steps: Iterable[Step]) -> Iterator[Step]:
    told = (step for step in steps if step.kind in STEPS["id"])
    for _, alike in groupby(told, key=lambda step: step.kind):
        several = list(alike)
        yield replace(several[-1], times=len(several))
