"""What became of an attempt, and what follows. SMTP has no idempotency key: we say so instead of hiding it."""

import random
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from typing import Literal

Status = Literal["queued", "sending", "accepted", "failed", "uncertain", "suppressed"]

Decision = Literal["arrived", "send_again"]
"""A person's word on a notice of which nobody knows whether it arrived, or that failed."""

FIRST_WAIT = timedelta(seconds=5)
LONGEST_WAIT = timedelta(minutes=15)


class Why(Enum):
    """Why a provider is left alone: for how long at first, and at the longest."""

    AWAY = (timedelta(seconds=1), timedelta(seconds=10))
    """It may be back any moment, and asking costs it next to nothing: what waits goes out soon after."""
    REFUSES_US = (timedelta(minutes=1), timedelta(minutes=15))
    """Our login or our address is wrong: a person must mend it, and who goes on knocking is locked out for good."""
    UNCLEAR = (timedelta(seconds=1), timedelta(hours=1))
    """Each further attempt may leave one more notice in doubt. A few in a row may be a server that is restarted."""


@dataclass(frozen=True, slots=True)
class Accepted:
    """The provider took it. `provider_id` is its own name for it, if it gave one."""

    provider_id: str | None = None


@dataclass(frozen=True, slots=True)
class Refused:
    """The provider said no, for good: it was certainly not taken, and trying again is pointless."""

    error: str


@dataclass(frozen=True, slots=True)
class Deferred:
    """The provider said not now: it was certainly not taken, and may be tried again."""

    error: str


@dataclass(frozen=True, slots=True)
class NotHanded:
    """The provider could not be reached before anything was handed over. It counts as no attempt."""

    error: str
    why: Why = Why.AWAY


@dataclass(frozen=True, slots=True)
class Uncertain:
    """It broke off while the provider may have taken it. Sending again might tell somebody twice."""

    error: str


Outcome = Accepted | Refused | Deferred | NotHanded | Uncertain


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the ledger says after an attempt."""

    status: Status
    next_attempt_at: datetime
    counts: bool
    provider_id: str | None = None
    error: str | None = None


def judge(outcome: Outcome, *, attempts: int, give_up_at: datetime, now: datetime) -> Verdict:
    """The verdict on an outcome of attempt number `attempts`. A deferred notice waits with full jitter."""
    match outcome:
        case Accepted(provider_id):
            return Verdict("accepted", now, counts=True, provider_id=provider_id)
        case Refused(error):
            return Verdict("failed", now, counts=True, error=error)
        case Uncertain(error):
            return Verdict("uncertain", now, counts=True, error=error)
        case NotHanded(error) if now < give_up_at:
            return Verdict("queued", now, counts=False, error=error)
        case NotHanded(error):
            return Verdict("failed", now, counts=False, error=f"given up: {error}")
        case Deferred(error):
            again = now + wait_before(attempts + 1)
            if again > give_up_at:
                return Verdict("failed", now, counts=True, error=f"given up: {error}")
            return Verdict("queued", again, counts=True, error=error)


def wait_before(attempt: int) -> timedelta:
    """How long to wait before attempt number `attempt` (2 is the first repetition)."""
    longest: timedelta = min(LONGEST_WAIT, FIRST_WAIT * 2 ** min(attempt - 2, 12))
    return longest * random.uniform(0.5, 1)  # noqa: S311 - jitter, not a secret


def pause_after(pauses: int, why: Why) -> timedelta:
    """How long a provider is left alone after so many pauses in a row."""
    first, most = why.value
    longest: timedelta = min(most, first * 2 ** min(pauses, 12))
    return longest * random.uniform(0.75, 1)  # noqa: S311 - jitter, not a secret
