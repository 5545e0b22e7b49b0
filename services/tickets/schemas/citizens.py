"""Who brings complaints, as staff see him."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import BaseModel, Field

from services.tickets.schemas import Short
from services.tickets.schemas.tickets import TicketOut
from shared.http import Model, example


class HandleOut(BaseModel):
    """By what a citizen is known, masked. `said`: he says so; `verified`: the channel by which he wrote vouches."""

    kind: str
    sureness: Literal["said", "verified"]
    value: str
    first_seen_at: datetime


class CitizenDetail(BaseModel):
    """A citizen, and his newest cases. One who is `merged_into` another has none any more."""

    id: UUID
    name: str | None
    merged_into: UUID | None
    handles: list[HandleOut]
    tickets: list[TicketOut]


class CitizenMergeIn(Model):
    """Who it is, and why it is thought that they are one."""

    model_config = example(into="0198c0de-0000-7000-8000-000000000002", reason="Sama menurut KTP")
    into: UUID = Field(description="The citizen who is left")
    reason: Short = ""
