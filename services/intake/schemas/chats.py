"""A chat is opened, gets further lines, and is read."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, Field

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
    """One line of the conversation. `id` is the place in it, and what `after` takes.

    The `system` says what happened to the chat, in words for the citizen; `event` says it for programs: `ended` or
    `reopened`, and perhaps more in a later release.
    """

    id: int
    author: Literal["citizen", "agent", "system"]
    body: str
    at: datetime
    event: str | None = None


class Messages(BaseModel):
    items: list[MessageOut]
    next_cursor: str | None = None


class ReadIn(Model):
    """`up_to` is the `id` of the last line that was read."""

    model_config = example(up_to=7)
    up_to: Annotated[int, Field(ge=0, le=2**31 - 1)]


class ReadUpTo(BaseModel):
    """The `id` of the last line that this side of the chat has read, as far as is known."""

    up_to: int


class ChatEndedAt(BaseModel):
    """Since when the chat is ended. What the citizen says next takes the same case up again."""

    ended_at: datetime
