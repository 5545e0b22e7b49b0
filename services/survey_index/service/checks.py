"""Asking a fifth of the respondents again (docs/domain.md, "Sampling"): drawn by lot, noted by who asked."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row
from sqlalchemy.ext.asyncio import AsyncSession

from services.survey_index.repository import checks as stored
from services.survey_index.repository import responses
from services.survey_index.service import surveys
from shared.errors import FieldError, NotFound
from shared.seal import Seal
from shared.secret import Secrets


class Checks:
    """Draws and notes back-checks. The lots are this installation's own: nobody chooses who is checked."""

    def __init__(self, secrets: Secrets) -> None:
        self._seal = Seal(secrets)
        self._first_key = secrets.key("lots of the back-checks")

    async def draw(
        self, session: AsyncSession, survey: str, *, after: UUID | None, limit: int
    ) -> tuple[Sequence[Row[Any]], int]:
        """Those to check again, after the one called `after`, and how many responses there are. Raises `NotFound`."""
        await surveys.find(session, survey)
        key = await self._key(session)
        drawn = await stored.list_checks(session, survey, key, after=after, limit=limit)
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
        key = await self._key(session)
        saved = await stored.save_check(session, survey, key, response_id, result=result, note=note, by=by, now=now)
        if not saved:
            fault = FieldError("response_id", "was not drawn", "one of GET /v1/surveys/{survey}/back-checks")
            raise NotFound("This response is not among those to be checked.", errors=[fault])
        (row,) = await stored.list_checks(session, survey, key, only=response_id, limit=1)
        return row

    async def _key(self, session: AsyncSession) -> bytes:
        """The key of the lots: that of the first draw whatever the secret is now, so that who was drawn stays drawn."""
        sealed = await stored.kept_lots(session)
        if sealed is None:
            await stored.keep_lots(session, self._seal.close(self._first_key.hex()))
            sealed = await stored.kept_lots(session)
            assert sealed is not None  # noqa: S101 - kept just now, by us or by another
        return bytes.fromhex(self._seal.open(sealed))
