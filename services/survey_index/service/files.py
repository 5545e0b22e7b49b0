"""A file of answers, read by the rules of a survey: what it holds, and how it was understood."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import IO, Self
from uuid import UUID

from services.survey_index.domain.sheet.header import PASSED_OVER, meaning_of, read_mapping
from services.survey_index.domain.sheet.rules import Answered, Rules
from services.survey_index.domain.span import DayOrder, Span
from services.survey_index.models import Import, Survey
from services.survey_index.repository import responses
from services.survey_index.repository.counting import Counted
from services.survey_index.repository.responses import Origin, Record
from services.survey_index.service.file_reading import Order
from services.survey_index.service.readers import Readers, Reading
from services.survey_index.service.surveys import SurveyClosed
from shared.errors import FieldError, Invalid

_CHANNEL = "paper"


@dataclass(frozen=True, slots=True)
class File:
    """A file of answers, and how to read it."""

    content: IO[bytes]
    mapping: str | None = None
    answered_on: Span | None = None
    ignore_others: bool = False
    day_order: DayOrder | None = None


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


async def read(readers: Readers, file: File, survey: Survey, now: datetime, *, counting: bool = False) -> ReadFile:
    """Reads a file by the rules of a survey, as far as it is without faults. With `counting` its answers are counted.

    Raises `Unavailable`. What is wrong with the file is told by who is given it: `preview`, `import_file`.
    """
    mapping, wrong = read_mapping(file.mapping, survey.instrument)
    if wrong:
        return ReadFile(file, survey, Reading.refused(wrong))
    rules = Rules(
        survey.instrument,
        survey.codes,
        survey.opens_on,
        survey.closes_on,
        survey.min_age,
        survey.scope,
        mapping,
        ignore_others=file.ignore_others,
        today=survey.day_of(now),
        zone=survey.zone,
        answered_on=file.answered_on,
        day_order=file.day_order,
    )
    reading = await readers.read(file.content, Order(rules, survey.missing if counting else None))
    return ReadFile(file, survey, reading)


def check_open(survey: Survey, file: File, now: datetime) -> None:
    """Raises `SurveyClosed` where the survey takes no answers of these days, and `Invalid` where they are to come."""
    days, today = file.answered_on, survey.day_of(now)
    if survey.closed_at is not None or (days and not (survey.takes(days.first) and survey.takes(days.last))):
        raise SurveyClosed("The survey does not run on these days, or was closed.")
    if days and days.last > today:
        errors = [FieldError("answered_on", "lies in the future", f"a day up to {today}")]
        raise Invalid("It was answered in the future.", errors=errors)


def is_read_alike(read: ReadFile, earlier: Import) -> bool:
    """Whether the columns and days of the same cells were taken then as they are now."""
    return _as_read_now(earlier.read_as, read.survey) == understood(read)


def understood(read: ReadFile) -> str:
    """How a file was read, in one form: a mapping that says what holds anyway is no other mapping."""
    file, survey, days = read.file, read.survey, read.reading.summary.days
    columns, _ = read_mapping(file.mapping, survey.instrument)
    differs = sorted(
        (column.upper(), holds)
        for column, holds in columns.items()
        if (meaning_of(column, survey.instrument, {}) or PASSED_OVER) != holds
    )
    order = [days.day_order] if days and days.day_order not in (None, "day_first") else []
    return ",".join([*(f"{column}:{holds}" for column, holds in differs), *order, str(file.answered_on or "")])


def _as_read_now(read_as: str, survey: Survey) -> str:
    """What `understood` told when it knew fewer names of columns, without what holds anyway by now."""
    parts = []
    for part in read_as.split(","):
        column, _, holds = part.rpartition(":")
        if not column or meaning_of(column, survey.instrument, {}) != holds:
            parts.append(part)
    return ",".join(parts)


def records_of(read: ReadFile, import_id: UUID, counted: Counted, now: datetime) -> AsyncIterator[list[Record]]:
    """The rows of a file as they are kept, in batches. Each is counted on the way."""
    survey = read.survey
    origin = Origin(survey, import_id, read.file.answered_on, _CHANNEL, now)
    batches: Iterator[Sequence[Answered]] = read.reading.batches()

    def next_batch() -> list[Record] | None:
        batch = next(batches, None)
        return None if batch is None else responses.records_of(batch, origin, counted)

    return _read_ahead(next_batch)


async def _read_ahead(next_batch: Callable[[], list[Record] | None]) -> AsyncIterator[list[Record]]:
    """Batches, the next of which is read while the database keeps the last."""
    reading = asyncio.create_task(asyncio.to_thread(next_batch))
    try:
        while (batch := await reading) is not None:
            reading = asyncio.create_task(asyncio.to_thread(next_batch))
            yield batch
    finally:
        await asyncio.wait([reading])
