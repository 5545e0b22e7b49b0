"""Asking a fifth of the respondents again (S 002): drawn by lot, noted by the officer who asked."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row
from sqlalchemy.ext.asyncio import AsyncSession

from services.survey_index.repository import responses
from services.survey_index.service import surveys
from shared.errors import FieldError, NotFound
from shared.seal import derive_key


class Checks:
    """Draws and notes back-checks. The lots are this installation's own: nobody chooses who is checked."""

    def __init__(self, secret: str) -> None:
        self._key = derive_key(secret, "lots of the back-checks")

    async def draw(
        self, session: AsyncSession, survey: str, *, after: UUID | None, limit: int
    ) -> tuple[Sequence[Row[Any]], int]:
        """Those to check again, after the one called `after`, and how many responses there are. Raises `NotFound`."""
        await surveys.find(session, survey)
        drawn = await responses.list_checks(session, survey, self._key, after=after, limit=limit)
        return drawn, await responses.count_responses(session, survey)

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
        """Writes down what a check found. Raises `NotFound` for a response that was not drawn."""
        saved = await responses.save_check(
            session, survey, self._key, response_id, result=result, note=note, by=by, now=now
        )
        if not saved:
            fault = FieldError("response_id", "was not drawn", "one of GET /v1/surveys/{survey}/back-checks")
            raise NotFound("This response is not among those to be checked.", errors=[fault])
        (row,) = await responses.list_checks(session, survey, self._key, only=response_id, limit=1)
        return row
