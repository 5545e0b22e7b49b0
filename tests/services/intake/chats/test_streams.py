"""A stream says each line of its chat one time and in order, whoever writes it and however often the line is cut."""

import asyncio
import logging
from contextlib import AsyncExitStack
from typing import Any

import pytest
import structlog
from hypothesis import given
from hypothesis import strategies as st
from redis.asyncio import Redis

from services.intake.domain.streams import seen_up_to
from services.intake.models.chats import ChatReply
from services.intake.repository.chats import add_replies
from shared import event_streams
from shared.ids import new_id
from shared.settings import CommonSettings
from tests.conftest import FrozenClock, eventually
from tests.services.intake.chats.conftest import Live, process
from tests.services.intake.chats.following import following
from tests.services.intake.given import NOW, problem_of

NEVER = float("inf")


def look_only_when_told(*processes: Live) -> None:
    """So that what comes was told, and not found by the look of every few seconds."""
    for one in processes:
        one.streams._look_again_seconds = NEVER
        one.streams._looked_at = 0.0


def is_open(live: Live) -> bool:
    return live.streams._count > 0


async def test_stream_says_what_was_said_and_then_what_is_said(live: Live) -> None:
    chat = await live.opened("satu")
    await live.answer(chat, "dua")
    async with following(live.http, chat) as reader:
        assert reader.answer.headers["content-type"].startswith("text/event-stream")
        assert reader.answer.headers["x-accel-buffering"] == "no"
        assert "no-store" in reader.answer.headers["cache-control"]
        assert await reader.lines(2) == [(1, "satu"), (2, "dua")]
        look_only_when_told(live)
        await live.say(chat, "tiga")
        await live.answer(chat, "empat", "lima")
        assert await reader.lines(3) == [(3, "tiga"), (4, "empat"), (5, "lima")]
    polled = await live.lines(chat)
    assert [place for place, _, _ in polled] == [1, 2, 3, 4, 5], "the numbers of a poll"


async def test_stream_that_is_cut_goes_on_after_the_last_line_whatever_else_it_said(live: Live) -> None:
    """C1: an id of anything but a stored line would hide the next one."""
    chat = await live.opened("satu")
    for body in ("dua", "tiga", "empat", "lima", "enam"):
        await live.say(chat, body)
    async with following(live.http, chat) as reader:
        await reader.lines(6)
        await live.post(chat, "read", {"up_to": 6})
        await reader.next("status")
        last_id = reader.last_id
    assert last_id == "6"
    assert {frame.event for frame in reader.read if frame.id is None} == {"status", "message"}
    assert all(frame.data is None for frame in reader.read if frame.id is None and frame.event == "message")
    await live.answer(chat, "tujuh")
    token = {"Authorization": f"Bearer {chat['chat_token']}", "Last-Event-ID": last_id}
    async with following(live.http, chat, token) as reader:
        assert await reader.lines(1) == [(7, "tujuh")]
        await live.say(chat, "delapan")
        assert await reader.lines(1) == [(8, "delapan")], "and it came one time"


@pytest.mark.parametrize("last", ["", "abc", "-1", "3", "99999999999999999999", "1e1", "+1", "１", "0x1"])
async def test_stream_with_a_place_that_cannot_be_says_all_lines(live: Live, last: str) -> None:
    chat = await live.opened("satu")
    await live.say(chat, "dua")
    token = {b"Authorization": f"Bearer {chat['chat_token']}".encode(), b"Last-Event-ID": last.encode()}
    for headers, query in ((token, {}), ({b"Authorization": token[b"Authorization"]}, {"after": last})):
        async with following(live.http, chat, headers, **query) as reader:  # type: ignore[arg-type]
            assert reader.answer.status_code == 200
            assert await reader.lines(2) == [(1, "satu"), (2, "dua")]


async def test_stream_with_a_bad_place_goes_on_after_the_one_in_its_address(live: Live) -> None:
    chat = await live.opened("satu")
    await live.say(chat, "dua")
    token = {"Authorization": f"Bearer {chat['chat_token']}", "Last-Event-ID": "77"}
    async with following(live.http, chat, token, after=1) as reader:
        assert await reader.lines(1) == [(2, "dua")]


@given(claims=st.lists(st.text(max_size=12) | st.integers(-5, 50).map(str), max_size=4), last=st.integers(0, 40))
def test_place_that_was_seen_is_a_place_of_the_chat_and_one_that_was_claimed(claims: list[str], last: int) -> None:
    seen = seen_up_to(claims, last)
    assert 0 <= seen <= last
    assert seen == 0 or str(seen) in {claim.lstrip("0") for claim in claims}
    possible = [claim for claim in claims if claim.isascii() and claim.isdigit() and int(claim) <= last]
    assert seen == (int(possible[0]) if possible else 0)


async def test_line_reaches_a_stream_of_another_process_at_once(live: Live, other: Live) -> None:
    chat = await live.opened("satu")
    async with following(other.http, chat) as reader:
        await reader.lines(1)
        await reader.next("status")
        look_only_when_told(live, other)
        await live.answer(chat, "dua")
        assert await reader.lines(1) == [(2, "dua")]
        await live.say(chat, "tiga")
        assert await reader.lines(1) == [(3, "tiga")]


async def test_line_of_which_nobody_told_comes_all_the_same(live: Live) -> None:
    chat = await live.opened("satu")
    async with following(live.http, chat) as reader:
        await reader.lines(1)
        async with live.service.db.transaction() as session:
            await add_replies(session, [ChatReply(new_id(), chat["chat_id"], "dua", NOW)])
        assert await reader.lines(1) == [(2, "dua")]


async def test_stream_outlives_the_connections_to_valkey(live: Live, other: Live, redis: Redis) -> None:
    chat = await live.opened("satu")
    async with following(other.http, chat) as reader:
        await reader.lines(1)
        await redis.client_kill_filter(_type="pubsub")
        await redis.client_kill_filter(_type="normal", skipme=True)
        await live.answer(chat, "dua")
        assert await reader.lines(1) == [(2, "dua")]

        async def somebody_listens() -> bool:
            return bool(await redis.pubsub_numsub("satuatap:intake:chats") == [(b"satuatap:intake:chats", 2)])

        await eventually(somebody_listens)
        look_only_when_told(live, other)
        await live.answer(chat, "tiga")
        assert await reader.lines(1) == [(3, "tiga")]


async def test_lines_of_a_long_chat_come_all_and_in_order(live: Live) -> None:
    chat = await live.opened("baris 1")
    await live.answer(chat, *(f"baris {number}" for number in range(2, 120)))
    async with following(live.http, chat) as reader:
        assert await reader.lines(119) == [(number, f"baris {number}") for number in range(1, 120)]


async def test_lines_come_one_time_and_in_order_while_everybody_writes(live: Live, other: Live) -> None:
    chat = await live.opened("baris 1")
    bodies = [f"baris {number}" for number in range(2, 32)]
    async with following(live.http, chat) as one, following(other.http, chat, live.key) as two:
        writing = [
            (live, other)[number % 2].say(chat, body) if number % 3 else live.answer(chat, body)
            for number, body in enumerate(bodies)
        ]
        first, second, *_ = await asyncio.gather(one.lines(31), two.lines(31), *writing)
    assert first == second
    assert [place for place, _ in first] == list(range(1, 32))
    assert sorted(body for _, body in first) == sorted(["baris 1", *bodies])


async def test_streams_hold_no_connection_to_the_database(live: Live) -> None:
    """More streams than there are connections, and everybody else is answered."""
    chats = [await live.opened("satu") for _ in range(25)]
    async with AsyncExitStack() as stack:
        readers = [await stack.enter_async_context(following(live.http, chat)) for chat in chats]
        for reader in readers:
            assert await reader.lines(1) == [(1, "satu")]
        assert live.service.db.engine.pool.checkedout() == 0  # type: ignore[attr-defined]
        await live.say(chats[0], "dua")
        assert await readers[0].lines(1) == [(2, "dua")]

    async def all_are_gone() -> bool:
        return not is_open(live)

    await eventually(all_are_gone)


async def test_stream_that_is_silent_says_so(live: Live, monkeypatch: pytest.MonkeyPatch) -> None:
    assert event_streams.HEARTBEAT_SECONDS == 15
    monkeypatch.setattr(event_streams, "HEARTBEAT_SECONDS", 0.05)
    chat = await live.opened("satu")
    async with following(live.http, chat) as reader:
        await reader.next("status")
        frame = await reader.frame()
        assert (frame.comment is not None, frame.id, frame.data) == (True, None, None)


async def test_stream_that_lasted_long_is_renewed(live: Live, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(event_streams, "RENEW_SECONDS", 0)
    chat = await live.opened("satu")
    async with following(live.http, chat) as reader:
        assert (await reader.rest())[-1].data == {"reason": "renew"}
        assert reader.last_id == "1"


async def test_stream_ends_when_the_service_stops(live: Live) -> None:
    chat = await live.opened("satu")
    async with following(live.http, chat) as reader:
        await reader.next("status")
        for worker in live.service.workers:
            worker.let_go()
        assert (await reader.rest())[-1].data == {"reason": "restart"}
    async with following(live.http, chat) as late:
        assert (await late.rest())[-1].data == {"reason": "restart"}, "or the service would wait for it"


async def test_newer_stream_of_a_visitor_takes_the_place_of_the_older_wherever_it_is(live: Live, other: Live) -> None:
    chat = await live.opened("satu")
    async with following(live.http, chat) as oldest:
        await oldest.next("status")
        async with following(live.http, chat) as older:
            assert (await oldest.rest())[-1].data == {"reason": "replaced"}
            await older.next("status")
            async with following(other.http, chat) as newest:
                assert (await older.rest())[-1].data == {"reason": "replaced"}
                assert await newest.lines(1) == [(1, "satu")]
                await live.answer(chat, "dua")
                assert await newest.lines(1) == [(2, "dua")]


async def test_streams_of_agents_stand_beside_each_other(live: Live, staff: dict[str, str]) -> None:
    chat = await live.opened("satu")
    async with (
        following(live.http, chat) as visitor,
        following(live.http, chat, staff) as one,
        following(live.http, chat, staff) as two,
    ):
        await live.answer(chat, "dua")
        for reader in (visitor, one, two):
            assert await reader.lines(2) == [(1, "satu"), (2, "dua")]


async def test_stream_is_refused_where_no_more_are_held(live: Live) -> None:
    chat, other_chat = await live.opened("satu"), await live.opened("satu")
    live.streams._most = 1
    async with following(live.http, chat) as reader:
        await reader.next("status")
        async with following(live.http, other_chat) as refused:
            assert problem_of(refused.answer) == (503, "too_many_streams")
            assert refused.answer.headers["retry-after"]


async def test_stream_asked_for_by_its_head_does_not_begin(live: Live) -> None:
    chat = await live.opened("satu")
    token = {"Authorization": f"Bearer {chat['chat_token']}"}
    for _ in range(2):  # the connection is free for the next
        answer = await live.http.head(f"/v1/chats/{chat['chat_id']}/events", headers=token)
        assert (answer.status_code, answer.headers["x-accel-buffering"]) == (200, "no")
    assert not is_open(live)


async def test_stream_is_opened_by_who_may_read_its_chat_and_nobody_else(live: Live) -> None:
    chat, other_chat = await live.opened("satu"), await live.opened("dua")
    nobody: dict[str, str] = {}
    theirs = {"Authorization": f"Bearer {other_chat['chat_token']}"}
    for headers, refusal in ((nobody, (401, "unauthenticated")), (theirs, (403, "forbidden"))):
        async with following(live.http, chat, headers) as reader:
            assert problem_of(reader.answer) == refusal
    async with following(live.http, {"chat_id": new_id()}, live.key) as reader:
        assert problem_of(reader.answer) == (404, "not_found")


# -- tickets ------------------------------------------------------------------------------------------------------


async def ticket_of(live: Live, chat: Any) -> str:
    answer = await live.post(chat, "events:ticket")
    assert answer.status_code == 200
    assert answer.json()["expires_in"] <= 30
    ticket: str = answer.json()["ticket"]
    return ticket


async def test_ticket_opens_one_stream_of_its_chat_once(live: Live, other: Live) -> None:
    chat = await live.opened("satu")
    ticket = await ticket_of(live, chat)
    async with following(other.http, chat, {}, ticket=ticket, after=0) as reader:
        assert await reader.lines(1) == [(1, "satu")]
    for _ in range(2):
        async with following(live.http, chat, {}, ticket=ticket) as again:
            assert problem_of(again.answer) == (401, "unauthenticated")


async def test_ticket_that_is_used_many_times_at_once_opens_one_stream(live: Live) -> None:
    chat = await live.opened("satu")
    ticket = await ticket_of(live, chat)

    async def tried() -> int:
        async with following(live.http, chat, {}, ticket=ticket) as reader:
            return reader.answer.status_code

    assert sorted(await asyncio.gather(*(tried() for _ in range(8)))) == [200, *[401] * 7]


async def test_ticket_opens_nothing_else(live: Live) -> None:
    chat, other_chat = await live.opened("satu"), await live.opened("dua")
    async with following(live.http, other_chat, {}, ticket=await ticket_of(live, chat)) as reader:
        assert problem_of(reader.answer) == (401, "unauthenticated")
    ticket = await ticket_of(live, chat)
    lines = await live.http.get(f"/v1/chats/{chat['chat_id']}/messages", params={"ticket": ticket})
    assert problem_of(lines) == (422, "invalid")
    bearer = {"Authorization": f"Bearer {ticket}"}
    assert problem_of(await live.post(chat, "messages", {"body": "x"}, bearer)) == (401, "unauthenticated")


async def test_ticket_lasts_half_a_minute_and_is_kept_as_a_hash_alone(live: Live, redis: Redis) -> None:
    chat = await live.opened("satu")
    ticket = await ticket_of(live, chat)
    (kept,) = await redis.keys("*stream-ticket*")
    assert ticket not in str(kept)
    assert 0 < await redis.ttl(kept) <= 30
    await redis.delete(kept)  # as time does
    async with following(live.http, chat, {}, ticket=ticket) as reader:
        assert problem_of(reader.answer) == (401, "unauthenticated")


async def test_tickets_that_are_guessed_are_limited(common: CommonSettings, clock: FrozenClock) -> None:
    few = common.model_copy(update={"failed_credentials_per_minute": 2})
    async with process(few, clock) as live:
        chat = await live.opened("satu")
        statuses = []
        for number in range(4):
            async with following(live.http, chat, {}, ticket=f"guess-{number}") as reader:
                statuses.append(reader.answer.status_code)
    assert statuses == [401, 401, 429, 429]


async def test_ticket_stands_in_no_log(live: Live, caplog: pytest.LogCaptureFixture) -> None:
    chat = await live.opened("satu")
    before = structlog.get_config()["wrapper_class"]
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.DEBUG))
    try:
        with structlog.testing.capture_logs() as logs, caplog.at_level(logging.DEBUG):
            ticket = await ticket_of(live, chat)
            for status in (200, 401):
                async with following(live.http, chat, {}, ticket=ticket, after="x") as reader:
                    assert reader.answer.status_code == status
            await live.say(chat, "dua")
    finally:
        structlog.configure(wrapper_class=before)
    assert any(entry["event"] == "contacts.accepted" for entry in logs), "what is logged is seen here"
    # pytest listens to uvicorn's access log, too, which nobody does otherwise
    not_ours = ("httpx", "httpcore", "uvicorn.access")
    assert logging.getLogger("uvicorn.access").propagate is False
    ours = [record.getMessage() for record in caplog.records if not record.name.startswith(not_ours)]
    assert ticket not in repr(logs) + repr(ours)
