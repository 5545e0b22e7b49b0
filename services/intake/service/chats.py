"""Chats as they stand: whose they are, and what was said in them."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.intake import repository
from services.intake.domain.chats import check_goes_on
from services.intake.models import ChatLine
from shared.auth import Caller
from shared.errors import NotFound


class Chats:
    """Finds chats. A chat's token opens it until nothing was said in it for as long as it may `last`."""

    def __init__(self, *, last: timedelta) -> None:
        self._last = last

    async def code_of(self, session: AsyncSession, chat_id: UUID, caller: Caller, now: datetime) -> str:
        """The tracking code of a chat. Raises `NotFound` and `ChatEnded`.

        An integration sees the chats that it opened, and no others.
        """
        chat = await repository.find_chat(session, chat_id, caller.subject if caller.scopes else None)
        if chat is None:
            raise NotFound("There is no such chat.")
        if caller.chat_id is not None:
            check_goes_on(chat.last_line_at, now, self._last)
        return chat.tracking_code

    async def lines(
        self, session: AsyncSession, chat_id: UUID, caller: Caller, now: datetime, *, after: int, limit: int
    ) -> tuple[Sequence[ChatLine], bool]:
        """What was said after the line `after`, and whether more was. Raises as `code_of` does."""
        await self.code_of(session, chat_id, caller, now)
        return await repository.chat_lines(session, chat_id, after, limit)
