"""Whom to tell in a unit, over HTTP."""

from typing import Annotated

from pydantic import EmailStr, Field

from services.tickets.schemas.policies import Role
from shared.http import Model, example


class EscalationContact(Model):
    role: Role
    email: EmailStr


class EscalationContacts(Model):
    """Whom of a unit an escalation is told."""

    model_config = example(contacts=[{"role": "unit-head", "email": "kepala.bidang@dinas.example"}])
    contacts: Annotated[list[EscalationContact], Field(max_length=50)]
