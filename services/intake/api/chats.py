"""The routes of chats: a chat is opened, gets further lines, is read, and ended."""

from typing import Annotated, Any, cast
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request, Response

from services.intake.api.acceptance import WiredAcceptor, WiredContacts, accept, origin_of
from services.intake.api.hours import WiredHours
from services.intake.domain.chats import SAID_BY_THE_HOUSE, ChatEnded, ChatFull, ChatTooFast
from services.intake.models.chats import ChatLine
from services.intake.schemas.chats import (
    AddressIn,
    ChatAccepted,
    ChatEndedAt,
    ChatIn,
    MessageAccepted,
    MessageIn,
    MessageOut,
    Messages,
    ReadIn,
    ReadUpTo,
)
from services.intake.service.addresses import ChatAddresses
from services.intake.service.chats import Chats
from shared.auth import integration
from shared.caller import Caller
from shared.errors import FieldError, IdempotencyKeyReused, Invalid, NotFound
from shared.http import Reading, Transaction
from shared.idempotency import IdempotencyKey, KeyedRoute
from shared.lean import LeanRoute
from shared.refusals import refusals
from shared.wiring import Db, Now, wired

SHORTEST_UNGUESSABLE = 22
"""Characters: 128 bits by chance, as in a UUID, in any alphabet for addresses."""
# who brings a line is kept with it, as in `acceptance`
ChatOpener = Annotated[Caller, Depends(integration("contacts:write", "chat", widget=True, is_recorded=False))]
ChatWriter = Annotated[Caller, Depends(integration("contacts:write", "chat", chat=True, is_recorded=False))]
ChatPresence = ChatWriter
"""Of who is there, reads and types, nothing is recorded."""
ChatEnder = Annotated[Caller, Depends(integration("contacts:write", "chat", chat=True))]
ChatReader = Annotated[Caller, Depends(integration("chats:read", "chat", chat=True))]
WiredAddresses = Annotated[ChatAddresses, Depends(wired(ChatAddresses))]
WiredChats = Annotated[Chats, Depends(wired(Chats))]

lean = APIRouter(route_class=LeanRoute)
"""What takes most of a day (ADR 28)."""


@lean.post("/chats", status_code=202, response_model=ChatAccepted)
async def open_chat(
    request: Request,
    now: Now,
    contacts: WiredContacts,
    acceptor: WiredAcceptor,
    form: ChatIn,
    caller: ChatOpener,
    hours: WiredHours,
    key: IdempotencyKey = None,
) -> Response:
    """Opens a chat, with or without its first line. A widget in a page may do this with a key of its own. With the same
    `client_id`, however often it is sent, it is one chat.
    """
    if caller.widget and key is not None:
        _check_unguessable(key)
    closed = hours.closing(now, address_known=bool(form.email or form.phone))
    name = f"client_id {form.client_id}" if form.client_id else key
    contact = contacts.from_new_chat(form, await origin_of(request, caller, now, name), closed)
    try:
        return await accept(acceptor, contact)
    except IdempotencyKeyReused:
        raise IdempotencyKeyReused("client_id" if form.client_id else "Idempotency-Key") from None


@lean.post(
    "/chats/{chat_id}/messages",
    status_code=202,
    response_model=MessageAccepted,
    responses=refusals(NotFound, ChatEnded, ChatFull, ChatTooFast),
)
async def receive_message(
    request: Request,
    db: Db,
    now: Now,
    chats: WiredChats,
    contacts: WiredContacts,
    acceptor: WiredAcceptor,
    chat_id: UUID,
    form: MessageIn,
    caller: ChatWriter,
    hours: WiredHours,
    addresses: WiredAddresses,
    key: IdempotencyKey = None,
) -> Response:
    """Takes a further line of a chat. 429: it had its lines of this minute. 409 `chat_full`: it holds no more."""
    code = await chats.code_of(db, chat_id, caller, now)
    closed = await hours.closing_in(addresses, chat_id, now)
    origin = await origin_of(request, caller, now, key)
    return await accept(acceptor, contacts.from_message(chat_id, code, form, origin, closed))


router = APIRouter(prefix="/v1", tags=["chats"], route_class=KeyedRoute)
router.include_router(lean)


@router.get("/chats/{chat_id}/messages", responses=refusals(NotFound, ChatEnded))
async def read_messages(
    session: Reading,
    now: Now,
    chats: WiredChats,
    chat_id: UUID,
    caller: ChatReader,
    after: Annotated[int, Query(ge=0, le=2**31 - 1, description="The `id` of the last line that you have")] = 0,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
) -> Messages:
    """The conversation, citizen and agent, in its order, a page at a time: fewer lines than `limit` where they are
    long, and `next_cursor` where there are more. Poll with `after`: no line is ever skipped.
    """
    lines, more = await chats.lines(session, chat_id, caller, now, after=after, limit=limit)
    items = [message_of(line) for line in lines]
    return Messages(items=items, next_cursor=str(items[-1].id) if more else None)


def message_of(line: ChatLine) -> MessageOut:
    """A line as it is shown."""
    body = SAID_BY_THE_HOUSE.get(line.event, "") if line.event else line.body
    return MessageOut(id=line.position, author=cast("Any", line.author), body=body, at=line.sent_at, event=line.event)


@router.post("/chats/{chat_id}/read", responses=refusals(NotFound, ChatEnded))
async def note_read(
    session: Transaction, now: Now, chats: WiredChats, chat_id: UUID, caller: ChatPresence, form: ReadIn
) -> ReadUpTo:
    """Notes how far the caller has read: staff as agents, everybody else for the citizen. It only goes forward."""
    return ReadUpTo(up_to=await chats.read(session, chat_id, caller, now, form.up_to))


@router.post("/chats/{chat_id}/end", responses=refusals(NotFound, ChatEnded))
async def end_chat(session: Transaction, now: Now, chats: WiredChats, chat_id: UUID, caller: ChatEnder) -> ChatEndedAt:
    """Ends the chat, which a line in it says. What the citizen says after it takes the same case up again, and a line
    says that, too: nothing that is typed gets lost. Ended again, nothing more happens.
    """
    return ChatEndedAt(ended_at=await chats.end(session, chat_id, caller, now))


@router.post(
    "/chats/{chat_id}/contact",
    status_code=202,
    response_model=MessageAccepted,
    responses=refusals(NotFound, ChatEnded, ChatFull, ChatTooFast),
)
async def leave_address(
    request: Request,
    db: Db,
    now: Now,
    chats: WiredChats,
    contacts: WiredContacts,
    acceptor: WiredAcceptor,
    chat_id: UUID,
    form: AddressIn,
    caller: ChatWriter,
    key: IdempotencyKey = None,
) -> Response:
    """Takes an address of the citizen, which the case learns: from then on he is told there. What was known stays. It
    takes the room of a line without a word.
    """
    code = await chats.code_of(db, chat_id, caller, now)
    origin = await origin_of(request, caller, now, key)
    return await accept(acceptor, contacts.from_address(chat_id, code, form, origin))


def _check_unguessable(key: str) -> None:
    """Raises `Invalid`. A widget's key is everybody's, and the first answer holds the token of somebody's chat: nobody
    else may come upon the same `Idempotency-Key`.
    """
    if len(key) < SHORTEST_UNGUESSABLE:
        expected = f"at least {SHORTEST_UNGUESSABLE} characters by chance, such as crypto.randomUUID()"
        fault = FieldError("Idempotency-Key", "could be another's too", expected)
        raise Invalid("Many open chats with this key, so each names his requests as nobody else does.", errors=[fault])
