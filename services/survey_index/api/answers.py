"""Answers come in: by links, from apps, key-pads and interviewers."""

import json
from typing import Annotated

from fastapi import APIRouter, Depends

from services.survey_index.api.parameters import SurveyPath
from services.survey_index.domain.instruments import Instrument
from services.survey_index.domain.profile import PROFILE
from services.survey_index.models import Profile
from services.survey_index.schemas.answers import (
    AnswersIn,
    BroughtIn,
    KeypadIn,
    LinkOut,
    QuestionOut,
    ResponseAccepted,
    ResponseIn,
)
from services.survey_index.service import answers, surveys
from services.survey_index.service.answers import AlreadyAnswered, Provenance, Submission
from services.survey_index.service.invitations import InvitationExpired, opened_by
from services.survey_index.service.links import Links, UnknownLink
from services.survey_index.service.surveys import SurveyClosed
from shared.auth import PUBLIC, Access
from shared.caller import Caller
from shared.errors import NotFound
from shared.http import Reading, Transaction
from shared.idempotency import KeyedRoute
from shared.refusals import refusals
from shared.roles import roles_that_may
from shared.wiring import Now, wired

Bringer = Annotated[Caller, Depends(Access(scopes=frozenset({"answers:write"}), roles=roles_that_may("answers:enter")))]


_OF_A_LINK = (UnknownLink, InvitationExpired, SurveyClosed)
WiredLinks = Annotated[Links, Depends(wired(Links))]
router = APIRouter(prefix="/v1", tags=["answers"], route_class=KeyedRoute)


@router.post("/responses", status_code=201, dependencies=[PUBLIC], responses=refusals(*_OF_A_LINK, AlreadyAnswered))
async def respond(session: Transaction, now: Now, links: WiredLinks, form: ResponseIn) -> ResponseAccepted:
    """Takes the answers of an invited citizen; the token is the permission, and works once."""
    response = await answers.submit_by_link(session, links, form.token, _submission(form), now, service=form.service)
    return ResponseAccepted(response_id=response.id, survey=response.survey)


@router.get("/invitations/{token}", dependencies=[PUBLIC], responses=refusals(*_OF_A_LINK))
async def read_invitation(session: Reading, now: Now, links: WiredLinks, token: str) -> LinkOut:
    """What an invitation asks, for apps that draw the form themselves."""
    invitation, survey = await opened_by(session, links, token, now)
    return LinkOut(
        survey=survey.code,
        expires_at=invitation.expires_at,
        answered=invitation.used_at is not None,
        services=survey.services,
        questions=_questions(survey.instrument),
        profile={field: survey.codes.of(field) for field in PROFILE},
        min_age=survey.min_age,
    )


@router.post("/surveys/{survey}/responses", status_code=201, responses=refusals(NotFound, SurveyClosed))
async def bring(
    session: Transaction, now: Now, survey: SurveyPath, caller: Bringer, form: BroughtIn
) -> ResponseAccepted:
    """Takes answers without a link: from an app, or from an interviewer (name, NIP). `once` sent again is one."""
    interviewer = form.interviewer
    provenance = Provenance(
        response_key=_response_key(caller, form.once),
        channel="interview" if interviewer and form.channel == "app" else form.channel,
        unit=form.unit,
        service=form.service,
        day=form.answered_on,
        respondent=form.respondent,
        interviewer_name=interviewer.name if interviewer else None,
        interviewer_nip=interviewer.nip if interviewer else None,
    )
    response = await answers.submit(session, survey, _submission(form), provenance, now)
    return ResponseAccepted(response_id=response.id, survey=response.survey)


@router.post("/surveys/{survey}/keypad", status_code=201, responses=refusals(NotFound, SurveyClosed))
async def press(
    session: Transaction, now: Now, survey: SurveyPath, caller: Bringer, form: KeypadIn
) -> ResponseAccepted:
    """Takes what was pressed on a telephone after a call, or on the machine of a booth."""
    known = await surveys.find(session, survey)
    provenance = Provenance(
        response_key=_response_key(caller, form.once), channel=form.channel, unit=form.unit, service=form.service
    )
    submission = answers.pressed(known.instrument, form.keys)
    response = await answers.submit(session, survey, submission, provenance, now)
    return ResponseAccepted(response_id=response.id, survey=response.survey)


def _response_key(caller: Caller, once: str) -> str:
    """What names a response: each integration has its own words, and the numbers of questionnaires are the staff's."""
    return json.dumps([caller.subject if caller.scopes else "staff", once])


def _submission(form: AnswersIn) -> Submission:
    profile = Profile(form.profile.age, form.profile.sex, form.profile.education, form.profile.occupation)
    return Submission(form.answers, form.nps, profile, form.comment or None, form.comment_about)


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
