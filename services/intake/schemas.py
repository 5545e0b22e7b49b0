"""What goes in and out over HTTP."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

import email_validator
from pydantic import AfterValidator, BaseModel, BeforeValidator, Field, StringConstraints
from pydantic_core import PydanticCustomError

from services.intake.domain.phones import NotAPhone, normalise_phone
from shared.http import Model, example
from shared.text import OneLine


def _phone(text: str) -> str:
    try:
        return normalise_phone(text)
    except NotAPhone:
        raise PydanticCustomError(
            "phone",
            "is not a telephone number that can be called",
            {"expected": "a number such as 0812-3456-7890 or +62 812 3456 7890"},
        ) from None


def _email(text: str) -> str:
    try:
        known = email_validator.validate_email(text, check_deliverability=False, allow_smtputf8=False)
        return known.ascii_email or known.normalized
    except email_validator.EmailNotValidError:
        raise PydanticCustomError(
            "email", "is not an e-mail address", {"expected": "an address such as nama@contoh.id"}
        ) from None


def _without_separators(text: str) -> str:
    return "".join(filter(str.isalnum, text))


def _empty_is_none(value: object) -> object:
    return None if isinstance(value, str) and not value.strip() else value


Absent = BeforeValidator(_empty_is_none)
Name = Annotated[str, StringConstraints(max_length=200), OneLine()]
Email = Annotated[str, StringConstraints(max_length=254), AfterValidator(_email)]
Phone = Annotated[str, StringConstraints(max_length=32), AfterValidator(_phone)]
ProgrammeNumber = Annotated[
    str, StringConstraints(max_length=32, pattern=r"^[0-9A-Za-z .-]+$"), AfterValidator(_without_separators)
]
Subject = Annotated[str, StringConstraints(max_length=300), OneLine()]
Text = Annotated[str, StringConstraints(min_length=1, max_length=20_000)]


class CitizenIn(Model):
    """How the citizen can be addressed. Web forms send empty texts for fields left empty: they count as absent."""

    name: Annotated[Name | None, Absent] = None
    email: Annotated[Email | None, Absent] = None
    phone: Annotated[Phone | None, Absent] = None
    programme_number: Annotated[ProgrammeNumber | None, Absent] = Field(
        default=None, description="Nomor Kartu Prakerja; kept sealed, shown with its last four digits only"
    )


class ContactIn(CitizenIn):
    """A web form."""

    model_config = example(
        name="Warga Satu", email="warga@surel.example", phone="0812-5550-1234", body="Insentif belum cair."
    )
    subject: Subject = ""
    body: Text


class ChatIn(CitizenIn):
    """Opens a chat. A widget that asks for the name first may leave the body out."""

    model_config = example(name="Warga Satu", body="Halo, insentif saya belum cair.")
    subject: Subject = ""
    body: Annotated[str, StringConstraints(max_length=20_000)] = ""


class MessageIn(Model):
    """A further line of a chat."""

    model_config = example(body="Sudah tiga minggu.")
    body: Text


class Accepted(BaseModel):
    """It is kept. `contact_id` names this one utterance, `tracking_code` the case; the citizen keeps the code."""

    contact_id: UUID
    tracking_code: str


class ChatAccepted(Accepted):
    """`chat_token` is the capability of this chat alone, for a widget that must not know the API key."""

    chat_id: UUID
    chat_token: str


class MessageAccepted(Accepted):
    chat_id: UUID


class MessageOut(BaseModel):
    """One line of the conversation. `id` is the place in it, and what `after` takes."""

    id: int
    author: Literal["citizen", "agent"]
    body: str
    at: datetime


class Messages(BaseModel):
    items: list[MessageOut]
    next_cursor: str | None = None


class VisitIn(CitizenIn):
    """Pressing the dispenser's button sends `{}`; a dispenser that asks may send what it learned."""

    model_config = example(subject="Kartu kuning")
    subject: Subject = ""
    body: Annotated[str, StringConstraints(max_length=20_000)] = ""


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
