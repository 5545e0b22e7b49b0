"""What cases count for (docs/domain.md, "Figures of cases"): numbers of which every figure is a sum."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal, get_args
from uuid import UUID
from zoneinfo import ZoneInfo

from services.tickets.domain.cases import Standing
from services.tickets.domain.happenings import Happened, kind_of
from services.tickets.domain.ticket import Ticket

Count = Literal[
    "opened",
    "open",
    "waiting",
    "completed",
    "first_replied",
    "first_reply_seconds",
    "resolved",
    "resolution_seconds",
    "in_time",
    "first_contact",
]
COUNTS: tuple[Count, ...] = get_args(Count)
NO_TOPIC = ""


@dataclass(frozen=True, slots=True, order=True)
class Tally:
    """What is counted: so many of `count` on a day, of the cases of a unit and topic that a channel brought."""

    day: date
    unit: str
    topic: str
    channel: str
    count: str


@dataclass(frozen=True, slots=True)
class Counted:
    """What a case counts for in this version of it; `amounts` are by their day and what they count, as one text.

    It is kept with the case, so that what a case counted for is taken back exactly when it counts for something else.
    """

    ticket_id: UUID
    version: int
    unit: str
    topic: str
    channel: str
    amounts: Mapping[str, int]

    @property
    def tallies(self) -> "Counter[Tally]":
        """Its amounts, each under its tally."""
        found: Counter[Tally] = Counter()
        for name, amount in self.amounts.items():
            day, _, count = name.partition(" ")
            found[Tally(date.fromisoformat(day), self.unit, self.topic, self.channel, count)] = amount
        return found


def counted(case: Standing) -> Counted:
    """What a case counts for as it stands. Days are those of its unit's zone."""
    ticket = case.ticket
    amounts = {f"{day.isoformat()} {count}": amount for day, count, amount in _amounts(case)}
    return Counted(ticket.id, ticket.version, ticket.unit, ticket.topic or NO_TOPIC, ticket.channel, amounts)


def _amounts(case: Standing) -> Iterator[tuple[date, Count, int]]:
    ticket = case.ticket
    opened = _day(ticket, ticket.opened_at)
    yield opened, "opened", 1
    if ticket.first_replied_at:
        replied = _day(ticket, ticket.first_replied_at)
        yield replied, "first_replied", 1
        yield replied, "first_reply_seconds", _seconds(ticket.opened_at, ticket.first_replied_at)
    if ticket.status_category != "resolved":
        yield opened, "open" if ticket.status_category == "open" else "waiting", 1
    elif ticket.resolved_at:
        yield opened, "completed", 1
        yield from ((_day(ticket, ticket.resolved_at), *amount) for amount in _of_a_resolved(case, ticket.resolved_at))


def _of_a_resolved(case: Standing, at: datetime) -> Iterator[tuple[Count, int]]:
    yield "resolved", 1
    yield "resolution_seconds", _seconds(case.ticket.opened_at, at)
    if at <= case.resolution.due_at:
        yield "in_time", 1
    if case.ticket.occasions == 1:
        yield "first_contact", 1


def _day(ticket: Ticket, at: datetime) -> date:
    return at.astimezone(ZoneInfo(ticket.zone)).date()


def _seconds(since: datetime, until: datetime) -> int:
    return max(0, int((until - since).total_seconds()))


def differences(before: Iterable[Counted], after: Iterable[Counted]) -> "Counter[Tally]":
    """What is to be added to the tallies, and taken from them, when cases counted for `before` and do for `after`."""
    found: Counter[Tally] = Counter()
    for counting in after:
        found.update(counting.tallies)
    for counting in before:
        found.subtract(counting.tallies)
    return Counter({tally: amount for tally, amount in found.items() if amount})


@dataclass(frozen=True, slots=True, order=True)
class Deed:
    """What is counted of what happened: its kind, on a day, in cases of a unit and topic that a channel brought.

    `actor` is the member of staff who did it, or empty for anybody else.
    """

    day: date
    unit: str
    topic: str
    channel: str
    actor: str
    kind: str


def deed(happened: Happened, ticket: Ticket, staff: str) -> Deed:
    """What a happening counts for. The subject of a member of staff begins with `staff`."""
    actor = happened.actor if happened.actor.startswith(staff) else ""
    day, topic = _day(ticket, happened.at), ticket.topic or NO_TOPIC
    return Deed(day, ticket.unit, topic, ticket.channel, actor, kind_of(happened.happening))
