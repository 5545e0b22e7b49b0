"""Time: who is slow cannot hold the server, and whoever has a slow line is waited for."""

import asyncio
from typing import cast

import pytest

from shared.connection import Connection
from tests.serving import listening
from tests.shared.server.given import A_FORM, HALF_OPEN, Connect, Intake, discreet, post


async def test_head_has_a_time_to_come(connect: Connect, brisk: Intake) -> None:
    raw = await connect(brisk.port, b"GET /livez HTTP/1.1\r\nHost: in")
    assert await raw.refusal() == (408, "request_timeout")
    assert await raw.is_at_an_end()


async def test_head_that_trickles_has_no_more_time(connect: Connect, brisk: Intake) -> None:
    raw = await connect(brisk.port, b"GET /livez HTTP/1.1\r\n")

    async def trickle() -> None:
        while True:
            await raw.say(b"X-A: b\r\n")
            await asyncio.sleep(0.1)

    trickling = asyncio.create_task(trickle())
    assert await raw.refusal() == (408, "request_timeout")
    trickling.cancel()


async def test_empty_lines_are_no_way_to_stay(connect: Connect, brisk: Intake) -> None:
    raw = await connect(brisk.port, b"\r\n")
    status, headers, _ = await raw.answer()
    assert (status, headers["content-type"]) == (408, "text/plain; charset=utf-8")  # nobody knows who asks


async def test_second_request_has_the_same_time(connect: Connect, brisk: Intake) -> None:
    raw = await connect(brisk.port, b"GET /livez HTTP/1.1\r\nHost: intake\r\n\r\nGET /livez HTTP")
    assert (await raw.answer())[0] == 200
    assert await raw.refusal() == (408, "request_timeout")


async def test_connection_may_be_idle_for_longer(connect: Connect, brisk: Intake) -> None:
    """Before its first request, and after each."""
    idle = await connect(brisk.port)
    other = await connect(brisk.port, b"GET /livez HTTP/1.1\r\n")
    assert await other.refusal() == (408, "request_timeout")
    for _ in range(2):
        await idle.say(b"GET /livez HTTP/1.1\r\nHost: intake\r\n\r\n")
        assert (await idle.answer())[0] == 200


async def test_connection_is_not_idle_for_ever(connect: Connect) -> None:
    async with listening(discreet) as server:
        idle = [await connect(server.config.port, said) for said in (b"", HALF_OPEN["idle"])]
        assert (await idle[1].answer())[0] == 200
        later = asyncio.get_running_loop().time() + 3_600
        for connection in list(server.server_state.connections):
            cast(Connection, connection).end_if_slow(later, 3_600)
        assert [await one.is_at_an_end() for one in idle] == [True, True]


@pytest.mark.parametrize("length", [1_000, None], ids=["of known length", "in chunks"])
async def test_body_that_does_not_come_is_given_up(connect: Connect, brisk: Intake, length: int | None) -> None:
    raw = await connect(brisk.port, post(length=length), b"1")
    assert await raw.refusal() == (408, "request_timeout")
    assert await raw.is_at_an_end()


async def test_body_that_trickles_is_given_up(connect: Connect, brisk: Intake) -> None:
    raw = await connect(brisk.port, post(length=100_000))

    async def trickle() -> None:
        while True:
            await raw.say(b" ")
            await asyncio.sleep(0.1)

    trickling = asyncio.create_task(trickle())
    assert await raw.refusal() == (408, "request_timeout")
    trickling.cancel()


async def test_body_on_a_slow_line_is_taken(connect: Connect, brisk: Intake) -> None:
    """It takes longer than any pause may, and comes faster than it must."""
    raw = await connect(brisk.port, post(length=12 * 8_192))
    for _ in range(11):
        await raw.say(b" " * 8_192)
        await asyncio.sleep(0.3)
    await raw.say(A_FORM.rjust(8_192))
    assert (await raw.answer())[0] == 202


async def test_answer_that_nobody_takes_is_dropped(connect: Connect, brisk: Intake) -> None:
    """Here so many that they fill every buffer on the way."""
    raw = await connect(brisk.port)
    cast(asyncio.Transport, raw.writer.transport).pause_reading()
    request = b"GET /openapi.json HTTP/1.1\r\nHost: intake\r\n\r\n"

    async def ask_without_end() -> None:
        with pytest.raises(ConnectionError):
            while True:
                await raw.say(request)
                await asyncio.sleep(0)

    await asyncio.wait_for(ask_without_end(), 30)
