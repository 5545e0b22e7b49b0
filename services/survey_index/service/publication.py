"""What everybody may see of a survey that has ended: its index, how many answered, and who they were, in the large."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from sqlalchemy.ext.asyncio import AsyncSession

from services.survey_index.domain.csat import Csat, csat
from services.survey_index.domain.instruments import NPS
from services.survey_index.domain.nps import Nps, nps
from services.survey_index.domain.privacy import FEWEST, may_be_shown, shown
from services.survey_index.domain.profile import NOT_TOLD, PROFILE, ProfileField
from services.survey_index.domain.skm import Index, skm
from services.survey_index.models import Part, Survey
from services.survey_index.repository import surveys as stored
from services.survey_index.repository import tallies
from shared.errors import NotFound

_Figure = TypeVar("_Figure", Nps, Csat)


class NotPublished(NotFound):
    """There is no such survey, or it is not for everybody (yet): the two look alike from outside."""

    code, title = "not_published", "Nothing is published here"


@dataclass(frozen=True, slots=True)
class Publication:
    """The block that the regulation wants published. `index` is None where too few answered to show it."""

    survey: Survey
    n: int
    index: Index | None
    nps: Nps | None
    csat: Csat | None
    profile: Mapping[ProfileField, Sequence[tuple[str, int | None]]]
    planned: int
    realised: int


async def read(session: AsyncSession, code: str) -> Publication:
    """What the survey published. Raises `NotPublished`."""
    survey = await stored.get_survey(session, code)
    if survey is None or survey.published_at is None:
        raise NotPublished("The survey does not exist, or was not published.")
    cells = await tallies.read(session, survey, Part(), complete_only=survey.missing == "complete_rows")
    counts, n = survey.layout.read(cells.get("", [0] * survey.layout.size))
    index = skm(counts, n, survey.instrument, edition=survey.edition)
    plan = await stored.list_follow_ups(session, code)
    return Publication(
        survey=survey,
        n=n,
        index=index if index.elements and may_be_shown(index) else None,
        nps=_enough(nps(counts.get(NPS, {}))),
        csat=_enough(csat(counts, survey.instrument)),
        profile={field: told for field in PROFILE if (told := await _told(session, survey, field, n))},
        planned=sum(item.planned for item in plan),
        realised=sum(item.realised for item in plan),
    )


def _enough(figure: _Figure) -> _Figure | None:
    return figure if figure.n >= FEWEST else None


async def _told(session: AsyncSession, survey: Survey, field: ProfileField, n: int) -> Sequence[tuple[str, int | None]]:
    found = await tallies.read(session, survey, Part(), by=field, complete_only=survey.missing == "complete_rows")
    told = {known.code: 0 for known in survey.codes.of(field)}
    told |= {code: survey.layout.read(cells)[1] for code, cells in found.items()}
    silent = n - sum(told.values())
    visible = shown(told | ({"": silent} if silent else {}))
    names = {known.code: known.name.id for known in survey.codes.of(field)} | {"": NOT_TOLD}
    return [(names[key], count) for key, count in visible.items()]
