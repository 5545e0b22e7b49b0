"""What is sent twice happens once: `Idempotency-Key` names a request, whose first answer is kept and given again.

The key is kept in the transaction of what it names: both are there, or neither. Verbs with a transaction of their own
need only be routes of a `KeyedRoute`; those that begin it late, when a file was read, are `shared.named`; those that
share a commit call the same functions themselves.
"""

import inspect
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import wraps
from typing import Annotated, Any, ClassVar

from fastapi import Depends, Header, Request, Response
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from shared import locks
from shared.caller import Caller
from shared.errors import IdempotencyKeyReused
from shared.fingerprints import fingerprint_of
from shared.http import PatientTransaction, Transaction
from shared.trail import REPEATED, UNSAFE, RecordedRoute
from shared.wiring import wiring_of

IdempotencyKey = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        min_length=1,
        max_length=255,
        description="Names this request: the same body sent again has no second effect, and gets the first answer, "
        "with `Idempotency-Replayed: true`. A refusal is not kept: the key may be used again",
    ),
]
REPLAYED = {REPEATED: "true"}
"""What an answer has in its head that was given before."""

# -- what was answered first ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class FirstAnswer:
    """What was answered when a key came for the first time, and to what."""

    fingerprint: str
    answer: str
    status: int
    etag: str | None

    def to(self, fingerprint: str) -> "FirstAnswer":
        """This answer, if it was given to such a request. Raises `IdempotencyKeyReused`."""
        if self.fingerprint != fingerprint:
            raise IdempotencyKeyReused
        return self


def again(first: FirstAnswer, media_type: str = "application/json") -> Response:
    """The first answer, as it is given to those who send the same request again."""
    etag = {"ETag": first.etag} if first.etag else {}
    return Response(
        first.answer, first.status, headers=REPLAYED | etag, media_type=media_type if first.answer else None
    )


async def lock_key(session: AsyncSession, schema: str, client: str, key: str) -> None:
    """Lets a second request with the same key wait until the first has ended."""
    await locks.hold(session, f"idempotency {schema} {client} {key}")


async def first_answers(
    session: AsyncSession, schema: str, keys: Sequence[tuple[str, str]]
) -> dict[tuple[str, str], FirstAnswer]:
    """What was answered to each (client, key) when it came for the first time."""
    result = await session.execute(
        text(f"""
        SELECT k.client, k.key, k.fingerprint, k.answer, k.status, k.etag FROM {schema}.idempotency_keys k
        JOIN unnest(CAST(:clients AS text[]), CAST(:keys AS text[])) AS t(client, key) USING (client, key)
        """),
        {"clients": [client for client, _ in keys], "keys": [key for _, key in keys]},
    )
    return {(row.client, row.key): FirstAnswer(row.fingerprint, row.answer, row.status, row.etag) for row in result}


async def remember(
    session: AsyncSession, schema: str, client: str, key: str, answer: FirstAnswer, now: datetime
) -> None:
    """Keeps what is answered to `key`. Raises `IdempotencyKeyReused` if it came to name something else meanwhile."""
    result = await session.execute(
        text(f"""
        INSERT INTO {schema}.idempotency_keys (client, key, fingerprint, answer, status, etag, created_at)
        VALUES (:client, :key, :fingerprint, :answer, :status, :etag, :now) ON CONFLICT DO NOTHING
        """),
        {
            "client": client,
            "key": key,
            "fingerprint": answer.fingerprint,
            "answer": answer.answer,
            "status": answer.status,
            "etag": answer.etag,
            "now": now,
        },
    )
    if not result.rowcount:  # type: ignore[attr-defined]
        raise IdempotencyKeyReused  # a verb that shares a commit took the key, and takes no lock


async def forget(session: AsyncSession, schema: str, before: datetime, limit: int) -> int:
    """Forgets up to `limit` keys that came for the first time before a moment. How many."""
    result = await session.execute(
        text(f"""
        DELETE FROM {schema}.idempotency_keys WHERE (client, key) IN (
            SELECT client, key FROM {schema}.idempotency_keys WHERE created_at < :before
            ORDER BY created_at LIMIT :limit)
        """),
        {"before": before, "limit": limit},
    )
    return int(result.rowcount)  # type: ignore[attr-defined]


# -- verbs with a transaction of their own ----------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _KeyedRequest:
    """A request, and the key that names it."""

    request: Request
    key: str | None


async def _keyed_request(request: Request, key: IdempotencyKey = None) -> _KeyedRequest:
    return _KeyedRequest(request, key)


_NamedBy = Annotated[_KeyedRequest, Depends(_keyed_request)]


@dataclass(frozen=True, slots=True)
class _Fresh:
    """A key that came for the first time; it is on `request.state.fresh_key` until its answer is kept."""

    client: str
    key: str
    fingerprint: str


class KeyedRoute(RecordedRoute):
    """A route whose unsafe verb takes an `Idempotency-Key`, without a word about it in the verb itself.

    That is so for verbs that ask for a `Transaction`. Those without one share a commit, and see to their keys
    themselves, or keep nothing. A key is the caller's own; where anybody may call, it is the request's own, so that
    no stranger is refused for a key that another used, or gets what was answered to him.
    """

    media_type: ClassVar[str] = "application/json"
    """Of every answer of the route that has a body."""

    def __init__(self, path: str, endpoint: Callable[..., Any], **options: Any) -> None:
        self._is_keyed = not UNSAFE.isdisjoint(options.get("methods") or ()) and _has_transaction(endpoint)
        super().__init__(path, self._for_a_new_key(endpoint) if self._is_keyed else endpoint, **options)

    def _for_a_new_key(self, verb: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
        """`verb`, which is carried out only for a key that is new, and for none."""

        @wraps(verb)
        async def carried_out(*, named_by: _KeyedRequest, **values: Any) -> Any:
            first = await _first_answer(named_by)
            return await verb(**values) if first is None else self._again(first)

        signature = inspect.signature(verb)
        key = inspect.Parameter("named_by", inspect.Parameter.KEYWORD_ONLY, annotation=_NamedBy)
        carried_out.__signature__ = signature.replace(parameters=[*signature.parameters.values(), key])  # type: ignore[attr-defined]
        return carried_out

    def _again(self, first: FirstAnswer) -> Response:
        return again(first, self.media_type)

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()
        if not self._is_keyed:
            return handle

        async def handle_once(request: Request) -> Response:
            try:
                response = await handle(request)
                await _keep(request, response)  # the commit comes when this returns, and the answer after it
            finally:
                await request.close()  # a form that was read for its fingerprint alone
            return response

        return handle_once


def _has_transaction(endpoint: Callable[..., Any]) -> bool:
    parameters = inspect.signature(endpoint).parameters.values()
    return any(parameter.annotation in (Transaction, PatientTransaction) for parameter in parameters)


async def _first_answer(keyed: _KeyedRequest) -> FirstAnswer | None:
    """What was answered to this key before, or None if it is new, or there is none. Raises `IdempotencyKeyReused`."""
    if keyed.key is None:
        return None
    request, key = keyed.request, keyed.key
    session, schema = request.state.session, wiring_of(request).db.schema
    mark = await fingerprint_of(request)
    client = client_of(request, mark)
    await lock_key(session, schema, client, key)
    first = (await first_answers(session, schema, [(client, key)])).get((client, key))
    if first is not None:
        return first.to(mark)
    request.state.fresh_key = _Fresh(client, key, mark)
    return None


def client_of(request: Request, mark: str) -> str:
    """Whose key it is: the caller's, or the request's own where anybody may call."""
    caller: Caller | None = getattr(request.state, "caller", None)
    return caller.subject if caller else f"public:{mark}"


async def _keep(request: Request, response: Response) -> None:
    """Keeps the answer to a key that came for the first time, unless it is a refusal."""
    fresh: _Fresh | None = getattr(request.state, "fresh_key", None)
    if fresh is None or response.status_code >= 400:
        return
    wiring = wiring_of(request)
    answer = FirstAnswer(
        fresh.fingerprint, bytes(response.body).decode(), response.status_code, response.headers.get("ETag")
    )
    await remember(request.state.session, wiring.db.schema, fresh.client, fresh.key, answer, wiring.clock())
