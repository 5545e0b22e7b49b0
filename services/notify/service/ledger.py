"""From events to notices, and from attempts to what is known of them."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.notify import repository
from services.notify.domain.delivery import Outcome, Uncertain, judge
from services.notify.domain.notices import reason_to_tell, way_to
from services.notify.models import Notice, Settled
from services.notify.service.letters import Letters
from shared import outbox
from shared.errors import Conflict, FieldError, NotFound
from shared.events import BaseEvent, NoticeFailed, NoticeFailedData, Trace
from shared.ids import new_id
from shared.telemetry import NOTICES


class NothingToDecide(Conflict):
    """Only a notice that is uncertain or failed waits for a person."""

    code, title = "nothing_to_decide", "Nothing is to be decided here"
    fault = FieldError("notice_id", "does not wait for a person", "a notice that is uncertain or failed")


class TextRemoved(Conflict):
    """What a notice said, and to whom, is kept for a time only."""

    code, title = "text_removed", "The text of this notice is no longer kept"
    fault = FieldError("decision", "cannot be carried out", "`arrived`, or a new reply to the citizen")


class Ledger:
    """What is to be told, and what became of it."""

    def __init__(self, *, letters: Letters, give_up_after: timedelta) -> None:
        self._letters = letters
        self._give_up_after = give_up_after

    async def enter(self, session: AsyncSession, events: Sequence[BaseEvent], now: datetime) -> None:
        """Writes a notice for each event that owes the citizen a word."""
        notices = [notice for event in events if (notice := self._notice(event, now))]
        await repository.insert_notices(session, notices)

    async def close(
        self, session: AsyncSession, notices: Sequence[Notice], outcomes: Sequence[Outcome], now: datetime
    ) -> None:
        """Writes down what became of these attempts, and tells the desk of those that a person must look at."""
        settled = [
            Settled(n, o, judge(o, attempts=n.attempts, give_up_at=n.give_up_at, now=now))
            for n, o in zip(notices, outcomes, strict=True)
        ]
        changed = await repository.settle(session, settled, now)
        settled = [item for item in settled if item.notice.id in changed]
        await outbox.add(session, "notify", [_failed(item, now) for item in settled if _needs_a_person(item)])
        for item in settled:
            NOTICES.labels(item.notice.kind, item.verdict.status).inc()

    async def give_up_abandoned(self, session: AsyncSession, *, own: str | None, now: datetime) -> int:
        """Marks as uncertain what a sender left in the middle when it died. The number of notices."""
        notices = await repository.abandoned(session, own=own, now=now)
        if notices:
            await self.close(session, notices, [Uncertain("the sender died while sending")] * len(notices), now)
        return len(notices)

    async def decide(self, session: AsyncSession, notice_id: UUID, *, arrived: bool, now: datetime) -> Notice:
        """A person's word: it arrived after all, or it is to be sent again. Raises `NotFound`, `NothingToDecide`,
        `TextRemoved`.
        """
        notice = await repository.lock_notice(session, notice_id)
        if notice is None:
            raise NotFound("There is no such notice.")
        if notice.status not in ("uncertain", "failed"):
            raise NothingToDecide(f"The notice is {notice.status}.")
        if notice.text_removed_at is not None and not arrived:
            raise TextRemoved("Its text and its address are no longer kept: write to the citizen anew.")
        status = "accepted" if arrived else "queued"
        await repository.decide(session, notice_id, status=status, give_up_at=now + self._give_up_after, now=now)
        changed = await repository.lock_notice(session, notice_id)
        assert changed is not None  # noqa: S101 - it is locked
        return changed

    def _notice(self, event: BaseEvent, now: datetime) -> Notice | None:
        reason = reason_to_tell(event)
        if reason is None:
            return None
        data = event.data  # type: ignore[attr-defined]
        way = way_to(data.citizen)
        letter = self._letters.write(reason, way.kind, event) if way else None
        return Notice(
            id=new_id(),
            event_id=event.id,
            reason=reason,
            ticket_id=data.ticket_id,
            tracking_code=data.tracking_code,
            kind=way.kind if way else None,
            address=way.address if way else None,
            subject=letter.subject if letter else "",
            body=letter.body if letter else "",
            status="queued" if way else "suppressed",
            next_attempt_at=now,
            give_up_at=now + self._give_up_after,
            correlation_id=event.correlationid,
            traceparent=event.traceparent,
            created_at=now,
            error=None if way else "the citizen left neither an e-mail address nor a telephone number",
            ended_at=None if way else now,
        )


def _needs_a_person(item: Settled) -> bool:
    return item.verdict.status in ("failed", "uncertain")


def _failed(item: Settled, now: datetime) -> BaseEvent:
    notice, verdict = item.notice, item.verdict
    data = NoticeFailedData(
        notice_id=notice.id,
        ticket_id=notice.ticket_id,
        reason=notice.reason,
        kind=notice.kind or "email",
        outcome="failed" if verdict.status == "failed" else "uncertain",
        error=verdict.error or "",
    )
    return NoticeFailed.of(data, subject=notice.id, now=now, trace=Trace(notice.correlation_id, notice.traceparent))
