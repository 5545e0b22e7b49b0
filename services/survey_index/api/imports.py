"""Answers on paper come in as files, are looked at before, and can be taken back."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime
from functools import partial
from typing import IO, Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request, Response
from sqlalchemy.ext.asyncio import AsyncSession

from services.survey_index.api.parameters import Officer, SurveyPath, may_run
from services.survey_index.domain.span import EXPECTED_SPAN, DayOrder, DaysTaken, Span
from services.survey_index.models import Survey
from services.survey_index.schemas.imports import (
    AlikeOut,
    DaysOut,
    FaultOut,
    HowRead,
    ImportDone,
    ImportOut,
    ImportPage,
    PreviewOut,
    PreviewRow,
)
from services.survey_index.service import files, imports
from services.survey_index.service.files import File, ReadFile
from services.survey_index.service.imports import OtherMapping, ReplacedBefore, RulesChanged
from services.survey_index.service.readers import Readers
from services.survey_index.service.same_file import Choice, ImportedBefore
from services.survey_index.service.surveys import SurveyClosed
from services.survey_index.service.withdrawals import withdraw
from shared.db import Database
from shared.errors import FieldError, Invalid, NotFound, Unavailable
from shared.files import received_file, unless_sender_leaves
from shared.http import PatientTransaction, Reading
from shared.idempotency import IdempotencyKey, KeyedRoute
from shared.named import Named
from shared.refusals import refusals
from shared.wiring import Db, Now, wired

ColumnMapping = Annotated[
    str | None,
    Query(
        max_length=2_000,
        description="What a column holds where its name does not say it, `U8:pengaduan,U9:sarana,JK:sex`; "
        "`-` for one that is not to be read, `pendidikan:-`",
    ),
]
IgnoreOthers = Annotated[bool, Query(description="Pass over columns that nobody knows, instead of refusing the file")]
_TRIES = 3
AnsweredOn = Annotated[
    str | None,
    Query(
        max_length=40,
        description="The day of the answers that tell none, or the days between which they were given: `2026-03-31`, "
        "`2026-01-01..2026-03-31`. Without it, a file needs a column of days",
    ),
]
OrderOfDays = Annotated[
    DayOrder | None,
    Query(description="How `01/10/2026` is written, where no day of the file tells it"),
]
_FILE_BODY = {
    "requestBody": {
        "required": True,
        "content": {
            "text/csv": {"schema": {"type": "string"}},
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": {
                "schema": {"type": "string", "format": "binary"}
            },
            "multipart/form-data": {
                "schema": {"type": "object", "properties": {"file": {"type": "string", "format": "binary"}}}
            },
        },
    }
}

WiredReaders = Annotated[Readers, Depends(wired(Readers))]
router = APIRouter(prefix="/v1", tags=["answers"], route_class=KeyedRoute)


async def how_to_read(
    mapping: ColumnMapping = None,
    answered_on: AnsweredOn = None,
    ignore_others: IgnoreOthers = False,
    day_order: OrderOfDays = None,
) -> Callable[[IO[bytes]], File]:
    """The file that was sent, with what its sender says of it."""
    days = _span(answered_on) if answered_on is not None else None
    return partial(File, mapping=mapping, answered_on=days, ignore_others=ignore_others, day_order=day_order)


def _span(answered_on: str) -> Span:
    try:
        return Span.read(answered_on)
    except ValueError as error:
        errors = [FieldError("answered_on", str(error), EXPECTED_SPAN)]
        raise Invalid("The days of the answers are not understood.", errors=errors) from None


HowToRead = Annotated[Callable[[IO[bytes]], File], Depends(how_to_read)]


async def chosen(
    replaces: Annotated[
        UUID | None, Query(description="The import that this file corrects: it is taken back when this one is counted")
    ] = None,
    as_more: Annotated[
        bool, Query(description="Count respondents whose numbers or rows are there already: they are others")
    ] = False,
) -> Choice:
    """What is said of respondents who are there already."""
    return Choice(replaces, as_more)


@router.post(
    "/surveys/{survey}/responses:import",
    status_code=201,
    response_model=ImportDone,
    openapi_extra=_FILE_BODY,
    responses=refusals(NotFound, SurveyClosed, OtherMapping, ImportedBefore, ReplacedBefore),
)
async def import_responses(
    request: Request,
    db: Db,
    now: Now,
    readers: WiredReaders,
    survey: SurveyPath,
    caller: Officer,
    reading: HowToRead,
    choice: Annotated[Choice, Depends(chosen)],
    key: IdempotencyKey = None,
) -> Response:
    """Imports a CSV file or a workbook (XLSX) with the header `respondent,date,U1,…,U9`, or the elements' slugs.

    It may also have `nps, unit, service, channel, age, sex, education, occupation, comment, comment_about`. A row
    without a `date` is of the days that `answered_on` says; nothing is imported of a file that tells no days.
    Send it as the body or as the field `file` of a form. All of it is imported, or nothing. One whose respondents came
    with another file before is refused, unless it says that it `replaces` that import, or that they are more.
    """
    async with received_file(request) as sent:
        named = await Named.by(request, key, sent)
        if (first := await named.answered()) is not None:
            return first
        known = await _survey_for(db, survey)
        for _ in range(_TRIES):
            async with _read(request, readers, reading(sent.file), known, now) as read:

                async def keep(session: AsyncSession, read: ReadFile = read) -> ImportDone:
                    done = await imports.import_file(session, read, choice, actor=caller.subject, now=now)
                    return ImportDone(
                        import_id=done.import_id,
                        survey=survey,
                        rows=done.rows,
                        repeated=done.repeated,
                        replaces=done.replaces,
                        days=_days(done.days),
                        **_how_read(read),
                    )

                try:
                    return await named.answer(201, keep)
                except RulesChanged as changed:  # the transaction has ended: nothing is held while it is read again
                    known = changed.survey
    raise Unavailable("Its survey is being set up. Please send it again.")


@router.post(
    "/surveys/{survey}/responses:preview",
    openapi_extra=_FILE_BODY,
    dependencies=[Depends(may_run)],
    responses=refusals(SurveyClosed, OtherMapping),
)
async def preview_import(
    request: Request, db: Db, now: Now, readers: WiredReaders, survey: SurveyPath, reading: HowToRead
) -> PreviewOut:
    """Reads a file as the import would, and keeps nothing: its first rows, its index, and every fault.

    The same cells that were imported before in another way are refused, as the import refuses them.
    """
    known = await _survey_for(db, survey)
    async with (
        received_file(request) as sent,
        _read(request, readers, reading(sent.file), known, now, counting=True) as read,
    ):
        seen = await asyncio.to_thread(imports.preview, read, now)
        async with db.transaction(patient=True) as session:
            likeness = await imports.likeness_of(session, read, now)
    codes = seen.survey.instrument.codes
    return PreviewOut(
        survey=survey,
        rows=seen.rows,
        known_numbers=likeness.known_numbers,
        index=seen.index.index if seen.rows else None,
        grade=seen.index.band.grade if seen.rows and seen.index.band else None,
        first=[
            PreviewRow(
                respondent=row.respondent,
                answers=dict(zip(codes, row.answers, strict=True)),
                date=row.day,
                sex=row.sex,
                education=row.education,
                occupation=row.occupation,
            )
            for row in seen.first
        ],
        faults=[FaultOut(field=f.field, message=f.message, expected=f.expected) for f in seen.faults],
        same_as=[AlikeOut.model_validate(file, from_attributes=True) for file in likeness.files],
        repeated=likeness.repeated,
        days=_days(seen.days),
        **_how_read(read),
    )


def _days(days: DaysTaken | None) -> DaysOut | None:
    """The days of a file as they go out."""
    return DaysOut.model_validate(days, from_attributes=True) if days else None


@router.get("/surveys/{survey}/imports", dependencies=[Depends(may_run)], responses=refusals(NotFound))
async def list_imports(
    session: Reading,
    survey: SurveyPath,
    cursor: UUID | None = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
) -> ImportPage:
    """The files that were imported into a survey, the newest first, those that were taken back among them."""
    found, next_cursor = await imports.page(session, survey, before=cursor, limit=limit)
    items = [ImportOut.model_validate(file, from_attributes=True) for file in found]
    return ImportPage(items=items, next_cursor=next_cursor)


@router.post("/surveys/{survey}/imports/{import_id}/withdraw", responses=refusals(NotFound, SurveyClosed))
async def take_back(
    session: PatientTransaction, now: Now, survey: SurveyPath, import_id: UUID, caller: Officer
) -> ImportOut:
    """Takes a file back, all of it: every figure is as if it had not come. Its correction `replaces` it in one step."""
    file = await withdraw(session, survey, import_id, by=caller.subject, now=now)
    return ImportOut.model_validate(file, from_attributes=True)


def _how_read(read: ReadFile) -> dict[str, Any]:
    """The fields of `HowRead`."""
    return HowRead.model_validate(read.reading.summary, from_attributes=True).model_dump()


async def _survey_for(db: Database, code: str) -> Survey:
    async with db.autocommit() as session:
        return await imports.survey_for(session, code)


@asynccontextmanager
async def _read(
    request: Request, readers: Readers, file: File, survey: Survey, now: datetime, *, counting: bool = False
) -> AsyncIterator[ReadFile]:
    """The file as it was read. Its reading ends when the sender leaves."""
    reading = files.read(readers, file, survey, now, counting=counting)
    with await unless_sender_leaves(request, reading) as read:
        yield read
