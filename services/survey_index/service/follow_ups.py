"""The plan of follow-up (rencana tindak lanjut): what is done about the lowest elements, and how far it has come."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.survey_index.models import FollowUp
from services.survey_index.repository import surveys as stored
from services.survey_index.service import surveys
from shared.errors import FieldError, Invalid, NotFound
from shared.ids import new_id


async def plan_of(session: AsyncSession, code: str) -> Sequence[FollowUp]:
    """The plan of a survey. Raises `NotFound`."""
    await surveys.find(session, code)
    return await stored.list_follow_ups(session, code)


async def add_follow_up(session: AsyncSession, code: str, values: Mapping[str, Any], now: datetime) -> FollowUp:
    """Adds a line to the plan of a survey. Raises `NotFound`, `Invalid`."""
    survey = await surveys.find(session, code)
    item = FollowUp(id=new_id(), survey=code, **values)
    slugs = [element.slug for element in survey.instrument.elements]
    if item.element not in slugs:
        errors = [FieldError("element", "is no element of this survey", f"one of: {', '.join(slugs)}")]
        raise Invalid("The survey does not ask about that.", errors=errors)
    _check(item)
    await stored.insert_follow_up(session, item, now)
    return item


async def realise(session: AsyncSession, code: str, item_id: UUID, realised: int) -> FollowUp:
    """Says how much of a line is done. Raises `NotFound`, `Invalid`."""
    item = await stored.lock_follow_up(session, code, item_id)
    if item is None:
        raise NotFound("There is no such line in the plan of this survey.")
    item = replace(item, realised=realised)
    _check(item)
    await stored.realise_follow_up(session, item_id, realised)
    return item


def _check(item: FollowUp) -> None:
    if item.realised > item.planned:
        expected = f"at most {item.planned}, as planned"
        raise Invalid("More is done than was planned.", errors=[FieldError("realised", "is too large", expected)])
