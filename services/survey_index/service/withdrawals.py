"""Taking a file back: it was the wrong one, or has been corrected, and its people must not count twice."""

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.survey_index.models import Import, Survey
from services.survey_index.repository import imports, tallies
from services.survey_index.repository.counting import Counted
from services.survey_index.service import surveys
from shared.errors import FieldError, NotFound


async def withdraw(session: AsyncSession, code: str, import_id: UUID, *, by: str, now: datetime) -> Import:
    """Takes the rows of a file out of every figure; that it was there stays on record. Twice is once.

    Raises `NotFound`, and `SurveyClosed`: the figures of a survey that has ended do not move.
    """
    survey = await surveys.find(session, code, hold=True)
    file = await hold(session, code, import_id)
    if file.withdrawn_at is not None:
        return file
    if survey.closed_at is not None:
        raise surveys.SurveyClosed("The survey was closed: its figures do not move any more.")
    removed = await take_out(session, survey, import_id, by=by, now=now)
    await tallies.change(session, Counted(survey), removed)  # last: from here on, answers of the same days wait
    return replace(file, withdrawn_by=by, withdrawn_at=now)


async def hold(session: AsyncSession, code: str, import_id: UUID, *, field: str = "import_id") -> Import:
    """A file of the survey, held until the end of the transaction. Raises `NotFound`."""
    file = await imports.lock_import(session, code, import_id)
    if file is None:
        expected = "see GET /v1/surveys/{survey}/imports"
        raise NotFound("There is no such import.", errors=[FieldError(field, "is not known", expected)])
    return file


async def take_out(session: AsyncSession, survey: Survey, import_id: UUID, *, by: str, now: datetime) -> Counted:
    """Deletes the rows of a file, and puts that on record. Who calls this takes what they counted off the tallies."""
    removed = Counted(survey)
    async for where, told, answers in imports.answers_of(session, survey.code, import_id):
        removed.add(where, told, answers)
    await imports.delete_answers(session, survey.code, import_id)
    await imports.withdraw(session, import_id, by=by, now=now)
    return removed
