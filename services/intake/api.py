"""The routes of the doors."""

from typing import Annotated, Any, Literal, cast
from uuid import UUID

from fastapi import APIRouter, Depends, Header, Path, Query, Request, Response

from services.intake import repository
from services.intake.domain.idempotency import fingerprint
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
from services.intake.service.booths import Booths, once
from shared.auth import Caller, door, staff
from shared.errors import IdempotencyKeyReused, NotFound
from shared.http import Reading, Transaction, trace

IdempotencyKey = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        min_length=1,
        max_length=255,
        description="Names this request: the same body sent again has no second effect, and gets the first answer",
    ),
]
BoothName = Annotated[str, Path(pattern=r"^[A-Za-z0-9._-]{1,64}$")]
Door = Annotated[Caller, Depends(door("contacts:write"))]
ChatDoor = Annotated[Caller, Depends(door("contacts:write", chat=True))]
ChatReader = Annotated[Caller, Depends(door("chats:read", chat=True))]
Dispenser = Annotated[Caller, Depends(door("booths:write"))]
Officer = Annotated[Caller, Depends(staff("agent", "supervisor"))]


def routes(*, acceptor: Acceptor, doors: use.Doors, booths: Booths) -> APIRouter:
    """The router, around the use cases that `main` wired."""
    router = APIRouter(prefix="/v1")

    def seen(request: Request, caller: Caller, key: str | None = None) -> use.Request:
        return use.Request(
            client=caller.subject,
            trace=trace(request),
            now=request.app.state.clock(),
            idempotency_key=key,
        )

    @router.post("/contacts", status_code=202, response_model=Accepted, tags=["contacts"])
    async def receive_form(request: Request, form: ContactIn, caller: Door, key: IdempotencyKey = None) -> Response:
        """Takes a web form. The answer is sent after the commit."""
        return _json(await acceptor.accept(doors.form(form, seen(request, caller, key))))

    @router.post("/chats", status_code=202, response_model=ChatAccepted, tags=["chats"])
    async def open_chat(request: Request, form: ChatIn, caller: Door, key: IdempotencyKey = None) -> Response:
        """Opens a chat, with or without its first line."""
        return _json(await acceptor.accept(doors.open_chat(form, seen(request, caller, key))))

    @router.post("/chats/{chat_id}/messages", status_code=202, response_model=MessageAccepted, tags=["chats"])
    async def receive_message(
        request: Request, chat_id: UUID, form: MessageIn, caller: ChatDoor, key: IdempotencyKey = None
    ) -> Response:
        """Takes a further line of a chat."""
        async with request.app.state.db.autocommit() as session:
            code = await _code_of(session, chat_id, caller)
        return _json(await acceptor.accept(doors.message(chat_id, code, form, seen(request, caller, key))))

    @router.get("/chats/{chat_id}/messages", tags=["chats"])
    async def read_messages(
        session: Reading,
        chat_id: UUID,
        caller: ChatReader,
        after: Annotated[int, Query(ge=0, le=2**31 - 1, description="The `id` of the last line that you have")] = 0,
        limit: Annotated[int, Query(ge=1, le=500)] = 100,
    ) -> Messages:
        """The conversation, citizen and agent, in its order. Poll with `after`: no line is ever skipped."""
        await _code_of(session, chat_id, caller)
        lines = await repository.chat_lines(session, chat_id, after, limit)
        items = [
            MessageOut(id=line.position, author=cast("Any", line.author), body=line.body, at=line.at) for line in lines
        ]
        return Messages(items=items, next_cursor=str(items[-1].id) if len(items) == limit else None)

    @router.post("/booths/{booth}/visits", status_code=201, response_model=VisitOut, tags=["booths"])
    async def take_number(
        request: Request,
        session: Transaction,
        booth: BoothName,
        caller: Dispenser,
        form: VisitIn | None = None,
        key: IdempotencyKey = None,
    ) -> Response:
        """Takes a number at the booth. `call_due_at` says until when the visitor must be called."""
        form = form or VisitIn()
        mark = fingerprint(f"visit {booth}", form.model_dump())
        answer = await once(session, caller.subject, key, mark)
        if answer is None:
            now = request.app.state.clock()
            answer = (await booths.take_number(session, booth, form, now)).model_dump_json()
            if key is not None and not await repository.remember_answer(
                session, caller.subject, key, mark, answer, now
            ):
                raise IdempotencyKeyReused
        return _json(answer, status=201)

    @router.post("/booths/{booth}/call-next", tags=["booths"])
    async def call_next(request: Request, session: Transaction, booth: BoothName, caller: Officer) -> VisitOut:
        """Calls the visitor who has waited longest today; 404 `queue_empty` when nobody waits."""
        return await booths.call_next(session, booth, caller.subject, request.app.state.clock())

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


def _json(body: str, status: int = 202) -> Response:
    return Response(body, status, media_type="application/json")


async def _code_of(session: Reading, chat_id: UUID, caller: Caller) -> str:
    """The code of the chat. An integration sees the chats that it opened, and no others."""
    code = await repository.chat_tracking_code(session, chat_id, caller.subject if caller.scopes else None)
    if code is None:
        raise NotFound("There is no such chat.")
    return code
