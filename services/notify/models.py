"""Rows of this service's schema."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.notify.domain.delivery import Outcome, Verdict
from services.notify.domain.holds import Hold
from services.notify.domain.notices import Kind


@dataclass(frozen=True, slots=True)
class Notice:
    """Something that a citizen is to be told. `kind` and `address` are None when there is no way to tell."""

    id: UUID
    event_id: UUID
    reason: str
    ticket_id: UUID
    tracking_code: str
    kind: Kind | None
    address: str | None
    subject: str
    body: str
    status: str
    next_attempt_at: datetime
    give_up_at: datetime
    correlation_id: str
    created_at: datetime
    attempts: int = 0
    error: str | None = None
    ended_at: datetime | None = None
    traceparent: str | None = None
    text_removed_at: datetime | None = None
    held: bool = False
    """It is told together with others to its address, in one message: that one was told much in the last hour, or it is
    an answer that was not read in a chat.
    """
    hold: Hold | None = None
    """What it is held back for; its `status` is `suppressed` meanwhile, and `error` says why."""
    reply_id: UUID | None = None
    """The answer that it tells, if that is shown in a chat."""
    is_private: bool = False
    """Whether it is hidden who the citizen of its case is: then nobody is shown a part of his address."""
    claim: UUID | None = None
    """Names the claim in which it is, or was, being handed over: evidence of an earlier one is about that alone."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """That a notice was handed over, or was about to be: by which courier, and since when."""

    worker: str
    began_at: datetime


@dataclass(frozen=True, slots=True)
class Ending:
    """What became of a notice, and when that was known. Without an `attempt` it was only claimed, as far as we know."""

    notice: Notice
    outcome: Outcome
    ended_at: datetime
    attempt: Attempt | None = None


@dataclass(frozen=True, slots=True)
class Judgement:
    """What became of a notice, and what follows."""

    notice: Notice
    outcome: Outcome
    ended_at: datetime
    attempt: Attempt | None
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class StatusChange:
    """What the ledger said of a notice before that changed it."""

    notice_id: UUID
    before: str


@dataclass(frozen=True, slots=True)
class AbandonedNotice:
    """A notice that a courier of the release before left behind. `under_way`: it may have been handed over."""

    notice: Notice
    attempt: Attempt | None
    under_way: bool


@dataclass(frozen=True, slots=True)
class RecentNotices:
    """How much an address was told lately, and until when further notices to it are held, if they are."""

    address: str
    notices: int
    held_until: datetime | None
