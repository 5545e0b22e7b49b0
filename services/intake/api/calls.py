"""The routes of calls: one comes in, its caller types digits, and what happens to it is told."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Request

from services.intake.domain.call_events import CallEvent
from services.intake.domain.callers import caller_of
from services.intake.domain.turns import Turn
from services.intake.models.calls import Call, CallReport
from services.intake.schemas.calls import CallEventIn, CallIn, CallOut, DigitsIn, GatherOut, NextOut, Prompt, TurnOut
from services.intake.service.calls import Calls
from services.intake.service.conversations import CallEnded, Conversations
from shared.auth import integration
from shared.errors import NotFound
from shared.http import Transaction, trace
from shared.idempotency import KeyedRoute
from shared.refusals import refusals
from shared.wiring import Now, wired

OURS = "rest"
"""The telephone systems that speak our own dialect."""
CallId = Annotated[str, Path(max_length=128, pattern=r"^[\x21-\x2e\x30-\x7e]+$")]
CallWriter = Depends(integration("calls:write", "call"))
WiredCalls = Annotated[Calls, Depends(wired(Calls))]
WiredConversations = Annotated[Conversations, Depends(wired(Conversations))]

router = APIRouter(prefix="/v1", tags=["calls"], route_class=KeyedRoute, dependencies=[CallWriter])


@router.post("/calls", status_code=201, responses=refusals(NotFound))
async def open_call(
    request: Request, session: Transaction, now: Now, conversations: WiredConversations, form: CallIn
) -> TurnOut:
    """A call comes in. The answer is what its caller hears; a call that is known hears again what he heard last."""
    opened = CallEvent(key="opened", kind="opened", at=form.at)
    report = CallReport(OURS, form.call_id, (opened,), account=form.account, caller=caller_of(form.caller))
    return _turn_out(*await conversations.open(session, report, now, trace(request)))


@router.post("/calls/{call_id}/digits", responses=refusals(NotFound, CallEnded))
async def type_digits(
    request: Request,
    session: Transaction,
    now: Now,
    conversations: WiredConversations,
    call_id: CallId,
    form: DigitsIn,
) -> TurnOut:
    """The caller typed digits, or none in time. Digits that came too slowly are kept, and the rest is asked for."""
    return _turn_out(*await conversations.type(session, (OURS, call_id), form.digits, now, trace(request)))


@router.post("/calls/{call_id}/events")
async def tell_event(
    request: Request, session: Transaction, now: Now, calls: WiredCalls, call_id: CallId, form: CallEventIn
) -> CallOut:
    """Something happened to the call. It is taken in any order, doubled, and of a call that nobody opened."""
    key = f"{form.event} {form.at.isoformat()} {form.queue} {form.agent}"
    event = CallEvent(key, form.event, form.at, form.queue, form.agent, form.cause)
    recordings = (form.recording,) if form.recording else ()
    report = CallReport(OURS, call_id, (event,), recordings=recordings)
    return _call_out((await calls.tell(session, [report], now, trace(request)))[report.key])


def _call_out(call: Call) -> CallOut:
    return CallOut.model_validate(call, from_attributes=True)


def _turn_out(call: Call, turn: Turn) -> TurnOut:
    gather = turn.gather and GatherOut(digits=turn.gather.digits, timeout_seconds=turn.gather.timeout_seconds)
    return TurnOut(
        id=call.id,
        call_id=call.call_id,
        say=[Prompt(text=prompt.text, recording=prompt.recording) for prompt in turn.prompts],
        gather=gather,
        next=_next_out(turn),
    )


def _next_out(turn: Turn) -> NextOut:
    if turn.gather:
        return NextOut(action="digits")
    if turn.record_seconds is not None:
        return NextOut(action="record", longest_seconds=turn.record_seconds)
    return NextOut(action="queue", queue=turn.queue) if turn.queue else NextOut(action="hangup")
