"""The report of what is missing between sources, contacts and tickets."""

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import get_args
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncSession

from services.intake.domain.gaps import LONGEST, Account, Doubled, Gap, Missing, Span, by_channel
from services.intake.repository import gaps, ledger
from services.intake.schemas.gaps import ChannelGaps, GapOut, GapsReport
from shared.errors import FieldError, Invalid
from shared.events import Channel

A_DAY = timedelta(days=1)
KEPT = 2 * LONGEST
"""How long the ledger is kept."""


class Gaps:
    """Compares what came with what became of it. Days are those of `zone`."""

    def __init__(self, *, zone: str) -> None:
        self._zone = ZoneInfo(zone)

    async def report(
        self, session: AsyncSession, since: datetime | date | None, until: datetime | date | None, now: datetime
    ) -> GapsReport:
        """What came since a moment and before another: a day begins and ends with its own; the last 24 hours, where
        nothing is said. Nothing that came before the ledger began is compared. Raises `Invalid`.
        """
        last = min(now, self._moment(until, A_DAY)) if until else now
        first = self._moment(since) if since else last - A_DAY
        _check(first, last, now)
        first = min(max(first, await ledger.began_at(session)), last)
        accounts = await self.accounts(session, Span.of(first, last, now))
        return GapsReport(
            since=first,
            until=last,
            missing=sum(gap.count for account in accounts.values() for gap in account.missing),
            doubled=sum(gap.count for account in accounts.values() for gap in account.doubled),
            channels=[_shown(channel, account) for channel, account in accounts.items()],
        )

    async def last_day(self, session: AsyncSession, now: datetime) -> Mapping[str, Account]:
        """What came of each channel within the last 24 hours."""
        first = min(max(now - A_DAY, await ledger.began_at(session)), now)
        return await self.accounts(session, Span.of(first, now, now))

    async def accounts(self, session: AsyncSession, span: Span) -> Mapping[str, Account]:
        """What came of each channel in a span; also of one by which nothing came."""
        on_the_way = await gaps.count_on_the_way(session, span)
        raw_on_the_way = await gaps.count_raw_on_the_way(session, span)
        unreadable = await gaps.count_unreadable(session, span)
        missing = by_channel(
            [
                (each.channel, Gap(kind, each.count, each.names))
                for kind in get_args(Missing)
                for each in await gaps.find_missing(session, kind, span)
            ]
        )
        doubled = by_channel(
            [
                (each.channel, Gap(kind, each.count, each.names))
                for kind in get_args(Doubled)
                for each in await gaps.find_doubled(session, kind, span)
            ]
        )
        ticketed = await gaps.count_ticketed(session, span)
        channels = [*get_args(Channel), *sorted({*ticketed, *missing, *doubled} - {*get_args(Channel)})]
        return {
            channel: Account(
                ticketed=ticketed.get(channel, 0),
                on_the_way=on_the_way.get(channel, 0),
                raw_on_the_way=raw_on_the_way.get(channel, 0),
                unreadable=unreadable.get(channel, 0),
                missing=missing.get(channel, ()),
                doubled=doubled.get(channel, ()),
            )
            for channel in channels
        }

    def _moment(self, given: datetime | date, after: timedelta = timedelta()) -> datetime:
        """A moment as it is given; of a day, its midnight, or that of the day after."""
        if isinstance(given, datetime):
            return given
        return datetime.combine(given + after, time(), self._zone)


def _check(since: datetime, until: datetime, now: datetime) -> None:
    if not timedelta() < until - since <= LONGEST:
        expected = f"a moment before `to` and before now, at most {LONGEST.days} days"
        raise Invalid("That is no span.", errors=[FieldError("from", "does not fit `to`", expected)])
    if now - since > KEPT:
        expected = f"within the last {KEPT.days} days"
        raise Invalid("The ledger is not kept for so long.", errors=[FieldError("from", "is too long ago", expected)])


def _shown(channel: str, account: Account) -> ChannelGaps:
    return ChannelGaps(
        channel=channel,
        sent=account.sent,
        accepted=account.accepted,
        ticketed=account.ticketed,
        on_the_way=account.on_the_way + account.raw_on_the_way,
        unreadable=account.unreadable,
        missing=sum(gap.count for gap in account.missing),
        doubled=sum(gap.count for gap in account.doubled),
        missing_items=[_gap_out(gap) for gap in account.missing],
        doubled_items=[_gap_out(gap) for gap in account.doubled],
    )


def _gap_out(gap: Gap) -> GapOut:
    return GapOut(kind=gap.kind, count=gap.count, names=list(gap.names), more=gap.count - len(gap.names))
