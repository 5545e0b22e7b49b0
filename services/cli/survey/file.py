"""A file of answers alone, with no service running: the arithmetic is the service's own."""

from dataclasses import asdict, dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import typer
from rich.progress import Progress

from services.cli.survey.show import refuse
from services.cli.survey.wording import worded
from services.survey_index.api.figures import index_out
from services.survey_index.domain.editions import DEFAULT_EDITION
from services.survey_index.domain.instruments import DEFAULT_INSTRUMENT, builtin
from services.survey_index.domain.period import period_of_answers
from services.survey_index.domain.profile import PROFILE, as_told
from services.survey_index.domain.sheet.days import columns_of_days
from services.survey_index.domain.sheet.header import read_mapping
from services.survey_index.domain.sheet.notes import Notes
from services.survey_index.domain.sheet.rows import read_rows
from services.survey_index.domain.sheet.rules import Answered, Faults, Rules
from services.survey_index.domain.skm import Weighting, weighting_fits
from services.survey_index.domain.span import DayOrder, Span
from services.survey_index.models import DEFAULT_PRIORITIES, Profile, Response, Survey
from services.survey_index.report.facts import AnswerFile, Questionnaire, Report, how_far_told
from services.survey_index.service.file_reading import days_of, rows_of
from services.survey_index.service.reports import Rule, gather
from shared.clock import utcnow
from shared.errors import FieldError
from shared.ids import new_id

_TITLE = "Survei Kepuasan Masyarakat"
_NOTICED = ("positions", "passed_over", "passed_over_count", "repeated_numbers", "repeated_rows")
"""What an index tells of how its file was read."""
_LARGEST = 256 * 1024 * 1024
_TOLD = frozenset({"respondent", "day", "sex", "education", "occupation", "comment", "comment_about"})
"""What a report tells beside the answers. Other columns of a file are passed over."""


def survey_of(
    file: Path,
    rule: Rule,
    *,
    elements: str | None,
    instrument: str | None,
    wording: Path | None = None,
    title: str | None = None,
    unit: str | None = None,
    population: int | None = None,
    priorities: int | None = None,
) -> Survey:
    """A survey that lives as long as the command. Raises `typer.BadParameter`."""
    asked = builtin().get(instrument or DEFAULT_INSTRUMENT)
    if asked is None:
        raise typer.BadParameter(f"{instrument} is not an instrument; there are: {', '.join(builtin())}")
    if elements is not None:
        try:
            asked = asked.in_order(tuple(slug.strip() for slug in elements.split(",")))
        except ValueError as error:
            raise typer.BadParameter(f"--elements takes {error}") from None
    if not weighting_fits(rule.weighting, asked):
        raise typer.BadParameter("The truncated weights are those of nine equal elements.")
    return Survey(
        code=file.stem,
        title=title or _TITLE,
        unit=unit or "",
        instrument=(asked if wording is None else worded(asked, wording)).asking_nps(),
        edition=rule.edition or asked.edition or DEFAULT_EDITION,
        missing=rule.missing or "per_question",
        population=population,
        priorities=priorities or DEFAULT_PRIORITIES,
    )


def how_far_known(*, elements: str | None, instrument: str | None, wording: Path | None) -> Questionnaire | None:
    """How far it is known what was asked, by what the officer said of the file; None where he said nothing."""
    if instrument is not None or wording is not None:
        return "named"
    return None if elements is None else "ordered"


@dataclass(frozen=True, slots=True)
class Declared:
    """What is said of a file, beside what it tells itself: of its days, and how far it is known what was asked."""

    answered_on: str | None = None
    day_order: DayOrder | None = None
    questionnaire: Questionnaire | None = None
    order_is_told: bool = False
    mapping: str | None = None
    """What columns hold whose names do not say it."""
    days_matter: bool = True
    """Whether anything is to be said of its days; an index is the same whatever they are."""


@dataclass(frozen=True, slots=True)
class ReadReport:
    """The facts of a file, and what was noticed while it was read."""

    report: Report
    notes: Notes


def read_report(
    file: Path, survey: Survey, weighting: Weighting, progress: Progress, *, as_json: bool, declared: Declared
) -> ReadReport:
    """The facts of a file. Ends the command when the file has faults."""
    content, notes = content_of(file, as_json=as_json), Notes()
    faults, answered, now, name = Faults(), list[Response](), utcnow(), new_id()
    mapping, wrong = read_mapping(declared.mapping, survey.instrument)
    if wrong:
        refuse(wrong, as_json=as_json)
    rules = Rules(
        survey.instrument,
        mapping=mapping,
        facts=_TOLD if declared.days_matter else _TOLD - {"day"},
        ignore_others=True,
        today=survey.day_of(now),
        zone=survey.zone,
        answered_on=_span(declared, survey.day_of(now)),
        day_order=declared.day_order,
        needs_days=False,
        order_is_told=declared.order_is_told,
        repeats_may_stand=True,
    )
    days = days_of(content, rules)
    lines = max(1, content.count(b"\n"))
    task = progress.add_task(f"Membaca {file.name}", total=lines)
    for batch in read_rows(rows_of(content, faults), rules, faults, days=days, notes=notes):
        answered.extend(_response(row, survey, name, now, rules.answered_on) for row in batch)
        progress.update(task, completed=len(answered))
    progress.update(task, completed=lines)
    if faults:
        refuse(faults, as_json=as_json)
    taken = days.days_taken()
    answers = (
        period_of_answers(taken.first, taken.last, in_spans=not days.are_all_known) if taken else period_of_answers()
    )
    if declared.days_matter and taken is None:
        passed_over = {column.casefold() for column in mapping}
        columns = columns_of_days(rows_of(content, Faults()))
        notes.unread_days = [column for column in columns if column.casefold() not in passed_over]
    report = gather(
        survey,
        answered,
        period=answers,
        answers=answers,
        files={name: AnswerFile(0, name=file.name, days=taken)},
        questionnaire=declared.questionnaire or how_far_told({notes.elements_named_by}),
        edition=survey.edition,
        weighting=weighting,
        missing=survey.missing,
        made_on=survey.day_of(now),
        codes=as_told({field: getattr(r.profile, field) for field in PROFILE} for r in answered),
    )
    return ReadReport(report, notes)


def index_of(read: ReadReport) -> dict[str, Any]:
    """The index as the service would answer it, with the rule by which it was computed, and what was noticed."""
    report = read.report
    facts = index_out(report.index, report.instrument).model_dump(mode="json")
    rule = {"edition": report.edition, "weighting": report.weighting, "missing": report.missing}
    asked = {"instrument": report.instrument.code, "instrument_edition": report.instrument.edition}
    noticed = asdict(read.notes)
    return {**asked, **rule, **facts, **{name: noticed[name] for name in _NOTICED}}


def content_of(file: Path, *, as_json: bool = False) -> bytes:
    """The bytes of a file of answers. One that nobody can have meant is refused before it is read."""
    try:
        size = file.stat().st_size
        if size > _LARGEST:
            expected = f"at most {_LARGEST // 1024 // 1024} MB; divide it into several files"
            refuse([FieldError("file", f"has {size // 1024 // 1024} MB", expected)], as_json=as_json)
        return file.read_bytes()
    except OSError as error:
        refuse([FieldError("file", f"cannot be read ({error.strerror})", "a CSV or XLSX file")], as_json=as_json)


def _span(declared: Declared, today: date) -> Span | None:
    """The days that the officer says of the file. Raises `typer.BadParameter` for days that are yet to come."""
    span = Span.read(declared.answered_on) if declared.answered_on else None
    if span and span.last > today:
        raise typer.BadParameter(f"--answered-on lies in the future; it takes days up to {today}")
    return span


def _response(row: Answered, survey: Survey, file: UUID, now: datetime, answered_on: Span | None) -> Response:
    said = answered_on if row.day is None else None
    return Response(
        id=new_id(),
        survey=survey.code,
        unit=row.unit,
        service=row.service,
        channel=row.channel,
        day=row.day or (said.last if said else survey.day_of(now)),
        first_day=said.first if said and said.first < said.last else None,
        answered_at=now,
        complete=survey.layout.is_complete(row.answers),
        answers=row.answers,
        profile=Profile(row.age, row.sex, row.education, row.occupation),
        comment=row.comment or None,
        comment_about=row.comment_about,
        respondent=row.respondent,
        import_id=file,
    )
