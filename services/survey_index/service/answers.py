"""Taking answers: from a link, from an app or an interviewer, and from a key-pad. A double submit is one response."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from sqlalchemy.ext.asyncio import AsyncSession

from services.survey_index.domain.instruments import Instrument, Question
from services.survey_index.domain.profile import OLDEST, PROFILE
from services.survey_index.domain.scope import Place
from services.survey_index.domain.sheet.header import question_of
from services.survey_index.domain.tallies import Answers
from services.survey_index.models import Profile, Response, Survey
from services.survey_index.repository import cases, responses
from services.survey_index.service import surveys
from services.survey_index.service.invitations import opened_by
from services.survey_index.service.links import Links
from shared.errors import Conflict, FieldError, IdempotencyKeyReused, Invalid
from shared.ids import new_id

SKIPPED = ("", "*", "#")
"""Keys that say: no answer to this one."""


class AlreadyAnswered(Conflict):
    """A link is answered once."""

    code, title = "already_answered", "This link was answered before"
    fault = FieldError("token", "was used before", "a link that was not answered yet")


@dataclass(frozen=True, slots=True)
class Submission:
    """What somebody answered: question → value, what he told of himself, and his suggestion."""

    answers: Mapping[str, int | None]
    nps: int | None = None
    profile: Profile = field(default_factory=Profile)
    comment: str | None = None
    comment_about: str = ""


@dataclass(frozen=True, slots=True)
class Provenance:
    """How a response came in without a link. `response_key` names it: the call, or the number of the questionnaire."""

    response_key: str
    channel: str
    unit: str = ""
    service: str = ""
    day: date | None = None
    respondent: str | None = None
    interviewer_name: str | None = None
    interviewer_nip: str | None = None


async def submit_by_link(
    session: AsyncSession, links: Links, token: str, submission: Submission, now: datetime, *, service: str = ""
) -> Response:
    """Takes the answers to an invitation, about the `service` that the citizen names.

    Raises `AlreadyAnswered`, `Invalid`, and what `opened_by` raises.
    """
    invitation, survey = await opened_by(session, links, token, now, hold=True)
    if invitation.used_at is not None:
        raise AlreadyAnswered("Your answer was counted. A link counts once.")
    answers = _checked(submission, survey)
    placed = _placed(survey, {"service": service})
    response = Response(
        id=new_id(),
        survey=survey.code,
        unit=survey.scope.find("unit", invitation.unit) or invitation.unit,
        service=placed["service"],
        channel=invitation.channel,
        day=survey.day_of(now),
        answered_at=now,
        complete=survey.layout.is_complete(answers),
        answers=answers,
        profile=submission.profile,
        comment=submission.comment,
        comment_about=submission.comment_about,
        invitation_id=invitation.id,
    )
    await responses.insert_responses(session, survey, [response])
    await cases.use_invitation(session, invitation.id, now)
    return response


async def submit(
    session: AsyncSession, code: str, submission: Submission, provenance: Provenance, now: datetime
) -> Response:
    """Takes answers that an app, a key-pad or an interviewer brings. The same `response_key` twice is one response.

    Raises `NotFound`, `SurveyClosed`, `Invalid`, and `IdempotencyKeyReused` when that key brought other answers before.
    """
    survey = await surveys.find(session, code, hold=True)
    answers = _checked(submission, survey)
    placed = _placed(survey, {"unit": provenance.unit, "service": provenance.service})
    before = await responses.find_by_key(session, code, provenance.response_key)
    if before is not None:
        if not _is_the_same(before, answers, submission, provenance, placed):
            raise IdempotencyKeyReused("once")
        return before
    day = provenance.day or survey.day_of(now)
    if day > survey.day_of(now):
        raise Invalid(
            "It was answered in the future.", errors=[FieldError("answered_on", "is later than today", "a day")]
        )
    if not survey.takes(day):
        raise surveys.SurveyClosed("The survey does not run on that day, or was closed.")
    response = Response(
        id=new_id(),
        survey=code,
        unit=placed["unit"],
        service=placed["service"],
        channel=provenance.channel,
        day=day,
        answered_at=now,
        complete=survey.layout.is_complete(answers),
        answers=answers,
        profile=submission.profile,
        comment=submission.comment,
        comment_about=submission.comment_about,
        respondent=provenance.respondent,
        response_key=provenance.response_key,
        interviewer_name=provenance.interviewer_name,
        interviewer_nip=provenance.interviewer_nip,
    )
    await responses.insert_responses(session, survey, [response])
    return response


def _is_the_same(
    before: Response, answers: Answers, submission: Submission, provenance: Provenance, placed: Mapping[Place, str]
) -> bool:
    """Whether a response of the same key brought the same answers, from the same place. Its day may be left out."""
    return (
        (before.unit, before.service, before.channel) == (placed["unit"], placed["service"], provenance.channel)
        and before.day == (provenance.day or before.day)
        and before.respondent == provenance.respondent
        and before.interviewer_nip == provenance.interviewer_nip
        and list(before.answers) == list(answers)
        and (before.profile, before.comment) == (submission.profile, submission.comment)
    )


def pressed(instrument: Instrument, keys: Sequence[str]) -> Submission:
    """Key presses as answers, in the order of the questions. Who hangs up early has answered what he pressed."""
    questions = instrument.questions
    if len(keys) > len(questions):
        expected = f"at most {len(questions)}, one for each question"
        raise Invalid("There are more keys than questions.", errors=[FieldError("keys", "are too many", expected)])
    values: dict[str, int | None] = {}
    faults = []
    for place, (question, key) in enumerate(zip(questions, keys, strict=False)):
        if key in SKIPPED:
            continue
        if not _on_scale(question, key):
            expected = f"{question.lowest} to {question.highest}, or * for no answer"
            faults.append(FieldError(f"keys.{place}", "is not on the scale", expected))
        else:
            values[question.code] = int(key)
    if faults:
        raise Invalid("Some keys cannot be counted.", errors=faults)
    return Submission(values)


def _on_scale(question: Question, key: str) -> bool:
    return key.isascii() and key.isdigit() and len(key) <= 2 and question.lowest <= int(key) <= question.highest


def _checked(submission: Submission, survey: Survey) -> Answers:
    """The answers in the instrument's order. Raises `Invalid` with each fault."""
    instrument = survey.instrument
    values = [*submission.answers.items(), *([("nps", submission.nps)] if submission.nps is not None else [])]
    faults = [*_profile_faults(submission, survey)]
    filled: dict[str, int] = {}
    questions = {question.code: question for question in instrument.questions}
    for name, value in values:
        code = question_of(name, instrument, {})
        path = "nps" if code == "nps" else f"answers.{code}"
        if code is None:
            expected = f"one of: {', '.join(instrument.codes)}"
            faults.append(FieldError("answers", "has an element that this survey does not ask", expected))
        elif code in filled:
            faults.append(FieldError(path, "is answered twice", "one value for each element"))
        elif value is not None and not questions[code].lowest <= value <= questions[code].highest:
            expected = f"a whole number from {questions[code].lowest} to {questions[code].highest}, or nothing"
            faults.append(FieldError(path, "is not on the scale", expected))
        elif value is not None:
            filled[code] = value
    if faults:
        raise Invalid("Some answers cannot be counted.", errors=faults)
    if not filled:
        expected = f"a value for at least one of: {', '.join(instrument.codes)}"
        raise Invalid("Nothing was answered.", errors=[FieldError("answers", "is empty", expected)])
    return [filled.get(code) for code in instrument.codes]


def _placed(survey: Survey, names: Mapping[Place, str]) -> dict[Place, str]:
    """What an answer is about, as the survey spells it. Raises `Invalid` where the survey does not ask about that."""
    spelled = {place: survey.scope.find(place, name) for place, name in names.items()}
    faults = [FieldError(place, *survey.scope.other(place)) for place, name in spelled.items() if name is None]
    if faults:
        raise Invalid("The survey does not ask about that.", errors=faults)
    return {place: name for place, name in spelled.items() if name is not None}


def _profile_faults(submission: Submission, survey: Survey) -> Sequence[FieldError]:
    profile, faults = submission.profile, []
    youngest = survey.min_age or 0
    if profile.age is not None and not youngest <= profile.age <= OLDEST:
        faults.append(FieldError("profile.age", "is not an age that is asked", f"from {youngest} to {OLDEST}"))
    for name in PROFILE:
        known = [item.code for item in survey.codes.of(name)]
        if getattr(profile, name) and getattr(profile, name) not in known:
            faults.append(FieldError(f"profile.{name}", "is not in the code list", f"one of: {', '.join(known)}"))
    slugs = [element.slug for element in survey.instrument.elements]
    if submission.comment_about and submission.comment_about not in slugs:
        faults.append(FieldError("comment_about", "is no element of this survey", f"one of: {', '.join(slugs)}"))
    return faults
