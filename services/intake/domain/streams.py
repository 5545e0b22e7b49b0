"""From where a stream of a chat goes on, and why it ends."""

import re
from collections.abc import Iterable
from typing import Literal

Ending = Literal["replaced", "renew", "restart"]
"""Another stream of the same visitor took its place; it lasted so long that the permission is asked for anew; or the
service stops. After the last two, come again.
"""
_PLACE = re.compile(r"[0-9]{1,10}")


def seen_up_to(claims: Iterable[str], last_position: int) -> int:
    """The first of `claims` that can be true: a place in a chat with so many; 0 where none can.

    A browser sends back the last `id` that it was given, or what it makes of it. What cannot have been seen proves
    nothing: rather a line comes twice, which its `id` tells, than never.
    """
    for claim in claims:
        if _PLACE.fullmatch(claim) and int(claim) <= last_position:
            return int(claim)
    return 0
