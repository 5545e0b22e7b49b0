"""`satuatap survey`: for the officer who runs a survey and hands in its report.

`index` and `report` also work on a file alone, with no service running. What that needs is loaded by the command that
needs it: every service is started through this command line, and would carry it along.
"""

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Annotated
from uuid import UUID

import typer

from services.cli.where import DEFAULT_FOLDER, DataDir
from services.survey_index.domain.editions import Edition
from services.survey_index.domain.instruments import DEFAULT_INSTRUMENT, builtin
from services.survey_index.domain.skm import Missing, Weighting
from services.survey_index.domain.span import EXPECTED_SPAN, DayOrder, Span

_AT_ONCE = 2
"""Forms of a report that are made at the same time: what sets the PDF works outside of Python."""

app = typer.Typer(help="Surveys: import answers, see the index, print the report.", no_args_is_help=True)


def _known_days(answered_on: str | None) -> str | None:
    try:
        return None if answered_on is None else str(Span.read(answered_on))
    except ValueError as error:
        raise typer.BadParameter(f"--answered-on {error}; it takes {EXPECTED_SPAN}") from None


CsvFile = Annotated[Path | None, typer.Option("--csv", help="A file of answers (CSV or XLSX); no service is needed")]
SurveyCode = Annotated[str | None, typer.Option("--survey", help="A survey of the running installation")]
SurveyOfAll = Annotated[str, typer.Option("--survey", help="A survey of the running installation")]
Elements = Annotated[
    str | None, typer.Option(help="What U1, U2, … mean in the file, by slug; the order in use if left out")
]
InstrumentName = Annotated[
    str | None,
    typer.Option(help=f"The questionnaire of the file, {DEFAULT_INSTRUMENT} if left out: {', '.join(builtin())}"),
]
EditionName = Annotated[
    Edition | None, typer.Option(help="Whose bands grade the index; those of the questionnaire if left out")
]
WeightingName = Annotated[Weighting, typer.Option(help="`exact`, or a truncated weight to reproduce a printed figure")]
AnsweredOn = Annotated[
    str | None,
    typer.Option(
        metavar="DAY|FROM..TO", callback=_known_days, help="The days of the answers that tell none of their own"
    ),
]
OrderOfDays = Annotated[
    DayOrder | None, typer.Option(help="How 01/10/2026 is written, where no day of the file tells it")
]
MappingOfColumns = Annotated[
    str | None, typer.Option(help="What a column holds: U8:pengaduan,JK:sex; - for one to pass over, pendidikan:-")
]
MissingName = Annotated[Missing | None, typer.Option(help="What becomes of rows with empty cells")]


@app.command("index")
def index(
    csv: CsvFile = None,
    survey: SurveyCode = None,
    elements: Elements = None,
    instrument: InstrumentName = None,
    edition: EditionName = None,
    weighting: WeightingName = "exact",
    missing: MissingName = None,
    mapping: MappingOfColumns = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object on standard output")] = False,
    data_dir: DataDir = DEFAULT_FOLDER,
) -> None:
    """Shows the satisfaction index, of a file or of a survey."""
    from services.cli.survey import file, notes, remote, show
    from services.survey_index.service.reports import Rule

    _check_source(csv, survey, {"--elements": elements, "--instrument": instrument, "--mapping": mapping})
    rule = Rule(edition, weighting, missing)
    if csv is None:
        with remote.survey_index(data_dir, as_json=as_json) as service:
            found = service.get("/v1/index/skm", {"survey": survey, **asdict(rule)}).json()
    else:
        asked = file.survey_of(csv, rule, elements=elements, instrument=instrument)
        if not asked.instrument.of("ikm"):
            raise typer.BadParameter("This questionnaire has no IKM; `satuatap survey report` tells what it measures.")
        with show.progress_bar() as progress:
            declared = file.Declared(order_is_told=elements is not None, mapping=mapping, days_matter=False)
            read = file.read_report(csv, asked, weighting, progress, as_json=as_json, declared=declared)
        found = file.index_of(read)
        if not as_json:
            notes.show_notes_of_file(read.notes, asked.instrument)
    show.show_index(found, as_json=as_json)


@app.command("report")
def report(
    out: Annotated[Path, typer.Option(help="The folder that the report is written to")],
    csv: CsvFile = None,
    survey: SurveyCode = None,
    elements: Elements = None,
    instrument: InstrumentName = None,
    edition: EditionName = None,
    weighting: WeightingName = "exact",
    missing: MissingName = None,
    title: Annotated[str | None, typer.Option(help="For a file: the title of the report")] = None,
    unit: Annotated[str | None, typer.Option(help="For a file: whose service it is")] = None,
    population: Annotated[int | None, typer.Option(min=1, help="For a file: how many were served")] = None,
    wording: Annotated[
        Path | None,
        typer.Option(help="For a file: how its questions read (CSV or XLSX: element,question,1,2,3,4)"),
    ] = None,
    priorities: Annotated[
        int | None, typer.Option(min=1, max=40, help="For a file: how many elements are named to be improved first")
    ] = None,
    answered_on: AnsweredOn = None,
    day_order: OrderOfDays = None,
    mapping: MappingOfColumns = None,
    data_dir: DataDir = DEFAULT_FOLDER,
) -> None:
    """Writes the report as HTML, PDF and XLSX."""
    from services.cli.survey import file, notes, remote, show
    from services.survey_index.report.print import FORMS, Form, print_report
    from services.survey_index.service.reports import Rule

    told = {"--elements": elements, "--instrument": instrument, "--wording": wording, "--title": title, "--unit": unit}
    of_days = {"--answered-on": answered_on, "--day-order": day_order, "--mapping": mapping}
    _check_source(csv, survey, {**told, "--population": population, "--priorities": priorities, **of_days})
    name = csv.stem if csv else survey
    files = {form: out / f"skm-{name}.{form}" for form in FORMS}
    rule = Rule(edition, weighting, missing)
    with ExitStack() as open_until_written, show.progress_bar() as progress:
        if csv is None:
            service = open_until_written.enter_context(remote.survey_index(data_dir))

            def make(form: Form) -> bytes:
                return service.get(f"/v1/surveys/{name}/report.{form}", asdict(rule)).content
        else:
            asked = file.survey_of(
                csv,
                rule,
                elements=elements,
                instrument=instrument,
                wording=wording,
                title=title,
                unit=unit,
                population=population,
                priorities=priorities,
            )
            known = file.how_far_known(elements=elements, instrument=instrument, wording=wording)
            declared = file.Declared(answered_on, day_order, known, order_is_told=elements is not None, mapping=mapping)
            read = file.read_report(csv, asked, weighting, progress, as_json=False, declared=declared)
            notes.show_notes_of_file(read.notes, asked.instrument)
            make = partial(print_report, read.report)
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            made = progress.track(pool.map(make, files), description="Menyusun laporan", total=len(files))
            contents = list(made)
        for path, content in zip(files.values(), contents, strict=True):
            _write(path, content)
    for path in files.values():
        show.console.print(str(path), soft_wrap=True, highlight=False, markup=False)


@app.command("import")
def import_(
    path: Annotated[Path, typer.Argument(metavar="FILE", help="CSV (UTF-8) or XLSX with respondent,U1,…,U9")],
    survey: Annotated[str, typer.Option(help="The survey that the answers belong to; it begins if it is new")],
    mapping: MappingOfColumns = None,
    answered_on: AnsweredOn = None,
    day_order: OrderOfDays = None,
    ignore_others: Annotated[bool, typer.Option(help="Pass over columns that nobody knows")] = False,
    preview: Annotated[bool, typer.Option(help="Only look at what would be imported")] = False,
    replaces: Annotated[
        UUID | None, typer.Option(metavar="IMPORT", help="The import that this file corrects: it is taken back with it")
    ] = None,
    as_more: Annotated[
        bool,
        typer.Option("--as-more", help="Count respondents who seem to be there already: they are others"),
    ] = False,
    data_dir: DataDir = DEFAULT_FOLDER,
) -> None:
    """Imports a file of answers into a survey of the running installation: all of it, or nothing."""
    from services.cli.survey import file, notes, remote, show
    from shared.errors import FieldError

    if preview and (replaces or as_more):
        raise typer.BadParameter("A preview shows which imports the file resembles; say what it is with the import.")
    content = file.content_of(path)
    how = {"mapping": mapping, "answered_on": answered_on, "ignore_others": ignore_others, "day_order": day_order}
    query = {**how, "replaces": replaces, "as_more": as_more or None}
    verb = "preview" if preview else "import"
    with remote.survey_index(data_dir) as service, show.progress_bar() as progress:
        task = progress.add_task(f"Mengirim {path.name}", total=len(content))
        route = f"/v1/surveys/{survey}/responses:{verb}"
        found = service.send(route, content, query, lambda sent: progress.update(task, completed=sent)).json()
    if preview and found["faults"]:
        show.refuse([FieldError(**fault) for fault in found["faults"]])
    if preview:
        show.show_preview(found)
        notes.show_how_read(found)
        return
    again = " (sudah pernah diimpor)" if found["repeated"] else ""
    show.console.print(f"{found['rows']} baris{again} → {survey} (impor {found['import_id']})")
    show.show_days(found["days"])
    if found["replaces"]:
        show.console.print(f"Menggantikan impor {found['replaces']}, yang sudah ditarik.")
    notes.show_how_read(found)


@app.command("imports")
def imports(survey: SurveyOfAll, data_dir: DataDir = DEFAULT_FOLDER) -> None:
    """Lists the files that were imported into a survey, the newest first."""
    from services.cli.survey import remote, show

    with remote.survey_index(data_dir) as service:
        show.show_imports(list(service.items(f"/v1/surveys/{survey}/imports")))


@app.command("withdraw")
def withdraw(
    import_id: Annotated[UUID, typer.Argument(metavar="IMPORT", help="As `satuatap survey imports` lists it")],
    survey: SurveyOfAll,
    data_dir: DataDir = DEFAULT_FOLDER,
) -> None:
    """Takes an imported file back: every figure is as if it had not come."""
    from services.cli.survey import remote, show

    with remote.survey_index(data_dir) as service:
        found = service.post(f"/v1/surveys/{survey}/imports/{import_id}/withdraw").json()
    show.show_withdrawn(found, survey)


def _check_source(csv: Path | None, survey: str | None, of_a_file: Mapping[str, object]) -> None:
    if (csv is None) == (survey is None):
        raise typer.BadParameter("Name either a file with --csv, or a survey of the installation with --survey.")
    given = [name for name, value in of_a_file.items() if value is not None]
    if survey and given:
        raise typer.BadParameter(f"{given[0]} is for a file; what a survey asks stands with the survey.")


def _write(path: Path, content: bytes) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    except OSError as error:
        raise typer.BadParameter(f"--out cannot be written to: {error.strerror}.") from None
