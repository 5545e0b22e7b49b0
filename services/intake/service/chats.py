"""Finds chats for those who may open them, reads their lines, notes how far they are read, and ends them."""

from collections import OrderedDict
from collections.abc import Callable, Collection, Sequence
from datetime import datetime, timedelta
from functools import partial
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.intake.domain.chats import Side, check_goes_on, goes_on
from services.intake.models.chats import Chat, ChatLine
from services.intake.repository.chats import chat_lines, end_chat, find_chat, mark_read
from shared.caller import Caller
from shared.db import Database, after_commit
from shared.errors import NotFound
from shared.ids import new_id

_MOST_REMEMBERED = 10_000
"""Chats, of some hundred bytes each."""


class Chats:
    """Finds chats. The token of a chat opens it until no line came in it for `token_lasts`.

    The chats that were found last are remembered, `remember` of them: a chat's tracking code and who opened it never
    change, and its last line only becomes later. So what is remembered may open a chat without a query; it never
    refuses one. It tells `follow` in which chats something is new.
    """

    def __init__(
        self,
        *,
        token_lasts: timedelta,
        remember: int = _MOST_REMEMBERED,
        follow: Callable[[Collection[UUID]], None] = lambda _: None,
    ) -> None:
        self._token_lasts = token_lasts
        self._follow = follow
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

    async def code_of(self, db: Database, chat_id: UUID, caller: Caller, now: datetime) -> str:
        """Gives the tracking code of a chat that the caller may open, remembered or not. Raises as `find`."""
        code = self.remembered_tracking_code(chat_id, caller, now)
        if code is None:
            async with db.autocommit() as session:
                code = await self.tracking_code(session, chat_id, caller, now)
        return code

    async def tracking_code(self, session: AsyncSession, chat_id: UUID, caller: Caller, now: datetime) -> str:
        """Gives the tracking code of a chat that the caller may open. Raises as `find`."""
        return (await self.find(session, chat_id, caller, now)).tracking_code

    async def find(self, session: AsyncSession, chat_id: UUID, caller: Caller, now: datetime) -> Chat:
        """Finds a chat that the caller may open. Raises `NotFound` and `ChatEnded`.

        An integration sees the chats that it opened, and no others.
        """
        chat = await find_chat(session, chat_id)
        if chat is None or not _may_open(chat, caller):
            raise NotFound("There is no such chat.")
        if caller.chat_id is not None:
            check_goes_on(chat.last_line_at, now, self._token_lasts)
        self._remember(chat_id, chat)
        return chat

    async def lines(
        self, session: AsyncSession, chat_id: UUID, caller: Caller, now: datetime, *, after: int, limit: int
    ) -> tuple[Sequence[ChatLine], bool]:
        """Reads the lines after the line `after`, and whether there are more. Raises as `find` does.

        Who asks for what comes after a line has that line.
        """
        chat = await self.find(session, chat_id, caller, now)
        await self.note_seen(session, chat_id, chat, caller, after)
        return await chat_lines(session, chat_id, after, limit)

    async def note_seen(self, session: AsyncSession, chat_id: UUID, chat: Chat, caller: Caller, up_to: int) -> None:
        """Notes that the citizen's side has the lines of a chat up to a place, if it was not known. What staff have
        before them says nothing of whether somebody has read it.
        """
        is_new = min(up_to, chat.state.last_position) > chat.state.citizen_read
        if side_of(caller) == "citizen" and is_new and await mark_read(session, chat_id, "citizen", up_to):
            self._follow([chat_id])

    async def read(self, session: AsyncSession, chat_id: UUID, caller: Caller, now: datetime, up_to: int) -> int:
        """Notes that the caller's side has read up to a place. Answers up to where it has. Raises as `find`."""
        state, side = (await self.find(session, chat_id, caller, now)).state, side_of(caller)
        reached = await mark_read(session, chat_id, side, up_to)
        if reached is None:
            return state.citizen_read if side == "citizen" else state.agent_read
        after_commit(session, partial(self._follow, [chat_id]))
        return reached

    async def end(self, session: AsyncSession, chat_id: UUID, caller: Caller, now: datetime) -> datetime:
        """Ends a chat, unless it is ended. Answers since when it is. Raises as `find`."""
        await self.find(session, chat_id, caller, now)
        if await end_chat(session, chat_id, new_id(), now):
            after_commit(session, partial(self._follow, [chat_id]))
        return (await self.find(session, chat_id, caller, now)).state.ended_at or now

    def _remember(self, chat_id: UUID, chat: Chat) -> None:
        self._remembered[chat_id] = chat
        self._remembered.move_to_end(chat_id)
        if len(self._remembered) > self._most_remembered:
            self._remembered.popitem(last=False)


def side_of(caller: Caller) -> Side:
    """At which side of a chat the caller is: staff are agents; an integration brings what a citizen says."""
    return "agent" if caller.roles else "citizen"


def _may_open(chat: Chat, caller: Caller) -> bool:
    """Whether it is staff, the chat's own token, or the integration that opened the chat."""
    return not caller.scopes or chat.opened_by == caller.subject
