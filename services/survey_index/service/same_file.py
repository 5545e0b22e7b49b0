"""The same file, corrected: a file whose people came with another one before, which must be said before they count."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.survey_index.domain.likeness import (
    By,
    InCommon,
    are_dated_alike,
    are_written_alike,
    places_taken_for_each_other,
)
from services.survey_index.models import Survey
from services.survey_index.repository.likeness import (
    BY_ANSWERS,
    BY_NUMBER,
    Mark,
    Rows,
    Standing,
    a_number_of_each,
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
    survey: Survey,
    import_id: UUID,
    summary: Summary,
    files_before: Sequence[Standing],
    *,
    rows: Rows,
) -> Likeness:
    """Holds the rows of a file against those of others that stand: by their numbers; by the answers that are alone in
    their file, for numbers may be written in another way; and where hardly any are, by all that both files tell.
    """

    in_any_order = places_taken_for_each_other(survey.instrument)

    async def shared(files: Sequence[Standing], marks: Sequence[Mark]) -> tuple[Mapping[UUID, InCommon], int]:
        ids = [file.import_id for file in files]
        if not ids:
            return {}, 0
        return await in_common(session, survey.code, import_id, ids, marks, in_any_order=in_any_order, rows=rows)

    numbered = [file for file in files_before if summary.numbered and file.has_numbers]
    by_number, known_numbers = await shared(numbered, BY_NUMBER)
    found = [_alike(file, by_number[file.import_id], "numbers") for file in numbered if file.import_id in by_number]
    unmet = [file.import_id for file in numbered if file.import_id not in by_number]
    numbers = await a_number_of_each(session, survey.code, import_id, unmet, rows=rows) if unmet else {}
    are_others = {name for name in unmet if are_written_alike(numbers[import_id], numbers.get(name, ""))}
    left = [file for file in files_before if file.import_id not in {*by_number, *are_others}]
    by_answers, _ = await shared(left, BY_ANSWERS)
    few_alone = []
    for file in left:
        common = by_answers.get(file.import_id)
        if common is not None and not common.is_telling:
            few_alone.append(file)
        elif common is not None and common.has_most_alone:
            found.append(_alike(file, common, "rows"))
    ids = [file.import_id for file in few_alone]
    told = await facts_told(session, survey.code, import_id, ids, rows=rows) if ids else {}
    sides: dict[tuple[Mark, ...], list[Standing]] = {}
    for file in few_alone:
        told_in_both = told[import_id] & told.get(file.import_id, frozenset())  # it may be taken back meanwhile
        marks = _marks(summary, file, told_in_both, numbered=file in numbered)
        sides.setdefault(marks, []).append(file)
    for marks, files in sides.items():
        by_all, _ = await shared(files, marks)
        found += [
            _alike(file, common, "rows")
            for file in files
            if (common := by_all.get(file.import_id)) and common.has_most_of(summary.rows, file.rows)
        ]
    found.sort(key=lambda file: file.in_common, reverse=True)
    return Likeness(found[:_MOST_SHOWN], known_numbers)


def _alike(file: Standing, common: InCommon, by: By) -> Alike:
    return Alike(file.import_id, file.imported_at, file.rows, common.rows, by)


def _marks(summary: Summary, file: Standing, told_in_both: Iterable[Mark], *, numbered: bool) -> tuple[Mark, ...]:
    """By what rows of two files are the same of which hardly any is alone."""
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
    found = await likeness_to(session, survey, import_id, summary, others, rows=Rows.KEPT)
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
