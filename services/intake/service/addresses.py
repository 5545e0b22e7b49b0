"""Whether it is known by which address the citizen of a chat can be reached."""

import asyncio
from uuid import UUID

from services.intake.repository.chats import with_an_address
from shared.db import Database


class ChatAddresses:
    """Knows in which chats somebody left an address. Outside the hours each line of each chat asks: whoever asks while
    a query runs waits for the next, which asks for all of them.
    """

    def __init__(self, db: Database) -> None:
        self._db = db
        self._turn = asyncio.Lock()
        self._next: tuple[set[UUID], asyncio.Task[set[UUID]]] | None = None

    async def is_known(self, chat_id: UUID) -> bool:
        """Whether somebody left an address in a chat before this was asked."""
        if self._next is None:
            asked: set[UUID] = set()
            self._next = asked, asyncio.create_task(self._look_up(asked))
        chat_ids, found = self._next
        chat_ids.add(chat_id)
        return chat_id in await asyncio.shield(found)  # one who goes away must not take it from the others

    async def _look_up(self, chat_ids: set[UUID]) -> set[UUID]:
        async with self._turn:
            self._next = None
            async with self._db.autocommit() as session:
                return await with_an_address(session, chat_ids)
