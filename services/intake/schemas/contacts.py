"""A web form, and what is answered to it."""

from uuid import UUID

from pydantic import BaseModel

from services.intake.schemas.citizens import CitizenIn, Subject, Text
from shared.http import example


class ContactIn(CitizenIn):
    """A web form."""

    model_config = example(
        name="Warga Satu", email="warga@surel.example", phone="0812-5550-1234", body="Insentif belum cair."
    )
    subject: Subject = ""
    body: Text


class Accepted(BaseModel):
    """It is kept. `contact_id` names this one utterance, `tracking_code` the case; the citizen keeps the code."""

    contact_id: UUID
    tracking_code: str
