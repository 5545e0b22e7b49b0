"""The routes of call-backs: they are listed, claimed by one, and ended."""

from datetime import UTC, datetime, timedelta
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query

from services.intake.domain.callbacks import (
    CallbackClaimed,
    CallbackEnded,
    CallbackNotClaimed,
    CallbackStatus,
    CallbackTooEarly,
)
from services.intake.models.callbacks import Callback
from services.intake.schemas.callbacks import CallbackOut, CallbackPage
from services.intake.service.callbacks import Callbacks
from shared.auth import staff
from shared.caller import Caller
from shared.errors import FieldError, Invalid, NotFound
from shared.http import Reading, Transaction
from shared.idempotency import KeyedRoute
from shared.paging import cursor_to, first_of, place_in
from shared.refusals import refusals
from shared.wiring import Now, wired

Officer = Annotated[Caller, Depends(staff("callbacks:work"))]
WiredCallbacks = Annotated[Callbacks, Depends(wired(Callbacks))]
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_PLACE_BYTES = 24
UNCLAIMABLE = (CallbackClaimed, CallbackEnded, CallbackTooEarly)

router = APIRouter(prefix="/v1", tags=["calls"], route_class=KeyedRoute)


@router.get("/callbacks")
async def list_callbacks(
    session: Reading,
    callbacks: WiredCallbacks,
    _: Officer,
    status: CallbackStatus = "open",
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    cursor: str | None = None,
) -> CallbackPage:
    """The call-backs of a status, those first that are due first."""
    after = _place(place_in(cursor, _PLACE_BYTES)) if cursor is not None else None
    found = await callbacks.list_callbacks(session, status, after, limit + 1)
    items, next_cursor = first_of(found, limit, _cursor)
    return CallbackPage(items=[_callback_out(callback) for callback in items], next_cursor=next_cursor)


@router.post("/callbacks/{callback_id}/claim", responses=refusals(NotFound, *UNCLAIMABLE))
async def claim(
    session: Transaction, now: Now, callbacks: WiredCallbacks, callback_id: UUID, caller: Officer
) -> CallbackOut:
    """Gives the call-back to you and to nobody else, until you say how it went."""
    return _callback_out(await callbacks.claim(session, callback_id, caller.subject, now))


@router.post("/callbacks/{callback_id}/reached", responses=refusals(NotFound, CallbackNotClaimed, CallbackEnded))
async def reached(
    session: Transaction, now: Now, callbacks: WiredCallbacks, callback_id: UUID, caller: Officer
) -> CallbackOut:
    """You reached the citizen."""
    return _callback_out(await callbacks.reached(session, callback_id, caller.subject, now))


@router.post("/callbacks/{callback_id}/failed", responses=refusals(NotFound, CallbackNotClaimed, CallbackEnded))
async def failed(
    session: Transaction, now: Now, callbacks: WiredCallbacks, callback_id: UUID, caller: Officer
) -> CallbackOut:
    """You did not reach the citizen. He is called again in an hour, three times in all."""
    return _callback_out(await callbacks.failed(session, callback_id, caller.subject, now))


def _callback_out(callback: Callback) -> CallbackOut:
    return CallbackOut.model_validate(callback, from_attributes=True)


def _cursor(callback: Callback) -> str:
    """The cursor that leads to what is due after a call-back."""
    return cursor_to(((callback.due_at - _EPOCH) // _MICROSECOND).to_bytes(8, signed=True) + callback.id.bytes)


def _place(place: bytes) -> tuple[datetime, UUID]:
    try:
        return _EPOCH + int.from_bytes(place[:8], signed=True) * _MICROSECOND, UUID(bytes=place[8:])
    except OverflowError:
        fault = FieldError("cursor", "was not made by this service", "the `next_cursor` of the page before")
        raise Invalid("The cursor is not one of ours.", errors=[fault]) from None
