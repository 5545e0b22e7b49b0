"""The same file, corrected: a file whose people came with another one before, which must be said before they count."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.survey_index.domain.likeness import By, are_dated_alike, is_alike
from services.survey_index.models import Survey
from services.survey_index.repository.likeness import (
    BY_NUMBER,
    Mark,
    Rows,
    Standing,
    facts_told,
    in_common,
    standing,
)
from services.survey_index.service.file_reading import Summary
from shared.errors import Conflict, FieldError

_MOST_SHOWN = 5


class ImportedBefore(Conflict):
    """People of the file came with another one before, and nobody said whether it is that file corrected."""

    code, title = "imported_before", "Respondents of this file are in the survey already"


@dataclass(frozen=True, slots=True)
class Choice:
    """What the sender says of people who are there already: the file takes the place of `replaces`, or brings more."""

    replaces: UUID | None = None
    as_more: bool = False


@dataclass(frozen=True, slots=True)
class Alike:
    """A file that was imported before and may be the same, and what the two have in common."""

    import_id: UUID
    imported_at: datetime
    rows: int
    in_common: int
    by: By


@dataclass(frozen=True, slots=True)
class Likeness:
    """The files that one may be the same as, those with most in common first; and how many of its numbers are known.

    Of a file that stands already, read in the same way (`repeated`), nothing else is told: it is counted no more.
    """

    files: Sequence[Alike] = ()
    known_numbers: int = 0
    repeated: bool = False


async def likeness_to(
    session: AsyncSession,
    survey: str,
    import_id: UUID,
    summary: Summary,
    others: Sequence[Standing],
    *,
    rows: Rows,
) -> Likeness:
    """Holds the rows of a file against those of others that stand: by their numbers, and by what they say where
    numbers tell nothing, as those that were written in another way (`R001`, `1.`).
    """

    async def alike(by: By, files: Sequence[Standing], marks: Sequence[Mark]) -> tuple[list[Alike], int]:
        ids = [file.import_id for file in files]
        shared, known = await in_common(session, survey, import_id, ids, marks, rows=rows)
        return [
            Alike(file.import_id, file.imported_at, file.rows, shared[file.import_id], by)
            for file in files
            if is_alike(by, shared.get(file.import_id, 0), summary.rows, file.rows)
        ], known

    numbered = [file for file in others if summary.numbered and file.has_numbers]
    found, known_numbers = await alike("numbers", numbered, BY_NUMBER) if numbered else ([], 0)
    by_number = {file.import_id for file in found}
    left = [file for file in others if file.import_id not in by_number]
    told = await facts_told(session, survey, import_id, [file.import_id for file in left], rows=rows) if left else {}
    sides: dict[tuple[Mark, ...], list[Standing]] = {}
    for file in left:
        told_in_both = told[import_id] & told.get(file.import_id, frozenset())  # it may be taken back meanwhile
        marks = _marks(summary, file, told_in_both, numbered=file in numbered)
        sides.setdefault(marks, []).append(file)
    for marks, files in sides.items():
        found += (await alike("rows", files, marks))[0]
    found.sort(key=lambda file: file.in_common, reverse=True)
    return Likeness(found[:_MOST_SHOWN], known_numbers)


def _marks(summary: Summary, file: Standing, told_in_both: Iterable[Mark], *, numbered: bool) -> tuple[Mark, ...]:
    """By what rows of two files are the same that are not known by their numbers."""
    digits: tuple[Mark, ...] = ("digits",) if numbered else ()
    day: tuple[Mark, ...] = ("day",) if are_dated_alike(summary.days, file.days) else ()
    return (*digits, *day, "answers", *sorted(told_in_both))


async def check_others(
    session: AsyncSession, survey: Survey, import_id: UUID, summary: Summary, choice: Choice
) -> None:
    """Looks for the people of a file, whose rows were just kept, in the survey's others. Raises `ImportedBefore`."""
    if choice.as_more:
        return
    others = await standing(session, survey.code, but=import_id)
    found = await likeness_to(session, survey.code, import_id, summary, others, rows=Rows.KEPT)
    if found.files:
        told = "It replaces another import than these." if choice.replaces else "Say which it is, and send it again."
        raise ImportedBefore(
            f"The file was not imported: it may be another one corrected. {told}",
            errors=[_fault(file, survey, summary) for file in found.files],
        )


def _fault(file: Alike, survey: Survey, summary: Summary) -> FieldError:
    what = "respondents' numbers" if file.by == "numbers" else "rows"
    day = survey.day_of(file.imported_at).isoformat()
    return FieldError(
        "replaces",
        f"{file.in_common} of {summary.rows} {what} are in the import {file.import_id} of {day} already",
        f"replaces={file.import_id} if this is that file corrected, as_more=true if they are others",
    )
