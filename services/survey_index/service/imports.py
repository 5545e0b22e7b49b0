"""Files of answers: looked at before they count (preview), and imported as a whole or not at all."""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.survey_index.domain.instruments import DEFAULT_INSTRUMENT, builtin
from services.survey_index.domain.sheet.header import PASSED_OVER, meaning_of, read_mapping
from services.survey_index.domain.sheet.rows import read_rows
from services.survey_index.domain.sheet.rules import Answered, Faults, Rules
from services.survey_index.domain.sheet.text import csv_rows
from services.survey_index.domain.skm import Index, skm
from services.survey_index.models import Survey
from services.survey_index.repository import imports as stored
from services.survey_index.repository import responses, surveys, tallies
from services.survey_index.repository.responses import Origin, Record
from services.survey_index.service.surveys import SurveyClosed, find
from services.survey_index.service.workbook import looks_like_workbook, xlsx_rows
from shared.errors import Conflict, FieldError, Invalid, Unavailable
from shared.ids import new_id

_SHOWN = 5
_CHANNEL = "paper"
_TRIES = 3


class OtherMapping(Conflict):
    """The same file was imported before with its columns read in another way, or for another day."""

    code, title = "imported_otherwise", "This file was imported before, in another way"
    fault = FieldError("mapping", "reads the file in another way than before", "the same, or withdraw it first")


@dataclass(frozen=True, slots=True)
class Imported:
    import_id: UUID
    rows: int
    repeated: bool


@dataclass(frozen=True, slots=True)
class Preview:
    """What a file would add: its first rows as they were understood, its index, and every fault."""

    rows: int
    first: Sequence[Answered]
    index: Index
    faults: Sequence[FieldError]
    survey: Survey
    numbers: Sequence[str]


@dataclass(frozen=True, slots=True)
class File:
    """A file of answers, and how to read it."""

    content: bytes
    mapping: str | None = None
    answered_on: date | None = None
    ignore_others: bool = False


class Digest:
    """What makes two files the same: their cells, and not how they were saved."""

    def __init__(self) -> None:
        self._sha = hashlib.sha256()

    def over(self, rows: Iterable[Sequence[str]]) -> Iterator[Sequence[str]]:
        """The same rows, each of which is added when it is read. Empty ones add nothing."""
        for cells in rows:
            line = "\x1f".join(cells)
            if line.strip("\x1f"):
                self._sha.update(line.encode())
                self._sha.update(b"\x1e")
            yield cells

    def hex(self) -> str:
        return self._sha.hexdigest()


def batches(file: File, survey: Survey, today: date, faults: Faults, digest: Digest) -> Iterator[list[Answered]]:
    """The respondents of a CSV file or a workbook, in batches; what is wrong is added to `faults`."""
    mapping, wrong = read_mapping(file.mapping, survey.instrument)
    if wrong:
        faults.extend(wrong)
        return
    rules = Rules(
        survey.instrument,
        survey.codes,
        survey.opens_on,
        min(survey.closes_on or today, today),
        survey.min_age,
        survey.scope,
        mapping,
        may_be_undated=survey.takes(file.answered_on or today),
        ignore_others=file.ignore_others,
    )
    yield from read_rows(digest.over(rows_of(file.content, faults)), rules, faults)


def rows_of(content: bytes, faults: Faults) -> Iterator[Sequence[str]]:
    """The rows of a CSV file or a workbook, as texts."""
    return xlsx_rows(content, faults) if looks_like_workbook(content) else csv_rows(content, faults)


async def survey_for(session: AsyncSession, code: str) -> Survey:
    """The survey that a file would be imported into: one that is known, or the one that it would begin."""
    return await surveys.get_survey(session, code, hold=True) or _unknown(code)


def preview(file: File, survey: Survey, now: datetime) -> Preview:
    """Reads the whole file and keeps nothing of it. Raises what `import_file` would."""
    _check_open(survey, file, now)
    faults, rows = Faults(), 0
    numbers: list[str] = []
    first: list[Answered] = []
    is_complete = survey.layout.is_complete
    cells = [0] * survey.layout.size
    for batch in batches(file, survey, survey.day_of(now), faults, Digest()):
        rows += len(batch)
        numbers.extend(row.respondent for row in batch)
        first.extend(batch[: _SHOWN - len(first)])
        counted = (row.answers for row in batch if survey.missing == "per_question" or is_complete(row.answers))
        cells = [a + b for a, b in zip(cells, survey.layout.tally(counted), strict=True)]
    counts, n = survey.layout.read(cells)
    index = skm(counts, n, survey.instrument, edition=survey.edition)
    return Preview(
        0 if faults else rows, () if faults else first, index, list(faults), survey, () if faults else numbers
    )


async def numbers_known(session: AsyncSession, code: str, seen: Preview) -> int:
    """How many respondents of a file go by a number that the survey already has from another."""
    return await stored.count_numbers(session, code, seen.numbers) if seen.numbers else 0


async def import_file(session: AsyncSession, code: str, file: File, *, actor: str, now: datetime) -> Imported:
    """Imports a file, all of it or nothing; a survey that is not known yet begins with it.

    The same cells are counted once for a survey, however often and in whatever form they are sent. Raises `Invalid`
    with row and column of each fault, `SurveyClosed` and `OtherMapping`.
    """
    survey = await _begun(session, code, now)
    _check_open(survey, file, now)
    for _ in range(_TRIES):
        done = await _import(session, survey, file, actor=actor, now=now)
        if done is not None:
            return done
    raise Unavailable("The same file is being taken back. Please send it again.")


async def _begun(session: AsyncSession, code: str, now: datetime) -> Survey:
    """The survey, held until the end of the transaction. One that is not known begins, unless another is quicker."""
    known = await surveys.get_survey(session, code, hold=True)
    if known is not None:
        return known
    survey = _unknown(code)
    return survey if await surveys.insert_survey(session, survey, now) else await find(session, code, hold=True)


async def _import(session: AsyncSession, survey: Survey, file: File, *, actor: str, now: datetime) -> Imported | None:
    """One try. None if the same file, which was there before, was taken back just now."""
    day, code = file.answered_on or survey.day_of(now), survey.code
    import_id, understood = new_id(), _understood(file, survey)
    async with session.begin_nested() as rows_alone:  # a file that was counted before takes its rows back
        rows, sha = await _insert(session, survey, file, import_id, day, now)
        new = await stored.insert_import(
            session,
            import_id=import_id,
            survey=code,
            content_sha256=sha,
            mapping=understood,
            rows=rows,
            imported_by=actor,
            now=now,
        )
        if not new:
            await rows_alone.rollback()
    if new:
        return Imported(import_id, rows, repeated=False)
    before = await stored.find_import(session, code, sha)
    if before is None:
        return None
    if before.mapping != understood:
        raise OtherMapping("Its columns were read in another way then, or it was for another day.")
    return Imported(before.id, before.rows, repeated=True)


async def _insert(
    session: AsyncSession, survey: Survey, file: File, import_id: UUID, day: date, now: datetime
) -> tuple[int, str]:
    """Puts the rows in as they are read, and tells their number and digest; a fault anywhere takes all of them back."""
    faults, rows, digest = Faults(), 0, Digest()
    counted = tallies.Counted(survey)
    origin = Origin(survey, import_id, day, _CHANNEL, now)

    def next_batch() -> list[Record] | None:
        batch = next(reading, None)
        return None if batch is None else responses.records_of(batch, origin, counted)

    reading = batches(file, survey, survey.day_of(now), faults, digest)
    async for batch in _read_ahead(next_batch):
        await responses.copy(session, batch)
        rows += len(batch)
    if faults:
        raise Invalid("The file has faults; nothing of it was imported.", errors=faults)
    await tallies.add(session, counted)
    return rows, digest.hex()


async def _read_ahead(next_batch: Callable[[], list[Record] | None]) -> AsyncIterator[list[Record]]:
    """Batches, the next of which is read while the database keeps the last."""
    reading = asyncio.create_task(asyncio.to_thread(next_batch))
    try:
        while (batch := await reading) is not None:
            reading = asyncio.create_task(asyncio.to_thread(next_batch))
            yield batch
    finally:
        await asyncio.wait([reading])


def _check_open(survey: Survey, file: File, now: datetime) -> None:
    if survey.closed_at is not None or (file.answered_on and not survey.takes(file.answered_on)):
        raise SurveyClosed("The survey does not run on that day, or was closed.")
    if file.answered_on and file.answered_on > survey.day_of(now):
        errors = [FieldError("answered_on", "is later than today", "today or a day before")]
        raise Invalid("It was answered in the future.", errors=errors)


def _unknown(code: str) -> Survey:
    """A survey that begins with its first file, and asks nobody else: the nine elements, under the rules in force."""
    return Survey(code, code.replace("-", " "), builtin()[DEFAULT_INSTRUMENT].asking_nps(), selection="nobody")


def _understood(file: File, survey: Survey) -> str:
    """How a file was read, in one form: a mapping that says what holds anyway is no other mapping."""
    columns, _ = read_mapping(file.mapping, survey.instrument)
    differs = sorted(
        (column.upper(), holds)
        for column, holds in columns.items()
        if (meaning_of(column, survey.instrument, {}) or PASSED_OVER) != holds
    )
    return ",".join([f"{column}:{holds}" for column, holds in differs] + [str(file.answered_on or "")])
