"""Erasing a citizen, over HTTP."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, Field, StringConstraints

from shared.http import Model, example


class EraseIn(Model):
    """Why a citizen is erased."""

    model_config = example(reason="Permohonan tertulis 12 Maret 2026, nomor 44")
    reason: Annotated[str, StringConstraints(min_length=1, max_length=500)] = Field(
        description="It is kept: a number of the request, and nothing that tells who asked"
    )


class ErasureOut(BaseModel):
    """That a citizen was erased, with so many tickets."""

    citizen_id: UUID
    erased_at: datetime
    tickets: int
