"""A number is taken at a booth, and the visit goes on until it has an outcome."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Literal
from uuid import UUID

from pydantic import BaseModel

from services.intake.domain.queues import Priority
from services.intake.schemas.booths import ServiceName
from services.intake.schemas.citizens import CitizenIn, OptionalText, Subject
from shared.http import example

VisitStatus = Literal["waiting", "called", "settled", "escalated", "no_show", "closed_unserved"]


class OutcomeIn(CitizenIn):
    """What the officer at the booth adds: who it was, and what it was about."""

    model_config = example(name="Warga Satu", phone="0812-5550-1234", body="AK.1 belum terbit sejak Maret.")
    subject: Subject = ""
    body: OptionalText = ""


class VisitIn(OutcomeIn):
    """Pressing the dispenser's button sends `{}`; a dispenser that asks may send what it learned."""

    model_config = example(subject="Kartu kuning")
    service: ServiceName | None = None
    priority: Priority | None = None


class WaitOut(BaseModel):
    """A wait: since when, at which service, and when the visitor was first called there."""

    service: str
    queued_at: datetime
    called_at: datetime | None


class VisitOut(BaseModel):
    """A visit. `label` is what the paper says.

    `call_due_at` is five minutes after the number was taken; `called_at` is the first call, `last_called_at` the last.
    Who did not come may be called again from `callable_at` on. `contact_id` appears when an officer has ended the
    visit. `escalation_offered` says that nobody served the visitor: an officer may still escalate what he brought.
    `collides` says that another paper has the same number: call by the visit, not by the number.
    """

    id: UUID
    booth: str
    day: date
    service: str
    number: int
    label: str
    status: VisitStatus
    tracking_code: str
    priority: Priority | None = None
    waiting_ahead: int | None = None
    taken_at: datetime
    call_due_at: datetime
    called_at: datetime | None = None
    last_called_at: datetime | None = None
    calls: int = 0
    callable_at: datetime | None = None
    counter: str | None = None
    arrived_at: datetime | None = None
    ended_at: datetime | None = None
    contact_id: UUID | None = None
    escalation_offered: bool = False
    collides: bool = False
    waits: Sequence[WaitOut] = ()


class VisitPage(BaseModel):
    """Visits of a day, in the order in which their numbers were taken."""

    items: list[VisitOut]
    next_cursor: str | None
