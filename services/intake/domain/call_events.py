"""What a telephone system tells of a call, in one form whatever its dialect."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

Direction = Literal["in", "out"]
Kind = Literal[
    "opened",
    "progress",
    "queued",
    "ringing",
    "rang_out",
    "answered",
    "transferred",
    "left",
    "abandoned",
    "forwarded",
    "ended",
    "unknown_end",
]
"""What happens to a call. `progress`: it is there. `rang_out`: an agent did not pick up. `left`: the queue gave the
caller up, not he it. `unknown_end`: nobody told of an end for so long that there must have been one."""


@dataclass(frozen=True, slots=True)
class CallEvent:
    """Something that a telephone system told of a call. Of one call, the same `key` is the same event.

    `waited_seconds` is how long the stay in the queue was that ends here, and `talked_seconds` how long the talk was,
    where the system says so.
    """

    key: str
    kind: Kind
    at: datetime
    queue: str = ""
    agent: str = ""
    cause: str = ""
    waited_seconds: int | None = None
    talked_seconds: int | None = None
