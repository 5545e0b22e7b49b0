"""What may be one, two citizens or two tickets, and is for a person to say."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal
from uuid import UUID

from shared.errors import Conflict, FieldError
from shared.ids import new_id

About = Literal["citizens", "tickets"]
State = Literal["open", "accepted", "dismissed"]


class AlreadyDecided(Conflict):
    """A person has said already whether the two are one."""

    code, title = "already_decided", "The suggestion is decided"
    fault = FieldError("suggestion_id", "was decided", "a suggestion that is open")


@dataclass(frozen=True, slots=True)
class Suggestion:
    """Two that may be one: `one` has the lesser id. `because` says why, in words that quote nothing."""

    id: UUID
    kind: About
    one: UUID
    other: UUID
    score: float
    because: str
    state: State
    created_at: datetime
    decided_at: datetime | None = None
    decided_by: str | None = None

    @property
    def pair(self) -> tuple[UUID, UUID]:
        return self.one, self.other

    def decided(self, state: State, by: str, at: datetime) -> "Suggestion":
        """The same, once a person has decided. To decide the same again changes nothing. Raises `AlreadyDecided`."""
        if self.state == state:
            return self
        if self.state != "open":
            raise AlreadyDecided(f"It was {self.state} before.")
        return replace(self, state=state, decided_by=by, decided_at=at)


def suggested(
    kind: About, these: tuple[UUID, UUID], score: float, because: tuple[str, ...], now: datetime
) -> Suggestion:
    """That these two may be one."""
    one, other = sorted(these)
    return Suggestion(new_id(), kind, one, other, score, ", ".join(because), "open", now)
