"""Holds automatic answers back that may be part of a loop, until a person looks at them. The contacts are kept."""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from services.notify.domain.loops import (
    ANSWERED_WITHIN,
    TO_ONE_TICKET,
    TO_OURSELVES,
    WITHIN,
    counts_of,
    is_automatic,
    is_own,
)
from services.notify.models import Notice
from services.notify.repository import loops
from shared.events import AnyEvent, TicketJoined

Entered = tuple[AnyEvent, Notice]
"""A new notice, with what it tells of."""


class Loops:
    """`own` are our addresses, in small letters; `most_an_hour` answers go to one domain and to one text."""

    def __init__(self, *, own: Collection[str], most_an_hour: int) -> None:
        self._own = frozenset(own)
        self._most_an_hour = most_an_hour

    async def hold(self, session: AsyncSession, new: Sequence[Entered], now: datetime) -> list[Notice]:
        """New notices; those by mail that may be part of a loop are held, with the reason."""
        mails = [item for item in new if item[1].kind == "email"]
        reasons = self._to_ourselves(mails) | await self._to_tickets(session, mails, now)
        reasons |= await self._too_many(session, mails, now)
        return [_held(notice, reasons[notice.id]) if notice.id in reasons else notice for _, notice in new]

    def _to_ourselves(self, mails: Sequence[Entered]) -> dict[object, str]:
        return {notice.id: TO_OURSELVES for _, notice in mails if is_own(notice.address or "", self._own)}

    async def _to_tickets(self, session: AsyncSession, mails: Sequence[Entered], now: datetime) -> dict[object, str]:
        """A case is opened once. Who can be told of it only later is told then, but not again and again."""
        later = [(event, notice) for event, notice in mails if isinstance(event, TicketJoined)]
        if not later:
            return {}
        tickets = {notice.ticket_id for _, notice in later}
        answered = await loops.answered(session, tickets, now - ANSWERED_WITHIN)
        reasons: dict[object, str] = {}
        for event, notice in mails:
            if is_automatic(event) and notice.ticket_id in tickets:
                if notice.ticket_id in answered:
                    reasons[notice.id] = TO_ONE_TICKET
                answered.add(notice.ticket_id)
        return reasons

    async def _too_many(self, session: AsyncSession, mails: Sequence[Entered], now: datetime) -> dict[object, str]:
        counts = [(notice, tuple(counts_of(event, notice.address or ""))) for event, notice in mails]
        more = Counter(count.key for _, by in counts for count in by)
        if not more:
            return {}
        total = await loops.add(session, more, now, now - WITHIN)
        given = {key: total[key] - number for key, number in more.items()}
        reasons: dict[object, str] = {}
        for notice, by in counts:
            for count in by:
                given[count.key] += 1
                if given[count.key] > self._most_an_hour:
                    reasons[notice.id] = count.words
        return reasons


def _held(notice: Notice, reason: str) -> Notice:
    return replace(notice, status="suppressed", hold="loop", error=reason)
