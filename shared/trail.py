"""Who did what, and who read about whom: a row for each verb, and for each reading of a person's data by staff.

A verb's row is written in the verb's own transaction, so that neither is there without the other. A reading's row is
committed before the answer leaves: where it cannot be written, nothing is read. It says which thing, by its id, and by
which filters, by their names; no value of a filter, and nothing about a person.
"""

import inspect
import re
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import wraps
from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends, Request, Response
from fastapi.routing import APIRoute
from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncSession

from shared.auth import Caller
from shared.ids import new_id

UNSAFE = frozenset({"POST", "PUT", "PATCH", "DELETE"})
REPEATED = "Idempotency-Replayed"
"""The header of an answer that was given before (`shared.idempotency`): the verb was not carried out again."""

_PARAMETER = re.compile(r"\{(\w+)\}")
_PAGING = frozenset({"limit", "cursor"})
_NAMES_OF_THE_NEW = ("id", "import_id", "response_id", "code")
"""How the answers of verbs that make something call it."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A row of the trail."""

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


def _recorded(verb: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
    """`verb`, which has not ended well before its row is written."""

    @wraps(verb)
    async def recorded(*, recorded_request: Request, **values: Any) -> Any:
        result = await verb(**values)
        caller: Caller | None = getattr(recorded_request.state, "caller", None)
        if caller is not None and _leaves_a_row(recorded_request, caller):
            await _write(recorded_request, _entry(recorded_request, caller, result))
        return result

    asked = inspect.signature(verb)
    request = inspect.Parameter("recorded_request", inspect.Parameter.KEYWORD_ONLY, annotation=_TheRequest)
    recorded.__signature__ = asked.replace(parameters=[*asked.parameters.values(), request])  # type: ignore[attr-defined]
    return recorded


async def _itself(request: Request) -> Request:
    return request


_TheRequest = Annotated[Request, Depends(_itself)]


def _leaves_a_row(request: Request, caller: Caller) -> bool:
    """Whether it is a verb of staff or of an integration, or a reading by staff; a chat's token is its citizen's."""
    if not request.state.is_recorded:
        return False
    return bool(caller.roles or (caller.scopes and request.method in UNSAFE))


async def _write(request: Request, entry: Entry) -> None:
    """Keeps the row with what the verb does; of a reading, at once."""
    db = request.app.state.db
    session: AsyncSession | None = getattr(request.state, "session", None)
    if session is not None:
        await add(session, db.schema, entry)
        return
    async with db.autocommit() as own:
        await add(own, db.schema, entry)


def _entry(request: Request, caller: Caller, result: Any) -> Entry:
    route: APIRoute = request.scope["route"]
    kind, object_id, detail = *_object_of(request, route.path), []
    if route.status_code == 201:
        detail = [f"in {kind} {object_id}"] if object_id else []
        kind = route.path.rpartition("/")[2]
        object_id = next((str(getattr(result, name)) for name in _NAMES_OF_THE_NEW if hasattr(result, name)), None)
    if isinstance(items := getattr(result, "items", None), Sequence):
        detail.append(f"{len(items)} shown")
    if filters := sorted(set(request.query_params) - _PAGING):
        detail.append(f"by {', '.join(filters)}")
    if isinstance(result, Response) and REPEATED in result.headers:
        detail.append("not carried out again: the first answer was given")
    return Entry(
        id=new_id(),
        at=request.app.state.clock(),
        subject=caller.subject,
        action=f"{request.method} {route.path}",
        object_kind=kind,
        object_id=object_id,
        detail="; ".join(detail),
        request_id=request.scope["state"]["request_id"],
        correlation_id=request.scope["state"]["correlation_id"],
    )


def _object_of(request: Request, template: str) -> tuple[str, str | None]:
    """What a route is about: `/v1/tickets/{ticket_id}/reply` about one of the `tickets`, `/v1/tickets` about many."""
    segments = template.strip("/").split("/")
    for place in range(len(segments) - 1, 0, -1):
        named = _PARAMETER.fullmatch(segments[place])
        if named:
            return segments[place - 1], str(request.path_params[named.group(1)])
    return segments[-1], None


# -- the table ---------------------------------------------------------------------------------------------------

_COLUMNS = "id, at, subject, action, object_kind, object_id, detail, request_id, correlation_id"


async def add(session: AsyncSession, schema: str, entry: Entry) -> None:
    """Writes one row."""
    await session.execute(
        text(f"""
        INSERT INTO {schema}.access_trail ({_COLUMNS})
        VALUES (:id, :at, :subject, :action, :kind, :object_id, :detail, :request_id, :correlation_id)
        """),
        {
            "id": entry.id,
            "at": entry.at,
            "subject": entry.subject,
            "action": entry.action,
            "kind": entry.object_kind,
            "object_id": entry.object_id,
            "detail": entry.detail,
            "request_id": entry.request_id,
            "correlation_id": entry.correlation_id,
        },
    )


async def list_entries(
    session: AsyncSession, schema: str, *, subject: str | None, object_id: str | None, before: UUID | None, limit: int
) -> Sequence[Row[Any]]:
    """Rows of the trail, the newest first: of one caller, about one thing, or all."""
    values = {"subject": subject, "object_id": object_id, "before": before}
    conditions = {"subject": "subject = :subject", "object_id": "object_id = :object_id", "before": "id < :before"}
    given = {name: value for name, value in values.items() if value is not None}
    where = f"WHERE {' AND '.join(conditions[name] for name in given)}" if given else ""
    result = await session.execute(
        text(f"SELECT {_COLUMNS} FROM {schema}.access_trail {where} ORDER BY id DESC LIMIT :limit"),
        {**given, "limit": limit},
    )
    return result.all()


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
