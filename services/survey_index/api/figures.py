"""Indices on demand."""

from fractions import Fraction
from typing import Annotated

from fastapi import APIRouter, Depends, Query

from services.survey_index.api.parameters import OfPart, SurveyQuery, may_read
from services.survey_index.domain.csat import Csat
from services.survey_index.domain.editions import Edition
from services.survey_index.domain.instruments import Instrument
from services.survey_index.domain.nps import Nps
from services.survey_index.domain.sampling import adequacy
from services.survey_index.domain.skm import ElementIndex, Index, Missing, Scored, Weighting, half_up
from services.survey_index.models import Part, Survey
from services.survey_index.schemas.figures import (
    AdequacyOut,
    CsatFigure,
    CsatOut,
    ElementOut,
    GroupOut,
    IndexOut,
    LevelOut,
    NpsFigure,
    NpsOut,
    ScoredOut,
)
from services.survey_index.service import figures
from services.survey_index.service.figures import By, FigureQuery
from shared.errors import NotFound
from shared.http import Reading
from shared.refusals import refusals
from shared.wiring import Now

TakenApart = Annotated[By | None, Query(alias="by", description="Take the figure apart by this")]


async def figure_query(
    now: Now,
    survey: SurveyQuery,
    part: OfPart,
    edition: Edition | None = None,
    weighting: Weighting = "exact",
    missing: Missing | None = None,
    by: TakenApart = None,
) -> FigureQuery:
    """A figure of a part of a survey.

    One set of parameters serves all four, so that who draws them side by side asks for each in the same words. NPS and
    CSAT have neither bands nor weights, so `edition` and `weighting` do not move them.
    """
    return FigureQuery(survey, part, edition=edition, weighting=weighting, missing=missing, by=by, now=now)


OfSurvey = Annotated[FigureQuery, Depends(figure_query)]
router = APIRouter(prefix="/v1/index", tags=["index"], dependencies=[Depends(may_read)])


@router.get("/skm", responses=refusals(NotFound))
async def skm(session: Reading, of: OfSurvey) -> ScoredOut:
    """The satisfaction index (IKM), exact, under the edition named, or else the survey's own."""
    return await _scored(session, of, "ikm")


@router.get("/ipak", responses=refusals(NotFound))
async def ipak(session: Reading, of: OfSurvey) -> ScoredOut:
    """The index of the perception of corruption (IPAK), of a survey whose instrument asks for it."""
    return await _scored(session, of, "ipak")


@router.get("/nps", responses=refusals(NotFound))
async def nps(session: Reading, of: OfSurvey) -> NpsOut:
    """The Net Promoter Score, with its interval: of everybody who gave a score, unless `missing` says otherwise."""
    found = await figures.nps_of(session, of)
    groups = [GroupOut[NpsFigure](key=g.key, name=g.name, figure=_nps(g.figure)) for g in found.groups]
    return NpsOut(
        survey=of.survey,
        missing=found.missing,
        period=_period(of.part),
        sample=_sample(found.survey, of, found.whole.n),
        by=of.by,
        groups=groups,
        astride=found.astride.n,
        **dict(_nps(found.whole)),
    )


@router.get("/csat", responses=refusals(NotFound))
async def csat(session: Reading, of: OfSurvey) -> CsatOut:
    """Satisfaction in three levels: of everybody who named one, unless `missing` says otherwise."""
    found = await figures.csat_of(session, of)
    groups = [GroupOut[CsatFigure](key=g.key, name=g.name, figure=_csat(g.figure)) for g in found.groups]
    return CsatOut(
        survey=of.survey,
        missing=found.missing,
        period=_period(of.part),
        sample=_sample(found.survey, of, found.whole.people),
        by=of.by,
        groups=groups,
        astride=found.astride.people,
        **dict(_csat(found.whole)),
    )


async def _scored(session: Reading, of: FigureQuery, measure: Scored) -> ScoredOut:
    found = await figures.scored(session, of, measure)
    survey = found.survey
    return ScoredOut(
        survey=survey.code,
        measure=measure,
        instrument=survey.instrument.code,
        instrument_version=survey.instrument.version,
        instrument_edition=survey.instrument.edition,
        edition=of.edition or survey.edition,
        weighting=of.weighting,
        missing=found.missing,
        period=_period(of.part),
        sample=_sample(survey, of, found.whole.n),
        by=of.by,
        groups=[GroupOut(key=g.key, name=g.name, figure=index_out(g.figure, survey.instrument)) for g in found.groups],
        astride=found.astride.n,
        **dict(index_out(found.whole, survey.instrument)),
    )


def index_out(index: Index, instrument: Instrument) -> IndexOut:
    """An index as it goes out."""
    return IndexOut(
        n=index.n,
        index=index.index,
        grade=index.band.grade if index.band else None,
        performance=index.band.performance if index.band else None,
        fraction=_exact(index.exact),
        elements=[_element(element, instrument) for element in index.elements],
    )


def _element(element: ElementIndex, instrument: Instrument) -> ElementOut:
    return ElementOut(
        slug=element.slug,
        number=instrument.numbers[element.slug],
        name=element.name,
        sum=element.sum,
        n=element.n,
        weight=str(element.weight),
        nrr=half_up(element.nrr, 4) if element.nrr is not None else None,
        fraction=_mean(element),
        index=element.index,
        grade=element.band.grade if element.band else None,
        performance=element.band.performance if element.band else None,
    )


def _mean(element: ElementIndex) -> str | None:
    """The NRR as it was counted, `240/72`, unless several questions were averaged."""
    if element.nrr is None:
        return None
    counted = Fraction(element.sum, element.n) == element.nrr
    return f"{element.sum}/{element.n}" if counted else str(element.nrr)


def _nps(score: Nps) -> NpsFigure:
    return NpsFigure(
        n=score.n,
        promoters=score.promoters,
        passives=score.passives,
        detractors=score.detractors,
        score=score.score,
        interval=score.interval,
        label=score.label,
        fraction=_exact(score.exact),
    )


def _csat(csat: Csat) -> CsatFigure:
    levels = [
        LevelOut(value=x.value, name=x.name, count=x.count, percent=x.percent, printed=x.printed) for x in csat.levels
    ]
    return CsatFigure(n=csat.n, score=csat.score, fraction=_exact(csat.exact), levels=levels)


def _sample(survey: Survey, of: FigureQuery, reached: int) -> AdequacyOut:
    sample = adequacy(survey.population_of(of.part, survey.day_of(of.now)), reached)
    return AdequacyOut(
        population=sample.population, required=sample.required, reached=sample.reached, enough=sample.is_enough
    )


def _exact(value: Fraction | None) -> str | None:
    return str(value) if value is not None else None


def _period(part: Part) -> tuple[str | None, str | None]:
    return (part.first.isoformat() if part.first else None, part.last.isoformat() if part.last else None)
