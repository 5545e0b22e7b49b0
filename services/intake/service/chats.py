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
    """Finds chats. The token of a chat opens it until no line came in it for `token_lasts`.

    The chats that were found last are remembered, `remember` of them: a chat's tracking code and who opened it never
    change, and its last line only becomes later. So what is remembered may open a chat without a query; it never
    refuses one.
    """

    def __init__(self, *, token_lasts: timedelta, remember: int = _MOST_REMEMBERED) -> None:
        self._token_lasts = token_lasts
        self._most_remembered = remember
        self._remembered: OrderedDict[UUID, Chat] = OrderedDict()

    def remembered_tracking_code(self, chat_id: UUID, caller: Caller, now: datetime) -> str | None:
        """Gives the tracking code of a remembered chat which the caller certainly may open, or None: then ask
        `tracking_code`.
        """
        chat = self._remembered.get(chat_id)
        if chat is None or not _may_open(chat, caller):
            return None
        if caller.chat_id is not None and not goes_on(chat.last_line_at, now, self._token_lasts):
            return None
        self._remembered.move_to_end(chat_id)
        return chat.tracking_code

    async def tracking_code(self, session: AsyncSession, chat_id: UUID, caller: Caller, now: datetime) -> str:
        """Gives the tracking code of a chat that the caller may open. Raises `NotFound` and `ChatEnded`.

        An integration sees the chats that it opened, and no others.
        """
        chat = await find_chat(session, chat_id)
        if chat is None or not _may_open(chat, caller):
            raise NotFound("There is no such chat.")
        if caller.chat_id is not None:
            check_goes_on(chat.last_line_at, now, self._token_lasts)
        self._remember(chat_id, chat)
        return chat.tracking_code

    async def lines(
        self, session: AsyncSession, chat_id: UUID, caller: Caller, now: datetime, *, after: int, limit: int
    ) -> tuple[Sequence[ChatLine], bool]:
        """Reads the lines after the line `after`, and whether there are more. Raises as `tracking_code` does."""
        await self.tracking_code(session, chat_id, caller, now)
        return await chat_lines(session, chat_id, after, limit)

    def _remember(self, chat_id: UUID, chat: Chat) -> None:
        self._remembered[chat_id] = chat
        self._remembered.move_to_end(chat_id)
        if len(self._remembered) > self._most_remembered:
            self._remembered.popitem(last=False)


def _may_open(chat: Chat, caller: Caller) -> bool:
    """Whether it is staff, the chat's own token, or the integration that opened the chat."""
    return not caller.scopes or chat.opened_by == caller.subject
