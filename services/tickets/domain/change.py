"""What a verb comes to: a case as it is now, and what happened to it. All that is written down is made from it."""

from dataclasses import dataclass
from datetime import datetime

from services.tickets.domain.cases import Case
from services.tickets.domain.entries import Entry
from services.tickets.domain.happenings import Happened
from shared.events import Trace
from shared.visibility import Visibility


@dataclass(frozen=True, slots=True)
class Act:
    """Who does something to a ticket, by which request or event, when, and which cases he sees."""

    actor: str
    trace: Trace
    now: datetime
    sees: Visibility


@dataclass(frozen=True, slots=True)
class Change:
    """A case before (None: it is new) and after, what happened to it, and what was said with it.

    `trace` leads back to what caused it.
    """

    before: Case | None
    after: Case
    happened: tuple[Happened, ...]
    trace: Trace
    entry: Entry | None = None
