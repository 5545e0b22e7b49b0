"""Answers come in: from apps, key-pads, interviewers, and files."""

import asyncio
import json
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from starlette.datastructures import UploadFile

from services.survey_index.api.parameters import Officer, SurveyPath, may_run
from services.survey_index.domain.instruments import Instrument
from services.survey_index.models import Profile
from services.survey_index.schemas.answers import (
    AnswersIn,
    BroughtIn,
    FaultOut,
    ImportDone,
    KeypadIn,
    LinkOut,
    PreviewOut,
    PreviewRow,
    QuestionOut,
    ResponseAccepted,
    ResponseIn,
)
from services.survey_index.schemas.fields import Day
from services.survey_index.service import answers, imports, surveys
from services.survey_index.service.answers import Brought, Said
from services.survey_index.service.imports import File
from services.survey_index.service.invitations import opened_by
from services.survey_index.service.links import Links
from shared.auth import PUBLIC, Access, Caller
from shared.errors import FieldError, Invalid
from shared.http import Reading, Transaction, read_form

Bringer = Annotated[
    Caller,
    Depends(Access(scopes=frozenset({"answers:write"}), roles=frozenset({"agent", "officer", "supervisor", "admin"}))),
]
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


def routes(links: Links) -> APIRouter:
    """The router, around the links that `main` wired."""
    router = APIRouter(prefix="/v1", tags=["answers"])

    @router.post("/responses", status_code=201, dependencies=[PUBLIC])
    async def respond(request: Request, session: Transaction, form: ResponseIn) -> ResponseAccepted:
        """Takes the answers of an invited citizen; the token is the permission, and works once."""
        now = request.app.state.clock()
        response = await answers.by_link(session, links, form.token, _said(form), now, service=form.service)
        return ResponseAccepted(response_id=response.id, survey=response.survey)

    @router.get("/invitations/{token}", dependencies=[PUBLIC])
    async def read_invitation(request: Request, session: Reading, token: str) -> LinkOut:
        """What an invitation asks, for apps that draw the form themselves."""
        invitation, survey = await opened_by(session, links, token, request.app.state.clock())
        return LinkOut(
            survey=survey.code,
            expires_at=invitation.expires_at,
            answered=invitation.used_at is not None,
            services=survey.services,
            questions=_questions(survey.instrument),
        )

    @router.post("/surveys/{survey}/responses", status_code=201)
    async def bring(
        request: Request, session: Transaction, survey: SurveyPath, caller: Bringer, form: BroughtIn
    ) -> ResponseAccepted:
        """Takes answers without a link: from an app, or from an interviewer (name, NIP). `once` sent again is one."""
        who = form.interviewer
        how = Brought(
            once=_once(caller, form.once),
            channel="interview" if who and form.channel == "app" else form.channel,
            unit=form.unit,
            service=form.service,
            day=form.answered_on,
            respondent=form.respondent,
            interviewer_name=who.name if who else None,
            interviewer_nip=who.nip if who else None,
        )
        response = await answers.brought(session, survey, _said(form), how, request.app.state.clock())
        return ResponseAccepted(response_id=response.id, survey=response.survey)

    @router.post("/surveys/{survey}/keypad", status_code=201)
    async def press(
        request: Request, session: Transaction, survey: SurveyPath, caller: Bringer, form: KeypadIn
    ) -> ResponseAccepted:
        """Takes what was pressed on a telephone after a call, or on the machine of a booth."""
        known = await surveys.find(session, survey)
        how = Brought(once=_once(caller, form.once), channel=form.channel, unit=form.unit, service=form.service)
        said = answers.pressed(known.instrument, form.keys)
        response = await answers.brought(session, survey, said, how, request.app.state.clock())
        return ResponseAccepted(response_id=response.id, survey=response.survey)

    @router.post("/surveys/{survey}/responses:import", status_code=201, openapi_extra=_FILE_BODY)
    async def import_responses(
        request: Request,
        session: Transaction,
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
        async with request.app.state.db.autocommit() as session:
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

    return router


def _once(caller: Caller, once: str) -> str:
    """What names a response: each integration has its own words, and the numbers of questionnaires are the staff's."""
    return json.dumps([caller.subject if caller.scopes else "staff", once])


def _said(form: AnswersIn) -> Said:
    profile = Profile(form.profile.age, form.profile.sex, form.profile.education, form.profile.occupation)
    return Said(form.answers, form.nps, profile, form.comment or None, form.comment_about)


def _questions(instrument: Instrument) -> list[QuestionOut]:
    names = {element.slug: element.name for element in instrument.elements}
    return [
        QuestionOut(
            code=question.code,
            element=question.element,
            measure=question.measure,
            name=names[question.element],
            text=question.text.text,
            lowest=question.lowest,
            highest=question.highest,
            words=question.text.words,
        )
        for question in instrument.questions
    ]


async def _content(request: Request) -> bytes:
    if request.headers.get("content-type", "").startswith("multipart/form-data"):
        async with read_form(request) as form:
            file = form.get("file")
            if not isinstance(file, UploadFile):
                expected = "a CSV file or a workbook in the field `file`, or as the body of the request"
                raise Invalid("The form has no file.", errors=[FieldError("file", "is missing", expected)])
            return await file.read()
    return await request.body()
