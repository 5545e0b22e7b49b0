"""Files of answers: looked at before they count (preview), and imported as a whole or not at all.

A file is read before a transaction begins (`readers`), by the rules of its survey as it is then. Whoever imports it
holds the survey, and has the file read again in the one case that its rules are others: somebody began it meanwhile.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import IO, Self
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.survey_index.domain.instruments import DEFAULT_INSTRUMENT, builtin
from services.survey_index.domain.sheet.header import PASSED_OVER, meaning_of, read_mapping
from services.survey_index.domain.sheet.rules import Answered, Rules
from services.survey_index.domain.skm import Index, skm
from services.survey_index.models import Survey
from services.survey_index.repository import imports as stored
from services.survey_index.repository import responses, surveys, tallies
from services.survey_index.repository.responses import Origin, Record
from services.survey_index.service.file_reading import Order
from services.survey_index.service.readers import Readers, Reading
from services.survey_index.service.surveys import SurveyClosed, find
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


class RulesChanged(Exception):
    """The survey has other rules than those by which the file was read: somebody else began it meanwhile."""

    def __init__(self, survey: Survey) -> None:
        super().__init__()
        self.survey = survey


@dataclass(frozen=True, slots=True)
class File:
    """A file of answers, and how to read it."""

    content: IO[bytes]
    mapping: str | None = None
    answered_on: date | None = None
    ignore_others: bool = False


@dataclass(frozen=True, slots=True)
class ReadFile:
    """A file that was read by the rules of a survey. What was read is gone when the block ends."""

    file: File
    survey: Survey
    reading: Reading

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.reading.close()


@dataclass(frozen=True, slots=True)
class Preview:
    """What a file would add: its first rows as they were understood, its index, and every fault."""

    rows: int
    first: Sequence[Answered]
    index: Index
    faults: Sequence[FieldError]
    survey: Survey


async def survey_for(session: AsyncSession, code: str) -> Survey:
    """The survey that a file would be imported into: one that is known, or the one that it would begin."""
    return await surveys.get_survey(session, code) or _unknown(code)


async def read(readers: Readers, file: File, survey: Survey, now: datetime, *, counting: bool = False) -> ReadFile:
    """Reads a file by the rules of a survey, as far as it is without faults. With `counting` its answers are counted.

    Raises `Unavailable`. What is wrong with the file is told by who is given it: `preview`, `import_file`.
    """
    mapping, wrong = read_mapping(file.mapping, survey.instrument)
    if wrong:
        return ReadFile(file, survey, Reading.refused(wrong))
    today = survey.day_of(now)
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
    reading = await readers.read(file.content, Order(rules, survey.missing if counting else None))
    return ReadFile(file, survey, reading)


def preview(read: ReadFile, now: datetime) -> Preview:
    """What the file would add. Raises what `import_file` would, but for the faults of its cells, which are shown."""
    survey, summary = read.survey, read.reading.summary
    _check_open(survey, read.file, now)
    counts, n = survey.layout.read(summary.cells or [0] * survey.layout.size)
    index = skm(counts, n, survey.instrument, edition=survey.edition)
    first = next(read.reading.batches(), [])[:_SHOWN]
    return Preview(summary.rows, first, index, summary.faults, survey)


async def numbers_known(session: AsyncSession, read: ReadFile) -> int:
    """How many respondents of a file go by a number that the survey already has from another."""
    known, batches = 0, read.reading.batches()
    while (batch := await asyncio.to_thread(next, batches, None)) is not None:
        known += await stored.count_numbers(session, read.survey.code, [row.respondent for row in batch])
    return known


async def import_file(session: AsyncSession, read: ReadFile, *, actor: str, now: datetime) -> Imported:
    """Imports a file, all of it or nothing; a survey that is not known yet begins with it.

    The same cells are counted once for a survey, however often and in whatever form they are sent. Raises `Invalid`
    with row and column of each fault, `SurveyClosed`, `OtherMapping` and `RulesChanged`.
    """
    survey = await _begun(session, read.survey.code, now)
    if not survey.is_ruled_as(read.survey):
        raise RulesChanged(survey)
    _check_open(survey, read.file, now)
    if read.reading.summary.faults:
        raise Invalid("The file has faults; nothing of it was imported.", errors=read.reading.summary.faults)
    for _ in range(_TRIES):
        done = await _import(session, read, actor=actor, now=now)
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


async def _import(session: AsyncSession, read: ReadFile, *, actor: str, now: datetime) -> Imported | None:
    """One try. None if the same file, which was there before, was taken back just now."""
    code, summary = read.survey.code, read.reading.summary
    import_id, understood = new_id(), _understood(read.file, read.survey)
    new = await stored.insert_import(  # first: whoever sends the same file now waits here, and has no rows to take back
        session,
        import_id=import_id,
        survey=code,
        content_sha256=summary.sha,
        mapping=understood,
        rows=summary.rows,
        imported_by=actor,
        now=now,
    )
    if new:
        await _insert(session, read, import_id, now)
        return Imported(import_id, summary.rows, repeated=False)
    before = await stored.find_import(session, code, summary.sha)
    if before is None:
        return None
    if _as_read_now(before.mapping, read.survey) != understood:
        raise OtherMapping("Its columns were read in another way then, or it was for another day.")
    return Imported(before.id, before.rows, repeated=True)


async def _insert(session: AsyncSession, read: ReadFile, import_id: UUID, now: datetime) -> None:
    survey = read.survey
    counted = tallies.Counted(survey)
    origin = Origin(survey, import_id, read.file.answered_on or survey.day_of(now), _CHANNEL, now)
    batches: Iterator[Sequence[Answered]] = read.reading.batches()

    def next_batch() -> list[Record] | None:
        batch = next(batches, None)
        return None if batch is None else responses.records_of(batch, origin, counted)

    async for records in _read_ahead(next_batch):
        await responses.copy(session, records)
    await tallies.add(session, counted)


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


def _as_read_now(understood: str, survey: Survey) -> str:
    """What `_understood` said when it knew fewer names of columns, without what holds anyway by now."""
    parts = []
    for part in understood.split(","):
        column, _, holds = part.rpartition(":")
        if not column or meaning_of(column, survey.instrument, {}) != holds:
            parts.append(part)
    return ",".join(parts)
