"""What may be one, and the rules by which contacts join cases."""

from datetime import datetime
from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import BaseModel, Field, model_validator
from pydantic_core import PydanticCustomError

from shared.http import Model, example

Points = Annotated[float, Field(ge=-1, le=1)]
Score = Annotated[float, Field(gt=0, le=1)]


class SuggestionOut(BaseModel):
    """Two citizens or two tickets that may be one: `other` is the other one. `because` says why, `state` what a person
    said of it.
    """

    id: UUID
    kind: Literal["citizens", "tickets"]
    other: UUID
    score: float
    because: str
    state: Literal["open", "accepted", "dismissed"]
    created_at: datetime
    decided_at: datetime | None
    decided_by: str | None


class SuggestionPage(BaseModel):
    items: list[SuggestionOut]


class MatchingRulesIn(Model):
    """From which score on a contact joins a case or is suggested for it, and what adds to the score."""

    model_config = example(
        join=0.77,
        suggest=0.46,
        same_text=1.0,
        same_topic=0.06,
        other_topic=-0.25,
        other_numbers=-0.25,
        recent=0.03,
        little_said_words=3,
        burst_minutes=10,
        recent_days=3,
        open_days=60,
        resolved_days=14,
    )
    join: Score = Field(description="From here on a contact joins an open case of its citizen")
    suggest: Score = Field(description="From here on an agent is asked; at most `join`")
    same_text: Annotated[float, Field(ge=0, le=1)] = Field(description="For texts that say the same")
    same_topic: Points
    other_topic: Points
    other_numbers: Points
    recent: Points
    little_said_words: Annotated[int, Field(ge=0, le=20)]
    burst_minutes: Annotated[int, Field(ge=0, le=1_440)]
    recent_days: Annotated[int, Field(ge=0, le=365)]
    open_days: Annotated[int, Field(ge=1, le=3_650)]
    resolved_days: Annotated[int, Field(ge=0, le=365)]

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.suggest > self.join:
            raise PydanticCustomError("order", "`suggest` is above `join`", {"expected": "at most `join`"})
        return self


class MatchingRulesOut(MatchingRulesIn):
    version: int
