"""Chats that are remembered: they open without a query only for whom a query would open them."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from services.intake.domain.chats import ChatEnded
from services.intake.service.chats import Chats
from shared.caller import Caller
from shared.errors import NotFound
from tests.services.intake.conftest import Running
from tests.services.intake.given import NOW, rows

LAST = timedelta(days=30)
STAFF = Caller("staff:budi", roles=frozenset({"agent"}))
STRANGER = Caller("key:another", scopes=frozenset({"contacts:write"}))


async def opened(running: Running) -> tuple[UUID, Caller, Caller]:
    """A chat, with its token's caller and the integration that opened it."""
    chat = (await running.http.post("/v1/chats", headers=running.key, json={"body": "Halo"})).json()
    chat_id = UUID(chat["chat_id"])
    [row] = await rows(running.service.db, "SELECT client FROM intake.contacts WHERE id = :id", id=chat_id)
    opener = Caller(row.client, scopes=frozenset({"contacts:write"}))
    return chat_id, Caller(f"chat:{chat_id}", chat_id=chat_id), opener


async def find_code(running: Running, chats: Chats, chat_id: UUID, caller: Caller, now: datetime = NOW) -> Any:
    async with running.service.db.autocommit() as session:
        return await chats.tracking_code(session, chat_id, caller, now)


async def test_chat_is_remembered_for_its_token_its_opener_and_staff_and_for_nobody_else(
    running: Running,
) -> None:
    chats = Chats(token_lasts=LAST)
    chat_id, citizen, opener = await opened(running)
    assert chats.remembered_tracking_code(chat_id, citizen, NOW) is None
    code = await find_code(running, chats, chat_id, citizen)
    assert [chats.remembered_tracking_code(chat_id, caller, NOW) for caller in (citizen, opener, STAFF)] == [code] * 3
    assert chats.remembered_tracking_code(chat_id, STRANGER, NOW) is None
    with pytest.raises(NotFound):
        await find_code(running, chats, chat_id, STRANGER)


async def test_chat_is_not_remembered_after_a_strangers_request(running: Running) -> None:
    chats = Chats(token_lasts=LAST)
    chat_id, citizen, _ = await opened(running)
    with pytest.raises(NotFound):
        await find_code(running, chats, chat_id, STRANGER)
    assert chats.remembered_tracking_code(chat_id, citizen, NOW) is None


async def test_token_is_checked_again_when_the_remembered_last_line_is_too_old(running: Running) -> None:
    chats = Chats(token_lasts=LAST)
    chat_id, citizen, opener = await opened(running)
    code = await find_code(running, chats, chat_id, citizen)
    assert chats.remembered_tracking_code(chat_id, citizen, NOW + LAST - timedelta(seconds=1)) == code
    assert chats.remembered_tracking_code(chat_id, citizen, NOW + LAST) is None
    assert chats.remembered_tracking_code(chat_id, opener, NOW + LAST) == code, "the integration may go on"
    with pytest.raises(ChatEnded):
        await find_code(running, chats, chat_id, citizen, NOW + LAST)


async def test_chat_that_was_found_longest_ago_is_forgotten_first(running: Running) -> None:
    chats = Chats(token_lasts=LAST, remember=2)
    one, other, third = [await opened(running) for _ in range(3)]
    for chat_id, citizen, _ in (one, other):
        await find_code(running, chats, chat_id, citizen)
    assert chats.remembered_tracking_code(one[0], one[1], NOW)
    await find_code(running, chats, third[0], third[1])
    assert [
        chats.remembered_tracking_code(chat_id, citizen, NOW) is not None for chat_id, citizen, _ in (one, other, third)
    ] == [
        True,
        False,
        True,
    ]


async def test_line_in_a_remembered_chat_is_accepted_without_a_query(
    running: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    chat = (await running.http.post("/v1/chats", headers=running.key, json={"body": "Halo"})).json()
    path, token = f"/v1/chats/{chat['chat_id']}/messages", {"Authorization": f"Bearer {chat['chat_token']}"}
    queried = list[UUID]()
    tracking_code = Chats.tracking_code

    async def counted(self: Chats, session: Any, chat_id: UUID, caller: Caller, now: datetime) -> str:
        queried.append(chat_id)
        return await tracking_code(self, session, chat_id, caller, now)

    monkeypatch.setattr(Chats, "tracking_code", counted)
    for _ in range(3):
        answer = await running.http.post(path, headers=token, json={"body": "Ada?"})
        assert (answer.status_code, answer.json()["tracking_code"]) == (202, chat["tracking_code"])
    assert queried == [UUID(chat["chat_id"])]
