"""Figures on demand: sums of tallies, turned into indices by the domain."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Generic, TypeVar

from sqlalchemy.ext.asyncio import AsyncSession

from services.survey_index.domain.csat import Csat, csat
from services.survey_index.domain.instruments import NPS
from services.survey_index.domain.nps import Nps, nps
from services.survey_index.domain.profile import PROFILE
from services.survey_index.domain.skm import Index, Missing, Scored, Weighting, skm, weighting_fits
from services.survey_index.domain.tallies import Counts
from services.survey_index.models import Part, Survey
from services.survey_index.repository import tallies
from services.survey_index.service import surveys
from shared.errors import FieldError, Invalid

By = tallies.By


@dataclass(frozen=True, slots=True)
class FigureQuery:
    """For which part of a survey a figure is wanted, by which rule, and taken apart by what."""

    survey: str
    part: Part = field(default_factory=Part)
    edition: str | None = None
    weighting: Weighting = "exact"
    missing: Missing | None = None
    by: By | None = None
    now: datetime = field(kw_only=True)


Figure = TypeVar("Figure", Index, Nps, Csat)
Make = Callable[[Counts, int], Figure]


@dataclass(frozen=True, slots=True)
class Group(Generic[Figure]):
    """The figure of one value of `by`. `key` is what is stored, `name` what a person reads."""

    key: str
    name: str
    figure: Figure


@dataclass(frozen=True, slots=True)
class Figures(Generic[Figure]):
    """The figure of the whole part, and of each group that it was taken apart into; and of those whom it leaves out,
    since the period cuts the days between which they answered.
    """

    survey: Survey
    missing: Missing
    whole: Figure
    groups: Sequence[Group[Figure]]
    astride: Figure


async def scored(session: AsyncSession, query: FigureQuery, measure: Scored) -> Figures[Index]:
    """IKM or IPAK. Raises `NotFound`, and `Invalid` for a survey that does not measure it."""
    survey = await _measuring(session, query.survey, measure)
    check_weighting(query.weighting, survey)

    def make(counts: Counts, n: int) -> Index:
        edition = query.edition or survey.edition
        return skm(counts, n, survey.instrument, edition=edition, weighting=query.weighting, measure=measure)

    return await _figures(session, survey, query, make, query.missing or survey.missing)


def check_weighting(weighting: Weighting, survey: Survey) -> None:
    """Raises `Invalid` for a truncated weight where it would mean nothing."""
    if not weighting_fits(weighting, survey.instrument):
        errors = [FieldError("weighting", "is a ninth, and this survey has other weights", "exact")]
        raise Invalid("The truncated weights are those of nine equal elements.", errors=errors)


async def nps_of(session: AsyncSession, query: FigureQuery) -> Figures[Nps]:
    """The NPS, of everybody who gave a score unless `query` says otherwise: a survey's policy is for its index.

    Raises `NotFound`, `Invalid`.
    """
    survey = await _measuring(session, query.survey, "nps")
    missing = query.missing or "per_question"
    return await _figures(session, survey, query, lambda counts, _: nps(counts.get(NPS, {})), missing)


async def csat_of(session: AsyncSession, query: FigureQuery) -> Figures[Csat]:
    """CSAT in three levels, of everybody who named one unless `query` says otherwise. Raises `NotFound`, `Invalid`."""
    survey = await _measuring(session, query.survey, "csat")
    missing = query.missing or "per_question"
    return await _figures(session, survey, query, lambda counts, _: csat(counts, survey.instrument), missing)


async def _measuring(session: AsyncSession, code: str, measure: str) -> Survey:
    survey = await surveys.find(session, code)
    measured = sorted({element.measure for element in survey.instrument.elements})
    if measure not in measured:
        expected = f"a survey that does; this one measures {', '.join(measured)}"
        raise Invalid(
            "The survey does not ask for that.",
            errors=[FieldError("survey", f"does not measure {measure}", expected)],
        )
    return survey


async def _figures(
    session: AsyncSession, survey: Survey, query: FigureQuery, make: Make[Figure], missing: Missing
) -> Figures[Figure]:
    """The whole and its groups. Who told nothing of his profile is in the whole alone."""
    complete_only, part = missing == "complete_rows", survey.spelled(query.part)
    sums = await tallies.read(session, survey, part, by=query.by, complete_only=complete_only)
    profile = next((field_ for field_ in PROFILE if field_ == query.by), None)
    parts = await tallies.read(session, survey, part, complete_only=complete_only) if profile else sums
    total = [sum(column) for column in zip(*parts.values(), strict=True)] or [0] * survey.layout.size
    names = {known.code: known.name.id for known in survey.codes.of(profile)} if profile else {}
    keys = sums if query.by else {}
    groups = [Group(key, names.get(key, key), make(*survey.layout.read(cells))) for key, cells in keys.items()]
    cut = await tallies.read_astride(session, survey, part, complete_only=complete_only)
    return Figures(survey, missing, make(*survey.layout.read(total)), groups, make(*survey.layout.read(cut)))
