"""What may be shown to everybody: no figure that stands for fewer than five people, and none from which one can be
worked out."""

from collections.abc import Mapping

FEWEST = 5


def shown(counts: Mapping[str, int]) -> Mapping[str, int | None]:
    """The counts of a table whose sum is public, with small ones hidden (None).

    One hidden cell alone could be found by subtraction, so the smallest other cell is hidden with it. Nobody at all
    is not hidden: it is a fact about no one.
    """
    hidden = {key for key, count in counts.items() if 0 < count < FEWEST}
    others = {key: count for key, count in counts.items() if key not in hidden and count}
    if len(hidden) == 1 and others:
        hidden.add(min(others, key=lambda key: others[key]))
    return {key: None if key in hidden else count for key, count in counts.items()}
