"""What goes in and out over HTTP."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, Field, PlainSerializer, StrictInt, StringConstraints

from shared.http import Model

Figure = Annotated[Decimal, PlainSerializer(float, return_type=float)]
"""A decimal that was rounded already: written as a JSON number, digit for digit."""

Edition = Literal["permenpanrb14_2017", "kep25_2004"]
WeightingName = Literal["exact", "0.111", "0.11"]
MissingPolicy = Literal["per_question", "complete_rows"]


class ResponseIn(Model):
    """The answers of one invited citizen. `answers` maps an element's slug (or U1…U9) to 1…4; leave out the rest."""

    token: Annotated[str, StringConstraints(min_length=1, max_length=200)] = Field(
        description="The last part of the link in the invitation"
    )
    answers: Mapping[str, StrictInt | None] = Field(max_length=40)
    nps: Annotated[int, Field(ge=0, le=10)] | None = Field(default=None, description="How likely to recommend, 0 to 10")
    comment: Annotated[str, StringConstraints(max_length=2_000)] | None = None


class ResponseAccepted(BaseModel):
    response_id: UUID
    survey: str


class ImportDone(BaseModel):
    """`repeated` says that this very file was imported before: nothing was counted again."""

    import_id: UUID
    survey: str
    rows: int
    repeated: bool


class ElementOut(BaseModel):
    """One unsur. `fraction` is the exact NRR as `sum/n`."""

    slug: str
    name: str
    sum: int
    n: int
    nrr: Figure | None
    fraction: str | None
    index: Figure | None
    grade: str | None
    performance: str | None


class SkmOut(BaseModel):
    """The index of `n` respondents, and everything needed to reproduce it. Without answers there is no grade."""

    survey: str
    instrument: str
    edition: str
    weighting: str
    missing: str
    period: tuple[str | None, str | None]
    n: int
    index: Figure | None
    grade: str | None
    performance: str | None
    fraction: str | None
    elements: list[ElementOut]


class NpsOut(BaseModel):
    """`interval` is the adjusted Wald interval at 95 %."""

    survey: str
    period: tuple[str | None, str | None]
    n: int
    promoters: int
    passives: int
    detractors: int
    score: Figure | None
    interval: tuple[Figure, Figure] | None
    label: str | None
    fraction: str | None


class LinkOut(BaseModel):
    """What an invitation asks, for apps that draw the form themselves."""

    survey: str
    expires_at: datetime
    answered: bool
    questions: list["QuestionOut"]


class QuestionOut(BaseModel):
    slug: str
    name: str
    question: str
    scale: list[str]
