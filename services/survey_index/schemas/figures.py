"""Indices, and everything needed to reproduce them."""

from typing import Annotated, Generic, TypeVar

from pydantic import BaseModel, Field

from services.survey_index.schemas.fields import Figure

Data = TypeVar("Data", bound=BaseModel)
Astride = Annotated[
    int,
    Field(
        description="Respondents of whom it is only known that they answered within a span of days that this period "
        "cuts; they are not counted"
    ),
]


class ElementOut(BaseModel):
    """One unsur; `number` is its place in the questionnaire, U1 and on. `fraction` is the exact NRR: `sum/n`, or the
    mean of its questions' means.
    """

    slug: str
    number: str
    name: str
    sum: int
    n: int
    weight: str
    nrr: Figure | None
    fraction: str | None
    index: Figure | None
    grade: str | None
    performance: str | None


class AdequacyOut(BaseModel):
    """Krejcie and Morgan's sample for the population, and how many answered. Of a part of it no population is known."""

    population: int | None
    required: int | None
    reached: int
    enough: bool | None


class GroupOut(BaseModel, Generic[Data]):
    """The same figure for one value of `by`."""

    key: str
    name: str
    figure: Data


class IndexOut(BaseModel):
    """The index of `n` respondents; `fraction` is exact. Without answers there is no index and no grade."""

    n: int
    index: Figure | None
    grade: str | None
    performance: str | None
    fraction: str | None
    elements: list[ElementOut]


class ScoredOut(IndexOut):
    """IKM or IPAK of a survey, and everything needed to reproduce it. `instrument_edition` is the edition that belongs
    to its instrument, `edition` the one that graded it.
    """

    survey: str
    measure: str
    instrument: str
    instrument_version: int
    instrument_edition: str | None
    edition: str
    weighting: str
    missing: str
    period: tuple[str | None, str | None]
    sample: AdequacyOut
    by: str | None
    groups: list[GroupOut[IndexOut]]
    astride: Astride


class NpsFigure(BaseModel):
    """`interval` is the adjusted Wald interval at 95 %."""

    n: int
    promoters: int
    passives: int
    detractors: int
    score: Figure | None
    interval: tuple[Figure, Figure] | None
    label: str | None
    fraction: str | None


class NpsOut(NpsFigure):
    survey: str
    missing: str
    period: tuple[str | None, str | None]
    sample: AdequacyOut
    by: str | None
    groups: list[GroupOut[NpsFigure]]
    astride: Astride


class LevelOut(BaseModel):
    """`percent` has two decimals, `printed` none."""

    value: int
    name: str
    count: int
    percent: Figure | None
    printed: Figure | None


class CsatFigure(BaseModel):
    """Three levels, the best first; `score` is the share of the best in percent."""

    n: int
    score: Figure | None
    fraction: str | None
    levels: list[LevelOut]


class CsatOut(CsatFigure):
    survey: str
    missing: str
    period: tuple[str | None, str | None]
    sample: AdequacyOut
    by: str | None
    groups: list[GroupOut[CsatFigure]]
    astride: Astride
