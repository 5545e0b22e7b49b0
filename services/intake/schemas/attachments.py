"""The files of a contact as staff see them."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import BaseModel

from shared.http import example


class AttachmentOut(BaseModel):
    """A file. `waiting`: it is still fetched from where its channel keeps it; `failed`: it will not come. `reason` says
    why; `size`, in bytes, is there when it is `kept`.
    """

    id: UUID
    name: str
    media_type: str
    size: int | None
    state: Literal["waiting", "kept", "failed"]
    reason: str
    received_at: datetime


class AttachmentList(BaseModel):
    """The files of one contact, as they came: there are no pages, for a message has not so many."""

    model_config = example(
        items=[
            {
                "id": "019b0c5e-7f3a-7c0e-8d2f-4b6a1c3e5d7f",
                "name": "bukti transfer.pdf",
                "media_type": "application/pdf",
                "size": 48211,
                "state": "kept",
                "reason": "",
                "received_at": "2026-03-13T02:00:00Z",
            }
        ]
    )

    items: list[AttachmentOut]
