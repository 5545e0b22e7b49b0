"""The facts of a report, gathered: from the database, or from a file alone."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from types import MappingProxyType
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.survey_index.domain.csat import csat
from services.survey_index.domain.editions import Edition
from services.survey_index.domain.instruments import NPS
from services.survey_index.domain.nps import nps
from services.survey_index.domain.period import Period, period_of_answers
from services.survey_index.domain.profile import PROFILE, CodeList
from services.survey_index.domain.sampling import adequacy
from services.survey_index.domain.skm import Missing, Weighting, skm
from services.survey_index.models import CaseOutcome, FollowUp, Import, Part, Response, Survey
from services.survey_index.report.facts import (
    AnswerFile,
    Checked,
    Origins,
    Questionnaire,
    Report,
    Row,
    how_far_told,
    profile_of,
)
from services.survey_index.report.print import Form, print_report
from services.survey_index.repository import cases, checks, imports, responses, tallies
from services.survey_index.repository import surveys as stored
from services.survey_index.service import surveys
from services.survey_index.service.figures import check_weighting
from shared.errors import FieldError, Invalid
from shared.privacy import masked_text

_WHOLE = Part()
_NO_FILES: Mapping[UUID, AnswerFile] = MappingProxyType({})
_MOST_RESPONSES = 200_000


@dataclass(frozen=True, slots=True)
class Rule:
    """By which rule a figure or a report is computed; what is left out is the survey's own."""

    edition: Edition | None = None
    weighting: Weighting = "exact"
    missing: Missing | None = None


@dataclass(frozen=True, slots=True)
class Collected:
    """What a report is made of, as it was read from the database."""

    survey: Survey
    part: Part
    answered: Sequence[Response]
    follow_ups: Sequence[FollowUp]
    checked: Checked
    imports: Sequence[Import]
    cases: Mapping[CaseOutcome, int]
    astride: int
    made_on: date


async def collect(session: AsyncSession, code: str, part: Part, rule: Rule, now: datetime) -> Collected:
    """Reads what a report needs. Raises `NotFound`, and `Invalid` for more responses than one report can hold."""
    survey = await surveys.find(session, code)
    check_weighting(rule.weighting, survey)
    part, missing = survey.spelled(part), rule.missing or survey.missing
    answered = await responses.read_responses(session, code, part, limit=_MOST_RESPONSES + 1)
    if len(answered) > _MOST_RESPONSES:
        fault = FieldError(
            "from", "begins a period with too many responses", f"at most {_MOST_RESPONSES} in one report"
        )
        raise Invalid("This is more than one report can hold.", errors=[fault])
    return Collected(
        survey=survey,
        part=part,
        answered=answered,
        follow_ups=await stored.list_follow_ups(session, code),
        checked=Checked(**await checks.count_checks(session, code, part)),
        imports=await imports.imports_with(session, code, {r.import_id for r in answered if r.import_id}),
        cases=await cases.count_cases(session, code),
        astride=(await tallies.read_astride(session, survey, part, complete_only=missing == "complete_rows"))[0],
        made_on=survey.day_of(now),
    )


def printed(collected: Collected, rule: Rule, form: Form) -> bytes:
    """The report as a file. It may take seconds, so a service does it in a process of its own."""
    survey, part, missing = collected.survey, collected.part, rule.missing or collected.survey.missing
    files = {file.import_id: file for file in collected.imports}
    counted = _counted(survey, collected.answered, missing)
    answers = _period_of(counted, survey, files)
    period = survey.run.period(answers, collected.made_on, wanted_days=(part.first, part.last))
    report = gather(
        survey,
        collected.answered,
        period=period,
        answers=answers,
        part=part,
        edition=rule.edition or survey.edition,
        weighting=rule.weighting,
        missing=missing,
        follow_ups=collected.follow_ups,
        checked=collected.checked,
        files=_answer_files(survey, files, counted),
        cases=collected.cases if part.is_of_all and not period.is_part else None,
        astride=collected.astride,
        questionnaire=_how_far_known(survey, counted, files),
        made_on=collected.made_on,
    )
    return print_report(report, form)


def _how_far_known(survey: Survey, counted: Sequence[Response], files: Mapping[UUID, Import]) -> Questionnaire:
    """How far it is known what those were asked who are counted: as far as it is of the least known of their files."""
    if not survey.questions_assumed:
        return "recorded"
    known = {name: file.elements_known_by(survey.instrument) for name, file in files.items()}
    named_by = {known[r.import_id] if r.import_id else None for r in counted}
    return how_far_told(named_by) if named_by else "assumed"


def _counted(survey: Survey, answered: Sequence[Response], missing: Missing) -> Sequence[Response]:
    """Those whom the missing-answer policy lets in."""
    return [r for r in answered if survey.layout.is_answered(r.answers) and (missing == "per_question" or r.complete)]


def _period_of(counted: Sequence[Response], survey: Survey, files: Mapping[UUID, Import]) -> Period:
    """The period of these answers, without those that nobody told the day of."""
    dated = [response for response in counted if not _is_undated(response, survey, files)]
    first = min((r.first_day or r.day for r in dated), default=None)
    last = max((r.day for r in dated), default=None)
    return period_of_answers(first, last, in_spans=len(dated) < len(counted) or any(r.first_day for r in dated))


def _is_undated(response: Response, survey: Survey, files: Mapping[UUID, Import]) -> bool:
    """Whether it was dated by its import: an earlier release did so where a file told no day."""
    file = files.get(response.import_id) if response.import_id else None
    return file is not None and file.days is None and response.day == survey.day_of(file.imported_at)


def _answer_files(
    survey: Survey, files: Mapping[UUID, Import], counted: Sequence[Response]
) -> Mapping[UUID, AnswerFile]:
    """The files as the report tells of them: with the days of those of their respondents who are counted."""
    found: dict[UUID, tuple[date, date]] = {}
    for r in counted:
        if r.import_id:
            first, last = found.get(r.import_id, (r.first_day or r.day, r.day))
            found[r.import_id] = min(first, r.first_day or r.day), max(last, r.day)
    told = {}
    for name, (first, last) in found.items():
        days = files[name].days
        days = days and days.model_copy(update={"first": first, "last": last})
        told[name] = AnswerFile(0, imported_on=survey.day_of(files[name].imported_at), days=days)
    return {name: told[name] for name in files if name in told}


def gather(
    survey: Survey,
    answered: Sequence[Response],
    *,
    period: Period,
    answers: Period,
    edition: Edition,
    weighting: Weighting,
    missing: Missing,
    made_on: date,
    part: Part = _WHOLE,
    follow_ups: Sequence[FollowUp] = (),
    codes: CodeList | None = None,
    checked: Checked | None = None,
    questionnaire: Questionnaire = "recorded",
    files: Mapping[UUID, AnswerFile] = _NO_FILES,
    cases: Mapping[CaseOutcome, int] | None = None,
    astride: int = 0,
) -> Report:
    """The facts from responses. Those that the missing-answer policy leaves out are in no table and in no sheet; NPS
    and CSAT are of everybody who answered them, under either policy.
    """
    codes = codes or survey.codes
    counted = _counted(survey, answered, missing)
    counts, n = survey.layout.read(survey.layout.tally(r.answers for r in counted))
    everybody, _ = survey.layout.read(survey.layout.tally(r.answers for r in answered))
    instrument = survey.instrument if everybody.get(NPS) else survey.instrument.without_nps()
    kept = [place for place, code in enumerate(survey.instrument.codes) if code in instrument.codes]
    measures = {element.measure for element in instrument.elements}
    return Report(
        title=survey.title,
        unit=part.unit or survey.unit,
        services=[part.service] if part.service else survey.services,
        channel=part.channel or "",
        period=period,
        answers=answers,
        made_on=made_on,
        instrument=instrument,
        edition=edition,
        weighting=weighting,
        missing=missing,
        index=skm(counts, n, instrument, edition=edition, weighting=weighting),
        ipak=skm(counts, n, instrument, edition=edition, weighting=weighting, measure="ipak")
        if "ipak" in measures
        else None,
        nps=nps(everybody[NPS]) if everybody.get(NPS) else None,
        csat=csat(everybody, instrument) if "csat" in measures else None,
        adequacy=adequacy(survey.population_of(part, made_on), n),
        rows=[
            Row(r.respondent or str(place), [r.answers[at] for at in kept]) for place, r in enumerate(counted, start=1)
        ],
        questionnaire=questionnaire,
        origins=_origins(counted, files, cases),
        astride=astride,
        most_priorities=survey.priorities,
        selection=survey.selection,
        checked=checked,
        code_list=codes,
        profile=profile_of(({field: getattr(r.profile, field) for field in PROFILE} for r in counted), codes),
        suggestions=_suggestions(answered),
        follow_ups=follow_ups,
    )


def _origins(
    counted: Sequence[Response], files: Mapping[UUID, AnswerFile], cases: Mapping[CaseOutcome, int] | None
) -> Origins:
    """By which way those came who are counted; of files the ones that any of them came in, the oldest first."""
    in_files = Counter(response.import_id for response in counted if response.import_id)
    invited = sum(response.invitation_id is not None for response in counted)
    return Origins(
        invited=invited,
        direct=len(counted) - invited - in_files.total(),
        files=[replace(file, respondents=in_files[name]) for name, file in files.items() if in_files[name]],
        cases=cases,
    )


def _suggestions(answered: Sequence[Response]) -> Mapping[str, Sequence[str]]:
    said: defaultdict[str, list[str]] = defaultdict(list)
    for response in answered:
        if response.comment:
            said[response.comment_about].append(masked_text(response.comment))
    return dict(said)
