"""The connections of one server: what each may cost, how many there may be, and who gives way when there are more."""

from collections import OrderedDict
from dataclasses import dataclass
from typing import Any, Protocol

from uvicorn.server import ServerState

from shared.telemetry import GAVE_WAY


@dataclass(frozen=True, slots=True)
class ConnectionLimits:
    """What connections may cost. A body comes at `body_bytes_per_second`, and may fall behind by `body_seconds`."""

    connections: int
    idle_seconds: float = 30
    head_bytes: int = 65_536
    head_seconds: float = 10
    body_seconds: float = 10
    body_bytes_per_second: int = 1_024
    rest_bytes: int = 67_108_864
    """So much that nobody wants is read and thrown away, for its sender to come to reading the answer."""
    rest_seconds: float = 60
    untaken_seconds: float = 30
    """So long an answer may wait for a client that takes nothing of it."""


class Member(Protocol):
    """One of the connections."""

    def give_way(self) -> None:
        """Ends at once, for another one to have the place."""

    def refuse_for_want_of_room(self) -> None:
        """Tells the client that there is no place for it, and ends."""


class Crowd(ServerState):
    """The connections of one server, with those in a row that owe it something: who has owed it longest gives way.

    A client may owe a request, the rest of one, or to take its answer. It owes nothing while it is being answered.
    """

    def __init__(self, limits: ConnectionLimits) -> None:
        super().__init__()
        self.limits = limits
        self.closing: set[Any] = set()
        """Those that gave way, and have not ended yet."""
        self._row: OrderedDict[Member, None] = OrderedDict()

    def owes(self, member: Member) -> None:
        """Puts `member` at the end of the row, if it is not in the row."""
        self._row[member] = None

    def keeps_coming(self, member: Member) -> None:
        """Puts `member` at the end of the row."""
        self._row[member] = None
        self._row.move_to_end(member)

    def owes_nothing(self, member: Member) -> None:
        self._row.pop(member, None)

    def forget(self, member: Member) -> None:
        self._row.pop(member, None)
        self.closing.discard(member)

    def make_room(self, newcomer: Member) -> None:
        """Lets go of whom it must; of the newcomer, who is last in the row, when all others are being answered."""
        while len(self.connections) > self.limits.connections:
            GAVE_WAY.inc()
            longest, _ = self._row.popitem(last=False)
            if longest is newcomer:
                self._row[newcomer] = None
                newcomer.refuse_for_want_of_room()
                return
            self.connections.discard(longest)
            self.closing.add(longest)
            longest.give_way()
