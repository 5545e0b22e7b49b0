"""Verbs that begin their transaction late, because what they are sent takes long to read, and their keys."""

from collections.abc import Awaitable, Callable
from typing import Self

from fastapi import Request, Response
from pydantic import BaseModel
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.datastructures import UploadFile

from shared.fingerprints import fingerprint_of
from shared.idempotency import (
    FirstAnswer,
    again,
    client_of,
    first_answers,
    lock_key,
    remember,
)
from shared.trail import record
from shared.wiring import wiring_of


class Named:
    """A request that takes long to read, and its key, if it has one: nothing is held in the database meanwhile."""

    def __init__(self, request: Request, key: str | None, mark: str) -> None:
        self._request, self._key, self._mark = request, key, mark

    @classmethod
    async def by(cls, request: Request, key: str | None, file: UploadFile) -> Self:
        """The request with its body, which was received as a file."""
        return cls(request, key, await fingerprint_of(request, file) if key is not None else "")

    async def answered(self) -> Response | None:
        """What was answered to this key before. Raises `IdempotencyKeyReused`."""
        if self._key is None:
            return None
        async with wiring_of(self._request).db.autocommit() as session:
            first = await self._first(session)
        return None if first is None else again(first)

    async def answer(self, status: int, work: Callable[[AsyncSession], Awaitable[BaseModel]]) -> Response:
        """What `work` made in a patient transaction that keeps the key and the row of the access trail with it, or what
        was answered before.
        """
        wiring = wiring_of(self._request)
        async with wiring.db.transaction(patient=True) as session:
            client = client_of(self._request, self._mark)
            if self._key is not None:
                await lock_key(session, wiring.db.schema, client, self._key)
                first = await self._first(session)
                if first is not None:
                    return again(first)
            made = await work(session)
            await record(self._request, session, made)
            told = made.model_dump_json()
            if self._key is not None:
                kept = FirstAnswer(self._mark, told, status, None)
                await remember(session, wiring.db.schema, client, self._key, kept, wiring.clock())
        return Response(told, status, media_type="application/json")

    async def _first(self, session: AsyncSession) -> FirstAnswer | None:
        assert self._key is not None  # noqa: S101
        name = (client_of(self._request, self._mark), self._key)
        first = (await first_answers(session, wiring_of(self._request).db.schema, [name])).get(name)
        return None if first is None else first.to(self._mark)
