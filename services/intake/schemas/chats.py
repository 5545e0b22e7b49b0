"""A chat is opened, gets further lines, and is read."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import BaseModel

from services.intake.schemas.citizens import CitizenIn, OptionalText, Subject, Text
from services.intake.schemas.contacts import Accepted
from shared.http import Model, example


class ChatIn(CitizenIn):
    """Opens a chat. A widget that asks for the name first may leave the body out."""

    model_config = example(name="Warga Satu", body="Halo, insentif saya belum cair.")
    subject: Subject = ""
    body: OptionalText = ""


class MessageIn(Model):
    """A further line of a chat."""

    model_config = example(body="Sudah tiga minggu.")
    body: Text


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
