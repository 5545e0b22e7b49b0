"""What citizens did to a ticket, and channels for them, and what became of what they were told."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Opened:
    """A contact became a case. `is_automatic`: a machine wrote it. `mention` is the code of another case in the
    subject of a mail, which is not its writer's, or of none at all. `because` is what speaks for its topic, and
    `confidence` how sure that is (0 to 1); a release that did not say so gave none.
    """

    channel: str
    is_automatic: bool = False
    mention: str | None = None
    because: tuple[str, ...] = ()
    confidence: float | None = None


@dataclass(frozen=True, slots=True)
class Joined:
    """The citizen said more. `newly_reachable`: only since then is there a way to tell him anything.

    `contact_id` is None where the release that wrote it did not say which. Where nothing proves that it belongs here,
    `score` says how likely it is, and `because` why.
    """

    contact_id: UUID | None = None
    newly_reachable: bool = False
    because: tuple[str, ...] = ()
    score: float | None = None


@dataclass(frozen=True, slots=True)
class Reopened:
    """The citizen said more about a case that was resolved. Its data are those of `Joined`."""

    contact_id: UUID | None = None
    newly_reachable: bool = False
    because: tuple[str, ...] = ()
    score: float | None = None


@dataclass(frozen=True, slots=True)
class Settled:
    """The channel that brought the case had resolved it already, at `settled_at`: its outcome was `settled`.

    `settled_at` is None where the release that wrote it did not say when.
    """

    settled_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """The citizen took back something that he had said."""

    contact_id: UUID


@dataclass(frozen=True, slots=True)
class InfoReceived:
    """The citizen answered what he was asked for by the line `reply_id`: with these of the fields."""

    reply_id: UUID
    fields: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class NoticeFailed:
    """The citizen may not have been told something. `way` is how he was to be told it, `reason` what it was about."""

    way: str
    reason: str
    outcome: str
    error: str


@dataclass(frozen=True, slots=True)
class NoticeSettled:
    """What became of a notice that had failed, or of which nobody knew whether it was handed over."""

    way: str
    reason: str
    outcome: str
