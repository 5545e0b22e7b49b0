"""After a quiet time it is told once which answers the visitor did not read, and which he did."""

import asyncio
from datetime import timedelta
from typing import Any
from uuid import UUID

from services.intake.service.unread import tell_unread
from shared.events import ChatUnread
from tests.conftest import FrozenClock
from tests.services.intake.chats.conftest import Live
from tests.services.intake.chats.following import following
from tests.services.intake.given import events_in_outbox, rows

QUIET = timedelta(minutes=10)


async def look(live: Live, clock: FrozenClock) -> None:
    """What the job does in a step."""
    async with live.service.db.transaction() as session:
        await tell_unread(session, clock() - QUIET, clock(), 100)


async def told(live: Live) -> list[tuple[str, tuple[UUID, ...]]]:
    """Of which chats, and which of their answers, it was told that they were not read."""
    events = await events_in_outbox(live.service.db)
    return [(str(e.data.chat_id), e.data.reply_ids) for e in events if isinstance(e, ChatUnread) and e.data.reply_ids]


async def told_as_read(live: Live) -> list[tuple[UUID, ...]]:
    """Of which answers it was told that they were read."""
    return [e.data.read_ids for e in await events_in_outbox(live.service.db) if isinstance(e, ChatUnread)]


async def replies(live: Live, chat: Any) -> list[UUID]:
    found = await rows(
        live.service.db,
        "SELECT id FROM intake.chat_replies WHERE chat_id = :chat AND event IS NULL ORDER BY position",
        chat=chat["chat_id"],
    )
    return [row.id for row in found]


async def test_answer_that_was_not_read_is_told_once_after_a_quiet_time(live: Live, clock: FrozenClock) -> None:
    """C7: three lines, of which the visitor's page acknowledged two before its tab was closed."""
    chat = await live.opened("Halo")
    async with following(live.http, chat) as reader:
        await live.answer(chat, "satu", "dua", "tiga")
        await reader.lines(4)
        await live.post(chat, "read", {"up_to": 3})
    clock.forward(minutes=9, seconds=59)
    await look(live, clock)
    assert await told(live) == []
    clock.forward(seconds=1)
    for _ in range(2):
        await look(live, clock)
    first, second, third = await replies(live, chat)
    assert await told(live) == [(chat["chat_id"], (third,))]
    assert await told_as_read(live) == [(first, second)]


async def test_answer_that_is_read_before_it_is_told_is_told_as_read_once(live: Live, clock: FrozenClock) -> None:
    chat = await live.opened("Halo")
    await live.answer(chat, "satu", "dua")
    clock.forward(minutes=10)
    token = {"Authorization": f"Bearer {chat['chat_token']}"}
    await live.http.get(f"/v1/chats/{chat['chat_id']}/messages", headers=token, params={"after": 3})
    for _ in range(2):
        await look(live, clock)
    assert await told(live) == []
    assert await told_as_read(live) == [tuple(await replies(live, chat))]
    assert await rows(live.service.db, "SELECT 1 FROM intake.chats WHERE unread_since IS NOT NULL") == []


async def test_answer_begins_a_quiet_time_of_its_own(live: Live, clock: FrozenClock) -> None:
    chat = await live.opened("Halo")
    await live.answer(chat, "satu")
    clock.forward(minutes=10)
    await look(live, clock)
    await live.answer(chat, "dua", at=clock())
    clock.forward(minutes=9)
    await live.answer(chat, "tiga", at=clock())
    clock.forward(minutes=9)
    await look(live, clock)
    first, *others = await replies(live, chat)
    assert await told(live) == [(chat["chat_id"], (first,))]
    clock.forward(minutes=1)
    await look(live, clock)
    assert await told(live) == [(chat["chat_id"], (first,)), (chat["chat_id"], tuple(others))]


async def test_answer_is_told_by_one_of_many_processes(live: Live, other: Live, clock: FrozenClock) -> None:
    chats = [await live.opened("Halo") for _ in range(5)]
    for chat in chats:
        await live.answer(chat, "satu")
    clock.forward(minutes=10)
    await asyncio.gather(*(look(process, clock) for process in (live, other) * 3))
    assert sorted(chat for chat, _ in await told(live)) == sorted(chat["chat_id"] for chat in chats)


async def test_answer_by_another_channel_is_not_waited_for(live: Live, clock: FrozenClock) -> None:
    """Whoever writes by WhatsApp gets it there; nobody would ever mark it as read here."""
    chat = await live.opened("Halo")
    async with live.service.db.transaction() as session:
        connection = await session.connection()
        await connection.exec_driver_sql("UPDATE intake.contacts SET channel = 'whatsapp'")
    await live.answer(chat, "satu")
    clock.forward(hours=1)
    await look(live, clock)
    assert await told(live) == []


async def test_end_of_a_chat_is_no_answer(live: Live, clock: FrozenClock, staff: dict[str, str]) -> None:
    chat = await live.opened("Halo")
    await live.answer(chat, "satu")
    await live.post(chat, "read", {"up_to": 2})
    await live.post(chat, "end", headers=staff)
    clock.forward(minutes=10)
    await look(live, clock)
    assert await told(live) == []


async def test_job_tells_what_is_unread(live: Live, clock: FrozenClock) -> None:
    (job,) = (worker for worker in live.service.workers if worker.name == "unread answers")
    chat = await live.opened("Halo")
    await live.answer(chat, "satu")
    await job.step()
    assert await told(live) == []
    clock.forward(minutes=10)
    await job.step()
    assert await told(live) == [(chat["chat_id"], tuple(await replies(live, chat)))]
