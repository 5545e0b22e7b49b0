"""Which notices are held back, for what, and when they go."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from services.notify.domain.holds import CHAT_WAITS, READ_IN_CHAT, SHOWN_IN_CHAT
from services.notify.domain.notices import MUCH_TOLD, held_until
from services.notify.models import Notice
from services.notify.repository import notices, readings
from services.notify.service.loops import Entered, Loops
from shared.events import AnyEvent

_MOST_AT_ONCE = 500


class Holds:
    """Holds notices back. Each verb runs in the caller's transaction."""

    def __init__(self, *, loops: Loops, give_up_after: timedelta, most_an_hour: int) -> None:
        self._loops = loops
        self._give_up_after = give_up_after
        self._most_an_hour = most_an_hour

    async def enter(self, session: AsyncSession, new: Sequence[Entered], now: datetime) -> list[Notice]:
        """New notices, as they enter the ledger: those that are not sent now are held, each with the reason."""
        entered = await self._loops.hold(session, new, now)
        return await self._for_addresses(session, await self._for_chats(session, entered, now), now)

    async def learn_readings(self, session: AsyncSession, events: Sequence[AnyEvent], now: datetime) -> None:
        """Takes note of which answers in chats were read, and which not (`ChatUnread`): what was held for that goes, or
        never will.
        """
        is_read = {reply: True for event in events for reply in event.data.read_ids}
        is_read |= {reply: False for event in events for reply in event.data.reply_ids}
        if not is_read:
            return
        await readings.hold(session, is_read)
        await readings.add(session, is_read, now)
        held = await notices.lock_held_answers(session, list(is_read))
        read = [_read(notice, now) for notice in held if notice.reply_id and is_read[notice.reply_id]]
        unread = [notice for notice in held if notice.reply_id and not is_read[notice.reply_id]]
        await notices.save(session, [*read, *await self._released(session, unread, now)])

    async def release_overdue(self, session: AsyncSession, now: datetime) -> int:
        """Lets answers go that were held so long that nobody will tell any more whether they were read. How many."""
        overdue = await notices.lock_overdue_answers(session, now, _MOST_AT_ONCE)
        await notices.save(session, await self._released(session, overdue, now))
        return len(overdue)

    async def _for_chats(self, session: AsyncSession, new: Sequence[Notice], now: datetime) -> list[Notice]:
        """An answer that is shown in a chat waits for what becomes of it there, unless that is known already."""
        replies = {notice.reply_id for notice in new if notice.reply_id and notice.status == "queued"}
        if not replies:
            return list(new)
        await readings.hold(session, replies)
        is_read = await readings.find(session, replies)
        entered = []
        for notice in new:
            if notice.reply_id in replies:
                match is_read.get(notice.reply_id):
                    case None:
                        notice = _waiting(notice, now)
                    case True:
                        notice = _read(notice, now)
                    case False:
                        notice = replace(notice, held=True)
            entered.append(notice)
        return entered

    async def _released(self, session: AsyncSession, held: Sequence[Notice], now: datetime) -> list[Notice]:
        """Held notices, waiting for their couriers: those to one address go in one message."""
        released = [
            replace(
                notice,
                status="queued",
                hold=None,
                held=True,
                error=None,
                next_attempt_at=now,
                give_up_at=now + self._give_up_after,
                ended_at=None,
            )
            for notice in held
        ]
        return await self._for_addresses(session, released, now)

    async def _for_addresses(self, session: AsyncSession, wanted: Sequence[Notice], now: datetime) -> list[Notice]:
        """What is too much for one address in an hour waits, and is told it in one message."""
        addresses = sorted({notice.address for notice in wanted if notice.address and notice.status == "queued"})
        recent = await notices.recent_notices(session, addresses, now) if addresses else {}
        counts = {address: traffic.notices for address, traffic in recent.items()}
        holds = {address: traffic.held_until for address, traffic in recent.items()}
        entered = []
        for notice in wanted:
            if (address := notice.address) and notice.status == "queued":
                counts[address] = counts.get(address, 0) + 1
                hold = held_until(counts[address] - 1, holds.get(address), most=self._most_an_hour, now=now)
                if hold:
                    holds[address] = hold
                    error = MUCH_TOLD if hold > now else None
                    notice = replace(notice, held=True, next_attempt_at=hold, error=error)
            entered.append(notice)
        return entered


def _waiting(notice: Notice, now: datetime) -> Notice:
    return replace(
        notice, status="suppressed", hold="chat", held=True, error=SHOWN_IN_CHAT, next_attempt_at=now + CHAT_WAITS
    )


def _read(notice: Notice, now: datetime) -> Notice:
    return replace(notice, status="suppressed", hold=None, error=READ_IN_CHAT, ended_at=now)
