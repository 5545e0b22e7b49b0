"""What is told of agents."""

from datetime import datetime, time
from typing import Annotated
from zoneinfo import available_timezones

from pydantic import AfterValidator, BaseModel, Field, StringConstraints, field_serializer
from pydantic_core import PydanticCustomError

from services.tickets.domain.roster import Presence, Weekday
from services.tickets.domain.units import Slug
from shared.caller import Role
from shared.http import Model, example
from shared.text import OneLine

_MOST = 100
Language = Annotated[str, StringConstraints(pattern="^[a-z]{2,3}$")]
"""ISO 639: `id`, `en`, `jv`."""


def _known_zone(zone: str) -> str:
    if zone not in available_timezones():
        raise PydanticCustomError("zone", "is no time zone", {"expected": "a name such as Asia/Jayapura"})
    return zone


class ShiftIn(Model):
    """A shift of every week, as the clocks of the agent's zone show it; until the next day if `end` is not later."""

    day: Weekday
    start: time
    end: time

    @field_serializer("start", "end")
    def _as_people_write_it(self, moment: time) -> str:
        return f"{moment:%H:%M}"


class AgentIn(Model):
    """Somebody who works on cases: where, on what, when, and on how many open ones at most."""

    model_config = example(
        name="Siti",
        role="agent",
        units=["prakerja-pencairan"],
        capacity=10,
        skills=["prakerja-insentif"],
        languages=["id", "jv"],
        shifts=[{"day": "mon", "start": "08:00", "end": "16:00"}],
    )
    name: Annotated[str, StringConstraints(min_length=1, max_length=200), OneLine()] = Field(
        description="What colleagues call him"
    )
    role: Role = "agent"
    units: Annotated[list[Slug], Field(max_length=_MOST)]
    capacity: Annotated[int, Field(ge=0, le=1_000)]
    skills: Annotated[list[Slug], Field(max_length=_MOST)] = Field(
        default=[], description="Slugs of topics that he is given; all, if there is none"
    )
    languages: Annotated[list[Language], Field(max_length=_MOST)] = Field(default=["id"])
    shifts: Annotated[list[ShiftIn], Field(max_length=_MOST)] = Field(
        default=[], description="When he is given cases; whenever he is there, if there is none"
    )
    works_on_days_off: bool = Field(default=False, description="Whether his shifts take place on public holidays, too")
    zone: Annotated[str, AfterValidator(_known_zone)] = "Asia/Jakarta"


class AgentOut(BaseModel):
    """An agent as colleagues see him. `open` is how many open cases he has; `present_until` is when he is given nothing
    more unless he says again that he is there.
    """

    subject: str
    name: str
    role: str
    units: list[str]
    capacity: int
    skills: list[str]
    languages: list[str]
    shifts: list[ShiftIn]
    works_on_days_off: bool
    zone: str
    presence: Presence
    present_until: datetime | None
    open: int


class AgentPage(BaseModel):
    items: list[AgentOut]
    next_cursor: str | None


class PresenceIn(Model):
    """Whether you are there, and how long that holds. Say it again before it ends; nothing is taken from you then."""

    model_config = example(presence="available", minutes=30)
    presence: Presence
    minutes: Annotated[int, Field(ge=1, le=12 * 60)] = 30


class PresenceOut(BaseModel):
    presence: Presence
    present_until: datetime | None


class ReleaseIn(Model):
    """Why an agent's cases go back."""

    model_config = example(because="Cuti")
    because: Annotated[str, StringConstraints(max_length=500)] = Field(default="", description="For agents")


class Released(BaseModel):
    """How many cases wait again."""

    subject: str
    requeued: int
