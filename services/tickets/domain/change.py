"""What a verb comes to: a case as it is now, and what happened to it. All that is written down is made from it."""

from dataclasses import dataclass
from datetime import datetime

from services.tickets.domain.cases import Case
from services.tickets.domain.citizens import Citizen
from services.tickets.domain.entries import Entry
from services.tickets.domain.happenings import Happened
from services.tickets.domain.ticket import Ticket
from shared.events import Trace
from shared.visibility import Visibility


@dataclass(frozen=True, slots=True)
class Act:
    """Who does something to a ticket, by which request or event, when, and which cases he sees; `version` is the one
    of the ticket that he read, if he says.

    `origin` says from where: `api 0198…` by a request, `mail 0198…` by an event, `job holds`.
    """

    actor: str
    trace: Trace
    now: datetime
    sees: Visibility
    origin: str = ""
    version: int | None = None


@dataclass(frozen=True, slots=True)
class Addressee:
    """To whom something is said where several take part in a case: the one who spoke last, under the code, and by the
    channel, of the ticket that was his.
    """

    ticket: Ticket
    citizen: Citizen


@dataclass(frozen=True, slots=True)
class Change:
    """A case before (None: it is new) and after, what happened to it, and what was said with it.

    `trace` leads back to what caused it. What was said to the citizen goes to `addressee`, or to whose case it is.
    """

    before: Case | None
    after: Case
    happened: tuple[Happened, ...]
    trace: Trace
    entry: Entry | None = None
    addressee: Addressee | None = None
