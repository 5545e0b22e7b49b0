"""Finds chats for those who may open them, and reads their lines."""

from collections import OrderedDict
from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.intake.domain.chats import check_goes_on, goes_on
from services.intake.models.chats import Chat, ChatLine
from services.intake.repository.chats import chat_lines, find_chat
from shared.auth import Caller
from shared.errors import NotFound

_MOST_REMEMBERED = 10_000
"""Chats, of some hundred bytes each."""


class Chats:
    """Finds chats. A chat's token opens it until no line came in it for as long as it may `last`.

    The chats that were found last are remembered, `most` of them: a chat's tracking code and who opened it never
    change, and its last line only becomes later. So what is remembered may open a chat without a query; it never
    refuses one.
    """

    def __init__(self, *, last: timedelta, most: int = _MOST_REMEMBERED) -> None:
        self._last = last
        self._most = most
        self._remembered: OrderedDict[UUID, Chat] = OrderedDict()

    def remembered_code(self, chat_id: UUID, caller: Caller, now: datetime) -> str | None:
        """The tracking code of a chat which certainly opens for the caller, or None: then ask `tracking_code`."""
        chat = self._remembered.get(chat_id)
        if chat is None or not _may_open(chat, caller):
            return None
        if caller.chat_id is not None and not goes_on(chat.last_line_at, now, self._last):
            return None
        self._remembered.move_to_end(chat_id)
        return chat.tracking_code

    async def tracking_code(self, session: AsyncSession, chat_id: UUID, caller: Caller, now: datetime) -> str:
        """The tracking code of a chat. Raises `NotFound` and `ChatEnded`.

        An integration sees the chats that it opened, and no others.
        """
        chat = await find_chat(session, chat_id)
        if chat is None or not _may_open(chat, caller):
            raise NotFound("There is no such chat.")
        if caller.chat_id is not None:
            check_goes_on(chat.last_line_at, now, self._last)
        self._remember(chat_id, chat)
        return chat.tracking_code

    async def lines(
        self, session: AsyncSession, chat_id: UUID, caller: Caller, now: datetime, *, after: int, limit: int
    ) -> tuple[Sequence[ChatLine], bool]:
        """The lines after the line `after`, and whether there are more. Raises as `tracking_code` does."""
        await self.tracking_code(session, chat_id, caller, now)
        return await chat_lines(session, chat_id, after, limit)

    def _remember(self, chat_id: UUID, chat: Chat) -> None:
        self._remembered[chat_id] = chat
        self._remembered.move_to_end(chat_id)
        if len(self._remembered) > self._most:
            self._remembered.popitem(last=False)


def _may_open(chat: Chat, caller: Caller) -> bool:
    return not caller.scopes or chat.opened_by == caller.subject
