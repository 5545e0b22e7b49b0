"""A chat is opened, gets further lines, and is read."""

from datetime import datetime
from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import BaseModel, Field, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from services.intake.schemas.citizens import Absent, CitizenIn, Email, OptionalText, Phone, Subject, Text
from services.intake.schemas.contacts import Accepted
from services.intake.schemas.hours import Closing
from shared.http import Model, example


class ChatIn(CitizenIn):
    """Opens a chat. A widget that asks for the name first may leave the body out."""

    model_config = example(name="Warga Satu", body="Halo, insentif saya belum cair.")
    subject: Subject = ""
    body: OptionalText = ""
    client_id: Annotated[str | None, StringConstraints(min_length=22, max_length=128, pattern=r"^[\x21-\x7e]+$")] = (
        Field(
            default=None,
            description="Names this chat before it has a name: by chance, at least 22 characters, as of "
            "`crypto.randomUUID()`. However often it is sent, it opens one chat, and gets the same answer; it stands "
            "in for the `Idempotency-Key`",
        )
    )


class AddressIn(Model):
    """By which address the citizen can be reached: an e-mail address, a telephone number, or both."""

    model_config = example(email="warga@surel.example")
    email: Annotated[Email | None, Absent] = None
    phone: Annotated[Phone | None, Absent] = None

    @model_validator(mode="after")
    def _one_of_them(self) -> Self:
        if self.email is None and self.phone is None:
            raise PydanticCustomError("address", "has no address", {"expected": "an e-mail or a telephone number"})
        return self


class MessageIn(Model):
    """A further line of a chat."""

    model_config = example(body="Sudah tiga minggu.")
    body: Text


class ChatAccepted(Accepted):
    """`chat_token` is the capability of this chat alone, for a widget that must not know the API key. `closed`: nobody
    is there just now.
    """

    chat_id: UUID
    chat_token: str
    closed: Closing | None = None


class MessageAccepted(Accepted):
    """`closed`: nobody is there just now, but it is kept as any other."""

    chat_id: UUID
    closed: Closing | None = None


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
