"""What a notice is held back for: an answer that may be read in a chat, and automatic mail that may be part of a loop.

A held notice is `suppressed` in its row, beside what it is held for: so no process sends it, also none of a release
that knows no holds. Whoever looks at it is told that it is `held`, and why.
"""

from datetime import timedelta
from typing import Literal
from uuid import UUID

from shared.events import AnyEvent, TicketInfoRequested, TicketReplied

Hold = Literal["chat", "loop"]

CHAT_WAITS = timedelta(days=1)
"""So long an answer is held for a chat of which nothing is heard. Then it is sent: rather twice than not at all."""
SHOWN_IN_CHAT = "shown in the chat; sent if it is not read there"
READ_IN_CHAT = "read in the chat"


def chat_answer(event: AnyEvent) -> UUID | None:
    """The answer that `event` tells of, if it is shown in a chat, whose reader is followed; else None.

    Cases of other channels have a chat as well, by which they are threaded: what stands there nobody reads.
    """
    if (
        isinstance(event, TicketReplied | TicketInfoRequested)
        and event.data.channel == "chat"
        and event.data.chat_id is not None
    ):
        return event.data.reply_id
    return None
