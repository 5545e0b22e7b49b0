"""What several routes are asked with: a survey by its code, and a part of it; and by whom."""

from datetime import date
from typing import Annotated

from fastapi import Depends, Path, Query

from services.survey_index.domain.limits import EARLIEST, LATEST
from services.survey_index.models import Part
from services.survey_index.schemas.fields import SURVEY_CODE, Short
from shared.auth import staff
from shared.caller import Caller
from shared.errors import FieldError, Invalid

may_read = staff("figures:read", is_recorded=False)
"""For what says nothing of a person: figures, instruments, plans."""
may_run = staff("surveys:run")
Officer = Annotated[Caller, Depends(may_run)]
SurveyPath = Annotated[str, Path(pattern=SURVEY_CODE)]
SurveyQuery = Annotated[str, Query(pattern=SURVEY_CODE)]
Name = Annotated[Short | None, Query()]


async def asked_part(
    first: Annotated[date | None, Query(alias="from", ge=EARLIEST, le=LATEST, description="The first day")] = None,
    last: Annotated[date | None, Query(alias="to", ge=EARLIEST, le=LATEST, description="The last day")] = None,
    unit: Name = None,
    service: Name = None,
    channel: Name = None,
) -> Part:
    """The part of a survey that a figure is asked for."""
    if first and last and first > last:
        raise Invalid("The period ends before it begins.", errors=[FieldError("to", "is before `from`", "a later day")])
    return Part(first, last, unit, service, channel)


OfPart = Annotated[Part, Depends(asked_part)]
