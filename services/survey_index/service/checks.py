"""Asking a fifth of the respondents again (S 002): drawn by lot, noted by the officer who asked."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row
from sqlalchemy.ext.asyncio import AsyncSession

from services.survey_index.domain.sampling import to_check
from services.survey_index.repository import responses
from services.survey_index.service import surveys
from shared.errors import NotFound
from shared.seal import derive_key


class Checks:
    """Draws and notes back-checks. The lots are this installation's own: nobody chooses who is checked."""

    def __init__(self, secret: str) -> None:
        self._key = derive_key(secret, "lots of the back-checks")

    async def draw(self, session: AsyncSession, survey: str) -> tuple[Sequence[Row[Any]], int]:
        """The responses to check again, and how many responses there are. Raises `NotFound`."""
        await surveys.find(session, survey)
        known = await responses.response_ids(session, survey)
        return await responses.list_checks(session, to_check(self._key, known)), len(known)

    async def note(
        self,
        session: AsyncSession,
        survey: str,
        response_id: UUID,
        result: str,
        note: str,
        *,
        by: str,
        now: datetime,
    ) -> Row[Any]:
        """Writes down what a check found. Raises `NotFound`."""
        if not await responses.save_check(session, survey, response_id, result=result, note=note, by=by, now=now):
            raise NotFound("There is no such response in this survey.")
        (row,) = await responses.list_checks(session, [response_id])
        return row
