"""From events to notices, and from attempts to what is known of them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.notify.domain.claims import DIED_BEFORE_ITS_TURN, DIED_WHILE_SENDING, Claim
from services.notify.domain.delivery import Decision, Status, judge
from services.notify.domain.holds import chat_answer
from services.notify.domain.notices import is_private, reason_to_tell, way_for
from services.notify.models import Attempt, Ending, Judgement, Notice
from services.notify.repository import attempts, claims, notices
from services.notify.service.holds import Holds
from services.notify.service.letters import Letters
from shared import outbox
from shared.db import DriverConnection
from shared.errors import Conflict, FieldError, NotFound, Refusal
from shared.events import AnyEvent, NoticeFailed, NoticeFailedData, NoticeSettled, NoticeSettledData, Trace
from shared.events.words import NoticeOutcome, NoticeSettlement
from shared.ids import new_id
from shared.telemetry import NOTICES


class NothingToDecide(Conflict):
    """Only a notice that is uncertain, failed or held waits for a person."""

    code, title = "nothing_to_decide", "Nothing is to be decided here"
    fault = FieldError("notice_id", "does not wait for a person", "a notice that is uncertain, failed or held")


class TextRemoved(Conflict):
    """What a notice said, and to whom, is kept for a time only."""

    code, title = "text_removed", "The text of this notice is no longer kept"
    fault = FieldError("decision", "cannot be carried out", "`arrived`, or a new reply to the citizen")


_MEANING: Mapping[Decision, tuple[Status, NoticeSettlement]] = {
    "arrived": ("accepted", "arrived"),
    "send_again": ("queued", "sent_again"),
}


@dataclass(frozen=True, slots=True)
class Decisions:
    """What a person decided about, and what he could not decide about, with the reason."""

    notices: Sequence[Notice]
    refused: Mapping[UUID, Refusal]


class Ledger:
    """What is to be told, and what became of it."""

    def __init__(self, *, letters: Letters, holds: Holds, give_up_after: timedelta) -> None:
        self._letters = letters
        self._holds = holds
        self._give_up_after = give_up_after

    async def enter(self, session: AsyncSession, events: Sequence[AnyEvent], now: datetime) -> None:
        """Writes a notice for each event that owes the citizen a word. Some are held, or never sent."""
        new = [(event, notice) for event in events if (notice := self._notice(event, now))]
        entered = await self._holds.enter(session, new, now)
        await notices.insert_notices(session, entered)
        parked = [notice for notice in entered if notice.hold == "loop"]  # a person decides: who has the ticket sees it
        NOTICES.labels("email", "held").inc(len(parked))
        await outbox.add(session, "notify", [_failure(notice, "held", notice.error, now) for notice in parked])

    async def record_briefly(
        self, notes: DriverConnection, claim: UUID, ended: Sequence[Ending], *, is_over: bool
    ) -> list[Ending]:
        """Writes down, without waiting for the disk, what became of notices of a claim, and whether that is over.

        Answers those that are to be given to `record`: of which a ticket must hear, or that others recorded meanwhile.
        """
        quiet = [item for item in map(_judgement, ended) if item.verdict.status in ("accepted", "queued")]
        over, going_on = ([claim], []) if is_over else ([], [claim])
        done = await attempts.record_briefly(notes, quiet, over=over, going_on=going_on)
        _count(item for item in quiet if item.notice.id in done)
        return [item for item in ended if item.notice.id not in done]

    async def record(
        self, session: AsyncSession, ended: Sequence[Ending], now: datetime, *, over: Sequence[UUID] = ()
    ) -> None:
        """Writes down what became of notices, and that the claims `over` are over.

        The ticket is told of those that a person must look at, or no longer.
        """
        judgements = list(map(_judgement, ended))
        changed = await attempts.record(session, judgements, over=over)
        before = {change.notice_id: change.before for change in changed}
        judgements = [item for item in judgements if item.notice.id in before]
        events = []
        for item in judgements:
            if _needs_a_person(item):
                outcome: NoticeOutcome = "failed" if item.verdict.status == "failed" else "uncertain"
                events.append(_failure(item.notice, outcome, item.verdict.error, now))
            elif before[item.notice.id] == "uncertain":
                settlement: NoticeSettlement = "arrived" if item.verdict.status == "accepted" else "sent_again"
                events.append(_settlement(item.notice, settlement, "notify", now))
        await outbox.add(session, "notify", events)
        _count(judgements)

    async def give_up_abandoned(self, session: AsyncSession, *, own: str | None, now: datetime) -> int:
        """Records what became of what couriers had claimed when they died: accepted, in doubt, or waiting again.

        Answers how many a person must decide about.
        """
        abandoned = await claims.abandoned_claims(session, own=own, now=now)
        by_id: dict[UUID | None, Claim] = {claim.id: claim for claim in abandoned}
        over = [claim.id for claim in abandoned]
        ended = [_ending(notice, by_id[notice.claim], now) for notice in await claims.notices_of(session, over)]
        for item in await claims.abandoned_notices(session, own=own, now=now):
            outcome = DIED_WHILE_SENDING if item.under_way else DIED_BEFORE_ITS_TURN
            ended.append(Ending(item.notice, outcome, now, item.attempt))
        if over or ended:
            await self.record(session, ended, now, over=over)
        return sum(item.outcome is DIED_WHILE_SENDING for item in ended)

    async def decide(
        self, session: AsyncSession, ids: Sequence[UUID], decision: Decision, *, by: str, now: datetime
    ) -> Decisions:
        """A person's word about notices that are uncertain, failed or held: they arrived after all, or are to be sent.

        Those that nothing is to be decided about stay as they are, and are answered with the refusal: `NotFound`,
        `NothingToDecide`, `TextRemoved`.
        """
        by_name = {notice.id: notice for notice in await notices.lock_notices(session, ids)}
        refused = {name: refusal for name in ids if (refusal := _refusal(by_name.get(name), decision))}
        status, settlement = _MEANING[decision]
        decided = await notices.decide(
            session,
            [name for name in ids if name not in refused],
            status=status,
            give_up_at=now + self._give_up_after,
            now=now,
        )
        await outbox.add(session, "notify", [_settlement(notice, settlement, by, now) for notice in decided])
        return Decisions(decided, refused)

    def _notice(self, event: AnyEvent, now: datetime) -> Notice | None:
        reason = reason_to_tell(event)
        if reason is None:
            return None
        data = event.data
        way = way_for(event)
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
            reply_id=chat_answer(event),
            is_private=is_private(event),
        )


def _judgement(ended: Ending) -> Judgement:
    notice, at = ended.notice, ended.ended_at
    verdict = judge(ended.outcome, attempts=notice.attempts, give_up_at=notice.give_up_at, now=at)
    return Judgement(notice, ended.outcome, at, ended.attempt, verdict)


def _ending(notice: Notice, claim: Claim, now: datetime) -> Ending:
    """What became of a notice of a claim whose courier died."""
    outcome = claim.became_of(notice.id)
    if handover := claim.handovers.get(notice.id):
        return Ending(notice, outcome, handover.ended_at, Attempt(claim.worker, handover.began_at))
    if notice.id in claim.under_way and claim.began_at:
        return Ending(notice, outcome, now, Attempt(claim.worker, claim.began_at))
    return Ending(notice, outcome, now)


def _refusal(notice: Notice | None, decision: Decision) -> Refusal | None:
    if notice is None:
        return NotFound("There is no such notice.")
    if notice.status not in ("uncertain", "failed") and notice.hold is None:
        return NothingToDecide(f"The notice is {notice.status}.")
    if notice.text_removed_at is not None and decision == "send_again":
        return TextRemoved("Its text and its address are no longer kept: write to the citizen anew.")
    return None


def _count(judgements: Iterable[Judgement]) -> None:
    for item in judgements:
        NOTICES.labels(item.notice.kind, item.verdict.status).inc()


def _needs_a_person(item: Judgement) -> bool:
    return item.verdict.status in ("failed", "uncertain")


def _failure(notice: Notice, outcome: NoticeOutcome, error: str | None, now: datetime) -> AnyEvent:
    data = NoticeFailedData(
        notice_id=notice.id,
        ticket_id=notice.ticket_id,
        reason=notice.reason,
        kind=notice.kind or "email",
        outcome=outcome,
        error=error or "",
    )
    return NoticeFailed.of(data, subject=notice.id, now=now, trace=Trace(notice.correlation_id, notice.traceparent))


def _settlement(notice: Notice, outcome: NoticeSettlement, by: str, now: datetime) -> AnyEvent:
    data = NoticeSettledData(
        notice_id=notice.id,
        ticket_id=notice.ticket_id,
        reason=notice.reason,
        kind=notice.kind or "email",
        outcome=outcome,
        by=by,
    )
    return NoticeSettled.of(data, subject=notice.id, now=now, trace=Trace(notice.correlation_id, notice.traceparent))
