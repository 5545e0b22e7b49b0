"""The routes of the doors."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Annotated, Any, Literal, cast
from uuid import UUID

from fastapi import APIRouter, Depends, Path, Query, Request, Response

from services.intake import repository
from services.intake.domain.chats import check_goes_on
from services.intake.models import Acceptance
from services.intake.schemas import (
    Accepted,
    ChatAccepted,
    ChatIn,
    ContactIn,
    MessageAccepted,
    MessageIn,
    MessageOut,
    Messages,
    OutcomeIn,
    VisitIn,
    VisitOut,
)
from services.intake.service import doors as use
from services.intake.service.acceptance import Acceptor
from services.intake.service.booths import Booths
from shared.auth import Caller, door, staff
from shared.errors import FieldError, Invalid, NotFound
from shared.http import Reading, Transaction, trace
from shared.idempotency import REPLAYED, IdempotencyKey, KeyedRoute, fingerprint_of

SHORTEST_UNGUESSABLE = 22
"""Characters: 128 bits by chance, as in a UUID, in any alphabet for addresses."""
BoothName = Annotated[str, Path(pattern=r"^[A-Za-z0-9._-]{1,64}$")]
# who brings a contact is kept with it, in its one statement: no row of the access trail beside it
Door = Annotated[Caller, Depends(door("contacts:write", is_recorded=False))]
ChatOpener = Annotated[Caller, Depends(door("contacts:write", widget=True, is_recorded=False))]
ChatDoor = Annotated[Caller, Depends(door("contacts:write", chat=True, is_recorded=False))]
ChatReader = Annotated[Caller, Depends(door("chats:read", chat=True))]
Dispenser = Depends(door("booths:write"))
Officer = Annotated[Caller, Depends(staff("agent", "supervisor"))]
AnotherOne = Annotated[
    bool, Query(alias="next", description="Call another, though you have not ended the visit of the last")
]


def routes(*, acceptor: Acceptor, doors: use.Doors, booths: Booths, chats_last: timedelta) -> APIRouter:
    """The router, around the use cases that `main` wired."""
    router = APIRouter(prefix="/v1", route_class=KeyedRoute)

    def seen(request: Request, caller: Caller) -> use.Request:
        return use.Request(
            client=caller.subject,
            trace=trace(request),
            now=request.app.state.clock(),
        )

    async def named(request: Request, caller: Caller, key: str | None) -> use.Request:
        """The same, with its key: contacts share a commit, and take their keys along into it."""
        mark = await fingerprint_of(request) if key else ""
        return replace(seen(request, caller), idempotency_key=key, fingerprint=mark)

    async def accepted(item: Acceptance) -> Response:
        answer = await acceptor.accept(item)
        again = REPLAYED if answer != item.answer else None  # each has an id of its own, so it is another's: the first
        return Response(answer, 202, headers=again, media_type="application/json")

    async def code_of(session: Reading, chat_id: UUID, caller: Caller, now: datetime) -> str:
        """The code of the chat. An integration sees the chats that it opened, and no others. Raises `ChatEnded`."""
        chat = await repository.find_chat(session, chat_id, caller.subject if caller.scopes else None)
        if chat is None:
            raise NotFound("There is no such chat.")
        if caller.chat_id is not None:
            check_goes_on(chat.last_line_at, now, chats_last)
        return chat.tracking_code

    @router.post("/contacts", status_code=202, response_model=Accepted, tags=["contacts"])
    async def receive_form(request: Request, form: ContactIn, caller: Door, key: IdempotencyKey = None) -> Response:
        """Takes a web form. The answer is sent after the commit."""
        return await accepted(doors.form(form, await named(request, caller, key)))

    @router.post("/chats", status_code=202, response_model=ChatAccepted, tags=["chats"])
    async def open_chat(request: Request, form: ChatIn, caller: ChatOpener, key: IdempotencyKey = None) -> Response:
        """Opens a chat, with or without its first line. A widget in a page may do this with a key of its own."""
        if caller.widget and key is not None:
            _check_unguessable(key)
        return await accepted(doors.open_chat(form, await named(request, caller, key)))

    @router.post("/chats/{chat_id}/messages", status_code=202, response_model=MessageAccepted, tags=["chats"])
    async def receive_message(
        request: Request, chat_id: UUID, form: MessageIn, caller: ChatDoor, key: IdempotencyKey = None
    ) -> Response:
        """Takes a further line of a chat. 429: it had its lines of this minute. 409 `chat_full`: it holds no more."""
        async with request.app.state.db.autocommit() as session:
            code = await code_of(session, chat_id, caller, request.app.state.clock())
        return await accepted(doors.message(chat_id, code, form, await named(request, caller, key)))

    @router.get("/chats/{chat_id}/messages", tags=["chats"])
    async def read_messages(
        request: Request,
        session: Reading,
        chat_id: UUID,
        caller: ChatReader,
        after: Annotated[int, Query(ge=0, le=2**31 - 1, description="The `id` of the last line that you have")] = 0,
        limit: Annotated[int, Query(ge=1, le=500)] = 100,
    ) -> Messages:
        """The conversation, citizen and agent, in its order, a page at a time: fewer lines than `limit` where they are
        long, and `next_cursor` where there are more. Poll with `after`: no line is ever skipped.
        """
        await code_of(session, chat_id, caller, request.app.state.clock())
        lines, more = await repository.chat_lines(session, chat_id, after, limit)
        items = [
            MessageOut(id=line.position, author=cast("Any", line.author), body=line.body, at=line.at) for line in lines
        ]
        return Messages(items=items, next_cursor=str(items[-1].id) if more else None)

    @router.post("/booths/{booth}/visits", status_code=201, tags=["booths"], dependencies=[Dispenser])
    async def take_number(
        request: Request, session: Transaction, booth: BoothName, form: VisitIn | None = None
    ) -> VisitOut:
        """Takes a number at the booth. `call_due_at` says until when the visitor must be called."""
        return await booths.take_number(session, booth, form or VisitIn(), request.app.state.clock())

    @router.post("/booths/{booth}/call-next", tags=["booths"])
    async def call_next(
        request: Request,
        session: Transaction,
        booth: BoothName,
        caller: Officer,
        another: AnotherOne = False,
        key: IdempotencyKey = None,
    ) -> VisitOut:
        """Calls the visitor who has waited longest today; 404 `queue_empty` when nobody waits.

        An officer whose call got no answer may ask again. With the same key, he gets the same visitor. Without a key,
        he gets the visitor whom he called today at this booth and whose visit has not ended, if there is one, unless
        he says `next=true`. A new key calls the next.
        """
        another = another or key is not None
        return await booths.call_next(session, booth, caller.subject, request.app.state.clock(), another=another)

    async def end(
        request: Request,
        session: Transaction,
        visit_id: UUID,
        caller: Caller,
        outcome: Literal["settled", "escalated"],
        form: OutcomeIn | None,
    ) -> VisitOut:
        return await booths.end(session, visit_id, outcome, form or OutcomeIn(), seen(request, caller))

    @router.post("/visits/{visit_id}/settle", tags=["booths"])
    async def settle(
        request: Request, session: Transaction, visit_id: UUID, caller: Officer, form: OutcomeIn | None = None
    ) -> VisitOut:
        """What was brought is settled at the booth."""
        return await end(request, session, visit_id, caller, "settled", form)

    @router.post("/visits/{visit_id}/escalate", tags=["booths"])
    async def escalate(
        request: Request, session: Transaction, visit_id: UUID, caller: Officer, form: OutcomeIn | None = None
    ) -> VisitOut:
        """What was brought goes to the desk; the visitor is told the due date by SMS or e-mail at once."""
        return await end(request, session, visit_id, caller, "escalated", form)

    return router


def _check_unguessable(key: str) -> None:
    """Raises `Invalid`. A widget's key is everybody's, and the first answer holds the token of somebody's chat: nobody
    else may come upon the same `Idempotency-Key`.
    """
    if len(key) < SHORTEST_UNGUESSABLE:
        expected = f"at least {SHORTEST_UNGUESSABLE} characters by chance, such as crypto.randomUUID()"
        fault = FieldError("Idempotency-Key", "could be another's too", expected)
        raise Invalid("Many open chats with this key, so each names his requests as nobody else does.", errors=[fault])
