"""A chat that was ended is taken up again by what the citizen says next, and a line says so: nothing goes nowhere."""

import asyncio
from typing import Any

from services.intake.domain.chats import SAID_BY_THE_HOUSE
from services.intake.repository.chats import end_chat
from shared.ids import new_id
from tests.conftest import FrozenClock, eventually
from tests.services.intake.chats.conftest import Live
from tests.services.intake.chats.following import following
from tests.services.intake.given import NOW, count, rows

ENDED, REOPENED = SAID_BY_THE_HOUSE["ended"], SAID_BY_THE_HOUSE["reopened"]


async def ended_at(live: Live, chat: Any) -> Any:
    (row,) = await rows(live.service.db, "SELECT ended_at FROM intake.chats WHERE id = :id", id=chat["chat_id"])
    return row.ended_at


async def test_line_after_the_end_takes_the_chat_up_again_and_a_line_says_so(live: Live, staff: dict[str, str]) -> None:
    """C5."""
    chat = await live.opened("Halo")
    async with following(live.http, chat) as visitor:
        answer = await live.post(chat, "end", headers=staff)
        assert (answer.status_code, answer.json()) == (200, {"ended_at": "2026-03-13T02:00:00Z"})
        assert await visitor.lines(2) == [(1, "Halo"), (2, ENDED)]
        assert (await visitor.next("status"))["ended_at"] == "2026-03-13T02:00:00Z"
        line = await live.say(chat, "Masih ada satu lagi.")
        assert line["tracking_code"] == chat["tracking_code"], "of the same case"
        assert await visitor.lines(2) == [(3, REOPENED), (4, "Masih ada satu lagi.")]
        assert (await visitor.next("status"))["ended_at"] is None
    assert await live.lines(chat) == [
        (1, "citizen", "Halo"),
        (2, "system", ENDED),
        (3, "system", REOPENED),
        (4, "citizen", "Masih ada satu lagi."),
    ]
    polled = await live.http.get(f"/v1/chats/{chat['chat_id']}/messages", headers=live.key)
    assert [item["event"] for item in polled.json()["items"]] == [None, "ended", "reopened", None]
    assert await count(live.service.db, "outbox") == 2, "what the house says is no contact"


async def test_chat_is_ended_by_the_visitor_too_and_one_time(live: Live, clock: FrozenClock) -> None:
    chat = await live.opened("Halo")
    first = [await live.post(chat, "end") for _ in range(2)]
    clock.forward(minutes=5)
    answers = await asyncio.gather(*(live.post(chat, "end") for _ in range(5)))
    assert {answer.text for answer in [*first, *answers]} == {'{"ended_at":"2026-03-13T02:00:00Z"}'}
    assert await live.lines(chat) == [(1, "citizen", "Halo"), (2, "system", ENDED)]


async def test_chat_is_ended_and_taken_up_again_as_often_as_one_likes(live: Live) -> None:
    chat = await live.opened("Halo")
    for _ in range(2):
        await live.post(chat, "end")
        await live.say(chat, "Lagi")
    assert [text for _, _, text in await live.lines(chat)] == ["Halo", *[ENDED, REOPENED, "Lagi"] * 2]
    assert await ended_at(live, chat) is None


async def test_answer_after_the_end_is_shown_and_does_not_take_it_up_again(live: Live) -> None:
    chat = await live.opened("Halo")
    await live.post(chat, "end")
    await live.answer(chat, "Sudah cair.")
    assert [text for _, _, text in await live.lines(chat)] == ["Halo", ENDED, "Sudah cair."]
    assert await ended_at(live, chat) is not None


async def test_lines_that_come_together_after_the_end_take_it_up_again_one_time(live: Live, other: Live) -> None:
    chat = await live.opened("Halo")
    await live.post(chat, "end")
    await asyncio.gather(*((live, other)[number % 2].say(chat, f"baris {number}") for number in range(10)))
    lines = await live.lines(chat)
    assert [text for _, _, text in lines[:3]] == ["Halo", ENDED, REOPENED]
    assert sorted(text for _, _, text in lines[3:]) == [f"baris {number}" for number in range(10)]
    assert [place for place, _, _ in lines] == list(range(1, 14))


async def test_line_that_comes_again_does_not_take_the_chat_up_again(live: Live) -> None:
    chat = await live.opened("Halo")
    headers = {"Authorization": f"Bearer {chat['chat_token']}", "Idempotency-Key": "k-1"}
    first = await live.post(chat, "messages", {"body": "Dua"}, headers)
    await live.post(chat, "end")
    again = await live.post(chat, "messages", {"body": "Dua"}, headers)
    assert first.text == again.text
    assert [text for _, _, text in await live.lines(chat)] == ["Halo", "Dua", ENDED]
    assert await ended_at(live, chat) is not None


async def test_line_under_way_while_the_chat_is_ended_comes_after_the_end_and_says_so(live: Live) -> None:
    chat = await live.opened("Halo")

    async def somebody_waits() -> bool:
        return bool(await rows(live.service.db, "SELECT 1 FROM pg_locks WHERE NOT granted"))

    async with live.service.db.transaction() as session:
        await end_chat(session, chat["chat_id"], new_id(), NOW)
        sending = asyncio.create_task(live.say(chat, "Sedang di jalan"))
        await eventually(somebody_waits)
    await sending
    assert [text for _, _, text in await live.lines(chat)] == ["Halo", ENDED, REOPENED, "Sedang di jalan"]
    assert await ended_at(live, chat) is None


async def test_line_is_on_one_side_of_the_end_however_they_race(live: Live, other: Live) -> None:
    for _ in range(10):
        chat = await live.opened("Halo")
        await asyncio.gather(other.post(chat, "end"), live.say(chat, "Dua"))
        texts = [text for _, _, text in await live.lines(chat)]
        is_ended = await ended_at(live, chat) is not None
        assert (texts, is_ended) in (
            (["Halo", "Dua", ENDED], True),
            (["Halo", ENDED, REOPENED, "Dua"], False),
        )
