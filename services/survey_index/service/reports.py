"""The facts of a report, gathered: from the database, or from a file alone."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, datetime

from sqlalchemy.ext.asyncio import AsyncSession

from services.survey_index.domain.csat import csat
from services.survey_index.domain.instruments import NPS
from services.survey_index.domain.nps import nps
from services.survey_index.domain.profile import PROFILE, CodeList
from services.survey_index.domain.skm import Missing, Weighting, skm
from services.survey_index.models import FollowUp, Part, Response, Survey
from services.survey_index.report.facts import Checked, Report, Row, adequacy, profile_of
from services.survey_index.repository import responses
from services.survey_index.repository import surveys as stored
from services.survey_index.service import surveys


async def report_of(
    session: AsyncSession,
    code: str,
    part: Part,
    *,
    edition: str | None,
    weighting: Weighting,
    missing: Missing | None,
    now: datetime,
) -> Report:
    """The report of a part of a survey. Raises `NotFound`."""
    survey = await surveys.find(session, code)
    answered = await responses.read_responses(session, code, part)
    days = [response.day for response in answered]
    return gather(
        survey,
        answered,
        period=(
            part.first or survey.opens_on or min(days, default=None),
            part.last or survey.closes_on or max(days, default=None),
        ),
        unit=part.unit,
        service=part.service,
        edition=edition or survey.edition,
        weighting=weighting,
        missing=missing or survey.missing,
        follow_ups=await stored.list_follow_ups(session, code),
        checked=Checked(**await responses.count_checks(session, code)),
        made_on=survey.day_of(now),
    )


def gather(
    survey: Survey,
    answered: Sequence[Response],
    *,
    period: tuple[date | None, date | None],
    edition: str,
    weighting: Weighting,
    missing: Missing,
    made_on: date,
    unit: str | None = None,
    service: str | None = None,
    follow_ups: Sequence[FollowUp] = (),
    codes: CodeList | None = None,
    checked: Checked | None = None,
) -> Report:
    """The facts from responses. Those that the missing-answer policy leaves out are in no table and in no sheet."""
    codes = codes or survey.codes
    counted = [r for r in answered if missing == "per_question" or r.complete]
    counts, n = survey.layout.read(survey.layout.tally(r.answers for r in counted))
    instrument = survey.instrument if counts.get(NPS) else survey.instrument.without_nps()
    kept = [place for place, code in enumerate(survey.instrument.codes) if code in instrument.codes]
    measures = {element.measure for element in instrument.elements}
    return Report(
        title=survey.title,
        unit=unit or survey.unit,
        services=[service] if service else survey.services,
        first=period[0],
        last=period[1],
        made_on=made_on,
        instrument=instrument,
        edition=edition,
        weighting=weighting,
        missing=missing,
        index=skm(counts, n, instrument, edition=edition, weighting=weighting),
        ipak=skm(counts, n, instrument, edition=edition, weighting=weighting, measure="ipak")
        if "ipak" in measures
        else None,
        nps=nps(counts[NPS]) if counts.get(NPS) else None,
        csat=csat(counts, instrument) if "csat" in measures else None,
        adequacy=adequacy(survey.population, n),
        rows=[
            Row(r.respondent or str(place), [r.answers[at] for at in kept]) for place, r in enumerate(counted, start=1)
        ],
        selection=survey.selection,
        checked=checked,
        code_list=codes,
        profile=profile_of(
            ({field: getattr(r.profile, field) for field in PROFILE} for r in counted), codes or survey.codes
        ),
        suggestions=_suggestions(answered),
        follow_ups=follow_ups,
    )


def _suggestions(answered: Sequence[Response]) -> Mapping[str, Sequence[str]]:
    said: defaultdict[str, list[str]] = defaultdict(list)
    for response in answered:
        if response.comment:
            said[response.comment_about].append(response.comment)
    return dict(said)
