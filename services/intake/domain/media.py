"""Files that a channel tells only by reference: what comes of a try to fetch one, and when the next one is due."""

from dataclasses import dataclass
from datetime import timedelta

FETCHED_FROM = frozenset({"whatsapp", "line"})
"""Channels whose files are fetched by their references."""
MOST_BYTES = 20 * 1024 * 1024
"""A longer file is not fetched. It is held in memory on its way to the store."""
_PAUSES = (
    timedelta(seconds=15),
    timedelta(minutes=1),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=8),
    timedelta(days=1),
    timedelta(days=2),
)
"""Before each further try: all in all half of the seven days for which WhatsApp keeps what a webhook names."""
MOST_TRIES = len(_PAUSES) + 1


@dataclass(frozen=True, slots=True)
class Fetched:
    """The file, and what kind the other side says that it is."""

    content: bytes
    media_type: str


@dataclass(frozen=True, slots=True)
class NotYet:
    """It may be there at the next try."""

    reason: str


@dataclass(frozen=True, slots=True)
class Barred:
    """We are not let in, whatever file we ask for: that is to be mended here, and is no try."""

    reason: str


@dataclass(frozen=True, slots=True)
class Gone:
    """It will never be there."""

    reason: str


Outcome = Fetched | NotYet | Barred | Gone

OUR_PAUSE = timedelta(minutes=10)
"""Then it is looked whether what is wrong with us was mended."""


def pause_after(tries: int) -> timedelta | None:
    """How long to wait after so many tries; None where there was the last of them."""
    return _PAUSES[tries - 1] if tries < MOST_TRIES else None


def without_a_token(channel: str) -> str:
    """Why a file of `channel` is not fetched while the setting that opens it is missing."""
    return f"INTAKE_{channel.upper()}_ACCESS_TOKEN is not set: it is fetched when it is"
