"""What `satuatap survey` tells of how a file was read: a line each for what an officer should look at again."""

from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Console

from services.cli.survey.show import complaints, console
from services.survey_index.domain.instruments import (
    DEFAULT_INSTRUMENT,
    REGULATION,
    REGULATION_ORDER,
    Instrument,
    builtin,
)
from services.survey_index.domain.sheet.footers import NOTHING, TEXT
from services.survey_index.domain.sheet.notes import Notes, Repeats

_WHY = {TEXT: "teks di tempat jawaban", NOTHING: "tanpa jawaban"}
_SHOWN = 12


def show_how_read(reading: Mapping[str, Any]) -> None:
    """What the service tells of a file that it read: which rows are no respondents, and how U8 and U9 were read."""
    rows = [(passed["row"], passed["why"]) for passed in reading.get("passed_over", ())]
    positions = reading.get("positions")
    swap = f"--mapping {_swapped(positions)}" if positions and len(positions) == 2 else None
    _print(console, _passed_over(rows, reading.get("passed_over_count", 0)), _positions(positions, swap))


def show_notes_of_file(notes: Notes, instrument: Instrument) -> None:
    """The same of a file that was read here, and what comes more than once in it. Figures alone go to standard output,
    and so this does not.
    """
    rows = [(passed.row, passed.why) for passed in notes.passed_over]
    _print(
        complaints,
        _passed_over(rows, notes.passed_over_count),
        _positions(notes.positions, _elements(notes.positions, instrument)),
        _unread_days(notes.unread_days),
        _repeated_numbers(notes.repeated_numbers),
        _repeated_rows(notes.repeated_rows),
    )


def _print(console: Console, *lines: str | None) -> None:
    for line in filter(None, lines):
        console.print(line, soft_wrap=True, highlight=False, markup=False)


def _passed_over(rows: Sequence[tuple[int, str]], count: int) -> str | None:
    if not rows:
        return None
    told = [f"{row} ({_WHY.get(why, why)})" for row, why in rows[:_SHOWN]]
    more = f" dan {count - len(told)} baris lain" if count > len(told) else ""
    return f"Dilewati, karena bukan responden: baris {', '.join(told)}{more}."


def _positions(positions: Mapping[str, str] | None, swap: str | None) -> str | None:
    """How columns were read by their places alone; `swap` is the option that reads them the other way round."""
    if not positions:
        return None
    names = {element.slug: element.name.id for element in builtin()[DEFAULT_INSTRUMENT].elements}
    read = [f"{column} dibaca sebagai {names[code.partition('.')[0]]}" for column, code in positions.items()]
    instead = f": bila berkas memakai urutan itu, pakai {swap}" if swap else ""
    return f"{'; '.join(read)}. Urutan {REGULATION} sebaliknya{instead}"


def _swapped(positions: Mapping[str, str]) -> str:
    """`U8:pengaduan,U9:sarana`, where they were read as the reverse."""
    return ",".join(f"{column}:{code}" for column, code in zip(positions, reversed([*positions.values()]), strict=True))


def _elements(positions: Mapping[str, str] | None, instrument: Instrument) -> str | None:
    """The option `--elements` with the order of the regulation, where that is the same number of columns."""
    if not positions or len(positions) != 2:
        return None
    slugs = [*instrument.numbers]
    first, second = (slugs.index(slug) for slug in REGULATION_ORDER[-2:])
    slugs[first], slugs[second] = slugs[second], slugs[first]
    return f"--elements {','.join(slugs)}"


def _unread_days(columns: Sequence[str]) -> str | None:
    if not columns:
        return None
    return (
        f"Hari jawaban tidak dibaca. Kolom {', '.join(columns)} tampaknya berisi hari: namai kolom itu tanggal, atau "
        "pakai --answered-on."
    )


def _repeated_numbers(repeats: Repeats) -> str | None:
    if not repeats.count:
        return None
    return (
        f"{repeats.count} nomor responden muncul lebih dari sekali (baris {_rows(repeats)}), "
        "dan setiap barisnya dihitung: bila itu kuesioner yang sama, hapus salah satunya."
    )


def _repeated_rows(repeats: Repeats) -> str | None:
    if not repeats.count:
        return None
    return (
        f"{repeats.count} baris berisi sama dengan baris sebelumnya, nomornya tidak dibandingkan "
        f"(baris {_rows(repeats)}), dan semuanya dihitung: periksa apakah itu kuesioner yang sama."
    )


def _rows(repeats: Repeats) -> str:
    return ", ".join(map(str, repeats.rows)) + (", …" if repeats.count > len(repeats.rows) else "")
