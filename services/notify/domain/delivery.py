"""What became of an attempt, and what follows. SMTP has no idempotency key: we say so instead of hiding it."""

import random
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from typing import ClassVar, Literal

Status = Literal["queued", "held", "sending", "accepted", "failed", "uncertain", "suppressed"]
"""Of a notice, as it is shown. One that is `held` is `suppressed` in its row, beside what it is held for."""

Decision = Literal["arrived", "send_again"]
"""A person's word on a notice of which nobody knows whether it arrived, or that failed."""

FIRST_WAIT = timedelta(seconds=5)
LONGEST_WAIT = timedelta(minutes=15)


class ProviderTrouble(Enum):
    """The reason why a provider is left alone: for how long at first, and at the longest."""

    AWAY = (timedelta(seconds=1), timedelta(seconds=10))
    """It may be back any moment, and asking costs it next to nothing: what waits goes out soon after."""
    REFUSES_US = (timedelta(minutes=1), timedelta(minutes=15))
    """Our login or our address is wrong: a person must mend it, and who goes on knocking is locked out for good."""
    UNCLEAR = (timedelta(seconds=1), timedelta(hours=1))
    """Each further attempt may leave one more notice in doubt. A few in a row may be a server that is restarted."""


@dataclass(frozen=True, slots=True)
class Acceptance:
    """The provider took it. `provider_id` is its own name for it, if it gave one."""

    word: ClassVar = "accepted"
    provider_id: str | None = None


@dataclass(frozen=True, slots=True)
class Rejection:
    """The provider said no, for good: it was certainly not taken, and trying again is pointless."""

    word: ClassVar = "refused"
    error: str


@dataclass(frozen=True, slots=True)
class Deferral:
    """The provider said not now: it was certainly not taken, and may be tried again."""

    word: ClassVar = "deferred"
    error: str


@dataclass(frozen=True, slots=True)
class NoHandover:
    """The provider could not be reached before anything was handed over. It counts as no attempt."""

    word: ClassVar = "nothanded"
    error: str
    trouble: ProviderTrouble = ProviderTrouble.AWAY


@dataclass(frozen=True, slots=True)
class Doubt:
    """It broke off while the provider may have taken it. Sending again might tell somebody twice."""

    word: ClassVar = "uncertain"
    error: str


Outcome = Acceptance | Rejection | Deferral | NoHandover | Doubt
"""Each has the `word` for it that is kept with its attempt."""


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
        case Acceptance(provider_id):
            return Verdict("accepted", now, counts=True, provider_id=provider_id)
        case Rejection(error):
            return Verdict("failed", now, counts=True, error=error)
        case Doubt(error):
            return Verdict("uncertain", now, counts=True, error=error)
        case NoHandover(error) if now < give_up_at:
            return Verdict("queued", now, counts=False, error=error)
        case NoHandover(error):
            return Verdict("failed", now, counts=False, error=f"given up: {error}")
        case Deferral(error):
            again = now + wait_before(attempts + 1)
            if again > give_up_at:
                return Verdict("failed", now, counts=True, error=f"given up: {error}")
            return Verdict("queued", again, counts=True, error=error)


def wait_before(attempt: int) -> timedelta:
    """How long to wait before attempt number `attempt` (2 is the first repetition)."""
    longest: timedelta = min(LONGEST_WAIT, FIRST_WAIT * 2 ** min(attempt - 2, 12))
    return longest * random.uniform(0.5, 1)  # noqa: S311 - jitter, not a secret


def pause_after(pauses: int, trouble: ProviderTrouble) -> timedelta:
    """How long a provider is left alone after so many pauses in a row."""
    first, most = trouble.value
    longest: timedelta = min(most, first * 2 ** min(pauses, 12))
    return longest * random.uniform(0.75, 1)  # noqa: S311 - jitter, not a secret
