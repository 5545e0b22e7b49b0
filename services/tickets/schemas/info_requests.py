"""Asking a citizen, over HTTP."""

from pydantic import Field

from services.tickets.schemas.topics import Required
from shared.http import Model, example


class RequestInfoIn(Model):
    """What the citizen is asked for."""

    model_config = example(fields=["programme_number"])
    fields: tuple[Required, ...] | None = Field(
        default=None, min_length=1, max_length=6, description="All that its topic requires and is missing, if left out"
    )
