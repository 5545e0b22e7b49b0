"""A call and what was told of it, as they are kept."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal
from uuid import UUID

from services.intake.domain.call_events import CallEvent, Direction, Kind
from services.intake.domain.callers import WITHHELD, Caller
from services.intake.domain.calls import Outcome, Status

CallKey = tuple[str, str]
"""Which telephone system told of a call, and what it calls it."""


@dataclass(frozen=True, slots=True)
class Call:
    """A call as it stands: made of all its events, each time that one is new.

    `account` is the number of ours that was called. `counted` is what figures hold of it. `position_sealed` is where
    the caller is in the menu, with all that he typed.
    """

    id: UUID
    provider: str
    call_id: str
    direction: Direction
    status: Status
    opened_at: datetime
    told_at: datetime
    correlation_id: str
    account: str = ""
    caller: str = ""
    is_callable: bool = False
    outcome: Outcome | None = None
    offered_at: datetime | None = None
    answered_at: datetime | None = None
    ended_at: datetime | None = None
    is_end_known: bool = False
    is_incomplete: bool = False
    is_consult: bool = False
    wait_seconds: int = 0
    cause: str = ""
    counted: Mapping[str, int] = field(default_factory=dict)
    menu: str | None = None
    menu_version: int | None = None
    turn: int = 0
    position_sealed: str | None = None
    tracking_code: str | None = None
    callback_id: UUID | None = None

    @property
    def key(self) -> CallKey:
        return self.provider, self.call_id

    @property
    def no_callback(self) -> Literal["withheld", "not_a_number"] | None:
        """Why its caller, who gave up, is not called back; None where he is, or did not give up."""
        if self.outcome != "abandoned" or self.is_callable:
            return None
        return "withheld" if self.party.is_withheld else "not_a_number"

    @property
    def party(self) -> Caller:
        """Who called."""
        return Caller(self.caller, is_callable=self.is_callable)


@dataclass(frozen=True, slots=True)
class KeptEvent:
    """A row of an event. `stay_from` is when the stay in a queue began that the event begins or ends, where it says."""

    provider: str
    call_id: str
    key: str
    kind: Kind
    at: datetime
    queue: str
    agent: str
    cause: str
    waited_seconds: int | None
    talked_seconds: int | None
    stay_from: datetime | None
    received_at: datetime


@dataclass(frozen=True, slots=True)
class CallReport:
    """What a telephone system told of a call: one event or more, and the parties as far as it names them.

    `recordings` are references to what the caller said after the tone.
    """

    provider: str
    call_id: str
    events: tuple[CallEvent, ...]
    direction: Direction = "in"
    account: str = ""
    caller: Caller = WITHHELD
    recordings: tuple[str, ...] = ()

    @property
    def key(self) -> CallKey:
        return self.provider, self.call_id
