"""Each side of a chat sees how far the other has read, and that it is typing; nobody's mark goes back."""

import asyncio
from typing import Any

import pytest

from shared.ids import new_id
from tests.services.intake.chats.conftest import Live
from tests.services.intake.chats.following import Reader, following
from tests.services.intake.given import fields_of, problem_of, rows


async def marks_of(live: Live, chat: Any) -> tuple[int, int]:
    """How far the citizen and the agents have read, as it is kept."""
    (row,) = await rows(
        live.service.db, "SELECT citizen_read, agent_read FROM intake.chats WHERE id = :id", id=chat["chat_id"]
    )
    return row.citizen_read, row.agent_read


async def marks(reader: Reader, **wanted: int) -> None:
    """Waits until a stream says that both have read so far."""
    while (await reader.next("status"))["read"] != {"citizen": 0, "agent": 0, **wanted}:
        pass


async def test_mark_of_each_side_is_kept_and_seen_by_the_other(live: Live, other: Live, staff: dict[str, str]) -> None:
    chat = await live.opened("satu")
    await live.answer(chat, "dua", "tiga")
    async with following(live.http, chat) as visitor, following(other.http, chat, staff) as agent:
        assert (await live.post(chat, "read", {"up_to": 2})).json() == {"up_to": 2}
        await marks(agent, citizen=2)
        assert (await other.post(chat, "read", {"up_to": 1}, staff)).json() == {"up_to": 1}
        await marks(visitor, citizen=2, agent=1)
    assert await marks_of(live, chat) == (2, 1)


async def test_mark_goes_forward_only_and_never_beyond_the_last_line(live: Live) -> None:
    chat = await live.opened("satu")
    await live.answer(chat, "dua", "tiga")
    for up_to, reached in ((2, 2), (1, 2), (0, 2), (99, 3), (2**31 - 1, 3), (3, 3)):
        assert (await live.post(chat, "read", {"up_to": up_to})).json() == {"up_to": reached}
    await asyncio.gather(*(live.post(chat, "read", {"up_to": up_to}) for up_to in (3, 1, 2)))
    assert await marks_of(live, chat) == (3, 0)


@pytest.mark.parametrize("up_to", [-1, 2**31, "x", None])
async def test_mark_that_is_no_place_is_refused(live: Live, up_to: object) -> None:
    chat = await live.opened("satu")
    answer = await live.post(chat, "read", {"up_to": up_to})
    assert (problem_of(answer), fields_of(answer)) == ((422, "invalid"), ["up_to"])


async def test_citizen_has_read_what_he_asks_for_the_lines_after(live: Live, staff: dict[str, str]) -> None:
    """A widget that only polls, or only follows, tells all the same."""
    chat = await live.opened("satu")
    await live.answer(chat, "dua", "tiga")
    path, token = f"/v1/chats/{chat['chat_id']}/messages", {"Authorization": f"Bearer {chat['chat_token']}"}
    await live.http.get(path, headers=staff, params={"after": 3})
    await live.http.get(path, headers=token)
    assert await marks_of(live, chat) == (0, 0)
    await live.http.get(path, headers=token, params={"after": 2})
    assert await marks_of(live, chat) == (2, 0)
    async with following(live.http, chat, {**token, "Last-Event-ID": "99"}):
        assert await marks_of(live, chat) == (2, 0), "a place that cannot be proves nothing"
    async with following(live.http, chat, {**token, "Last-Event-ID": "3"}):
        assert await marks_of(live, chat) == (3, 0)


async def test_typing_is_seen_by_the_other_side_and_kept_nowhere(
    live: Live, other: Live, staff: dict[str, str]
) -> None:
    chat = await live.opened("satu")
    async with following(live.http, chat) as visitor, following(other.http, chat, staff) as agent:
        await visitor.next("status")
        await agent.next("status")
        assert (await live.post(chat, "typing")).status_code == 204
        assert await agent.next("typing") == {"author": "citizen"}
        assert (await live.post(chat, "typing", headers=staff)).status_code == 204
        assert await visitor.next("typing") == {"author": "agent"}
        assert {frame.id for frame in [*visitor.read, *agent.read] if frame.event == "typing"} == {None}
        await live.answer(chat, "dua")
        assert (await agent.next())["body"] == "dua"
    assert [frame.data for frame in agent.read if frame.event == "typing"] == [{"author": "citizen"}]
    assert len(await live.lines(chat)) == 2


async def test_presence_in_a_chat_that_is_not_ours_is_refused(live: Live) -> None:
    chat, other_chat = await live.opened("satu"), await live.opened("dua")
    theirs = {"Authorization": f"Bearer {other_chat['chat_token']}"}
    for verb, body in (("read", {"up_to": 1}), ("typing", None), ("end", None)):
        assert problem_of(await live.post(chat, verb, body, theirs)) == (403, "forbidden")
        assert problem_of(await live.post({"chat_id": new_id()}, verb, body, live.key)) == (404, "not_found")
    assert await marks_of(live, chat) == (0, 0)
