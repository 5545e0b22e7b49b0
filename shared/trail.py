"""Who did what, and who read about whom: a row for each verb, and for each reading of a person's data by staff.

A verb's row is written in the verb's own transaction, so that neither is there without the other. A reading's row is
committed before the answer leaves: where it cannot be written, nothing is read. It says which thing, by its id, and by
which filters, by their names; no value of a filter, and nothing about a person.
"""

import re
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from contextvars import ContextVar
from dataclasses import asdict, dataclass, fields, replace
from datetime import datetime
from functools import wraps
from typing import Any
from uuid import UUID

from fastapi import Request, Response
from fastapi.routing import APIRoute
from sqlalchemy import column, select, table, text
from sqlalchemy.ext.asyncio import AsyncSession

from shared.caller import Caller
from shared.ids import new_id
from shared.wiring import wiring_of

UNSAFE = frozenset({"POST", "PUT", "PATCH", "DELETE"})
REPEATED = "Idempotency-Replayed"
"""The header of an answer that was given before (`shared.idempotency`): the verb was not carried out again."""

_PARAMETER = re.compile(r"\{(\w+)\}(?::[a-z-]+)?")
"""A parameter in a path, perhaps with a verb behind it, as `{name}:import`."""
_PAGING = frozenset({"limit", "cursor"})
_IDS = {"id": "", "import_id": "imports", "response_id": "responses", "code": ""}
"""How an answer calls the thing that it is about, and its kind where the name says it."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A verb that was carried out, or a reading of a person's data: a row of the trail."""

    id: UUID
    at: datetime
    subject: str
    action: str
    object_kind: str
    object_id: str | None
    detail: str
    request_id: str
    correlation_id: str


class RecordedRoute(APIRoute):
    """A route that leaves a row in the trail where its `Access` says so, without a word about it in the verb itself."""

    def __init__(self, path: str, endpoint: Callable[..., Any], **options: Any) -> None:
        super().__init__(path, _recorded(endpoint), **options)

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()

        async def handle_recorded(request: Request) -> Response:
            _answered.set(request)
            return await handle(request)

        return handle_recorded


_answered: ContextVar[Request] = ContextVar("the request that is being answered")
"""For `_recorded`: to ask for the request as a dependency would cost the hottest routes more than all the rest here."""


def _recorded(verb: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
    """`verb`, which has not ended well before its row is written."""

    @wraps(verb)
    async def recorded(**values: Any) -> Any:
        result = await verb(**values)
        request = _answered.get()
        caller: Caller | None = getattr(request.state, "caller", None)
        if caller is not None and _leaves_a_row(request, caller):
            await _write(request, _entries(request, caller, values, result))
        return result

    return recorded


async def record(request: Request, session: AsyncSession, made: Any) -> None:
    """Writes the row of a verb that ends its transaction itself, before it has ended, into that transaction."""
    caller: Caller | None = getattr(request.state, "caller", None)
    if caller is not None and _leaves_a_row(request, caller):
        await add(session, wiring_of(request).db.schema, _entries(request, caller, request.path_params, made))
        request.state.is_recorded = False


def _leaves_a_row(request: Request, caller: Caller) -> bool:
    """Whether it is a verb of staff or of an integration, or a reading by staff; a chat's token is its citizen's."""
    if not request.state.is_recorded:
        return False
    return bool(caller.roles or (caller.scopes and request.method in UNSAFE))


async def _write(request: Request, entries: Sequence[Entry]) -> None:
    """Keeps the rows with what the verb does; of a reading, at once."""
    db = wiring_of(request).db
    session: AsyncSession | None = getattr(request.state, "session", None)
    if session is not None:
        await add(session, db.schema, entries)
        return
    async with db.autocommit() as own:
        await add(own, db.schema, entries)


def _entries(request: Request, caller: Caller, arguments: Mapping[str, Any], result: Any) -> list[Entry]:
    """The row of a request; of a verb about many things, which its answer names in `about`, a row of each."""
    entry = _entry(request, caller, arguments, result)
    each = [replace(entry, id=new_id(), object_id=str(thing)) for thing in getattr(result, "about", ())]
    return each or [entry]


def _entry(request: Request, caller: Caller, arguments: Mapping[str, Any], result: Any) -> Entry:
    """The row of a request whose route was called with `arguments`, and ended with `result`."""
    route: APIRoute = request.scope["route"]
    kind, object_id, detail = *_object_of(route.path, arguments), []
    given = next((name for name in _IDS if hasattr(result, name)), None)
    if given and str(getattr(result, given)) != object_id:  # made just now, or chosen, as the next visitor of a booth
        detail = [f"in {kind} {object_id}"] if object_id else []
        kind = _IDS[given] or route.path.rpartition("/")[2].partition(":")[0]
        object_id = str(getattr(result, given))
    if isinstance(items := getattr(result, "items", None), Sequence):
        detail.append(f"{len(items)} shown")
    if filters := sorted(set(request.query_params) - _PAGING):
        detail.append(f"by {', '.join(filters)}")
    if isinstance(result, Response) and REPEATED in result.headers:
        detail.append("not carried out again: the first answer was given")
    return Entry(
        id=new_id(),
        at=wiring_of(request).clock(),
        subject=caller.subject,
        action=f"{request.method} {route.path}",
        object_kind=kind,
        object_id=object_id,
        detail="; ".join(detail),
        request_id=request.scope["state"]["request_id"],
        correlation_id=request.scope["state"]["correlation_id"],
    )


def _object_of(template: str, arguments: Mapping[str, Any]) -> tuple[str, str | None]:
    """What a route is about: `/v1/tickets/{ticket_id}/reply` about one of the `tickets`, `/v1/tickets` about many.

    The id is as it was understood, for a UUID may be written in several ways, and is looked for in one.
    """
    segments = template.strip("/").split("/")
    for place in range(len(segments) - 1, 0, -1):
        named = _PARAMETER.fullmatch(segments[place])
        if named:
            return segments[place - 1], str(arguments[named.group(1)])
    return segments[-1].partition(":")[0], None


# -- the table ---------------------------------------------------------------------------------------------------

_COLUMNS = [field.name for field in fields(Entry)]
_ALL = ", ".join(_COLUMNS)


async def add(session: AsyncSession, schema: str, entries: Sequence[Entry]) -> None:
    """Writes rows."""
    await session.execute(
        text(f"""
        INSERT INTO {schema}.access_trail ({_ALL}) VALUES ({", ".join(f":{name}" for name in _COLUMNS)})
        """),
        [asdict(entry) for entry in entries],
    )


async def list_entries(
    session: AsyncSession, schema: str, *, subject: str | None, object_id: str | None, before: UUID | None, limit: int
) -> list[Entry]:
    """Rows of the trail, the newest first: of one caller, about one thing, or all."""
    trail = table("access_trail", *map(column, _COLUMNS), schema=schema)
    query = select(trail)
    if subject is not None:
        query = query.where(trail.c.subject == subject)
    if object_id is not None:
        query = query.where(trail.c.object_id == object_id)
    if before is not None:
        query = query.where(trail.c.id < before)
    result = await session.execute(query.order_by(trail.c.id.desc()).limit(limit))
    return [Entry(**row._mapping) for row in result]


async def forget(session: AsyncSession, schema: str, before: datetime, limit: int) -> int:
    """Removes up to `limit` rows from before a moment. How many."""
    result = await session.execute(
        text(f"""
        DELETE FROM {schema}.access_trail WHERE id IN (
            SELECT id FROM {schema}.access_trail WHERE at < :before ORDER BY at LIMIT :limit)
        """),
        {"before": before, "limit": limit},
    )
    return int(result.rowcount)  # type: ignore[attr-defined]
