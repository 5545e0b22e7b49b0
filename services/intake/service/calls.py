"""Keeps what telephone systems tell of calls, and draws from it what follows: counts, call-backs, contacts."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from services.intake.domain.call_events import CallEvent
from services.intake.domain.call_figures import Tally, counted
from services.intake.domain.callers import better
from services.intake.domain.calls import CallState, call_state
from services.intake.models.calls import Call, CallKey, CallReport, KeptEvent
from services.intake.repository import call_figures, calls
from services.intake.service.call_contacts import CallContacts
from services.intake.service.callbacks import Callbacks
from shared.events import Trace
from shared.ids import new_id

QUEUE_LOG = "asterisk"
"""The one system that tells of a call between agents under an id that is none of the caller's."""


class Calls:
    """Tells how calls stand. Each of its verbs runs in the caller's transaction."""

    def __init__(self, *, callbacks: Callbacks, contacts: CallContacts) -> None:
        self._callbacks = callbacks
        self._contacts = contacts

    async def tell(
        self, session: AsyncSession, reports: Sequence[CallReport], now: datetime, trace: Trace
    ) -> dict[CallKey, Call]:
        """Keeps what was told, each thing once, and answers how the calls stand.

        Whatever is told is taken: in any order, doubled, or of a call that nobody opened. A call whose events were
        forgotten, for their time was over, stays as it is.
        """
        told_of = _by_call(reports)
        await calls.hold(session, {_lock_of(key) for key in told_of})
        before = await calls.find(session, told_of.keys())
        over = await self._keep(session, reports, before, now)
        consults = await self._consults(session, told_of.keys())
        concerned = (told_of.keys() | {*consults, *consults.values()}) - over
        before |= await calls.find(session, concerned - told_of.keys())
        events = await calls.events_of(session, concerned)
        after = [
            _call(before.get(key), call_state(events[key]), told_of.get(key, ()), now, trace)
            for key in sorted(concerned)
        ]
        counts = _counts(after, events, consults)
        after = [replace(call, is_consult=call.key in consults, counted=_encoded(counts[call.key])) for call in after]
        after = await self._callbacks.follow(session, after, now)
        after = await self._contacts.make(session, after, told_of, now)
        new = [call for call in after if call.key not in before]
        await calls.save(session, new, [call for call in after if call.key in before])
        await call_figures.add(session, _changes(before, counts))  # last: all calls of an hour wait for its rows
        return before | {call.key: call for call in after}

    async def _keep(
        self, session: AsyncSession, reports: Sequence[CallReport], before: Mapping[CallKey, Call], now: datetime
    ) -> set[CallKey]:
        """Keeps what was told of calls, unless their events were forgotten. Which calls these are."""
        over = set(before) - set(await calls.events_of(session, before.keys()))
        kept = [_kept(report, event, now) for report in reports if report.key not in over for event in report.events]
        await calls.add_events(session, kept)
        return over

    async def _consults(self, session: AsyncSession, keys: Collection[CallKey]) -> dict[CallKey, CallKey]:
        is_queue_log = any(provider == QUEUE_LOG for provider, _ in keys)
        return await calls.consults(session, keys) if is_queue_log else {}

    async def find(self, session: AsyncSession, key: CallKey) -> Call | None:
        """The call of this key, which nobody else changes before the commit; None if nobody told of it."""
        await calls.hold(session, {_lock_of(key)})
        return (await calls.find(session, [key])).get(key)

    async def save(self, session: AsyncSession, call: Call) -> None:
        """Writes where the caller is in the menu."""
        await calls.save(session, [], [call])


def _lock_of(key: CallKey) -> str:
    """The name of a call's lock. Those of a queue log share one: one of them may change another."""
    provider, call_id = key
    return provider if provider == QUEUE_LOG else f"{provider} {call_id}"


def _by_call(reports: Sequence[CallReport]) -> dict[CallKey, list[CallReport]]:
    found: dict[CallKey, list[CallReport]] = {}
    for one in reports:
        found.setdefault(one.key, []).append(one)
    return found


def _counts(
    after: Sequence[Call], events: Mapping[CallKey, Sequence[CallEvent]], consults: Collection[CallKey]
) -> dict[CallKey, frozenset[Tally]]:
    """What each call counts for now."""
    return {
        call.key: counted(call_state(events[call.key]), call.direction, is_consult=call.key in consults)
        for call in after
    }


def _changes(before: Mapping[CallKey, Call], counts: Mapping[CallKey, frozenset[Tally]]) -> Counter[Tally]:
    """By how much the counts are others than they were."""
    changes: Counter[Tally] = Counter()
    for key, tallies in counts.items():
        changes.update(tallies)
        changes.subtract(Tally.decode(text) for text in (before[key].counted if key in before else ()))
    return changes


def _encoded(tallies: frozenset[Tally]) -> dict[str, int]:
    return dict.fromkeys(sorted(tally.encode() for tally in tallies), 1)


def _kept(report: CallReport, event: CallEvent, now: datetime) -> KeptEvent:
    return KeptEvent(
        provider=report.provider,
        call_id=report.call_id,
        key=event.key,
        kind=event.kind,
        at=event.at,
        queue=event.queue,
        agent=event.agent,
        cause=event.cause,
        waited_seconds=event.waited_seconds,
        talked_seconds=event.talked_seconds,
        stay_from=_stay_from(event),
        received_at=now,
    )


def _stay_from(event: CallEvent) -> datetime | None:
    if event.kind == "queued":
        return event.at
    return event.at - timedelta(seconds=event.waited_seconds) if event.waited_seconds is not None else None


def _call(before: Call | None, state: CallState, reports: Sequence[CallReport], now: datetime, trace: Trace) -> Call:
    """The call as its events make it, with the parties that were told of it first, or better."""
    start = before or _new_call(reports[0], state, trace)
    caller, account, direction = start.party, start.account, start.direction
    for one in reports:
        caller = better(caller, one.caller)
        account = max(account, one.account)
        direction = max(direction, one.direction)
    return replace(
        start,
        direction=direction,
        account=account,
        caller=caller.text,
        is_callable=caller.is_callable,
        status=state.status,
        outcome=state.outcome,
        opened_at=state.opened_at,
        offered_at=state.offered_at,
        answered_at=state.answered_at,
        ended_at=state.ended_at,
        is_end_known=state.is_end_known,
        is_incomplete=state.is_incomplete,
        wait_seconds=state.wait_seconds,
        cause=state.cause,
        told_at=now if reports else start.told_at,
    )


def _new_call(report: CallReport, state: CallState, trace: Trace) -> Call:
    return Call(
        id=new_id(),
        provider=report.provider,
        call_id=report.call_id,
        direction=report.direction,
        status=state.status,
        opened_at=state.opened_at,
        told_at=state.opened_at,
        correlation_id=trace.correlation_id,
    )
