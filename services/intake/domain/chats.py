"""How much one chat takes, how long its token opens it, and how it refuses what goes beyond.

Nothing ends a chat for good: a line takes it up again when somebody has ended it, and takes a resolved case up again.
So its token works until no line came in it for a while, of the citizen or of an agent; the answer with which a case is
resolved is a line of it, too.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil
from typing import Literal

from shared.errors import Conflict, FieldError, RateLimited, Refusal, Unauthenticated

MINUTE = timedelta(minutes=1)
Side = Literal["citizen", "agent"]
"""Of a chat. An integration is at the citizen's side, for it brings what he says."""
SAID_BY_THE_HOUSE = {"ended": "Percakapan ini diakhiri.", "reopened": "Percakapan ini dibuka kembali."}
"""What a line tells the citizen that says what happened to its chat."""


class ChatFull(Conflict):
    """The chat has taken all that one chat may hold."""

    code, title = "chat_full", "This chat takes no more lines"
    fault = FieldError("chat_id", "is full", "a new chat (POST /v1/chats), or a call to the contact centre")


class ChatTooFast(RateLimited):
    """The chat had all the lines that it takes in a minute."""

    def __init__(self, per_minute: int, retry_after_seconds: int) -> None:
        super().__init__(
            "More lines came in this chat than it takes in a minute. This one was not kept.", retry_after_seconds
        )
        self.errors = (FieldError("chat_id", "had its lines of this minute", f"at most {per_minute} lines a minute"),)


@dataclass(frozen=True, slots=True)
class ChatUsage:
    """What a chat has taken from whoever writes in it, in all and since its minute began with the first line of it."""

    lines: int
    characters: int
    minute_from: datetime
    minute_lines: int


@dataclass(frozen=True, slots=True)
class Allowance:
    """How much is taken in one chat, by whatever credential: lines in a minute, and lines and characters in all.

    A minute begins with the first line after the one before it. The line that reaches `characters` is taken whole.
    """

    lines_per_minute: int
    lines: int
    characters: int

    def refusal(self, usage: ChatUsage, now: datetime) -> Refusal | None:
        """Says why a chat with this usage takes no further line `now`, or None: it has room."""
        if usage.lines >= self.lines or usage.characters >= self.characters:
            return ChatFull("This chat is full; what was said in it is kept. Open a new chat, or call.")
        if usage.minute_lines >= self.lines_per_minute:
            wait = (usage.minute_from + MINUTE - now).total_seconds()
            return ChatTooFast(self.lines_per_minute, max(1, ceil(wait)))
        return None


UNLIMITED = Allowance(lines_per_minute=10**9, lines=10**9, characters=10**9)
"""What a channel brings that asked nobody before it took it: to refuse it would lose it."""


class ChatEnded(Unauthenticated):
    """The token of a chat in which nothing was said for too long."""

    code, title = "chat_ended", "This chat has ended"
    fault = FieldError("Authorization", "is the token of a chat that has ended", "the token of a chat that goes on")


def goes_on(last_line_at: datetime, now: datetime, lasts: timedelta) -> bool:
    """Whether the last line is recent enough for the chat's own token."""
    return now < last_line_at + lasts


def check_goes_on(last_line_at: datetime, now: datetime, lasts: timedelta) -> None:
    """Raises `ChatEnded` when the last line is too long ago for the chat's own token."""
    if not goes_on(last_line_at, now, lasts):
        raise ChatEnded(
            f"Nothing was said in this chat for {lasts.days} days, so its token does not open it any more. "
            "The tracking code still tells how the case stands (`GET /v1/track/{tracking_code}` of tickets); "
            "for anything new, open another chat (`POST /v1/chats`)."
        )
