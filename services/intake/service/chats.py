"""Chats as they stand: whose they are, and what was said in them."""

from collections import OrderedDict
from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.intake import repository
from services.intake.domain.chats import check_goes_on, goes_on
from services.intake.models import Chat, ChatLine
from shared.auth import Caller
from shared.errors import NotFound

_MOST = 10_000
"""Chats, of some hundred bytes each."""


class Chats:
    """Finds chats. A chat's token opens it until nothing was said in it for as long as it may `last`.

    The chats that were found last are kept in mind, `most` of them: a chat's code and who opened it never change, and
    its last line only becomes later. So what is kept may open a chat without a look; it never refuses one.
    """

    def __init__(self, *, last: timedelta, most: int = _MOST) -> None:
        self._last = last
        self._most = most
        self._known: OrderedDict[UUID, Chat] = OrderedDict()

    def known_code(self, chat_id: UUID, caller: Caller, now: datetime) -> str | None:
        """The tracking code of a chat which certainly opens for the caller, or None: then `code_of` says."""
        chat = self._known.get(chat_id)
        if chat is None or not _is_his(chat, caller):
            return None
        if caller.chat_id is not None and not goes_on(chat.last_line_at, now, self._last):
            return None
        self._known.move_to_end(chat_id)
        return chat.tracking_code

    async def code_of(self, session: AsyncSession, chat_id: UUID, caller: Caller, now: datetime) -> str:
        """The tracking code of a chat. Raises `NotFound` and `ChatEnded`.

        An integration sees the chats that it opened, and no others.
        """
        chat = await repository.find_chat(session, chat_id)
        if chat is None or not _is_his(chat, caller):
            raise NotFound("There is no such chat.")
        if caller.chat_id is not None:
            check_goes_on(chat.last_line_at, now, self._last)
        self._keep(chat_id, chat)
        return chat.tracking_code

    async def lines(
        self, session: AsyncSession, chat_id: UUID, caller: Caller, now: datetime, *, after: int, limit: int
    ) -> tuple[Sequence[ChatLine], bool]:
        """What was said after the line `after`, and whether more was. Raises as `code_of` does."""
        await self.code_of(session, chat_id, caller, now)
        return await repository.chat_lines(session, chat_id, after, limit)

    def _keep(self, chat_id: UUID, chat: Chat) -> None:
        self._known[chat_id] = chat
        self._known.move_to_end(chat_id)
        if len(self._known) > self._most:
            self._known.popitem(last=False)


def _is_his(chat: Chat, caller: Caller) -> bool:
    return not caller.scopes or chat.opened_by == caller.subject
