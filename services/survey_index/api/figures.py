"""Indices on demand."""

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Depends, Query

from services.survey_index.domain.instruments import instruments
from services.survey_index.domain.skm import ElementIndex, half_up
from services.survey_index.schemas import Edition, ElementOut, MissingPolicy, NpsOut, SkmOut, WeightingName
from services.survey_index.service import surveys
from services.survey_index.service.surveys import Asked
from shared.auth import staff
from shared.errors import FieldError, Invalid
from shared.http import Reading

Reader = Depends(staff("agent", "supervisor", "officer"))
SurveyCode = Annotated[str, Query(pattern=r"^[A-Za-z0-9._-]{1,64}$")]
First = Annotated[date | None, Query(alias="from", description="The first day that counts")]
Last = Annotated[date | None, Query(alias="to", description="The last day that counts")]

router = APIRouter(prefix="/v1/index", tags=["index"], dependencies=[Reader])


@router.get("/skm")
async def skm(
    session: Reading,
    survey: SurveyCode,
    first: First = None,
    last: Last = None,
    edition: Edition | None = None,
    weighting: WeightingName = "exact",
    missing: MissingPolicy | None = None,
) -> SkmOut:
    """The satisfaction index (IKM), exact, under the edition named, or else the survey's own."""
    _check_period(first, last)
    asked = Asked(survey, first, last, edition, weighting, missing)
    known, index = await surveys.skm_of(session, asked)
    return SkmOut(
        survey=known.code,
        instrument=instruments()[known.instrument].code,
        edition=edition or known.edition,
        weighting=weighting,
        missing=missing or known.missing,
        period=_period(first, last),
        n=index.n,
        index=index.index,
        grade=index.band.grade if index.band else None,
        performance=index.band.performance if index.band else None,
        fraction=str(index.exact) if index.exact is not None else None,
        elements=[_element(element) for element in index.elements],
    )


@router.get("/nps")
async def nps(session: Reading, survey: SurveyCode, first: First = None, last: Last = None) -> NpsOut:
    """The Net Promoter Score, with its interval."""
    _check_period(first, last)
    score = await surveys.nps_of(session, Asked(survey, first, last))
    return NpsOut(
        survey=survey,
        period=_period(first, last),
        n=score.n,
        promoters=score.promoters,
        passives=score.passives,
        detractors=score.detractors,
        score=score.score,
        interval=score.interval,
        label=score.label,
        fraction=str(score.exact) if score.exact is not None else None,
    )


def _element(element: ElementIndex) -> ElementOut:
    return ElementOut(
        slug=element.slug,
        name=element.name,
        sum=element.sum,
        n=element.n,
        nrr=half_up(element.nrr, 4) if element.nrr is not None else None,
        fraction=f"{element.sum}/{element.n}" if element.n else None,
        index=element.index,
        grade=element.band.grade if element.band else None,
        performance=element.band.performance if element.band else None,
    )


def _period(first: date | None, last: date | None) -> tuple[str | None, str | None]:
    return (first.isoformat() if first else None, last.isoformat() if last else None)


def _check_period(first: date | None, last: date | None) -> None:
    if first and last and first > last:
        raise Invalid("The period ends before it begins.", errors=[FieldError("to", "is before `from`", "a later day")])
