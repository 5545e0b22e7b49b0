"""Call-backs: opened for who gave up waiting, claimed by one member of staff, and ended once."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.intake.domain.callbacks import (
    CallbackStatus,
    CallbackTooEarly,
    check_claim,
    check_may_end,
    next_calling,
)
from services.intake.domain.hours import Hours, standing
from services.intake.models.callbacks import Callback
from services.intake.models.calls import Call
from services.intake.repository import callbacks, calls
from shared.errors import NotFound
from shared.ids import new_id

MOST_TRIES = 3
"""So often a citizen is called before nobody calls any more."""
_TRY_AGAIN_AFTER = timedelta(hours=1)


class Callbacks:
    """The verbs of a call-back, and how calls change them. Each runs in the caller's transaction."""

    def __init__(self, *, hours: Hours) -> None:
        self._hours = hours

    # -- what calls do to them --------------------------------------------------------------------------------------

    async def follow(self, session: AsyncSession, told: Sequence[Call], now: datetime) -> list[Call]:
        """Opens, joins and ends the call-backs of these calls, as they stand now; the calls, with that of each.

        There is one open for each number. A call that was answered ends it, unless it was abandoned later than that.
        """
        concerned = [call for call in told if call.direction == "in" and (call.is_callable or call.callback_id)]
        numbers = sorted({call.caller for call in concerned if call.is_callable})
        if not concerned:
            return list(told)
        await callbacks.hold_numbers(session, numbers)
        board = await self._board(session, concerned, numbers, now)
        keys = {call.key for call in concerned}
        followed = [board.follow(call) if call.key in keys else call for call in told]
        await callbacks.save(session, *board.changes())
        return followed

    async def _board(
        self, session: AsyncSession, concerned: Sequence[Call], numbers: Sequence[str], now: datetime
    ) -> "_Board":
        joined = await callbacks.lock_each(session, [call.callback_id for call in concerned if call.callback_id])
        waiting = await callbacks.open_of(session, numbers)
        answers = await calls.last_answers(session, numbers)
        for call in concerned:
            if call.answered_at and call.outcome == "answered":
                answers[call.caller] = max(call.answered_at, answers.get(call.caller, call.answered_at))
        return _Board(joined | {one.id: one for one in waiting.values()}, answers, now, next_calling(self._hours, now))

    # -- what staff does with them ----------------------------------------------------------------------------------

    async def claim(self, session: AsyncSession, callback_id: UUID, caller: str, now: datetime) -> Callback:
        """Gives a call-back to `caller`, and to nobody else. Raises `NotFound`, `CallbackClaimed`, `CallbackEnded`,
        and `CallbackTooEarly` outside of the hours.
        """
        callback = await self._locked(session, callback_id)
        check_claim(callback.status, callback.claimed_by, caller)
        if callback.due_at > now or not standing(self._hours, now).is_open:
            raise CallbackTooEarly("Citizens are called within the contact centre's hours, once `due_at` has come.")
        return await self._save(session, replace(callback, status="claimed", claimed_by=caller, claimed_at=now))

    async def reached(self, session: AsyncSession, callback_id: UUID, caller: str, now: datetime) -> Callback:
        """The citizen was reached. Raises `NotFound`, `CallbackNotClaimed` and `CallbackEnded`."""
        callback = await self._claimed(session, callback_id, caller)
        return await self._save(session, replace(callback, status="reached", ended_at=now))

    async def failed(self, session: AsyncSession, callback_id: UUID, caller: str, now: datetime) -> Callback:
        """The citizen did not pick up: he is called again later, `MOST_TRIES` times in all. Raises as `reached`."""
        callback = await self._claimed(session, callback_id, caller)
        tried = replace(callback, tries=callback.tries + 1)
        if tried.tries >= MOST_TRIES:
            return await self._save(session, replace(tried, status="failed", ended_at=now))
        later = next_calling(self._hours, now + _TRY_AGAIN_AFTER)
        return await self._save(session, replace(tried, status="open", claimed_by=None, claimed_at=None, due_at=later))

    async def list_callbacks(
        self, session: AsyncSession, status: CallbackStatus, after: tuple[datetime, UUID] | None, limit: int
    ) -> list[Callback]:
        """Up to `limit` call-backs of a status after a place, those first that are due first."""
        return await callbacks.list_callbacks(session, status, after, limit)

    async def _claimed(self, session: AsyncSession, callback_id: UUID, caller: str) -> Callback:
        callback = await self._locked(session, callback_id)
        check_may_end(callback.status, callback.claimed_by, caller)
        return callback

    async def _locked(self, session: AsyncSession, callback_id: UUID) -> Callback:
        callback = await callbacks.lock(session, callback_id)
        if callback is None:
            raise NotFound("There is no such call-back.")
        return callback

    async def _save(self, session: AsyncSession, callback: Callback) -> Callback:
        await callbacks.save(session, [], [callback])
        return callback


class _Board:
    """The call-backs that some calls concern, while these are followed one after another."""

    def __init__(
        self, known: dict[UUID, Callback], answers: dict[str, datetime], now: datetime, due_at: datetime
    ) -> None:
        self._stored = dict(known)
        self._now_known = dict(known)
        self._answers = answers
        self._now = now
        self._due_at = due_at

    def follow(self, call: Call) -> Call:
        """The call with its call-back: it joins one, leaves the one that it had, or ends it."""
        was_abandoned = call.outcome == "abandoned" and not call.is_consult and call.is_callable
        if call.callback_id and not was_abandoned:
            self._leave(call.callback_id)
            call = replace(call, callback_id=None)
        if call.outcome == "answered" and call.answered_at:
            self._come_back(call.caller, call.answered_at)
        if was_abandoned and not call.callback_id and call.ended_at and not self._was_answered_after(call):
            return replace(call, callback_id=self._join(call.caller, call.ended_at))
        return call

    def changes(self) -> tuple[list[Callback], list[Callback]]:
        """The call-backs that are new, and those that are otherwise than they were."""
        new = [one for key, one in self._now_known.items() if key not in self._stored]
        changed = [one for key, one in self._now_known.items() if key in self._stored and one != self._stored[key]]
        return new, changed

    def _was_answered_after(self, call: Call) -> bool:
        answered_at = self._answers.get(call.caller)
        return answered_at is not None and call.ended_at is not None and answered_at > call.ended_at

    def _join(self, number: str, abandoned_at: datetime) -> UUID:
        waiting = self._waiting(number)
        if waiting is None:
            made = Callback(new_id(), number, "open", 1, 0, self._now, abandoned_at, self._due_at)
            self._now_known[made.id] = made
            return made.id
        latest = max(waiting.abandoned_at, abandoned_at)
        self._now_known[waiting.id] = replace(waiting, calls=waiting.calls + 1, abandoned_at=latest)
        return waiting.id

    def _leave(self, callback_id: UUID) -> None:
        callback = self._now_known.get(callback_id)
        if callback is None or callback.status not in ("open", "claimed"):
            return
        left = replace(callback, calls=callback.calls - 1)
        if left.calls == 0:
            left = replace(left, status="withdrawn", ended_at=self._now)
        self._now_known[callback_id] = left

    def _come_back(self, number: str, answered_at: datetime) -> None:
        waiting = self._waiting(number)
        if waiting is not None and waiting.abandoned_at <= answered_at:
            self._now_known[waiting.id] = replace(waiting, status="came_back", ended_at=self._now)

    def _waiting(self, number: str) -> Callback | None:
        return next(
            (one for one in self._now_known.values() if one.number == number and one.status in ("open", "claimed")),
            None,
        )
