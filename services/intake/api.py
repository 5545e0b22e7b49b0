"""The routes of intake."""

from typing import Annotated, Any, cast
from uuid import UUID

from fastapi import APIRouter, Depends, Path, Query, Request, Response

from services.intake.domain.chats import ChatEnded, ChatFull, ChatTooFast
from services.intake.domain.visits import VisitEnded, VisitNotCalled
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
from services.intake.service.acceptance import Acceptor
from services.intake.service.booths import Booths, QueueEmpty
from services.intake.service.chats import Chats
from services.intake.service.contacts import Contacts, Origin
from shared.auth import Caller, integration, staff
from shared.errors import FieldError, Invalid, NotFound
from shared.http import Reading, Transaction, trace
from shared.idempotency import REPLAYED, IdempotencyKey, KeyedRoute, fingerprint_of
from shared.lean import LeanRoute
from shared.refusals import refusals
from shared.wiring import Db, Now, wired

SHORTEST_UNGUESSABLE = 22
"""Characters: 128 bits by chance, as in a UUID, in any alphabet for addresses."""
BoothName = Annotated[str, Path(pattern=r"^[A-Za-z0-9._-]{1,64}$")]
# who brings a contact is kept with it, in its one statement: no row of the access trail beside it
ContactWriter = Annotated[Caller, Depends(integration("contacts:write", is_recorded=False))]
ChatOpener = Annotated[Caller, Depends(integration("contacts:write", widget=True, is_recorded=False))]
ChatWriter = Annotated[Caller, Depends(integration("contacts:write", chat=True, is_recorded=False))]
ChatReader = Annotated[Caller, Depends(integration("chats:read", chat=True))]
Dispenser = Depends(integration("booths:write"))
Officer = Annotated[Caller, Depends(staff("agent", "supervisor"))]
AnotherOne = Annotated[
    bool, Query(alias="next", description="Call another, though you have not ended the visit of the last")
]
WiredContacts = Annotated[Contacts, Depends(wired(Contacts))]
WiredAcceptor = Annotated[Acceptor, Depends(wired(Acceptor))]
WiredChats = Annotated[Chats, Depends(wired(Chats))]
WiredBooths = Annotated[Booths, Depends(wired(Booths))]

router = APIRouter(prefix="/v1", route_class=KeyedRoute)
lean = APIRouter(route_class=LeanRoute)
"""What takes most of a day."""


@lean.post("/contacts", status_code=202, response_model=Accepted, tags=["contacts"])
async def receive_form(
    request: Request,
    now: Now,
    contacts: WiredContacts,
    acceptor: WiredAcceptor,
    form: ContactIn,
    caller: ContactWriter,
    key: IdempotencyKey = None,
) -> Response:
    """Takes a web form. The answer is sent after the commit."""
    return await _accept(acceptor, contacts.form(form, await _origin(request, caller, now, key)))


@lean.post("/chats", status_code=202, response_model=ChatAccepted, tags=["chats"])
async def open_chat(
    request: Request,
    now: Now,
    contacts: WiredContacts,
    acceptor: WiredAcceptor,
    form: ChatIn,
    caller: ChatOpener,
    key: IdempotencyKey = None,
) -> Response:
    """Opens a chat, with or without its first line. A widget in a page may do this with a key of its own."""
    if caller.widget and key is not None:
        _check_unguessable(key)
    return await _accept(acceptor, contacts.open_chat(form, await _origin(request, caller, now, key)))


@lean.post(
    "/chats/{chat_id}/messages",
    status_code=202,
    response_model=MessageAccepted,
    tags=["chats"],
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
    key: IdempotencyKey = None,
) -> Response:
    """Takes a further line of a chat. 429: it had its lines of this minute. 409 `chat_full`: it holds no more."""
    code = chats.known_code(chat_id, caller, now)
    if code is None:
        async with db.autocommit() as session:
            code = await chats.code_of(session, chat_id, caller, now)
    return await _accept(acceptor, contacts.message(chat_id, code, form, await _origin(request, caller, now, key)))


router.include_router(lean)


@router.get("/chats/{chat_id}/messages", tags=["chats"], responses=refusals(NotFound, ChatEnded))
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
    items = [
        MessageOut(id=line.position, author=cast("Any", line.author), body=line.body, at=line.at) for line in lines
    ]
    return Messages(items=items, next_cursor=str(items[-1].id) if more else None)


@router.post("/booths/{booth}/visits", status_code=201, tags=["booths"], dependencies=[Dispenser])
async def take_number(
    session: Transaction, now: Now, booths: WiredBooths, booth: BoothName, form: VisitIn | None = None
) -> VisitOut:
    """Takes a number at the booth. `call_due_at` says until when the visitor must be called."""
    return await booths.take_number(session, booth, form or VisitIn(), now)


@router.post("/booths/{booth}/call-next", tags=["booths"], responses=refusals(QueueEmpty))
async def call_next(
    session: Transaction,
    now: Now,
    booths: WiredBooths,
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
    return await booths.call_next(session, booth, caller.subject, now, another=another)


@router.post("/visits/{visit_id}/settle", tags=["booths"], responses=refusals(NotFound, VisitNotCalled, VisitEnded))
async def settle(
    request: Request,
    session: Transaction,
    now: Now,
    booths: WiredBooths,
    visit_id: UUID,
    caller: Officer,
    form: OutcomeIn | None = None,
) -> VisitOut:
    """What was brought is settled at the booth."""
    return await booths.end(session, visit_id, "settled", form or OutcomeIn(), _unnamed(request, caller, now))


@router.post("/visits/{visit_id}/escalate", tags=["booths"], responses=refusals(NotFound, VisitNotCalled, VisitEnded))
async def escalate(
    request: Request,
    session: Transaction,
    now: Now,
    booths: WiredBooths,
    visit_id: UUID,
    caller: Officer,
    form: OutcomeIn | None = None,
) -> VisitOut:
    """What was brought becomes a ticket; the visitor is told the due date by SMS or e-mail at once."""
    return await booths.end(session, visit_id, "escalated", form or OutcomeIn(), _unnamed(request, caller, now))


def _unnamed(request: Request, caller: Caller, now: Now) -> Origin:
    return Origin(client=caller.subject, trace=trace(request), now=now)


async def _origin(request: Request, caller: Caller, now: Now, key: str | None) -> Origin:
    """Where a contact comes from, with its key: contacts share a commit, and take their keys along into it."""
    mark = await fingerprint_of(request) if key else ""
    return Origin(caller.subject, trace(request), now, idempotency_key=key, fingerprint=mark)


async def _accept(acceptor: Acceptor, item: Acceptance) -> Response:
    answer = await acceptor.accept(item)
    again = REPLAYED if answer != item.answer else None  # each has an id of its own, so it is another's: the first
    return Response(answer, 202, headers=again, media_type="application/json")


def _check_unguessable(key: str) -> None:
    """Raises `Invalid`. A widget's key is everybody's, and the first answer holds the token of somebody's chat: nobody
    else may come upon the same `Idempotency-Key`.
    """
    if len(key) < SHORTEST_UNGUESSABLE:
        expected = f"at least {SHORTEST_UNGUESSABLE} characters by chance, such as crypto.randomUUID()"
        fault = FieldError("Idempotency-Key", "could be another's too", expected)
        raise Invalid("Many open chats with this key, so each names his requests as nobody else does.", errors=[fault])
