"""The report of gaps."""

from datetime import datetime

from pydantic import BaseModel, Field

from services.intake.domain.gaps import Doubled, Missing


class GapOut(BaseModel):
    """Things of one kind that are missing, or there twice: the names of the first of them, and how many more there are.

    Missing is a `ticket` of a contact, the `contact` of what was said, or what has not become a contact: `raw` bytes
    that wait, a `mail` of a mailbox (its UID), a `paper` of a dispenser, a `visit`, a `call`. Doubled is a `contact` in
    two tickets, a thing that was `said` in two contacts, the number on a `paper`.
    """

    kind: Missing | Doubled
    count: int
    names: list[str]
    more: int


class ChannelGaps(BaseModel):
    """What came by a channel: what its source sent, what is a contact, and what is in a ticket. Of what is younger than
    five minutes and `on_the_way` nothing is missing yet. `unreadable` is kept, with its faults (`GET /v1/raw`).
    """

    channel: str
    sent: int
    accepted: int
    ticketed: int
    on_the_way: int
    unreadable: int
    missing: int
    doubled: int
    missing_items: list[GapOut]
    doubled_items: list[GapOut]


class GapsReport(BaseModel):
    """What is missing and what is doubled of all that came in a span: nothing, if all is well. `since` is later than
    asked for where the ledger began later.
    """

    since: datetime
    until: datetime
    missing: int
    doubled: int
    channels: list[ChannelGaps] = Field(
        examples=[
            [
                {
                    "channel": "form",
                    "sent": 412,
                    "accepted": 412,
                    "ticketed": 411,
                    "on_the_way": 0,
                    "unreadable": 0,
                    "missing": 1,
                    "doubled": 0,
                    "missing_items": [
                        {"kind": "ticket", "count": 1, "names": ["019ac3b0-7d1e-7a4f-9c60-2f6d1b7c0e11"], "more": 0}
                    ],
                    "doubled_items": [],
                }
            ]
        ]
    )
