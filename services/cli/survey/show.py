"""What `satuatap survey` shows: an index, what is wrong with a file, and how far it has come."""

import json
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any, NoReturn

import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

from services.survey_index.domain.sheet.rules import MOST_FAULTS
from services.survey_index.report.wording import NOTHING, figure
from services.survey_index.report.wording import days as days_in_words
from shared.errors import FieldError

console, complaints = Console(), Console(stderr=True)
_ORDERS = {
    "day_first": "hari ditulis sebelum bulan",
    "month_first": "bulan ditulis sebelum hari",
    "year_first": "tahun, dua angka, ditulis lebih dulu",
}

_OF_BEFORE = "Bila berkas ini perbaikan dari impor itu: --replaces IMPORT"
WAYS_ON = {
    "imported_before": f"{_OF_BEFORE}; bila respondennya memang lain: --as-more",
    "imported_otherwise": _OF_BEFORE,
}
"""How a command goes on that was refused with this code."""


def show_index(scored: Mapping[str, Any], *, as_json: bool) -> None:
    """An index as `GET /v1/index/skm` has it: for a program as it is, for a person as a table and a sentence."""
    if as_json:
        typer.echo(json.dumps(scored, ensure_ascii=False))
        return
    table = Table("Unsur", "Jumlah", "n", "NRR", "Indeks", "Mutu", title_justify="left")
    for unsur in scored["elements"]:
        figures = (unsur["sum"], unsur["n"], figure(unsur["nrr"], 4), figure(unsur["index"]))
        table.add_row(f"{unsur['number']} {escape(unsur['name'])}", *map(str, figures), unsur["grade"] or NOTHING)
    console.print(table)
    if scored["index"] is None:
        console.print(f"n = {scored['n']}: belum ada nilai.")
        return
    grade = f"mutu {scored['grade']} ({scored['performance']}) menurut {scored['edition']}"
    exactly = f"n = {scored['n']}, tepatnya {scored['fraction']}"
    console.print(f"[bold]IKM {figure(scored['index'])}[/]: {grade}; {exactly}")
    if scored["instrument_edition"] not in (None, scored["edition"]):
        console.print(f"Kategori yang termasuk kuesioner ini ({scored['instrument']}): {scored['instrument_edition']}.")


def show_preview(preview: Mapping[str, Any]) -> None:
    """What `responses:preview` says of a file without faults: how its first rows are understood, and its index."""
    rows = preview["first"]
    table = Table(
        "Responden", *(escape(row["respondent"]) for row in rows), title="Baris pertama", title_justify="left"
    )
    for code in rows[0]["answers"] if rows else ():
        answers = (row["answers"][code] for row in rows)
        table.add_row(code, *(NOTHING if value is None else str(value) for value in answers))
    console.print(table)
    index = f", IKM {figure(preview['index'])} (mutu {preview['grade']})" if preview["index"] is not None else ""
    so_far = "sudah pernah diimpor" if preview["repeated"] else "belum ada yang diimpor"
    console.print(f"{preview['rows']} baris{index}; {so_far}.")
    show_days(preview["days"])
    _show_alike(preview)


def _show_alike(preview: Mapping[str, Any]) -> None:
    """Which imports a file of `found["rows"]` respondents resembles, and what is to be said of that."""
    for file in preview["same_as"]:
        what = "nomor responden" if file["by"] == "numbers" else "baris"
        console.print(
            f"[bold]{file['in_common']} dari {preview['rows']} {what} sudah ada[/] dalam impor {file['import_id']} "
            f"({_moment(file['imported_at'])} UTC, {file['rows']} baris).",
            highlight=False,
        )
    if preview["same_as"]:
        console.print(f"{WAYS_ON['imported_before']}.", highlight=False)


def show_days(days: Mapping[str, Any] | None) -> None:
    """From which days the answers of a file are, and who says so; nothing of a file of which that was not kept."""
    if days is None:
        return
    by = [f"kolom {days['column']}"] if days["by_column"] else []
    if days["by_answered_on"]:
        of_some = f" untuk {days['by_answered_on']} baris" if by else ""
        by.append(f"--answered-on{of_some}")
    order = f"; {_ORDERS[days['day_order']]}" if days["day_order"] else ""
    told = days_in_words(date.fromisoformat(days["first"]), date.fromisoformat(days["last"]))
    console.print(
        f"Tanggal jawaban: {told} (menurut {' dan '.join(by)}{order})", highlight=False, markup=False, soft_wrap=True
    )


def show_imports(imports: Sequence[Mapping[str, Any]]) -> None:
    """The files of a survey as `GET /v1/surveys/{survey}/imports` has them, each with the days of its answers."""
    table = Table(box=None, pad_edge=False)
    for name in ("Impor", "Waktu (UTC)", "Baris", "Ditarik"):
        table.add_column(name, no_wrap=True)
    for file in imports:
        table.add_row(file["import_id"], _moment(file["imported_at"]), str(file["rows"]), _moment(file["withdrawn_at"]))
        if file["days"]:
            table.add_row(f"  {file['days']['first']}..{file['days']['last']}")
    console.print(table)
    replaced = [f"{file['import_id']} ← {file['replaces']}" for file in imports if file["replaces"]]
    if replaced:
        console.print("Pengganti ← yang digantikan:", *replaced, sep="\n", highlight=False)


def show_withdrawn(file: Mapping[str, Any], survey: str) -> None:
    """Which file was taken back, and when: maybe long ago."""
    when = _moment(file["withdrawn_at"])
    console.print(f"{file['rows']} baris ditarik dari {survey} pada {when} UTC.", highlight=False, markup=False)


def _moment(time: str | None) -> str:
    return f"{datetime.fromisoformat(time):%Y-%m-%d %H:%M}" if time else NOTHING


def refuse(faults: Sequence[FieldError], *, as_json: bool = False, way_on: str = "") -> NoReturn:
    """Names every fault, and for a person the way on, if there is one. Ends the command with 1."""
    if as_json:
        errors = [{"field": f.field, "message": f.message, "expected": f.expected} for f in faults]
        typer.echo(json.dumps({"code": "invalid", "errors": errors}, ensure_ascii=False))
    else:
        table = Table("Where", "What", "Expected", title="Nothing was done", title_style="bold red")
        for where, fault in _gathered(faults):
            table.add_row(escape(where), escape(fault.message), escape(fault.expected))
        complaints.print(table)
        if len(faults) >= MOST_FAULTS:
            complaints.print(f"These are the first {MOST_FAULTS}; there may be more.")
        if way_on:
            complaints.print(f"{way_on}.", highlight=False)
    raise typer.Exit(1)


def _gathered(faults: Sequence[FieldError]) -> list[tuple[str, FieldError]]:
    """Where each fault is; the same one in many rows of a column is told once, with its rows."""
    rows: dict[tuple[str, str, str], list[str]] = {}
    first: dict[tuple[str, str, str], FieldError] = {}
    for fault in faults:
        row, _, column = fault.field.partition(", ")
        is_cell = row.startswith("row ") and column.startswith("column ")
        key = (column if is_cell else fault.field, fault.message, fault.expected)
        first.setdefault(key, fault)
        rows.setdefault(key, []).append(row.removeprefix("row ") if is_cell else "")
    return [
        (fault.field if len(rows[key]) == 1 else f"{key[0]}, rows {', '.join(rows[key])}", fault)
        for key, fault in first.items()
    ]


def progress_bar() -> Progress:
    """A bar on standard error, gone when the work is done. Where that is no terminal, not even an empty line."""
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeElapsedColumn())
    return Progress(*columns, console=complaints, transient=True, disable=not complaints.is_terminal)
