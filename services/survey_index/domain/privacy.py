"""What may be shown to everybody: no figure that stands for fewer than five people, and none from which one can be
worked out."""

from collections.abc import Mapping, Sequence
from decimal import Decimal

from services.survey_index.domain.csat import Csat
from services.survey_index.domain.skm import Index

FEWEST = 5


def is_publishable(index: Index) -> bool:
    """Whether no figure of the index stands for fewer than five people."""
    return index.n >= FEWEST and all(element.people >= FEWEST for element in index.elements)


def public_levels(csat: Csat) -> Sequence[tuple[str, Decimal | None]]:
    """The share of each level of satisfaction in percent, None where it is hidden; empty if none may be shown."""
    visible = without_small_groups({level.name: level.count for level in csat.levels})
    if csat.people < FEWEST or not visible:
        return []
    return [(level.name, None if visible[level.name] is None else level.percent) for level in csat.levels]


def without_small_groups(counts: Mapping[str, int]) -> Mapping[str, int | None]:
    """The counts of a table whose sum is public, with small ones hidden (None); empty if nothing of it may be shown.

    What is hidden could be found by subtraction, so the smallest of the other cells is hidden with it. Where all are
    small there is no such cell, and the table is not shown. Nobody at all is not hidden: it is a fact about no one.
    """
    hidden = {key for key, count in counts.items() if 0 < count < FEWEST}
    others = {key: count for key, count in counts.items() if count >= FEWEST}
    if hidden and not others:
        return {}
    if hidden:  # all that are the smallest: which of them was chosen would tell something, too
        hidden |= {key for key, count in others.items() if count == min(others.values())}
    return {key: None if key in hidden else count for key, count in counts.items()}
