"""`satuatap survey`: for the officer who runs a survey and hands in its report.

`index` and `report` also work on a file alone, with no service running; the arithmetic is the service's own.
"""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Any, NoReturn

import httpx
import typer
from babel.numbers import format_decimal
from pydantic import ValidationError
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

from services.cli.where import DEFAULT_FOLDER, DataDir, staff_token, survey_index_url
from services.local.house import HouseError
from services.survey_index.api.figures import index_out
from services.survey_index.domain.editions import DEFAULT_EDITION, EDITIONS
from services.survey_index.domain.instruments import builtin
from services.survey_index.domain.profile import PROFILE, as_told
from services.survey_index.domain.sheet import Answered, Faults, Rules, read_rows
from services.survey_index.domain.skm import Missing, Weighting, weighting_fits
from services.survey_index.models import Profile, Response, Survey
from services.survey_index.report.facts import Report
from services.survey_index.report.print import FORMS, print_report
from services.survey_index.service.imports import rows_of
from services.survey_index.service.reports import gather
from shared.clock import utcnow
from shared.errors import FieldError
from shared.http import Problem
from shared.ids import new_id

app = typer.Typer(help="Surveys: import answers, see the index, print the report.", no_args_is_help=True)
console, complaints = Console(), Console(stderr=True)

_LARGEST = 256 * 1024 * 1024
_CHUNK = 1 << 20
_TOLD = frozenset({"respondent", "day", "sex", "education", "occupation", "comment", "comment_about"})
"""What a report tells beside the answers. Other columns of a file are passed over."""

CsvFile = Annotated[Path | None, typer.Option("--csv", help="A file of answers (CSV or XLSX); no service is needed")]
SurveyCode = Annotated[str | None, typer.Option("--survey", help="A survey of the running installation")]
Elements = Annotated[
    str | None, typer.Option(help="What U1, U2, … mean in the file, by slug; the seed's order if left out")
]
InstrumentName = Annotated[str, typer.Option(help=f"The questionnaire of the file: {', '.join(builtin())}")]
EditionName = Annotated[str | None, typer.Option(help=f"The bands of the grades: {' or '.join(EDITIONS)}")]
WeightingName = Annotated[Weighting, typer.Option(help="`exact`, or a truncated weight to reproduce a printed figure")]
MissingName = Annotated[Missing | None, typer.Option(help="What becomes of rows with empty cells")]


@app.command("index")
def index(
    csv: CsvFile = None,
    survey: SurveyCode = None,
    elements: Elements = None,
    instrument: InstrumentName = "skm14_2017",
    edition: EditionName = None,
    weighting: WeightingName = "exact",
    missing: MissingName = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object on standard output")] = False,
    data_dir: DataDir = DEFAULT_FOLDER,
) -> None:
    """Shows the satisfaction index, of a file or of a survey."""
    _check_source(csv, survey)
    _check_edition(edition)
    if csv is None:
        query = {"survey": survey, "weighting": weighting, "edition": edition, "missing": missing}
        with _service(data_dir) as http:
            params = {key: value for key, value in query.items() if value is not None}
            found = _answer(http.get("/v1/index/skm", params=params), as_json=as_json)
        _show(found, as_json=as_json)
        return
    asked = _survey_of_file(csv, elements, instrument, edition, missing)
    if not weighting_fits(weighting, asked.instrument):
        raise typer.BadParameter("The truncated weights are those of nine equal elements.")
    report = _read(csv, asked, weighting, as_json=as_json)
    _show(_as_json(report), as_json=as_json)


@app.command("report")
def report(
    out: Annotated[Path, typer.Option(help="The folder that the report is written to")],
    csv: CsvFile = None,
    survey: SurveyCode = None,
    elements: Elements = None,
    instrument: InstrumentName = "skm14_2017",
    edition: EditionName = None,
    weighting: WeightingName = "exact",
    missing: MissingName = None,
    title: Annotated[str, typer.Option(help="For a file: the title of the report")] = "Survei Kepuasan Masyarakat",
    unit: Annotated[str, typer.Option(help="For a file: whose service it is")] = "",
    population: Annotated[int | None, typer.Option(min=1, help="For a file: how many were served")] = None,
    data_dir: DataDir = DEFAULT_FOLDER,
) -> None:
    """Writes the report as HTML, PDF and XLSX."""
    _check_source(csv, survey)
    _check_edition(edition)
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise typer.BadParameter(f"--out cannot be made: {error.strerror}.") from None
    name = csv.stem if csv else survey
    files = {form: out / f"skm-{name}.{form}" for form in FORMS}
    with _progress() as progress:
        if csv is None:
            query = {"weighting": weighting, "edition": edition, "missing": missing}
            known = {key: value for key, value in query.items() if value is not None}
            with _service(data_dir) as http:
                for form, file in progress.track(files.items(), description="Menyusun laporan", total=len(files)):
                    answer = http.get(f"/v1/surveys/{name}/report.{form}", params=known)
                    _checked(answer)
                    file.write_bytes(answer.content)
        else:
            asked = _survey_of_file(csv, elements, instrument, edition, missing, title, unit, population)
            if not weighting_fits(weighting, asked.instrument):
                raise typer.BadParameter("The truncated weights are those of nine equal elements.")
            facts = _read(csv, asked, weighting, as_json=False, progress=progress)
            for form, file in progress.track(files.items(), description="Menyusun laporan", total=len(files)):
                file.write_bytes(print_report(facts, form))
    for file in files.values():
        console.print(str(file), soft_wrap=True, highlight=False)


@app.command("import")
def import_(
    file: Annotated[Path, typer.Argument(help="CSV (UTF-8) or XLSX, with the header respondent,U1,…,U9")],
    survey: Annotated[str, typer.Option(help="The survey that the answers belong to; it begins if it is new")],
    mapping: Annotated[str | None, typer.Option(help="Where the order differs: U8:pengaduan,U9:sarana")] = None,
    answered_on: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="The day of the answers")] = None,
    ignore_others: Annotated[bool, typer.Option(help="Pass over columns that nobody knows")] = False,
    preview: Annotated[bool, typer.Option(help="Only look at what would be imported")] = False,
    data_dir: DataDir = DEFAULT_FOLDER,
) -> None:
    """Imports a file of answers into a survey of the running installation: all of it, or nothing."""
    content = _content(file, as_json=False)
    day = answered_on.date().isoformat() if answered_on else None
    query = {"mapping": mapping, "answered_on": day, "ignore_others": ignore_others}
    verb = "preview" if preview else "import"
    with _service(data_dir) as http, _progress() as progress:
        task = progress.add_task(f"Mengirim {file.name}", total=len(content))

        def chunks() -> Iterator[bytes]:
            for start in range(0, len(content), _CHUNK):
                yield content[start : start + _CHUNK]
                progress.update(task, completed=min(start + _CHUNK, len(content)))
            progress.update(task, description="Menghitung")

        found = _answer(
            http.post(
                f"/v1/surveys/{survey}/responses:{verb}",
                content=chunks(),
                headers={"Content-Length": str(len(content))},
                params={key: value for key, value in query.items() if value is not None},
            )
        )
    if preview and found["faults"]:
        _refuse([FieldError(**fault) for fault in found["faults"]], as_json=False)
    console.print_json(json.dumps(found, ensure_ascii=False)) if preview else console.print(
        f"{found['rows']} baris{' (sudah pernah diimpor)' if found['repeated'] else ''} → {survey}"
    )


# -- a file alone -----------------------------------------------------------------------------------------------


def _survey_of_file(
    file: Path,
    elements: str | None,
    instrument: str,
    edition: str | None,
    missing: Missing | None,
    title: str = "Survei Kepuasan Masyarakat",
    unit: str = "",
    population: int | None = None,
) -> Survey:
    """A survey that lives as long as the command."""
    if instrument not in builtin():
        raise typer.BadParameter(f"{instrument} is not an instrument; there are: {', '.join(builtin())}")
    asked = builtin()[instrument]
    if elements is not None:
        try:
            asked = asked.in_order(tuple(slug.strip() for slug in elements.split(",")))
        except (ValueError, ValidationError):
            known = ", ".join(element.slug for element in asked.elements)
            raise typer.BadParameter(f"--elements takes each of these at most once: {known}") from None
    return Survey(
        code=file.stem,
        title=title,
        unit=unit,
        instrument=asked.asking_nps(),
        edition=edition or DEFAULT_EDITION,
        missing=missing or "per_question",
        population=population,
    )


def _read(
    file: Path, survey: Survey, weighting: Weighting, *, as_json: bool, progress: Progress | None = None
) -> Report:
    """The facts of a file. Ends the command when the file has faults."""
    content = _content(file, as_json=as_json)
    faults, answered, now = Faults(), list[Response](), utcnow()
    days: list[date] = []
    with _progress() if progress is None else nullcontext(progress) as bar:
        task = bar.add_task(f"Membaca {file.name}", total=max(1, content.count(b"\n")))
        rules = Rules(survey.instrument, facts=_TOLD, ignore_others=True)
        for batch in read_rows(rows_of(content, faults), rules, faults):
            answered.extend(_response(row, survey, now) for row in batch)
            days.extend(row.day for row in batch if row.day is not None)
            bar.update(task, completed=len(answered))
        bar.update(task, completed=max(1, content.count(b"\n")))
    if faults:
        _refuse(faults, as_json=as_json)
    return gather(
        survey,
        answered,
        period=(min(days, default=None), max(days, default=None)),
        edition=survey.edition,
        weighting=weighting,
        missing=survey.missing,
        made_on=survey.day_of(now),
        codes=as_told({field: getattr(r.profile, field) for field in PROFILE} for r in answered),
    )


def _response(row: Answered, survey: Survey, now: datetime) -> Response:
    return Response(
        id=new_id(),
        survey=survey.code,
        unit=row.unit,
        service=row.service,
        channel=row.channel,
        day=row.day or survey.day_of(now),
        answered_at=now,
        complete=survey.layout.is_complete(row.answers),
        answers=row.answers,
        profile=Profile(row.age, row.sex, row.education, row.occupation),
        comment=row.comment or None,
        comment_about=row.comment_about,
        respondent=row.respondent,
    )


def _content(file: Path, *, as_json: bool) -> bytes:
    """The bytes of a file of answers. One that nobody can have meant is refused before it is read."""
    try:
        size = file.stat().st_size
        if size > _LARGEST:
            expected = f"at most {_LARGEST // 1024 // 1024} MB; divide it into several files"
            _refuse([FieldError("file", f"has {size // 1024 // 1024} MB", expected)], as_json=as_json)
        return file.read_bytes()
    except OSError as error:
        _refuse([FieldError("file", f"cannot be read ({error.strerror})", "a CSV or XLSX file")], as_json=as_json)


def _as_json(report: Report) -> dict[str, Any]:
    facts = index_out(report.index).model_dump(mode="json")
    rule = {"edition": report.edition, "weighting": report.weighting, "missing": report.missing}
    return {"instrument": report.instrument.code, **rule, **facts}


def _show(found: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps(found, ensure_ascii=False))
        return
    table = Table("Unsur", "Jumlah", "n", "NRR", "Indeks", "Mutu", title_justify="left")
    for position, unsur in enumerate(found["elements"], start=1):
        figures = (unsur["sum"], unsur["n"], _decimal(unsur["nrr"], 4), _decimal(unsur["index"], 2))
        table.add_row(f"U{position} {unsur['name']}", *map(str, figures), unsur["grade"] or "–")
    console.print(table)
    if found["index"] is None:
        console.print(f"n = {found['n']}: belum ada nilai.")
        return
    grade = f"mutu {found['grade']} ({found['performance']}) menurut {found['edition']}"
    console.print(
        f"[bold]IKM {_decimal(found['index'], 2)}[/]: {grade}; n = {found['n']}, tepatnya {found['fraction']}"
    )


def _decimal(value: float | None, places: int) -> str:
    return "–" if value is None else format_decimal(value, format=f"0.{'0' * places}", locale="id")


def _check_edition(edition: str | None) -> None:
    if edition is not None and edition not in EDITIONS:
        raise typer.BadParameter(f"{edition} is not an edition; there are: {', '.join(EDITIONS)}")


def _check_source(csv: Path | None, survey: str | None) -> None:
    if (csv is None) == (survey is None):
        raise typer.BadParameter("Name either a file with --csv, or a survey of the installation with --survey.")


def _refuse(faults: Sequence[FieldError], *, as_json: bool) -> NoReturn:
    """Names every fault, and ends the command."""
    if as_json:
        errors = [{"field": f.field, "message": f.message, "expected": f.expected} for f in faults]
        typer.echo(json.dumps({"code": "invalid", "errors": errors}, ensure_ascii=False))
    else:
        table = Table(
            "Di mana", "Apa", "Yang diharapkan", title="Berkas ini tidak dapat dihitung", title_style="bold red"
        )
        for fault in faults:
            table.add_row(escape(fault.field), escape(fault.message), escape(fault.expected))
        complaints.print(table)
    raise typer.Exit(1)


# -- a running installation -------------------------------------------------------------------------------------


@contextmanager
def _service(folder: Path) -> Iterator[httpx.Client]:
    """A client of the ear. Raises `HouseError` when it cannot be reached."""
    url, headers = survey_index_url(folder), {"Authorization": f"Bearer {staff_token(folder)}"}
    try:
        with httpx.Client(base_url=url, headers=headers, timeout=600, trust_env=False) as http:
            yield http
    except (httpx.TransportError, httpx.InvalidURL) as error:
        raise HouseError(f"The service at {url} cannot be reached ({type(error).__name__}).") from None


def _answer(response: httpx.Response, *, as_json: bool = False) -> dict[str, Any]:
    _checked(response, as_json=as_json)
    found: dict[str, Any] = response.json()
    return found


def _checked(response: httpx.Response, *, as_json: bool = False) -> None:
    if response.is_success:
        return
    try:
        problem = Problem.model_validate_json(response.content)
    except ValidationError:
        expected = "the service survey_index at SATUATAP_SURVEY_INDEX_URL"
        _refuse([FieldError("service", f"answered {response.status_code}", expected)], as_json=as_json)
    faults = [FieldError(error.field, error.message, error.expected) for error in problem.errors]
    _refuse(faults or [FieldError(problem.code, problem.title, problem.detail)], as_json=as_json)


def _progress() -> Progress:
    """A bar on standard error, gone when the work is done."""
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeElapsedColumn())
    return Progress(*columns, console=complaints, transient=True)
