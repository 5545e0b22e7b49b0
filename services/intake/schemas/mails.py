"""What goes out when a mail was taken."""

from uuid import UUID

from pydantic import BaseModel

from shared.http import example


class MailAccepted(BaseModel):
    """A mail is kept. Its contact is made in a moment, unless the mail came before."""

    model_config = example(raw_id="019b0c5e-7f3a-7c0e-8d2f-4b6a1c3e5d7f")

    raw_id: UUID
