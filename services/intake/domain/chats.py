"""How long the token of a chat opens it.

A chat has no end of its own: a line in it takes a settled case up again. So its token works until nothing was said in
it for a while, by the citizen or by an agent; the answer with which a case is settled is said in it, too.
"""

from datetime import datetime, timedelta

from shared.errors import FieldError, Unauthenticated


class ChatEnded(Unauthenticated):
    """The token of a chat in which nothing was said for too long."""

    code, title = "chat_ended", "This chat has ended"
    fault = FieldError("Authorization", "is the token of a chat that has ended", "the token of a chat that goes on")


def check_goes_on(last_line_at: datetime, now: datetime, lasts: timedelta) -> None:
    """Raises `ChatEnded` when the last line is too long ago for the chat's own token."""
    if now >= last_line_at + lasts:
        raise ChatEnded(
            f"Nothing was said in this chat for {lasts.days} days, so its token does not open it any more. "
            "The tracking code still tells how the case stands (`GET /v1/track/{tracking_code}` of tickets); "
            "for anything new, open another chat (`POST /v1/chats`)."
        )
