"""Answers on paper come in as files, are looked at before, and can be taken back."""

import asyncio
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request
from starlette.datastructures import UploadFile

from services.survey_index.api.parameters import Officer, SurveyPath, may_run
from services.survey_index.repository import imports as stored
from services.survey_index.schemas.fields import Day
from services.survey_index.schemas.imports import FaultOut, ImportDone, ImportOut, ImportPage, PreviewOut, PreviewRow
from services.survey_index.service import imports, surveys
from services.survey_index.service.imports import File
from services.survey_index.service.withdrawals import withdraw
from shared.errors import FieldError, Invalid
from shared.http import PatientTransaction, Reading, read_form
from shared.idempotency import KeyedRoute

ColumnMapping = Annotated[
    str | None,
    Query(
        max_length=2_000,
        description="What a column holds where its name does not say it, `U8:pengaduan,U9:sarana,JK:sex`; "
        "`-` for one that is not to be read, `pendidikan:-`",
    ),
]
IgnoreOthers = Annotated[bool, Query(description="Pass over columns that nobody knows, instead of refusing the file")]
AnsweredOn = Annotated[Day | None, Query(description="The day of the answers; today if left out")]
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

router = APIRouter(prefix="/v1", tags=["answers"], route_class=KeyedRoute)


@router.post("/surveys/{survey}/responses:import", status_code=201, openapi_extra=_FILE_BODY)
async def import_responses(
    request: Request,
    session: PatientTransaction,
    survey: SurveyPath,
    caller: Officer,
    mapping: ColumnMapping = None,
    answered_on: AnsweredOn = None,
    ignore_others: IgnoreOthers = False,
) -> ImportDone:
    """Imports a CSV file or a workbook (XLSX) with the header `respondent,U1,…,U9`, or the elements' slugs.

    It may also have `nps, date, unit, service, channel, age, sex, education, occupation, comment, comment_about`.
    Send it as the body or as the field `file` of a form. All of it is imported, or nothing.
    """
    file = File(await _content(request), mapping, answered_on, ignore_others=ignore_others)
    done = await imports.import_file(session, survey, file, actor=caller.subject, now=request.app.state.clock())
    return ImportDone(import_id=done.import_id, survey=survey, rows=done.rows, repeated=done.repeated)


@router.post("/surveys/{survey}/responses:preview", openapi_extra=_FILE_BODY, dependencies=[Depends(may_run)])
async def preview_import(
    request: Request,
    survey: SurveyPath,
    mapping: ColumnMapping = None,
    answered_on: AnsweredOn = None,
    ignore_others: IgnoreOthers = False,
) -> PreviewOut:
    """Reads a file as the import would, and keeps nothing: its first rows, its index, and every fault."""
    file = File(await _content(request), mapping, answered_on, ignore_others=ignore_others)
    async with request.app.state.db.autocommit() as session:
        known = await imports.survey_for(session, survey)
    seen = await asyncio.to_thread(imports.preview, file, known, request.app.state.clock())
    async with request.app.state.db.autocommit(patient=True) as session:
        known_numbers = await imports.numbers_known(session, survey, seen)
    codes = seen.survey.instrument.codes
    return PreviewOut(
        survey=survey,
        rows=seen.rows,
        known_numbers=known_numbers,
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
    )


@router.get("/surveys/{survey}/imports", dependencies=[Depends(may_run)])
async def list_imports(
    session: Reading,
    survey: SurveyPath,
    cursor: UUID | None = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
) -> ImportPage:
    """The files that were imported into a survey, the newest first, those that were taken back among them."""
    await surveys.find(session, survey)
    found = await stored.list_imports(session, survey, before=cursor, limit=limit)
    items = [ImportOut.model_validate(file, from_attributes=True) for file in found]
    return ImportPage(items=items, next_cursor=str(items[-1].import_id) if len(items) == limit else None)


@router.post("/surveys/{survey}/imports/{import_id}/withdraw")
async def take_back(
    request: Request, session: PatientTransaction, survey: SurveyPath, import_id: UUID, caller: Officer
) -> ImportOut:
    """Takes a file back, all of it: every figure is as if it had not come. A corrected one is imported then."""
    now = request.app.state.clock()
    file = await withdraw(session, survey, import_id, by=caller.subject, now=now)
    return ImportOut.model_validate(file, from_attributes=True)


async def _content(request: Request) -> bytes:
    if request.headers.get("content-type", "").startswith("multipart/form-data"):
        async with read_form(request) as form:
            file = form.get("file")
            if not isinstance(file, UploadFile):
                expected = "a CSV file or a workbook in the field `file`, or as the body of the request"
                raise Invalid("The form has no file.", errors=[FieldError("file", "is missing", expected)])
            return await file.read()
    return await request.body()
