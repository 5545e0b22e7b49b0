"""A number is taken at a booth, and the visit goes on until it has an outcome."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import BaseModel

from services.intake.schemas.citizens import CitizenIn, OptionalText, Subject
from shared.http import example


class VisitIn(CitizenIn):
    """Pressing the dispenser's button sends `{}`; a dispenser that asks may send what it learned."""

    model_config = example(subject="Kartu kuning")
    subject: Subject = ""
    body: OptionalText = ""


class OutcomeIn(VisitIn):
    """What the officer at the booth adds: who it was, and what it was about."""

    model_config = example(name="Warga Satu", phone="0812-5550-1234", body="AK.1 belum terbit sejak Maret.")


class VisitOut(BaseModel):
    """`call_due_at` is five minutes after the number was taken. `contact_id` appears when the visit has ended."""

    id: UUID
    booth: str
    number: int
    status: Literal["waiting", "called", "settled", "escalated"]
    tracking_code: str
    waiting_ahead: int | None = None
    taken_at: datetime
    call_due_at: datetime
    called_at: datetime | None = None
    ended_at: datetime | None = None
    contact_id: UUID | None = None
