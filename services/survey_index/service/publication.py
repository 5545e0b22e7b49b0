"""What everybody may see of a survey that has ended: its index, how many answered, and who they were, in the large."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlalchemy.ext.asyncio import AsyncSession

from services.survey_index.domain.csat import csat
from services.survey_index.domain.instruments import NPS
from services.survey_index.domain.nps import Nps, nps
from services.survey_index.domain.period import Kind, Period
from services.survey_index.domain.privacy import FEWEST, is_publishable, public_levels, without_small_groups
from services.survey_index.domain.profile import NOT_TOLD, PROFILE, ProfileField
from services.survey_index.domain.sampling import Adequacy, adequacy
from services.survey_index.domain.skm import Index, skm
from services.survey_index.domain.tallies import Counts
from services.survey_index.models import Part, Survey
from services.survey_index.report.facts import Questionnaire, how_far_told
from services.survey_index.repository import imports, tallies
from services.survey_index.repository import surveys as stored
from shared.errors import NotFound

_OF_ANSWERS: Collection[Kind] = ("answers", "told")
"""The periods that begin and end with somebody's answer; the days of the others are the survey's own."""


class NotPublished(NotFound):
    """There is no such survey, or it is not for everybody (yet): the two look alike from outside."""

    code, title = "not_published", "Nothing is published here"


@dataclass(frozen=True, slots=True)
class Publication:
    """The block that the regulation wants published. A figure is None where too few answered to show it.

    The index, `n` and the profile are of those whom the survey's policy counts; NPS and CSAT are of everybody who
    answered them. `satisfaction` has the share of each level in percent, or None for one that is hidden. `period` is
    None where it would tell on which days few people answered. `answered` says whether anybody did, if only in part.
    """

    survey: Survey
    published_on: date
    period: Period | None
    answered: bool
    n: int | None
    sample: Adequacy
    index: Index | None
    ipak: Index | None
    nps: Nps | None
    questionnaire: Questionnaire
    satisfaction: Sequence[tuple[str, Decimal | None]]
    profile: Mapping[ProfileField, Sequence[tuple[str, int | None]]]
    planned: int
    realised: int


async def read(session: AsyncSession, code: str) -> Publication:
    """What the survey published. Raises `NotPublished`."""
    survey = await stored.get_survey(session, code)
    if survey is None or survey.published_at is None:
        raise NotPublished("The survey does not exist, or was not published.")
    complete_only = survey.missing == "complete_rows"
    counts, n = await _counted(session, survey, complete_only=complete_only)
    everybody, answered = await _counted(session, survey, complete_only=False) if complete_only else (counts, n)
    score = nps(everybody.get(NPS, {}))
    index = skm(counts, n, survey.instrument, edition=survey.edition)
    ipak = skm(counts, n, survey.instrument, edition=survey.edition, measure="ipak")
    answers = await tallies.answered_in(session, survey)
    period = survey.run.period(answers, survey.day_of(survey.published_at))
    plan = await stored.list_follow_ups(session, code)
    return Publication(
        survey=survey,
        published_on=survey.day_of(survey.published_at),
        period=None if n < FEWEST and period.kind in _OF_ANSWERS else period,
        answered=answered > 0,
        sample=adequacy(survey.population, n),
        n=n if n == 0 or n >= FEWEST else None,
        index=index if index.elements and is_publishable(index) else None,
        ipak=ipak if ipak.elements and is_publishable(ipak) else None,
        nps=score if score.n >= FEWEST else None,
        questionnaire=await _how_far_known(session, survey, answered),
        satisfaction=public_levels(csat(everybody, survey.instrument)),
        profile={field: told for field in PROFILE if (told := await _public_profile(session, survey, field, n))},
        planned=sum(item.planned for item in plan),
        realised=sum(item.realised for item in plan),
    )


async def _how_far_known(session: AsyncSession, survey: Survey, answered: int) -> Questionnaire:
    """How far it is known what was asked of all who answered: as far as the files tell that their answers came in."""
    if not survey.questions_assumed:
        return "recorded"
    files = await imports.imports_that_stand(session, survey.code)
    if not files or answered > sum(file.rows for file in files):
        return "assumed"  # some answers came in no file
    return how_far_told({file.elements_known_by(survey.instrument) for file in files})


async def _counted(session: AsyncSession, survey: Survey, *, complete_only: bool) -> tuple[Counts, int]:
    cells = await tallies.read(session, survey, Part(), complete_only=complete_only)
    return survey.layout.read(cells.get("", [0] * survey.layout.size))


async def _public_profile(
    session: AsyncSession, survey: Survey, field: ProfileField, n: int
) -> Sequence[tuple[str, int | None]]:
    """Who the respondents were by one field, small numbers hidden; nothing where nobody told it."""
    tallied = await tallies.read(session, survey, Part(), by=field, complete_only=survey.missing == "complete_rows")
    counts = {known.code: 0 for known in survey.codes.of(field)}
    counts |= {code: survey.layout.read(cells)[1] for code, cells in tallied.items()}
    if not any(counts.values()):
        return []
    silent = n - sum(counts.values())
    visible = without_small_groups(counts | ({"": silent} if silent else {}))
    names = {known.code: known.name.id for known in survey.codes.of(field)} | {"": NOT_TOLD}
    return [(names[key], count) for key, count in visible.items()]
